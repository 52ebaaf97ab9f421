package woocommerce

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// CartsOf is CodeUnsupported: WooCommerce keeps carts in its visitors' sessions.
func (s *Shop) CartsOf(context.Context, []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	return nil, s.unsupported("carts")
}
