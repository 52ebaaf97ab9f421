package medusa

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// placed is when an order was placed, as precisely as times here are.
func (o *order) placed() time.Time { return inUTC(o.CreatedAt) }

// buyer is whom the shop says an order belongs to: its customer, known by the
// customer's own email; the order's address counts where there is no customer.
func (o *order) buyer() crm.Buyer {
	if o.CustomerID != "" && o.Customer.Email != "" {
		return crm.Buyer{ExternalID: o.CustomerID, Email: o.Customer.Email}
	}
	return crm.Buyer{ExternalID: o.CustomerID, Email: o.Email}
}

// order converts an order; its CustomerID is not set.
func (s *Shop) order(o *order) (*crm.Order, error) {
	id := crm.DerivedID(crm.KindOrder, s.source, o.ID)
	switch {
	case o.odd != nil:
		return nil, o.odd
	case id.Kind() != crm.KindOrder:
		return nil, errors.New("an order's id is none")
	}
	p := newPurse(o.CurrencyCode)
	lines, byID := s.lines(o, p)
	converted := &crm.Order{
		ID: id, Source: s.source, ExternalID: o.ID,
		Number:            number(o),
		SalesChannel:      text(o.SalesChannel.Name),
		FinancialStatus:   financialStatus(paymentWord(o.PaymentCollections, p)),
		FulfillmentStatus: fulfillmentStatus(fulfillmentWord(o.Items, o.Fulfillments, p)),
		SourceStatus:      text(o.Status),
		PlacedAt:          o.placed(),
		CanceledAt:        inUTCOrNil(o.CanceledAt),
		Lines:             lines,
		Price:             priceOf(o, p),
		Payments:          payments(o, p),
		Refunds:           refunds(o, p),
		Returns:           returns(o, byID, p),
		Shipments:         shipments(o, byID, p),
		ShippingAddress:   addressOrNil(o.ShippingAddress),
		BillingAddress:    addressOrNil(o.BillingAddress),
		UpdatedAt:         inUTC(o.UpdatedAt),
	}
	converted.Status = statusOf(o.Status, converted.FinancialStatus, converted.FulfillmentStatus)
	for _, r := range converted.Returns {
		converted.ReturnStatus = r.Status // The latest counts.
	}
	converted.Complete()
	return converted, p.err
}

func number(o *order) string {
	if o.CustomDisplayID != "" {
		return o.CustomDisplayID
	}
	return string(o.DisplayID)
}

// lines converts the items, and gives them by Medusa's id as well. Items that were
// edited away have no quantity and are left out.
func (s *Shop) lines(o *order, p *purse) ([]*crm.OrderLine, map[string]*crm.OrderLine) {
	lines, byID := []*crm.OrderLine{}, map[string]*crm.OrderLine{}
	for n := range o.Items {
		i := &o.Items[n]
		quantity := p.count(i.Detail.Quantity)
		if quantity == 0 || i.ID == "" {
			continue
		}
		c := o.charge(i, p)
		line := &crm.OrderLine{
			ID: i.ID, ProductID: s.productID(i.ProductID), Title: i.Title, ProductTitle: i.ProductTitle,
			SKU: text(i.VariantSKU), Quantity: quantity, UnitPrice: p.round(i.price(p)),
			Discount: p.round(c.discount), Tax: p.round(c.tax), Total: p.round(c.total()),
		}
		lines, byID[i.ID] = append(lines, line), line
	}
	slices.SortFunc(lines, func(a, b *crm.OrderLine) int { return strings.Compare(a.ID, b.ID) })
	return lines, byID
}

// price is what one costs: an edited order has its own.
func (i *item) price(p *purse) *big.Rat {
	if i.Detail.UnitPrice != "" {
		return p.exact(i.Detail.UnitPrice)
	}
	return p.exact(i.UnitPrice)
}

// charge is what an item costs.
func (o *order) charge(i *item, p *purse) charge {
	amount := new(big.Rat).Mul(i.price(p), p.exact(i.Detail.Quantity))
	return p.charge(amount, i.IsTaxInclusive, i.TaxLines, o.current(i.Adjustments))
}

// current returns the adjustments that count: Medusa keeps those of every version of
// an order and sends them all.
func (o *order) current(adjustments []adjustment) []adjustment {
	return slices.DeleteFunc(slices.Clone(adjustments), func(a adjustment) bool {
		return a.Version != "" && o.Version != "" && a.Version != o.Version
	})
}

func (s *Shop) productID(native string) crm.ID {
	id := crm.DerivedID(crm.KindProduct, s.source, native)
	if id.Kind() != crm.KindProduct {
		return ""
	}
	return id
}

// priceOf adds up what was bought. Each sum is rounded once, and the tax is what
// makes them come out: subtotal - discount + shipping + tax = total. The way back
// of a return is no part of the order's price.
func priceOf(o *order, p *purse) crm.PriceBreakdown {
	subtotal, discount, shipping, total := new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)
	for n := range o.Items {
		c := o.charge(&o.Items[n], p)
		p.add(subtotal, c.subtotal)
		p.add(discount, c.discount)
		p.add(total, c.total())
	}
	for _, m := range o.ShippingMethods {
		if m.Detail.ReturnID != "" {
			continue
		}
		c := p.charge(p.exact(m.Amount), m.IsTaxInclusive, m.TaxLines, o.current(m.Adjustments))
		p.add(shipping, c.subtotal)
		p.add(discount, c.discount)
		p.add(total, c.total())
	}
	b := crm.PriceBreakdown{
		Subtotal: p.round(subtotal), Discount: p.round(discount), Shipping: p.round(shipping), Total: p.round(total),
	}
	b.Tax = crm.Money{
		CurrencyCode: p.code,
		Minor:        b.Total.Minor - b.Subtotal.Minor + b.Discount.Minor - b.Shipping.Minor,
	}
	return b
}

// payments has an entry for each capture, and for each payment without one.
func payments(o *order, p *purse) []crm.Payment {
	converted := []crm.Payment{}
	for _, c := range o.PaymentCollections {
		for _, pay := range c.Payments {
			for _, taken := range pay.Captures {
				converted = append(converted, crm.Payment{
					Method: pay.ProviderID, Status: crm.PaymentStatusCaptured,
					Amount: p.money(taken.Amount), OccurredAt: inUTC(taken.CreatedAt),
				})
			}
			if len(pay.Captures) > 0 {
				continue
			}
			open := crm.Payment{
				Method: pay.ProviderID, Status: crm.PaymentStatusAuthorized,
				Amount: p.money(pay.Amount), OccurredAt: inUTC(pay.CreatedAt),
			}
			if pay.CanceledAt != nil {
				open.Status, open.OccurredAt = crm.PaymentStatusVoided, inUTC(*pay.CanceledAt)
			}
			converted = append(converted, open)
		}
	}
	slices.SortStableFunc(converted, func(a, b crm.Payment) int { return a.OccurredAt.Compare(b.OccurredAt) })
	return converted
}

func refunds(o *order, p *purse) []*crm.Refund {
	converted := []*crm.Refund{}
	for _, c := range o.PaymentCollections {
		for _, pay := range c.Payments {
			for _, r := range pay.Refunds {
				converted = append(converted, &crm.Refund{
					Amount: p.money(r.Amount), Reason: firstText(r.Reason.Label, r.Note),
					OccurredAt: inUTC(r.CreatedAt), Lines: []crm.LineQuantity{},
				})
			}
		}
	}
	slices.SortStableFunc(converted, func(a, b *crm.Refund) int { return a.OccurredAt.Compare(b.OccurredAt) })
	return converted
}

// returns converts the returns that were requested, the earliest first; those
// that an administrator has only begun are left out.
func returns(o *order, lines map[string]*crm.OrderLine, p *purse) []*crm.Return {
	converted := []*crm.Return{}
	for _, r := range o.Returns {
		if r.RequestedAt == nil {
			continue
		}
		back := &crm.Return{
			Status: returnStatus(r.Status), RequestedAt: inUTC(*r.RequestedAt),
			ReceivedAt: inUTCOrNil(r.ReceivedAt), Lines: []crm.LineQuantity{},
		}
		for _, i := range r.Items {
			if back.Reason == nil {
				back.Reason = firstText(i.Reason.Label, i.Note)
			}
			back.Lines = addLine(back.Lines, lines[i.ItemID], p.count(i.Quantity))
		}
		converted = append(converted, back)
	}
	slices.SortStableFunc(converted, func(a, b *crm.Return) int { return a.RequestedAt.Compare(b.RequestedAt) })
	return converted
}

// shipments converts the parcels that were sent, one for each label, or one
// without tracking; those that are only packed are left out.
func shipments(o *order, lines map[string]*crm.OrderLine, p *purse) []*crm.Shipment {
	converted := []*crm.Shipment{}
	for _, f := range o.Fulfillments {
		if f.CanceledAt != nil || (f.ShippedAt == nil && f.DeliveredAt == nil) {
			continue
		}
		labels := f.Labels
		if len(labels) == 0 {
			labels = []label{{}}
		}
		for _, l := range labels {
			parcel := &crm.Shipment{
				Carrier: text(f.ProviderID), TrackingNumber: text(l.TrackingNumber), TrackingURL: upstream.Address(l.TrackingURL),
				ShippedAt: inUTCOrNil(f.ShippedAt), DeliveredAt: inUTCOrNil(f.DeliveredAt), Lines: []crm.LineQuantity{},
			}
			for _, i := range f.Items {
				parcel.Lines = addLine(parcel.Lines, lines[i.LineItemID], p.count(i.Quantity))
			}
			converted = append(converted, parcel)
		}
	}
	slices.SortStableFunc(converted, func(a, b *crm.Shipment) int { return sent(a).Compare(sent(b)) })
	return converted
}

func sent(s *crm.Shipment) time.Time {
	if s.ShippedAt != nil {
		return *s.ShippedAt
	}
	return *s.DeliveredAt
}

// addLine adds so many of a line, if there is such a line; the lines stay sorted.
func addLine(to []crm.LineQuantity, line *crm.OrderLine, quantity int) []crm.LineQuantity {
	if line == nil || quantity == 0 {
		return to
	}
	to = append(to, crm.LineQuantity{Line: line, Quantity: quantity})
	slices.SortFunc(to, func(a, b crm.LineQuantity) int { return strings.Compare(a.Line.ID, b.Line.ID) })
	return to
}

func addressOrNil(a *address) *crm.Address {
	if a == nil || a.Address1 == "" && a.City == "" && a.PostalCode == "" {
		return nil
	}
	return &crm.Address{
		Label: text(a.AddressName),
		Name:  firstText(strings.TrimSpace(a.FirstName+" "+a.LastName), a.Company),
		Line1: a.Address1, Line2: text(a.Address2), City: text(a.City), Region: text(a.Province),
		PostalCode: text(a.PostalCode), CountryCode: text(strings.ToUpper(a.CountryCode)),
	}
}

// text returns a text, nil for none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func firstText(texts ...string) *string {
	for _, s := range texts {
		if s != "" {
			return &s
		}
	}
	return nil
}

// inUTC returns a time as times are here: UTC, to the millisecond.
func inUTC(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func inUTCOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := inUTC(*t)
	return &at
}
