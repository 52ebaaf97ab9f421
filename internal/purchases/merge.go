package purchases

import (
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// merged is what the parts of one customer make together.
type merged struct {
	// orders are in the direction in which the page is read.
	orders []*crm.Order
	// nearest is the part that bounds them: behind its edge its orders are not
	// known. It is nil if all orders of all parts are.
	nearest *part
}

// merge puts parts together, as far as all of them are known. A shop's order
// takes the place of the store's copy, even if the shop says that it is none of
// those wanted. If skip is set, parts that could not be asked further bound
// nothing.
func merge(all *parts, backward, skip bool) merged {
	var m merged
	known := map[crm.ID]*crm.Order{}
	for _, p := range all.shops {
		for id, o := range p.known {
			known[id] = o
		}
		m.orders = append(m.orders, p.orders...)
		m.bound(p, backward, skip)
	}
	copies := map[crm.ID]*crm.Order{}
	for _, o := range all.store.orders {
		if known[o.ID] == nil {
			m.orders = append(m.orders, o)
		} else {
			copies[o.ID] = o
		}
	}
	m.bound(all.store, backward, skip)
	slices.SortFunc(m.orders, func(a, b *crm.Order) int { return compare(placeOf(a), placeOf(b), backward) })
	if m.nearest != nil {
		m.orders = slices.DeleteFunc(m.orders, func(o *crm.Order) bool {
			return m.nearest.edge == nil || compare(*m.nearest.edge, placeOf(o), backward) < 0
		})
	}
	for i, o := range m.orders {
		m.orders[i] = completed(o, copies[o.ID])
	}
	return m
}

// bound makes p the nearest part if its orders are known less far than others'.
func (m *merged) bound(p *part, backward, skip bool) {
	if !p.more || skip && (p.short || p.err != nil) {
		return
	}
	if m.nearest == nil || m.nearest.edge != nil && (p.edge == nil || compare(*p.edge, *m.nearest.edge, backward) < 0) {
		m.nearest = p
	}
}

// completed returns a shop's order with what only the store's copy knows: for
// which of our organizations it was. The shop's own record is left as it is,
// others may hold it.
func completed(o, stored *crm.Order) *crm.Order {
	if stored == nil || o.OrganizationID != "" || stored.OrganizationID == "" {
		return o
	}
	with := *o
	with.OrganizationID = stored.OrganizationID
	return &with
}

// page returns the page of one customer.
func (l *listing) page(id crm.ID) (crm.MergedOrders, error) {
	all, request := l.parts[id], l.query.Page
	if all.failed() {
		return crm.MergedOrders{}, all.store.err
	}
	m := merge(all, request.Backward, false)
	if len(m.orders) == 0 {
		m = merge(all, request.Backward, true)
	}
	page := crm.MergedOrders{Complete: []string{}}
	page.Items, page.More = m.orders, all.open() || len(m.orders) > request.Limit
	if len(m.orders) == 0 && request.Limit > 0 {
		page.More = false // There is no place to go on from: who tried would begin again, for ever.
	}
	if len(page.Items) > request.Limit {
		page.Items = page.Items[:request.Limit]
	}
	if page.Items == nil {
		page.Items = []*crm.Order{}
	}
	if request.Backward {
		slices.Reverse(page.Items)
	}
	for _, p := range append([]*part{all.store}, all.shops...) {
		status := l.status(p)
		page.Sources = append(page.Sources, status)
		if status.State == crm.SourceStateOK || status.State == crm.SourceStateStale {
			page.Complete = append(page.Complete, status.Source)
		}
	}
	byName(page.Sources)
	slices.Sort(page.Complete)
	return page, nil
}

// failed says whether no source gave anything.
func (all *parts) failed() bool {
	return all.store.err != nil && all.store.orders == nil && !slices.ContainsFunc(all.shops, func(p *part) bool {
		return p.err == nil || len(p.known) > 0
	})
}

// open says whether a source has orders that are not known.
func (all *parts) open() bool {
	return all.store.more || slices.ContainsFunc(all.shops, func(p *part) bool { return p.more })
}

// status says what a part contributed.
func (l *listing) status(p *part) crm.SourceStatus {
	status := crm.SourceStatus{Source: p.source, State: crm.SourceStateOK, AsOf: &p.asOf}
	switch {
	case p.err != nil:
		if status.State = stateOf(p.err); p.edge == nil {
			status.AsOf = nil
		}
		return status
	case p.short, len(p.odd) > 0:
		status.State = crm.SourceStateIncomplete
	case p.stale:
		status.State = crm.SourceStateStale
	}
	if l.complete != nil && !slices.Contains(l.complete, p.source) {
		status.State = crm.SourceStateIncomplete
	}
	return status
}
