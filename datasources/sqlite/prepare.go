package sqlite

import (
	"slices"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// prepared is a write made ready for the database: what needs no look at it.
type prepared struct {
	index   int // of the write
	id      crm.ID
	expect  int
	row     int64
	values  []any // version, the columns, the document
	keys    []key
	entries []entry
}

// key is one value of a field that may have many.
type key struct {
	field, value string
	row          int64
}

// entry is one row of the timeline.
type entry [6]any

// prepare makes one write ready.
func (k *kind[T]) prepare(index int, w crm.Write[T]) (*prepared, error) {
	p := &prepared{index: index, id: k.id(w.Record), expect: w.Expect}
	keys := k.keys(w.Record)
	if err := k.complete(keys); err != nil {
		return nil, err
	}
	version := 1
	if k.version != nil {
		version = k.version(w.Record)
	}
	doc, err := k.encode(w.Record)
	if err != nil {
		return nil, err
	}
	p.values = make([]any, 0, len(k.columns)+2)
	p.values = append(p.values, version)
	for _, c := range k.columns {
		p.values = append(p.values, c.value(keys))
	}
	p.values = append(p.values, doc)
	for _, field := range k.many {
		for i, value := range keys.Many[field] {
			if value != "" && !slices.Contains(keys.Many[field][:i], value) {
				p.keys = append(p.keys, key{field: string(field), value: value})
			}
		}
	}
	if k.timeline != nil {
		p.entries, err = entries(k.timeline(w.Record))
	}
	return p, err
}

// complete refuses keys that the table has no place for.
func (k *kind[T]) complete(keys crm.Keys) error {
	for field := range keys.Text {
		if _, ok := k.column(field); !ok {
			return unknown(&k.table, field)
		}
	}
	for field := range keys.Time {
		if _, ok := k.column(field); !ok {
			return unknown(&k.table, field)
		}
	}
	for field := range keys.Number {
		if _, ok := k.column(field); !ok {
			return unknown(&k.table, field)
		}
	}
	for field := range keys.Many {
		if !slices.Contains(k.many, field) {
			return unknown(&k.table, field)
		}
	}
	return nil
}

// value gives what the column holds for a record with the keys.
func (c column) value(keys crm.Keys) any {
	switch c.class {
	case text:
		if keys.Text[c.field] == "" {
			return nil
		}
	case instant:
		return keys.Time[c.field].UnixMilli()
	case number:
		n, ok := keys.Number[c.field]
		if !ok {
			return nil
		}
		return n
	case sortable:
	}
	return keys.Text[c.field]
}

// entries gives the rows of timeline records.
func entries(records []*crm.TimelineRecord) ([]entry, error) {
	list := make([]entry, 0, len(records))
	for _, r := range records {
		e := entry{string(r.ID), string(r.CustomerID), r.OccurredAt.UnixMilli(), string(r.Kind), string(r.Ref), nil}
		if r.Consent != nil || r.Change != nil {
			doc, err := record.Marshal(record.NewTimelineRecord(r))
			if err != nil {
				return nil, err
			}
			e[5] = doc
		}
		list = append(list, e)
	}
	return list, nil
}
