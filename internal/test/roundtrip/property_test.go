package roundtrip_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

// TestImports: whatever a file holds, what is stored comes back from its dump, a
// refused line costs itself alone and is refused again, and both kinds of store
// store and refuse the same.
func TestImports(t *testing.T) {
	kinds := kindsOfStores(t)
	rapid.Check(t, func(t *rapid.T) {
		lines := drawFile(t)
		var dumps []string
		var refusals []map[int]string
		for _, kind := range kinds {
			store := kind.fresh(t, 0)
			refused := importLines(t, store, lines)
			dumped := dump(t, store)
			dumps, refusals = append(dumps, dumped), append(refusals, refused)

			good, bad := split(lines, refused)
			alone := kind.fresh(t, 1)
			for i, why := range importLines(t, alone, good) {
				t.Errorf("%s: refused only where lines that are refused are not beside it: %s\nof %s", kind.name, why, short(good[i]))
			}
			wantSame(t, kind.name+": what is stored without the lines that were refused", dumped, dump(t, alone))
			if again := importLines(t, store, bad); len(again) != len(bad) {
				t.Errorf("%s: of %d refused lines %d were refused again", kind.name, len(bad), len(again))
			}
			wantSame(t, kind.name+": what is stored after the refused lines came again", dumped, dump(t, store))
			wantBack(t, kind.fresh(t, 2), dumped)
		}
		wantAlike(t, kinds, dumps, refusals)
	})
}

// drawFile draws awkward records, and puts them at any place among those that they
// refer to.
func drawFile(t *rapid.T) []string {
	records := make([]drawn, rapid.IntRange(1, 10).Draw(t, "records"))
	var originals []crm.Record
	for i := range records {
		records[i] = drawRecord(t, i)
		t.Logf("%s", records[i].told)
		originals = append(originals, records[i].relatives...)
	}
	var lines []string
	seen := map[crm.ID]bool{}
	for _, r := range originals {
		if !seen[r.RecordID()] {
			seen[r.RecordID()] = true
			lines = append(lines, lineOf(t, r))
		}
	}
	for _, d := range records {
		lines = slices.Insert(lines, rapid.IntRange(0, len(lines)).Draw(t, "place in the file"), lineOf(t, d.record))
	}
	return lines
}

// split parts lines into those that were taken and those that were refused.
func split(lines []string, refused map[int]string) (good, bad []string) {
	for i, line := range lines {
		if _, ok := refused[i]; ok {
			bad = append(bad, line)
		} else {
			good = append(good, line)
		}
	}
	return good, bad
}

// wantAlike compares what the kinds of stores hold and have refused.
func wantAlike[K comparable](t tester, kinds []kindOfStore, dumps []string, refusals []map[K]string) {
	t.Helper()
	for i := 1; i < len(kinds); i++ {
		wantSame(t, kinds[i].name+"'s dump, and "+kinds[0].name+"'s", dumps[0], dumps[i])
		if diff := cmp.Diff(refusals[0], refusals[i]); diff != "" {
			t.Errorf("%s refuses what %s does not, or for another reason (-%s +%s):\n%s", kinds[i].name, kinds[0].name, kinds[0].name, kinds[i].name, diff)
		}
	}
}

// TestWritersAgree: a shop's records are stored, or refused, alike by an import, a
// sync and webhooks, and what is stored comes back from its dump.
func TestWritersAgree(t *testing.T) {
	kinds := kindsOfStores(t)
	rapid.Check(t, func(t *rapid.T) {
		s, told := drawShop(t)
		for _, what := range told {
			t.Logf("%s", what)
		}
		lines := s.lines(t)
		var dumps []string
		var refusals []map[string]string
		for _, kind := range kinds {
			store := kind.fresh(t, 0)
			refused := importLines(t, store, lines)
			imported := dump(t, store)

			store = kind.fresh(t, 1)
			unmatched := syncShop(t, store, s)
			synced := dump(t, store)
			wantSame(t, kind.name+": what an import stores, and what a sync does", imported, synced)
			if len(unmatched) != len(refused) {
				t.Errorf("%s: an import refuses %d records %v\nand a sync %d %v", kind.name, len(refused), shown(refused), len(unmatched), unmatched)
			}
			wantReasons(t, unmatched)

			store = kind.fresh(t, 2)
			syncShop(t, store, &shop{customers: s.customers, products: s.products})
			told := announce(t, store, s)
			wantSame(t, kind.name+": what a sync stores, and what webhooks do", synced, dump(t, store))
			wantReasons(t, told)
			for key, why := range told {
				if unmatched[key] != why {
					t.Errorf("%s: %s is refused by a webhook for %q and by a sync for %q", kind.name, key, why, unmatched[key])
				}
			}
			wantBack(t, kind.fresh(t, 0), synced)
			dumps, refusals = append(dumps, synced), append(refusals, unmatched)
		}
		wantAlike(t, kinds, dumps, refusals)
	})
}

// wantReasons holds that each refusal names a field and a reason.
func wantReasons(t tester, refused map[string]string) {
	t.Helper()
	for key, why := range refused {
		if len(why) < len(": x") || why[:2] == ": " {
			t.Errorf("%s is refused without the name of a field: %q", short(key), why)
		}
	}
}

// shown are the reasons of refusals.
func shown(refused map[int]string) []string {
	var list []string
	for i, why := range refused {
		list = append(list, fmt.Sprintf("line %d: %s", i+1, why))
	}
	slices.Sort(list)
	return list
}
