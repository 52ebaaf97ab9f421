package crm

import (
	"fmt"
	"strconv"
)

// Complete derives what follows from the rest, where it is missing: statuses, the
// source that the id names, the ids of lines by their place, what lines and the whole
// cost, and parts of a price that are nothing as 0 of the order's currency.
// Quantities that name a line point at the order's own.
func (o *Order) Complete() {
	setDefault(&o.Status, OrderStatusOpen)
	setDefault(&o.FinancialStatus, FinancialStatusPending)
	setDefault(&o.FulfillmentStatus, FulfillmentStatusUnfulfilled)
	setDefault(&o.ReturnStatus, ReturnStatusNone)
	completeSource(o.ID, &o.Source, &o.ExternalID)
	setDefault(&o.Number, o.ExternalID)
	if o.UpdatedAt.IsZero() {
		o.UpdatedAt = o.PlacedAt
	}
	for i, line := range o.Lines {
		setDefault(&line.ID, strconv.Itoa(i+1))
		line.complete()
	}
	o.completePrice()
	o.LinkLines()
}

// completeSource sets the source and the external id of a record that has them in its
// id.
func completeSource(id ID, source, externalID *string) {
	if s, own, ok := id.Source(); ok {
		setDefault(source, s)
		setDefault(externalID, own)
	}
}

func (l *OrderLine) complete() {
	code := l.UnitPrice.CurrencyCode
	nothing(&l.Discount, code)
	nothing(&l.Tax, code)
	if l.Total == (Money{}) && code != "" && !l.tooMuch() {
		l.Total = Money{Minor: l.UnitPrice.Minor*int64(l.Quantity) - l.Discount.Minor + l.Tax.Minor, CurrencyCode: code}
	}
}

// tooMuch says whether the line's quantity at its price is more than money may be.
func (l *OrderLine) tooMuch() bool {
	price := max(l.UnitPrice.Minor, -l.UnitPrice.Minor)
	return price != 0 && int64(l.Quantity) > MaxMinor/price
}

// nothing makes money that is not given 0 of a currency.
func nothing(m *Money, code string) {
	if *m == (Money{}) {
		m.CurrencyCode = code
	}
}

// completePrice adds the lines up if the order has no price of its own.
func (o *Order) completePrice() {
	p := &o.Price
	if *p == (PriceBreakdown{}) && len(o.Lines) > 0 {
		*p = o.sum()
	}
	code := p.Total.CurrencyCode
	if p.Subtotal == (Money{}) && !outOfBounds(p.Total) {
		p.Subtotal = p.Total
	}
	for _, part := range []*Money{&p.Discount, &p.Shipping, &p.Tax} {
		nothing(part, code)
	}
}

// sum adds up lines that have their price; they may be more than money may be.
func (o *Order) sum() (p PriceBreakdown) {
	code := o.Lines[0].UnitPrice.CurrencyCode
	for _, part := range []*Money{&p.Subtotal, &p.Discount, &p.Shipping, &p.Tax, &p.Total} {
		part.CurrencyCode = code
	}
	for _, line := range o.Lines {
		if line.tooMuch() || outOfBounds(line.Discount) || outOfBounds(line.Tax) || outOfBounds(line.Total) {
			return PriceBreakdown{} // The line is what check complains of.
		}
		p.Subtotal.Minor += line.UnitPrice.Minor * int64(line.Quantity)
		p.Discount.Minor += line.Discount.Minor
		p.Tax.Minor += line.Tax.Minor
		p.Total.Minor += line.Total.Minor
	}
	return p
}

func outOfBounds(m Money) bool { return m.Minor > MaxMinor || m.Minor < -MaxMinor }

// LinkLines tells lines whose they are, and points quantities at the lines that the
// order has under the same ids. One of a line that it does not have stays as it is: a
// row of a file may leave out the lines of an order that is stored, and no store takes
// an order that lacks them.
func (o *Order) LinkLines() {
	for _, line := range o.Lines {
		line.HolderID = o.ID
	}
	if len(o.Refunds)+len(o.Returns)+len(o.Shipments) == 0 {
		return
	}
	lines := make(map[string]*OrderLine, len(o.Lines))
	for _, line := range o.Lines {
		lines[line.ID] = line
	}
	for _, quantities := range o.quantities() {
		for i := range quantities.list {
			if q := &quantities.list[i]; q.Line != nil && lines[q.Line.ID] != nil {
				q.Line = lines[q.Line.ID]
			}
		}
	}
}

// quantitiesOf are the quantities of a refund, a return or a shipment.
type quantitiesOf struct {
	member string
	index  int
	list   []LineQuantity
}

func (o *Order) quantities() []quantitiesOf {
	all := make([]quantitiesOf, 0, len(o.Refunds)+len(o.Returns)+len(o.Shipments))
	for i, r := range o.Refunds {
		all = append(all, quantitiesOf{"refunds", i, r.Lines})
	}
	for i, r := range o.Returns {
		all = append(all, quantitiesOf{"returns", i, r.Lines})
	}
	for i, s := range o.Shipments {
		all = append(all, quantitiesOf{"shipments", i, s.Lines})
	}
	return all
}

// check returns what is wrong with an order whose members are right by themselves.
func (o *Order) check() *Error {
	if err := checkSourced(o.ID, o.Source, o.ExternalID); err != nil {
		return err
	}
	lines := make(map[string]*OrderLine, len(o.Lines))
	for i, line := range o.Lines {
		if lines[line.ID] != nil {
			return Wrong(fmt.Sprintf("lines[%d].id", i), "must be there only once in the order")
		}
		lines[line.ID] = line
		if line.tooMuch() {
			return Wrong(fmt.Sprintf("lines[%d].quantity", i), "must make at most 100000000000000 minor units with unitPrice")
		}
	}
	if err := o.checkCurrency(); err != nil {
		return err
	}
	for _, of := range o.quantities() {
		for i, q := range of.list {
			if q.Line == nil || lines[q.Line.ID] != q.Line {
				return Wrong(fmt.Sprintf("%s[%d].lines[%d].line", of.member, of.index, i), "must be the id of one of the order's lines")
			}
		}
	}
	return nil
}

// checkSourced says whether source and external id are what the id says.
func checkSourced(id ID, source, externalID string) *Error {
	switch s, own, _ := id.Source(); {
	case source != s:
		return Wrong("source", "must be what the id says")
	case externalID != own:
		return Wrong("externalId", "must be what the id says")
	}
	return nil
}

// checkCurrency says whether all money of an order is in the currency of its total.
func (o *Order) checkCurrency() *Error {
	code := o.Price.Total.CurrencyCode
	if code == "" {
		return mustBeGiven("price.total")
	}
	for i, line := range o.Lines {
		for _, m := range []struct {
			name  string
			money Money
		}{{"unitPrice", line.UnitPrice}, {"discount", line.Discount}, {"tax", line.Tax}, {"total", line.Total}} {
			if m.money.CurrencyCode != code {
				return otherCurrency(fmt.Sprintf("lines[%d].%s", i, m.name))
			}
		}
	}
	for _, m := range []struct {
		name  string
		money Money
	}{{"subtotal", o.Price.Subtotal}, {"discount", o.Price.Discount}, {"shipping", o.Price.Shipping}, {"tax", o.Price.Tax}} {
		if m.money.CurrencyCode != code {
			return otherCurrency("price." + m.name)
		}
	}
	for i, p := range o.Payments {
		if p.Amount.CurrencyCode != code {
			return otherCurrency(fmt.Sprintf("payments[%d].amount", i))
		}
	}
	for i, r := range o.Refunds {
		if r.Amount.CurrencyCode != code {
			return otherCurrency(fmt.Sprintf("refunds[%d].amount", i))
		}
	}
	return nil
}

func otherCurrency(field string) *Error {
	return Wrong(field, "must be in the currency of price.total")
}
