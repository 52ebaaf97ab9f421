package access_test

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/customer360/gateway/internal/crm"
)

// memory is a store in memory that counts calls. What it hands out is shared: a
// test sees if somebody changes it.
type memory struct {
	crm.Store
	calls   atomic.Int64
	records map[crm.Kind][]crm.Record
}

// world is what a memory holds.
type world struct {
	teams           []*crm.Team
	employees       []*crm.Employee
	partnerApps     []*crm.PartnerApp
	customers       []*crm.Customer
	products        []*crm.Product
	orders          []*crm.Order
	tickets         []*crm.Ticket
	articles        []*crm.Article
	interactions    []*crm.Interaction
	recommendations []*crm.Recommendation
	actions         []*crm.NextBestAction
}

func newMemory(w world) *memory {
	m := &memory{records: map[crm.Kind][]crm.Record{}}
	hold(m, w.teams)
	hold(m, w.employees)
	hold(m, w.partnerApps)
	hold(m, w.customers)
	hold(m, w.products)
	hold(m, w.orders)
	hold(m, w.tickets)
	hold(m, w.articles)
	hold(m, w.interactions)
	hold(m, w.recommendations)
	hold(m, w.actions)
	return m
}

func hold[T any, P crm.RecordOf[T]](m *memory, records []*T) {
	for _, r := range records {
		kind := P(nil).RecordKind()
		m.records[kind] = append(m.records[kind], P(r))
	}
}

func (m *memory) Facts(_ context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	m.calls.Add(1)
	facts := map[crm.ID]*crm.CustomerFacts{}
	for _, id := range ids {
		facts[id] = &crm.CustomerFacts{OpenTickets: 1}
	}
	return facts, nil
}

func (m *memory) ByID(_ context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	if len(crm.Describe(kind).Only(ids)) == 0 {
		return nil, nil // As real stores do: there is nothing to ask for.
	}
	m.calls.Add(1)
	return kept(slices.DeleteFunc(slices.Clone(m.records[kind]), func(r crm.Record) bool { return !slices.Contains(ids, r.RecordID()) }), want), nil
}

// kept are records with what is wanted of them.
func kept(list []crm.Record, want *crm.Members) []crm.Record {
	if want == nil {
		return list
	}
	some := make([]crm.Record, len(list))
	for i, r := range list {
		some[i] = crm.Keep(r, want)
	}
	return some
}

func (m *memory) matching(kind crm.Kind, where []crm.Predicate) []crm.Record {
	found := []crm.Record{}
	for _, r := range m.records[kind] {
		keys := r.Keys()
		if keys.Text == nil {
			keys.Text = map[crm.Field]string{}
		}
		keys.Text[crm.FieldID] = string(r.RecordID())
		if !slices.ContainsFunc(where, func(p crm.Predicate) bool { return !p.Holds(keys) }) {
			found = append(found, r)
		}
	}
	return found
}

// compare returns the order of two positions in a list.
func compare(a, b crm.Position, desc bool) int {
	c := cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	if desc {
		return -c
	}
	return c
}

func at(r crm.Record, field crm.Field) crm.Position {
	if p, ok := r.(crm.Positioned); ok && field != crm.FieldID {
		return p.Position(field)
	}
	return crm.Position{ID: r.RecordID()}
}

func cut(found []crm.Record, q crm.Query) crm.RecordPage {
	slices.SortFunc(found, func(a, b crm.Record) int { return compare(at(a, q.Sort.Field), at(b, q.Sort.Field), q.Sort.Desc) })
	found = slices.DeleteFunc(found, func(r crm.Record) bool {
		at := at(r, q.Sort.Field)
		return q.Page.After != nil && compare(at, *q.Page.After, q.Sort.Desc) <= 0 ||
			q.Page.Before != nil && compare(at, *q.Page.Before, q.Sort.Desc) >= 0
	})
	page := crm.RecordPage{Items: found, More: len(found) > q.Page.Limit}
	switch {
	case page.More && q.Page.Backward:
		page.Items = found[len(found)-q.Page.Limit:]
	case page.More:
		page.Items = found[:q.Page.Limit]
	}
	page.Items = kept(page.Items, q.Members)
	return page
}

func (m *memory) List(_ context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	m.calls.Add(1)
	return cut(m.matching(kind, q.Where), q), nil
}

func (m *memory) Count(_ context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	m.calls.Add(1)
	return len(m.matching(kind, where)), nil
}

func (m *memory) under(kind crm.Kind, fields []crm.Field, id crm.ID, where []crm.Predicate) []crm.Record {
	return slices.DeleteFunc(m.matching(kind, where), func(r crm.Record) bool {
		keys := r.Keys()
		return !slices.ContainsFunc(fields, func(f crm.Field) bool { return crm.Predicate{Field: f, In: []string{string(id)}}.Holds(keys) })
	})
}

func (m *memory) ListBy(
	_ context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	m.calls.Add(1)
	pages := map[crm.ID]crm.RecordPage{}
	for _, id := range ids {
		if page := cut(m.under(kind, fields, id, q.Where), q); len(page.Items) > 0 || page.More {
			pages[id] = page
		}
	}
	return pages, nil
}

func (m *memory) CountBy(
	_ context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	m.calls.Add(1)
	counts := map[crm.ID]int{}
	for _, id := range ids {
		if n := len(m.under(kind, fields, id, where)); n > 0 {
			counts[id] = n
		}
	}
	return counts, nil
}
