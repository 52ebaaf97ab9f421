package guard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

func TestIdenticalCallsAreOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(shoptest.WithDelay(time.Second)), &recorder{}
		shop := wrap(raw, plain(), seen)
		defer shop.Close()
		var callers sync.WaitGroup
		for i := range 50 {
			callers.Go(func() {
				// Pages that overlap: each shopper is asked for once.
				some := shoppers(3)[i%2 : 2+i%2]
				found, err := shop.OrdersOf(t.Context(), some, crm.Stretch{Limit: 10})
				if err != nil || len(found) != 2 {
					t.Errorf("%d entries, %v", len(found), err)
				}
				for _, o := range found {
					o.Items[0].Lines[0].Title = fmt.Sprint("mine ", i) // A race, if it were not.
				}
			})
		}
		callers.Wait()
		var keys []string
		for _, c := range raw.Log() {
			keys = append(keys, c.Keys...)
		}
		slices.Sort(keys)
		if diff := cmp.Diff([]string{"cus_00", "cus_01", "cus_02"}, keys); diff != "" {
			t.Errorf("keys asked for (-want +got):\n%s", diff)
		}
		if n := seen.count("cache SHARED"); n != 97 {
			t.Errorf("shared keys: %d, want 97", n)
		}
	})
}

func TestScopesDoNotShareACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop(shoptest.WithDelay(time.Second))
		shop := wrap(raw, guard.Default(), nil)
		defer shop.Close()
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() {
				under := shop.kept.Under([]string{"", "partner-1"}[i%2])
				if _, err := under.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 1}); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if n := raw.Calls(); n != 2 {
			t.Errorf("calls: %d, want one for each of 2 scopes", n)
		}
	})
}

func TestWhoLeavesDoesNotEndTheCallOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop(shoptest.WithDelay(time.Second))
		shop := wrap(raw, plain(), nil)
		defer shop.Close()
		var callers sync.WaitGroup
		for i := range 5 {
			callers.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if i < 4 {
					time.AfterFunc(time.Duration(i+1)*100*time.Millisecond, cancel)
				}
				found, err := shop.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 1})
				if left := i < 4; left != errors.Is(err, context.Canceled) || left == (len(found) == 1) {
					t.Errorf("caller %d: %d entries, %v", i, len(found), err)
				}
			})
		}
		callers.Wait()
		if n := raw.Calls(); n != 1 {
			t.Errorf("calls: %d, want 1", n)
		}
	})
}

func TestTheLastToLeaveEndsTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(shoptest.WithDelay(time.Second)), &recorder{}
		shop := wrap(raw, plain(), seen)
		begin := time.Now()
		var callers sync.WaitGroup
		for i := range 3 {
			callers.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Duration(i+1)*100*time.Millisecond, cancel)
				if _, err := shop.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 1}); !errors.Is(err, context.Canceled) {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		callers.Wait()
		shop.Close()
		if took := time.Since(begin); took != 300*time.Millisecond || seen.count("call CANCELED") != 1 {
			t.Errorf("the call ended after %v, observed %d times as canceled; want 300ms and once", took, seen.count("call CANCELED"))
		}
		if found, err := shop.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 1}); err != nil || len(found) != 1 {
			t.Errorf("the next: %d entries, %v", len(found), err)
		}
		shop.Close()
	})
}

func TestAShopThatIgnoresItsDeadlineIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop()
		release := make(chan struct{})
		raw.SetHook(func(context.Context, shoptest.Call) error { <-release; return nil })
		shop := wrap(raw, plain(), nil)
		begin := time.Now()
		_, err := shop.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 1})
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took > 2200*time.Millisecond {
			t.Errorf("after %v: %v; want the deadline", took, err)
		}
		close(release)
		shop.Close()
	})
}

func TestCallsAreCutToWhatTheShopCan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		perCall, keys, want, most int
		took                      time.Duration
	}{
		{0, 45, 1, 1, time.Second},
		{20, 45, 3, 3, time.Second},
		{20, 40, 2, 2, time.Second},
		{1, 20, 20, 12, 2 * time.Second}, // Of 16 places a quarter is for others.
		{20, 0, 0, 0, 0},
	} {
		t.Run(fmt.Sprintf("%d keys by %d", c.keys, c.perCall), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := plain()
				s.Timeout = 5 * time.Second
				raw := shoptest.New("shop-one", orders(45, 2), shoptest.WithDelay(time.Second),
					shoptest.WithCapabilities(crm.Capabilities{ShoppersPerCall: c.perCall, OrdersPerCall: c.perCall, ProductsPerCall: c.perCall}))
				shop := wrap(raw, s, nil)
				defer shop.Close()
				if can := shop.Capabilities(); can != (crm.Capabilities{}) {
					t.Errorf("capabilities: %+v, want no bounds", can)
				}
				begin := time.Now()
				found, err := shop.OrdersOf(t.Context(), append(shoppers(c.keys), shoppers(c.keys)...), crm.Stretch{Limit: 5})
				if err != nil || len(found) != c.keys || time.Since(begin) != c.took {
					t.Errorf("%d entries, %v, after %v; want %d after %v", len(found), err, time.Since(begin), c.keys, c.took)
				}
				if raw.Calls() != c.want || raw.Most() != c.most {
					t.Errorf("%d calls, %d at once; want %d and %d", raw.Calls(), raw.Most(), c.want, c.most)
				}
				ids := make([]string, c.keys)
				for i := range ids {
					ids[i] = fmt.Sprintf("%02d-00", i)
				}
				raw.Forget()
				if found, err := shop.OrdersByID(t.Context(), ids); err != nil || len(found) != c.keys || raw.Calls() != c.want {
					t.Errorf("OrdersByID: %d, %v, %d calls", len(found), err, raw.Calls())
				}
				raw.Forget()
				if _, err := shop.ProductsBySKU(t.Context(), ids); err != nil || raw.Calls() != c.want {
					t.Errorf("ProductsBySKU: %v, %d calls", err, raw.Calls())
				}
			})
		})
	}
}

func TestAPartThatFailsCostsItsKeysOnly(t *testing.T) {
	t.Parallel()
	raw := shoptest.New("shop-one", orders(9, 2), shoptest.WithCapabilities(crm.Capabilities{ShoppersPerCall: 3}))
	down := failure(crm.CodeUnavailable)
	raw.SetHook(func(_ context.Context, c shoptest.Call) error {
		if slices.Contains(c.Keys, "cus_04") {
			return down
		}
		return nil
	})
	shop := wrap(raw, plain(), nil)
	defer shop.Close()
	found, err := shop.OrdersOf(t.Context(), shoppers(9), crm.Stretch{Limit: 5})
	if !errors.Is(err, down) || len(found) != 6 {
		t.Errorf("%d entries, %v; want 6 and the error of the second part", len(found), err)
	}
	for id := range found {
		if id == "cus_03" || id == "cus_04" || id == "cus_05" {
			t.Errorf("%s is there", id)
		}
	}
}

func TestAnAnswerThatLeavesAKeyOutIsAnError(t *testing.T) {
	t.Parallel()
	shop := wrap(forgetful{newShop()}, plain(), nil)
	defer shop.Close()
	found, err := shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 1})
	if len(found) != 2 || crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("%d entries, %v; want 2 and %s", len(found), err, crm.CodeUnavailable)
	}
}

// forgetful breaks the contract: it leaves a shopper out and says nothing.
type forgetful struct{ *shoptest.Shop }

func (f forgetful) OrdersOf(ctx context.Context, of []crm.Shopper, s crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	found, err := f.Shop.OrdersOf(ctx, of, s)
	delete(found, "cus_01")
	return found, err
}

func TestForeignKeysAreDropped(t *testing.T) {
	t.Parallel()
	raw := newShop()
	victim := orders(1, 1)[0]
	victim.Order.ExternalID, victim.Order.CustomerID = "victims", "cus_99"
	raw.Lie(victim)
	shop := wrap(raw, guard.Default(), nil)
	defer shop.Close()
	for range 2 {
		found, err := shop.OrdersOf(t.Context(), shoppers(2), crm.Stretch{Limit: 1})
		byID, err2 := shop.OrdersByID(t.Context(), []string{"00-00"})
		if len(found) != 2 || err != nil || len(byID) != 1 || err2 != nil {
			t.Errorf("%d entries, %v; %d orders, %v", len(found), err, len(byID), err2)
		}
	}
}
