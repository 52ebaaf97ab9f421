package medusa

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// CartsOf is CodeUnsupported: the Admin API has no carts, and a storefront's cart
// can be read by its id alone.
func (s *Shop) CartsOf(context.Context, []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	return nil, s.client.Failed(crm.CodeUnsupported, "CartsOf", nil)
}
