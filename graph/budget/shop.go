package budget

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// Shop returns a shop whose answers the operations that ask wait for: they give the room
// that they take up to others meanwhile, see Budget.Wait.
func Shop(shop crm.SharedShop) crm.SharedShop { return shared{shop} }

type shared struct{ crm.SharedShop }

// Under is crm.SharedShop's.
func (s shared) Under(scope string) crm.Shop { return waited{s.SharedShop.Under(scope)} }

// waited is a shop as it is asked for answers. What reads its changes answers nobody.
type waited struct{ crm.Shop }

// OrdersOf is crm.Shop's.
func (w waited) OrdersOf(ctx context.Context, shoppers []crm.Shopper, s crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	defer From(ctx).Wait()()
	return w.Shop.OrdersOf(ctx, shoppers, s)
}

// CountOrders is crm.Shop's.
func (w waited) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	defer From(ctx).Wait()()
	return w.Shop.CountOrders(ctx, shoppers)
}

// OrdersByID is crm.Shop's.
func (w waited) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	defer From(ctx).Wait()()
	return w.Shop.OrdersByID(ctx, ids)
}

// ProductsByID is crm.Shop's.
func (w waited) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	defer From(ctx).Wait()()
	return w.Shop.ProductsByID(ctx, ids)
}

// ProductsBySKU is crm.Shop's.
func (w waited) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	defer From(ctx).Wait()()
	return w.Shop.ProductsBySKU(ctx, skus)
}

// CartsOf is crm.Shop's.
func (w waited) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	defer From(ctx).Wait()()
	return w.Shop.CartsOf(ctx, shoppers)
}
