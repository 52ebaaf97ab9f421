package storetest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func timelineRules() []rule {
	return []rule{
		{"the timeline holds what customers, orders, tickets and interactions derive", timelineIsDerived},
		{"what is of no customer stands in no timeline", nobodyHasNoTimeline},
		{"an update replaces a record's timeline entries", timelineIsReplaced},
		{"the timeline pages through ties, filtered by several kinds, like a sorted slice", timelinePages},
		{"timeline entries are found by id", timelineByID},
	}
}

// told makes one record of each kind that a timeline is derived from.
type told struct {
	customer    *crm.Customer
	order       *crm.Order
	ticket      *crm.Ticket
	interaction *crm.Interaction
}

func (x *told) records() []*crm.TimelineRecord {
	all := x.customer.TimelineRecords()
	all = append(all, x.order.TimelineRecords()...)
	all = append(all, x.ticket.TimelineRecords()...)
	return append(all, x.interaction.TimelineRecords()...)
}

// tell makes the nth story, around customer n and organization organization.
// Everything in it happens within a few milliseconds.
func tell(n int, organization crm.ID) *told {
	at := func(ms int) time.Time { return epoch().Add(time.Duration(n/3+ms) * time.Millisecond) }
	c := customer(n)
	web := crm.ChannelWeb
	c.Consents = []*crm.Consent{{
		Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusGranted, LawfulBasis: crm.LawfulBasisConsent,
		History: []*crm.ConsentChange{
			{ID: fmt.Sprintf("%s/consent/1", c.ID), OccurredAt: at(0), Purpose: crm.ConsentPurposeMarketing, Channel: &web, Status: crm.ConsentStatusPending, Source: ptr("form"), ActorRef: crm.ActorRef{ID: c.ID}},
			{ID: fmt.Sprintf("%s/consent/2", c.ID), OccurredAt: at(1), Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusGranted, ActorRef: crm.ActorRef{System: "mailer"}},
		},
	}}
	c.Changes = []crm.ProfileChange{
		{ID: fmt.Sprintf("%s/change/1", c.ID), OccurredAt: at(1), ActorRef: crm.ActorRef{System: "import"}, Fields: []string{"emails", "tags"}},
		{ID: fmt.Sprintf("%s/change/2", c.ID), OccurredAt: at(2)},
	}
	o := order(n)
	o.CustomerID, o.OrganizationID, o.PlacedAt = c.ID, organization, at(0)
	o.Payments = []crm.Payment{{Method: "card", Status: crm.PaymentStatusCaptured, Amount: o.Total(), OccurredAt: at(0)}}
	o.Shipments = []*crm.Shipment{{ShippedAt: ptr(at(1)), DeliveredAt: ptr(at(2))}}
	x := ticket(n)
	x.CustomerID, x.RequesterID, x.CreatedAt = organization, c.ID, at(1)
	x.FirstResponseAt, x.ResolvedAt = ptr(at(1)), ptr(at(2))
	i := interaction(n)
	i.CustomerID, i.OccurredAt = c.ID, at(1)
	return &told{c, o, x, i}
}

// stories writes n of them, three people to an organization, and gives all their entries.
func stories(t testing.TB, s crm.Store, n int) []*crm.TimelineRecord {
	t.Helper()
	all := []*crm.TimelineRecord{}
	put(t, s, many(4, func(n int) *crm.Customer { return customer(900 + n) })...)
	for i := range n {
		x := tell(i, customerID(900+i/3%4))
		put(t, s, x.customer)
		put(t, s, x.order)
		put(t, s, x.ticket)
		put(t, s, x.interaction)
		all = append(all, x.records()...)
	}
	return all
}

func newestEntries(limit int) crm.Query {
	return crm.Query{Sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true}, Page: crm.PageRequest{Limit: limit}}
}

// wantTimeline compares the whole timelines of customers with the entries wanted.
func wantTimeline(t tester, s crm.Store, all []*crm.TimelineRecord, ids ...crm.ID) {
	t.Helper()
	by := []crm.Field{crm.FieldCustomer}
	q := newestEntries(1000)
	pages := listBy(t, s, crm.KindTimeline, by, ids, q)
	for _, id := range ids {
		want := []crm.Record{}
		for _, r := range selected(having(all, by, id), nil, q.Sort) {
			want = append(want, settled(r))
		}
		got := append([]crm.Record{}, pages[id].Items...)
		wantSame(t, "timeline of "+string(id), got, want)
	}
}

func timelineIsDerived(t testing.TB, s crm.Store) {
	all := stories(t, s, 4)
	wantTimeline(t, s, all, customerID(0), customerID(1), customerID(3), customerID(900), customerID(901), customerID(77))
	if n := count(t, s, crm.KindTimeline); n != len(all) {
		t.Errorf("the timeline has %d entries, want %d", n, len(all))
	}
}

func nobodyHasNoTimeline(t testing.TB, s crm.Store) {
	o, x, i := order(1), ticket(1), interaction(1)
	o.CustomerID, o.OrganizationID, x.CustomerID, x.RequesterID, i.CustomerID = "", "", "", "", ""
	put(t, s, o)
	put(t, s, x)
	put(t, s, i)
	if n := count(t, s, crm.KindTimeline); n != 0 {
		t.Errorf("the timeline has %d entries, want none", n)
	}
}

func timelineIsReplaced(t testing.TB, s crm.Store) {
	stories(t, s, 3)
	x := tell(1, customerID(901))
	x.customer.Version, x.customer.Changes = 2, x.customer.Changes[1:]
	x.customer.Consents[0].History[0].OccurredAt = epoch().Add(time.Hour)
	x.order.Shipments = nil
	x.order.CustomerID = customerID(2)
	x.ticket.Version, x.ticket.ResolvedAt = 2, nil
	x.interaction.OccurredAt = epoch().Add(2 * time.Hour)
	replace(t, s, x.customer, 1)
	replace(t, s, x.order, 1)
	replace(t, s, x.ticket, 1)
	replace(t, s, x.interaction, 1)
	all := append(tell(0, customerID(900)).records(), tell(2, customerID(900)).records()...)
	all = append(all, x.records()...)
	wantTimeline(t, s, all, customerID(0), customerID(1), customerID(2), customerID(900), customerID(901))
	if outcomes := write(t, s, crm.Change{Record: tell(1, "").customer, Expect: 1}); outcomes[0] == nil {
		t.Fatalf("a stale write was stored")
	}
	wantTimeline(t, s, all, customerID(1))
}

func timelinePages(t testing.TB, s crm.Store) {
	all := remember(stories(t, s, 24))
	ids := []crm.ID{customerID(0), customerID(5), customerID(23), customerID(900), customerID(903), customerID(77)}
	by := []crm.Field{crm.FieldCustomer}
	kinds := []string{"ORDER_PLACED", "ORDER_PAID", "TICKET_OPENED", "TICKET_ANSWERED", "INTERACTION", "CONSENT_CHANGED", "PROFILE_CHANGED", "NONE"}
	property(t, func(t *rapid.T) {
		q := newestEntries(0)
		q.Sort.Desc = rapid.Bool().Draw(t, "desc")
		if rapid.Bool().Draw(t, "filtered") {
			in := rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 1, 4, rapid.ID[string]).Draw(t, "kinds")
			q.Where = []crm.Predicate{{Field: crm.FieldKind, In: in}}
		}
		q.Page = drawPage(t, all, q.Sort)
		pages := listBy(t, s, crm.KindTimeline, by, ids, q)
		counts := countBy(t, s, crm.KindTimeline, by, ids, q.Where...)
		for _, id := range ids {
			kept := selected(having(all, by, id), q.Where, q.Sort)
			wantPage(t, string(id)+" "+show(q), pages[id], page(kept, q.Sort, q.Page))
			if counts[id] != len(kept) {
				t.Errorf("CountBy of %s is %d, want %d", id, counts[id], len(kept))
			}
		}
	})
	where := []crm.Predicate{{Field: crm.FieldCustomer, In: []string{string(customerID(900))}}}
	for _, desc := range []bool{false, true} {
		sort := crm.Sort{Field: crm.FieldOccurredAt, Desc: desc}
		walk(t, s, crm.Query{Where: where, Sort: sort}, selected(all, where, sort))
	}
}

func timelineByID(t testing.TB, s crm.Store) {
	all := stories(t, s, 2)
	ids := append(idsOf(all), "nothing", "")
	found := byID(t, s, crm.KindTimeline, ids...)
	if len(found) != len(all) {
		t.Errorf("ByID finds %d of %d entries", len(found), len(all))
	}
	for _, want := range all {
		wantSame(t, "entry "+string(want.ID), found[want.ID], crm.Record(settled(want)))
	}
}
