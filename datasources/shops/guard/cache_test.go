package guard_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

func cached() guard.Settings {
	s := guard.Default()
	s.Retries = 0
	return s
}

func TestFreshAnswersAreNotAskedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(), &recorder{}
		shop := wrap(raw, cached(), seen)
		defer shop.Close()
		begin := time.Now()
		first, err := shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 10})
		if err != nil || !first["cus_00"].AsOf.IsZero() || first["cus_00"].Stale {
			t.Fatalf("first answer: as of %v, stale %v, %v", first["cus_00"].AsOf, first["cus_00"].Stale, err)
		}
		time.Sleep(4 * time.Second)
		again, err := shop.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 10})
		if got := again["cus_00"]; err != nil || !got.AsOf.Equal(begin.Truncate(time.Millisecond)) || got.Stale {
			t.Errorf("cached answer: as of %v, stale %v, %v; want as of %v", got.AsOf, got.Stale, err, begin)
		}
		if diff := cmp.Diff(first["cus_00"].Items, again["cus_00"].Items); diff != "" {
			t.Errorf("cached answer (-first +again):\n%s", diff)
		}
		if n := raw.Calls(); n != 1 {
			t.Errorf("calls: %d, want 1: one entry for each shopper", n)
		}
		time.Sleep(2 * time.Second)
		if _, err := shop.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 10}); err != nil || raw.Calls() != 2 {
			t.Errorf("after the time to live: %d calls, %v; want 2", raw.Calls(), err)
		}
		if h, m := seen.count("cache HIT"), seen.count("cache MISS"); h != 1 || m != 4 {
			t.Errorf("observed %d hits and %d misses, want 1 and 4", h, m)
		}
	})
}

func TestEveryMethodIsCachedByItsArguments(t *testing.T) {
	t.Parallel()
	at := day.Add(time.Hour)
	other := shopper(0)
	other.Emails = append(other.Emails, "second@example.test")
	raw := newShop()
	shop := wrap(raw, cached(), nil)
	defer shop.Close()
	ask := map[string]func(context.Context, crm.Shop) (any, error){
		"orders": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 1})
		},
		"more orders": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 2})
		},
		"orders from the oldest": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 1, OldestFirst: true})
		},
		"orders until": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 1, Latest: &at})
		},
		"orders since": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, shoppers(1), crm.Stretch{Limit: 1, Earliest: &at})
		},
		"orders with another email": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, []crm.Shopper{other}, crm.Stretch{Limit: 1})
		},
		"counts":   func(ctx context.Context, s crm.Shop) (any, error) { return s.CountOrders(ctx, shoppers(1)) },
		"carts":    func(ctx context.Context, s crm.Shop) (any, error) { return s.CartsOf(ctx, shoppers(1)) },
		"order":    func(ctx context.Context, s crm.Shop) (any, error) { return s.OrdersByID(ctx, []string{"00-00"}) },
		"no order": func(ctx context.Context, s crm.Shop) (any, error) { return s.OrdersByID(ctx, []string{"nope"}) },
		"product":  func(ctx context.Context, s crm.Shop) (any, error) { return s.ProductsByID(ctx, []string{"7"}) },
		"sku": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.ProductsBySKU(ctx, []string{"7", "TEA-2"})
		},
		"another's scope": func(ctx context.Context, _ crm.Shop) (any, error) {
			return shop.kept.Under("another").OrdersByID(ctx, []string{"00-00"})
		},
	}
	for round := range 2 {
		for name, f := range ask {
			if _, err := f(t.Context(), shop); err != nil {
				t.Errorf("round %d, %s: %v", round, name, err)
			}
		}
	}
	if n := raw.Calls(); n != len(ask) {
		t.Errorf("calls: %d, want %d, one for each way to ask:\n%v", n, len(ask), raw.Log())
	}
}

func TestChangesAndCheckAreAskedEachTime(t *testing.T) {
	t.Parallel()
	raw := newShop()
	shop := wrap(raw, cached(), nil)
	defer shop.Close()
	for range 2 {
		if page, err := shop.OrderChanges(t.Context(), crm.Mark{}, 5); err != nil || len(page.Items) != 5 {
			t.Errorf("OrderChanges: %d, %v", len(page.Items), err)
		}
		if _, err := shop.CustomerChanges(t.Context(), crm.Mark{}, 5); err != nil {
			t.Error(err)
		}
		if _, err := shop.ProductChanges(t.Context(), crm.Mark{}, 5); err != nil {
			t.Error(err)
		}
		if _, err := shop.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := raw.Calls(); n != 8 {
		t.Errorf("calls: %d, want 8", n)
	}
}

func TestRecordsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	shop := wrap(newShop(), cached(), nil)
	defer shop.Close()
	for range 2 {
		found, err := shop.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		line := found["cus_00"].Items[0].Lines[0]
		if !strings.HasPrefix(line.Title, "thing") {
			t.Errorf("a caller sees another's change: %q", line.Title)
		}
		line.Title = "changed"
		found["cus_00"].Items[0] = nil

		products, err := shop.ProductsByID(t.Context(), []string{"7"})
		if err != nil || products["7"].Title != "Teapot" || products["7"].Variants[0].SKU != "TEA-1" {
			t.Fatalf("products: %v, %v", products["7"], err)
		}
		products["7"].Title, products["7"].Variants[0].SKU = "changed", "changed"
	}
}

func TestAnOldAnswerStandsInForAShopThatFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		err   error
		after time.Duration
		stale bool
	}{
		{"unavailable", failure(crm.CodeUnavailable), time.Minute, true},
		{"rate limited", failure(crm.CodeRateLimited), time.Minute, true},
		{"too long ago", failure(crm.CodeUnavailable), time.Hour, false},
		{"unauthenticated", failure(crm.CodeUnauthenticated), time.Minute, false},
		{"forbidden", failure(crm.CodeForbidden), time.Minute, false},
		{"internal", failure(crm.CodeInternal), time.Minute, false},
		{"unsupported", failure(crm.CodeUnsupported), time.Minute, false},
		{"canceled", context.Canceled, time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				raw, seen := newShop(), &recorder{}
				shop := wrap(raw, cached(), seen)
				defer shop.Close()
				begin := time.Now()
				if _, err := shop.OrdersOf(t.Context(), shoppers(2), crm.Stretch{Limit: 1}); err != nil {
					t.Fatal(err)
				}
				if _, err := title(t, shop, "00-00"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.after)
				raw.SetErr(c.err)
				// The third shopper was not asked for before.
				found, err := shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 1})
				if !errors.Is(err, c.err) {
					t.Errorf("error: %v, want %v: the third has failed", err, c.err)
				}
				want := 0
				if c.stale {
					want = 2
				}
				if len(found) != want || seen.count("cache STALE") != want {
					t.Errorf("%d entries, %d observed, want %d", len(found), seen.count("cache STALE"), want)
				}
				for _, o := range found {
					if !o.Stale || !o.AsOf.Equal(begin.Truncate(time.Millisecond)) {
						t.Errorf("stale %v, as of %v; want true and %v", o.Stale, o.AsOf, begin)
					}
				}
				order, err := shop.OrdersByID(t.Context(), []string{"00-00"})
				if c.stale && (err != nil || order["00-00"] == nil || !order["00-00"].Stale || order["00-00"].AsOf.IsZero()) {
					t.Errorf("order: %+v, %v; want a stale one and no error", order["00-00"], err)
				}
				if !c.stale && (err == nil || len(order) > 0) {
					t.Errorf("order: %v, %v; want an error", order["00-00"], err)
				}
			})
		})
	}
}

func TestNothingStandsInForWhatCannotSayItsAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop()
		shop := wrap(raw, cached(), nil)
		defer shop.Close()
		for range 2 {
			counts, err := shop.CountOrders(t.Context(), shoppers(1))
			carts, err2 := shop.CartsOf(t.Context(), shoppers(1))
			none, err3 := shop.OrdersByID(t.Context(), []string{"nope"})
			if failed := raw.Calls() > 3; failed != (err != nil) || failed != (err2 != nil) || failed != (err3 != nil) ||
				!failed && (counts["cus_00"] != 4 || len(carts["cus_00"].Items) != 1 || len(none) != 0) {
				t.Errorf("counts %v, %v; carts %v, %v; no order %v, %v", counts, err, carts, err2, none, err3)
			}
			time.Sleep(time.Minute)
			raw.SetErr(failure(crm.CodeUnavailable))
		}
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	raw := newShop()
	shop := wrap(raw, cached(), nil)
	defer shop.Close()
	raw.FailKeys(failure(crm.CodeUnavailable), "cus_01")
	found, err := shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 1})
	if _, ok := found["cus_01"]; ok || len(found) != 2 || err == nil {
		t.Errorf("one key failing: %d entries, %v", len(found), err)
	}
	raw.FailKeys(nil, "cus_01")
	raw.Forget()
	found, err = shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 1})
	if len(found) != 3 || err != nil {
		t.Errorf("afterwards: %d entries, %v", len(found), err)
	}
	want := []shoptest.Call{{Method: "OrdersOf", Keys: []string{"cus_01"}}}
	if diff := cmp.Diff(want, raw.Log()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestInvalidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		ids    []string
		buyers []crm.Buyer
		again  []string // who is asked for again
	}{
		{"an order that is known", []string{"01-03"}, nil, []string{"cus_01"}},
		{"a new order", []string{"new"}, []crm.Buyer{{Email: "C02@Example.test"}}, []string{"cus_02"}},
		{"nobody's", []string{"new"}, []crm.Buyer{{Email: "c99@example.test", ExternalID: "99"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				raw := newShop()
				shop := wrap(raw, cached(), nil)
				defer shop.Close()
				ask := func() (map[crm.ID]crm.ShopOrders, error) {
					return shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 10})
				}
				if _, err := ask(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				shop.Invalidate(c.ids, c.buyers...)
				time.Sleep(time.Second)
				raw.Forget()
				for range 2 {
					if _, err := ask(); err != nil {
						t.Fatal(err)
					}
				}
				var again []string
				for _, call := range raw.Log() {
					again = append(again, call.Keys...)
				}
				if diff := cmp.Diff(c.again, again); diff != "" {
					t.Errorf("asked for again (-want +got):\n%s", diff)
				}
				time.Sleep(time.Second)
				shop.Invalidate(c.ids, c.buyers...)
				raw.SetErr(failure(crm.CodeUnavailable))
				if found, err := ask(); err != nil || len(found) != 3 {
					t.Errorf("when the shop fails: %d entries, %v; want the old ones", len(found), err)
				}
			})
		})
	}
}

func TestACallThatBeganBeforeAChangeIsNotKeptAsFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop(shoptest.WithDelay(time.Second))
		shop := wrap(raw, cached(), nil)
		defer shop.Close()
		go func() {
			time.Sleep(500 * time.Millisecond)
			shop.Invalidate([]string{"00-00"})
		}()
		for range 2 {
			if _, err := title(t, shop, "00-00"); err != nil {
				t.Fatal(err)
			}
		}
		if n := raw.Calls(); n != 2 {
			t.Errorf("calls: %d, want 2", n)
		}
	})
}

// Who is told of a change must not be given an answer to a question from before.
func TestACallThatBeganBeforeAChangeIsNotShared(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]guard.Settings{"cached": cached(), "not cached": plain()} {
		synctest.Test(t, func(t *testing.T) {
			raw := newShop(shoptest.WithDelay(time.Second))
			shop := wrap(raw, settings, nil)
			defer shop.Close()
			var group sync.WaitGroup
			ask := func() {
				group.Go(func() {
					if _, err := title(t, shop, "00-00"); err != nil {
						t.Error(err)
					}
					if _, err := shop.OrdersOf(t.Context(), shoppers(1), crm.Stretch{Limit: 1}); err != nil {
						t.Error(err)
					}
				})
			}
			ask()
			time.Sleep(500 * time.Millisecond)
			shop.Invalidate([]string{"00-00"}, crm.Buyer{Email: shopper(0).Emails[0]})
			time.Sleep(100 * time.Millisecond)
			ask()
			ask() // This one may share.
			time.Sleep(100 * time.Millisecond)
			if n := raw.Calls(); n != 2 {
				t.Errorf("%s: %d calls, want 2", name, n)
			}
			group.Wait()
		})
	}
}

func TestManyChangesAreForgottenSafely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop()
		shop := wrap(raw, cached(), nil)
		defer shop.Close()
		if _, err := title(t, shop, "00-00"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		shop.Invalidate([]string{"00-00"})
		for i := range 20000 {
			if i%1000 == 0 {
				time.Sleep(time.Millisecond)
			}
			shop.Invalidate([]string{fmt.Sprint("other ", i)})
		}
		if _, err := title(t, shop, "00-00"); err != nil || raw.Calls() != 2 {
			t.Errorf("calls: %d, %v; want 2", raw.Calls(), err)
		}
	})
}
