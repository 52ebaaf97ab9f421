package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func factsRules() []rule {
	return []rule{
		{"facts are those counted one by one", factsLikeASlice},
		{"facts have an entry for every id, known or not", factsOfNobody},
		{"facts add up beyond 32 bits and below zero", factsOfMillions},
	}
}

// history is everything that facts are drawn from.
type history struct {
	orders       []*crm.Order
	tickets      []*crm.Ticket
	interactions []*crm.Interaction
}

func (h *history) facts(id crm.ID) *crm.CustomerFacts {
	f := &crm.CustomerFacts{}
	totals := map[string]*crm.OrderFacts{}
	for _, o := range h.orders {
		if o.Status == crm.OrderStatusCanceled || (o.CustomerID != id && o.OrganizationID != id) {
			continue
		}
		code := o.Price.Total.CurrencyCode
		if totals[code] == nil {
			totals[code] = &crm.OrderFacts{CurrencyCode: code, First: o.PlacedAt, Last: o.PlacedAt}
		}
		sum := totals[code]
		sum.Count++
		sum.Gross += o.Price.Total.Minor
		sum.Net += o.Price.Total.Minor
		for _, r := range o.Refunds {
			sum.Net -= r.Amount.Minor
		}
		if o.PlacedAt.Before(sum.First) {
			sum.First = o.PlacedAt
		}
		if o.PlacedAt.After(sum.Last) {
			sum.Last = o.PlacedAt
		}
	}
	for _, sum := range totals {
		f.Orders = append(f.Orders, *sum)
	}
	for _, x := range h.tickets {
		if x.CustomerID != id && x.RequesterID != id {
			continue
		}
		switch x.Status {
		case crm.TicketStatusNew, crm.TicketStatusOpen, crm.TicketStatusPendingCustomer, crm.TicketStatusPendingThirdParty:
			f.OpenTickets++
		case crm.TicketStatusResolved, crm.TicketStatusClosed, crm.TicketStatusMerged:
		}
		if x.Satisfaction != nil {
			f.Ratings++
			f.RatingSum += x.Satisfaction.Score
		}
	}
	for _, x := range h.interactions {
		if x.CustomerID == id && (f.LastContactAt == nil || x.OccurredAt.After(*f.LastContactAt)) {
			f.LastContactAt = &x.OccurredAt
		}
	}
	return byCurrency(f)
}

// byCurrency sorts what comes in no particular order.
func byCurrency(f *crm.CustomerFacts) *crm.CustomerFacts {
	f = settled(f)
	slices.SortFunc(f.Orders, func(a, b crm.OrderFacts) int { return strings.Compare(a.CurrencyCode, b.CurrencyCode) })
	return f
}

func wantFacts(t tester, s crm.Store, h *history, ids ...crm.ID) {
	t.Helper()
	facts, err := s.Facts(t.Context(), ids)
	if err != nil {
		t.Fatalf("Facts of %d ids: %v", len(ids), err)
	}
	for _, id := range ids {
		if facts[id] == nil {
			t.Errorf("Facts: %s has no entry", id)
			continue
		}
		for _, o := range facts[id].Orders {
			if o.First.Location() != time.UTC || o.Last.Location() != time.UTC {
				t.Errorf("Facts: a time is in zone %v, want UTC", o.First.Location())
			}
		}
		wantSame(t, "facts of "+string(id), byCurrency(facts[id]), h.facts(id))
	}
}

// factsLikeASlice returns each round customers of its own, so that rounds do not
// see each other's records.
func factsLikeASlice(t testing.TB, s crm.Store) {
	next := 0
	property(t, func(t *rapid.T) {
		first := next
		next += 1000
		ids := make([]crm.ID, people)
		owners := make([]*crm.Customer, people)
		for i := range ids {
			owners[i] = customer(first + i)
			ids[i] = owners[i].ID
		}
		put(t, s, owners...)
		h := drawHistory(t, first, ids)
		put(t, s, h.orders...)
		put(t, s, h.tickets...)
		put(t, s, h.interactions...)
		asked := rapid.SliceOfN(rapid.SampledFrom(ids), 0, 2*people).Draw(t, "asked")
		wantFacts(t, s, h, asked...)
	})
}

func drawHistory(t *rapid.T, first int, ids []crm.ID) *history {
	nobody := append([]crm.ID{""}, ids...)
	anybody := rapid.SampledFrom(nobody)
	instant := rapid.Map(rapid.IntRange(-3e9, 3e9), func(ms int) time.Time {
		return epoch().Add(time.Duration(ms) * time.Millisecond)
	})
	h := &history{}
	for n := range rapid.IntRange(0, 12).Draw(t, "orders") {
		o := order(first + n)
		currency := rapid.SampledFrom([]string{"GBP", "EUR", "JPY"}).Draw(t, "currency")
		o.CustomerID, o.OrganizationID = anybody.Draw(t, "customer"), anybody.Draw(t, "organization")
		o.PlacedAt = instant.Draw(t, "placed at")
		o.Price = price(rapid.Int64Range(-500, 100000).Draw(t, "total"), currency)
		o.Status = rapid.SampledFrom([]crm.OrderStatus{"OPEN", "COMPLETED", "CANCELED"}).Draw(t, "status")
		for range rapid.IntRange(0, 2).Draw(t, "refunds") {
			amount := crm.Money{Minor: rapid.Int64Range(0, 5000).Draw(t, "refund"), CurrencyCode: currency}
			o.Refunds = append(o.Refunds, &crm.Refund{Amount: amount, OccurredAt: o.PlacedAt})
		}
		h.orders = append(h.orders, o)
	}
	for n := range rapid.IntRange(0, 6).Draw(t, "tickets") {
		x := ticket(first + n)
		x.CustomerID, x.RequesterID = anybody.Draw(t, "account"), anybody.Draw(t, "requester")
		x.Complete()
		x.Status = rapid.SampledFrom([]crm.TicketStatus{
			"NEW", "OPEN", "PENDING_CUSTOMER", "PENDING_THIRD_PARTY", "RESOLVED", "CLOSED", "MERGED",
		}).Draw(t, "ticket status")
		if score := rapid.IntRange(0, 5).Draw(t, "score"); score > 0 {
			x.Satisfaction = &crm.Satisfaction{Score: score, RatedAt: epoch()}
		}
		h.tickets = append(h.tickets, x)
	}
	for n := range rapid.IntRange(0, 6).Draw(t, "interactions") {
		x := interaction(first + n)
		x.CustomerID, x.OccurredAt = rapid.SampledFrom(ids).Draw(t, "contact"), instant.Draw(t, "occurred at")
		h.interactions = append(h.interactions, x)
	}
	return h
}

func factsOfNobody(t testing.TB, s crm.Store) {
	customerParents(t, s)
	h := &history{orders: many(10, order)}
	put(t, s, h.orders...)
	wantFacts(t, s, h, customerID(1), customerID(99), customerID(1))
	wantFacts(t, s, h)
	put(t, s, customer(50))
	wantFacts(t, s, h, customerID(50))
}

func factsOfMillions(t testing.TB, s crm.Store) {
	customerParents(t, s)
	h := &history{}
	for n, minor := range []int64{crm.MaxMinor, crm.MaxMinor, -5, 1 << 40} {
		o := order(n)
		o.CustomerID, o.Price = customerID(0), price(minor, []string{"JPY", "JPY", "GBP", "KWD"}[n])
		h.orders = append(h.orders, o)
	}
	put(t, s, h.orders...)
	wantFacts(t, s, h, customerID(0))
}
