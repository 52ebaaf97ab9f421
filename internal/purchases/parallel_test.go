package purchases_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// slow is a store without records that takes its time.
type slow struct {
	crm.Store
	takes time.Duration
}

func (s slow) wait(ctx context.Context, kind crm.Kind) error {
	takes := s.takes
	if kind == crm.KindCustomer {
		takes = 0
	}
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &crm.Error{Code: crm.CodeUnavailable, Err: ctx.Err()}
	}
}

func (s slow) ByID(ctx context.Context, kind crm.Kind, _ []crm.ID, _ *crm.Members) ([]crm.Record, error) {
	return nil, s.wait(ctx, kind)
}

func (s slow) List(ctx context.Context, kind crm.Kind, _ crm.Query) (crm.RecordPage, error) {
	return crm.RecordPage{}, s.wait(ctx, kind)
}

func (s slow) ListBy(ctx context.Context, kind crm.Kind, _ []crm.Field, _ []crm.ID, _ crm.Query) (map[crm.ID]crm.RecordPage, error) {
	return nil, s.wait(ctx, kind)
}

func (s slow) CountBy(ctx context.Context, kind crm.Kind, _ []crm.Field, _ []crm.ID, _ []crm.Predicate) (map[crm.ID]int, error) {
	return nil, s.wait(ctx, kind)
}

func TestAllSourcesAreAskedAtTheSameTime(t *testing.T) {
	who := []*crm.Customer{customer("ann"), customer("bob")}
	for name, call := range map[string]func(context.Context, reading) error{
		"Orders": func(ctx context.Context, s reading) error {
			_, err := s.Orders(ctx, who, query(5), nil, nil)
			return err
		},
		"CountOrders": func(ctx context.Context, s reading) error {
			_, err := s.CountOrders(ctx, who, nil)
			return err
		},
		"OrdersByID": func(ctx context.Context, s reading) error {
			_, err := s.OrdersByID(ctx, []crm.ID{"ord_a.1", "ord_b.1", "ord_till.1"}, nil)
			return err
		},
		"ProductsByID": func(ctx context.Context, s reading) error {
			_, err := s.ProductsByID(ctx, []crm.ID{"prd_a.1", "prd_b.1", "prd_till.1"}, nil)
			return err
		},
		"ProductsBySKU": func(ctx context.Context, s reading) error {
			_, err := s.ProductsBySKU(ctx, []crm.SKURef{{Source: "a", SKU: "1"}, {Source: "b", SKU: "1"}})
			return err
		},
		"Carts": func(ctx context.Context, s reading) error { _, err := s.Carts(ctx, who); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				takes := shoptest.WithDelay(50 * time.Millisecond)
				a := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)}, takes)
				b := shoptest.New("b", []*crm.ShopOrder{bought("b", "1", "bob", day)}, takes)
				all := open(slow{takes: 50 * time.Millisecond}, live(a, b)...)
				began := time.Now()
				if err := call(t.Context(), all); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took != 50*time.Millisecond {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// TestASlowShopIsWaitedForUntilTheDeadline sees the others' orders then.
func TestASlowShopIsWaitedForUntilTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann := customer("ann")
		fast := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})
		late := shoptest.New("b", nil, shoptest.WithDelay(10*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		pages, err := open(slow{}, live(fast, late)...).Orders(ctx, []*crm.Customer{ann}, query(5), nil, nil)
		if err != nil || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		got := pages[ann.ID]
		if states(got.Sources) != "a OK, b TIMEOUT, store OK" || len(got.Items) != 1 {
			t.Errorf("sources %s, orders %v", states(got.Sources), ids(got.Items))
		}
	})
}
