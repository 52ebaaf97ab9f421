package storetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// position returns a record's place in a list sorted by field.
func position(r crm.Record, field crm.Field) crm.Position {
	keys := r.Keys()
	return crm.Position{
		Time: keys.Time[field].UTC().Truncate(time.Millisecond), Text: keys.Text[field], Number: keys.Number[field], ID: r.RecordID(),
	}
}

// compare orders two places. Of time, text and number only one is ever set.
func compare(a, b crm.Position) int {
	return cmp.Or(
		a.Time.Compare(b.Time), strings.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number),
		strings.Compare(string(a.ID), string(b.ID)),
	)
}

// values returns everything that a field of text holds.
func values(keys crm.Keys, field crm.Field) []string {
	list := append(slices.Clone(keys.Many[field]), keys.Text[field])
	return slices.DeleteFunc(list, func(text string) bool { return text == "" })
}

func fulfils(keys crm.Keys, p crm.Predicate) bool {
	if p.After != nil || p.Before != nil {
		at, ok := keys.Time[p.Field]
		at = at.Truncate(time.Millisecond)
		return ok && (p.After == nil || at.After(*p.After)) && (p.Before == nil || at.Before(*p.Before))
	}
	if p.Present || p.Absent {
		return p.Present == (len(values(keys, p.Field)) > 0)
	}
	return slices.ContainsFunc(values(keys, p.Field), func(v string) bool {
		if p.In != nil {
			return slices.Contains(p.In, v)
		}
		return strings.HasPrefix(v, p.Prefix)
	})
}

func fulfilsAll(keys crm.Keys, where []crm.Predicate) bool {
	return !slices.ContainsFunc(where, func(p crm.Predicate) bool { return !fulfils(keys, p) })
}

// selected returns the records that fulfil where, in the sort's order.
func selected[R crm.Record](records []R, where []crm.Predicate, sort crm.Sort) []R {
	kept := []R{}
	for _, r := range records {
		if fulfilsAll(r.Keys(), where) {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b R) int { return ordered(position(a, sort.Field), position(b, sort.Field), sort) })
	return kept
}

func ordered(a, b crm.Position, sort crm.Sort) int {
	if sort.Desc {
		return compare(b, a)
	}
	return compare(a, b)
}

// page cuts a page out of records that are sorted already.
func page[R crm.Record](sorted []R, sort crm.Sort, req crm.PageRequest) crm.RecordPage {
	between := []crm.Record{}
	for _, r := range sorted {
		at := position(r, sort.Field)
		if req.After != nil && ordered(at, *req.After, sort) <= 0 {
			continue
		}
		if req.Before != nil && ordered(at, *req.Before, sort) >= 0 {
			continue
		}
		between = append(between, r)
	}
	if len(between) <= req.Limit {
		return crm.RecordPage{Items: between}
	}
	if req.Backward {
		return crm.RecordPage{Items: between[len(between)-req.Limit:], More: true}
	}
	return crm.RecordPage{Items: between[:req.Limit], More: true}
}

// having returns the records that have the id in one of the fields.
func having[R crm.Record](records []R, fields []crm.Field, id crm.ID) []R {
	kept := []R{}
	for _, r := range records {
		keys := r.Keys()
		if slices.ContainsFunc(fields, func(f crm.Field) bool { return slices.Contains(values(keys, f), string(id)) }) {
			kept = append(kept, r)
		}
	}
	return kept
}

// wantPage compares a page with the one wanted, by id.
func wantPage(t tester, what string, got, want crm.RecordPage) {
	t.Helper()
	wantSame(t, what+": ids", idsOf(got.Items), idsOf(want.Items))
	if got.More != want.More {
		t.Errorf("%s: More is %v, want %v", what, got.More, want.More)
	}
}

// remembered is a record whose keys were computed once: the comparisons of many
// pages ask for them again and again.
type remembered struct {
	crm.Record
	keys crm.Keys
}

// Keys returns what was computed.
func (r remembered) Keys() crm.Keys { return r.keys }

func remember[R crm.Record](records []R) []remembered {
	list := make([]remembered, len(records))
	for i, r := range records {
		list[i] = remembered{r, r.Keys()}
	}
	return list
}
