package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// collection reads one kind of record.
type collection struct {
	store *Store
	kind  *kind
}

func (c *collection) byID(ctx context.Context, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	want, err := c.kind.Reads(want)
	if err != nil {
		return nil, err
	}
	ids = c.kind.Only(ids)
	found := make([]crm.Record, 0, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	s := &statement{}
	s.add("SELECT ", c.kind.read(), " FROM json_each(?) k CROSS JOIN ", c.kind.table(), " t ON t.id = k.value")
	s.bind(jsonList(ids))
	targets, made := c.kind.scanner(want, len(ids))
	err = c.store.query(ctx, s, targets, func() error {
		record, err := made()
		found = append(found, record)
		return err
	})
	if err != nil {
		return nil, c.failed("read %d %s by id", len(ids), err)
	}
	return found, nil
}

func (c *collection) list(ctx context.Context, q crm.Query) (crm.RecordPage, error) {
	want, err := c.kind.Reads(q.Members, q.Sort.Field)
	if err != nil {
		return crm.RecordPage{}, err
	}
	s, sort, err := c.kind.list(q)
	if err != nil {
		return crm.RecordPage{}, err
	}
	rows, err := c.places(ctx, s, sort, 1, q.Page.Limit+1, want)
	if err != nil {
		return crm.RecordPage{}, c.failed("list %d %s", q.Page.Limit, err)
	}
	return cut(rows[0], q), nil
}

// list writes the query of a page. The inner query finds its rows from an
// index; only they are read whole.
func (k *kind) list(q crm.Query) (*statement, crm.KeyField, error) {
	sort, err := k.sorted(q)
	if err != nil {
		return nil, sort, err
	}
	s := &statement{}
	s.add("SELECT 0, t.", ident(sort.Field), ", ", k.read(), " FROM ", k.table(),
		" t WHERE t.row IN (SELECT s.row FROM ", k.table(), " s WHERE TRUE")
	if err := s.where(k, "s", q.Where); err != nil {
		return nil, sort, err
	}
	s.page("s", sort, q)
	s.add(")")
	return s, sort, nil
}

func (c *collection) count(ctx context.Context, where []crm.Predicate) (int, error) {
	s := &statement{}
	s.add("SELECT count(*) FROM ", c.kind.table(), " s WHERE TRUE")
	if err := s.where(c.kind, "s", where); err != nil {
		return 0, err
	}
	n := 0
	if err := c.store.query(ctx, s, []any{&n}, func() error { return nil }); err != nil {
		return 0, c.failed("count by %d conditions %s", len(where), err)
	}
	return n, nil
}

func (c *collection) listBy(
	ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	pages := make(map[crm.ID]crm.RecordPage, len(ids))
	ids = distinct(ids)
	if len(ids) == 0 || len(fields) == 0 {
		return pages, nil
	}
	want, err := c.kind.Reads(q.Members, q.Sort.Field)
	if err != nil {
		return nil, err
	}
	s, sort, err := c.kind.listBy(fields, ids, q)
	if err != nil {
		return nil, err
	}
	rows, err := c.places(ctx, s, sort, len(ids), q.Page.Limit+1, want)
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
func (k *kind) listBy(fields []crm.Field, ids []crm.ID, q crm.Query) (*statement, crm.KeyField, error) {
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
		s.add("SELECT k.key, t.", ident(sort.Field), ", ", k.read(), " FROM k CROSS JOIN ", k.table(),
			" t ON t.row IN (SELECT s.row FROM ")
		if err := s.match(k, field, fields[:i]); err != nil {
			return nil, sort, err
		}
		if err := s.among(k, "s", q.Where, sort); err != nil {
			return nil, sort, err
		}
		s.page("s", sort, q)
		s.add(")")
	}
	return s, sort, nil
}

func (c *collection) countBy(
	ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
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
func (k *kind) countBy(fields []crm.Field, ids []crm.ID, where []crm.Predicate) (*statement, error) {
	s := &statement{}
	s.keys(ids)
	s.add("SELECT k.key")
	join := ", "
	for i, field := range fields {
		s.add(join, "(SELECT count(*) FROM ")
		if err := s.match(k, field, fields[:i]); err != nil {
			return nil, err
		}
		if err := s.among(k, "s", where, crm.KeyField{}); err != nil {
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
func (s *statement) match(k *kind, field crm.Field, earlier []crm.Field) error {
	if slices.Contains(k.many, field) {
		s.add(k.keyTable(), " m CROSS JOIN ", k.table(), " s ON s.row = m.row WHERE m.field = ", quote(field), " AND m.value = k.value")
	} else {
		c, ok := k.column(field)
		if !ok {
			return unknown(k, field)
		}
		s.add(k.table(), " s WHERE s.", ident(c.Field), " = k.value")
	}
	for _, e := range earlier {
		if slices.Contains(k.many, e) {
			s.add(" AND s.row NOT IN (SELECT row FROM ", k.keyTable(), " WHERE field = ", quote(e), " AND value = k.value)")
			continue
		}
		s.add(" AND s.", ident(e), " IS NOT k.value")
	}
	return nil
}

// sorted returns the column that q sorts by.
func (k *kind) sorted(q crm.Query) (crm.KeyField, error) {
	sort, ok := k.column(q.Sort.Field)
	if !ok {
		return sort, unknown(k, q.Sort.Field)
	}
	return sort, nil
}

// distinct returns the ids without repeats and without what no id can be.
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
func (c *collection) failed(format string, n int, err error) error {
	return translate(fmt.Sprintf(format, n, c.kind.Name), err)
}
