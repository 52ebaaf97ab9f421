package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func referenceRules() []rule {
	return []rule{
		{"a record of a parent that is not there is invalid, for that write only", parentsMustExist},
		{"a conflict comes before it is invalid that a parent is not there", conflictsComeFirst},
		{"what an order, ticket or recommendation only names may be gone", othersMayBeGone},
	}
}

// orphans makes a record whose parent is in the store, and one whose is not.
func orphans[T any](t testing.TB, k kind[T], s crm.Store, orphan func(r *T)) {
	t.Helper()
	lost := k.small(1)
	orphan(lost)
	outcomes := write(t, k.records(s),
		crm.Write[T]{Record: k.small(0)}, crm.Write[T]{Record: lost}, crm.Write[T]{Record: k.small(2)})
	wantCodes(t, outcomes, "", crm.CodeInvalid, "")
	wantDiscreet(t, outcomes[1], string(customerID(404)), string(k.id(lost)))
	found := byID(t, k.records(s), k.id(k.small(0)), k.id(lost), k.id(k.small(2)))
	if len(found) != 2 || found[k.id(lost)] != nil {
		t.Errorf("%s: %d of 3 records are stored, want the 2 that have a parent", k.name, len(found))
	}
}

func parentsMustExist(t testing.TB, s crm.Store) {
	customerParents(t, s)
	missing := customerID(404)
	orphans(t, orders(), s, func(r *crm.Order) { r.CustomerID = missing })
	orphans(t, tickets(), s, func(r *crm.Ticket) { r.CustomerID = missing })
	orphans(t, articles(), s, func(r *crm.Article) { r.TicketID = idOf(crm.KindTicket, 404) })
	orphans(t, interactions(), s, func(r *crm.Interaction) { r.CustomerID = missing })
	orphans(t, recommendations(), s, func(r *crm.Recommendation) { r.CustomerID = missing })
	orphans(t, nextBestActions(), s, func(r *crm.NextBestAction) { r.CustomerID = missing })
	o := order(11)
	o.OrganizationID = missing
	wantCodes(t, write(t, s.Orders(), crm.Write[crm.Order]{Record: o}), crm.CodeInvalid)
	x := ticket(11)
	x.RequesterID = missing
	wantCodes(t, write(t, s.Tickets(), crm.Write[crm.Ticket]{Record: x}), crm.CodeInvalid)
}

func conflictsComeFirst(t testing.TB, s crm.Store) {
	customerParents(t, s)
	put(t, s.Orders(), order(1))
	put(t, s.Tickets(), ticket(1))
	o, x := order(1), ticket(1)
	o.CustomerID, x.CustomerID = customerID(404), customerID(404)
	wantCodes(t, write(t, s.Orders(), crm.Write[crm.Order]{Record: o}), crm.CodeConflict)
	wantCodes(t, write(t, s.Tickets(), crm.Write[crm.Ticket]{Record: x}, crm.Write[crm.Ticket]{Record: x, Expect: 7}),
		crm.CodeConflict, crm.CodeConflict)
	wantSettled(t, "the order that was there", one(t, s.Orders(), o.ID), order(1))
}

func othersMayBeGone(t testing.TB, s crm.Store) {
	customerParents(t, s)
	o := order(1)
	o.CustomerID = ""
	none := crm.Money{CurrencyCode: "GBP"}
	o.Lines = []*crm.OrderLine{{
		ID: "1", ProductID: "prd_shop.gone", Title: "Gone", Quantity: 1, UnitPrice: none, Discount: none, Tax: none, Total: none,
	}}
	put(t, s.Orders(), o)
	x := ticket(1)
	x.Subjects = []*crm.TicketSubject{{OrderID: "ord_live-shop.77", LineID: "3", ProductID: "prd_live-shop.9"}, {}}
	put(t, s.Tickets(), x)
	wantSettled(t, "guest's order", one(t, s.Orders(), o.ID), o)
	wantSettled(t, "ticket about an order of a shop", one(t, s.Tickets(), x.ID), x)
}

// wantDiscreet checks that an error's message, which callers see, holds none of
// the words nor a database's.
func wantDiscreet(t testing.TB, err error, words ...string) {
	t.Helper()
	var e *crm.Error
	if !errors.As(err, &e) {
		t.Errorf("%v is no *crm.Error", err)
		return
	}
	for _, word := range append(words, "E11000", "constraint", "UNIQUE", "SQL", "mongo", "dup key") {
		if strings.Contains(strings.ToLower(e.Message), strings.ToLower(word)) {
			t.Errorf("the message %q holds %q", e.Message, word)
		}
	}
}
