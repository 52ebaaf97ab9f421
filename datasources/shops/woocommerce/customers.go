package woocommerce

import (
	"context"
	"net/http"
	"net/url"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// CustomerChanges walks through all accounts by id, and gives those that changed
// since the mark's time or that do not say when they did. At the end the mark's time
// becomes that of the walk's begin, by the shop's clock.
func (s *Shop) CustomerChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	w := walker[customer]{
		shop: s, call: "customer changes", path: "customers",
		query: url.Values{"role": {"all"}, "orderby": {"id"}, "order": {"asc"}, "_fields": {customerFields}},
		at:    func(c *customer) place { return place{id: c.ID} },
		odd:   func(c *customer) bool { return c.odd != nil },
	}
	begin, err := readStep(from.Cursor, place{}.changed)
	if err != nil {
		return crm.ShopChanges[crm.ShopCustomer]{}, err
	}
	stop, err := w.next(ctx, begin, pageSize(limit))
	if err != nil {
		return crm.ShopChanges[crm.ShopCustomer]{}, err
	}
	if begin.offset == 0 {
		if now, err := http.ParseTime(stop.header.Get("Date")); err == nil {
			stop.to.begun = now.UTC()
		}
	}
	page := crm.ShopChanges[crm.ShopCustomer]{Items: []*crm.ShopCustomer{}, More: !stop.ended}
	for i := range stop.items {
		c := &stop.items[i]
		if c.odd != nil {
			page.Unreadable = append(page.Unreadable, upstream.Unreadable(nativeID(c.ID), c.odd))
			continue
		}
		if c.ID > 0 && (c.DateModified.IsZero() || !c.DateModified.Before(from.Time)) {
			page.Items = append(page.Items, convertCustomer(c))
		}
	}
	page.Next = crm.Mark{Time: from.Time, Cursor: stop.to.cursor()}
	if stop.ended {
		page.Next.Cursor = ""
		if begun := stop.to.begun.Add(-lag); !stop.to.begun.IsZero() && begun.After(from.Time) {
			page.Next.Time = begun
		}
	}
	return page, nil
}
