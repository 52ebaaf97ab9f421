package medusa

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// OrderChanges reads the orders by updated_at and then those whose payments have
// been updated, because a capture does not touch its order. Drafts are never
// among them.
func (s *Shop) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	const call = "OrderChanges"
	orders := func(ctx context.Context, query url.Values) ([]order, error) { return s.listOrders(ctx, call, query) }
	walk := twofold[order]{
		records: feed[order]{
			list:   orders,
			at:     func(o *order) time.Time { return o.UpdatedAt },
			within: keyset(orders, func(o *order) string { return o.ID }),
		},
		parts: partFeed(s, call, "payments", paymentFields, func(p *paymentChange) part {
			return part{id: p.ID, of: p.Collection.Order.ID, updatedAt: p.UpdatedAt}
		}),
		byID: func(ctx context.Context, ids []string) ([]order, error) {
			return orders(ctx, url.Values{"id[]": ids, "limit": {strconv.Itoa(len(ids))}})
		},
	}
	records, next, more, err := walk.page(ctx, from, max(limit, 1))
	if err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, s.understand(call, err)
	}
	changes := crm.ShopChanges[crm.ShopOrder]{Items: make([]*crm.ShopOrder, 0, len(records)), Next: next, More: more}
	for n := range records {
		if records[n].IsDraftOrder {
			continue
		}
		o, err := s.shopOrder(&records[n])
		if err != nil {
			changes.Unreadable = append(changes.Unreadable, upstream.Unreadable(records[n].ID, err))
			continue
		}
		changes.Items = append(changes.Items, o)
	}
	return changes, nil
}
