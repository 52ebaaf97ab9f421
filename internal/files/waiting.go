package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// maxWaiting bounds the rows that refer to something further down.
const maxWaiting = 1_000_000

// patience is what becomes of a row that refers to a record which is nowhere.
type patience int

const (
	// waitForAll: it waits for the record.
	waitForAll patience = iota
	// restoreAnyway: what is restored waits no more, but for its parents.
	restoreAnyway
	// rejectTheRest: it is rejected.
	rejectTheRest
)

// waiting keeps rows that refer to a record not seen so far, in a
// temporary file that is the owner's alone to read.
type waiting struct {
	file   *os.File
	writer *bufio.Writer
	count  int
	// ids are the records that have a row here: later rows of the same record
	// wait behind it.
	ids map[crm.ID]struct{}
}

func newWaiting() *waiting { return &waiting{ids: map[crm.ID]struct{}{}} }

func (w *waiting) add(r *row) error {
	if w.file == nil {
		file, err := os.CreateTemp("", "customer360-import-")
		if err != nil {
			return fmt.Errorf("make a file for waiting rows: %w", err)
		}
		w.file, w.writer = file, bufio.NewWriter(file)
	}
	w.ids[r.id] = struct{}{}
	w.count++
	text := appendNode(nil, r.source)
	if _, err := fmt.Fprintf(w.writer, "%s %d\n%s\n", r.handler.name, r.line, text); err != nil {
		return fmt.Errorf("keep a waiting row: %w", err)
	}
	return nil
}

// each hands out the rows in the order they came.
func (w *waiting) each(take func(kind Kind, line int, text []byte) error) error {
	if w.file == nil {
		return nil
	}
	if err := w.writer.Flush(); err != nil {
		return fmt.Errorf("keep waiting rows: %w", err)
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read waiting rows: %w", err)
	}
	reader := bufio.NewReader(w.file)
	for range w.count {
		head, err := reader.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read waiting rows: %w", err)
		}
		text, err := reader.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("read waiting rows: %w", err)
		}
		var kind Kind
		var line int
		if _, err := fmt.Sscanf(strings.TrimSuffix(head, "\n"), "%s %d", &kind, &line); err != nil {
			return fmt.Errorf("read waiting rows: %w", err)
		}
		if err := take(kind, line, text); err != nil {
			return err
		}
	}
	return nil
}

func (w *waiting) close() error {
	if w.file == nil {
		return nil
	}
	return errors.Join(w.file.Close(), os.Remove(w.file.Name()))
}

// waits says whether an earlier row of the record waits.
func (run *run) waits(id crm.ID) bool {
	_, waits := run.waiting.ids[id]
	return waits
}

// postpone lets a row wait for what it refers to; at the end it is rejected.
func (run *run) postpone(r *row, why *fault) error {
	switch {
	case run.patience == rejectTheRest && why != nil:
		return run.reject(r, why)
	case run.waiting.count >= maxWaiting:
		return run.reject(r, &fault{reason: "too many rows refer to records further down: put those first"})
	}
	r.children = nil // they come again with the row
	return run.waiting.add(r)
}

// settleWaiting stores the rows that waited, again and again while that helps: one may
// wait for another, however long the chain is. Records that are restored need not wait
// for each other for ever, so that a circle comes back. Those that are left are
// rejected.
func (run *run) settleWaiting(ctx context.Context) error {
	for run.waiting.count > 0 {
		before := run.waiting
		run.waiting = newWaiting()
		err := before.each(func(kind Kind, line int, text []byte) error {
			n, why := parse(text)
			if why != nil {
				return run.refuse(line, "", why)
			}
			return run.take(ctx, run.handlers[kind], n, line)
		})
		if err == nil {
			err = run.flush(ctx)
		}
		if err = errors.Join(err, before.close()); err != nil {
			return err
		}
		switch helped := run.waiting.count < before.count; {
		case helped:
		case run.patience == waitForAll:
			run.patience = restoreAnyway
		default:
			run.patience = rejectTheRest
		}
	}
	return nil
}
