package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// writers is how many write at once.
const writers = 8

func concurrencyRules() []rule {
	return []rule{
		{"of several writers of one version exactly one wins", oneWriterWins},
		{"of several writers of one new record exactly one wins", oneCreatorWins},
		{"writers of different records are all stored", writersOfOthers},
		{"readers and writers work side by side", readersBesideWriters},
		{"a canceled context ends every call with context.Canceled", canceledContext},
		{"a deadline that has passed is a store that is unavailable", passedDeadline},
	}
}

// atOnce runs n calls at the same time and gives what each gave.
func atOnce[R any](n int, call func(i int) R) []R {
	results := make([]R, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			results[i] = call(i)
		})
	}
	close(start)
	all.Wait()
	return results
}

// contend writes a version of customer 1 from several goroutines and gives the
// number of the one that was stored.
func contend(t testing.TB, s crm.Store, version, expect int) int {
	t.Helper()
	outcomes := atOnce(writers, func(i int) error {
		c := customer(1)
		c.Version, c.Tier = version, ptr(fmt.Sprint(i))
		results, err := s.Commit(t.Context(), apart(crm.Change{Record: c, Expect: expect}))
		if err != nil {
			return fmt.Errorf("the whole call failed: %w", err)
		}
		return results[0]
	})
	winner := -1
	for i, err := range outcomes {
		switch {
		case err == nil && winner < 0:
			winner = i
		case err == nil:
			t.Errorf("version %d was stored twice", version)
		case crm.CodeOf(err) != crm.CodeConflict:
			t.Errorf("a writer that came too late got %v, want a conflict", err)
		}
	}
	if winner < 0 {
		t.Fatalf("nobody stored version %d", version)
	}
	return winner
}

func oneWriterWins(t testing.TB, s crm.Store) {
	put(t, s, customer(1))
	for version := 2; version < 6; version++ {
		winner := contend(t, s, version, version-1)
		got := one[*crm.Customer](t, s, customerID(1))
		if got.Version != version || *got.Tier != fmt.Sprint(winner) {
			t.Errorf("stored is version %d of writer %s, want %d of %d", got.Version, *got.Tier, version, winner)
		}
	}
}

func oneCreatorWins(t testing.TB, s crm.Store) {
	winner := contend(t, s, 1, 0)
	if got := one[*crm.Customer](t, s, customerID(1)); *got.Tier != fmt.Sprint(winner) {
		t.Errorf("stored is the record of writer %s, want %d", *got.Tier, winner)
	}
}

func writersOfOthers(t testing.TB, s crm.Store) {
	customerParents(t, s)
	outcomes := atOnce(writers, func(i int) error {
		writes := make([]crm.Change, 25)
		for j := range writes {
			writes[j].Record = order(i*len(writes) + j)
		}
		results, err := s.Commit(t.Context(), apart(writes...))
		return errors.Join(append(results, err)...)
	})
	for _, err := range outcomes {
		if err != nil {
			t.Errorf("a writer of its own records: %v", err)
		}
	}
	wantBy(t, s, remember(many(writers*25, order)), []crm.Field{crm.FieldCustomer}, many100(100), crm.Query{
		Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: 50},
	})
}

func readersBesideWriters(t testing.TB, s crm.Store) {
	customerParents(t, s)
	ids := many100(100)
	outcomes := atOnce(writers, func(i int) error {
		if i%2 == 0 {
			results, err := s.Commit(t.Context(), apart(crm.Change{Record: order(2 * i)}, crm.Change{Record: order(2*i + 1)}))
			return errors.Join(append(results, err)...)
		}
		_, err := s.ListBy(t.Context(), crm.KindOrder, []crm.Field{crm.FieldCustomer}, ids, crm.Query{
			Sort: crm.Sort{Field: crm.FieldPlacedAt}, Page: crm.PageRequest{Limit: 5},
		})
		_, factsErr := s.Facts(t.Context(), ids)
		return errors.Join(err, factsErr)
	})
	for _, err := range outcomes {
		if err != nil {
			t.Errorf("one of several readers and writers: %v", err)
		}
	}
	if n := count(t, s, crm.KindOrder); n != writers {
		t.Errorf("Count is %d, want %d", n, writers)
	}
}

// calls returns every call of a store that a context may end, by its name.
func calls(ctx context.Context, s crm.Store) map[string]func() error {
	ids, by := []crm.ID{customerID(1)}, []crm.Field{crm.FieldCustomer}
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt}, Page: crm.PageRequest{Limit: 1}}
	return map[string]func() error{
		"ByID":               func() error { _, err := s.ByID(ctx, crm.KindCustomer, ids, nil); return err },
		"List":               func() error { _, err := s.List(ctx, crm.KindOrder, q); return err },
		"Count":              func() error { _, err := s.Count(ctx, crm.KindOrder, nil); return err },
		"ListBy":             func() error { _, err := s.ListBy(ctx, crm.KindOrder, by, ids, q); return err },
		"CountBy":            func() error { _, err := s.CountBy(ctx, crm.KindOrder, by, ids, nil); return err },
		"Facts":              func() error { _, err := s.Facts(ctx, ids); return err },
		"Ping":               func() error { return s.Ping(ctx) },
		"Commit":             func() error { _, err := s.Commit(ctx, apart(crm.Change{Record: order(1)})); return err },
		"Log":                func() error { _, err := s.Log(ctx, 0, 1); return err },
		"LogEnd":             func() error { _, err := s.LogEnd(ctx); return err },
		"Latest":             func() error { _, err := s.Latest(ctx, crm.KindCustomer, ids, nil); return err },
		"Checkpoints.Get":    func() error { _, err := s.Checkpoints().Get(ctx, []string{"name"}); return err },
		"Checkpoints.Set":    func() error { return s.Checkpoints().Set(ctx, "name", nil, 0) },
		"Checkpoints.Once":   func() error { _, err := s.Checkpoints().Once(ctx, "key", time.Now().Add(time.Hour)); return err },
		"Checkpoints.Forget": func() error { return s.Checkpoints().Forget(ctx, "key") },
		"APIKeys.Add":        func() error { return s.APIKeys().Add(ctx, apiKey(1)) },
		"APIKeys.ByHash":     func() error { _, err := s.APIKeys().ByHash(ctx, apiKey(1).Hash); return err },
		"APIKeys.List":       func() error { _, err := s.APIKeys().List(ctx); return err },
		"APIKeys.Revoke":     func() error { return s.APIKeys().Revoke(ctx, apiKey(1).ID, epoch()) },
		"APIKeys.Touch":      func() error { return s.APIKeys().Touch(ctx, apiKey(1).ID, epoch()) },
	}
}

func canceledContext(t testing.TB, s crm.Store) {
	put(t, s, customer(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(ctx, s) {
		began := time.Now()
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s gives %v, want context.Canceled", name, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %v to notice", name, took)
		}
	}
	if n := count(t, s, crm.KindOrder); n != 0 {
		t.Errorf("a canceled write stored %d records", n)
	}
	wantCheckpoints(t, s, []string{"name"}, map[string]string{})
	wantAPIKeys(t, s)
	one[*crm.Customer](t, s, customerID(1))
}

func passedDeadline(t testing.TB, s crm.Store) {
	ctx, cancel := context.WithDeadline(t.Context(), epoch())
	defer cancel()
	for name, call := range calls(ctx, s) {
		if err := call(); err == nil || crm.CodeOf(err) != crm.CodeUnavailable {
			t.Errorf("%s gives %v, want %s", name, err, crm.CodeUnavailable)
		}
	}
}
