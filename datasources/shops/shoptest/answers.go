package shoptest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/guard/clone"
	"github.com/customer360/gateway/internal/crm"
)

// Source is the shop's name.
func (s *Shop) Source() string { return s.source }

// Capabilities says what the shop can do.
func (s *Shop) Capabilities() crm.Capabilities { return s.can }

// OrdersOf returns a stretch of each shopper's orders. Orders of the same
// millisecond come in the shop's own order: by its finer time where it has one,
// then by its own id rising.
func (s *Shop) OrdersOf(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	keys := shopperKeys(shoppers)
	if err := s.begin(ctx, "OrdersOf", keys, s.can.ShoppersPerCall); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[crm.ID]crm.ShopOrders, len(shoppers))
	for _, p := range shoppers {
		found[p.CustomerID] = s.stretch(p, stretch)
	}
	for _, f := range s.foreign {
		o := clone.Order(f.Order)
		found[o.CustomerID] = crm.ShopOrders{Items: []*crm.Order{o}}
	}
	return without(found, keys, s.failing)
}

// stretch returns whole groups of a shopper's orders.
func (s *Shop) stretch(p crm.Shopper, stretch crm.Stretch) crm.ShopOrders {
	var mine []*crm.ShopOrder
	for _, o := range s.orders {
		at := placed(o)
		if s.hidden[o.Order.ExternalID] || !p.Is(o.Buyer) ||
			stretch.Earliest != nil && at.Before(stretch.Earliest.Truncate(time.Millisecond)) ||
			stretch.Latest != nil && at.After(stretch.Latest.Truncate(time.Millisecond)) {
			continue
		}
		mine = append(mine, o)
	}
	slices.SortFunc(mine, func(a, b *crm.ShopOrder) int {
		byTime := a.Order.PlacedAt.Compare(b.Order.PlacedAt)
		if !stretch.OldestFirst {
			byTime = -byTime
		}
		return cmp.Or(byTime, cmp.Compare(a.Order.ExternalID, b.Order.ExternalID))
	})
	n := min(max(stretch.Limit, 1), len(mine))
	for n > 0 && n < len(mine) && placed(mine[n]).Equal(placed(mine[n-1])) {
		n++
	}
	answer := crm.ShopOrders{Items: make([]*crm.Order, n), More: n < len(mine)}
	for i, o := range mine[:n] {
		answer.Items[i] = handOut(o).Order
		answer.Items[i].CustomerID = p.CustomerID
	}
	return answer
}

// CountOrders counts each shopper's orders.
func (s *Shop) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	keys := shopperKeys(shoppers)
	if s.can.NoCounts {
		return nil, s.unsupported("CountOrders")
	}
	if err := s.begin(ctx, "CountOrders", keys, s.can.ShoppersPerCall); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[crm.ID]int, len(shoppers))
	for _, p := range shoppers {
		counts[p.CustomerID] = 0
		for _, o := range s.orders {
			if p.Is(o.Buyer) && !s.hidden[o.Order.ExternalID] {
				counts[p.CustomerID]++
			}
		}
	}
	return without(counts, keys, s.failing)
}

// OrdersByID returns the orders that exist.
func (s *Shop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	if err := s.begin(ctx, "OrdersByID", ids, s.can.OrdersPerCall); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]*crm.ShopOrder{}
	for _, o := range s.orders {
		if id := o.Order.ExternalID; slices.Contains(ids, id) && !s.hidden[id] {
			found[id] = handOut(o)
		}
	}
	for _, f := range s.foreign {
		found[f.Order.ExternalID] = clone.ShopOrder(f)
	}
	return without(found, ids, s.failing)
}

// ProductsByID returns the products that exist.
func (s *Shop) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	if err := s.begin(ctx, "ProductsByID", ids, s.can.ProductsPerCall); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]*crm.Product{}
	for _, p := range s.products {
		if slices.Contains(ids, p.ExternalID) {
			found[p.ExternalID] = clone.Product(p)
		}
	}
	return without(found, ids, s.failing)
}

// ProductsBySKU returns the products that have a variant with one of the SKUs.
func (s *Shop) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	if err := s.begin(ctx, "ProductsBySKU", skus, s.can.ProductsPerCall); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]*crm.Product{}
	for _, p := range s.products {
		for _, v := range p.Variants {
			if slices.Contains(skus, v.SKU) {
				found[v.SKU] = clone.Product(p)
			}
		}
	}
	return without(found, skus, s.failing)
}

// CartsOf returns each shopper's carts, the latest update first.
func (s *Shop) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	keys := shopperKeys(shoppers)
	if s.can.NoCarts {
		return nil, s.unsupported("CartsOf")
	}
	if err := s.begin(ctx, "CartsOf", keys, s.can.ShoppersPerCall); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(map[crm.ID]crm.ShopCarts, len(shoppers))
	for _, p := range shoppers {
		mine := []*crm.Cart{}
		for _, c := range s.carts {
			if p.Is(c.Buyer) {
				cart := clone.Cart(c.Cart)
				cart.CustomerID = p.CustomerID
				mine = append(mine, cart)
			}
		}
		slices.SortFunc(mine, func(a, b *crm.Cart) int {
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.ID, a.ID))
		})
		found[p.CustomerID] = crm.ShopCarts{Items: mine[:min(len(mine), crm.MaxCarts)]}
	}
	return without(found, keys, s.failing)
}

// Check says which permissions are missing.
func (s *Shop) Check(ctx context.Context) ([]string, error) {
	if err := s.begin(ctx, "Check", nil, 0); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.missing), nil
}

func (s *Shop) unsupported(method string) error {
	return &crm.Error{Code: crm.CodeUnsupported, Source: s.source, Op: method, Message: "the shop cannot say"}
}

// handOut returns a copy as the port has it.
func handOut(o *crm.ShopOrder) *crm.ShopOrder {
	c := clone.ShopOrder(o)
	c.Order.PlacedAt = placed(o)
	c.Order.UpdatedAt = o.Order.UpdatedAt.UTC().Truncate(time.Millisecond)
	return c
}

// placed is when an order was placed, to the port's millisecond.
func placed(o *crm.ShopOrder) time.Time { return o.Order.PlacedAt.Truncate(time.Millisecond) }

// without takes the failing keys out of an answer and gives the error of one of
// them.
func without[K ~string, V any](found map[K]V, keys []string, failing map[string]error) (map[K]V, error) {
	var failed error
	for _, k := range keys {
		if err, ok := failing[k]; ok {
			delete(found, K(k))
			failed = err
		}
	}
	return found, failed
}

func shopperKeys(shoppers []crm.Shopper) []string {
	keys := make([]string, len(shoppers))
	for i, p := range shoppers {
		keys[i] = string(p.CustomerID)
	}
	return keys
}
