package guard_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// asOnTheFirstDay drops what the cache adds to an answer.
func asOnTheFirstDay(found map[crm.ID]crm.ShopOrders) map[crm.ID]crm.ShopOrders {
	found = maps.Clone(found)
	for id, o := range found {
		o.AsOf = time.Time{}
		found[id] = o
	}
	return found
}

// question is something that a shop may be asked.
type question struct {
	shoppers []crm.Shopper
	stretch  crm.Stretch
	ids      []string
	skus     []string
}

func draw(t *rapid.T) question {
	q := question{stretch: crm.Stretch{
		OldestFirst: rapid.Bool().Draw(t, "oldest first"),
		Limit:       rapid.IntRange(1, 6).Draw(t, "limit"),
	}}
	if hours := rapid.IntRange(-1, 3).Draw(t, "latest"); hours >= 0 {
		at := day.Add(time.Duration(hours) * time.Hour)
		q.stretch.Latest = &at
	}
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 9), 0, 12).Draw(t, "shoppers") {
		q.shoppers = append(q.shoppers, shopper(n))
		q.ids = append(q.ids, fmt.Sprintf("%02d-%02d", n, n%5))
		q.skus = append(q.skus, fmt.Sprintf("TEA-%d", n))
	}
	return q
}

// compare asks two shops the same and wants the same answers.
func (q question) compare(t interface{ Errorf(string, ...any) }, guarded, bare crm.Shop) {
	ctx := context.Background()
	check := func(what string, got any, err error, want any, wantErr error) {
		if diff := gocmp.Diff(want, got); diff != "" || err != nil || wantErr != nil {
			t.Errorf("%s: %v, %v (-bare +guarded):\n%s", what, err, wantErr, diff)
		}
	}
	got, err := guarded.OrdersOf(ctx, q.shoppers, q.stretch)
	want, wantErr := bare.OrdersOf(ctx, q.shoppers, q.stretch)
	check("OrdersOf", asOnTheFirstDay(got), err, want, wantErr)
	counts, err := guarded.CountOrders(ctx, q.shoppers)
	wantCounts, wantErr := bare.CountOrders(ctx, q.shoppers)
	check("CountOrders", counts, err, wantCounts, wantErr)
	carts, err := guarded.CartsOf(ctx, q.shoppers)
	wantCarts, wantErr := bare.CartsOf(ctx, q.shoppers)
	check("CartsOf", carts, err, wantCarts, wantErr)
	byID, err := guarded.OrdersByID(ctx, q.ids)
	for _, o := range byID {
		o.AsOf = time.Time{}
	}
	wantByID, wantErr := bare.OrdersByID(ctx, q.ids)
	check("OrdersByID", byID, err, wantByID, wantErr)
	products, err := guarded.ProductsBySKU(ctx, q.skus)
	wantProducts, wantErr := bare.ProductsBySKU(ctx, q.skus)
	check("ProductsBySKU", products, err, wantProducts, wantErr)
}

func newPair(perCall int, s guard.Settings) (of guarded, bare crm.Shop) {
	can := crm.Capabilities{ShoppersPerCall: perCall, OrdersPerCall: perCall, ProductsPerCall: perCall}
	products := shoptest.WithProducts(&crm.Product{
		ExternalID: "7", Title: "Teapot", Variants: []crm.Variant{{SKU: "TEA-1"}, {SKU: "TEA-2"}},
	})
	return wrap(shoptest.New("shop-one", orders(8, 5), products, shoptest.WithCapabilities(can)), s, nil),
		shoptest.New("shop-one", orders(8, 5), products)
}

func TestAGuardedShopAnswersAsTheBareOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := guard.Default()
		if !rapid.Bool().Draw(t, "cached") {
			s.CacheTTL, s.StaleFor = 0, 0
		}
		s.CacheEntries = rapid.IntRange(1, 50).Draw(t, "entries")
		guarded, bare := newPair(rapid.IntRange(0, 4).Draw(t, "keys of a call"), s)
		defer guarded.Close()
		for range rapid.IntRange(1, 4).Draw(t, "questions") {
			draw(t).compare(t, guarded, bare)
		}
	})
}

func TestManyCallersAtOnceGetTheSame(t *testing.T) {
	t.Parallel()
	s := guard.Default()
	s.Timeout = time.Minute // Of a busy machine.
	guarded, bare := newPair(3, s)
	defer guarded.Close()
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for range 15 {
				q := question{stretch: crm.Stretch{Limit: 1 + random.IntN(3)}, skus: []string{"TEA-1", "TEA-9"}}
				for _, n := range random.Perm(8)[:4] {
					q.shoppers = append(q.shoppers, shopper(n))
					q.ids = append(q.ids, fmt.Sprintf("%02d-%02d", n, n%5))
				}
				q.compare(t, guarded, bare)
				if random.IntN(10) == 0 {
					guarded.Invalidate(slices.Clone(q.ids[:1]))
				}
			}
		})
	}
	callers.Wait()
}

func TestAGuardedShopKeepsTheContract(t *testing.T) {
	t.Parallel()
	guarded, _ := newPair(2, guard.Default())
	defer guarded.Close()
	shoptest.Conformance(t, guarded, shoptest.Data{Shoppers: shoppers(3), Orders: orders(8, 5)})
}
