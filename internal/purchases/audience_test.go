package purchases_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

// heard is a shop that notes under which scope each of its methods was asked.
type heard struct {
	*shoptest.Shop
	scope string
	mu    *sync.Mutex
	calls map[string][]string // scopes by method
}

func newHeard(orders ...*crm.ShopOrder) *heard {
	return &heard{Shop: shoptest.New("a", orders), mu: &sync.Mutex{}, calls: map[string][]string{}}
}

func (h *heard) Under(scope string) crm.Shop {
	under := *h
	under.scope = scope
	return &under
}

func (h *heard) note(method string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.calls[method], h.scope) {
		h.calls[method] = append(h.calls[method], h.scope)
	}
}

func (h *heard) OrdersOf(ctx context.Context, shoppers []crm.Shopper, s crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	h.note("OrdersOf")
	return h.Shop.OrdersOf(ctx, shoppers, s)
}

func (h *heard) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	h.note("CountOrders")
	return h.Shop.CountOrders(ctx, shoppers)
}

func (h *heard) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	h.note("CartsOf")
	return h.Shop.CartsOf(ctx, shoppers)
}

func (h *heard) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	h.note("OrdersByID")
	return h.Shop.OrdersByID(ctx, ids)
}

func (h *heard) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	h.note("ProductsByID")
	return h.Shop.ProductsByID(ctx, ids)
}

func (h *heard) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	h.note("ProductsBySKU")
	return h.Shop.ProductsBySKU(ctx, skus)
}

// askEverything asks for all that shops are asked for.
func askEverything(t *testing.T, from crm.Purchases, who *crm.Customer) {
	t.Helper()
	ctx, whom := t.Context(), []*crm.Customer{who}
	filter := &crm.ProductFilter{SKU: []crm.SKURef{{Source: "a", SKU: "1"}}}
	for name, ask := range map[string]func() error{
		"Orders":       func() error { _, err := from.Orders(ctx, whom, query(5), nil, nil); return err },
		"CountOrders":  func() error { _, err := from.CountOrders(ctx, whom, nil); return err },
		"OrdersByID":   func() error { _, err := from.OrdersByID(ctx, []crm.ID{"ord_a.1"}, nil); return err },
		"ProductsByID": func() error { _, err := from.ProductsByID(ctx, []crm.ID{"prd_a.1"}, nil); return err },
		"Products": func() error {
			_, err := from.Products(filter).List(ctx, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}})
			return err
		},
		"Carts": func() error { _, err := from.Carts(ctx, whom); return err },
	} {
		if err := ask(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestShopsAreAskedUnderTheAudiencesScope asks a shop for two audiences, also for
// what is asked on the way, such as which counted orders the store has as well.
func TestShopsAreAskedUnderTheAudiencesScope(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	put(t, crm.Of[crm.Order](s.Store), order("a", "1", "ann", day))
	shop := newHeard(bought("a", "1", "ann", day))
	want := map[string][]string{}
	for _, method := range []string{"OrdersOf", "CountOrders", "CartsOf", "OrdersByID", "ProductsByID", "ProductsBySKU"} {
		want[method] = []string{"rows", ""}
	}
	for _, scope := range []string{"rows", ""} {
		askEverything(t, openFor(crm.Audience{Scope: scope}, s, purchases.Source{Shop: shop, Mode: purchases.ModeLive}), ann)
	}
	if diff := cmp.Diff(want, shop.calls); diff != "" {
		t.Errorf("scopes by method (-want +got):\n%s", diff)
	}
}

// TestAShopThatMayNotBeAskedIsNot asks for everything for whom there are no shops.
func TestAShopThatMayNotBeAskedIsNot(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	for _, may := range [][]string{{}, {"b"}} {
		shop := newHeard(bought("a", "1", "ann", day))
		askEverything(t, openFor(crm.Audience{Shops: may}, s, purchases.Source{Shop: shop, Mode: purchases.ModeLive}), ann)
		if shop.Calls() != 0 {
			t.Errorf("%v may be asked: %d calls of another", may, shop.Calls())
		}
	}
}
