package shopify

import (
	"context"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// OrdersOf returns a stretch of each shopper's orders.
func (s *Shop) OrdersOf(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	found := make(map[crm.ID]crm.ShopOrders, len(shoppers))
	if stretch.Limit < 1 {
		return found, crm.Invalid("a stretch has a limit of at least 1")
	}
	for _, shopper := range shoppers {
		if terms([]crm.Shopper{shopper}) == 0 { // Nothing that Shopify could know them by.
			found[shopper.CustomerID] = crm.ShopOrders{Items: []*crm.Order{}}
		}
	}
	for _, batch := range s.batches(shoppers, customerCost(min(stretch.Limit+1, ordersTake))) {
		histories, err := s.histories(ctx, batch, stretch)
		if err != nil {
			return found, err
		}
		err = s.finish(ctx, histories, found)
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// take returns how many orders of each customer to ask for: one more than is wanted,
// to know that there are more, and where it costs no further request another one,
// so that two at one moment are known to be all.
func take(customers, limit int) int {
	if customerOrdersCost(customers, limit+2) <= maxCost {
		return min(limit+2, ordersTake)
	}
	return min(limit+1, ordersTake)
}

// histories returns the heads of a stretch of each shopper's orders.
func (s *Shop) histories(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) ([]*history, error) {
	histories := make([]*history, len(shoppers))
	for i, shopper := range shoppers {
		histories[i] = &history{shopper: shopper, stretch: stretch}
	}
	size := take(terms(shoppers), stretch.Limit)
	first := min(terms(shoppers)+lookalikes, (maxCost-connection)/customerCost(size))
	var odd []oddity
	err := pages("CustomerOrders", s, func(after *string) (admin.Page, error) {
		client := s.without(customerOrdersCost(first, size), func(o oddity) { odd = append(odd, o) })
		a, err := admin.CustomerOrders(ctx, client, search(shoppers), first, after, size, !stretch.OldestFirst, window(stretch))
		if err != nil {
			return admin.Page{}, err
		}
		for _, c := range a.Customers.Nodes {
			for _, h := range histories {
				if h.shopper.Is(buyerOf(c.Owner)) {
					h.add(c.Id, c.Orders)
				}
			}
		}
		return a.Customers.PageInfo, nil
	})
	if err != nil {
		return nil, err
	}
	for _, h := range histories {
		h.note(odd)
		if err := s.extend(ctx, h); err != nil {
			return nil, err
		}
	}
	return histories, nil
}

// extend asks on until the shopper's stretch is certain. It seldom has to: when
// more than the spare ones were placed at one moment, or left out.
func (s *Shop) extend(ctx context.Context, h *history) error {
	for {
		stream := h.lacking()
		if stream == nil {
			return nil
		}
		size := ordersTake
		var odd []oddity
		client := s.without(moreOrdersCost(size), func(o oddity) { odd = append(odd, o) })
		a, err := admin.MoreOrders(ctx, client, stream.customer, stream.cursor, size, !h.stretch.OldestFirst, window(h.stretch))
		if err != nil {
			return err
		}
		if a.Customer == nil {
			stream.more = false // Gone meanwhile.
			continue
		}
		if len(a.Customer.Orders.Nodes) == 0 && len(odd) == 0 && a.Customer.Orders.PageInfo.HasNextPage {
			return s.noSense("MoreOrders", "a page is empty and not the last")
		}
		for _, o := range odd {
			h.odd = append(h.odd, o.Unreadable)
		}
		h.extend(stream, a.Customer.Orders)
	}
}

// finish fetches what belongs to the heads and files the orders of each shopper
// whose orders are all there.
func (s *Shop) finish(ctx context.Context, histories []*history, found map[crm.ID]crm.ShopOrders) error {
	var heads []admin.OrderHead
	for _, h := range histories {
		for _, head := range h.chosen() {
			heads = append(heads, head.OrderHead)
		}
	}
	details, err := s.details(ctx, heads)
	for _, h := range histories {
		orders, whole := []*crm.Order{}, true
		unreadable := h.odd
		for _, head := range h.chosen() {
			d := details[head.Id]
			if d == nil || !d.complete() {
				whole = false
				break
			}
			if d.customer != head.customer {
				continue // Somebody else's, or gone.
			}
			o, err := s.order(&head.OrderHead, d)
			if err != nil {
				unreadable = append(unreadable, upstream.Unreadable(native(head.Id), err))
				continue
			}
			o.CustomerID = h.shopper.CustomerID
			orders = append(orders, o)
		}
		if whole {
			found[h.shopper.CustomerID] = crm.ShopOrders{Items: orders, More: h.left(), Unreadable: unreadable}
		}
	}
	return err
}

// CountOrders returns what Shopify counts for each shopper, test orders among them.
func (s *Shop) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	counts := make(map[crm.ID]int, len(shoppers))
	for _, shopper := range shoppers {
		if terms([]crm.Shopper{shopper}) == 0 {
			counts[shopper.CustomerID] = 0
		}
	}
	for _, batch := range s.batches(shoppers, ownerCost) {
		found := make(map[crm.ID]int, len(batch))
		first := min(terms(batch)+lookalikes, countsPage)
		seen := map[string]bool{}
		err := pages("CustomerCounts", s, func(after *string) (admin.Page, error) {
			a, err := admin.CustomerCounts(ctx, s.at(customerCountsCost(first)), search(batch), first, after)
			if err != nil {
				return admin.Page{}, err
			}
			for _, c := range a.Customers.Nodes {
				n, ok := count(c.NumberOfOrders)
				if !ok {
					return admin.Page{}, s.noSense("CustomerCounts", "a count is no number")
				}
				for _, shopper := range batch {
					if !seen[c.Id] && shopper.Is(buyerOf(c.Owner)) {
						found[shopper.CustomerID] += n
					}
				}
				seen[c.Id] = true
			}
			return a.Customers.PageInfo, nil
		})
		if err != nil {
			return counts, err
		}
		for _, shopper := range batch {
			counts[shopper.CustomerID] = found[shopper.CustomerID]
		}
	}
	return counts, nil
}

// OrdersByID returns the orders that exist.
func (s *Shop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	found := make(map[string]*crm.ShopOrder, len(ids))
	var odd []crm.Unreadable
	for batch := range slices.Chunk(globalIDs("Order", ids), ordersPage) {
		a, err := admin.OrderHeads(ctx, s.without(orderHeadsCost(len(batch)), telling(&odd)), batch)
		if err != nil {
			return found, s.client.OddRecords("OrderHeads", odd, err)
		}
		var orders []admin.OwnedOrder
		for _, node := range a.Nodes {
			if o, ok := node.(*admin.OrderHeadsNodesOrder); ok && slices.Contains(batch, o.Id) {
				orders = append(orders, o.OwnedOrder)
			}
		}
		whole, unreadable, err := s.owned(ctx, orders)
		for _, o := range whole {
			found[o.Order.ExternalID] = o
		}
		odd = append(odd, unreadable...)
		if err != nil {
			return found, s.client.OddRecords("OrderHeads", odd, err)
		}
	}
	return found, s.client.OddRecords("OrderHeads", odd, nil)
}

// owned makes whole orders of their heads, with whom they belong to, in order; those
// that make no sense are told apart, but for tests.
func (s *Shop) owned(ctx context.Context, orders []admin.OwnedOrder) (whole []*crm.ShopOrder, unreadable []crm.Unreadable, err error) {
	heads := make([]admin.OrderHead, 0, len(orders))
	for _, o := range orders {
		if !o.Test {
			heads = append(heads, o.OrderHead)
		}
	}
	details, err := s.details(ctx, heads)
	whole = make([]*crm.ShopOrder, 0, len(heads))
	for _, o := range orders {
		d := details[o.Id]
		if d == nil || !d.complete() {
			continue
		}
		buyer := crm.Buyer{Email: value(o.Email)}
		if o.Customer != nil {
			buyer = buyerOf(*o.Customer)
		}
		converted, odd := s.order(&o.OrderHead, d)
		if odd != nil {
			unreadable = append(unreadable, upstream.Unreadable(native(o.Id), odd))
			continue
		}
		whole = append(whole, &crm.ShopOrder{Order: converted, Buyer: buyer})
	}
	return whole, unreadable, err
}

// OrderChanges reads the orders by their last change.
func (s *Shop) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	place, err := s.placeOf(from)
	if err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, err
	}
	first := max(1, min(limit, ordersPage))
	var odd []crm.Unreadable
	a, err := admin.ChangedOrders(ctx, s.without(changedOrdersCost(first), telling(&odd)), first, place.cursor, place.query())
	if err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, err
	}
	var latest time.Time
	orders := a.Orders.Nodes
	if len(orders) > 0 {
		latest = orders[len(orders)-1].UpdatedAt
	}
	whole, unreadable, err := s.owned(ctx, orders)
	if err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, err
	}
	next, more, err := s.next(place, a.Orders.PageInfo, latest)
	return crm.ShopChanges[crm.ShopOrder]{Items: whole, Unreadable: append(unreadable, odd...), Next: next, More: more}, err
}
