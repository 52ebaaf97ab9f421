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

func TestBreaker(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		open bool
	}{
		{"unavailable", failure(crm.CodeUnavailable), true},
		{"rate limited", failure(crm.CodeRateLimited), true},
		{"unauthenticated", failure(crm.CodeUnauthenticated), true},
		{"too late", late(), true},
		{"not found", failure(crm.CodeNotFound), false},
		{"invalid", failure(crm.CodeInvalid), false},
		{"unsupported", failure(crm.CodeUnsupported), false},
		{"internal", failure(crm.CodeInternal), false},
		{"canceled", context.Canceled, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				raw, seen := newShop(shoptest.WithErr(c.err)), &recorder{}
				shop := wrap(raw, plain(), seen)
				defer shop.Close()
				for i := range 8 {
					_, err := title(t, shop, fmt.Sprint(i))
					var told *crm.Error
					if open := c.open && i >= 5; open && (!errors.As(err, &told) || told.Code != crm.CodeUnavailable ||
						told.Source != "shop-one" || told.RetryAfter != 5*time.Second) || !open && !errors.Is(err, c.err) {
						t.Errorf("call %d: %v", i, err)
					}
				}
				if !c.open {
					if raw.Calls() != 8 || len(seen.states) > 0 {
						t.Errorf("%d calls, states %v; want 8 and none", raw.Calls(), seen.states)
					}
					return
				}
				if raw.Calls() != 5 {
					t.Errorf("%d calls, want 5", raw.Calls())
				}
				time.Sleep(5 * time.Second) // On trial, and it fails again.
				_, _ = title(t, shop, "trial")
				_, _ = title(t, shop, "after")
				if raw.Calls() != 6 {
					t.Errorf("%d calls after a trial, want 6", raw.Calls())
				}
				time.Sleep(5 * time.Second)
				raw.SetErr(nil)
				for range 3 {
					if _, err := title(t, shop, "00-00"); err != nil {
						t.Errorf("after it is well again: %v", err)
					}
				}
				want := []crm.BreakerState{"OPEN", "HALF_OPEN", "OPEN", "HALF_OPEN", "CLOSED"}
				if diff := cmp.Diff(want, seen.states); diff != "" {
					t.Errorf("states (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func late() error {
	return &crm.Error{Code: crm.CodeUnavailable, Source: "shop-one", Err: context.DeadlineExceeded}
}

func TestOneRequestIsOnTrial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(shoptest.WithErr(failure(crm.CodeUnavailable))), &recorder{}
		shop := wrap(raw, plain(), seen)
		defer shop.Close()
		for i := range 5 {
			_, _ = title(t, shop, fmt.Sprint(i))
		}
		time.Sleep(5 * time.Second)
		raw.Forget()
		raw.SetErr(nil)
		raw.SetDelay(time.Second)
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() { _, _ = title(t, shop, fmt.Sprint(i)) })
		}
		callers.Wait()
		if n := raw.Calls(); n != 1 {
			t.Errorf("calls on trial: %d, want 1", n)
		}
	})
}

func TestATrialThatNobodyWaitsForIsNotTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop(shoptest.WithErr(failure(crm.CodeUnavailable)))
		shop := wrap(raw, plain(), nil)
		defer shop.Close()
		for i := range 5 {
			_, _ = title(t, shop, fmt.Sprint(i))
		}
		raw.SetErr(nil)
		for _, d := range []time.Duration{time.Second, 0} {
			time.Sleep(5 * time.Second)
			raw.SetDelay(d)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			_, err := shop.OrdersByID(ctx, []string{"00-00"})
			if left := d > 0; left != errors.Is(err, context.Canceled) || !left && err != nil {
				t.Errorf("a trial of %v: %v", d, err)
			}
			shop.Close()
			cancel()
		}
	})
}

func TestImpatienceIsNoFailureOfTheShop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patience time.Duration
		open     bool
	}{{500 * time.Millisecond, false}, {1500 * time.Millisecond, true}} {
		t.Run(c.patience.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				raw, seen := newShop(shoptest.WithDelay(10*time.Second)), &recorder{}
				shop := wrap(raw, plain(), seen)
				for i := range 6 {
					ctx, cancel := context.WithTimeout(t.Context(), c.patience)
					_, err := shop.OrdersByID(ctx, []string{fmt.Sprint(i)})
					if crm.CodeOf(err) != crm.CodeUnavailable {
						t.Errorf("call %d: %v", i, err)
					}
					cancel()
					shop.Close()
				}
				if open := len(seen.states) > 0; open != c.open {
					t.Errorf("states %v, want open: %v", seen.states, c.open)
				}
			})
		})
	}
}

func TestAMissingPermissionCostsWhatItIsForOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(), &recorder{}
		forbidden := failure(crm.CodeForbidden)
		raw.SetHook(func(_ context.Context, c shoptest.Call) error {
			if c.Method == "CartsOf" {
				return forbidden
			}
			return nil
		})
		shop := wrap(raw, plain(), seen)
		defer shop.Close()
		for range 20 {
			if _, err := shop.CartsOf(t.Context(), shoppers(1)); crm.CodeOf(err) != crm.CodeForbidden {
				t.Errorf("carts: %v, want %s", err, crm.CodeForbidden)
			}
			if _, err := title(t, shop, "00-00"); err != nil {
				t.Errorf("orders: %v", err)
			}
		}
		if n := raw.Calls("CartsOf"); n != 1 {
			t.Errorf("calls for carts: %d, want 1", n)
		}
		time.Sleep(5 * time.Second)
		raw.SetHook(nil)
		if _, err := shop.CartsOf(t.Context(), shoppers(1)); err != nil {
			t.Errorf("carts, once they are allowed: %v", err)
		}
	})
}

func TestCheckPassesTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := failure(crm.CodeUnavailable)
		raw := newShop(shoptest.WithErr(down))
		s := guard.Default()
		shop := wrap(raw, s, nil)
		defer shop.Close()
		for i := range 8 {
			_, _ = title(t, shop, fmt.Sprint(i))
		}
		raw.Forget()
		if _, err := shop.Check(t.Context()); !errors.Is(err, down) || raw.Calls() != 1 {
			t.Errorf("Check: %v after %d calls, want the shop's error after 1", err, raw.Calls())
		}
		raw.SetErr(nil)
		raw.SetMissing("read_orders")
		if missing, err := shop.Check(t.Context()); err != nil || !slices.Equal(missing, []string{"read_orders"}) {
			t.Errorf("Check: %v, %v", missing, err)
		}
	})
}

func TestAPanicIsAnError(t *testing.T) {
	t.Parallel()
	raw := newShop()
	raw.SetHook(func(context.Context, shoptest.Call) error { panic("index out of range") })
	shop := wrap(raw, guard.Default(), nil)
	defer shop.Close()
	if _, err := title(t, shop, "00-00"); crm.CodeOf(err) != crm.CodeInternal {
		t.Errorf("orders: %v, want %s", err, crm.CodeInternal)
	}
	if _, err := shop.OrderChanges(t.Context(), crm.Mark{}, 1); crm.CodeOf(err) != crm.CodeInternal {
		t.Errorf("changes: %v, want %s", err, crm.CodeInternal)
	}
}
