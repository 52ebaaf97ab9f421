package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

// everything returns all records of a kind, in the order of their ids.
func everything[T any](t testing.TB, r crm.Reader[T]) []*T {
	t.Helper()
	page, err := r.List(t.Context(), crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1_000_000}})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

// TestOneBigCallStoresWhatManySmallOnesDo holds that indexes made at the end of
// a large call are the ones that were there, and full.
func TestOneBigCallStoresWhatManySmallOnesDo(t *testing.T) {
	c := newCompany(1100)
	small, big := open(t), open(t)
	load(t, small, c, 300)
	load(t, big, c, 1_000_000)
	want, err := small.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := big.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-small +big):\n%s", diff)
	}
	for _, problem := range big.Integrity(t.Context()) {
		t.Error(problem)
	}
	compare(t, "customers", crm.Of[crm.Customer](small), crm.Of[crm.Customer](big))
	compare(t, "orders", crm.Of[crm.Order](small), crm.Of[crm.Order](big))
	compare(t, "timeline", crm.Read[crm.TimelineRecord](small), crm.Read[crm.TimelineRecord](big))
	for _, where := range [][]crm.Predicate{
		{{Field: crm.FieldTokens, Prefix: "given1"}},
		{{Field: crm.FieldSegment, In: []string{"segment3"}}},
		{{Field: crm.FieldIdentity, In: []string{"shop:12400"}}},
	} {
		want, err := crm.Of[crm.Customer](small).Count(t.Context(), where)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := crm.Of[crm.Customer](big).Count(t.Context(), where); err != nil || got != want || got == 0 {
			t.Errorf("%v: %d (%v), want %d", where, got, err, want)
		}
	}
}

func compare[T any](t *testing.T, what string, small, big crm.Reader[T]) {
	t.Helper()
	if diff := cmp.Diff(everything(t, small), everything(t, big)); diff != "" {
		t.Errorf("%s (-small +big):\n%s", what, diff)
	}
}

func TestOneRefusedRecordLeavesTheOthers(t *testing.T) {
	for _, size := range []int{3, 70, 1500} {
		s := open(t)
		c := newCompany(400)
		write(t, crm.Of[crm.Customer](s), c.customers, 1000)
		c.orders[1].CustomerID = crm.NewID(crm.KindCustomer)
		writes := make([]crm.Write[crm.Order], size)
		for i := range writes {
			writes[i].Record = c.orders[i]
		}
		results, err := crm.Of[crm.Order](s).Write(t.Context(), writes)
		if err != nil {
			t.Fatal(err)
		}
		var known *crm.Error
		if !errors.As(results[1], &known) || known.Code != crm.CodeInvalid || known.Message != "the record refers to a customer that does not exist" {
			t.Errorf("of %d: %v, want Invalid", size, results[1])
		}
		results[1] = nil
		if err := errors.Join(results...); err != nil {
			t.Errorf("of %d: the others: %v", size, err)
		}
		if n, err := crm.Of[crm.Order](s).Count(t.Context(), nil); n != size-1 || err != nil {
			t.Errorf("of %d: %d stored (%v)", size, n, err)
		}
		entries, err := crm.Read[crm.TimelineRecord](s).Count(t.Context(), []crm.Predicate{{Field: crm.FieldRef, In: []string{string(c.orders[1].ID)}}})
		if entries != 0 || err != nil {
			t.Errorf("of %d: the refused order has %d entries (%v)", size, entries, err)
		}
	}
}

// TestIdentitiesMoveInTheOrderOfTheWrites holds for writes of one chunk, of
// several, and of a call large enough to hold its keys back; and for a kind whose
// records are written one by one.
func TestIdentitiesMoveInTheOrderOfTheWrites(t *testing.T) {
	t.Run("together", func(t *testing.T) { identitiesMove(t, open(t)) })
	t.Run("one by one", func(t *testing.T) {
		s := open(t)
		s.BeCareful(crm.KindCustomer)
		identitiesMove(t, s)
	})
}

func identitiesMove(t *testing.T, s *sqlite.Store) {
	t.Helper()
	fresh := func(n int, identity string) crm.Write[crm.Customer] {
		c := customer(n)
		c.ExternalIdentities = []crm.ExternalIdentity{{Source: "shop", ExternalID: identity}}
		return crm.Write[crm.Customer]{Record: c}
	}
	codes := func(writes ...crm.Write[crm.Customer]) map[int]crm.Code {
		t.Helper()
		results, err := crm.Of[crm.Customer](s).Write(t.Context(), writes)
		if err != nil {
			t.Fatal(err)
		}
		failed := map[int]crm.Code{}
		for i, err := range results {
			if err != nil {
				failed[i] = crm.CodeOf(err)
			}
		}
		return failed
	}
	conflict := func(at ...int) map[int]crm.Code {
		want := map[int]crm.Code{}
		for _, i := range at {
			want[i] = crm.CodeConflict
		}
		return want
	}
	check := func(what string, got, want map[int]crm.Code) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("two of one call", codes(fresh(1, "a"), fresh(2, "a"), fresh(3, "b")), conflict(1))
	check("one that is there", codes(fresh(4, "b"), fresh(5, "c")), conflict(0))
	given := fresh(1, "d")
	given.Expect = 1
	check("taken over in one call", codes(given, fresh(6, "a")), conflict())
	stale := fresh(3, "e")
	stale.Expect = 7
	check("not given up by a refused write", codes(stale, fresh(7, "b")), conflict(0, 1))
	var many []crm.Write[crm.Customer]
	for i := range 1200 {
		many = append(many, fresh(100+i, "many"+string(rune('a'+i%26))+string(rune('a'+i/26))))
	}
	many[1100] = fresh(5000, "manyaa")
	check("far apart in a large call", codes(many...), conflict(1100))
}

func TestACanceledCallStoresNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	inserts := 0
	s := open(t, sqlite.WithCallObserver(func(call string) {
		if call == "insert" {
			if inserts++; inserts == 40 {
				cancel()
			}
		}
	}))
	c := newCompany(2000)
	writes := make([]crm.Write[crm.Customer], len(c.customers))
	for i, r := range c.customers {
		writes[i].Record = r
	}
	if _, err := crm.Of[crm.Customer](s).Write(ctx, writes); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	if n, err := crm.Of[crm.Customer](s).Count(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("%d stored (%v), want none", n, err)
	}
	write(t, crm.Of[crm.Customer](s), c.customers, 10_000)
}

func TestReadersGoOnDuringALargeCall(t *testing.T) {
	c := newCompany(1500)
	var s *sqlite.Store
	reads := 0
	s = open(t, sqlite.WithCallObserver(func(call string) {
		if call == "ddl" && s != nil { // the writer is about to change the schema
			reads++
			if n, err := crm.Of[crm.Customer](s).Count(context.Background(), nil); n != 0 || err != nil {
				t.Errorf("meanwhile: %d %v, want none yet", n, err)
			}
		}
	}))
	write(t, crm.Of[crm.Customer](s), c.customers, 10_000)
	if reads == 0 {
		t.Error("the call was not large")
	}
}

func TestTwoProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	one, other := reopen(t, path), reopen(t, path)
	c := newCompany(1500)
	write(t, crm.Of[crm.Customer](one), c.customers, 10_000)
	write(t, crm.Of[crm.Order](other), c.orders, 10_000)
	compare(t, "orders", crm.Of[crm.Order](one), crm.Of[crm.Order](other))
	write(t, crm.Of[crm.Ticket](one), c.tickets, 10_000)
	compare(t, "timeline", crm.Read[crm.TimelineRecord](one), crm.Read[crm.TimelineRecord](other))
}
