package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func referenceRules() []rule {
	return []rule{
		{"what an order, ticket or recommendation only names may be gone", othersMayBeGone},
	}
}

// parentsMustExist takes away one parent after the other.
func (k kind) parentsMustExist(t testing.TB, s crm.Store) {
	k.parents(t, s)
	for i, key := range k.parentKeys() {
		n := 10 * (i + 1)
		missing := idOf(key.Parent, nowhere)
		lost := k.small(n + 1)
		hang(lost, key.Field, missing)
		outcomes := write(t, s, crm.Change{Record: k.small(n)}, crm.Change{Record: lost}, crm.Change{Record: k.small(n + 2)})
		wantCodes(t, outcomes, "", crm.CodeInvalid, "")
		wantDiscreet(t, outcomes[1], string(missing), string(lost.RecordID()))
		found := byID(t, s, k.Kind, idOf(k.Kind, n), lost.RecordID(), idOf(k.Kind, n+2))
		if len(found) != 2 || found[lost.RecordID()] != nil {
			t.Errorf("%s: %d of 3 records are stored, want the 2 that have their %s", k.Kind, len(found), key.Field)
		}
		if m := crm.StructureOf(k.Kind).Member(string(key.Field)); m == nil || !m.Needed {
			hang(lost, key.Field, "")
			crm.Complete(lost)
			want := crm.Code("")
			if err := crm.Check(lost); err != nil { // It needs one of several.
				want = crm.CodeOf(err)
			}
			wantCodes(t, write(t, s, crm.Change{Record: lost}), want)
		}
	}
}

func (k kind) conflictsComeFirst(t testing.TB, s crm.Store) {
	k.parents(t, s)
	put(t, s, k.small(10))
	for _, key := range k.parentKeys() {
		lost := k.small(10)
		hang(lost, key.Field, idOf(key.Parent, nowhere))
		outcomes := write(t, s, crm.Change{Record: lost}, crm.Change{Record: lost, Expect: 7}, crm.Change{Record: lost, Expect: 1})
		wantCodes(t, outcomes, crm.CodeConflict, crm.CodeConflict, crm.CodeInvalid)
		wantSettled(t, "the record that was there", one[crm.Record](t, s, lost.RecordID()), k.small(10))
	}
}

func othersMayBeGone(t testing.TB, s crm.Store) {
	customerParents(t, s)
	o := order(1)
	o.CustomerID, o.OrganizationID = "", ""
	none := crm.Money{CurrencyCode: "GBP"}
	o.Lines = []*crm.OrderLine{{
		ID: "1", ProductID: "prd_shop.gone", Title: "Gone", Quantity: 1, UnitPrice: none, Discount: none, Tax: none, Total: none,
	}}
	o.LinkLines()
	put(t, s, o)
	x := ticket(1)
	x.Subjects = []*crm.TicketSubject{{OrderID: "ord_live-shop.77", LineID: "3", ProductID: "prd_live-shop.9"}}
	put(t, s, x)
	wantSettled(t, "guest's order", one[*crm.Order](t, s, o.ID), o)
	wantSettled(t, "ticket about an order of a shop", one[*crm.Ticket](t, s, x.ID), x)
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
