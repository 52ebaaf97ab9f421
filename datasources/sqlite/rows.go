package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/customer360/gateway/internal/crm"
)

// maxPrepared bounds the queries that stay prepared. The graph makes fewer; a
// filter of many parts that is not among them is prepared each time.
const maxPrepared = 256

// preparedQueries keeps the reader's queries, by their text: reading one more
// time costs SQLite about as much as a small query itself.
type preparedQueries struct {
	mu     sync.Mutex
	byText map[string]*sql.Stmt
}

// get returns the prepared query; nil if there is no place for it.
func (p *preparedQueries) get(ctx context.Context, db *sql.DB, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	kept, full := p.byText[text], len(p.byText) >= maxPrepared
	p.mu.Unlock()
	if kept != nil || full {
		return kept, nil
	}
	made, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if kept := p.byText[text]; kept != nil { // somebody else was as quick
		return kept, made.Close() //nolint:sqlclosecheck // There is no more to it.
	}
	p.byText[text] = made
	return made, nil
}

// close closes all queries.
func (p *preparedQueries) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, q := range p.byText {
		err = errors.Join(err, q.Close())
	}
	clear(p.byText)
	return err
}

// yieldRows is after how many rows a read lets others go on, which takes some hundred
// microseconds: Go takes the processor from a goroutine only after 10 ms, and small
// reads would wait that long for large ones.
const yieldRows = 32

// query runs a statement and calls row for each row once targets hold it.
func (s *Store) query(ctx context.Context, q *statement, targets []any, row func() error) (err error) {
	text := q.text.String()
	prepared, err := s.prepared.get(ctx, s.reader, text) //nolint:sqlclosecheck // The store keeps it.
	if err != nil {
		return err
	}
	var rows *sql.Rows
	if prepared != nil {
		rows, err = prepared.QueryContext(ctx, q.args...)
	} else {
		rows, err = s.reader.QueryContext(ctx, text, q.args...)
	}
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	for n := 1; rows.Next(); n++ {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if err := row(); err != nil {
			return err
		}
		if n%yieldRows == 0 {
			runtime.Gosched()
		}
	}
	return rows.Err()
}

// placed is a record with its place in its list.
type placed struct {
	list   int
	number int64
	text   string
	record crm.Record
}

// maxExpected bounds for how many rows there is room before they come.
const maxExpected = 1024

// places runs a statement whose rows are a list's number, the sort column and the
// record, about so many of each list, and returns the rows of each list, sorted
// ascending.
func (c *collection) places(
	ctx context.Context, s *statement, sort crm.KeyField, lists, each int, want *crm.Members,
) ([][]placed, error) {
	expected := min(lists*each, maxExpected)
	all := make([]placed, 0, expected)
	var p placed
	targets, made := c.kind.scanner(want, expected)
	key := any(&p.number)
	if texts(sort.Class) {
		key = &nullable{&p.text}
	}
	err := c.store.query(ctx, s, append([]any{&p.list, key}, targets...), func() (err error) {
		if p.record, err = made(); err == nil {
			all = append(all, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b placed) int {
		if order := cmp.Or(cmp.Compare(a.list, b.list), cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text)); order != 0 {
			return order
		}
		return strings.Compare(string(a.record.RecordID()), string(b.record.RecordID()))
	})
	found := make([][]placed, lists)
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].list == all[from].list {
			to++
		}
		found[all[from].list] = all[from:to:to]
		from = to
	}
	return found, nil
}

// nullable scans text; NULL is "".
type nullable struct{ text *string }

// Scan takes a column's value.
func (n *nullable) Scan(value any) error {
	var s sql.NullString
	err := s.Scan(value)
	*n.text = s.String
	return err
}

// cut makes a page of ascending rows, of which there may be more than it holds:
// the ones nearest to where the page begins stay.
func cut(rows []placed, q crm.Query) crm.RecordPage {
	if q.Sort.Desc {
		slices.Reverse(rows)
	}
	page := crm.RecordPage{}
	if limit := max(q.Page.Limit, 0); len(rows) > limit {
		page.More = true
		if q.Page.Backward {
			rows = rows[len(rows)-limit:]
		} else {
			rows = rows[:limit]
		}
	}
	page.Items = make([]crm.Record, len(rows))
	for i, r := range rows {
		page.Items[i] = r.record
	}
	return page
}
