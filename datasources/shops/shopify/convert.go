package shopify

import (
	"errors"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// order converts an order. The error says why it makes no sense.
func (s *Shop) order(h *admin.OrderHead, d *detail) (*crm.Order, error) {
	id := native(h.Id)
	if d.odd != nil {
		return nil, d.odd
	}
	money := &purse{currency: h.CurrencyCode}
	o := &crm.Order{
		ID:                  crm.DerivedID(crm.KindOrder, s.source, id),
		Number:              h.Name,
		Source:              s.source,
		ExternalID:          id,
		SalesChannel:        nonEmpty(h.SourceName),
		PurchaseOrderNumber: nonEmpty(h.PoNumber),
		FinancialStatus:     financialStatus(h.DisplayFinancialStatus),
		FulfillmentStatus:   fulfillmentStatus(h.DisplayFulfillmentStatus),
		ReturnStatus:        returnStatus(h.ReturnStatus),
		SourceStatus:        sourceStatus(h),
		PlacedAt:            millisecond(h.ProcessedAt),
		CanceledAt:          moment(h.CancelledAt),
		Price: crm.PriceBreakdown{
			Discount: money.read(h.TotalDiscounts), Shipping: money.read(&h.TotalShippingPrice),
			Tax: money.read(h.TotalTax), Total: money.paid(h.TotalPrice),
		},
		Payments:        payments(h, money),
		ShippingAddress: address(h.ShippingAddress),
		BillingAddress:  address(h.BillingAddress),
		UpdatedAt:       millisecond(h.UpdatedAt),
	}
	o.Status = orderStatus(h, o)
	p := &o.Price
	p.Subtotal = crm.Money{CurrencyCode: h.CurrencyCode, Minor: p.Total.Minor - p.Tax.Minor - p.Shipping.Minor + p.Discount.Minor}
	lines := make(map[string]*crm.OrderLine, len(d.lines))
	o.Lines = make([]*crm.OrderLine, 0, len(d.lines))
	for i := range d.lines {
		line := s.line(&d.lines[i], h.TaxesIncluded, money)
		lines[d.lines[i].Id] = line
		o.Lines = append(o.Lines, line)
	}
	o.Shipments = shipments(h, d, lines)
	if allDelivered(o) {
		o.FulfillmentStatus = crm.FulfillmentStatusDelivered
	}
	o.Refunds = refunds(d, lines, money)
	o.Returns = returnsOf(d, lines)
	switch {
	case id == "":
		return nil, errors.New("an order's id is none")
	case money.err != nil:
		return nil, money.err
	}
	o.Complete()
	return o, nil
}

func (s *Shop) line(l *admin.LineFields, taxesIncluded bool, money *purse) *crm.OrderLine {
	line := &crm.OrderLine{
		ID: native(l.Id), Title: l.Title, SKU: nonEmpty(l.Sku), Quantity: l.Quantity,
		UnitPrice: money.read(&l.OriginalUnitPrice), Discount: money.read(&l.TotalDiscount), Total: money.read(&l.DiscountedTotal),
		Tax: crm.Money{CurrencyCode: money.currency},
	}
	if name := value(l.VariantTitle); name != "" {
		line.Title += " - " + name
	}
	for i := range l.TaxLines {
		line.Tax.Minor += money.read(&l.TaxLines[i].Price).Minor
	}
	if !taxesIncluded {
		line.Total.Minor += line.Tax.Minor
	}
	if l.Product != nil {
		line.ProductID, line.ProductTitle = s.productID(l.Product.Id), l.Product.Title
	}
	return line
}

func (s *Shop) productID(global string) crm.ID {
	if id := native(global); id != "" {
		return crm.DerivedID(crm.KindProduct, s.source, id)
	}
	return ""
}

// payments returns what was paid: an authorization only until it is captured.
func payments(h *admin.OrderHead, money *purse) []crm.Payment {
	captured := slices.ContainsFunc(h.Transactions, func(t admin.OrderHeadTransactionsOrderTransaction) bool {
		return t.Kind == admin.OrderTransactionKindCapture && t.Status == admin.OrderTransactionStatusSuccess
	})
	found := []crm.Payment{}
	for i := range h.Transactions {
		t := &h.Transactions[i]
		status, ok := paymentStatus(t.Kind, t.Status)
		if !ok || t.Test || captured && status == crm.PaymentStatusAuthorized {
			continue
		}
		at := t.CreatedAt
		if t.ProcessedAt != nil {
			at = *t.ProcessedAt
		}
		found = append(found, crm.Payment{Method: value(t.Gateway), Status: status, Amount: money.paid(t.Amount), OccurredAt: millisecond(at)})
	}
	return found
}

// shipments returns a parcel for each number that can be tracked; what is in the
// parcels of one fulfillment is the first one's.
func shipments(h *admin.OrderHead, d *detail, lines map[string]*crm.OrderLine) []*crm.Shipment {
	found := []*crm.Shipment{}
	var all []quantity
	if sentWhole(h) {
		for _, l := range d.lines {
			all = append(all, quantity{l.Id, l.Quantity})
		}
	}
	for i := range h.Fulfillments {
		f := &h.Fulfillments[i]
		if !shippedAtAll(f.Status) {
			continue
		}
		sent := f.CreatedAt
		first := &crm.Shipment{ShippedAt: moment(&sent), DeliveredAt: moment(f.DeliveredAt), Lines: quantities(append(all, d.shipments[f.Id]...), lines)}
		found = append(found, first)
		for n, t := range f.TrackingInfo {
			parcel := first
			if n > 0 {
				parcel = &crm.Shipment{ShippedAt: first.ShippedAt, DeliveredAt: first.DeliveredAt, Lines: []crm.LineQuantity{}}
				found = append(found, parcel)
			}
			parcel.Carrier, parcel.TrackingNumber = nonEmpty(t.Company), nonEmpty(t.Number)
			if t.Url != nil {
				parcel.TrackingURL = upstream.Address(*t.Url)
			}
		}
	}
	return found
}

func allDelivered(o *crm.Order) bool {
	return o.FulfillmentStatus == crm.FulfillmentStatusFulfilled && len(o.Shipments) > 0 &&
		!slices.ContainsFunc(o.Shipments, func(s *crm.Shipment) bool { return s.DeliveredAt == nil })
}

func refunds(d *detail, lines map[string]*crm.OrderLine, money *purse) []*crm.Refund {
	found := []*crm.Refund{}
	for i := range d.refunds {
		r := &d.refunds[i]
		amount := r.TotalRefundedSet.ShopMoney
		if amount.CurrencyCode != money.currency {
			money.fail("a refund is in another currency than its order")
		}
		var given []quantity
		for _, l := range r.RefundLineItems.Nodes {
			given = append(given, quantity{l.LineItem.Id, l.Quantity})
		}
		found = append(found, &crm.Refund{
			Amount: money.paid(amount.Amount), Reason: nonEmpty(r.Note),
			OccurredAt: millisecond(r.ProcessedAt), Lines: quantities(given, lines),
		})
	}
	return found
}

func returnsOf(d *detail, lines map[string]*crm.OrderLine) []*crm.Return {
	found := []*crm.Return{}
	for i := range d.returns {
		r := &d.returns[i]
		back := &crm.Return{Status: statusOfReturn(r.Status), RequestedAt: millisecond(r.CreatedAt)}
		if back.Status == crm.ReturnStatusReceived {
			back.ReceivedAt = moment(r.ClosedAt)
		}
		var sent []quantity
		for _, node := range r.ReturnLineItems.Nodes {
			if note := node.GetReturnReasonNote(); back.Reason == nil && note != "" {
				back.Reason = &note
			}
			if l, ok := node.(*returnLine); ok {
				sent = append(sent, quantity{l.FulfillmentLineItem.LineItem.Id, l.Quantity})
			}
		}
		back.Lines = quantities(sent, lines)
		found = append(found, back)
	}
	return found
}

// returnLine is a line of a return that was shipped by Shopify's knowledge.
type returnLine = admin.ReturnedOrderReturnsReturnConnectionNodesReturnReturnLineItemsReturnLineItemTypeConnectionNodesReturnLineItem

func quantities(some []quantity, lines map[string]*crm.OrderLine) []crm.LineQuantity {
	found := make([]crm.LineQuantity, 0, len(some))
	for _, q := range some {
		if line := lines[q.line]; line != nil {
			found = append(found, crm.LineQuantity{Line: line, Quantity: q.n})
		}
	}
	return found
}

// address converts an address; nil for none and for one without a first line.
func address(a *admin.PostalAddress) *crm.Address {
	if a == nil || value(a.Address1) == "" {
		return nil
	}
	return &crm.Address{
		Label: nil, Name: nonEmpty(a.Name), Line1: *a.Address1, Line2: nonEmpty(a.Address2), City: nonEmpty(a.City),
		Region: nonEmpty(a.Province), PostalCode: nonEmpty(a.Zip), CountryCode: country(a.CountryCodeV2),
	}
}

// country leaves out Shopify's ZZ, for an unknown country.
func country(code *string) *string {
	if value(code) == "ZZ" {
		return nil
	}
	return nonEmpty(code)
}

func nonEmpty(text *string) *string {
	if value(text) == "" {
		return nil
	}
	return text
}

func moment(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	at := millisecond(*t)
	return &at
}
