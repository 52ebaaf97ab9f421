package vendure

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// millis cuts a time to the millisecond, in UTC.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func (o order) placedAt() time.Time {
	if o.OrderPlacedAt == nil {
		return time.Time{}
	}
	return millis(*o.OrderPlacedAt)
}

// isPlaced says whether the order is one, and not a cart or a draft.
func (o order) isPlaced() bool { return o.OrderPlacedAt != nil && !o.Active && o.State != "Draft" }

// buyer is whom the shop says the order belongs to.
func (o order) buyer() crm.Buyer {
	if o.Customer == nil {
		return crm.Buyer{}
	}
	return crm.Buyer{ExternalID: o.Customer.ID, Email: o.Customer.EmailAddress}
}

// purse makes money of Vendure's hundredths in one currency.
type purse struct {
	code   string
	digits int
}

// hundredths is how many digits after the point Vendure's amounts have.
const hundredths = 2

func newPurse(code string) (purse, error) {
	digits, ok := crm.Exponent(code)
	if !ok {
		return purse{}, errors.New("a currency is not one of ISO 4217")
	}
	return purse{code, digits}, nil
}

// money returns an amount in the currency's own minor units, rounded half away from
// zero where it has fewer digits than Vendure's amounts.
func (p purse) money(amount int64) crm.Money {
	for digits := hundredths; digits < p.digits; digits++ {
		amount *= 10
	}
	unit := int64(1)
	for digits := p.digits; digits < hundredths; digits++ {
		unit *= 10
	}
	half := unit / 2
	if amount < 0 {
		half = -half
	}
	return crm.Money{Minor: (amount + half) / unit, CurrencyCode: p.code}
}

// finer says whether an amount has more digits than the currency.
func (p purse) finer(amount int64) bool {
	for digits := p.digits; digits < hundredths; digits++ {
		if amount%10 != 0 {
			return true
		}
		amount /= 10
	}
	return false
}

// order converts an order; whose it is, the caller says.
func (s *Shop) order(o order) (*crm.Order, error) {
	id := crm.DerivedID(crm.KindOrder, s.source, o.ID)
	switch {
	case o.odd != nil:
		return nil, o.odd
	case id.Kind() != crm.KindOrder:
		return nil, errors.New("an order's id is none")
	}
	p, err := newPurse(o.CurrencyCode)
	if err != nil {
		return nil, err
	}
	lines := s.lines(o, p)
	discount := int64(0)
	for _, l := range o.Lines {
		discount += l.discount()
	}
	result := &crm.Order{
		ID: id, Number: o.Code, Source: s.source, ExternalID: o.ID,
		SalesChannel: salesChannel(o.Channels),
		SourceStatus: text(o.State),
		PlacedAt:     o.placedAt(), UpdatedAt: updatedAt(o),
		Lines: lines,
		Price: price(p, o, discount),

		Payments: []crm.Payment{}, Refunds: []*crm.Refund{}, Returns: []*crm.Return{}, Shipments: []*crm.Shipment{},
		ShippingAddress: o.ShippingAddress.crm(o.ShippingAddress.code()),
		BillingAddress:  o.BillingAddress.crm(o.BillingAddress.code()),
	}
	byID := make(map[string]*crm.OrderLine, len(lines))
	for _, l := range lines {
		byID[l.ID] = l
	}
	for _, pay := range o.Payments {
		result.Payments = append(result.Payments, crm.Payment{
			Method: pay.Method, Status: paymentStatus(pay.State), Amount: p.money(pay.Amount), OccurredAt: millis(pay.CreatedAt),
		})
		for _, r := range pay.Refunds {
			if r.State == "Settled" { // The others are no money given back, or not yet.
				result.Refunds = append(result.Refunds, &crm.Refund{
					Amount: p.money(r.Total), Reason: text(r.Reason), OccurredAt: millis(r.CreatedAt), Lines: quantities(r.Lines, byID),
				})
			}
		}
	}
	for _, f := range o.Fulfillments {
		if shipment := shipmentOf(f, byID); shipment != nil {
			result.Shipments = append(result.Shipments, shipment)
		}
	}
	setStatuses(result, o)
	result.Complete()
	return result, nil
}

// updatedAt is the latest time that the order's parts bear: Vendure's own does not
// move with them.
func updatedAt(o order) time.Time {
	latest := o.UpdatedAt
	later := func(t time.Time) {
		if t.After(latest) {
			latest = t
		}
	}
	if o.OrderPlacedAt != nil {
		later(*o.OrderPlacedAt)
	}
	for _, p := range o.Payments {
		later(p.CreatedAt)
		for _, r := range p.Refunds {
			later(r.CreatedAt)
		}
	}
	for _, f := range o.Fulfillments {
		later(f.UpdatedAt)
	}
	return millis(latest)
}

// salesChannel names the channel beside the default one, which every order is in.
func salesChannel(channels []channel) *string {
	for _, c := range channels {
		if c.Code != "__default_channel__" {
			return text(c.Code)
		}
	}
	return nil
}

// price splits the total: net goods before discount, discount, net shipping, tax.
// Each amount is rounded by itself only where the currency has no hundredths.
func price(p purse, o order, discount int64) crm.PriceBreakdown {
	return crm.PriceBreakdown{
		Subtotal: p.money(o.SubTotal + discount), Discount: p.money(discount), Shipping: p.money(o.Shipping),
		Tax: p.money(o.TotalWithTax - o.Total), Total: p.money(o.TotalWithTax),
	}
}

// discount is what the line was given off, before tax, with its part of the order's
// discounts.
func (l line) discount() int64 { return max(l.LinePrice-l.ProratedLinePrice, 0) }

// lines returns the lines, and the surcharges as lines. A line that was canceled
// altogether has the quantity that it was placed with, and costs nothing.
func (s *Shop) lines(o order, p purse) []*crm.OrderLine {
	lines := make([]*crm.OrderLine, 0, len(o.Lines)+len(o.Surcharges))
	for _, l := range o.Lines {
		v := l.ProductVariant
		quantity := l.Quantity
		if quantity == 0 {
			quantity = l.OrderPlacedQuantity
		}
		lines = append(lines, &crm.OrderLine{
			ID: l.ID, ProductID: s.productID(v.Product.ID), Title: v.Name, ProductTitle: v.Product.Name, SKU: text(v.SKU),
			Quantity: min(max(quantity, 0), math.MaxInt32), UnitPrice: p.money(l.UnitPrice),
			Discount: p.money(l.discount()),
			Tax:      p.money(l.ProratedLinePriceWithTax - l.ProratedLinePrice),
			Total:    p.money(l.ProratedLinePriceWithTax),
		})
	}
	for _, c := range o.Surcharges {
		lines = append(lines, &crm.OrderLine{
			ID: "surcharge-" + c.ID, Title: c.Description, SKU: text(c.SKU), Quantity: 1,
			UnitPrice: p.money(c.Price), Discount: p.money(0), Tax: p.money(c.PriceWithTax - c.Price), Total: p.money(c.PriceWithTax),
		})
	}
	return lines
}

// productID returns a product's id, or none if Vendure's does not fit in one.
func (s *Shop) productID(native string) crm.ID {
	id := crm.DerivedID(crm.KindProduct, s.source, native)
	if id.Kind() == "" {
		return ""
	}
	return id
}

func quantities(of []lineQuantity, lines map[string]*crm.OrderLine) []crm.LineQuantity {
	result := []crm.LineQuantity{}
	for _, q := range of {
		if l := lines[q.OrderLineID]; l != nil && q.Quantity > 0 {
			result = append(result, crm.LineQuantity{Line: l, Quantity: min(q.Quantity, math.MaxInt32)})
		}
	}
	return result
}

// shipmentOf returns the parcel of a fulfillment; nil for one that was canceled. A
// fulfillment bears two times: that it was made, which stands for when it was
// shipped, and that its state last changed, which is when it was delivered. The
// order's history would tell the rest and makes a call half as long again.
func shipmentOf(f fulfillment, lines map[string]*crm.OrderLine) *crm.Shipment {
	if f.State == "Cancelled" {
		return nil
	}
	shipment := &crm.Shipment{
		Carrier: text(f.Method), TrackingNumber: text(f.TrackingCode), TrackingURL: upstream.Address(f.TrackingCode),
		Lines: quantities(f.Lines, lines),
	}
	made, changed := millis(f.CreatedAt), millis(f.UpdatedAt)
	if f.State == "Shipped" || f.State == "Delivered" {
		shipment.ShippedAt = &made
	}
	if f.State == "Delivered" {
		shipment.DeliveredAt = &changed
	}
	return shipment
}

// code returns the country of an order's address.
func (a *address) code() string {
	if a == nil {
		return ""
	}
	return a.CountryCode
}

// crm converts an address; one that says nothing is nil.
func (a *address) crm(country string) *crm.Address {
	if a == nil || a.StreetLine1 == "" && a.City == "" && a.PostalCode == "" {
		return nil
	}
	name := a.FullName
	if name == "" {
		name = a.Company
	}
	return &crm.Address{
		Name: text(name), Line1: a.StreetLine1, Line2: text(a.StreetLine2), City: text(a.City), Region: text(a.Province),
		PostalCode: text(a.PostalCode), CountryCode: text(strings.ToUpper(country)),
	}
}

// cart converts an order that was not placed.
func (s *Shop) cart(o order) (*crm.Cart, error) {
	if o.odd != nil {
		return nil, o.odd
	}
	p, err := newPurse(o.CurrencyCode)
	if err != nil {
		return nil, err
	}
	cart := &crm.Cart{
		ID: crm.CartID(s.source, o.ID), Source: s.source, ExternalID: o.ID, Status: crm.CartStatusOpen,
		Lines: s.lines(o, p), Total: p.money(o.TotalWithTax), CreatedAt: millis(o.CreatedAt), UpdatedAt: millis(o.UpdatedAt),
	}
	cart.LinkLines()
	return cart, nil
}

// readProduct converts a product that makes sense.
func (s *Shop) readProduct(p product) (*crm.Product, error) {
	for _, v := range p.Variants {
		if p.odd == nil && v.odd != nil {
			p.odd = fmt.Errorf("a variant's %w", v.odd)
		}
	}
	if p.odd != nil {
		return nil, p.odd
	}
	return s.product(p), nil
}

// product converts a product. Its prices are with tax, as who buys it sees them.
func (s *Shop) product(p product) *crm.Product {
	result := &crm.Product{
		ID: crm.DerivedID(crm.KindProduct, s.source, p.ID), Source: s.source, ExternalID: p.ID,
		Title: p.Name, Description: text(upstream.Plain(p.Description)), Categories: []string{}, Variants: []crm.Variant{},
		CreatedAt: millis(p.CreatedAt), UpdatedAt: millis(p.UpdatedAt),
	}
	if p.FeaturedAsset != nil {
		result.ImageURL = upstream.Address(p.FeaturedAsset.Preview)
	}
	for _, c := range p.Collections {
		result.Categories = append(result.Categories, c.Name)
	}
	for _, v := range p.Variants {
		converted := crm.Variant{
			SKU: v.SKU, Title: text(v.Name), Options: []crm.VariantOption{}, Availability: availability(v.StockLevel),
		}
		if !p.Enabled || !v.Enabled {
			converted.Availability = crm.AvailabilityDiscontinued
		}
		if digits, ok := crm.Exponent(v.CurrencyCode); ok {
			p := purse{v.CurrencyCode, digits}
			if price := p.money(v.PriceWithTax); !p.finer(v.PriceWithTax) { // Else it is not known as money.
				converted.Price = &price
			}
		}
		for _, o := range v.Options {
			converted.Options = append(converted.Options, crm.VariantOption{Name: o.Group.Name, Value: o.Name})
		}
		result.Variants = append(result.Variants, converted)
	}
	result.Complete()
	return result
}

// shopCustomer converts a customer. One without a user is a guest, whose address
// nobody has proven.
func shopCustomer(c customer) *crm.ShopCustomer {
	result := &crm.ShopCustomer{
		ExternalID: c.ID, Email: c.EmailAddress, EmailVerified: c.User != nil && c.User.Verified, Guest: c.User == nil,
		Phone: c.PhoneNumber, GivenName: c.FirstName, FamilyName: c.LastName, Addresses: []crm.Address{},
		CreatedAt: millis(c.CreatedAt), UpdatedAt: millis(c.UpdatedAt),
	}
	for _, a := range c.Addresses {
		converted := a.crm(a.Country.Code)
		if converted == nil {
			continue
		}
		switch {
		case a.DefaultShippingAddress:
			converted.Label = text("shipping")
		case a.DefaultBillingAddress:
			converted.Label = text("billing")
		}
		if result.Company == "" {
			result.Company = a.Company
		}
		result.Addresses = append(result.Addresses, *converted)
	}
	return result
}

// text returns a text, nil if there is none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
