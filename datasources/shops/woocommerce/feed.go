package woocommerce

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// feed is one list of orders that is read page by page as far as it is needed.
type feed struct {
	shop         *Shop
	call, fields string
	filter       url.Values // what the shop is asked for
	mine         func(*order) bool
	found        []*order // those that are the shopper's, in the list's order
	odd          []*order // those of the shopper that make no sense
	page         int      // how many were read
	ended        bool
}

// fill reads until the feed has the stretch's whole groups and one order beyond
// them, or has ended.
func (f *feed) fill(ctx context.Context, s crm.Stretch) error {
	size := min(s.Limit+2, perPage)
	if f.filter.Has("search") { // Half of what it finds may be an account's.
		size = min(2*size+10, perPage)
	}
	for !f.ended && !enough(f.found, s.Limit) {
		if err := f.read(ctx, size, s); err != nil {
			return err
		}
	}
	return nil
}

// drain reads the whole feed.
func (f *feed) drain(ctx context.Context) error {
	for !f.ended {
		if err := f.read(ctx, perPage, crm.Stretch{}); err != nil {
			return err
		}
	}
	return nil
}

// enough says whether the first limit orders and all that were placed with the
// last of them are there for sure: something else comes after them.
func enough(found []*order, limit int) bool { return len(found) > cut(found, limit) }

// cut returns how many orders are in the first limit and in the last one's group.
func cut(found []*order, limit int) int {
	if len(found) <= limit {
		return len(found)
	}
	n := limit
	for n < len(found) && found[n].DateCreated.Equal(found[n-1].DateCreated.Time) {
		n++
	}
	return n
}

// read reads one page. Its number is counted here: links are not followed.
func (f *feed) read(ctx context.Context, size int, s crm.Stretch) error {
	query := bounds(s)
	for name, values := range f.filter {
		query[name] = values
	}
	query.Set("page", strconv.Itoa(f.page+1))
	query.Set("per_page", strconv.Itoa(size))
	query.Set("_fields", f.fields)
	var natives []order
	total, _, err := f.shop.list(ctx, f.call, "orders", query, &natives)
	if err != nil {
		return err
	}
	f.page++
	for i := range natives {
		o := &natives[i]
		if o.odd != nil {
			f.note(o, s)
			continue
		}
		if o.is() && f.mine(o) && within(o.DateCreated.Time, s) && !slices.ContainsFunc(f.found, func(p *order) bool { return p.ID == o.ID }) {
			f.found = append(f.found, o)
		}
	}
	f.ended = len(natives) == 0 || (total >= 0 && f.page*size >= total) || (total < 0 && len(natives) < size)
	sortOrders(f.found, s.OldestFirst)
	return nil
}

// note keeps an order that makes no sense, unless it says that it is somebody else's or
// beside the stretch.
func (f *feed) note(o *order, s crm.Stretch) {
	mine := f.mine(o) || f.filter.Has("customer") || o.CustomerID == 0 && o.Billing.Email == ""
	beside := !o.DateCreated.IsZero() && !within(o.DateCreated.Time, s)
	known := slices.ContainsFunc(f.odd, func(p *order) bool { return p.ID == o.ID })
	if mine && !beside && !known {
		f.odd = append(f.odd, o)
	}
}

// bounds asks for a stretch, a second further than it goes: WooCommerce leaves out
// the bounds themselves, and has seconds.
func bounds(s crm.Stretch) url.Values {
	query := url.Values{"orderby": {"date"}, "order": {"desc"}, "dates_are_gmt": {"true"}}
	if s.OldestFirst {
		query.Set("order", "asc")
	}
	if s.Earliest != nil {
		query.Set("after", s.Earliest.UTC().Truncate(time.Second).Add(-time.Second).Format(stampForm))
	}
	if s.Latest != nil {
		query.Set("before", s.Latest.UTC().Truncate(time.Second).Add(time.Second).Format(stampForm))
	}
	return query
}

// within says whether a time is in a stretch, to the millisecond.
func within(at time.Time, s crm.Stretch) bool {
	return (s.Earliest == nil || !at.Before(s.Earliest.Truncate(time.Millisecond))) &&
		(s.Latest == nil || !at.After(*s.Latest))
}

// merge returns the whole groups of a stretch that all feeds together have, and
// whether there is more. What a feed has not read yet comes after the last it has
// found, and each has found enough.
func merge(feeds []*feed, s crm.Stretch) (orders []*order, more bool) {
	for _, f := range feeds {
		orders = append(orders, f.found...)
	}
	sortOrders(orders, s.OldestFirst)
	n := cut(orders, s.Limit)
	return orders[:n:n], n < len(orders)
}

func sortOrders(orders []*order, oldestFirst bool) {
	slices.SortStableFunc(orders, func(a, b *order) int {
		if oldestFirst {
			a, b = b, a
		}
		return cmp.Or(b.DateCreated.Compare(a.DateCreated.Time), cmp.Compare(b.ID, a.ID))
	})
}
