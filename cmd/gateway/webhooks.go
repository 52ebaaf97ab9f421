package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shopsync"
	"github.com/customer360/gateway/internal/shopsync/webhooks"
)

// webhookHandler takes the webhooks of the shops that have a secret; nil if there
// are none.
func webhookHandler(list []config.Shop, p parts) http.Handler {
	u := updater{live: map[string]fresh{}, synced: map[string]fresh{}}
	copied := []crm.Shop{}
	for i, guarded := range p.shops.Guarded() {
		shop := fresh{guarded.Under(""), guarded}
		if list[i].Synced() {
			u.synced[shop.Source()] = shop
			copied = append(copied, shop)
		} else {
			u.live[shop.Source()] = shop
		}
	}
	u.store = shopsync.NewUpdater(p.store, copied, shopsync.Options{Log: p.log})
	return webhooks.New(webhooks.Config{
		Sources: p.shops.Webhooks(), Deliveries: p.store.Checkpoints(), Updater: u, Log: p.log,
		Observe: p.metrics.Webhook,
	})
}

// updater brings orders that have changed up to date, wherever copies of them are:
// in the store, in the answers that are kept, or in both.
type updater struct {
	store        *shopsync.Updater
	live, synced map[string]fresh // by source
}

// Update does it for some of a shop's orders.
func (u updater) Update(ctx context.Context, source string, orderIDs []string) error {
	if shop, ok := u.synced[source]; ok {
		shop.kept.Invalidate(orderIDs)
		return u.store.Update(ctx, source, orderIDs)
	}
	shop, ok := u.live[source]
	if !ok {
		return &crm.Error{Code: crm.CodeNotFound, Op: "update orders", Message: "no such source is configured"}
	}
	shop.kept.Invalidate(orderIDs)
	// Whose orders they are says the shop alone: their histories have changed.
	orders, err := shop.OrdersByID(ctx, orderIDs)
	buyers := make([]crm.Buyer, 0, len(orders))
	for _, o := range orders {
		buyers = append(buyers, o.Buyer)
	}
	shop.kept.Invalidate(nil, buyers...)
	return err
}

// fresh is a shop for those who must know what has changed: an answer of before is
// a failure.
type fresh struct {
	crm.Shop
	kept *guard.Shop
}

// OrdersByID returns the orders as they are now.
func (f fresh) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	found, err := f.Shop.OrdersByID(ctx, ids)
	for id, o := range found {
		if o.Stale {
			delete(found, id)
			err = errors.Join(err, &crm.Error{Code: crm.CodeUnavailable, Source: f.Source(), Op: "load orders that have changed"})
		}
	}
	return found, err
}
