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
	calls           atomic.Int64
	teams           *table[crm.Team]
	employees       *table[crm.Employee]
	partnerApps     *table[crm.PartnerApp]
	customers       *table[crm.Customer]
	products        *table[crm.Product]
	orders          *table[crm.Order]
	tickets         *table[crm.Ticket]
	articles        *table[crm.Article]
	interactions    *table[crm.Interaction]
	recommendations *table[crm.Recommendation]
	actions         *table[crm.NextBestAction]
	timeline        *table[crm.TimelineRecord]
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
	m := &memory{}
	m.teams = newTable(m, crm.KindTeam, w.teams, func(t *crm.Team) crm.ID { return t.ID })
	m.employees = newTable(m, crm.KindEmployee, w.employees, func(e *crm.Employee) crm.ID { return e.ID })
	m.partnerApps = newTable(m, crm.KindPartnerApp, w.partnerApps, func(a *crm.PartnerApp) crm.ID { return a.ID })
	m.customers = newTable(m, crm.KindCustomer, w.customers, func(c *crm.Customer) crm.ID { return c.ID })
	m.products = newTable(m, crm.KindProduct, w.products, func(p *crm.Product) crm.ID { return p.ID })
	m.orders = newTable(m, crm.KindOrder, w.orders, func(o *crm.Order) crm.ID { return o.ID })
	m.tickets = newTable(m, crm.KindTicket, w.tickets, func(t *crm.Ticket) crm.ID { return t.ID })
	m.articles = newTable(m, crm.KindArticle, w.articles, func(a *crm.Article) crm.ID { return a.ID })
	m.interactions = newTable(m, crm.KindInteraction, w.interactions, func(i *crm.Interaction) crm.ID { return i.ID })
	m.recommendations = newTable(m, crm.KindRecommendation, w.recommendations, func(r *crm.Recommendation) crm.ID { return r.ID })
	m.actions = newTable(m, crm.KindNextBestAction, w.actions, func(n *crm.NextBestAction) crm.ID { return n.ID })
	m.timeline = newTable(m, "", nil, func(r *crm.TimelineRecord) crm.ID { return r.ID })
	return m
}

func (m *memory) Teams() crm.Records[crm.Team]                     { return m.teams }
func (m *memory) Employees() crm.Records[crm.Employee]             { return m.employees }
func (m *memory) PartnerApps() crm.Records[crm.PartnerApp]         { return m.partnerApps }
func (m *memory) Customers() crm.Records[crm.Customer]             { return m.customers }
func (m *memory) Products() crm.Records[crm.Product]               { return m.products }
func (m *memory) Orders() crm.Records[crm.Order]                   { return m.orders }
func (m *memory) Tickets() crm.Records[crm.Ticket]                 { return m.tickets }
func (m *memory) Articles() crm.Records[crm.Article]               { return m.articles }
func (m *memory) Interactions() crm.Records[crm.Interaction]       { return m.interactions }
func (m *memory) Recommendations() crm.Records[crm.Recommendation] { return m.recommendations }
func (m *memory) NextBestActions() crm.Records[crm.NextBestAction] { return m.actions }
func (m *memory) Timeline() crm.Reader[crm.TimelineRecord]         { return m.timeline }

func (m *memory) Facts(_ context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	m.calls.Add(1)
	facts := map[crm.ID]*crm.CustomerFacts{}
	for _, id := range ids {
		facts[id] = &crm.CustomerFacts{OpenTickets: 1}
	}
	return facts, nil
}

// table is one kind of record in memory, as crm.Reader says.
type table[T any] struct {
	crm.Writer[T]
	of      *memory
	kind    crm.Kind
	records []*T
	id      func(*T) crm.ID
}

func newTable[T any](of *memory, kind crm.Kind, records []*T, id func(*T) crm.ID) *table[T] {
	return &table[T]{of: of, kind: kind, records: records, id: id}
}

func (t *table[T]) ByID(_ context.Context, ids []crm.ID) (map[crm.ID]*T, error) {
	if len(crm.Only(t.kind, ids)) == 0 {
		return map[crm.ID]*T{}, nil // As real stores do: there is nothing to ask for.
	}
	t.of.calls.Add(1)
	found := map[crm.ID]*T{}
	for _, r := range t.records {
		if slices.Contains(ids, t.id(r)) {
			found[t.id(r)] = r
		}
	}
	return found, nil
}

func keysOf(record any) crm.Keys {
	if k, ok := record.(interface{ Keys() crm.Keys }); ok {
		return k.Keys()
	}
	return crm.Keys{}
}

func (t *table[T]) matching(where []crm.Predicate) []*T {
	found := []*T{}
	for _, r := range t.records {
		keys := keysOf(r)
		if keys.Text == nil {
			keys.Text = map[crm.Field]string{}
		}
		keys.Text[crm.FieldID] = string(t.id(r))
		if !slices.ContainsFunc(where, func(p crm.Predicate) bool { return !p.Holds(keys) }) {
			found = append(found, r)
		}
	}
	return found
}

// compare gives the order of two positions in a list.
func compare(a, b crm.Position, desc bool) int {
	c := cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	if desc {
		return -c
	}
	return c
}

func (t *table[T]) at(r *T, field crm.Field) crm.Position {
	if p, ok := any(r).(crm.Positioned); ok && field != crm.FieldID {
		return p.Position(field)
	}
	return crm.Position{ID: t.id(r)}
}

func (t *table[T]) cut(found []*T, q crm.Query) crm.Page[T] {
	slices.SortFunc(found, func(a, b *T) int { return compare(t.at(a, q.Sort.Field), t.at(b, q.Sort.Field), q.Sort.Desc) })
	found = slices.DeleteFunc(found, func(r *T) bool {
		at := t.at(r, q.Sort.Field)
		return q.Page.After != nil && compare(at, *q.Page.After, q.Sort.Desc) <= 0 ||
			q.Page.Before != nil && compare(at, *q.Page.Before, q.Sort.Desc) >= 0
	})
	page := crm.Page[T]{Items: found, More: len(found) > q.Page.Limit}
	switch {
	case page.More && q.Page.Backward:
		page.Items = found[len(found)-q.Page.Limit:]
	case page.More:
		page.Items = found[:q.Page.Limit]
	}
	return page
}

func (t *table[T]) List(_ context.Context, q crm.Query) (crm.Page[T], error) {
	t.of.calls.Add(1)
	return t.cut(t.matching(q.Where), q), nil
}

func (t *table[T]) Count(_ context.Context, where []crm.Predicate) (int, error) {
	t.of.calls.Add(1)
	return len(t.matching(where)), nil
}

func (t *table[T]) under(fields []crm.Field, id crm.ID, where []crm.Predicate) []*T {
	return slices.DeleteFunc(t.matching(where), func(r *T) bool {
		keys := keysOf(r)
		return !slices.ContainsFunc(fields, func(f crm.Field) bool { return crm.Predicate{Field: f, In: []string{string(id)}}.Holds(keys) })
	})
}

func (t *table[T]) ListBy(_ context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[T], error) {
	t.of.calls.Add(1)
	pages := map[crm.ID]crm.Page[T]{}
	for _, id := range ids {
		if page := t.cut(t.under(fields, id, q.Where), q); len(page.Items) > 0 || page.More {
			pages[id] = page
		}
	}
	return pages, nil
}

func (t *table[T]) CountBy(_ context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	t.of.calls.Add(1)
	counts := map[crm.ID]int{}
	for _, id := range ids {
		if n := len(t.under(fields, id, where)); n > 0 {
			counts[id] = n
		}
	}
	return counts, nil
}
