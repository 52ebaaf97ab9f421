package sqlite_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

func readLog(t testing.TB, s crm.Store, after int64, limit int) []crm.LogEntry {
	t.Helper()
	entries, err := s.Log(t.Context(), after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestTheLogHasWhatWasStoredAndRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	if diff := cmp.Diff([]crm.LogEntry{}, readLog(t, s, 0, 10)); diff != "" {
		t.Errorf("of an empty store (-want +got):\n%s", diff)
	}
	one, two := customer(1), customer(2)
	again := customer(1)
	again.Version = 2
	order := benchOrder(1, one.ID, one.CreatedAt)
	orphan := benchOrder(2, crm.NewID(crm.KindCustomer), one.CreatedAt)
	wantCodes(t, "the changes", commit(t, s,
		crm.Put(crm.Change{Record: one}), crm.Put(crm.Change{Record: again, Expect: 1}), crm.Put(crm.Change{Record: two, Expect: 3}),
		crm.Put(crm.Change{Record: two}, crm.Change{Record: order}), crm.Put(crm.Change{Record: customer(3)}, crm.Change{Record: orphan}),
		crm.Put(crm.Change{Remove: order.ID, Expect: 1}, crm.Change{Remove: one.ID, Expect: 2}),
	), map[int]crm.Code{2: crm.CodeConflict, 4: crm.CodeInvalid})
	want := []crm.LogEntry{
		{Number: 1, ID: one.ID, Version: 1},
		{Number: 2, ID: one.ID, Version: 2},
		{Number: 3, ID: two.ID, Version: 1},
		{Number: 4, ID: order.ID, Version: 1},
		{Number: 5, ID: order.ID, Version: 1, Removed: true},
		{Number: 6, ID: one.ID, Version: 2, Removed: true},
	}
	if diff := cmp.Diff(want, readLog(t, s, 0, 100)); diff != "" {
		t.Errorf("all of it (-want +got):\n%s", diff)
	}
	reopened := reopen(t, path)
	wantCodes(t, "one more", commit(t, reopened, crm.Put(crm.Change{Record: order})), map[int]crm.Code{0: crm.CodeInvalid})
	wantCodes(t, "one more", commit(t, reopened, crm.Put(crm.Change{Record: customer(4)})), map[int]crm.Code{})
	want = append(want, crm.LogEntry{Number: 7, ID: customer(4).ID, Version: 1})
	if diff := cmp.Diff(want, readLog(t, reopened, 0, 100)); diff != "" {
		t.Errorf("opened again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[2:4], readLog(t, s, 2, 2)); diff != "" {
		t.Errorf("a page (-want +got):\n%s", diff)
	}
	for _, page := range [][]crm.LogEntry{readLog(t, s, 7, 10), readLog(t, s, 0, 0), readLog(t, s, 1000, 1)} {
		if diff := cmp.Diff([]crm.LogEntry{}, page); diff != "" {
			t.Errorf("a page past the end (-want +got):\n%s", diff)
		}
	}
}

// A call notes its records in few rows, and pages of any size give all of them.
func TestTheLogIsReadInPages(t *testing.T) {
	s := open(t)
	c := newCompany(1300)
	load(t, s, &company{customers: c.customers}, 10_000)
	load(t, s, &company{products: c.products}, 300)
	if n, err := s.LogRows(t.Context()); err != nil || n != 3+4 {
		t.Errorf("%d rows (%v), want 7", n, err)
	}
	want := readLog(t, s, 0, 10_000)
	if len(want) != len(c.customers)+len(c.products) {
		t.Fatalf("%d entries, want %d", len(want), len(c.customers)+len(c.products))
	}
	for i, e := range want {
		if e.Number != int64(i+1) {
			t.Fatalf("entry %d has number %d", i, e.Number)
		}
	}
	for _, limit := range []int{7, 499, 500, 501, 1300} {
		var got []crm.LogEntry
		for after := int64(0); ; after = got[len(got)-1].Number {
			page := readLog(t, s, after, limit)
			if len(page) == 0 {
				break
			}
			if len(page) > limit {
				t.Fatalf("a page of %d has %d entries", limit, len(page))
			}
			got = append(got, page...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

// A reader who goes on from the last number seen misses nothing of what two processes
// write, and can read what the log says.
func TestTheLogOfTwoProcessesMissesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	writers := []*sqlite.Store{reopen(t, path), reopen(t, path)}
	reader := reopen(t, path)
	const each = 60
	failures := make([]error, len(writers))
	var wait sync.WaitGroup
	for w, s := range writers {
		wait.Go(func() {
			for i := range each {
				c := customer(1 + w*each + i)
				brief := team("Brief")
				results, err := s.Commit(t.Context(), []crm.Changes{crm.Put(crm.Change{Record: c}), crm.Put(crm.Change{Record: brief}, crm.Change{Remove: brief.ID, Expect: 1})})
				if failures[w] = errors.Join(append(results, err)...); failures[w] != nil {
					return
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		wait.Wait()
		close(ended)
	}()
	var seen []crm.LogEntry
	for last := false; !last; {
		select {
		case <-ended:
			last = true
		default:
		}
		after := int64(len(seen))
		page := readLog(t, reader, after, 1000)
		ids := make([]crm.ID, 0, len(page))
		for i, e := range page {
			if e.Number != after+int64(i)+1 {
				t.Fatalf("number %d follows %d", e.Number, after+int64(i))
			}
			if e.ID.Kind() == crm.KindCustomer {
				ids = append(ids, e.ID)
			}
		}
		found, err := reader.ByID(t.Context(), crm.KindCustomer, ids, nil)
		if err != nil || len(found) != len(ids) {
			t.Fatalf("%d of %d can be read (%v)", len(found), len(ids), err)
		}
		seen = append(seen, page...)
	}
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2*each*3 {
		t.Errorf("%d entries seen, want %d", len(seen), 2*each*3)
	}
}
