package record

import "github.com/customer360/gateway/internal/crm"

// Order is a crm.Order written down.
type Order struct {
	ID                  crm.ID                `json:"id" bson:"_id"`
	Number              string                `json:"number,omitempty" bson:"number,omitempty"`
	Source              string                `json:"source,omitempty" bson:"source,omitempty"`
	ExternalID          string                `json:"externalId,omitempty" bson:"externalId,omitempty"`
	SalesChannel        *string               `json:"salesChannel,omitempty" bson:"salesChannel,omitempty"`
	Customer            crm.ID                `json:"customer,omitempty" bson:"customer,omitempty"`
	Organization        crm.ID                `json:"organization,omitempty" bson:"organization,omitempty"`
	PurchaseOrderNumber *string               `json:"purchaseOrderNumber,omitempty" bson:"purchaseOrderNumber,omitempty"`
	PaymentTerms        *string               `json:"paymentTerms,omitempty" bson:"paymentTerms,omitempty"`
	Status              crm.OrderStatus       `json:"status,omitempty" bson:"status,omitempty"`
	FinancialStatus     crm.FinancialStatus   `json:"financialStatus,omitempty" bson:"financialStatus,omitempty"`
	FulfillmentStatus   crm.FulfillmentStatus `json:"fulfillmentStatus,omitempty" bson:"fulfillmentStatus,omitempty"`
	ReturnStatus        crm.ReturnStatus      `json:"returnStatus,omitempty" bson:"returnStatus,omitempty"`
	SourceStatus        *string               `json:"sourceStatus,omitempty" bson:"sourceStatus,omitempty"`
	PlacedAt            Time                  `json:"placedAt,omitzero" bson:"placedAt,omitempty"`
	CanceledAt          *Time                 `json:"canceledAt,omitempty" bson:"canceledAt,omitempty"`
	PromisedDelivery    *DeliveryWindow       `json:"promisedDelivery,omitempty" bson:"promisedDelivery,omitempty"`
	Lines               []OrderLine           `json:"lines,omitempty" bson:"lines,omitempty"`
	Price               PriceBreakdown        `json:"price,omitzero" bson:"price,omitempty"`
	Payments            []Payment             `json:"payments,omitempty" bson:"payments,omitempty"`
	Refunds             []Refund              `json:"refunds,omitempty" bson:"refunds,omitempty"`
	Returns             []Return              `json:"returns,omitempty" bson:"returns,omitempty"`
	Shipments           []Shipment            `json:"shipments,omitempty" bson:"shipments,omitempty"`
	ShippingAddress     *Address              `json:"shippingAddress,omitempty" bson:"shippingAddress,omitempty"`
	BillingAddress      *Address              `json:"billingAddress,omitempty" bson:"billingAddress,omitempty"`
	UpdatedAt           Time                  `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// DeliveryWindow is a crm.DeliveryWindow written down.
type DeliveryWindow struct {
	Earliest *Time `json:"earliest,omitempty" bson:"earliest,omitempty"`
	Latest   *Time `json:"latest,omitempty" bson:"latest,omitempty"`
}

// OrderLine is a crm.OrderLine written down.
type OrderLine struct {
	ID        string  `json:"id,omitempty" bson:"id,omitempty"`
	Product   crm.ID  `json:"product,omitempty" bson:"product,omitempty"`
	Title     string  `json:"title,omitempty" bson:"title,omitempty"`
	SKU       *string `json:"sku,omitempty" bson:"sku,omitempty"`
	Quantity  int     `json:"quantity,omitempty" bson:"quantity,omitempty"`
	UnitPrice Money   `json:"unitPrice,omitzero" bson:"unitPrice,omitempty"`
	Discount  Money   `json:"discount,omitzero" bson:"discount,omitempty"`
	Tax       Money   `json:"tax,omitzero" bson:"tax,omitempty"`
	Total     Money   `json:"total,omitzero" bson:"total,omitempty"`
}

// PriceBreakdown is a crm.PriceBreakdown written down.
type PriceBreakdown struct {
	Subtotal Money `json:"subtotal,omitzero" bson:"subtotal,omitempty"`
	Discount Money `json:"discount,omitzero" bson:"discount,omitempty"`
	Shipping Money `json:"shipping,omitzero" bson:"shipping,omitempty"`
	Tax      Money `json:"tax,omitzero" bson:"tax,omitempty"`
	Total    Money `json:"total,omitzero" bson:"total,omitempty"`
}

// IsZero says whether no price is given.
func (p PriceBreakdown) IsZero() bool { return p == PriceBreakdown{} }

// Payment is a crm.Payment written down.
type Payment struct {
	Method     string            `json:"method,omitempty" bson:"method,omitempty"`
	Status     crm.PaymentStatus `json:"status,omitempty" bson:"status,omitempty"`
	Amount     Money             `json:"amount,omitzero" bson:"amount,omitempty"`
	OccurredAt Time              `json:"occurredAt,omitzero" bson:"occurredAt,omitempty"`
}

// LineQuantity is a crm.LineQuantity written down: the line by its id.
type LineQuantity struct {
	Line     string `json:"line,omitempty" bson:"line,omitempty"`
	Quantity int    `json:"quantity,omitempty" bson:"quantity,omitempty"`
}

// Refund is a crm.Refund written down.
type Refund struct {
	Amount     Money          `json:"amount,omitzero" bson:"amount,omitempty"`
	Reason     *string        `json:"reason,omitempty" bson:"reason,omitempty"`
	OccurredAt Time           `json:"occurredAt,omitzero" bson:"occurredAt,omitempty"`
	Lines      []LineQuantity `json:"lines,omitempty" bson:"lines,omitempty"`
}

// Return is a crm.Return written down.
type Return struct {
	Status      crm.ReturnStatus `json:"status,omitempty" bson:"status,omitempty"`
	Reason      *string          `json:"reason,omitempty" bson:"reason,omitempty"`
	RequestedAt Time             `json:"requestedAt,omitzero" bson:"requestedAt,omitempty"`
	ReceivedAt  *Time            `json:"receivedAt,omitempty" bson:"receivedAt,omitempty"`
	Lines       []LineQuantity   `json:"lines,omitempty" bson:"lines,omitempty"`
}

// Shipment is a crm.Shipment written down.
type Shipment struct {
	Carrier        *string        `json:"carrier,omitempty" bson:"carrier,omitempty"`
	TrackingNumber *string        `json:"trackingNumber,omitempty" bson:"trackingNumber,omitempty"`
	TrackingURL    *string        `json:"trackingUrl,omitempty" bson:"trackingUrl,omitempty"`
	ShippedAt      *Time          `json:"shippedAt,omitempty" bson:"shippedAt,omitempty"`
	DeliveredAt    *Time          `json:"deliveredAt,omitempty" bson:"deliveredAt,omitempty"`
	Lines          []LineQuantity `json:"lines,omitempty" bson:"lines,omitempty"`
}

// NewOrder gives an order as it is written down.
func NewOrder(o *crm.Order) *Order {
	return &Order{
		ID: o.ID, Number: o.Number, Source: o.Source, ExternalID: o.ExternalID, SalesChannel: o.SalesChannel,
		Customer: o.CustomerID, Organization: o.OrganizationID,
		PurchaseOrderNumber: o.PurchaseOrderNumber, PaymentTerms: o.PaymentTerms,
		Status: o.Status, FinancialStatus: o.FinancialStatus, FulfillmentStatus: o.FulfillmentStatus,
		ReturnStatus: o.ReturnStatus, SourceStatus: o.SourceStatus,
		PlacedAt: newTime(o.PlacedAt), CanceledAt: newTimeRef(o.CanceledAt),
		PromisedDelivery: newDeliveryWindow(o.PromisedDelivery),
		Lines:            newList(o.Lines, newOrderLine),
		Price:            newPriceBreakdown(o.Price),
		Payments:         newList(o.Payments, newPayment),
		Refunds:          newList(o.Refunds, newRefund),
		Returns:          newList(o.Returns, newReturn),
		Shipments:        newList(o.Shipments, newShipment),
		ShippingAddress:  (*Address)(o.ShippingAddress),
		BillingAddress:   (*Address)(o.BillingAddress),
		UpdatedAt:        newTime(o.UpdatedAt),
	}
}

// Domain gives the order. Quantities of lines that it does not have are left out.
func (o *Order) Domain() *crm.Order {
	order := &crm.Order{
		ID: o.ID, Number: o.Number, Source: o.Source, ExternalID: o.ExternalID, SalesChannel: o.SalesChannel,
		CustomerID: o.Customer, OrganizationID: o.Organization,
		PurchaseOrderNumber: o.PurchaseOrderNumber, PaymentTerms: o.PaymentTerms,
		Status: o.Status, FinancialStatus: o.FinancialStatus, FulfillmentStatus: o.FulfillmentStatus,
		ReturnStatus: o.ReturnStatus, SourceStatus: o.SourceStatus,
		PlacedAt: o.PlacedAt.domain(), CanceledAt: o.CanceledAt.domainRef(),
		PromisedDelivery: o.PromisedDelivery.domain(),
		Lines:            domainList(o.Lines, OrderLine.domain),
		Price:            o.Price.domain(),
		Payments:         domainList(o.Payments, Payment.domain),
		ShippingAddress:  (*crm.Address)(o.ShippingAddress),
		BillingAddress:   (*crm.Address)(o.BillingAddress),
		UpdatedAt:        o.UpdatedAt.domain(),
	}
	order.Refunds = domainList(o.Refunds, func(r Refund) *crm.Refund { return r.domain(order.Lines) })
	order.Returns = domainList(o.Returns, func(r Return) *crm.Return { return r.domain(order.Lines) })
	order.Shipments = domainList(o.Shipments, func(s Shipment) *crm.Shipment { return s.domain(order.Lines) })
	return order
}
