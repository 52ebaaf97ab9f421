package sqlite

import (
	"slices"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// prepared is a change made ready for the database: what needs no look at it.
type prepared struct {
	index   int // in its batch
	kind    *kind
	id      crm.ID
	expect  int
	removed bool
	problem error // why it cannot be made, whatever is stored
	bytes   int   // of the documents
	row     int64
	values  []any // version, the columns, the document; empty if it is removed
	keys    []key
	entries []entry
}

// version is the version that is written.
func (p *prepared) version() int { return p.values[0].(int) }

// key is one value of a field that may have many.
type key struct {
	field, value string
	row          int64
}

// entry is one row of the timeline.
type entry [6]any

// prepare makes one change ready.
func (k *kind) prepare(index int, c crm.Change) (*prepared, error) {
	p := &prepared{index: index, kind: k, id: c.ID(), expect: c.Expect, removed: c.Record == nil, problem: c.Check()}
	if p.removed || p.problem != nil { // What is wrong can perhaps not even be written down.
		return p, nil
	}
	keys := c.Record.Keys()
	if err := k.complete(keys); err != nil {
		return nil, err
	}
	doc := k.form.AppendBSON(nil, c.Record)
	p.values = make([]any, 0, len(k.columns)+2)
	p.values = append(p.values, crm.VersionOf(c.Record))
	for _, column := range k.columns {
		p.values = append(p.values, value(column, keys))
	}
	p.values = append(p.values, doc)
	p.bytes = len(doc)
	for _, field := range k.many {
		for i, value := range keys.Many[field] {
			if value != "" && !slices.Contains(keys.Many[field][:i], value) {
				p.keys = append(p.keys, key{field: string(field), value: value})
			}
		}
	}
	p.chronicle(crm.TimelineOf(c.Record))
	if 1+len(p.entries) > crm.MaxChangeDocuments || p.bytes > crm.MaxChangeBytes {
		p.problem = tooLarge()
	}
	return p, nil
}

// complete refuses keys that the table has no place for.
func (k *kind) complete(keys crm.Keys) error {
	for field := range keys.Text {
		if _, ok := k.column(field); !ok {
			return unknown(k, field)
		}
	}
	for field := range keys.Time {
		if _, ok := k.column(field); !ok {
			return unknown(k, field)
		}
	}
	for field := range keys.Number {
		if _, ok := k.column(field); !ok {
			return unknown(k, field)
		}
	}
	for field := range keys.Many {
		if !slices.Contains(k.many, field) {
			return unknown(k, field)
		}
	}
	return nil
}

// value returns what the column holds for a record with the keys.
func value(column crm.KeyField, keys crm.Keys) any {
	switch column.Class {
	case crm.ClassText:
		if keys.Text[column.Field] == "" {
			return nil
		}
	case crm.ClassTime:
		return keys.Time[column.Field].UnixMilli()
	case crm.ClassNumber:
		n, ok := keys.Number[column.Field]
		if !ok {
			return nil
		}
		return n
	case crm.ClassSortable, crm.ClassMany:
	}
	return keys.Text[column.Field]
}

// chronicle makes the rows of timeline records ready. Of most the columns are all
// there is to write down.
func (p *prepared) chronicle(records []*crm.TimelineRecord) {
	p.entries = make([]entry, 0, len(records))
	for _, r := range records {
		e := entry{string(r.ID), string(r.CustomerID), r.OccurredAt.UnixMilli(), string(r.Kind), string(r.Ref), nil}
		p.bytes += len(r.ID) + len(r.CustomerID) + len(r.Kind) + len(r.Ref)
		if r.Consent != nil || r.Change != nil {
			doc := record.FormOf(crm.KindTimeline).AppendBSON(nil, r)
			p.bytes += len(doc)
			e[5] = doc
		}
		p.entries = append(p.entries, e)
	}
}
