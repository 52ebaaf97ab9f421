package vendure

import (
	"cmp"
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// CartsOf returns the carts that customers with an account have not bought, in one
// request. Vendure keeps one for each customer and channel and never calls it
// abandoned; carts of nobody, and empty ones, are left out.
func (s *Shop) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID][]*crm.Cart, error) {
	customers, err := s.customersOf(ctx, "CartsOf", cartsOfDocument, shoppers, map[string]any{
		"take": crm.MaxCarts, "sort": map[string]any{"updatedAt": "DESC"},
		"filter": map[string]any{
			"active":        map[string]any{"eq": true},
			"orderPlacedAt": map[string]any{"isNull": true},
		},
	})
	if err != nil {
		return map[crm.ID][]*crm.Cart{}, err
	}
	carts := make(map[crm.ID][]*crm.Cart, len(shoppers))
	for _, shopper := range shoppers {
		found := []*crm.Cart{}
		for _, c := range customers {
			if c.Orders == nil || !shopper.Is(crm.Buyer{ExternalID: c.ID, Email: c.EmailAddress}) {
				continue
			}
			for _, o := range c.Orders.Items {
				if !o.Active || o.OrderPlacedAt != nil || len(o.Lines) == 0 || !shopper.Is(o.buyer()) {
					continue
				}
				cart, err := s.cart(o)
				if err != nil {
					return carts, err
				}
				cart.CustomerID = shopper.CustomerID
				found = append(found, cart)
			}
		}
		slices.SortFunc(found, func(a, b *crm.Cart) int {
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.ID, b.ID))
		})
		found = slices.CompactFunc(found, func(a, b *crm.Cart) bool { return a.ID == b.ID })
		carts[shopper.CustomerID] = found[:min(len(found), crm.MaxCarts)]
	}
	return carts, nil
}
