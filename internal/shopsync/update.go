package shopsync

import (
	"context"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
)

// Updater brings single orders up to date between two runs.
type Updater struct {
	runs map[string]func() *run
}

// NewUpdater makes an Updater of shops. It may be used at once from any number
// of goroutines.
func NewUpdater(store crm.Store, shops []crm.Shop, options Options) *Updater {
	u := &Updater{runs: make(map[string]func() *run, len(shops))}
	for _, shop := range shops {
		u.runs[shop.Source()] = func() *run { return newRun(store, shop, options) }
	}
	return u
}

// Update asks a source's shop for orders, by its own ids, and stores them as a
// run does. An order that the shop does not have any more stays as it was seen
// last, and so does one that is stored in a later state than the shop's answer:
// then a run, or another update, was quicker. An order of a customer whom the
// store does not know yet has none until the next run.
//
// An unknown source is CodeNotFound; other errors are the shop's or the store's.
// What was stored before an error stays, and the same update may be made again.
func (u *Updater) Update(ctx context.Context, source string, orderIDs []string) error {
	begin, ok := u.runs[source]
	if !ok {
		return &crm.Error{Code: crm.CodeNotFound, Op: "update orders", Message: "no such source is configured"}
	}
	r := begin()
	size := r.options.BatchSize
	if most := r.shop.Capabilities().OrdersPerCall; most > 0 {
		size = min(size, most)
	}
	for len(orderIDs) > 0 {
		some := orderIDs[:min(size, len(orderIDs))]
		orderIDs = orderIDs[len(some):]
		if err := r.update(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// update asks for some orders. What the shop gives together with an error is
// right, and stored.
func (r *run) update(ctx context.Context, ids []string) error {
	found, shopErr := r.shop.OrdersByID(ctx, ids)
	items := make([]*crm.ShopOrder, 0, len(found))
	for _, id := range ids {
		if item := found[id]; item != nil && item.Order.ExternalID == id {
			items = append(items, item)
		}
	}
	var n tally
	items = r.own(ctx, &n, items)
	if len(items) > 0 {
		d, err := r.buyers(ctx, items)
		if err != nil {
			return err
		}
		if err := r.putOrders(ctx, &n, d, items, replaceOlder); err != nil {
			return err
		}
	}
	if crm.OnlyUnreadable(shopErr) { // Asking again does not help; a run reports it.
		for _, id := range ids {
			if found[id] == nil && crm.Concerns(shopErr, id) {
				r.reject(ctx, &n, kindOrders, id, reasonUnreadable)
			}
		}
		return nil
	}
	if shopErr != nil {
		return fmt.Errorf("read %d orders of %s: %w", len(ids), r.source, shopErr)
	}
	return nil
}

// replaceOlder is crm.Replace of orders, but for one that is stored in a later state.
func replaceOlder(stored, next crm.Record) (crm.Changes, error) {
	if was, ok := stored.(*crm.Order); ok && was.UpdatedAt.After(next.(*crm.Order).UpdatedAt) {
		return crm.Changes{}, nil
	}
	return crm.Replace(stored, next)
}
