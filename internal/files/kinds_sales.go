package files

import (
	"fmt"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

func products() handler {
	return &spec[crm.Product, record.Product]{
		description: describe[record.Product](KindProducts, crm.KindProduct, "product"),
		records:     crm.Of[crm.Product],
		write:       record.NewProduct,
		read:        (*record.Product).Domain,
		complete:    (*crm.Product).Complete,
		meta:        func(p *record.Product) meta { return meta{&p.ID, nil, &p.CreatedAt, &p.UpdatedAt} },
		references:  noReferences[record.Product],
		settle:      settleProduct,
	}
}

func settleProduct(_ settings, p *record.Product) *fault {
	if why := fromID(p.ID, &p.Source, &p.ExternalID); why != nil {
		return why
	}
	if why := required(text("title", p.Title)); why != nil {
		return why
	}
	seen := map[string]bool{}
	for i, v := range p.Variants {
		at := fmt.Sprintf("variants[%d].sku", i)
		if why := required(text(at, v.SKU)); why != nil {
			return why
		}
		if seen[v.SKU] {
			return &fault{field: at, reason: "must be there only once"}
		}
		seen[v.SKU] = true
	}
	return nil
}

// fromID gives source and external id of a product or an order what its id
// says; where they are given they must agree.
func fromID(id crm.ID, source, externalID *string) *fault {
	wantSource, wantID, _ := id.Source()
	if *source != "" && *source != wantSource {
		return &fault{field: "source", reason: "must be what the id says"}
	}
	if *externalID != "" && *externalID != wantID {
		return &fault{field: "externalId", reason: "must be what the id says"}
	}
	*source, *externalID = wantSource, wantID
	return nil
}

func orders() handler {
	return &spec[crm.Order, record.Order]{
		description: describe[record.Order](KindOrders, crm.KindOrder, "order"),
		records:     crm.Of[crm.Order],
		write:       record.NewOrder,
		read:        (*record.Order).Domain,
		complete:    (*crm.Order).Complete,
		meta:        func(o *record.Order) meta { return meta{&o.ID, nil, nil, &o.UpdatedAt} },
		references: func(o *record.Order, visit func(reference)) {
			visit(reference{"customer", &o.Customer, false})
			visit(reference{"organization", &o.Organization, true})
		},
		settle: settleOrder,
	}
}

func settleOrder(_ settings, o *record.Order) *fault {
	if why := fromID(o.ID, &o.Source, &o.ExternalID); why != nil {
		return why
	}
	if o.Number == "" {
		o.Number = o.ExternalID
	}
	if why := required(when("placedAt", o.PlacedAt)); why != nil {
		return why
	}
	lines, why := settleLines(o)
	if why != nil {
		return why
	}
	if why := settlePrice(o); why != nil {
		return why
	}
	if why := oneCurrency(o); why != nil {
		return why
	}
	return settleEvents(o, lines)
}

// settleLines numbers lines without an id and works out what they cost; it
// gives the set of the lines' ids.
func settleLines(o *record.Order) (map[string]bool, *fault) {
	lines := map[string]bool{}
	for i := range o.Lines {
		line := &o.Lines[i]
		at := fmt.Sprintf("lines[%d].", i)
		if line.ID == "" {
			line.ID = fmt.Sprint(i + 1)
		}
		if lines[line.ID] {
			return nil, &fault{field: at + "id", reason: "must be there only once in the order"}
		}
		lines[line.ID] = true
		if why := required(text(at+"title", line.Title), amount(at+"unitPrice", line.UnitPrice)); why != nil {
			return nil, why
		}
		if line.Quantity == 0 {
			return nil, &fault{field: at + "quantity", reason: "must be given"}
		}
		none(&line.Discount, line.UnitPrice.CurrencyCode)
		none(&line.Tax, line.UnitPrice.CurrencyCode)
		if line.Total.IsZero() {
			if tooMuch(line.UnitPrice.Minor, line.Quantity) {
				return nil, &fault{field: at + "quantity", reason: "must make at most 100000000000000 minor units with unitPrice"}
			}
			line.Total = line.Tax
			line.Total.Minor += line.UnitPrice.Minor*int64(line.Quantity) - line.Discount.Minor
		}
	}
	return lines, nil
}

// tooMuch says whether a quantity at a price is more than money may be.
func tooMuch(minor int64, quantity int) bool {
	return minor != 0 && int64(quantity) > maxMinor/max(minor, -minor)
}

// settlePrice adds an order's lines up if it has no price of its own.
func settlePrice(o *record.Order) *fault {
	p := &o.Price
	if p.IsZero() && len(o.Lines) > 0 {
		code := o.Lines[0].UnitPrice.CurrencyCode
		for _, sum := range []*record.Money{&p.Subtotal, &p.Discount, &p.Shipping, &p.Tax, &p.Total} {
			sum.CurrencyCode = code
		}
		for i, line := range o.Lines {
			if tooMuch(line.UnitPrice.Minor, line.Quantity) {
				return &fault{field: fmt.Sprintf("lines[%d].quantity", i), reason: "must make at most 100000000000000 minor units with unitPrice"}
			}
			p.Subtotal.Minor += line.UnitPrice.Minor * int64(line.Quantity)
			p.Discount.Minor += line.Discount.Minor
			p.Tax.Minor += line.Tax.Minor
			p.Total.Minor += line.Total.Minor
		}
		if max(p.Subtotal.Minor, p.Total.Minor, -p.Total.Minor) > maxMinor {
			return &fault{field: "price.total", reason: "must be at most 100000000000000 minor units"}
		}
	}
	if why := required(amount("price.total", p.Total)); why != nil {
		return why
	}
	if p.Subtotal.IsZero() {
		p.Subtotal = p.Total
	}
	for _, part := range []*record.Money{&p.Discount, &p.Shipping, &p.Tax} {
		none(part, p.Total.CurrencyCode)
	}
	return nil
}

// none makes money that is not given 0 of a currency.
func none(m *record.Money, code string) {
	if m.IsZero() {
		m.CurrencyCode = code
	}
}

// oneCurrency says whether all money of an order is in the currency of its total.
func oneCurrency(o *record.Order) *fault {
	code := o.Price.Total.CurrencyCode
	var why *fault
	check := func(field string, m record.Money) {
		if why == nil && m.CurrencyCode != code {
			why = &fault{field: field, reason: "must be in the currency of price.total"}
		}
	}
	check("price.subtotal", o.Price.Subtotal)
	check("price.discount", o.Price.Discount)
	check("price.shipping", o.Price.Shipping)
	check("price.tax", o.Price.Tax)
	for i, line := range o.Lines {
		at := fmt.Sprintf("lines[%d].", i)
		check(at+"unitPrice", line.UnitPrice)
		check(at+"discount", line.Discount)
		check(at+"tax", line.Tax)
		check(at+"total", line.Total)
	}
	for i, p := range o.Payments {
		check(fmt.Sprintf("payments[%d].amount", i), p.Amount)
	}
	for i, r := range o.Refunds {
		check(fmt.Sprintf("refunds[%d].amount", i), r.Amount)
	}
	return why
}

// settleEvents checks payments, refunds, returns and shipments.
func settleEvents(o *record.Order, lines map[string]bool) *fault {
	for i, p := range o.Payments {
		at := fmt.Sprintf("payments[%d].", i)
		if why := required(
			text(at+"method", p.Method), text(at+"status", p.Status), amount(at+"amount", p.Amount), when(at+"occurredAt", p.OccurredAt),
		); why != nil {
			return why
		}
	}
	for i, r := range o.Refunds {
		at := fmt.Sprintf("refunds[%d].", i)
		if why := required(amount(at+"amount", r.Amount), when(at+"occurredAt", r.OccurredAt), known(at, r.Lines, lines)); why != nil {
			return why
		}
	}
	for i, r := range o.Returns {
		at := fmt.Sprintf("returns[%d].", i)
		if why := required(text(at+"status", r.Status), when(at+"requestedAt", r.RequestedAt), known(at, r.Lines, lines)); why != nil {
			return why
		}
	}
	for i, s := range o.Shipments {
		if why := required(known(fmt.Sprintf("shipments[%d].", i), s.Lines, lines)); why != nil {
			return why
		}
	}
	return nil
}

// known says whether quantities name lines that the order has.
func known(at string, quantities []record.LineQuantity, lines map[string]bool) *fault {
	for i, q := range quantities {
		field := fmt.Sprintf("%slines[%d].", at, i)
		if !lines[q.Line] {
			return &fault{field: field + "line", reason: "must be the id of one of the order's lines"}
		}
		if q.Quantity == 0 {
			return &fault{field: field + "quantity", reason: "must be given"}
		}
	}
	return nil
}
