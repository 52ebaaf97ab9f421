package storetest

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func listBy(t tester, s crm.Store, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) map[crm.ID]crm.RecordPage {
	t.Helper()
	pages, err := s.ListBy(t.Context(), kind, fields, ids, q)
	if err != nil {
		t.Fatalf("ListBy %v of %d ids, %s: %v", fields, len(ids), show(q), err)
	}
	for id, page := range pages {
		if page.Items == nil {
			t.Errorf("ListBy %v, %s: Items of %s is nil", fields, show(q), id)
		}
	}
	return pages
}

func countBy(t tester, s crm.Store, kind crm.Kind, fields []crm.Field, ids []crm.ID, where ...crm.Predicate) map[crm.ID]int {
	t.Helper()
	counts, err := s.CountBy(t.Context(), kind, fields, ids, where)
	if err != nil {
		t.Fatalf("CountBy %v of %d ids: %v", fields, len(ids), err)
	}
	return counts
}

// wantBy compares ListBy and CountBy with what flat slices give for each id.
func wantBy[R crm.Record](t tester, s crm.Store, all []R, fields []crm.Field, ids []crm.ID, q crm.Query) {
	t.Helper()
	kind := all[0].RecordKind()
	pages := listBy(t, s, kind, fields, ids, q)
	counts := countBy(t, s, kind, fields, ids, q.Where...)
	wantPages, wantCounts := map[crm.ID]bool{}, map[crm.ID]int{}
	for _, id := range ids {
		kept := selected(having(all, fields, id), q.Where, q.Sort)
		if len(kept) > 0 {
			wantCounts[id] = len(kept)
		}
		want := page(kept, q.Sort, q.Page)
		if len(want.Items) > 0 {
			wantPages[id] = true
		}
		if len(want.Items) > 0 || want.More {
			wantPage(t, string(id)+" "+show(q), pages[id], want)
		}
	}
	wantSame(t, "counts, where "+show(q), counts, wantCounts)
	for id, page := range pages {
		if len(page.Items) > 0 && !wantPages[id] {
			t.Errorf("ListBy gives records for %s, which has none or was not asked for", id)
		}
	}
}

func listByRules() []rule {
	return []rule{
		{"ListBy gives the first n of 1, 10 and 100 ids", firstOfMany},
		{"ListBy leaves out ids without records, and foreign and malformed ones", listByLeavesOut},
		{"ListBy over customer and organization gives each order once", ordersOfOrganizations},
		{"ListBy over customer and requester gives each ticket once", ticketsOfRequesters},
		{"ListBy finds articles of tickets, members of organizations, entries of threads", listByElsewhere},
	}
}

func firstOfMany(t testing.TB, s crm.Store) {
	put(t, s, many(100, customer)...)
	all := many(1200, func(n int) *crm.Order {
		o := order(n)
		o.CustomerID = customerID(n % 100)
		o.PlacedAt = tied(n / 100)
		return o
	})
	put(t, s, all...)
	known := remember(all)
	for _, n := range []int{1, 10, 100} {
		ids := many100(n)
		for _, limit := range []int{0, 1, 5, 12, 50} {
			for _, backward := range []bool{false, true} {
				wantBy(t, s, known, []crm.Field{crm.FieldCustomer}, ids, crm.Query{
					Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: limit, Backward: backward},
				})
			}
		}
	}
}

func many100(n int) []crm.ID {
	ids := make([]crm.ID, n)
	for i := range ids {
		ids[i] = customerID(99 - i)
	}
	return ids
}

func listByLeavesOut(t testing.TB, s crm.Store) {
	customerParents(t, s)
	put(t, s, customer(7))
	put(t, s, order(1), order(2), order(6))
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt}, Page: crm.PageRequest{Limit: 5}}
	ids := []crm.ID{customerID(7), customerID(1), "nonsense", "", customerID(99), customerID(1), idOf(crm.KindTicket, 1), `{"$gt": ""}`}
	pages := listBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, ids, q)
	if page := pages[customerID(1)]; len(pages) != 1 || len(page.Items) != 2 || page.More {
		t.Errorf("ListBy has %d entries, for the one with records %d and More %v, want 1, 2 and false",
			len(pages), len(page.Items), page.More)
	}
	wantSame(t, "CountBy", countBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, ids), map[crm.ID]int{customerID(1): 2})
	if pages := listBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, nil, q); len(pages) != 0 {
		t.Errorf("ListBy of no ids has %d entries", len(pages))
	}
	if counts := countBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, nil); len(counts) != 0 {
		t.Errorf("CountBy of no ids has %d entries", len(counts))
	}
}

// shared makes orders of which some have the same customer and organization,
// some only one of them, and some neither.
func shared(n int) *crm.Order {
	o := order(n)
	o.CustomerID, o.OrganizationID = customerID(n%people), customerID(n/people%people)
	switch n % 11 {
	case 3:
		o.CustomerID = ""
	case 5:
		o.OrganizationID = ""
	case 7:
		o.CustomerID, o.OrganizationID = "", ""
	}
	if n%4 == 0 {
		o.Status = crm.OrderStatusCanceled
	}
	return o
}

func ordersOfOrganizations(t testing.TB, s crm.Store) {
	customerParents(t, s)
	all := many(120, shared)
	put(t, s, all...)
	by := [][]crm.Field{
		{crm.FieldCustomer, crm.FieldOrganization},
		{crm.FieldOrganization, crm.FieldCustomer},
		{crm.FieldCustomer},
		{crm.FieldOrganization},
	}
	compareBy(t, s, all, by, crm.FieldStatus, "CANCELED")
}

func ticketsOfRequesters(t testing.TB, s crm.Store) {
	customerParents(t, s)
	all := many(120, func(n int) *crm.Ticket {
		x := ticket(n)
		x.RequesterID = customerID(n / people % people)
		if n%11 == 3 {
			x.CustomerID = ""
		}
		if n%4 == 0 {
			x.Status = crm.TicketStatusClosed
		}
		return x
	})
	put(t, s, all...)
	by := [][]crm.Field{{crm.FieldCustomer, crm.FieldRequester}, {crm.FieldCustomer}, {crm.FieldRequester}}
	compareBy(t, s, all, by, crm.FieldStatus, "CLOSED")
}

// compareBy compares ListBy with flat slices for any fields, ids, filter, order
// and bounds.
func compareBy[R crm.Record](t testing.TB, s crm.Store, records []R, by [][]crm.Field, field crm.Field, value string) {
	t.Helper()
	all, sorts := remember(records), of(records[0].RecordKind()).sorts()
	property(t, func(t *rapid.T) {
		fields := rapid.SampledFrom(by).Draw(t, "fields")
		ids := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, people), customerID), 0, 8).Draw(t, "ids")
		q := crm.Query{Sort: crm.Sort{Field: rapid.SampledFrom(sorts).Draw(t, "field"), Desc: rapid.Bool().Draw(t, "desc")}}
		if rapid.Bool().Draw(t, "filtered") {
			q.Where = []crm.Predicate{{Field: field, In: []string{value}}}
		}
		q.Page = drawPage(t, all, q.Sort)
		wantBy(t, s, all, fields, ids, q)
	})
}

func listByElsewhere(t testing.TB, s crm.Store) {
	ticketParents(t, s)
	notes := many(40, article)
	put(t, s, notes...)
	wantBy(t, s, notes, []crm.Field{crm.FieldTicket}, articlesOf(), crm.Query{
		Sort: crm.Sort{Field: crm.FieldCreatedAt}, Page: crm.PageRequest{Limit: 3},
	})
	members := many(30, func(n int) *crm.Customer {
		c := customer(100 + n)
		for i := range n % 4 {
			c.Memberships = append(c.Memberships, &crm.Membership{OrganizationID: customerID(i), Role: crm.MembershipRoleBuyer})
		}
		return c
	})
	put(t, s, members...)
	wantBy(t, s, members, []crm.Field{crm.FieldOrganization}, many100(100), crm.Query{
		Sort: crm.Sort{Field: crm.FieldName}, Page: crm.PageRequest{Limit: 4, Backward: true},
	})
	calls := many(30, func(n int) *crm.Interaction {
		x := interaction(n)
		x.ThreadID = ptr("thread-" + strconv.Itoa(n%3))
		return x
	})
	put(t, s, calls...)
	wantBy(t, s, calls, []crm.Field{crm.FieldCustomer}, many100(100), crm.Query{
		Where: []crm.Predicate{{Field: crm.FieldThread, In: []string{"thread-1"}}},
		Sort:  crm.Sort{Field: crm.FieldOccurredAt, Desc: true}, Page: crm.PageRequest{Limit: 2},
	})
}

func articlesOf() []crm.ID {
	ids := make([]crm.ID, people+1)
	for n := range ids {
		ids[n] = idOf(crm.KindTicket, n)
	}
	return ids
}

func listByBoundRules() []rule {
	return []rule{{"ListBy pages a customer's recommendations and next best actions by rank", ranksPage}}
}

func ranksPage(t testing.TB, s crm.Store) {
	customerParents(t, s)
	wanted := many(60, func(n int) *crm.Recommendation {
		r := smallOf[*crm.Recommendation](n)
		r.Kind = crm.RecommendationKindCrossSell
		return r
	})
	put(t, s, wanted...)
	actions := many(60, smallOf[*crm.NextBestAction])
	put(t, s, actions...)
	by := [][]crm.Field{{crm.FieldCustomer}}
	compareBy(t, s, wanted, by, crm.FieldKind, "CROSS_SELL")
	compareBy(t, s, actions, by, crm.FieldStatus, "OPEN")
}
