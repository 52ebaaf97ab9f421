package shopify

import "github.com/customer360/gateway/datasources/shops/shopify/internal/admin"

// fill files what an answer holds under the orders it belongs to, and says of
// each part whether it is all.
func fill(a *admin.OrderDetailsResponse, found map[string]*detail) map[piece]bool {
	filled := map[piece]bool{}
	for _, node := range a.Bought {
		if o, ok := node.(*admin.OrderDetailsBoughtOrder); ok && found[o.Id] != nil {
			filled[piece{bought, o.Id}] = found[o.Id].buy(&o.BoughtOrder)
		}
	}
	for _, node := range a.Shipped {
		if o, ok := node.(*admin.OrderDetailsShippedOrder); ok && found[o.Id] != nil {
			filled[piece{shipped, o.Id}] = found[o.Id].ship(&o.ShippedOrder)
		}
	}
	for _, node := range a.Refunded {
		if o, ok := node.(*admin.OrderDetailsRefundedOrder); ok && found[o.Id] != nil {
			filled[piece{refunded, o.Id}] = found[o.Id].refund(&o.RefundedOrder)
		}
	}
	for _, node := range a.Returned {
		if o, ok := node.(*admin.OrderDetailsReturnedOrder); ok && found[o.Id] != nil {
			filled[piece{returned, o.Id}] = found[o.Id].sendBack(&o.ReturnedOrder)
		}
	}
	return filled
}

func (d *detail) buy(o *admin.BoughtOrder) (whole bool) {
	if o.Customer != nil {
		d.customer = o.Customer.Id
	}
	d.lines = o.LineItems.Nodes
	return !o.LineItems.PageInfo.HasNextPage
}

func (d *detail) ship(o *admin.ShippedOrder) (whole bool) {
	d.shipments, whole = make(map[string][]quantity, len(o.Fulfillments)), true
	for _, f := range o.Fulfillments {
		for _, l := range f.FulfillmentLineItems.Nodes {
			if l.Quantity != nil {
				d.shipments[f.Id] = append(d.shipments[f.Id], quantity{l.LineItem.Id, *l.Quantity})
			}
		}
		whole = whole && !f.FulfillmentLineItems.PageInfo.HasNextPage
	}
	return whole
}

func (d *detail) refund(o *admin.RefundedOrder) (whole bool) {
	d.refunds, whole = o.Refunds, true
	for _, r := range o.Refunds {
		whole = whole && !r.RefundLineItems.PageInfo.HasNextPage
	}
	return whole
}

func (d *detail) sendBack(o *admin.ReturnedOrder) (whole bool) {
	d.returns, whole = o.Returns.Nodes, !o.Returns.PageInfo.HasNextPage
	for _, r := range o.Returns.Nodes {
		whole = whole && !r.ReturnLineItems.PageInfo.HasNextPage
	}
	return whole
}
