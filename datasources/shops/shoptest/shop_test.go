package shoptest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func order(id, buyer string, at time.Time) *crm.ShopOrder {
	return &crm.ShopOrder{
		Order: &crm.Order{ExternalID: id, PlacedAt: at, UpdatedAt: at},
		Buyer: crm.Buyer{Email: buyer},
	}
}

func shopper(name string) crm.Shopper {
	return crm.Shopper{CustomerID: crm.ID("cus_" + name), Emails: []string{name + "@example.test"}}
}

// orders are two shoppers' and a stranger's, with ties in the millisecond, the
// second and across shoppers.
func orders() []*crm.ShopOrder {
	all := []*crm.ShopOrder{}
	for i := range 24 {
		at := day.Add(time.Duration(i/2)*300*time.Millisecond + time.Duration(i%3)*250*time.Microsecond)
		all = append(all, order(fmt.Sprint(100+i), []string{"a", "b", "stranger"}[i%5%3]+"@example.test", at))
	}
	return all
}

func TestShopKeepsTheContract(t *testing.T) {
	t.Parallel()
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		t.Run(unit.String(), func(t *testing.T) {
			t.Parallel()
			all := orders()
			for _, o := range all {
				o.Order.PlacedAt = o.Order.PlacedAt.Truncate(unit)
			}
			shoptest.Conformance(t, shoptest.New("shop-one", orders(), shoptest.WithPrecision(unit)),
				shoptest.Data{Shoppers: []crm.Shopper{shopper("a"), shopper("b"), shopper("nobody")}, Orders: all})
		})
	}
}

func TestChangesShowEveryRecordOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New("shop-one", orders())
	seen := map[string]int{}
	for mark, more := (crm.Mark{}), true; more; {
		page, err := shop.OrderChanges(t.Context(), mark, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Items {
			seen[o.Order.ExternalID]++
		}
		mark, more = page.Next, page.More
		if !more {
			shop.Put(order("100", "a@example.test", day), order("999", "a@example.test", day.Add(time.Hour)))
			page, err := shop.OrderChanges(t.Context(), mark, 5)
			if err != nil || len(page.Items) != 1 || page.Items[0].Order.ExternalID != "999" {
				t.Errorf("changes after the end: %d, %v; want order 999", len(page.Items), err)
			}
		}
	}
	for _, o := range orders() {
		if seen[o.Order.ExternalID] != 1 {
			t.Errorf("order %s was read %d times", o.Order.ExternalID, seen[o.Order.ExternalID])
		}
	}
}

func TestKnobs(t *testing.T) {
	t.Parallel()
	shop := shoptest.New("shop-one", orders(), shoptest.WithCapabilities(crm.Capabilities{NoCarts: true, OrdersPerCall: 2}))
	both := []crm.Shopper{shopper("a"), shopper("b")}

	if _, err := shop.CartsOf(t.Context(), both); crm.CodeOf(err) != crm.CodeUnsupported {
		t.Errorf("CartsOf: %v, want %s", err, crm.CodeUnsupported)
	}
	if _, err := shop.OrdersByID(t.Context(), []string{"1", "2", "3"}); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("three ids: %v, want %s", err, crm.CodeInvalid)
	}
	down := &crm.Error{Code: crm.CodeUnavailable, Source: "shop-one"}
	shop.FailKeys(down, "cus_b")
	found, err := shop.OrdersOf(t.Context(), both, crm.Stretch{Limit: 1})
	if _, ok := found["cus_a"]; !ok || len(found) != 1 || !errors.Is(err, down) {
		t.Errorf("OrdersOf with one key failing: %d entries, %v", len(found), err)
	}
	shop.FailKeys(nil, "cus_b")
	shop.Hide("100")
	if found, err := shop.OrdersByID(t.Context(), []string{"100", "101"}); err != nil || len(found) != 1 {
		t.Errorf("OrdersByID with one hidden: %d, %v", len(found), err)
	}
	shop.Show()
	shop.Lie(order("666", "victim@example.test", day))
	if found, err := shop.OrdersByID(t.Context(), []string{"100", "101"}); err != nil || len(found) != 3 {
		t.Errorf("OrdersByID of a liar: %d, %v", len(found), err)
	}
	want := []shoptest.Call{{Method: "OrdersByID", Keys: []string{"1", "2", "3"}}, {Method: "OrdersOf", Keys: []string{"cus_a", "cus_b"}}}
	if diff := cmp.Diff(want, shop.Log()[:2]); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if n := shop.Calls("OrdersByID"); n != 3 {
		t.Errorf("calls of OrdersByID: %d, want 3", n)
	}
}

func TestDelayEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := shoptest.New("shop-one", orders(), shoptest.WithDelay(10*time.Second))
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := shop.OrdersByID(ctx, []string{"100"})
		if !errors.Is(err, context.DeadlineExceeded) || crm.CodeOf(err) != crm.CodeUnavailable {
			t.Errorf("OrdersByID: %v, want the deadline", err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("it took %v, want 1s", took)
		}
		if _, err := shop.OrdersByID(t.Context(), []string{"100"}); err != nil || time.Since(begin) != 11*time.Second {
			t.Errorf("OrdersByID: %v after %v, want no error after 11s", err, time.Since(begin))
		}
	})
}
