package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// counter counts the bytes that were read.
type counter struct {
	reader io.Reader
	read   int64
}

// Read reads on.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.read += int64(n)
	return n, err
}

const byteOrderMark = "\ufeff"

// readLines reads newline-delimited JSON; empty lines are skipped.
func (run *run) readLines(ctx context.Context) error {
	envelopes := map[string]*handler{}
	for _, h := range run.handlers {
		envelopes[h.envelope] = h
	}
	reader := bufio.NewReaderSize(run.input, 1<<16)
	for line := 1; ; line++ {
		text, long, err := readLine(reader)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line %d: %w", line, err)
		}
		end := err != nil
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		}
		if len(bytes.TrimSpace(text)) > 0 {
			run.lines++
			if err := run.takeLine(ctx, envelopes, text, long, line); err != nil {
				return err
			}
		}
		if end {
			return nil
		}
	}
}

// readLine reads up to the line's end. Of a line that is too long it returns
// the beginning and skips the rest.
func readLine(reader *bufio.Reader) (text []byte, long bool, err error) {
	for {
		part, err := reader.ReadSlice('\n')
		if room := MaxLine + 2 - len(text); len(part) > room {
			part, long = part[:room], true
		}
		text = append(text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, long || len(bytes.TrimRight(text, "\r\n")) > MaxLine, err
		}
	}
}

func (run *run) takeLine(ctx context.Context, envelopes map[string]*handler, text []byte, long bool, line int) error {
	if long {
		return run.refuse(line, "", &fault{reason: "a line must have at most " + maxLine})
	}
	h := run.handlers[run.options.Kind]
	n, why := parse(text)
	if why != nil {
		why.field = inside(why.field, envelopes, h)
		return run.refuse(line, "", why)
	}
	if len(n.members) == 1 {
		if name, value := n.members[0].name, n.members[0].value; h == nil && name == apiKeyEnvelope && value.kind == nodeObject {
			return run.takeAPIKey(ctx, value, line)
		}
		inside, enveloped := envelopes[n.members[0].name]
		if enveloped && n.members[0].value.kind == nodeObject {
			if h != nil && inside != h {
				return run.refuse(line, "", &fault{field: n.members[0].name, reason: "must be " + h.envelope + ": the import is of " + string(run.options.Kind)})
			}
			return run.take(ctx, inside, n.members[0].value, line)
		}
	}
	if h == nil {
		return run.refuse(line, "", &fault{reason: `without a kind a line must say what it holds: {"customer": {…}}`})
	}
	return run.take(ctx, h, n, line)
}

// inside is a field of a line that could not be read without the envelope in front: one
// of h, or without h of any kind.
func inside(field string, envelopes map[string]*handler, h *handler) string {
	name, rest, found := strings.Cut(field, ".")
	if of := envelopes[name]; found && of != nil && (h == nil || of == h) {
		return rest
	}
	return field
}
