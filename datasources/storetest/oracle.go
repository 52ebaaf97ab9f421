package storetest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// position gives a record's place in a list sorted by field.
func position(id crm.ID, keys crm.Keys, field crm.Field) crm.Position {
	return crm.Position{
		Time: keys.Time[field].UTC().Truncate(time.Millisecond), Text: keys.Text[field], Number: keys.Number[field], ID: id,
	}
}

// compare orders two places. Of time, text and number only one is ever set.
func compare(a, b crm.Position) int {
	return cmp.Or(
		a.Time.Compare(b.Time), strings.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number),
		strings.Compare(string(a.ID), string(b.ID)),
	)
}

// values gives everything that a field of text holds.
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

// selected gives the records that fulfil where, in the sort's order.
func selected[T any](k kind[T], records []*T, where []crm.Predicate, sort crm.Sort) []*T {
	kept := []*T{}
	for _, r := range records {
		if fulfilsAll(k.keys(r), where) {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b *T) int { return ordered(k.position(a, sort), k.position(b, sort), sort) })
	return kept
}

func (k kind[T]) position(r *T, sort crm.Sort) crm.Position {
	return position(k.id(r), k.keys(r), sort.Field)
}

func ordered(a, b crm.Position, sort crm.Sort) int {
	if sort.Desc {
		return compare(b, a)
	}
	return compare(a, b)
}

// page cuts a page out of records that are sorted already.
func page[T any](k kind[T], sorted []*T, sort crm.Sort, req crm.PageRequest) crm.Page[T] {
	between := []*T{}
	for _, r := range sorted {
		at := k.position(r, sort)
		if req.After != nil && ordered(at, *req.After, sort) <= 0 {
			continue
		}
		if req.Before != nil && ordered(at, *req.Before, sort) >= 0 {
			continue
		}
		between = append(between, r)
	}
	if len(between) <= req.Limit {
		return crm.Page[T]{Items: between}
	}
	if req.Backward {
		return crm.Page[T]{Items: between[len(between)-req.Limit:], More: true}
	}
	return crm.Page[T]{Items: between[:req.Limit], More: true}
}

// having gives the records that have the id in one of the fields.
func having[T any](k kind[T], records []*T, fields []crm.Field, id crm.ID) []*T {
	kept := []*T{}
	for _, r := range records {
		keys := k.keys(r)
		if slices.ContainsFunc(fields, func(f crm.Field) bool { return slices.Contains(values(keys, f), string(id)) }) {
			kept = append(kept, r)
		}
	}
	return kept
}

// wantPage compares a page with the one wanted, by id.
func wantPage[T any](t tester, k kind[T], what string, got, want crm.Page[T]) {
	t.Helper()
	wantSame(t, what+": ids", k.ids(got.Items), k.ids(want.Items))
	if got.More != want.More {
		t.Errorf("%s: More is %v, want %v", what, got.More, want.More)
	}
}

// remembering is the kind with the keys of each record computed once: the
// comparisons of many pages ask for them again and again.
func (k kind[T]) remembering() kind[T] {
	known, compute := map[*T]crm.Keys{}, k.keys
	k.keys = func(r *T) crm.Keys {
		keys, ok := known[r]
		if !ok {
			keys = compute(r)
			known[r] = keys
		}
		return keys
	}
	return k
}
