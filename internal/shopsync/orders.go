package shopsync

import (
	"bytes"
	"context"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// storeOrders stores a batch of orders, each with the customer whom its shop
// says it belongs to. If that is one of the shop's whom we have not seen, the
// customers are read on first: an order is never older than its customer, so
// they are there now.
func (r *run) storeOrders(ctx context.Context, items []*crm.ShopOrder) (n tally, err error) {
	items = r.own(ctx, &n, items)
	d, err := r.buyers(ctx, items)
	if err != nil {
		return n, err
	}
	if r.strangers(d, items) {
		if err := r.customers(ctx); err != nil {
			return n, err
		}
		if d, err = r.buyers(ctx, items); err != nil {
			return n, err
		}
		r.strangers(d, items)
	}
	return n, r.putOrders(ctx, &n, d, items, sameOrder)
}

// putOrders stores orders with the customers that d has for them, but for those
// that are settled as they are stored.
func (r *run) putOrders(
	ctx context.Context, n *tally, d *directory, items []*crm.ShopOrder, settled func(stored, order *crm.Order) bool,
) error {
	orders := make([]*crm.Order, len(items))
	for i, item := range items {
		order := *item.Order
		var reason string
		if order.CustomerID, reason = d.customer(r.source, item.Buyer); reason != "" {
			r.unmatched(ctx, n, kindOrders, order.ExternalID, reason)
		}
		orders[i] = &order
	}
	written, refused, err := put(ctx, crm.Of[crm.Order](r.store), orders, func(o *crm.Order) crm.ID { return o.ID }, settled)
	n.written += written
	for _, o := range refused {
		r.unmatched(ctx, n, kindOrders, o.ExternalID, reasonRefused)
	}
	return err
}

// own returns the orders whose ids are the source's, each once: as it came last.
func (r *run) own(ctx context.Context, n *tally, items []*crm.ShopOrder) []*crm.ShopOrder {
	kept := make([]*crm.ShopOrder, 0, len(items))
	at := make(map[crm.ID]int, len(items))
	for _, item := range items {
		o := item.Order
		if o.Source != r.source || o.ID != crm.DerivedID(crm.KindOrder, r.source, o.ExternalID) || o.ID.Kind() != crm.KindOrder {
			r.unmatched(ctx, n, kindOrders, o.ExternalID, reasonForeign)
			continue
		}
		if i, repeat := at[o.ID]; repeat {
			kept[i] = item
			continue
		}
		at[o.ID] = len(kept)
		kept = append(kept, item)
	}
	return kept
}

// buyers looks up whom the orders may belong to.
func (r *run) buyers(ctx context.Context, items []*crm.ShopOrder) (*directory, error) {
	var identities, emails []string
	for _, item := range items {
		if named(item.Buyer.ExternalID) {
			identities = append(identities, identityKey(r.source, item.Buyer.ExternalID))
		}
		if key := crm.EmailKey(item.Buyer.Email); key != "" {
			emails = append(emails, key)
		}
	}
	return look(ctx, r.store, identities, emails, nil)
}

// maxLooked bounds what a run remembers of customers that it looked for.
const maxLooked = 10_000

// strangers says whether orders belong to customers of the shop whom the store
// does not know, by their identity or by an address that is one customer's, and
// who were not looked for in this run.
func (r *run) strangers(d *directory, items []*crm.ShopOrder) bool {
	found := false
	for _, item := range items {
		id := item.Buyer.ExternalID
		if !named(id) || d.owners[identityKey(r.source, id)] != nil || len(d.emails[crm.EmailKey(item.Buyer.Email)]) == 1 || r.looked[id] {
			continue
		}
		if len(r.looked) >= maxLooked {
			clear(r.looked)
		}
		r.looked[id] = true
		found = true
	}
	return found
}

// customer returns whose a buyer's order is: the customer with the buyer's
// identity in the source; else the one who has shown that the buyer's email
// address is theirs; else nobody's, and why.
func (d *directory) customer(source string, b crm.Buyer) (id crm.ID, reason string) {
	var candidates []*crm.Customer
	if owner := d.owners[identityKey(source, b.ExternalID)]; b.ExternalID != "" && owner != nil && usable(owner) {
		candidates = append(candidates, owner)
	} else {
		candidates = d.emails[crm.EmailKey(b.Email)]
	}
	switch len(candidates) {
	case 0:
		return "", reasonNoCustomer
	case 1:
		if shopper, ok := candidates[0].Shopper(source); ok && shopper.Is(b) {
			return candidates[0].ID, ""
		}
		return "", reasonNoCustomer
	}
	return "", reasonEmails
}

// sameOrder says whether an order is stored as it is.
func sameOrder(stored, order *crm.Order) bool {
	return sameBytes(record.NewOrder(stored), record.NewOrder(order))
}

// sameBytes says whether records are written down alike. What cannot be written
// down is not alike, and the store will say so.
func sameBytes(a, b any) bool {
	x, errX := record.Marshal(a)
	y, errY := record.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// put stores the records that are not settled as they are stored, and gives
// those that the store refuses. Records have different ids. Of kinds without a
// version the last write stays; one that somebody else makes at the same time is
// looked at again.
func put[T any](
	ctx context.Context, records crm.Records[T], items []*T, id func(*T) crm.ID, settled func(stored, item *T) bool,
) (written int, refused []*T, err error) {
	for range attempts {
		if len(items) == 0 {
			return written, refused, nil
		}
		writes, err := differing(ctx, records, items, id, settled)
		if err != nil || len(writes) == 0 {
			return written, refused, err
		}
		outcomes, err := records.Write(ctx, writes)
		if err != nil {
			return written, refused, fmt.Errorf("write %d records: %w", len(writes), err)
		}
		items = nil
		for i, outcome := range outcomes {
			switch {
			case outcome == nil:
				written++
			case crm.CodeOf(outcome) == crm.CodeConflict:
				items = append(items, writes[i].Record)
			case crm.CodeOf(outcome) == crm.CodeInvalid:
				refused = append(refused, writes[i].Record)
			default:
				return written, refused, fmt.Errorf("write a record: %w", outcome)
			}
		}
	}
	return written, append(refused, items...), nil
}

// differing returns the writes of what is not settled.
func differing[T any](
	ctx context.Context, records crm.Records[T], items []*T, id func(*T) crm.ID, settled func(stored, item *T) bool,
) ([]crm.Write[T], error) {
	ids := make([]crm.ID, len(items))
	for i, item := range items {
		ids[i] = id(item)
	}
	stored, err := records.ByID(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d records: %w", len(ids), err)
	}
	writes := make([]crm.Write[T], 0, len(items))
	for i, item := range items {
		switch old := stored[ids[i]]; {
		case old == nil:
			writes = append(writes, crm.Write[T]{Record: item})
		case !settled(old, item):
			writes = append(writes, crm.Write[T]{Record: item, Expect: 1})
		}
	}
	return writes, nil
}
