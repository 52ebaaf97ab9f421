package woocommerce

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// stamp is a time of WooCommerce: GMT without a zone, to the second; the zero time
// is null, and the zero of MySQL, "0000-00-00T00:00:00".
type stamp struct{ time.Time }

const stampForm = "2006-01-02T15:04:05"

// UnmarshalJSON reads a time, with or without a zone.
func (s *stamp) UnmarshalJSON(text []byte) error {
	var written *string
	if err := json.Unmarshal(text, &written); err != nil {
		return err
	}
	if s.Time = (time.Time{}); written == nil || *written == "" || strings.HasPrefix(*written, "0000-00-00") {
		return nil
	}
	at, err := time.Parse(stampForm, strings.TrimSuffix(*written, "Z"))
	if err != nil {
		return errors.New("a time cannot be read")
	}
	s.Time = at.UTC().Truncate(time.Millisecond)
	return nil
}

// meaning is what a status says of an order.
type meaning struct {
	order       crm.OrderStatus
	unpaid      crm.FinancialStatus // without a payment
	fulfillment crm.FulfillmentStatus
	payment     crm.PaymentStatus // of a payment that did not come in
	none        bool              // no order at all
}

// meaningOf returns what WooCommerce's statuses mean. Plugins add their own: such an
// order is open, and its word stays visible.
func meaningOf(status string) meaning {
	switch status {
	case "completed":
		return meaning{
			order: crm.OrderStatusCompleted, unpaid: crm.FinancialStatusPaid,
			fulfillment: crm.FulfillmentStatusFulfilled, payment: crm.PaymentStatusPending,
		}
	case "refunded":
		return meaning{
			order: crm.OrderStatusCompleted, unpaid: crm.FinancialStatusRefunded,
			fulfillment: crm.FulfillmentStatusUnfulfilled, payment: crm.PaymentStatusPending,
		}
	case "cancelled":
		return meaning{
			order: crm.OrderStatusCanceled, unpaid: crm.FinancialStatusVoided,
			fulfillment: crm.FulfillmentStatusUnfulfilled, payment: crm.PaymentStatusVoided,
		}
	case "failed":
		return meaning{
			order: crm.OrderStatusCanceled, unpaid: crm.FinancialStatusVoided,
			fulfillment: crm.FulfillmentStatusUnfulfilled, payment: crm.PaymentStatusFailed,
		}
	case "trash", "checkout-draft", "auto-draft", "draft", "":
		return meaning{none: true}
	default: // pending, processing, on-hold and plugins' own
		return meaning{
			order: crm.OrderStatusOpen, unpaid: crm.FinancialStatusPending,
			fulfillment: crm.FulfillmentStatusUnfulfilled, payment: crm.PaymentStatusPending,
		}
	}
}

// is says whether the record is an order: placed, and not thrown away.
func (o *order) is() bool {
	return o.ID > 0 && !o.DateCreated.IsZero() && !meaningOf(o.Status).none
}

// convertOrder returns an order as the domain has it; refunds are those of the order,
// nil if it has none.
func (s *Shop) convertOrder(o *order, refunds []refund) (*crm.Order, error) {
	if o.odd != nil {
		return nil, o.odd
	}
	p := newPurse(o.Currency)
	means := meaningOf(o.Status)
	id := strconv.FormatInt(o.ID, 10)
	c := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, s.source, id), Number: o.Number, Source: s.source, ExternalID: id,
		SalesChannel: optional(o.CreatedVia), Status: means.order, FulfillmentStatus: means.fulfillment,
		SourceStatus: optional(o.Status), PlacedAt: o.DateCreated.Time, UpdatedAt: o.DateModified.Time,
		Lines: make([]*crm.OrderLine, len(o.Lines)), Payments: []crm.Payment{}, Refunds: []*crm.Refund{},
		Returns: []*crm.Return{}, Shipments: []*crm.Shipment{},
		ShippingAddress: postal(o.Shipping, ""), BillingAddress: postal(o.Billing, ""),
	}
	if c.Number == "" {
		c.Number = id
	}
	lines := make(map[int64]*crm.OrderLine, len(o.Lines))
	for i := range o.Lines {
		c.Lines[i] = s.convertLine(p, &o.Lines[i], o.PricesIncludeTax)
		lines[o.Lines[i].ID] = c.Lines[i]
	}
	c.Price = crm.PriceBreakdown{
		Discount: p.money(o.DiscountTotal), Shipping: p.money(o.ShippingTotal),
		Tax: p.money(o.TotalTax), Total: p.paid(o.Total),
	}
	// Fees are part of the goods, so that the sum is right.
	c.Price.Subtotal = crm.Money{
		Minor:        c.Price.Total.Minor - c.Price.Tax.Minor - c.Price.Shipping.Minor + c.Price.Discount.Minor,
		CurrencyCode: p.code,
	}
	for i := range refunds {
		if refunds[i].odd != nil {
			p.fail(fmt.Errorf("a refund's %w", refunds[i].odd))
		}
		c.Refunds = append(c.Refunds, convertRefund(p, &refunds[i], lines))
	}
	pay(o, c, means)
	c.Complete()
	return c, p.err
}

// pay sets an order's payment and how far it is paid.
func pay(o *order, c *crm.Order, means meaning) {
	method := words(o.PaymentMethodTitle)
	if method == "" {
		method = o.PaymentMethod
	}
	c.FinancialStatus = means.unpaid
	paid := !o.DatePaid.IsZero()
	switch {
	case paid:
		c.FinancialStatus = crm.FinancialStatusPaid
		c.Payments = append(c.Payments, crm.Payment{
			Method: method, Status: crm.PaymentStatusCaptured, Amount: c.Price.Total, OccurredAt: o.DatePaid.Time,
		})
	case method != "":
		c.Payments = append(c.Payments, crm.Payment{
			Method: method, Status: means.payment, Amount: c.Price.Total, OccurredAt: c.PlacedAt,
		})
	}
	switch back := c.TotalRefunded().Minor; {
	case o.Status == "refunded", back > 0 && back >= c.Price.Total.Minor:
		c.FinancialStatus = crm.FinancialStatusRefunded
	case back > 0:
		c.FinancialStatus = crm.FinancialStatusPartiallyRefunded
	}
}

// convertLine returns a line. Unit price and discount are with tax where the shop
// enters its prices with tax.
func (s *Shop) convertLine(p *purse, l *line, withTax bool) *crm.OrderLine {
	before, after := p.exact(l.Subtotal), p.exact(l.Total)
	total := new(big.Rat).Add(after, p.exact(l.TotalTax))
	if withTax {
		before, after = new(big.Rat).Add(before, p.exact(l.SubtotalTax)), total
	}
	c := &crm.OrderLine{
		ID: strconv.FormatInt(l.ID, 10), Title: words(l.Name), SKU: l.SKU, Quantity: int(l.Quantity),
		Discount: p.round(new(big.Rat).Sub(before, after)), Tax: p.money(l.TotalTax), Total: p.round(total),
	}
	c.Discount.Minor = max(c.Discount.Minor, 0)
	if l.Quantity > 0 {
		before = new(big.Rat).Quo(before, new(big.Rat).SetInt64(int64(l.Quantity)))
	}
	c.UnitPrice = p.round(before)
	if l.ProductID > 0 {
		c.ProductID = crm.DerivedID(crm.KindProduct, s.source, strconv.FormatInt(l.ProductID, 10))
	}
	if l.ParentName != nil {
		c.ProductTitle = words(*l.ParentName)
	}
	if c.SKU != nil && *c.SKU == "" {
		c.SKU = nil
	}
	return c
}

// convertRefund returns a refund; its lines name the order's by a record of their own.
func convertRefund(p *purse, r *refund, lines map[int64]*crm.OrderLine) *crm.Refund {
	c := &crm.Refund{
		Amount: p.paid(strings.TrimPrefix(r.Amount, "-")), Reason: optional(words(r.Reason)),
		OccurredAt: r.DateCreated.Time, Lines: []crm.LineQuantity{},
	}
	for _, l := range r.Lines {
		for _, m := range l.Meta {
			if m.Key != "_refunded_item_id" {
				continue
			}
			id, err := strconv.ParseInt(strings.Trim(string(m.Value), `"`), 10, 64)
			if of := lines[id]; err == nil && of != nil && l.Quantity != 0 {
				c.Lines = append(c.Lines, crm.LineQuantity{Line: of, Quantity: int(max(l.Quantity, -l.Quantity))})
			}
		}
	}
	return c
}

// postal returns an address; nil if there is nothing in it.
func postal(a address, label string) *crm.Address {
	if a.Address1 == "" && a.Address2 == "" && a.City == "" && a.Postcode == "" {
		return nil
	}
	return &crm.Address{
		Label: optional(label), Name: optional(words(strings.TrimSpace(a.FirstName + " " + a.LastName))),
		Line1: words(a.Address1), Line2: optional(words(a.Address2)), City: optional(words(a.City)), Region: optional(words(a.State)),
		PostalCode: optional(a.Postcode), CountryCode: optional(a.Country),
	}
}

// words decodes a text that people have typed in, once: WordPress keeps such texts with
// the entities of HTML, "Salt &amp; Pepper &#8211; Set".
func words(text string) string { return html.UnescapeString(text) }

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// convertCustomer returns an account. WooCommerce asks nobody to prove an address.
func convertCustomer(c *customer) *crm.ShopCustomer {
	s := &crm.ShopCustomer{
		ExternalID: strconv.FormatInt(c.ID, 10), Email: c.Email, Phone: c.Billing.Phone,
		GivenName: words(c.FirstName), FamilyName: words(c.LastName), Company: words(c.Billing.Company),
		Addresses: []crm.Address{}, CreatedAt: c.DateCreated.Time, UpdatedAt: c.DateModified.Time,
	}
	if s.UpdatedAt.IsZero() {
		s.UpdatedAt = s.CreatedAt
	}
	if a := postal(c.Billing, "billing"); a != nil {
		s.Addresses = append(s.Addresses, *a)
	}
	if a := postal(c.Shipping, "shipping"); a != nil {
		s.Addresses = append(s.Addresses, *a)
	}
	return s
}

// convertProduct returns a product with its variations; currency is "" if the shop
// does not tell it.
func (s *Shop) convertProduct(n *product, variations []variation, currency string) *crm.Product {
	id := strconv.FormatInt(n.ID, 10)
	c := &crm.Product{
		ID: crm.DerivedID(crm.KindProduct, s.source, id), Source: s.source, ExternalID: id, Title: words(n.Name),
		Description: optional(upstream.Plain(n.Description)), Categories: []string{}, Variants: []crm.Variant{},
		CreatedAt: n.DateCreated.Time, UpdatedAt: n.DateModified.Time,
	}
	if c.Description == nil {
		c.Description = optional(upstream.Plain(n.ShortDescription))
	}
	for _, category := range n.Categories {
		c.Categories = append(c.Categories, words(category.Name))
	}
	if len(n.Images) > 0 {
		c.ImageURL = upstream.Address(n.Images[0].Src)
	}
	if n.Type != "variable" {
		variations = []variation{{Status: published, SKU: n.SKU, Price: n.Price, StockStatus: n.StockStatus}}
	}
	for _, v := range variations {
		if v.Status == published || v.Status == "" {
			c.Variants = append(c.Variants, convertVariant(&v, currency))
		}
	}
	c.Complete()
	return c
}

func convertVariant(v *variation, currency string) crm.Variant {
	c := crm.Variant{SKU: v.SKU, Options: []crm.VariantOption{}, Availability: availabilityOf(v.StockStatus)}
	var title []string
	for _, a := range v.Attributes {
		if a.Option != "" {
			c.Options = append(c.Options, crm.VariantOption{Name: words(a.Name), Value: words(a.Option)})
			title = append(title, words(a.Option))
		}
	}
	c.Title = optional(strings.Join(title, " / "))
	if v.Price != "" && currency != "" {
		p := newPurse(currency)
		if price := p.paid(v.Price); p.err == nil { // A price of less than a minor unit is not known as money.
			c.Price = &price
		}
	}
	return c
}

// availabilityOf returns what the stock statuses mean.
func availabilityOf(status string) crm.Availability {
	switch status {
	case "instock":
		return crm.AvailabilityInStock
	case "outofstock":
		return crm.AvailabilityOutOfStock
	case "onbackorder":
		return crm.AvailabilityPreorder
	default:
		return crm.AvailabilityUnknown
	}
}
