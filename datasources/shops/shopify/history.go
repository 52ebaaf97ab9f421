package shopify

import (
	"cmp"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// history is a shopper's orders as they come in, of each of the customers that
// the shop has for them.
type history struct {
	shopper crm.Shopper
	stretch crm.Stretch
	streams []*stream
	odd     []crm.Unreadable // those that could not be read
}

// stream is one customer's orders, in the order of the stretch.
type stream struct {
	customer string
	orders   []*placed
	last     time.Time // of the last that came, whether it counts or not
	more     bool      // there are others behind it
	cursor   *string
}

// placed is the head of an order that counts.
type placed struct {
	admin.OrderHead
	customer string
	at       time.Time // to the millisecond
}

// add begins a customer's stream.
func (h *history) add(customer string, page admin.OrderPage) {
	if slices.ContainsFunc(h.streams, func(s *stream) bool { return s.customer == customer }) {
		return // The search came to them twice.
	}
	s := &stream{customer: customer}
	h.streams = append(h.streams, s)
	h.extend(s, page)
}

// note keeps those of the oddities that are the shopper's: orders of their customers,
// and customers of whom nobody can tell who they are.
func (h *history) note(odd []oddity) {
	for _, o := range odd {
		if o.customer == "" || slices.ContainsFunc(h.streams, func(s *stream) bool { return s.customer == o.customer }) {
			h.odd = append(h.odd, o.Unreadable)
		}
	}
}

// extend adds a page to a stream. Test orders and those beyond the stretch, which
// is wider in the question than in truth, do not count.
func (h *history) extend(s *stream, page admin.OrderPage) {
	for _, o := range page.Nodes {
		at := millisecond(o.ProcessedAt)
		s.last = at
		if !o.Test && within(h.stretch, at) && !slices.ContainsFunc(s.orders, func(p *placed) bool { return p.Id == o.Id }) {
			s.orders = append(s.orders, &placed{OrderHead: o, customer: s.customer, at: at})
		}
	}
	s.more, s.cursor = page.PageInfo.HasNextPage && len(page.Nodes) > 0, page.PageInfo.EndCursor
}

func within(s crm.Stretch, at time.Time) bool {
	return (s.Earliest == nil || !at.Before(millisecond(*s.Earliest))) && (s.Latest == nil || !at.After(millisecond(*s.Latest)))
}

// compare orders moments as the stretch does.
func (h *history) compare(a, b time.Time) int {
	if h.stretch.OldestFirst {
		return a.Compare(b)
	}
	return b.Compare(a)
}

// whole returns the orders before which no other can come: a stream that goes on
// may have more that were placed when its last one was.
func (h *history) whole() []*placed {
	var all []*placed
	for _, s := range h.streams {
		all = append(all, s.orders...)
	}
	slices.SortFunc(all, func(a, b *placed) int { return cmp.Or(h.compare(a.at, b.at), cmp.Compare(a.Id, b.Id)) })
	return slices.DeleteFunc(all, func(o *placed) bool {
		return slices.ContainsFunc(h.streams, func(s *stream) bool { return s.more && h.compare(o.at, s.last) >= 0 })
	})
}

// chosen returns the orders of the stretch: as many as are wanted, and those that
// were placed when the last of them was.
func (h *history) chosen() []*placed {
	orders := h.whole()
	n := min(h.stretch.Limit, len(orders))
	for n > 0 && n < len(orders) && orders[n].at.Equal(orders[n-1].at) {
		n++
	}
	return orders[:n]
}

// left says whether orders are known that the stretch does not hold.
func (h *history) left() bool {
	known := 0
	for _, s := range h.streams {
		known += len(s.orders)
	}
	return known > len(h.chosen())
}

// lacking returns the stream that must go on before the stretch is certain, the one
// that has come least far; nil for none.
func (h *history) lacking() *stream {
	if len(h.chosen()) >= h.stretch.Limit && h.left() {
		return nil
	}
	var behind *stream
	for _, s := range h.streams {
		if s.more && (behind == nil || h.compare(s.last, behind.last) < 0) {
			behind = s
		}
	}
	return behind
}
