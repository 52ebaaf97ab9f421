package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// collection reads and writes one kind of record.
type collection[T any] struct {
	store *Store
	kind  kind[T]
}

// ByID gives the records that exist, by id.
func (c *collection[T]) ByID(ctx context.Context, ids []crm.ID) (map[crm.ID]*T, error) {
	found := make(map[crm.ID]*T, len(ids))
	ids = c.kind.only(ids)
	if len(ids) == 0 {
		return found, nil
	}
	s := &statement{}
	s.add("SELECT k.key, ", c.kind.read, " FROM json_each(?) k CROSS JOIN ", c.kind.name, " t ON t.id = k.value")
	s.bind(jsonList(ids))
	var at int
	targets, record := c.kind.scanner()
	err := c.store.query(ctx, s, append([]any{&at}, targets...), func() (err error) {
		found[ids[at]], err = record()
		return err
	})
	if err != nil {
		return nil, c.failed("read %d %s by id", len(ids), err)
	}
	return found, nil
}

// List gives one page of the records that fulfil q.Where.
func (c *collection[T]) List(ctx context.Context, q crm.Query) (crm.Page[T], error) {
	s := &statement{}
	sort, err := c.sorted(q)
	if err != nil {
		return crm.Page[T]{}, err
	}
	// The inner query finds the rows from an index; only theirs are read whole.
	s.add("SELECT 0, t.", string(sort.field), ", t.id, ", c.kind.read, " FROM ", c.kind.name, " t WHERE t.row IN (SELECT s.row FROM ",
		c.kind.name, " s WHERE TRUE")
	if err := s.where(&c.kind.table, "s", q.Where); err != nil {
		return crm.Page[T]{}, err
	}
	s.page("s", sort, q)
	s.add(")")
	rows, err := c.places(ctx, s, sort, 1)
	if err != nil {
		return crm.Page[T]{}, c.failed("list %d %s", q.Page.Limit, err)
	}
	return cut(rows[0], q), nil
}

// Count gives the number of records that fulfil where.
func (c *collection[T]) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	s := &statement{}
	s.add("SELECT count(*) FROM ", c.kind.name, " t WHERE TRUE")
	if err := s.where(&c.kind.table, "t", where); err != nil {
		return 0, err
	}
	n := 0
	if err := c.store.query(ctx, s, []any{&n}, func() error { return nil }); err != nil {
		return 0, c.failed("count by %d conditions %s", len(where), err)
	}
	return n, nil
}

// ListBy gives one page for each id. Each field is one arm of a single
// statement, which seeks the first rows of each id in the field's index; an arm
// leaves out what the ones before it find.
func (c *collection[T]) ListBy(ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[T], error) {
	pages := make(map[crm.ID]crm.Page[T], len(ids))
	ids = distinct(ids)
	sort, err := c.sorted(q)
	if err != nil || len(ids) == 0 || len(fields) == 0 {
		return pages, err
	}
	s := &statement{}
	s.add("WITH k (key, value) AS MATERIALIZED (SELECT key, value FROM json_each(?)) ")
	s.bind(jsonList(ids))
	for i, field := range fields {
		if i > 0 {
			s.add(" UNION ALL ")
		}
		s.add("SELECT k.key, t.", string(sort.field), ", t.id, ", c.kind.read, " FROM k CROSS JOIN ", c.kind.name,
			" t ON t.row IN (SELECT s.row FROM ")
		if err := s.match(&c.kind.table, field, fields[:i]); err != nil {
			return nil, err
		}
		if err := s.among(&c.kind.table, "s", q.Where, sort); err != nil {
			return nil, err
		}
		s.page("s", sort, q)
		s.add(")")
	}
	rows, err := c.places(ctx, s, sort, len(ids))
	if err != nil {
		return nil, c.failed("list for %d ids %s", len(ids), err)
	}
	for i, id := range ids {
		if len(rows[i]) > 0 {
			pages[id] = cut(rows[i], q)
		}
	}
	return pages, nil
}

// CountBy gives for each id the number of records that have it in a field.
func (c *collection[T]) CountBy(ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	counts := make(map[crm.ID]int, len(ids))
	ids = distinct(ids)
	if len(ids) == 0 || len(fields) == 0 {
		return counts, nil
	}
	s := &statement{}
	s.add("WITH k (key, value) AS MATERIALIZED (SELECT key, value FROM json_each(?)) SELECT k.key")
	s.bind(jsonList(ids))
	join := ", "
	for i, field := range fields {
		s.add(join, "(SELECT count(*) FROM ")
		if err := s.match(&c.kind.table, field, fields[:i]); err != nil {
			return nil, err
		}
		if err := s.among(&c.kind.table, "s", where, column{}); err != nil {
			return nil, err
		}
		s.add(")")
		join = " + "
	}
	s.add(" FROM k")
	var at, n int
	err := c.store.query(ctx, s, []any{&at, &n}, func() error {
		if n > 0 {
			counts[ids[at]] = n
		}
		return nil
	})
	if err != nil {
		return nil, c.failed("count for %d ids %s", len(ids), err)
	}
	return counts, nil
}

// match adds the table s, and that its row has k.value in field and in none of
// the earlier fields.
func (s *statement) match(t *table, field crm.Field, earlier []crm.Field) error {
	if slices.Contains(t.many, field) {
		s.add(t.name, "_keys m CROSS JOIN ", t.name, " s ON s.row = m.row WHERE m.field = ", quote(field), " AND m.value = k.value")
	} else {
		c, ok := t.column(field)
		if !ok {
			return unknown(t, field)
		}
		s.add(t.name, " s WHERE s.", string(c.field), " = k.value")
	}
	for _, e := range earlier {
		if slices.Contains(t.many, e) {
			s.add(" AND s.row NOT IN (SELECT row FROM ", t.name, "_keys WHERE field = ", quote(e), " AND value = k.value)")
			continue
		}
		s.add(" AND s.", string(e), " IS NOT k.value")
	}
	return nil
}

// sorted gives the column that q sorts by.
func (c *collection[T]) sorted(q crm.Query) (column, error) {
	sort, ok := c.kind.column(q.Sort.Field)
	if !ok {
		return sort, unknown(&c.kind.table, q.Sort.Field)
	}
	return sort, nil
}

// only gives the ids that the kind can have, each once.
func (k *kind[T]) only(ids []crm.ID) []crm.ID {
	if k.prefix == "" {
		return distinct(ids)
	}
	return crm.Only(k.prefix, ids)
}

// distinct gives the ids without repeats and without what no id can be.
func distinct(ids []crm.ID) []crm.ID {
	seen := make(map[crm.ID]struct{}, len(ids))
	kept := make([]crm.ID, 0, len(ids))
	for _, id := range ids {
		if _, repeat := seen[id]; repeat || id == "" || !portable(string(id)) {
			continue
		}
		seen[id] = struct{}{}
		kept = append(kept, id)
	}
	return kept
}

// failed translates an error; format says what was done to how many.
func (c *collection[T]) failed(format string, n int, err error) error {
	return translate(fmt.Sprintf(format, n, c.kind.name), err)
}

// query runs a statement and calls row for each row once targets hold it.
func (s *Store) query(ctx context.Context, q *statement, targets []any, row func() error) (err error) {
	rows, err := s.reader.QueryContext(ctx, q.text.String(), q.args...)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if err := row(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// placed is a record with its place in the list.
type placed[T any] struct {
	number int64
	text   string
	id     string
	record *T
}

// places runs a statement whose rows are a list's number, the sort column, the
// id and the record, and gives the rows of each list, sorted ascending.
func (c *collection[T]) places(ctx context.Context, s *statement, sort column, lists int) ([][]placed[T], error) {
	found := make([][]placed[T], lists)
	var at int
	var p placed[T]
	targets, record := c.kind.scanner()
	key := any(&p.number)
	if sort.class == sortable || sort.class == text {
		key = &nullable{&p.text}
	}
	err := c.store.query(ctx, s, append([]any{&at, key, &p.id}, targets...), func() (err error) {
		if p.record, err = record(); err != nil {
			return err
		}
		found[at] = append(found[at], p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b placed[T]) int {
			switch {
			case a.number != b.number:
				if a.number < b.number {
					return -1
				}
				return 1
			case a.text != b.text:
				return strings.Compare(a.text, b.text)
			}
			return strings.Compare(a.id, b.id)
		})
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
func cut[T any](rows []placed[T], q crm.Query) crm.Page[T] {
	if q.Sort.Desc {
		slices.Reverse(rows)
	}
	page := crm.Page[T]{}
	if limit := max(q.Page.Limit, 0); len(rows) > limit {
		page.More = true
		if q.Page.Backward {
			rows = rows[len(rows)-limit:]
		} else {
			rows = rows[:limit]
		}
	}
	page.Items = make([]*T, len(rows))
	for i, r := range rows {
		page.Items[i] = r.record
	}
	return page
}
