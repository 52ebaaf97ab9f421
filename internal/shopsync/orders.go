package shopsync

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
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
	err = r.putOrders(ctx, &n, d, items, crm.Replace)
	return n, err
}

// putOrders stores orders with the customers that d has for them, each as replace
// makes it of what is stored and of what the shop says. One that is refused is noted
// for that alone, with a customer or without.
func (r *run) putOrders(ctx context.Context, n *tally, d *directory, items []*crm.ShopOrder, replace replacement) error {
	orders := make([]crm.Record, len(items))
	reasons := make([]string, len(items))
	for i, item := range items {
		order := *item.Order
		order.CustomerID, reasons[i] = d.customer(r.source, item.Buyer)
		orders[i] = &order
	}
	refused, err := r.put(ctx, n, crm.KindOrder, orders, replace)
	if err != nil {
		return err
	}
	for i, item := range items {
		if reasons[i] != "" && !refused[item.Order.ID] {
			r.unmatched(ctx, n, kindOrders, item.Order.ExternalID, reasons[i])
		}
	}
	return nil
}

// own returns the orders whose ids are the source's, each once: as it came last.
func (r *run) own(ctx context.Context, n *tally, items []*crm.ShopOrder) []*crm.ShopOrder {
	kept := make([]*crm.ShopOrder, 0, len(items))
	at := make(map[crm.ID]int, len(items))
	for _, item := range items {
		o := item.Order
		if o.Source != r.source || o.ID != crm.DerivedID(crm.KindOrder, r.source, o.ExternalID) || o.ID.Kind() != crm.KindOrder {
			r.reject(ctx, n, kindOrders, o.ExternalID, reasonForeign)
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
