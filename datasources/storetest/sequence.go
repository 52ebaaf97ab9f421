package storetest

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

func sequenceRules() []rule {
	return []rule{
		{"the writes of a call have the outcomes of writes made one after another", writesLikeAMap},
		{"two writes of one record in a call follow each other", oneRecordTwice},
	}
}

// shelf is customers by id: what a store holds after writes made one by one.
type shelf map[crm.ID]*crm.Customer

// write stores a record or gives the code of why not.
func (x shelf) write(w crm.Write[crm.Customer]) crm.Code {
	version := 0
	if old := x[w.Record.ID]; old != nil {
		version = old.Version
	}
	if version != w.Expect {
		return crm.CodeConflict
	}
	for id, other := range x {
		for _, identity := range w.Record.ExternalIdentities {
			if id != w.Record.ID && slices.Contains(other.ExternalIdentities, identity) {
				return crm.CodeConflict
			}
		}
	}
	x[w.Record.ID] = settled(w.Record)
	return ""
}

// writesLikeAMap gives each round customers of its own, so that rounds do not
// see each other's records.
func writesLikeAMap(t testing.TB, s crm.Store) {
	round := 0
	property(t, func(t *rapid.T) {
		round++
		first := round * 100
		held := shelf{}
		for range rapid.IntRange(1, 4).Draw(t, "calls") {
			writes := rapid.SliceOfN(drawWrite(first, held), 0, 6).Draw(t, "writes")
			want := []crm.Code{}
			for _, w := range writes {
				want = append(want, held.write(w))
			}
			wantCodes(t, write(t, s.Customers(), writes...), want...)
		}
		ids := make([]crm.ID, 5)
		for i := range ids {
			ids[i] = customerID(first + i)
		}
		wantSame(t, "customers", byID(t, s.Customers(), ids...), map[crm.ID]*crm.Customer(held))
		for _, id := range slices.Sorted(maps.Keys(held)) {
			for _, identity := range held[id].ExternalIdentities {
				where := crm.Predicate{Field: crm.FieldIdentity, In: []string{identity.Key()}}
				wantSame(t, "owner of an identity", matching(t, customers(), s, where), []crm.ID{id})
			}
		}
	})
}

// drawWrite draws a write of one of five customers, which share three external
// identities, over a version that is mostly the one that was held.
func drawWrite(first int, held shelf) *rapid.Generator[crm.Write[crm.Customer]] {
	return rapid.Custom(func(t *rapid.T) crm.Write[crm.Customer] {
		c := customer(first + rapid.IntRange(0, 4).Draw(t, "customer"))
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID[string]).Draw(t, "identities") {
			c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{Source: string(customerID(first)), ExternalID: id})
		}
		expect := 0
		if old := held[c.ID]; old != nil {
			expect = old.Version
		}
		expect = max(0, expect+rapid.SampledFrom([]int{0, 0, 0, 1, -1}).Draw(t, "off by"))
		c.Version, c.Tier = expect+1, ptr(rapid.StringMatching("[a-z]").Draw(t, "tier"))
		return crm.Write[crm.Customer]{Record: c, Expect: expect}
	})
}

func oneRecordTwice(t testing.TB, s crm.Store) {
	version := func(n int) *crm.Customer {
		c := customer(1)
		c.Version, c.Tags = n, []string{[]string{"", "first", "second", "third"}[n]}
		return c
	}
	wantCodes(t, write(t, s.Customers(),
		crm.Write[crm.Customer]{Record: version(1)}, crm.Write[crm.Customer]{Record: version(2), Expect: 1},
		crm.Write[crm.Customer]{Record: version(1)}, crm.Write[crm.Customer]{Record: version(3), Expect: 2},
	), "", "", crm.CodeConflict, "")
	wantSettled(t, "the last version", one(t, s.Customers(), customerID(1)), version(3))
	wantFound(t, customers(), s, []int{1}, crm.Predicate{Field: crm.FieldTag, In: []string{"third"}})
	wantFound(t, customers(), s, nil, crm.Predicate{Field: crm.FieldTag, In: []string{"first", "second"}})
}
