package purchases

import (
	"context"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// part is what one source gave for one customer.
type part struct {
	source string
	// orders are those that can be on the page: wanted, and strictly between its
	// positions; in no particular order.
	orders []*crm.Order
	// known are all orders that a shop gave, wanted or not; nil for the store.
	known map[crm.ID]*crm.Order
	// more says that the source has orders beyond edge, the furthest place up to
	// which all its orders are known; nil if none are.
	more bool
	edge *place
	// short says that the source has more and is not asked again.
	short bool
	// odd are the orders that make no sense, by the shop's own ids.
	odd   map[string]bool
	stale bool
	asOf  time.Time
	err   error
}

// asking is how one shop is asked for one page of each of its shoppers.
type asking struct {
	*listing
	shop  crm.Shop
	parts map[crm.ID]*part
}

// run asks until every shopper's page is sure: once, unless orders of the stretch
// are not wanted. Whoever needs more is asked for again from the first place on
// that is not known of all of them, for twice as many orders.
func (a *asking) run(ctx context.Context, pending []crm.Shopper) {
	stretch, ok := a.scope.stretch(a.query.Page)
	for round := 1; ok && len(pending) > 0; round++ {
		answer, err := ask(a.shop.Source(), a.op, func() (map[crm.ID]crm.ShopOrders, error) {
			return a.shop.OrdersOf(ctx, pending, stretch)
		})
		if err != nil {
			a.sources.failed(ctx, a.shop.Source(), a.op, err)
		}
		var again []crm.Shopper
		for _, shopper := range pending {
			p := a.parts[shopper.CustomerID]
			got, answered := answer[shopper.CustomerID]
			if !answered {
				if p.err = err; err == nil {
					p.err = unanswered(a.shop.Source(), a.op)
				}
				continue
			}
			a.note(ctx, p, got.Unreadable)
			fresh := a.add(p, shopper.CustomerID, got, round == 1)
			switch {
			case !p.more || len(p.orders) > a.query.Page.Limit:
			case round == maxRounds, fresh == 0 && (round == 1 || len(pending) == 1):
				p.short = true
			default:
				again = append(again, shopper)
			}
		}
		pending = again
		stretch, ok = a.further(stretch, pending)
	}
	for _, shopper := range pending {
		a.parts[shopper.CustomerID].short = true
	}
}

// note keeps which orders make no sense, and logs each once.
func (a *asking) note(ctx context.Context, p *part, odd []crm.Unreadable) {
	for _, u := range odd {
		if p.odd == nil {
			p.odd = map[string]bool{}
		}
		if !p.odd[u.ExternalID] {
			p.odd[u.ExternalID] = true
			a.sources.unreadable(ctx, "order", a.shop.Source(), u)
		}
	}
}

// add takes what the shop gave for a customer, and says how much of it is new.
// Only orders that bear the shop's name and are the customer's are taken.
func (a *asking) add(p *part, customer crm.ID, got crm.ShopOrders, first bool) (fresh int) {
	backward := a.query.Page.Backward
	for _, o := range got.Items {
		if o == nil || o.CustomerID != customer || !from(a.shop.Source(), crm.KindOrder, o.ID, o.Source) || p.known[o.ID] != nil {
			continue
		}
		fresh++
		p.known[o.ID] = o
		if between(o, a.query.Page) && a.scope.holds(o) {
			p.orders = append(p.orders, o)
		}
		edge := placeOf(o)
		if p.edge == nil || compare(*p.edge, edge, backward) < 0 {
			p.edge = &edge
		}
	}
	p.more = got.More
	p.stale = p.stale || got.Stale
	if asOf := got.AsOf; !asOf.IsZero() && (first || asOf.Before(p.asOf)) {
		p.asOf = asOf
	}
	return fresh
}

// further returns the next stretch for shoppers who need more; ok is false if there
// is none.
func (a *asking) further(s crm.Stretch, pending []crm.Shopper) (next crm.Stretch, ok bool) {
	if len(pending) == 0 {
		return s, false
	}
	edges := make([]int64, len(pending))
	for i, shopper := range pending {
		if edge := a.parts[shopper.CustomerID].edge; edge != nil {
			edges[i] = edge.at
		} else {
			return s, false
		}
	}
	s.Limit *= 2
	if s.OldestFirst {
		at := slices.Min(edges) + 1
		s.Earliest = instant(&at)
	} else {
		at := slices.Max(edges) - 1
		s.Latest = instant(&at)
	}
	return s, s.Earliest == nil || s.Latest == nil || !s.Earliest.After(*s.Latest)
}

// from says whether a record with an id is a source's.
func from(source string, kind crm.Kind, id crm.ID, named string) bool {
	name, _, ok := id.Source()
	return ok && id.Kind() == kind && name == source && named == source
}
