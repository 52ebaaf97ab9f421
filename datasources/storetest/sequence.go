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
		{"the changes of a call have the outcomes of changes made one after another", commitsLikeAMap},
		{"two writes of one record in a call follow each other", oneRecordTwice},
	}
}

// shelf is records by id: what a store holds after changes made one by one.
type shelf map[crm.ID]crm.Record

// commit returns what is held after a Changes, and the code of why it is as before.
func (x shelf) commit(c crm.Changes) (shelf, crm.Code) {
	after := maps.Clone(x)
	for _, change := range c.Records {
		if code := after.change(change); code != "" {
			return x, code
		}
	}
	return after, ""
}

func (x shelf) version(id crm.ID) int {
	if r := x[id]; r != nil {
		return crm.VersionOf(r)
	}
	return 0
}

// change makes one change or gives the code of why not.
func (x shelf) change(c crm.Change) crm.Code {
	if x.version(c.ID()) != c.Expect {
		return crm.CodeConflict
	}
	if c.Record == nil {
		for _, r := range x {
			for _, key := range of(r.RecordKind()).parentKeys() {
				if r.Keys().Text[key.Field] == string(c.Remove) {
					return crm.CodeInvalid
				}
			}
		}
		delete(x, c.Remove)
		return ""
	}
	k, keys := of(c.Kind()), c.Record.Keys()
	for id, other := range x {
		for _, value := range keys.Many[k.Unique] {
			if id != c.ID() && id.Kind() == k.Kind && slices.Contains(other.Keys().Many[k.Unique], value) {
				return crm.CodeConflict
			}
		}
	}
	for _, key := range k.parentKeys() {
		if parent := crm.ID(keys.Text[key.Field]); parent != "" && x[parent] == nil {
			return crm.CodeInvalid
		}
	}
	x[c.ID()] = settled(c.Record)
	return ""
}

// few is how many records of each kind commitsLikeAMap has.
const few = 3

// drawn are the kinds of records that commitsLikeAMap writes: parents, children
// and children's children.
func drawn() []crm.Kind { return []crm.Kind{crm.KindCustomer, crm.KindTicket, crm.KindArticle} }

// commitsLikeAMap returns each round records of its own, so that rounds do not
// see each other's.
func commitsLikeAMap(t testing.TB, s crm.Store) {
	round, last := 0, int64(0)
	property(t, func(t *rapid.T) {
		round++
		first := round * 100
		held := shelf{}
		for range rapid.IntRange(1, 4).Draw(t, "calls") {
			changes, want := []crm.Changes{}, []crm.Code{}
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				c, code := drawChanges(first, held).Draw(t, "records"), crm.Code("")
				held, code = held.commit(c)
				changes, want = append(changes, c), append(want, code)
			}
			wantCodes(t, commit(t, s, changes...), want...)
		}
		entries := follow(t, s, last, 1000)
		if len(entries) > 0 {
			last = entries[len(entries)-1].Number
		}
		held.wantStored(t, s, first)
		held.wantLogged(t, entries)
	})
}

// wantStored compares the records of a round, their keys and timeline entries.
func (x shelf) wantStored(t tester, s crm.Store, first int) {
	t.Helper()
	got, ids, entries := shelf{}, []crm.ID{}, map[crm.ID]int{}
	for _, kind := range drawn() {
		of := []crm.ID{}
		for n := range few {
			of = append(of, idOf(kind, first+n))
		}
		maps.Copy(got, byID(t, s, kind, of...))
		ids = append(ids, of...)
	}
	wantSame(t, "records", got, x)
	for _, id := range slices.Sorted(maps.Keys(x)) {
		if n := len(crm.TimelineOf(x[id])); n > 0 {
			entries[id] = n
		}
		if c, ok := x[id].(*crm.Customer); ok {
			for _, identity := range c.ExternalIdentities {
				where := crm.Predicate{Field: crm.FieldIdentity, In: []string{identity.Key()}}
				wantSame(t, "owner of an identity", matching(t, s, crm.KindCustomer, where), []crm.ID{id})
			}
		}
	}
	wantSame(t, "timeline entries", countBy(t, s, crm.KindTimeline, []crm.Field{crm.FieldRef}, ids), entries)
}

// wantLogged compares the last entry of each record of a round.
func (x shelf) wantLogged(t tester, entries []crm.LogEntry) {
	t.Helper()
	got := map[crm.ID]int{}
	for _, e := range entries {
		got[e.ID] = e.Version
		if e.Removed {
			delete(got, e.ID)
		}
	}
	want := map[crm.ID]int{}
	for id := range x {
		want[id] = x.version(id)
	}
	wantSame(t, "versions that the log tells of", got, want)
}

// drawChanges draws up to four changes of a few records, over versions that are
// mostly the ones that are held.
func drawChanges(first int, held shelf) *rapid.Generator[crm.Changes] {
	return rapid.Custom(func(t *rapid.T) crm.Changes {
		c, now := crm.Changes{}, maps.Clone(held)
		for range rapid.IntRange(0, 4).Draw(t, "records") {
			change := drawChange(t, first, now)
			now.change(change)
			c.Records = append(c.Records, change)
		}
		return c
	})
}

func drawChange(t *rapid.T, first int, held shelf) crm.Change {
	n := func(what string) int { return first + rapid.IntRange(0, few-1).Draw(t, what) }
	k, number := of(rapid.SampledFrom(drawn()).Draw(t, "kind")), n("record")
	id := idOf(k.Kind, number)
	expect := max(0, held.version(id)+rapid.SampledFrom([]int{0, 0, 0, 0, 0, 1, -1}).Draw(t, "off by"))
	if held[id] != nil && rapid.IntRange(0, 3).Draw(t, "removed") == 0 {
		return crm.Change{Remove: id, Expect: max(1, expect)}
	}
	r := k.versioned(number, expect+1)
	for _, key := range k.parentKeys() {
		hang(r, key.Field, idOf(key.Parent, n("parent")))
	}
	if c, ok := r.(*crm.Customer); ok {
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID[string]).Draw(t, "identities") {
			c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{Source: origin, ExternalID: string(customerID(first)) + name})
		}
		c.Tier = ptr(rapid.StringMatching("[a-z]").Draw(t, "tier"))
	}
	return crm.Change{Record: r, Expect: expect}
}

func oneRecordTwice(t testing.TB, s crm.Store) {
	version := func(n int) *crm.Customer {
		c := customer(1)
		c.Version, c.Tags = n, []string{[]string{"", "first", "second", "third"}[n]}
		return c
	}
	wantCodes(t, write(t, s,
		crm.Change{Record: version(1)}, crm.Change{Record: version(2), Expect: 1},
		crm.Change{Record: version(1)}, crm.Change{Record: version(3), Expect: 2},
	), "", "", crm.CodeConflict, "")
	wantSettled(t, "the last version", one[*crm.Customer](t, s, customerID(1)), version(3))
	wantFound(t, s, crm.KindCustomer, []int{1}, crm.Predicate{Field: crm.FieldTag, In: []string{"third"}})
	wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: crm.FieldTag, In: []string{"first", "second"}})
}
