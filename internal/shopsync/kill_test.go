package shopsync_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shopsync"
)

// killed runs until the fuse blows and says whether it did.
func killed(t tester, store crm.Store, w world, f *fuse, batch int) bool {
	t.Helper()
	reports, err := shopsync.Run(context.Background(), mortal{store, f}, w.ports(f.shop), shopsync.Options{BatchSize: batch, Clock: clock})
	for _, r := range reports {
		err = errors.Join(err, r.Err)
	}
	if err != nil && !errors.Is(err, errDead) {
		t.Fatalf("Run: %v", err)
	}
	return err != nil
}

// A run that was killed at any point, and run again, leaves the same bytes as one
// that was not.
func TestKilledAnywhereItLeavesTheSame(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		random := rand.New(rand.NewPCG(1, 2))
		w := newWorld(random.IntN, size{stored: 40, shops: 2, customers: 60, products: 20, orders: 80, people: 40})
		const batch = 7
		whole := backend.Open(t, nil)
		fill(t, whole, w.stored...)
		count := &fuse{left: -1}
		if killed(t, whole, w, count, batch) {
			t.Fatal("a fuse that never blows has blown")
		}
		want := dump(t, whole)
		for range 10 {
			store := backend.Open(t, nil)
			fill(t, store, w.stored...)
			f := &fuse{left: 1 + random.IntN(count.calls), pick: random.IntN}
			at := f.left
			if !killed(t, store, w, f, batch) {
				t.Fatalf("a fuse of %d of %d calls has not blown", at, count.calls)
			}
			run(t, store, w.ports(), shopsync.Options{BatchSize: batch})
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(dump(t, store), "\n")); diff != "" {
				t.Errorf("killed at call %d of %d (-want +got):\n%s", at, count.calls, diff)
			}
		}
	})
}

// For any shops and customers: however often a run is killed, and whatever its
// batches, the same is stored; a run after that writes nothing; and nobody got
// what is not shown to be theirs.
func TestAnyWorld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		w := newWorld(pick, size{stored: pick(8), shops: 1 + pick(2), customers: pick(8), products: pick(3), orders: pick(8), people: 3})
		open := func() crm.Store {
			store, err := sqlite.Open(context.Background(), "")
			if err == nil {
				err = store.Migrate(context.Background())
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close(context.Background()) })
			fill(t, store, w.stored...)
			return store
		}
		whole := open()
		run(t, whole, w.ports(), shopsync.Options{BatchSize: 100})
		want := dump(t, whole)

		store := open()
		for range 1 + pick(3) {
			killed(t, store, w, &fuse{left: 1 + pick(40), pick: pick}, 1+pick(5))
		}
		run(t, store, w.ports(), shopsync.Options{BatchSize: 1 + pick(5)})
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(dump(t, store), "\n")); diff != "" {
			t.Fatalf("killed (-want +got):\n%s", diff)
		}
		for _, full := range []bool{false, true} {
			for _, r := range run(t, store, w.ports(), shopsync.Options{BatchSize: 1 + pick(5), Full: full}) {
				if r.Written != 0 {
					t.Fatalf("again, full %v: %+v\n%s", full, r, cmp.Diff(strings.Split(want, "\n"), strings.Split(dump(t, store), "\n")))
				}
			}
		}
		if again := dump(t, store); again != want {
			t.Fatalf("again (-want +got):\n%s", cmp.Diff(want, again))
		}
		proven(t, w, store)
	})
}

// proven checks what each customer got against what was shown to be theirs.
func proven(t tester, w world, store crm.Store) {
	t.Helper()
	page, err := crm.Of[crm.Customer](store).List(context.Background(), crm.Query{
		Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1000},
	})
	if err != nil {
		t.Fatal(err)
	}
	before, now := map[crm.ID]*crm.Customer{}, map[crm.ID]*crm.Customer{}
	for _, c := range w.stored {
		before[c.ID] = c
	}
	for _, c := range page.Items {
		now[c.ID] = c
		old := before[c.ID]
		for _, e := range c.ExternalIdentities {
			if old == nil && c.ID == crm.DerivedID(crm.KindCustomer, e.Source, e.ExternalID) || old != nil && slices.Contains(old.ExternalIdentities, e) {
				continue
			}
			if !slices.ContainsFunc(w.seen(e), func(s *crm.ShopCustomer) bool {
				return s.EmailVerified && slices.ContainsFunc(c.Emails, func(m crm.EmailAddress) bool { return m.Verified && m.Address == s.Email })
			}) {
				t.Errorf("%s got the identity %v, with which it shares no verified address", c.ID, e)
			}
		}
		if old == nil {
			continue
		}
		gone := c.Status == crm.CustomerStatusErased || c.Status == crm.CustomerStatusMerged
		if c.Version != old.Version && gone {
			t.Errorf("%s was erased or merged, and changed", c.ID)
		}
		if len(old.Emails) > 0 && cmp.Diff(old.Emails, c.Emails) != "" || len(old.Phones) > 0 && cmp.Diff(old.Phones, c.Phones) != "" ||
			old.GivenName != nil && *old.GivenName != *c.GivenName {
			t.Errorf("%s: what was there was overwritten", c.ID)
		}
		if c.Version-old.Version != len(c.Changes)-len(old.Changes) {
			t.Errorf("%s: version %d after %d with %d changes", c.ID, c.Version, old.Version, len(c.Changes))
		}
	}
	for _, s := range w.shops {
		for _, o := range s.orders {
			stored := one(t, crm.Of[crm.Order](store), o.Order.ID)
			if stored.CustomerID == "" {
				continue
			}
			if shopper, ok := now[stored.CustomerID].Shopper(s.source); !ok || !shopper.Is(o.Buyer) {
				t.Errorf("%s went to %s, who is not its buyer", stored.ID, stored.CustomerID)
			}
		}
	}
}

// seen returns the states in which a shop showed a customer.
func (w world) seen(e crm.ExternalIdentity) []*crm.ShopCustomer {
	var list []*crm.ShopCustomer
	for _, s := range w.shops {
		for _, c := range s.customers {
			if s.source == e.Source && c.ExternalID == e.ExternalID {
				list = append(list, c)
			}
		}
	}
	return list
}
