package storetest

import (
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

func commitRules() []rule {
	return []rule{
		{"a Changes of several kinds is stored together", storedTogether},
		{"of a Changes that is refused nothing is there, and its neighbors are", refusedTogether},
		{"a Changes that is refused leaves what was stored before", refusedUpdates},
		{"a Changes has the code of its first record that cannot be stored", firstRefusalCounts},
		{"a parent stands before what hangs on it", parentsComeFirst},
		{"the changes of a Changes act one after another", changesInOrder},
		{"a call and a Changes may be empty", emptyChanges},
		{"a derived kind is not written by itself", derivedIsNotWritten},
		{"a kind that is not described is invalid to read", unknownKinds},
		{"of several writers of one record and others exactly one wins, and the losers leave nothing", oneOfSeveralWins},
	}
}

// deal is a new customer with an order, a ticket and an article, each on the one before.
type deal struct {
	customer *crm.Customer
	order    *crm.Order
	ticket   *crm.Ticket
	article  *crm.Article
}

// newDeal makes the nth deal. Its customer is the nth too.
func newDeal(n int) *deal {
	d := &deal{identified(n, "deal"), order(n), ticket(n), article(n)}
	d.order.CustomerID, d.order.OrganizationID = d.customer.ID, ""
	d.ticket.CustomerID, d.ticket.RequesterID = d.customer.ID, d.customer.ID
	d.article.TicketID = d.ticket.ID
	d.customer.Changes = []crm.ProfileChange{{ID: string(d.customer.ID) + "/change/1", OccurredAt: epoch()}}
	return d
}

func (d *deal) records() []crm.Record { return []crm.Record{d.customer, d.order, d.ticket, d.article} }

// changes stores all of it as new.
func (d *deal) changes() crm.Changes {
	c := crm.Changes{}
	for _, r := range d.records() {
		c.Records = append(c.Records, crm.Change{Record: r})
	}
	return c
}

// wantAbsent checks that nothing is found of the deal.
func (d *deal) wantAbsent(t testing.TB, s crm.Store) {
	t.Helper()
	for _, r := range d.records() {
		id := r.RecordID()
		if found := byID(t, s, r.RecordKind(), id); len(found) != 0 {
			t.Errorf("%s is stored", id)
		}
		if n := count(t, s, crm.KindTimeline, crm.Predicate{Field: crm.FieldRef, In: []string{string(id)}}); n != 0 {
			t.Errorf("%s has %d timeline entries", id, n)
		}
	}
	identity := crm.Predicate{Field: crm.FieldIdentity, In: []string{d.customer.ExternalIdentities[0].Key()}}
	if owners := matching(t, s, crm.KindCustomer, identity); len(owners) != 0 {
		t.Errorf("the identity belongs to %v", owners)
	}
	ofCustomer := []crm.ID{d.customer.ID}
	if n := countBy(t, s, crm.KindOrder, []crm.Field{crm.FieldCustomer}, ofCustomer); len(n) != 0 {
		t.Errorf("the customer has %v orders", n)
	}
	wantTimeline(t, s, nil, d.customer.ID)
}

func storedTogether(t testing.TB, s crm.Store) {
	d := newDeal(1)
	wantCodes(t, commit(t, s, d.changes()), "")
	for _, r := range d.records() {
		wantSettled(t, string(r.RecordID()), one[crm.Record](t, s, r.RecordID()), r)
	}
	entries := []*crm.TimelineRecord{}
	for _, r := range d.records() {
		entries = append(entries, crm.TimelineOf(r)...)
	}
	wantTimeline(t, s, entries, d.customer.ID)
	wantLog(t, follow(t, s, 0, 10), stored(d.records()...)...)
}

// refusedTogether lets the last record of a deal be refused in several ways.
func refusedTogether(t testing.TB, s crm.Store) {
	tests := []struct {
		spoil func(d *deal, c *crm.Changes)
		code  crm.Code
	}{
		{func(_ *deal, c *crm.Changes) { c.Records[3].Expect = 1 }, crm.CodeConflict},
		{func(d *deal, _ *crm.Changes) { d.article.TicketID = idOf(crm.KindTicket, nowhere) }, crm.CodeInvalid},
		{func(d *deal, _ *crm.Changes) { d.article.ID = "art_" }, crm.CodeInvalid},
		{func(_ *deal, c *crm.Changes) {
			c.Records[3] = crm.Change{Record: identified(99, "deal")} // the first record's identity
		}, crm.CodeConflict},
		{func(d *deal, c *crm.Changes) { c.Records[3] = crm.Change{Remove: d.customer.ID, Expect: 1} }, crm.CodeInvalid},
		{func(d *deal, c *crm.Changes) { c.Records[3] = crm.Change{Remove: d.article.ID, Expect: 1} }, crm.CodeConflict},
	}
	for i, test := range tests {
		last := end(t, s).Number
		d := newDeal(1)
		c := d.changes()
		test.spoil(d, &c)
		before, after := customer(100+2*i), customer(101+2*i)
		outcomes := commit(t, s, crm.Put(crm.Change{Record: before}), c, crm.Put(crm.Change{Record: after}))
		wantCodes(t, outcomes, "", test.code, "")
		wantDiscreet(t, outcomes[1], string(d.customer.ID), string(d.article.ID))
		newDeal(1).wantAbsent(t, s)
		one[*crm.Customer](t, s, before.ID)
		one[*crm.Customer](t, s, after.ID)
		wantLog(t, follow(t, s, last, 10), stored(before, after)...)
	}
	wantCodes(t, commit(t, s, newDeal(1).changes()), "")
}

func refusedUpdates(t testing.TB, s crm.Store) {
	d := newDeal(1)
	wantCodes(t, commit(t, s, d.changes()), "")
	last := end(t, s).Number
	changed := newDeal(1)
	changed.customer.Version, changed.customer.Tags = 2, []string{"changed"}
	changed.customer.ExternalIdentities = identified(1, "another").ExternalIdentities
	changed.customer.Changes[0].OccurredAt = epoch().Add(time.Hour)
	changed.order.PlacedAt = epoch().Add(time.Hour)
	outcomes := commit(t, s, crm.Put(
		crm.Change{Record: changed.customer, Expect: 1}, crm.Change{Record: changed.order, Expect: 1},
		crm.Change{Remove: d.article.ID, Expect: 1}, crm.Change{Record: changed.ticket},
	))
	wantCodes(t, outcomes, crm.CodeConflict)
	entries := []*crm.TimelineRecord{}
	for _, r := range d.records() {
		wantSettled(t, string(r.RecordID()), one[crm.Record](t, s, r.RecordID()), r)
		entries = append(entries, crm.TimelineOf(r)...)
	}
	wantTimeline(t, s, entries, d.customer.ID)
	wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: crm.FieldTag, In: []string{"changed"}})
	wantFound(t, s, crm.KindCustomer, []int{1}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":deal"}})
	wantCodes(t, write(t, s, crm.Change{Record: identified(2, "another")}), "")
	wantLog(t, follow(t, s, last, 10), stored(identified(2, "another"))...)
}

func firstRefusalCounts(t testing.TB, s crm.Store) {
	orphan := order(1)
	orphan.CustomerID = customerID(nowhere)
	invalid, conflict := crm.Change{Record: orphan}, crm.Change{Record: customer(1), Expect: 7}
	outcomes := commit(t, s, crm.Put(conflict, invalid), crm.Put(invalid, conflict), crm.Put(crm.Change{Record: customer(2)}, conflict))
	wantCodes(t, outcomes, crm.CodeConflict, crm.CodeInvalid, crm.CodeConflict)
	wantFound(t, s, crm.KindCustomer, nil)
}

func parentsComeFirst(t testing.TB, s crm.Store) {
	d, other := newDeal(1), newDeal(2)
	other.customer.ExternalIdentities = nil
	c := d.changes().Records
	o := other.changes().Records
	conflict := crm.Change{Record: customer(3), Expect: 7}
	outcomes := commit(t, s,
		crm.Put(c[1], c[0]), crm.Put(c[0]), crm.Put(c[1]), // after, apart, then there
		crm.Put(o[0], conflict), crm.Put(o[1]), // in a Changes that is refused
		crm.Put(c[3]), crm.Put(c[3], c[2]), crm.Put(c[2], c[3]),
	)
	invalid := crm.CodeInvalid
	wantCodes(t, outcomes, invalid, "", "", crm.CodeConflict, invalid, invalid, invalid, "")
	other.customer = identified(2, "other")
	other.wantAbsent(t, s)
	for _, r := range d.records() {
		wantSettled(t, string(r.RecordID()), one[crm.Record](t, s, r.RecordID()), r)
	}
}

// changesInOrder writes a record twice, hands a unique value on, and removes
// what was just written, within one Changes and over those of one call.
func changesInOrder(t testing.TB, s crm.Store) {
	version := func(n, version int, identities ...string) crm.Change {
		c := identified(n, identities...)
		c.Version, c.Tags = version, []string{[]string{"", "first", "second", "third"}[version]}
		c.Changes = []crm.ProfileChange{{ID: string(c.ID) + "/change/1", OccurredAt: epoch().Add(time.Duration(version) * time.Hour)}}
		return crm.Change{Record: c, Expect: version - 1}
	}
	remove := func(n int) crm.Change { return crm.Change{Remove: customerID(n), Expect: 1} }
	outcomes := commit(t, s,
		crm.Put(version(0, 1, "a"), version(0, 2, "b"), version(1, 1, "a")),
		crm.Put(version(2, 1, "b"), version(0, 3)), // takes it before it is given up
		crm.Put(version(0, 3)),
		crm.Put(version(2, 1, "b")),
		crm.Put(version(3, 1, "c"), remove(3), version(4, 1, "c")),
		crm.Put(remove(4), version(4, 1, "d"), version(4, 2, "c")),
		crm.Put(version(5, 1), version(5, 1)), // the second is no new record
		crm.Put(remove(1), remove(1)),
	)
	conflict := crm.CodeConflict
	wantCodes(t, outcomes, "", conflict, "", "", "", "", conflict, conflict)
	final := []*crm.Customer{}
	for _, c := range []crm.Change{version(0, 3), version(1, 1, "a"), version(2, 1, "b"), version(4, 2, "c")} {
		want := c.Record.(*crm.Customer)
		final = append(final, want)
		wantSettled(t, string(want.ID), one[*crm.Customer](t, s, want.ID), want)
		wantTimeline(t, s, want.TimelineRecords(), want.ID)
	}
	wantFound(t, s, crm.KindCustomer, []int{0, 1, 2, 4})
	wantFound(t, s, crm.KindCustomer, []int{1, 2}, crm.Predicate{Field: crm.FieldTag, In: []string{"first"}})
	wantFound(t, s, crm.KindCustomer, []int{4}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":c"}})
	wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":d"}})
	if n := count(t, s, crm.KindTimeline); n != len(final) {
		t.Errorf("the timeline has %d entries, want %d", n, len(final))
	}
}

func emptyChanges(t testing.TB, s crm.Store) {
	if outcomes := commit(t, s); len(outcomes) != 0 {
		t.Errorf("a call without Changes has %d outcomes", len(outcomes))
	}
	wantCodes(t, commit(t, s, crm.Changes{}), "")
	outcomes := commit(t, s,
		crm.Changes{}, crm.Put(crm.Change{Record: customer(1)}), crm.Put(), crm.Put(crm.Change{Record: customer(1)}), crm.Changes{})
	wantCodes(t, outcomes, "", "", "", crm.CodeConflict, "")
	wantLog(t, follow(t, s, 0, 10), stored(customer(1))...)
}

func derivedIsNotWritten(t testing.TB, s crm.Store) {
	d := newDeal(1)
	wantCodes(t, commit(t, s, d.changes()), "")
	entries := []*crm.TimelineRecord{}
	for _, r := range d.records() {
		entries = append(entries, crm.TimelineOf(r)...)
	}
	made, changed := *entries[0], *entries[0]
	made.ID, changed.OccurredAt = "made", epoch().Add(time.Hour)
	outcomes := commit(t, s,
		crm.Put(crm.Change{Record: &made}), crm.Put(crm.Change{Record: customer(2)}),
		crm.Put(crm.Change{Record: &changed, Expect: 1}), crm.Put(crm.Change{Remove: made.ID, Expect: 1}),
		crm.Put(crm.Change{Remove: entries[0].ID, Expect: 1}),
		crm.Put(crm.Change{Record: customer(3)}, crm.Change{Record: &made}),
	)
	invalid := crm.CodeInvalid
	wantCodes(t, outcomes, invalid, "", invalid, invalid, invalid, invalid)
	wantTimeline(t, s, entries, d.customer.ID)
	wantFound(t, s, crm.KindCustomer, []int{1, 2})
}

func unknownKinds(t testing.TB, s crm.Store) {
	ctx, ids, by := t.Context(), []crm.ID{customerID(1)}, []crm.Field{crm.FieldCustomer}
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}}
	for _, kind := range []crm.Kind{"", "nothing", "customers", "' OR 1=1 --"} {
		for name, read := range map[string]func() error{
			"ByID":    func() error { _, err := s.ByID(ctx, kind, ids, nil); return err },
			"List":    func() error { _, err := s.List(ctx, kind, q); return err },
			"Count":   func() error { _, err := s.Count(ctx, kind, nil); return err },
			"ListBy":  func() error { _, err := s.ListBy(ctx, kind, by, ids, q); return err },
			"CountBy": func() error { _, err := s.CountBy(ctx, kind, by, ids, nil); return err },
		} {
			wantCode(t, name+" of a kind that is none", read(), crm.CodeInvalid)
		}
	}
}

// oneOfSeveralWins: the record that all write stands last, so that what stands
// before it must be taken back.
func oneOfSeveralWins(t testing.TB, s crm.Store) {
	customerParents(t, s)
	last := end(t, s).Number
	next := customer(1)
	next.Version = 2
	outcomes := atOnce(writers, func(i int) error {
		d := newDeal(10 + i)
		d.customer.ExternalIdentities[0].ExternalID += string(d.customer.ID)
		c := d.changes()
		c.Records = append(c.Records, crm.Change{Record: next, Expect: 1})
		results, err := s.Commit(t.Context(), []crm.Changes{c})
		if err != nil {
			return err
		}
		return results[0]
	})
	won := []crm.Record{}
	for i, err := range outcomes {
		d := newDeal(10 + i)
		d.customer.ExternalIdentities[0].ExternalID += string(d.customer.ID)
		if err == nil {
			won = append(won, d.records()...)
			continue
		}
		wantCode(t, "writing what another writes", err, crm.CodeConflict)
		d.wantAbsent(t, s)
	}
	if len(won) != len(newDeal(1).records()) {
		t.Fatalf("%d records of the writers are stored, want those of one", len(won))
	}
	for _, r := range won {
		wantSettled(t, string(r.RecordID()), one[crm.Record](t, s, r.RecordID()), r)
	}
	wantLog(t, follow(t, s, last, 100), stored(append(won, next)...)...)
}
