package storetest_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

// flaws are what a store may get wrong; the suite must notice each.
type flaws struct {
	noTieBreak, inclusiveAfter, inclusiveRange, anyPrefix, foldsCase, firstPredicateOnly, neverMore,
	limitForAll, twicePerID, emptyEntries, staleKeys, staleTimeline, lastWriteWins, sharedIdentity,
	orphans, allOrNothing, sharedMemory, deafToCancel, addsCurrencies, countsTwice,
	migrateEmpties, seconds, failsOnRepeats, anyID, orphansFirst, nilItems,
	setsAnyway, foldsNames, alwaysFirst, remembersForEver, neverForgets,
	sharedSecret, anyKey, hidesRevoked, hidesExpired, revokesAgain, revokesNone, touchesBack, unsortedKeys, lentKeys bool
}

// memory is the plainest crm.Store there is: maps, and lists sorted anew for
// each question.
type memory struct {
	mu              sync.RWMutex
	flaws           flaws
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
	nextBestActions *table[crm.NextBestAction]
	timeline        *table[crm.TimelineRecord]
	checkpoints     *shared
	apiKeys         *keyring
}

func newMemory(f flaws) *memory {
	m := &memory{flaws: f, checkpoints: newShared(f), apiKeys: &keyring{flaws: f}}
	customer := func(id crm.ID) bool { return id == "" || m.customers.rows[id] != nil }
	m.timeline = newTable(m, "", func(r *crm.TimelineRecord) crm.ID { return r.ID })
	m.teams = newTable(m, crm.KindTeam, func(r *crm.Team) crm.ID { return r.ID })
	m.employees = newTable(m, crm.KindEmployee, func(r *crm.Employee) crm.ID { return r.ID })
	m.partnerApps = newTable(m, crm.KindPartnerApp, func(r *crm.PartnerApp) crm.ID { return r.ID })
	m.products = newTable(m, crm.KindProduct, func(r *crm.Product) crm.ID { return r.ID })
	m.customers = newTable(m, crm.KindCustomer, func(r *crm.Customer) crm.ID { return r.ID })
	m.customers.version = func(r *crm.Customer) int { return r.Version }
	m.orders = newTable(m, crm.KindOrder, func(r *crm.Order) crm.ID { return r.ID })
	m.orders.parents = func(r *crm.Order) bool { return customer(r.CustomerID) && customer(r.OrganizationID) }
	m.tickets = newTable(m, crm.KindTicket, func(r *crm.Ticket) crm.ID { return r.ID })
	m.tickets.version = func(r *crm.Ticket) int { return r.Version }
	m.tickets.parents = func(r *crm.Ticket) bool { return customer(r.CustomerID) && customer(r.RequesterID) }
	m.articles = newTable(m, crm.KindArticle, func(r *crm.Article) crm.ID { return r.ID })
	m.articles.parents = func(r *crm.Article) bool { return m.tickets.rows[r.TicketID] != nil }
	m.interactions = newTable(m, crm.KindInteraction, func(r *crm.Interaction) crm.ID { return r.ID })
	m.interactions.parents = func(r *crm.Interaction) bool { return customer(r.CustomerID) }
	m.recommendations = newTable(m, crm.KindRecommendation, func(r *crm.Recommendation) crm.ID { return r.ID })
	m.recommendations.parents = func(r *crm.Recommendation) bool { return customer(r.CustomerID) }
	m.nextBestActions = newTable(m, crm.KindNextBestAction, func(r *crm.NextBestAction) crm.ID { return r.ID })
	m.nextBestActions.parents = func(r *crm.NextBestAction) bool { return customer(r.CustomerID) }
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
func (m *memory) NextBestActions() crm.Records[crm.NextBestAction] { return m.nextBestActions }
func (m *memory) Timeline() crm.Reader[crm.TimelineRecord]         { return m.timeline }
func (m *memory) Checkpoints() crm.Checkpoints                     { return m.checkpoints }
func (m *memory) APIKeys() crm.APIKeys                             { return m.apiKeys }
func (m *memory) Ping(ctx context.Context) error                   { return m.canceled(ctx) }
func (m *memory) Close(context.Context) error                      { return nil }

func (m *memory) Migrate(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.flaws.migrateEmpties {
		clear(m.orders.rows)
	}
	return nil
}

func (m *memory) canceled(ctx context.Context) error {
	if m.flaws.deafToCancel {
		return nil
	}
	return ctx.Err()
}

func (m *memory) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	facts := map[crm.ID]*crm.CustomerFacts{}
	for _, id := range ids {
		f := &crm.CustomerFacts{}
		for _, r := range m.orders.having([]crm.Field{crm.FieldCustomer, crm.FieldOrganization}, id) {
			if r.record.Status != crm.OrderStatusCanceled {
				m.addOrder(f, r.record)
			}
		}
		for _, r := range m.tickets.having([]crm.Field{crm.FieldCustomer, crm.FieldRequester}, id) {
			if r.record.Status.Open() {
				f.OpenTickets++
			}
			if r.record.Satisfaction != nil {
				f.Ratings++
				f.RatingSum += r.record.Satisfaction.Score
			}
		}
		for _, r := range m.interactions.having([]crm.Field{crm.FieldCustomer}, id) {
			if at := r.record.OccurredAt; f.LastContactAt == nil || at.After(*f.LastContactAt) {
				f.LastContactAt = &at
			}
		}
		facts[id] = f
	}
	return facts, m.canceled(ctx)
}

func (m *memory) addOrder(f *crm.CustomerFacts, o *crm.Order) {
	i := slices.IndexFunc(f.Orders, func(x crm.OrderFacts) bool {
		return m.flaws.addsCurrencies || x.CurrencyCode == o.Total().CurrencyCode
	})
	if i < 0 {
		i = len(f.Orders)
		f.Orders = append(f.Orders, crm.OrderFacts{CurrencyCode: o.Total().CurrencyCode, First: o.PlacedAt, Last: o.PlacedAt})
	}
	sum := &f.Orders[i]
	sum.Count++
	sum.Gross += o.Total().Minor
	sum.Net += o.NetTotal().Minor
	if o.PlacedAt.Before(sum.First) {
		sum.First = o.PlacedAt
	}
	if o.PlacedAt.After(sum.Last) {
		sum.Last = o.PlacedAt
	}
}

// row is a record with the keys that it is found by.
type row[T any] struct {
	id     crm.ID
	keys   crm.Keys
	record *T
}

type table[T any] struct {
	*memory
	kind    crm.Kind
	id      func(*T) crm.ID
	version func(*T) int
	parents func(*T) bool
	rows    map[crm.ID]*row[T]
}

func newTable[T any](m *memory, kind crm.Kind, id func(*T) crm.ID) *table[T] {
	return &table[T]{
		memory: m, kind: kind, id: id, rows: map[crm.ID]*row[T]{},
		version: func(*T) int { return 1 }, parents: func(*T) bool { return true },
	}
}

func (x *table[T]) out(r *row[T]) *T {
	if x.flaws.sharedMemory {
		return r.record
	}
	return storetest.Settled(r.record)
}

func (x *table[T]) ByID(ctx context.Context, ids []crm.ID) (map[crm.ID]*T, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found := map[crm.ID]*T{}
	for _, id := range ids {
		if found[id] != nil && x.flaws.failsOnRepeats {
			return nil, crm.Invalid("repeats")
		}
		if r := x.rows[id]; r != nil {
			found[id] = x.out(r)
		}
	}
	return found, x.canceled(ctx)
}

func (x *table[T]) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.where(slices.Collect(maps.Values(x.rows)), where)), x.canceled(ctx)
}

func (x *table[T]) List(ctx context.Context, q crm.Query) (crm.Page[T], error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.page(slices.Collect(maps.Values(x.rows)), q), x.canceled(ctx)
}

func (x *table[T]) ListBy(ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[T], error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	pages := map[crm.ID]crm.Page[T]{}
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
	return pages, x.canceled(ctx)
}

func (x *table[T]) CountBy(ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	counts := map[crm.ID]int{}
	for _, id := range ids {
		if n := len(x.where(x.having(fields, id), where)); n > 0 {
			counts[id] = n
		}
	}
	return counts, x.canceled(ctx)
}

func (x *table[T]) having(fields []crm.Field, id crm.ID) []*row[T] {
	kept := []*row[T]{}
	for _, r := range x.rows {
		n := 0
		for _, f := range fields {
			if id != "" && (r.keys.Text[f] == string(id) || slices.Contains(r.keys.Many[f], string(id))) {
				n++
			}
		}
		if n > 0 {
			kept = append(kept, r)
		}
		if n > 1 && (x.flaws.twicePerID && x.kind != crm.KindTicket || x.flaws.countsTwice && x.kind == crm.KindTicket) {
			kept = append(kept, r)
		}
	}
	return kept
}

func (x *table[T]) where(rows []*row[T], where []crm.Predicate) []*row[T] {
	if x.flaws.firstPredicateOnly && len(where) > 1 {
		where = where[:1]
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r *row[T]) bool {
		return slices.ContainsFunc(where, func(p crm.Predicate) bool { return !x.holds(r.keys, p) })
	})
}

func (x *table[T]) holds(keys crm.Keys, p crm.Predicate) bool {
	if p.After != nil || p.Before != nil {
		at := keys.Time[p.Field].UnixMilli()
		if x.flaws.inclusiveRange && p.Before != nil && at == p.Before.UnixMilli() {
			return true
		}
		return (p.After == nil || at > p.After.UnixMilli()) && (p.Before == nil || at < p.Before.UnixMilli())
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
func (x *table[T]) place(a crm.Position, b *row[T], s crm.Sort) int {
	c := cmp.Or(
		cmp.Compare(a.Time.UnixMilli(), b.keys.Time[s.Field].UnixMilli()),
		strings.Compare(a.Text, b.keys.Text[s.Field]), cmp.Compare(a.Number, b.keys.Number[s.Field]),
	)
	if !x.flaws.noTieBreak || s.Field == crm.FieldID {
		c = cmp.Or(c, strings.Compare(string(a.ID), string(b.id)))
	}
	if s.Desc {
		return -c
	}
	return c
}

func (x *table[T]) page(rows []*row[T], q crm.Query) crm.Page[T] {
	rows = x.where(rows, q.Where)
	slices.SortFunc(rows, func(a, b *row[T]) int {
		f := q.Sort.Field
		return x.place(crm.Position{Time: a.keys.Time[f], Text: a.keys.Text[f], Number: a.keys.Number[f], ID: a.id}, b, q.Sort)
	})
	rows = slices.DeleteFunc(rows, func(r *row[T]) bool {
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
	page := crm.Page[T]{Items: []*T{}, More: more && !x.flaws.neverMore}
	if x.flaws.nilItems && len(rows) == 0 {
		page.Items = nil
	}
	for _, r := range rows {
		page.Items = append(page.Items, x.out(r))
	}
	return page
}
