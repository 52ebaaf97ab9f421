package storetest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func logRules() []rule {
	return []rule{
		{"the log tells what was stored and removed, once each", logTells},
		{"the log pages by number without a gap or a repeat", logPages},
		{"the log tells the versions of one record in their order", logOrders},
		{"the log's numbers rise from call to call", numbersRise},
		{"the log's end is at or behind all that was committed", endsTheLog},
		{"the latest records are those that the log told of", latestRecords},
	}
}

// follow reads the log to its end, some entries at a time. Numbers must rise.
func follow(t tester, s crm.Store, after int64, limit int) []crm.LogEntry {
	t.Helper()
	all := []crm.LogEntry{}
	for {
		entries, err := s.Log(t.Context(), after, limit)
		if err != nil {
			t.Fatalf("Log: %v", err)
		}
		if len(entries) > limit {
			t.Errorf("Log gives %d entries, want at most %d", len(entries), limit)
		}
		if len(entries) == 0 {
			return all
		}
		for _, e := range entries {
			if e.Number <= after {
				t.Fatalf("Log gives number %d after %d", e.Number, after)
			}
			after = e.Number
		}
		all = append(all, entries...)
	}
}

// end is the log's last entry.
func end(t tester, s crm.Store) crm.LogEntry {
	t.Helper()
	entry, err := s.LogEnd(t.Context())
	if err != nil {
		t.Fatalf("LogEnd: %v", err)
	}
	return entry
}

// stored is what the log tells of records that were stored, but for the numbers.
func stored(records ...crm.Record) []crm.LogEntry {
	entries := make([]crm.LogEntry, len(records))
	for i, r := range records {
		entries[i] = crm.LogEntry{ID: r.RecordID(), Version: crm.VersionOf(r)}
	}
	return entries
}

// removed is what the log tells of records that were removed.
func removed(records ...crm.Record) []crm.LogEntry {
	entries := stored(records...)
	for i := range entries {
		entries[i].Removed = true
	}
	return entries
}

// wantLog compares entries without their numbers and in no particular order:
// only those of one record have one.
func wantLog(t tester, got []crm.LogEntry, want ...crm.LogEntry) {
	t.Helper()
	wantSame(t, "log", unnumbered(got), unnumbered(want))
}

func unnumbered(entries []crm.LogEntry) []crm.LogEntry {
	list := append([]crm.LogEntry{}, entries...)
	for i := range list {
		list[i].Number = 0
	}
	slices.SortFunc(list, func(a, b crm.LogEntry) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Version, b.Version), strings.Compare(crm.YesNo(a.Removed), crm.YesNo(b.Removed)))
	})
	return list
}

func logTells(t testing.TB, s crm.Store) {
	wantLog(t, follow(t, s, 0, 10))
	want := []crm.LogEntry{}
	for _, k := range kinds() {
		// The parents of a kind are small records of kinds before it.
		records := many(people, k.small)
		put(t, s, records...)
		want = append(want, stored(records...)...)
	}
	wantLog(t, follow(t, s, 0, 10), want...)

	changed := make([]crm.Change, 0, len(kinds()))
	for _, k := range kinds() {
		r := k.versioned(1, 2)
		changed = append(changed, crm.Change{Record: r, Expect: 1})
		want = append(want, stored(r)...)
	}
	wantCodes(t, commit(t, s, crm.Put(changed...)), "")
	wantLog(t, follow(t, s, 0, 10), want...)

	gone := []crm.Change{}
	for _, k := range slices.Backward(kinds()) {
		r := k.versioned(1, 2)
		gone = append(gone, crm.Change{Remove: r.RecordID(), Expect: crm.VersionOf(r)})
		want = append(want, removed(r)...)
	}
	wantCodes(t, commit(t, s, crm.Put(gone...)), "")
	wantLog(t, follow(t, s, 0, 10), want...)
}

func logPages(t testing.TB, s crm.Store) {
	customerParents(t, s)
	put(t, s, many(40, order)...)
	wantCodes(t, commit(t, s, newDeal(50).changes(), newDeal(51).changes(), crm.Put(crm.Change{Remove: order(7).ID, Expect: 1})),
		"", crm.CodeConflict, "")
	all := follow(t, s, 0, 1000)
	if want := people + 40 + 4 + 1; len(all) != want {
		t.Fatalf("the log has %d entries, want %d", len(all), want)
	}
	for _, limit := range []int{1, 2, 7, len(all) - 1, len(all), len(all) + 1} {
		wantSame(t, "log in pages", follow(t, s, 0, limit), all)
		for _, from := range []int{0, 3, len(all) - 2} {
			wantSame(t, "log from the middle", follow(t, s, all[from].Number, limit), all[from+1:])
		}
	}
	for _, after := range []int64{all[len(all)-1].Number, all[len(all)-1].Number + 1000, 1 << 62} {
		wantSame(t, "log after its end", follow(t, s, after, 10), []crm.LogEntry{})
	}
	none, err := s.Log(t.Context(), 0, 0)
	if err != nil || len(none) != 0 {
		t.Errorf("Log with limit 0 gives %d entries and %v", len(none), err)
	}
}

// toldOf is what the log tells of one record, in its order.
func toldOf(entries []crm.LogEntry, id crm.ID) []crm.LogEntry {
	kept := []crm.LogEntry{}
	for _, e := range entries {
		if e.ID == id {
			e.Number = 0
			kept = append(kept, e)
		}
	}
	return kept
}

func logOrders(t testing.TB, s crm.Store) {
	version := func(n, version int) crm.Change {
		return crm.Change{Record: of(crm.KindCustomer).versioned(n, version), Expect: version - 1}
	}
	remove := func(n, version int) crm.Change { return crm.Change{Remove: customerID(n), Expect: version} }
	const versions = 6
	want := map[int][]crm.LogEntry{}
	calls := [][]crm.Change{}
	for n := range 4 {
		list := []crm.Change{}
		for i := range versions {
			list = append(list, version(n, i+1))
			want[n] = append(want[n], stored(version(n, i+1).Record)...)
		}
		list = append(list, remove(n, versions), version(n, 1))
		want[n] = append(want[n], removed(version(n, versions).Record)...)
		want[n] = append(want[n], stored(version(n, 1).Record)...)
		calls = append(calls, list)
	}
	for _, list := range calls {
		for _, err := range write(t, s, list...) {
			if err != nil {
				t.Fatalf("write one version after another: %v", err)
			}
		}
	}
	for n := range calls {
		wantSame(t, "log of one record", toldOf(follow(t, s, 0, 5), customerID(n)), want[n])
	}
}

// numbersRise follows the log as it grows: what is read after a call is new, and
// all of it.
func numbersRise(t testing.TB, s crm.Store) {
	last := int64(0)
	for n := range 20 {
		changes := many(n%4, func(i int) crm.Change { return crm.Change{Record: customer(10*n + i)} })
		records := many(n%4, func(i int) crm.Record { return customer(10*n + i) })
		if n%2 == 0 {
			wantCodes(t, commit(t, s, crm.Put(changes...)), "")
		} else {
			put(t, s, records...)
		}
		entries := follow(t, s, last, 2)
		wantLog(t, entries, stored(records...)...)
		if len(entries) > 0 {
			last = entries[len(entries)-1].Number
		}
	}
}

// endsTheLog asks for the end first, so that what waits for a number is given one: the
// entries that are read then are those, and none follow.
func endsTheLog(t testing.TB, s crm.Store) {
	wantSame(t, "end of an empty log", end(t, s), crm.LogEntry{})
	told := 0
	for n := range 12 {
		records := many(n, func(i int) crm.Record { return customer(100*n + i) })
		if n%2 == 0 {
			put(t, s, records...)
		} else {
			wantCodes(t, commit(t, s, crm.Put(many(n, func(i int) crm.Change { return crm.Change{Record: records[i]} })...)), "")
		}
		told += n
		last := end(t, s)
		entries := follow(t, s, 0, 1000)
		if len(entries) != told {
			t.Fatalf("the log has %d entries, want %d", len(entries), told)
		}
		if told > 0 {
			wantSame(t, "end of the log", last, entries[told-1])
			wantSame(t, "number of the first entry", entries[0].Number, int64(1))
		}
		wantSame(t, "log after its end", follow(t, s, last.Number, 10), []crm.LogEntry{})
	}
	wantCodes(t, commit(t, s, crm.Put(crm.Change{Remove: customerID(100), Expect: 1})), "")
	last := end(t, s)
	last.Number = 0
	wantSame(t, "end of the log", last, removed(customer(100))[0])
}

// latestRecords reads what the log tells of: the versions that it has last.
func latestRecords(t testing.TB, s crm.Store) {
	for _, k := range kinds() {
		put(t, s, many(people, k.small)...)
	}
	for _, k := range kinds() {
		r := k.versioned(1, 2)
		wantCodes(t, commit(t, s, crm.Put(crm.Change{Record: r, Expect: 1})), "")
		absent := idOf(k.Kind, people+1)
		got, err := s.Latest(t.Context(), k.Kind, []crm.ID{k.small(0).RecordID(), absent, r.RecordID(), r.RecordID(), k.foreign()}, nil)
		if err != nil {
			t.Fatalf("Latest: %v", err)
		}
		want := byID(t, s, k.Kind, k.small(0).RecordID(), r.RecordID())
		if len(got) != len(want) {
			t.Errorf("Latest gives %d of %s, want %d", len(got), k.Name, len(want))
		}
		for _, g := range got {
			wantSame(t, "latest record", g, want[g.RecordID()])
			if g.RecordID() == r.RecordID() {
				wantSame(t, "latest version", crm.VersionOf(g), crm.VersionOf(r))
			}
		}
	}
	_, err := s.Latest(t.Context(), "none", []crm.ID{customerID(1)}, nil)
	wantCode(t, "a kind that is not described", err, crm.CodeInvalid)
}
