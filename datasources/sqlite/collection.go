package sqlite

import (
	"context"
	"fmt"
	"slices"

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
	s, sort, err := c.kind.list(q)
	if err != nil {
		return crm.Page[T]{}, err
	}
	rows, err := c.places(ctx, s, sort, 1)
	if err != nil {
		return crm.Page[T]{}, c.failed("list %d %s", q.Page.Limit, err)
	}
	return cut(rows[0], q), nil
}

// list writes the query of a page. The inner query finds its rows from an
// index; only they are read whole.
func (k *kind[T]) list(q crm.Query) (*statement, column, error) {
	sort, err := k.sorted(q)
	if err != nil {
		return nil, sort, err
	}
	s := &statement{}
	s.add("SELECT 0, t.", string(sort.field), ", t.id, ", k.read, " FROM ", k.name, " t WHERE t.row IN (SELECT s.row FROM ",
		k.name, " s WHERE TRUE")
	if err := s.where(&k.table, "s", q.Where); err != nil {
		return nil, sort, err
	}
	s.page("s", sort, q)
	s.add(")")
	return s, sort, nil
}

// Count gives the number of records that fulfil where.
func (c *collection[T]) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	s := &statement{}
	s.add("SELECT count(*) FROM ", c.kind.name, " s WHERE TRUE")
	if err := s.where(&c.kind.table, "s", where); err != nil {
		return 0, err
	}
	n := 0
	if err := c.store.query(ctx, s, []any{&n}, func() error { return nil }); err != nil {
		return 0, c.failed("count by %d conditions %s", len(where), err)
	}
	return n, nil
}

// ListBy gives one page for each id, of a single statement.
func (c *collection[T]) ListBy(ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[T], error) {
	pages := make(map[crm.ID]crm.Page[T], len(ids))
	ids = distinct(ids)
	if len(ids) == 0 || len(fields) == 0 {
		return pages, nil
	}
	s, sort, err := c.kind.listBy(fields, ids, q)
	if err != nil {
		return nil, err
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

// listBy writes the query of a page for each id. Each field is one arm, which
// seeks the first rows of each id in the field's index and leaves out what the
// arms before it find.
func (k *kind[T]) listBy(fields []crm.Field, ids []crm.ID, q crm.Query) (*statement, column, error) {
	sort, err := k.sorted(q)
	if err != nil {
		return nil, sort, err
	}
	s := &statement{}
	s.keys(ids)
	for i, field := range fields {
		if i > 0 {
			s.add(" UNION ALL ")
		}
		s.add("SELECT k.key, t.", string(sort.field), ", t.id, ", k.read, " FROM k CROSS JOIN ", k.name,
			" t ON t.row IN (SELECT s.row FROM ")
		if err := s.match(&k.table, field, fields[:i]); err != nil {
			return nil, sort, err
		}
		if err := s.among(&k.table, "s", q.Where, sort); err != nil {
			return nil, sort, err
		}
		s.page("s", sort, q)
		s.add(")")
	}
	return s, sort, nil
}

// CountBy gives for each id the number of records that have it in a field.
func (c *collection[T]) CountBy(ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	counts := make(map[crm.ID]int, len(ids))
	ids = distinct(ids)
	if len(ids) == 0 || len(fields) == 0 {
		return counts, nil
	}
	s, err := c.kind.countBy(fields, ids, where)
	if err != nil {
		return nil, err
	}
	var at, n int
	err = c.store.query(ctx, s, []any{&at, &n}, func() error {
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

// countBy writes the query of a count for each id: the sum over the fields.
func (k *kind[T]) countBy(fields []crm.Field, ids []crm.ID, where []crm.Predicate) (*statement, error) {
	s := &statement{}
	s.keys(ids)
	s.add("SELECT k.key")
	join := ", "
	for i, field := range fields {
		s.add(join, "(SELECT count(*) FROM ")
		if err := s.match(&k.table, field, fields[:i]); err != nil {
			return nil, err
		}
		if err := s.among(&k.table, "s", where, column{}); err != nil {
			return nil, err
		}
		s.add(")")
		join = " + "
	}
	s.add(" FROM k")
	return s, nil
}

// keys begins a query with the table k: each id with its place in the list.
func (s *statement) keys(ids []crm.ID) {
	s.add("WITH k (key, value) AS MATERIALIZED (SELECT key, value FROM json_each(?)) ")
	s.bind(jsonList(ids))
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
func (k *kind[T]) sorted(q crm.Query) (column, error) {
	sort, ok := k.column(q.Sort.Field)
	if !ok {
		return sort, unknown(&k.table, q.Sort.Field)
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
