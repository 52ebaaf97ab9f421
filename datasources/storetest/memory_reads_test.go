package storetest_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

// row is a record with the keys that it is found by and the ids of its timeline
// entries.
type row struct {
	keys    crm.Keys
	record  crm.Record
	entries []crm.ID
}

// table is the records of one kind.
type table struct {
	*crm.Description
	flaws flaws
	rows  map[crm.ID]*row
}

// table returns a kind's table for a read; the caller unlocks.
func (m *memory) table(ctx context.Context, kind crm.Kind) (*table, error) {
	x := m.tables[kind]
	if x == nil && m.flaws.anyKind {
		x = &table{Description: &crm.Description{}, flaws: m.flaws}
	}
	if x == nil {
		return nil, crm.Invalid("there is no such kind of record")
	}
	return x, m.canceled(ctx)
}

func (x *table) out(r *row, want *crm.Members) crm.Record {
	switch {
	case x.flaws.sharedMemory:
		return r.record
	case x.flaws.unwanted:
		return storetest.Settled(r.record)
	}
	return storetest.Settled(crm.Keep(r.record, want))
}

func (m *memory) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x, err := m.table(ctx, kind)
	if err != nil {
		return nil, err
	}
	if want, err = x.Reads(want); err != nil {
		return nil, err
	}
	found := []crm.Record{}
	seen := map[crm.ID]bool{}
	for _, id := range ids {
		r := x.rows[id]
		if r == nil || seen[id] && !x.flaws.repeats {
			continue
		}
		seen[id] = true
		found = append(found, x.out(r, want))
	}
	return found, nil
}

func (m *memory) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	found, err := m.ByID(ctx, kind, ids, want)
	if m.flaws.lags {
		found = slices.DeleteFunc(found, func(r crm.Record) bool { return crm.VersionOf(r) > 1 })
	}
	return found, err
}

func (m *memory) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x, err := m.table(ctx, kind)
	if err != nil {
		return 0, err
	}
	return len(x.where(slices.Collect(maps.Values(x.rows)), where)), nil
}

func (m *memory) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x, err := m.table(ctx, kind)
	if err != nil {
		return crm.RecordPage{}, err
	}
	if q.Members, err = x.Reads(q.Members, q.Sort.Field); err != nil {
		return crm.RecordPage{}, err
	}
	return x.page(slices.Collect(maps.Values(x.rows)), q), nil
}

func (m *memory) ListBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.RecordPage, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x, err := m.table(ctx, kind)
	if err != nil {
		return nil, err
	}
	sorted := q.Sort.Field
	if x.flaws.noPlaces {
		sorted = crm.FieldID
	}
	if q.Members, err = x.Reads(q.Members, sorted); err != nil {
		return nil, err
	}
	pages := map[crm.ID]crm.RecordPage{}
	left := q.Page.Limit
	for _, id := range ids {
		if x.flaws.limitForAll {
			q.Page.Limit = left
		}
		page := x.page(x.having(fields, id), q)
		left -= len(page.Items)
		if len(page.Items) > 0 || page.More || x.flaws.emptyEntries {
			pages[id] = page
		}
	}
	return pages, nil
}

func (m *memory) CountBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	x, err := m.table(ctx, kind)
	if err != nil {
		return nil, err
	}
	counts := map[crm.ID]int{}
	for _, id := range ids {
		if n := len(x.where(x.having(fields, id), where)); n > 0 {
			counts[id] = n
		}
	}
	return counts, nil
}

func (x *table) having(fields []crm.Field, id crm.ID) []*row {
	kept := []*row{}
	for _, r := range x.rows {
		n := 0
		for _, f := range fields {
			if key, _ := x.Key(f); x.flaws.parentsOnly && key.Parent == "" && key.Class == crm.ClassText {
				continue
			}
			if id != "" && (r.keys.Text[f] == string(id) || slices.Contains(r.keys.Many[f], string(id))) {
				n++
			}
		}
		if n > 0 {
			kept = append(kept, r)
		}
		if n > 1 && (x.flaws.twicePerID && x.Kind != crm.KindTicket || x.flaws.countsTwice && x.Kind == crm.KindTicket) {
			kept = append(kept, r)
		}
	}
	return kept
}

func (x *table) where(rows []*row, where []crm.Predicate) []*row {
	if x.flaws.firstPredicateOnly && len(where) > 1 {
		where = where[:1]
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r *row) bool {
		return slices.ContainsFunc(where, func(p crm.Predicate) bool { return !x.holds(r.keys, p) })
	})
}

func (x *table) holds(keys crm.Keys, p crm.Predicate) bool {
	if p.After != nil || p.Before != nil {
		at := keys.Time[p.Field].UnixMilli()
		if x.flaws.inclusiveRange && p.Before != nil && at == p.Before.UnixMilli() {
			return true
		}
		return (p.After == nil || at > p.After.UnixMilli()) && (p.Before == nil || at < p.Before.UnixMilli())
	}
	if p.Present || p.Absent && !x.flaws.nullIsNone {
		return p.Present == (keys.Text[p.Field] != "")
	}
	texts := append([]string{keys.Text[p.Field]}, keys.Many[p.Field]...)
	return slices.ContainsFunc(texts, func(text string) bool {
		switch {
		case text == "":
			return false
		case p.In == nil && x.flaws.anyPrefix:
			return strings.Contains(text, p.Prefix)
		case p.In == nil:
			return strings.HasPrefix(text, p.Prefix)
		case x.flaws.foldsCase:
			return slices.ContainsFunc(p.In, func(in string) bool { return strings.EqualFold(in, text) })
		default:
			return slices.Contains(p.In, text)
		}
	})
}

// place is where a row stands in a list.
func (x *table) place(a crm.Position, b *row, s crm.Sort) int {
	c := cmp.Or(
		cmp.Compare(a.Time.UnixMilli(), b.keys.Time[s.Field].UnixMilli()),
		strings.Compare(a.Text, b.keys.Text[s.Field]), cmp.Compare(a.Number, b.keys.Number[s.Field]),
	)
	if !x.flaws.noTieBreak || s.Field == crm.FieldID {
		c = cmp.Or(c, strings.Compare(string(a.ID), string(b.record.RecordID())))
	}
	if s.Desc {
		return -c
	}
	return c
}

func (x *table) page(rows []*row, q crm.Query) crm.RecordPage {
	rows = x.where(rows, q.Where)
	slices.SortFunc(rows, func(a, b *row) int {
		f := q.Sort.Field
		return x.place(crm.Position{Time: a.keys.Time[f], Text: a.keys.Text[f], Number: a.keys.Number[f], ID: a.record.RecordID()}, b, q.Sort)
	})
	rows = slices.DeleteFunc(rows, func(r *row) bool {
		after, before := q.Page.After, q.Page.Before
		return after != nil && (x.place(*after, r, q.Sort) > 0 || x.place(*after, r, q.Sort) == 0 && !x.flaws.inclusiveAfter) ||
			before != nil && x.place(*before, r, q.Sort) <= 0
	})
	more := len(rows) > q.Page.Limit
	if more && q.Page.Backward {
		rows = rows[len(rows)-q.Page.Limit:]
	} else if more {
		rows = rows[:q.Page.Limit]
	}
	page := crm.RecordPage{Items: []crm.Record{}, More: more && !x.flaws.neverMore}
	if x.flaws.nilItems && len(rows) == 0 {
		page.Items = nil
	}
	for _, r := range rows {
		page.Items = append(page.Items, x.out(r, q.Members))
	}
	return page
}
