package storetest

import (
	"maps"
	"slices"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func removeRules() []rule {
	return []rule{
		{"what a removed customer was found by is free for others", removalFrees},
		{"a removal that names nothing is invalid, for that change only", removalsAreNamed},
	}
}

// removes: a removal wants the version that is stored, and takes the record
// with its keys and timeline entries; the others stay.
func (k kind) removes(t testing.TB, s crm.Store) {
	k.parents(t, s)
	before, told := count(t, s, k.Kind), count(t, s, crm.KindTimeline)
	id := func(n int) crm.ID { return idOf(k.Kind, n) }
	remove := func(n, expect int) crm.Change { return crm.Change{Remove: id(n), Expect: expect} }
	put(t, s, k.small(10), k.small(11))
	wantCodes(t, write(t, s, remove(10, 0), remove(nowhere, 0), remove(10, 2), remove(nowhere, 1), remove(nowhere, 7)),
		crm.CodeInvalid, crm.CodeInvalid, crm.CodeConflict, crm.CodeConflict, crm.CodeConflict)
	wantSettled(t, "what a stale removal leaves", one[crm.Record](t, s, id(10)), k.small(10))

	wantCodes(t, write(t, s, remove(10, 1), remove(10, 1)), "", crm.CodeConflict)
	if left := byID(t, s, k.Kind, id(10), id(11)); len(left) != 1 || left[id(11)] == nil {
		t.Errorf("after the removal of one of two records ByID gives %d, want the other", len(left))
	}
	k.wantKeysOf(t, s, 11, 10)
	if n := count(t, s, k.Kind) - before; n != 1 {
		t.Errorf("after the removal of one of two records Count gives %d, want 1", n)
	}
	if n, want := count(t, s, crm.KindTimeline)-told, len(crm.TimelineOf(k.small(11))); n != want {
		t.Errorf("the timeline has %d entries more than before, want the other record's %d", n, want)
	}

	put(t, s, k.small(10))
	wantSettled(t, "a record stored anew", one[crm.Record](t, s, id(10)), k.small(10))
	k.wantKeysOf(t, s, 11)
	k.wantKeysOf(t, s, 10)
	replace(t, s, k.versioned(10, 2), 1)
	if k.Versioned {
		wantCodes(t, write(t, s, remove(10, 1), remove(10, 2)), crm.CodeConflict, "")
	}
}

// wantKeysOf looks the nth small record up by each of its keys. Those that are
// gone must not be found.
func (k kind) wantKeysOf(t tester, s crm.Store, n int, gone ...int) {
	t.Helper()
	r := k.small(n)
	keys := r.Keys()
	for _, key := range k.Keys {
		for _, value := range values(keys, key.Field) {
			found := matching(t, s, k.Kind, crm.Predicate{Field: key.Field, In: []string{value}})
			if !slices.Contains(found, r.RecordID()) {
				t.Errorf("%s is not found by %s", r.RecordID(), key.Field)
			}
			for _, other := range gone {
				if slices.Contains(found, idOf(k.Kind, other)) {
					t.Errorf("a removed record is found by %s", key.Field)
				}
			}
		}
	}
}

// parentsGoLast hangs a record on one parent by one key after the other.
func (k kind) parentsGoLast(t testing.TB, s crm.Store) {
	k.parents(t, s)
	for i, key := range k.parentKeys() {
		child, parent := k.small(10+i), idOf(key.Parent, i)
		for _, other := range k.parentKeys() {
			hang(child, other.Field, idOf(other.Parent, people-1))
		}
		hang(child, key.Field, parent)
		put(t, s, child)
		first := crm.Change{Remove: child.RecordID(), Expect: 1}
		then := crm.Change{Remove: parent, Expect: 1}
		outcomes := commit(t, s,
			crm.Put(crm.Change{Record: k.small(20 + i)}, then), crm.Put(then, first), crm.Put(crm.Change{Record: k.small(30 + i)}))
		wantCodes(t, outcomes, crm.CodeInvalid, crm.CodeInvalid, "")
		wantDiscreet(t, outcomes[0], string(parent), string(child.RecordID()))
		one[crm.Record](t, s, parent)
		wantSettled(t, "the record of a parent that stays", one[crm.Record](t, s, child.RecordID()), child)
		if found := byID(t, s, k.Kind, idOf(k.Kind, 20+i)); len(found) != 0 {
			t.Errorf("a Changes that removes a parent stored its other record")
		}

		// The neighbor may hang on the same parent.
		wantCodes(t, write(t, s, crm.Change{Remove: idOf(k.Kind, 30+i), Expect: 1}), "")
		wantCodes(t, commit(t, s, crm.Put(first, then)), "")
		left := byID(t, s, k.Kind, child.RecordID())
		maps.Copy(left, byID(t, s, key.Parent, parent))
		if len(left) != 0 {
			t.Errorf("%d of a record and its parent are left after their removal", len(left))
		}
	}
}

func removalFrees(t testing.TB, s crm.Store) {
	stories(t, s, 2)
	gone := customer(50)
	gone.Tags, gone.Emails = []string{"gone"}, []crm.EmailAddress{{Address: "gone@example.com"}}
	gone.ExternalIdentities = identified(50, "a").ExternalIdentities
	gone.Changes = []crm.ProfileChange{{ID: string(gone.ID) + "/gone", OccurredAt: epoch()}}
	put(t, s, gone)
	entries := count(t, s, crm.KindTimeline)
	wantCodes(t, commit(t, s, crm.Put(
		crm.Change{Remove: gone.ID, Expect: 1}, crm.Change{Record: identified(51, "a")},
	)), "")
	wantFound(t, s, crm.KindCustomer, []int{51}, crm.Predicate{Field: crm.FieldIdentity, In: []string{origin + ":a"}})
	wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: crm.FieldTag, In: []string{"gone"}})
	wantFound(t, s, crm.KindCustomer, nil, crm.Predicate{Field: crm.FieldEmail, In: []string{"gone@example.com"}})
	wantTimeline(t, s, nil, gone.ID)
	if n := count(t, s, crm.KindTimeline); n != entries-1 {
		t.Errorf("the timeline has %d entries, want %d", n, entries-1)
	}
}

func removalsAreNamed(t testing.TB, s crm.Store) {
	customerParents(t, s)
	outcomes := write(t, s,
		crm.Change{Remove: customerID(0), Expect: 1}, crm.Change{}, crm.Change{Expect: 1},
		crm.Change{Remove: "nonsense", Expect: 1}, crm.Change{Remove: "cus_", Expect: 1},
		crm.Change{Remove: "' OR 1=1 --", Expect: 1}, crm.Change{Remove: customerID(1), Expect: 1},
	)
	invalid := crm.CodeInvalid
	wantCodes(t, outcomes, "", invalid, invalid, invalid, invalid, invalid, "")
	wantFound(t, s, crm.KindCustomer, []int{2, 3, 4})
}
