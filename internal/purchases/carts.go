package purchases

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/crm"
)

// Carts returns each customer's carts in the shops that have carts, are asked at
// all (the store keeps no carts) and know the customer. Every customer gets an
// entry: what could not be had is in its Sources. The error is that of a caller
// who went away.
func (r reading) Carts(ctx context.Context, customers []*crm.Customer) (map[crm.ID]*crm.CustomerCarts, error) {
	customers = unique(customers)
	op := fmt.Sprintf("load carts of %d customers", len(customers))
	now := r.now()
	var (
		mu    sync.Mutex
		carts = make(map[crm.ID]*crm.CustomerCarts, len(customers))
		group errgroup.Group // It waits; a shop that fails does not stop the others.
	)
	for _, c := range customers {
		carts[c.ID] = &crm.CustomerCarts{Nodes: []*crm.Cart{}, Sources: []crm.SourceStatus{}}
	}
	for name, shop := range r.asked() {
		shoppers := shoppersOf(customers, name)
		if len(shoppers) == 0 || shop.Capabilities().NoCarts {
			continue
		}
		group.Go(func() error {
			answer, err := ask(name, op, func() (map[crm.ID]crm.ShopCarts, error) { return shop.CartsOf(ctx, shoppers) })
			if err != nil {
				r.failed(ctx, name, op, err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, shopper := range shoppers {
				c := carts[shopper.CustomerID]
				found, answered := answer[shopper.CustomerID]
				c.Nodes = append(c.Nodes, ownCarts(found.Items, name, shopper.CustomerID)...)
				c.Sources = append(c.Sources, cartStatus(name, answered, found.Unreadable, err, now))
				for _, u := range found.Unreadable {
					r.unreadable(ctx, "cart", name, u)
				}
			}
			return nil
		})
	}
	_ = group.Wait() // Each shop's error is in the carts' sources.
	for _, c := range carts {
		slices.SortFunc(c.Nodes, func(a, b *crm.Cart) int {
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.ID, a.ID))
		})
		byName(c.Sources)
	}
	return carts, canceled(ctx, op)
}

// ownCarts returns the carts that bear the shop's name and are the customer's, as
// many as one shopper may have.
func ownCarts(carts []*crm.Cart, source string, customer crm.ID) []*crm.Cart {
	own := make([]*crm.Cart, 0, len(carts))
	for _, c := range carts {
		if c != nil && c.CustomerID == customer && c.Source == source && c.ID == crm.CartID(source, c.ExternalID) && len(own) < crm.MaxCarts {
			own = append(own, c)
		}
	}
	return own
}

func cartStatus(source string, answered bool, odd []crm.Unreadable, err error, now time.Time) crm.SourceStatus {
	switch {
	case answered && len(odd) > 0:
		return crm.SourceStatus{Source: source, State: crm.SourceStateIncomplete, AsOf: &now}
	case answered:
		return crm.SourceStatus{Source: source, State: crm.SourceStateOK, AsOf: &now}
	case err != nil:
		return crm.SourceStatus{Source: source, State: stateOf(err)}
	}
	return crm.SourceStatus{Source: source, State: crm.SourceStateUnavailable}
}
