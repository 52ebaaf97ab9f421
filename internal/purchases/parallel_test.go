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

func (s slow) Orders() crm.Records[crm.Order]       { return slowRecords[crm.Order]{takes: s.takes} }
func (s slow) Products() crm.Records[crm.Product]   { return slowRecords[crm.Product]{takes: s.takes} }
func (s slow) Customers() crm.Records[crm.Customer] { return slowRecords[crm.Customer]{} }

type slowRecords[T any] struct {
	crm.Records[T]
	takes time.Duration
}

func (r slowRecords[T]) wait(ctx context.Context) error {
	timer := time.NewTimer(r.takes)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &crm.Error{Code: crm.CodeUnavailable, Err: ctx.Err()}
	}
}

func (r slowRecords[T]) ByID(ctx context.Context, _ []crm.ID) (map[crm.ID]*T, error) {
	return nil, r.wait(ctx)
}

func (r slowRecords[T]) List(ctx context.Context, _ crm.Query) (crm.Page[T], error) {
	return crm.Page[T]{}, r.wait(ctx)
}

func (r slowRecords[T]) ListBy(ctx context.Context, _ []crm.Field, _ []crm.ID, _ crm.Query) (map[crm.ID]crm.Page[T], error) {
	return nil, r.wait(ctx)
}

func (r slowRecords[T]) CountBy(ctx context.Context, _ []crm.Field, _ []crm.ID, _ []crm.Predicate) (map[crm.ID]int, error) {
	return nil, r.wait(ctx)
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
			_, err := s.OrdersByID(ctx, []crm.ID{"ord_a.1", "ord_b.1", "ord_till.1"})
			return err
		},
		"ProductsByID": func(ctx context.Context, s reading) error {
			_, err := s.ProductsByID(ctx, []crm.ID{"prd_a.1", "prd_b.1", "prd_till.1"})
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
