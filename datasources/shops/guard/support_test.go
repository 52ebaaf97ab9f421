package guard_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func shopper(n int) crm.Shopper {
	return crm.Shopper{
		CustomerID: crm.ID(fmt.Sprintf("cus_%02d", n)),
		Emails:     []string{fmt.Sprintf("c%02d@example.test", n)},
	}
}

func shoppers(n int) []crm.Shopper {
	all := make([]crm.Shopper, n)
	for i := range all {
		all[i] = shopper(i)
	}
	return all
}

// orders returns each of n shoppers some orders: "<shopper>-<order>".
func orders(n, each int) []*crm.ShopOrder {
	var all []*crm.ShopOrder
	for c := range n {
		for i := range each {
			title := fmt.Sprintf("thing %d", i)
			all = append(all, &crm.ShopOrder{
				Order: &crm.Order{
					ExternalID: fmt.Sprintf("%02d-%02d", c, i), Number: fmt.Sprint(i),
					PlacedAt: day.Add(time.Duration(i/2) * time.Hour),
					Lines:    []*crm.OrderLine{{ID: "1", Title: title, Quantity: 1}},
				},
				Buyer: crm.Buyer{Email: shopper(c).Emails[0]},
			})
		}
	}
	return all
}

// newShop returns a shop of three shoppers with four orders each, a product and a
// cart.
func newShop(opts ...shoptest.Option) *shoptest.Shop {
	return shoptest.New("shop-one", orders(3, 4), append([]shoptest.Option{
		shoptest.WithProducts(&crm.Product{
			ExternalID: "7", Title: "Teapot", Variants: []crm.Variant{{SKU: "TEA-1"}, {SKU: "TEA-2"}},
		}),
		shoptest.WithCarts(shoptest.Cart{
			Cart:  &crm.Cart{ExternalID: "c1", Status: crm.CartStatusOpen, UpdatedAt: day},
			Buyer: crm.Buyer{Email: shopper(0).Emails[0]},
		}),
	}, opts...)...)
}

// guarded is a guarded shop as it is asked under the scope "".
type guarded struct {
	crm.Shop
	kept *guard.Shop
}

func wrap(shop crm.Shop, s guard.Settings, o crm.ShopObserver) guarded {
	kept := guard.Wrap(shop, s, o)
	return guarded{kept.Under(""), kept}
}

func (g guarded) Close() { g.kept.Close() }

func (g guarded) Invalidate(ids []string, buyers ...crm.Buyer) { g.kept.Invalidate(ids, buyers...) }

// plain returns settings without anything random or cached.
func plain() guard.Settings {
	s := guard.Default()
	s.Retries, s.CacheTTL, s.StaleFor = 0, 0, 0
	return s
}

func failure(code crm.Code) *crm.Error {
	return &crm.Error{Code: code, Source: "shop-one", Op: "ask the shop", Err: errors.New("status 999")}
}

// recorder counts what it is told.
type recorder struct {
	mu     sync.Mutex
	counts map[string]int
	states []crm.BreakerState
}

func (r *recorder) add(key string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[key] += n
}

func (r *recorder) count(key string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[key]
}

func (r *recorder) Call(_, _ string, o crm.ShopOutcome, _ time.Duration) {
	r.add("call "+string(o), 1)
}
func (r *recorder) Retry(_, _ string)                          { r.add("retry", 1) }
func (r *recorder) Refused(_, _ string, why crm.ShopRefusal)   { r.add("refused "+string(why), 1) }
func (r *recorder) Cache(_, _ string, l crm.ShopLookup, n int) { r.add("cache "+string(l), n) }

func (r *recorder) Unreadable(_, method string, n int) { r.add("unreadable "+method, n) }

func (r *recorder) Breaker(_ string, s crm.BreakerState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.states = append(r.states, s)
}

// order asks for one order and gives its line's title.
func title(t *testing.T, shop crm.Shop, id string) (string, error) {
	t.Helper()
	found, err := shop.OrdersByID(t.Context(), []string{id})
	if o := found[id]; o != nil {
		return o.Order.Lines[0].Title, err
	}
	return "", err
}
