package demo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// makeOrders makes the orders: number, customer, day, lines and total are the
// data's. How they were paid, shipped and sent back is generated, for those with
// lines only; the others just say that they are paid and how far they have come.
func (g *generator) makeOrders() {
	g.data.Orders = make([]*crm.Order, len(g.invoices))
	for i, inv := range g.invoices {
		g.data.Orders[i] = inv.order()
	}
}

// order makes one order. Discount, shipping and tax are zero, since the data
// says nothing of them: the subtotal is the total.
func (inv *invoice) order() *crm.Order {
	r := newRandom("order", inv.number)
	o := &crm.Order{
		ID: inv.id(), Number: inv.number, Source: inv.source(), ExternalID: inv.number,
		SalesChannel: ptr("web"), CustomerID: inv.buyer.id, ReturnStatus: crm.ReturnStatusNone,
		PlacedAt: inv.day, UpdatedAt: inv.day, Lines: inv.orderLines(),
		Price: crm.PriceBreakdown{
			Subtotal: pounds(inv.total), Discount: pounds(0), Shipping: pounds(0),
			Tax: pounds(0), Total: pounds(inv.total),
		},
	}
	if r.percent(12) && !inv.online() {
		o.SalesChannel = ptr("phone")
	}
	if inv.company != nil {
		o.OrganizationID = inv.company.id
		o.PurchaseOrderNumber = ptr("PO-" + strconv.Itoa(r.between(10000, 99999)))
		o.PaymentTerms = ptr("Net 30")
	}
	inv.progress(o)
	if inv.online() {
		o.SourceStatus = ptr("completed")
	}
	if len(o.Lines) > 0 {
		inv.pay(r, o)
		inv.ship(r, o)
		if o.Status == crm.OrderStatusCompleted && r.percent(3) {
			inv.sendBack(r, o)
		}
	}
	return o
}

// orderLines returns the lines as the data has them; empty where it has none.
func (inv *invoice) orderLines() []*crm.OrderLine {
	lines := make([]*crm.OrderLine, len(inv.lines))
	for i, l := range inv.lines {
		lines[i] = &crm.OrderLine{
			ID: inv.lineID(i), ProductID: inv.productID(l.item), Title: l.title, SKU: ptr(l.item.code),
			Quantity: l.quantity, UnitPrice: pounds(l.unitPrice), Discount: pounds(0), Tax: pounds(0),
			Total: pounds(int64(l.quantity) * l.unitPrice),
		}
	}
	return lines
}

// progress says how far an order has come by its age: everything older than five
// days has arrived, older than three is on its way.
func (inv *invoice) progress(o *crm.Order) {
	o.Status, o.FinancialStatus = crm.OrderStatusOpen, crm.FinancialStatusPaid
	switch age := Now().Sub(inv.day); {
	case age > 5*day:
		o.Status, o.FulfillmentStatus = crm.OrderStatusCompleted, crm.FulfillmentStatusDelivered
	case age > 3*day:
		o.FulfillmentStatus = crm.FulfillmentStatusFulfilled
	default:
		o.FulfillmentStatus = crm.FulfillmentStatusUnfulfilled
		o.PromisedDelivery = &crm.DeliveryWindow{Earliest: ptr(inv.day.Add(3 * day)), Latest: ptr(inv.day.Add(6 * day))}
	}
}

// pay captures the total, mostly on the day; on account, up to 28 days later.
func (inv *invoice) pay(r *random, o *crm.Order) {
	method, after := pick(r, []string{"card", "card", "card", "paypal", "bank_transfer"}), r.duration(8*time.Hour, 20*time.Hour)
	if inv.company != nil && Now().Sub(inv.day) > 30*day {
		method, after = "on_account", r.duration(10*day, 28*day)
	}
	o.Payments = []crm.Payment{{
		Method: method, Status: crm.PaymentStatusCaptured, Amount: pounds(inv.total), OccurredAt: inv.day.Add(after),
	}}
	touch(o, inv.day.Add(after))
}

// ship sends all lines in one parcel that arrives one to five days later. Every
// order with lines is old enough to have arrived.
func (inv *invoice) ship(r *random, o *crm.Order) {
	shipped := inv.day.Add(day + r.duration(8*time.Hour, 17*time.Hour))
	delivered := shipped.Add(r.duration(20*time.Hour, 4*day))
	number := fmt.Sprintf("DEMO%010d", r.below(1_000_000_000))
	lines := make([]crm.LineQuantity, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = crm.LineQuantity{Line: l, Quantity: l.Quantity}
	}
	o.Shipments = []*crm.Shipment{{
		Carrier: ptr(pick(r, []string{"Example Parcels", "Example Post"})), TrackingNumber: ptr(number),
		TrackingURL: ptr("https://tracking.example.com/" + number),
		ShippedAt:   ptr(shipped), DeliveredAt: ptr(delivered), Lines: lines,
	}}
	if profile := inv.buyer.profile; profile != nil {
		o.ShippingAddress = ptr(profile.Addresses[0])
		if inv.online() { // The web shop has no names for addresses.
			o.ShippingAddress.Label = nil
		}
	}
	touch(o, delivered)
}

// sendBack returns one line of an order and refunds it. The order's total stays.
func (inv *invoice) sendBack(r *random, o *crm.Order) {
	n := r.below(len(o.Lines))
	line := o.Lines[n]
	if line.Total.Minor == 0 || inv.lines[n].item.service() {
		return
	}
	lines := []crm.LineQuantity{{Line: line, Quantity: line.Quantity}}
	reason := pick(r, []string{"damaged in transit", "wrong article sent", "did not sell", "not as described"})
	requested := o.UpdatedAt.Add(r.duration(day, 6*day))
	received := requested.Add(r.duration(2*day, 7*day))
	refunded := received.Add(r.duration(2*time.Hour, 30*time.Hour))
	o.Returns = []*crm.Return{{
		Status: crm.ReturnStatusReceived, Reason: ptr(reason), RequestedAt: requested, ReceivedAt: ptr(received), Lines: lines,
	}}
	o.Refunds = []*crm.Refund{{Amount: line.Total, Reason: ptr(reason), OccurredAt: refunded, Lines: lines}}
	if inv.online() { // The web shop does not say which lines its money is given back for.
		o.Refunds[0].Lines = []crm.LineQuantity{}
	}
	o.ReturnStatus = crm.ReturnStatusReceived
	o.FinancialStatus = crm.FinancialStatusPartiallyRefunded
	if line.Total == o.Price.Total {
		o.FinancialStatus = crm.FinancialStatusRefunded
	}
	touch(o, refunded)
}

// touch moves the order's last update forward.
func touch(o *crm.Order, at time.Time) {
	if at.After(o.UpdatedAt) {
		o.UpdatedAt = at
	}
}
