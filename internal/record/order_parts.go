package record

import "github.com/customer360/gateway/internal/crm"

func newDeliveryWindow(w *crm.DeliveryWindow) *DeliveryWindow {
	if w == nil {
		return nil
	}
	return &DeliveryWindow{Earliest: newTimeRef(w.Earliest), Latest: newTimeRef(w.Latest)}
}

func (w *DeliveryWindow) domain() *crm.DeliveryWindow {
	if w == nil {
		return nil
	}
	return &crm.DeliveryWindow{Earliest: w.Earliest.domainRef(), Latest: w.Latest.domainRef()}
}

func newOrderLine(l *crm.OrderLine) OrderLine {
	return OrderLine{
		ID: l.ID, Product: l.ProductID, Title: l.Title, SKU: l.SKU, Quantity: l.Quantity,
		UnitPrice: newMoney(l.UnitPrice), Discount: newMoney(l.Discount), Tax: newMoney(l.Tax), Total: newMoney(l.Total),
	}
}

func (l OrderLine) domain() *crm.OrderLine {
	return &crm.OrderLine{
		ID: l.ID, ProductID: l.Product, Title: l.Title, SKU: l.SKU, Quantity: l.Quantity,
		UnitPrice: crm.Money(l.UnitPrice), Discount: crm.Money(l.Discount), Tax: crm.Money(l.Tax), Total: crm.Money(l.Total),
	}
}

func newPriceBreakdown(p crm.PriceBreakdown) PriceBreakdown {
	return PriceBreakdown{
		Subtotal: newMoney(p.Subtotal), Discount: newMoney(p.Discount), Shipping: newMoney(p.Shipping),
		Tax: newMoney(p.Tax), Total: newMoney(p.Total),
	}
}

func (p PriceBreakdown) domain() crm.PriceBreakdown {
	return crm.PriceBreakdown{
		Subtotal: crm.Money(p.Subtotal), Discount: crm.Money(p.Discount), Shipping: crm.Money(p.Shipping),
		Tax: crm.Money(p.Tax), Total: crm.Money(p.Total),
	}
}

func newPayment(p crm.Payment) Payment {
	return Payment{Method: p.Method, Status: p.Status, Amount: newMoney(p.Amount), OccurredAt: newTime(p.OccurredAt)}
}

func (p Payment) domain() crm.Payment {
	return crm.Payment{Method: p.Method, Status: p.Status, Amount: crm.Money(p.Amount), OccurredAt: p.OccurredAt.domain()}
}

// newLineQuantities names lines by their ids; one without a line is left out.
func newLineQuantities(list []crm.LineQuantity) []LineQuantity {
	var named []LineQuantity
	for _, q := range list {
		if q.Line != nil {
			named = append(named, LineQuantity{Line: q.Line.ID, Quantity: q.Quantity})
		}
	}
	return named
}

// domainLineQuantities points at the order's lines; unknown ones are left out.
func domainLineQuantities(list []LineQuantity, lines []*crm.OrderLine) []crm.LineQuantity {
	quantities := make([]crm.LineQuantity, 0, len(list))
	for _, q := range list {
		for _, line := range lines {
			if line.ID == q.Line {
				quantities = append(quantities, crm.LineQuantity{Line: line, Quantity: q.Quantity})
				break
			}
		}
	}
	return quantities
}

func newRefund(r *crm.Refund) Refund {
	return Refund{
		Amount: newMoney(r.Amount), Reason: r.Reason, OccurredAt: newTime(r.OccurredAt),
		Lines: newLineQuantities(r.Lines),
	}
}

func (r Refund) domain(lines []*crm.OrderLine) *crm.Refund {
	return &crm.Refund{
		Amount: crm.Money(r.Amount), Reason: r.Reason, OccurredAt: r.OccurredAt.domain(),
		Lines: domainLineQuantities(r.Lines, lines),
	}
}

func newReturn(r *crm.Return) Return {
	return Return{
		Status: r.Status, Reason: r.Reason, RequestedAt: newTime(r.RequestedAt), ReceivedAt: newTimeRef(r.ReceivedAt),
		Lines: newLineQuantities(r.Lines),
	}
}

func (r Return) domain(lines []*crm.OrderLine) *crm.Return {
	return &crm.Return{
		Status: r.Status, Reason: r.Reason, RequestedAt: r.RequestedAt.domain(), ReceivedAt: r.ReceivedAt.domainRef(),
		Lines: domainLineQuantities(r.Lines, lines),
	}
}

func newShipment(s *crm.Shipment) Shipment {
	return Shipment{
		Carrier: s.Carrier, TrackingNumber: s.TrackingNumber, TrackingURL: s.TrackingURL,
		ShippedAt: newTimeRef(s.ShippedAt), DeliveredAt: newTimeRef(s.DeliveredAt),
		Lines: newLineQuantities(s.Lines),
	}
}

func (s Shipment) domain(lines []*crm.OrderLine) *crm.Shipment {
	return &crm.Shipment{
		Carrier: s.Carrier, TrackingNumber: s.TrackingNumber, TrackingURL: s.TrackingURL,
		ShippedAt: s.ShippedAt.domainRef(), DeliveredAt: s.DeliveredAt.domainRef(),
		Lines: domainLineQuantities(s.Lines, lines),
	}
}
