package storetest

import (
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// checksExpect: new records want Expect 0, stored ones their version, or 1 if
// the kind has none.
func (k kind) checksExpect(t testing.TB, s crm.Store) {
	k.parents(t, s)
	before := count(t, s, k.Kind)
	put(t, s, k.small(11))
	id := func(n int) crm.ID { return idOf(k.Kind, n) }
	wantCodes(t, write(t, s,
		crm.Change{Record: k.small(10)}, crm.Change{Record: k.small(11)}, crm.Change{Record: k.small(12)},
		crm.Change{Record: k.small(13), Expect: 1},
	), "", crm.CodeConflict, "", crm.CodeConflict)
	if n := count(t, s, k.Kind) - before; n != 3 || byID(t, s, k.Kind, id(13))[id(13)] != nil {
		t.Errorf("after two new records and two conflicts there are %d records, want 3", n)
	}
	wantCodes(t, write(t, s, crm.Change{Record: k.versioned(11, 2), Expect: 1}), "")
	wantSettled(t, "second version", one[crm.Record](t, s, id(11)), k.versioned(11, 2))
	again := write(t, s,
		crm.Change{Record: k.versioned(10, 2), Expect: 1}, crm.Change{Record: k.versioned(11, 3), Expect: 1},
		crm.Change{Record: k.versioned(12, 2), Expect: 7},
	)
	if !k.Versioned {
		wantCodes(t, again, "", "", crm.CodeConflict)
		return
	}
	wantCodes(t, again, "", crm.CodeConflict, crm.CodeConflict)
	wantSettled(t, "a stale write changes nothing", one[crm.Record](t, s, id(11)), k.versioned(11, 2))
	wantSettled(t, "its neighbor is stored", one[crm.Record](t, s, id(10)), k.versioned(10, 2))
	replace(t, s, k.versioned(11, 3), 2)
	wantSettled(t, "third version", one[crm.Record](t, s, id(11)), k.versioned(11, 3))
}

func writeRules() []rule {
	return []rule{
		{"after an update nothing of the old state is found", oldKeysAreGone},
		{"after an update an order is in its new customer's list only", orderMovesOver},
		{"an external identity is one customer's", identityIsUnique},
		{"an external identity that was given up may be taken", identityMovesOver},
		{"an email address may be several customers'", emailIsShared},
		{"a conflict's message names no id and no value", conflictsAreDiscreet},
	}
}

func oldKeysAreGone(t testing.TB, s crm.Store) {
	const kind = crm.KindCustomer
	put(t, s, many(people, customer)...)
	before := customer(9)
	before.DisplayName, before.Status = "Ottilie Vorher", crm.CustomerStatusBlocked
	before.Tags, before.Segments = []string{"old", "both"}, []string{"old"}
	before.Emails = []crm.EmailAddress{{Address: "old@example.com"}}
	before.Phones = []crm.PhoneNumber{{Number: "+441632960001"}}
	before.ExternalIdentities = []crm.ExternalIdentity{{Source: "old", ExternalID: "1"}}
	before.Memberships = []*crm.Membership{{OrganizationID: customerID(1), Role: crm.MembershipRoleUser}}
	put(t, s, before)
	after := customer(9)
	after.DisplayName, after.Version, after.CreatedAt = "Nora Danach", 2, epoch().Add(time.Hour)
	after.Tags = []string{"both", "new"}
	after.Memberships = []*crm.Membership{{OrganizationID: customerID(2), Role: crm.MembershipRoleUser}}
	replace(t, s, after, 1)
	for field, words := range before.Keys().Many {
		for _, word := range words {
			if word == "both" {
				continue
			}
			wantFound(t, s, kind, nil, crm.Predicate{Field: field, In: []string{word}})
		}
	}
	wantFound(t, s, kind, nil, crm.Predicate{Field: crm.FieldStatus, In: []string{"BLOCKED"}})
	wantFound(t, s, kind, nil, crm.Predicate{Field: crm.FieldTokens, Prefix: "vor"})
	wantFound(t, s, kind, []int{9}, crm.Predicate{Field: crm.FieldTokens, Prefix: "danach"})
	wantFound(t, s, kind, []int{9}, crm.Predicate{Field: crm.FieldTag, In: []string{"both"}})
	wantFound(t, s, kind, []int{9}, crm.Predicate{Field: crm.FieldTag, In: []string{"new"}})
	wantFound(t, s, kind, []int{9}, crm.Predicate{Field: crm.FieldCreatedAt, After: ptr(epoch().Add(time.Minute))})
	organizations := []crm.ID{customerID(1), customerID(2)}
	counts := countBy(t, s, crm.KindCustomer, []crm.Field{crm.FieldOrganization}, organizations)
	wantSame(t, "members", counts, map[crm.ID]int{customerID(2): 1})
}

func orderMovesOver(t testing.TB, s crm.Store) {
	customerParents(t, s)
	o := order(1)
	put(t, s, o)
	o.CustomerID, o.OrganizationID, o.PlacedAt = customerID(3), customerID(4), epoch().Add(time.Hour)
	replace(t, s, o, 1)
	ids := []crm.ID{customerID(1), customerID(3), customerID(4)}
	wantBy(t, s, []*crm.Order{o}, []crm.Field{crm.FieldCustomer, crm.FieldOrganization}, ids, crm.Query{
		Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: 3},
	})
	facts, err := s.Facts(t.Context(), ids)
	if err != nil {
		t.Fatalf("Facts: %v", err)
	}
	for id, want := range map[crm.ID]int{ids[0]: 0, ids[1]: 1, ids[2]: 1} {
		if facts[id] == nil || len(facts[id].Orders) != want {
			t.Errorf("facts of %s are %+v, want %d currencies", id, facts[id], want)
		}
	}
}

func identified(n int, externalIDs ...string) *crm.Customer {
	c := customer(n)
	for _, id := range externalIDs {
		c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{Source: origin, ExternalID: id})
	}
	return c
}

func identityIsUnique(t testing.TB, s crm.Store) {
	put(t, s, identified(0, "a", "b"))
	other := identified(1, "a")
	other.ExternalIdentities[0].Source = "elsewhere"
	wantCodes(t, write(t, s,
		crm.Change{Record: identified(2, "b")}, crm.Change{Record: other},
		crm.Change{Record: identified(3, "B")}, crm.Change{Record: identified(4)},
		crm.Change{Record: identified(5)},
	), crm.CodeConflict, "", "", "", "")
	taking := identified(4, "a")
	taking.Version = 2
	wantCodes(t, write(t, s, crm.Change{Record: taking, Expect: 1}), crm.CodeConflict)
	wantSettled(t, "the one that could not take it", one[*crm.Customer](t, s, customerID(4)), identified(4))
	wantFound(t, s, crm.KindCustomer, []int{0}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":b"}})
	wantFound(t, s, crm.KindCustomer, []int{0, 1, 3, 4, 5})
	outcomes := write(t, s,
		crm.Change{Record: identified(6, "same")}, crm.Change{Record: identified(7, "same")})
	if (outcomes[0] == nil) == (outcomes[1] == nil) {
		t.Errorf("two new customers of one identity in one call: %v, want one stored and one conflict", outcomes)
	}
}

func identityMovesOver(t testing.TB, s crm.Store) {
	put(t, s, identified(0, "a", "b"), identified(1))
	kept := identified(0, "b")
	kept.Version = 2
	replace(t, s, kept, 1)
	taken := identified(1, "a")
	taken.Version = 2
	replace(t, s, taken, 1)
	wantFound(t, s, crm.KindCustomer, []int{1}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":a"}})
	wantFound(t, s, crm.KindCustomer, []int{0}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":b"}})
}

func emailIsShared(t testing.TB, s crm.Store) {
	put(t, s, many(2, func(n int) *crm.Customer {
		c := customer(n)
		c.Emails = []crm.EmailAddress{{Address: "both@example.com", Primary: true}, {Address: "BOTH@example.com"}}
		return c
	})...)
	wantFound(t, s, crm.KindCustomer, []int{0, 1}, crm.Predicate{Field: crm.FieldEmail, In: []string{"both@example.com"}})
}

func conflictsAreDiscreet(t testing.TB, s crm.Store) {
	put(t, s, identified(0, "secret-value"))
	outcomes := write(t, s,
		crm.Change{Record: identified(0)}, crm.Change{Record: identified(1, "secret-value")})
	wantCodes(t, outcomes, crm.CodeConflict, crm.CodeConflict)
	for _, err := range outcomes {
		wantDiscreet(t, err, "secret-value", string(customerID(0)), string(customerID(1)))
	}
}
