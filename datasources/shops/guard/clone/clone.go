package clone

import "github.com/customer360/gateway/internal/crm"

// Order returns a copy of o; nil for nil. What refunds, returns and shipments say
// of a line points to the copy's own line.
func Order(o *crm.Order) *crm.Order {
	if o == nil {
		return nil
	}
	c := *o
	lines := make(map[*crm.OrderLine]*crm.OrderLine, len(o.Lines))
	c.Lines = orderLines(o.Lines, lines)
	c.SalesChannel, c.PurchaseOrderNumber = value(o.SalesChannel), value(o.PurchaseOrderNumber)
	c.PaymentTerms, c.SourceStatus, c.CanceledAt = value(o.PaymentTerms), value(o.SourceStatus), value(o.CanceledAt)
	if c.PromisedDelivery = value(o.PromisedDelivery); c.PromisedDelivery != nil {
		c.PromisedDelivery.Earliest = value(o.PromisedDelivery.Earliest)
		c.PromisedDelivery.Latest = value(o.PromisedDelivery.Latest)
	}
	c.Payments = list(o.Payments, nil)
	c.Refunds = pointers(o.Refunds, func(r *crm.Refund) {
		r.Reason, r.Lines = value(r.Reason), quantities(r.Lines, lines)
	})
	c.Returns = pointers(o.Returns, func(r *crm.Return) {
		r.Reason, r.ReceivedAt, r.Lines = value(r.Reason), value(r.ReceivedAt), quantities(r.Lines, lines)
	})
	c.Shipments = pointers(o.Shipments, func(s *crm.Shipment) {
		s.Carrier, s.TrackingNumber, s.TrackingURL = value(s.Carrier), value(s.TrackingNumber), value(s.TrackingURL)
		s.ShippedAt, s.DeliveredAt, s.Lines = value(s.ShippedAt), value(s.DeliveredAt), quantities(s.Lines, lines)
	})
	c.ShippingAddress, c.BillingAddress = address(o.ShippingAddress), address(o.BillingAddress)
	return &c
}

// Orders returns a copy of a list and of what is in it; nil for nil.
func Orders(orders []*crm.Order) []*crm.Order { return each(orders, Order) }

// ShopOrder returns a copy of o; nil for nil.
func ShopOrder(o *crm.ShopOrder) *crm.ShopOrder {
	if o == nil {
		return nil
	}
	c := *o
	c.Order = Order(o.Order)
	return &c
}

// Cart returns a copy of o; nil for nil.
func Cart(o *crm.Cart) *crm.Cart {
	if o == nil {
		return nil
	}
	c := *o
	c.Lines = orderLines(o.Lines, nil)
	c.RecoveryURL = value(o.RecoveryURL)
	return &c
}

// Carts returns a copy of a list and of what is in it; nil for nil.
func Carts(carts []*crm.Cart) []*crm.Cart { return each(carts, Cart) }

// Product returns a copy of p; nil for nil.
func Product(p *crm.Product) *crm.Product {
	if p == nil {
		return nil
	}
	c := *p
	c.Description, c.ImageURL = value(p.Description), value(p.ImageURL)
	c.Categories = list(p.Categories, nil)
	c.Variants = list(p.Variants, func(v *crm.Variant) {
		v.Title, v.Price, v.Options = value(v.Title), value(v.Price), list(v.Options, nil)
	})
	return &c
}

// ShopCustomer returns a copy of s; nil for nil.
func ShopCustomer(s *crm.ShopCustomer) *crm.ShopCustomer {
	if s == nil {
		return nil
	}
	c := *s
	c.Addresses = list(s.Addresses, parts)
	return &c
}

// orderLines copies lines and notes which copy is whose in known, if that is
// not nil.
func orderLines(lines []*crm.OrderLine, known map[*crm.OrderLine]*crm.OrderLine) []*crm.OrderLine {
	return each(lines, func(l *crm.OrderLine) *crm.OrderLine {
		c := value(l)
		if c != nil {
			c.SKU = value(l.SKU)
		}
		if known != nil {
			known[l] = c
		}
		return c
	})
}

// quantities copies a list whose lines are to be the copies.
func quantities(of []crm.LineQuantity, copies map[*crm.OrderLine]*crm.OrderLine) []crm.LineQuantity {
	return list(of, func(q *crm.LineQuantity) {
		if c, ok := copies[q.Line]; ok {
			q.Line = c
		} else if q.Line = value(q.Line); q.Line != nil { // Of no line of the order: a source's mistake.
			q.Line.SKU = value(q.Line.SKU)
		}
	})
}

func address(a *crm.Address) *crm.Address {
	c := value(a)
	if c != nil {
		parts(c)
	}
	return c
}

// parts makes what an address points to its own.
func parts(a *crm.Address) {
	a.Label, a.Name, a.Line2, a.City = value(a.Label), value(a.Name), value(a.Line2), value(a.City)
	a.Region, a.PostalCode, a.CountryCode = value(a.Region), value(a.PostalCode), value(a.CountryCode)
}

// value copies what p points to; nil for nil.
func value[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// list copies a list of values and mends each copy; nil for nil.
func list[T any](of []T, mend func(*T)) []T {
	if of == nil {
		return nil
	}
	c := make([]T, len(of))
	copy(c, of)
	if mend != nil {
		for i := range c {
			mend(&c[i])
		}
	}
	return c
}

// pointers copies a list and what it points to, and mends each copy; nil for nil.
func pointers[T any](of []*T, mend func(*T)) []*T {
	return each(of, func(p *T) *T {
		c := value(p)
		if c != nil {
			mend(c)
		}
		return c
	})
}

// each returns the copies of a list's records; nil for nil.
func each[T any](of []*T, copied func(*T) *T) []*T {
	if of == nil {
		return nil
	}
	c := make([]*T, len(of))
	for i, p := range of {
		c[i] = copied(p)
	}
	return c
}
