package sqlite

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/customer360/gateway/internal/crm"
)

// logRun bounds the entries that one row of the log holds: a row for each would
// cost as much as the records.
const logRun = 500

// logged is an entry of the log as it is kept. Its number follows from its place.
type logged struct {
	ID      crm.ID `json:"id"`
	Version int    `json:"version"`
	Removed bool   `json:"removed,omitempty"`
}

// writeLog moves entries to the log, if there are as many as least. SQLite has one
// writer at a time, also of several processes, and every transaction begins as one
// (BEGIN IMMEDIATE): nobody else gives numbers until this transaction has ended. So
// the order of the numbers is the order in which the transactions were committed,
// and a reader who sees a number can read all before it.
func (t *transaction) writeLog(least int) error {
	for len(t.log) > 0 && len(t.log) >= least {
		n := min(logRun, len(t.log))
		run := make([]logged, n)
		for i, e := range t.log[:n] {
			run[i] = logged{ID: e.ID, Version: e.Version, Removed: e.Removed}
		}
		entries, err := json.Marshal(run)
		if err != nil {
			return err
		}
		if err := t.run("INSERT INTO log (number, entries) SELECT coalesce(max(number), 0) + ?, ? FROM log", n, entries); err != nil {
			return err
		}
		t.log = t.log[n:]
	}
	return nil
}

// errEnough ends the reading of the log.
var errEnough = errors.New("there are enough entries")

// Log returns the entries after a number, in one statement.
func (s *Store) Log(ctx context.Context, after int64, limit int) ([]crm.LogEntry, error) {
	entries := []crm.LogEntry{}
	if limit <= 0 {
		return entries, nil
	}
	q := &statement{}
	q.add("SELECT number, entries FROM log WHERE number > ? ORDER BY number")
	q.bind(after)
	var last int64
	var doc []byte
	err := s.query(ctx, q, []any{&last, &doc}, func() error {
		run, err := entriesOf(doc, last)
		if err != nil {
			return err
		}
		for _, e := range run {
			if e.Number <= after {
				continue
			}
			if entries = append(entries, e); len(entries) == limit {
				return errEnough
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, translate("read the log", err)
	}
	return entries, nil
}

// entriesOf reads a row of the log, whose last entry has the row's number.
func entriesOf(doc []byte, last int64) ([]crm.LogEntry, error) {
	var run []logged
	if err := json.Unmarshal(doc, &run); err != nil {
		return nil, err
	}
	entries := make([]crm.LogEntry, len(run))
	for i, e := range run {
		entries[i] = crm.LogEntry{Number: last - int64(len(run)-1-i), ID: e.ID, Version: e.Version, Removed: e.Removed}
	}
	return entries, nil
}

// LogEnd returns the last entry, in one statement.
func (s *Store) LogEnd(ctx context.Context) (crm.LogEntry, error) {
	q := &statement{}
	q.add("SELECT number, entries FROM log ORDER BY number DESC LIMIT 1")
	var end crm.LogEntry
	var last int64
	var doc []byte
	err := s.query(ctx, q, []any{&last, &doc}, func() error {
		run, err := entriesOf(doc, last)
		if len(run) > 0 {
			end = run[len(run)-1]
		}
		return err
	})
	return end, translate("read the log's end", err)
}
