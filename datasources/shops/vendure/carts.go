package vendure

import (
	"cmp"
	"context"
	"slices"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// CartsOf returns the carts that customers with an account have not bought, in one
// request. Vendure keeps one for each customer and channel and never calls it
// abandoned; carts of nobody, and empty ones, are left out.
func (s *Shop) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	customers, err := s.customersOf(ctx, "CartsOf", cartsOfDocument, shoppers, map[string]any{
		"take": crm.MaxCarts, "sort": map[string]any{"updatedAt": "DESC"},
		"filter": map[string]any{
			"active":        map[string]any{"eq": true},
			"orderPlacedAt": map[string]any{"isNull": true},
		},
	})
	if err != nil {
		return map[crm.ID]crm.ShopCarts{}, err
	}
	carts := make(map[crm.ID]crm.ShopCarts, len(shoppers))
	for _, shopper := range shoppers {
		carts[shopper.CustomerID] = s.cartsOf(shopper, customers)
	}
	return carts, nil
}

// cartsOf merges the carts of all customers that are the shopper.
func (s *Shop) cartsOf(shopper crm.Shopper, customers []customer) crm.ShopCarts {
	found := crm.ShopCarts{Items: []*crm.Cart{}}
	seen := map[string]bool{}
	for _, c := range customers {
		if c.odd != nil && c.mayBe(shopper) { // In place of the carts that it may have.
			found.Unreadable = append(found.Unreadable, upstream.Unreadable("", c.odd))
		}
		if c.Orders == nil || !shopper.Is(crm.Buyer{ExternalID: c.ID, Email: c.EmailAddress}) {
			continue
		}
		for _, o := range c.Orders.Items {
			if !o.isCartOf(shopper) || o.ID != "" && seen[o.ID] {
				continue
			}
			seen[o.ID] = true
			cart, err := s.cart(o)
			if err != nil {
				found.Unreadable = append(found.Unreadable, upstream.Unreadable(o.ID, err))
				continue
			}
			cart.CustomerID = shopper.CustomerID
			found.Items = append(found.Items, cart)
		}
	}
	slices.SortFunc(found.Items, func(a, b *crm.Cart) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	found.Items = found.Items[:min(len(found.Items), crm.MaxCarts)]
	return found
}

// isCartOf says whether an order among a customer's carts is one of the shopper's, and
// not empty. One that makes no sense may be.
func (o order) isCartOf(shopper crm.Shopper) bool {
	if o.odd != nil {
		return o.Customer == nil || shopper.Is(o.buyer())
	}
	return o.Active && o.OrderPlacedAt == nil && len(o.Lines) > 0 && shopper.Is(o.buyer())
}
