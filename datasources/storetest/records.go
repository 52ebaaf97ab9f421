package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// readsBack: what small's records leave out comes back as empty lists and nil
// pointers, nothing is shared with the store, neither going in nor coming out.
func (k kind) readsBack(t testing.TB, s crm.Store) {
	k.parents(t, s)
	written := many(3, k.small)
	want := many(3, k.small)
	put(t, s, written...)
	for _, r := range written {
		blank(r)
	}
	for _, r := range want {
		got := one[crm.Record](t, s, r.RecordID())
		wantSettled(t, string(r.RecordID()), got, r)
		blank(got)
		wantSettled(t, "after a reader's change "+string(r.RecordID()), one[crm.Record](t, s, r.RecordID()), r)
	}
	page := list(t, s, k.Kind, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 10}})
	for _, got := range page.Items {
		i := slices.IndexFunc(want, func(r crm.Record) bool { return r.RecordID() == got.RecordID() })
		if i < 0 {
			t.Fatalf("List gives %s, which was not written", got.RecordID())
		}
		wantSettled(t, "List's "+string(got.RecordID()), got, want[i])
	}
	if len(page.Items) != len(want) {
		t.Errorf("List gives %d records, want %d", len(page.Items), len(want))
	}
}

func (k kind) leavesOut(t testing.TB, s crm.Store) {
	k.parents(t, s)
	put(t, s, many(6, k.small)...)
	id := func(n int) crm.ID { return idOf(k.Kind, n) }
	tests := []struct {
		name      string
		ids, want []crm.ID
	}{
		{"none", nil, nil},
		{"all backwards", []crm.ID{id(5), id(4), id(3), id(2), id(1), id(0)}, []crm.ID{id(0), id(1), id(2), id(3), id(4), id(5)}},
		{"repeats", []crm.ID{id(1), id(2), id(1), id(1)}, []crm.ID{id(1), id(2)}},
		{"unknown", []crm.ID{id(99), id(1)}, []crm.ID{id(1)}},
		{"foreign", []crm.ID{k.foreign(), id(1)}, []crm.ID{id(1)}},
		{"malformed", []crm.ID{"", "x", crm.ID(k.Kind), crm.ID(k.Kind) + "_", id(1) + " ", " " + id(1), `{"$gt": ""}`, "%", "' OR 1=1 --"}, nil},
		{"malformed among good ones", []crm.ID{"nonsense", id(3), "\xff\xfe", id(1)}, []crm.ID{id(1), id(3)}},
	}
	for _, test := range tests {
		found := byID(t, s, k.Kind, test.ids...)
		got := []crm.ID{}
		for key, r := range found {
			if r == nil || r.RecordID() != key {
				t.Errorf("%s: under %s stands another record", test.name, key)
			}
			got = append(got, key)
		}
		want := append([]crm.ID{}, test.want...)
		slices.Sort(got)
		slices.Sort(want)
		wantSame(t, test.name, got, want)
	}
}

// blank takes everything out of a record.
func blank(r crm.Record) { reflect.ValueOf(r).Elem().SetZero() }

// foreign is a good id of another kind.
func (k kind) foreign() crm.ID {
	if k.Kind == crm.KindCustomer {
		return idOf(crm.KindTeam, 1)
	}
	return customerID(1)
}

// refusesOtherIDs writes records with ids that are malformed or another kind's
// between two good ones.
func (k kind) refusesOtherIDs(t testing.TB, s crm.Store) {
	k.parents(t, s)
	before := count(t, s, k.Kind)
	writes, want := []crm.Change{{Record: k.small(0)}}, []crm.Code{""}
	for _, id := range []crm.ID{"", "x", crm.ID(k.Kind) + "_", k.foreign()} {
		for expect := range 2 {
			wrong := k.small(1)
			member(wrong, "ID").SetString(string(id))
			writes, want = append(writes, crm.Change{Record: wrong, Expect: expect}), append(want, crm.CodeInvalid)
		}
	}
	outcomes := write(t, s, append(writes, crm.Change{Record: k.small(2)})...)
	wantCodes(t, outcomes, append(want, "")...)
	wantDiscreet(t, outcomes[1], string(k.foreign()))
	if n := count(t, s, k.Kind) - before; n != 2 {
		t.Errorf("%d records are stored, want the 2 whose ids are of the kind", n)
	}
}

// recordRules are about what a record holds.
func recordRules() []rule {
	return []rule{
		{"times come back in UTC, cut to the millisecond", timesAreUTCMilliseconds},
		{"text comes back as it went in", textIsKept},
		{"a line quantity points at a line of its own order", linesAreShared},
		{"several of one kind go in with one call, in any number", anyNumberOfWrites},
	}
}

func timesAreUTCMilliseconds(t testing.TB, s crm.Store) {
	zone := time.FixedZone("UTC+5:45", 5*3600+45*60)
	times := []time.Time{
		time.Date(2026, 3, 29, 1, 30, 0, 123456789, zone),
		time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(1900, 1, 1, 0, 0, 0, 1e6, zone),
		time.Date(2999, 12, 31, 23, 59, 59, 999e6, zone),
		time.Unix(0, 0).In(zone),
	}
	for i, at := range times {
		c := customer(i)
		c.CreatedAt, c.UpdatedAt = at, at
		c.ExternalIdentities = []crm.ExternalIdentity{{Source: origin, ExternalID: at.String(), VerifiedAt: &at}}
		put(t, s, c)
		wantSettled(t, "customer created at "+at.String(), one[*crm.Customer](t, s, c.ID), c)
	}
	sort := crm.Sort{Field: crm.FieldCreatedAt}
	got := list(t, s, crm.KindCustomer, crm.Query{Sort: sort, Page: crm.PageRequest{Limit: 10}})
	want := []crm.ID{customerID(2), customerID(1), customerID(4), customerID(0), customerID(3)}
	wantSame(t, "customers by a time before, at and after 1970", idsOf(got.Items), want)
}

// awkward are texts that a store could take for something else.
func awkward() []string {
	return []string{
		`{"$gt": ""}`, `$where`, `a.b`, `$`, `"`, `'`, `''; DROP TABLE customers; --`, `\`, `%`, `_`, `.*`, `[a-z]`, `a|b`,
		"null", "true", "0", "1e3", " leading and trailing ", "tab\tand\nline", "ÄÖÜ äöü ß", "İstanbul ıI", "日本語", "Ελλάδα",
		"👩‍👩‍👧 🇩🇪", "e\u0301 é", "ﬁ Ａ", "\u200b", "\U0010FFFD",
	}
}

func textIsKept(t testing.TB, s crm.Store) {
	for i, text := range awkward() {
		c := customer(i)
		c.DisplayName, c.GivenName, c.Tier = text, &text, ptr("")
		c.Tags, c.Segments = []string{text, "", text}, []string{text}
		c.CustomAttributes = []crm.CustomAttribute{{Name: "text", Value: `"x"`}, {Name: "list", Value: `[1,null,{"a":1.50}]`}}
		put(t, s, c)
		wantSettled(t, "customer named "+text, one[*crm.Customer](t, s, c.ID), c)
	}
}

func linesAreShared(t testing.TB, s crm.Store) {
	customerParents(t, s)
	o := order(1)
	none := crm.Money{CurrencyCode: "GBP"}
	for _, id := range []string{"a", "b"} {
		o.Lines = append(o.Lines, &crm.OrderLine{
			ID: id, ProductID: crm.DerivedID(crm.KindProduct, origin, "gone"), Title: "Mug", Quantity: 3,
			UnitPrice: none, Discount: none, Tax: none, Total: none,
		})
	}
	second := []crm.LineQuantity{{Line: o.Lines[1], Quantity: 2}}
	o.Refunds = []*crm.Refund{{Amount: none, OccurredAt: epoch(), Lines: second}}
	o.Returns = []*crm.Return{{Status: crm.ReturnStatusReceived, RequestedAt: epoch(), Lines: second}}
	o.Shipments = []*crm.Shipment{{Lines: second}, {}}
	o.LinkLines()
	put(t, s, o)
	got := one[*crm.Order](t, s, o.ID)
	wantSettled(t, "order", got, o)
	for what, lines := range map[string][]crm.LineQuantity{
		"refund": got.Refunds[0].Lines, "return": got.Returns[0].Lines, "shipment": got.Shipments[0].Lines,
	} {
		if lines[0].Line != got.Lines[1] {
			t.Errorf("the %s's line is another than the order's", what)
		}
	}
}

func anyNumberOfWrites(t testing.TB, s crm.Store) {
	if outcomes := write(t, s); len(outcomes) != 0 {
		t.Errorf("no writes have %d outcomes", len(outcomes))
	}
	put(t, s, many(250, customer)...)
	if n := count(t, s, crm.KindCustomer); n != 250 {
		t.Errorf("Count after 250 new records is %d", n)
	}
	ids := make([]crm.ID, 0, 2000)
	for n := range 2000 {
		ids = append(ids, customerID(n))
	}
	if found := byID(t, s, crm.KindCustomer, ids...); len(found) != 250 {
		t.Errorf("ByID of 2000 ids finds %d, want 250", len(found))
	}
}
