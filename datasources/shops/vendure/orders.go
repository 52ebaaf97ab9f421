package vendure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// placed selects orders that were placed. Carts and drafts have no such time; a
// seller's order is a part of another (its aggregate) and would count twice.
func placed() map[string]any {
	return map[string]any{
		"active":        map[string]any{"eq": false},
		"type":          map[string]any{"notEq": "Seller"},
		"orderPlacedAt": map[string]any{"isNull": false},
	}
}

// within selects the orders of a stretch, and perhaps a few beside it: a database
// may keep times to the microsecond, so a millisecond is added on either side.
func within(s crm.Stretch) map[string]any {
	filter, at := placed(), map[string]any{"isNull": false}
	if s.Earliest != nil {
		at["after"] = stamp(s.Earliest.Add(-time.Millisecond))
	}
	if s.Latest != nil {
		at["before"] = stamp(s.Latest.Add(time.Millisecond))
	}
	filter["orderPlacedAt"] = at
	return filter
}

// stamp writes a time as Vendure reads it.
func stamp(t time.Time) string { return millis(t).Format("2006-01-02T15:04:05.000Z") }

// OrdersOf returns a stretch of each shopper's orders: one request, and further ones
// for shoppers alone of whose orders so many were placed at once that a group of
// equal times did not fit.
func (s *Shop) OrdersOf(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	result := make(map[crm.ID]crm.ShopOrders, len(shoppers))
	direction := "DESC"
	if stretch.OldestFirst {
		direction = "ASC"
	}
	for take := max(stretch.Limit, 1) + 2; len(shoppers) > 0; take *= 2 {
		take = min(take, maxTake)
		customers, err := s.customersOf(ctx, "OrdersOf", ordersOfDocument, shoppers, map[string]any{
			"take": take, "sort": map[string]any{"orderPlacedAt": direction}, "filter": within(stretch),
		})
		if err != nil {
			return result, err
		}
		var again []crm.Shopper
		for _, shopper := range shoppers {
			if found, whole := s.stretchOf(shopper, customers, stretch); whole {
				result[shopper.CustomerID] = found
			} else {
				again = append(again, shopper)
			}
		}
		if len(again) > 0 && take == maxTake {
			return result, s.client.Failed(crm.CodeUnsupported, "OrdersOf",
				errors.New("more orders are asked for, or were placed at once, than a list of Vendure's holds"))
		}
		shoppers = again
	}
	return result, nil
}

// stretchOf merges the orders of all customers that are the shopper. Where a
// customer has more orders than came, those of the last time may lack some, and
// nothing is known of what lies behind: both are left out, of every customer.
// whole is false if fewer than Limit remain then.
func (s *Shop) stretchOf(shopper crm.Shopper, customers []customer, stretch crm.Stretch) (found crm.ShopOrders, whole bool) {
	before := time.Time.After // a comes before b in the stretch.
	if stretch.OldestFirst {
		before = time.Time.Before
	}
	var (
		known   []order
		horizon *time.Time // Orders from here on are not known completely.
	)
	odd := func(id string, err error) {
		found.Unreadable = append(found.Unreadable, upstream.Unreadable(id, err))
	}
	for _, c := range customers {
		if c.odd != nil && c.mayBe(shopper) {
			odd("", c.odd)
		}
		if c.Orders == nil || !shopper.Is(crm.Buyer{ExternalID: c.ID, Email: c.EmailAddress}) {
			continue
		}
		last := time.Time{}
		for i, o := range c.Orders.Items {
			at := o.placedAt()
			if o.odd != nil && o.OrderPlacedAt == nil { // Nobody knows when, or if.
				odd(o.ID, o.odd)
				continue
			}
			if i == 0 || last.IsZero() || before(last, at) {
				last = at
			}
			if inside(at, stretch) && o.isPlaced() && (shopper.Is(o.buyer()) || o.odd != nil && o.Customer == nil) {
				known = append(known, o)
			}
		}
		if c.Orders.TotalItems > len(c.Orders.Items) && len(c.Orders.Items) > 0 && !behind(last, stretch) &&
			(horizon == nil || before(last, *horizon)) {
			horizon = &last
		}
	}
	found.Items = []*crm.Order{}
	seen := make(map[string]bool, len(known))
	for _, o := range known {
		if seen[o.ID] {
			continue
		}
		seen[o.ID] = true
		if horizon != nil && !before(o.placedAt(), *horizon) {
			found.More = true
			continue
		}
		converted, err := s.order(o)
		if err != nil {
			odd(o.ID, err)
			continue
		}
		converted.CustomerID = shopper.CustomerID
		found.Items = append(found.Items, converted)
	}
	slices.SortStableFunc(found.Items, func(a, b *crm.Order) int {
		if stretch.OldestFirst {
			return a.PlacedAt.Compare(b.PlacedAt)
		}
		return b.PlacedAt.Compare(a.PlacedAt)
	})
	return found, horizon == nil || len(found.Items)+len(found.Unreadable) >= max(stretch.Limit, 1)
}

// mayBe says whether a customer is the shopper, or does not say who it is.
func (c *customer) mayBe(shopper crm.Shopper) bool {
	return c.ID == "" && c.EmailAddress == "" || shopper.Is(crm.Buyer{ExternalID: c.ID, Email: c.EmailAddress})
}

// inside says whether a time is within a stretch, to the millisecond.
func inside(at time.Time, s crm.Stretch) bool {
	return (s.Earliest == nil || !at.Before(millis(*s.Earliest))) && (s.Latest == nil || !at.After(millis(*s.Latest)))
}

// behind says whether a time is past a stretch's end.
func behind(at time.Time, s crm.Stretch) bool {
	if s.OldestFirst {
		return s.Latest != nil && at.After(millis(*s.Latest))
	}
	return s.Earliest != nil && at.Before(millis(*s.Earliest))
}

// CountOrders counts each shopper's orders, in one request.
func (s *Shop) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	customers, err := s.customersOf(ctx, "CountOrders", countOrdersDocument, shoppers,
		map[string]any{"take": 1, "filter": placed()})
	if err != nil {
		return map[crm.ID]int{}, err
	}
	counts := make(map[crm.ID]int, len(shoppers))
	for _, shopper := range shoppers {
		counts[shopper.CustomerID] = 0
		for _, c := range customers {
			if c.Orders != nil && shopper.Is(crm.Buyer{ExternalID: c.ID, Email: c.EmailAddress}) {
				counts[shopper.CustomerID] += c.Orders.TotalItems
			}
		}
	}
	return counts, nil
}

// OrdersByID returns the orders that exist, in one request.
func (s *Shop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	result := make(map[string]*crm.ShopOrder, len(ids))
	var odd []crm.Unreadable
	for batch := range slices.Chunk(ids, maxTake) {
		filter := placed()
		filter["id"] = in(batch)
		var data struct {
			Orders list[order] `json:"orders"`
		}
		if _, err := s.ask(ctx, "OrdersByID", ordersDocument, options(filter, nil, 0, maxTake), &data); err != nil {
			return result, s.client.OddRecords("OrdersByID", odd, err)
		}
		for _, o := range data.Orders.Items {
			if !slices.Contains(batch, o.ID) || o.odd == nil && !o.isPlaced() {
				continue
			}
			converted, err := s.order(o)
			if err != nil {
				odd = append(odd, upstream.Unreadable(o.ID, err))
				continue
			}
			result[o.ID] = &crm.ShopOrder{Order: converted, Buyer: o.buyer()}
		}
	}
	return result, s.client.OddRecords("OrdersByID", odd, nil)
}

// OrderChanges reads the orders by when they were placed, and those placed before
// the mark by updatedAt. The mark that it ends with lies Overlap before the last
// order, or before the walk began if that is earlier.
func (s *Shop) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	byPlaced := phase[order]{
		field: "orderPlacedAt", timeOf: order.placedAt, idOf: func(o order) string { return o.ID },
		read: func(ctx context.Context, v map[string]any) (page[order], error) {
			var data struct {
				Orders list[order] `json:"orders"`
			}
			header, err := s.ask(ctx, "OrderChanges", ordersDocument, v, &data)
			return page[order]{items: data.Orders.Items, header: header}, err
		},
		filter: func(crm.Mark) map[string]any { return placed() },
	}
	byUpdated := byPlaced
	byUpdated.field, byUpdated.timeOf = "updatedAt", func(o order) time.Time { return millis(o.UpdatedAt) }
	byUpdated.filter = func(rest crm.Mark) map[string]any {
		filter := placed()
		filter["orderPlacedAt"] = map[string]any{"isNull": false, "before": stamp(rest.Time)}
		return filter
	}
	walk := walk[order, crm.ShopOrder]{
		client: s.client, overlap: s.overlap, phases: []phase[order]{byPlaced, byUpdated},
		convert: func(o order) (*crm.ShopOrder, error) {
			converted, err := s.order(o)
			return &crm.ShopOrder{Order: converted, Buyer: o.buyer()}, err
		},
	}
	return walk.changes(ctx, from, limit)
}
