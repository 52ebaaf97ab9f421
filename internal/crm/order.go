package crm

import (
	"strings"
	"time"
)

// OrderStatus is where an order stands as a whole.
type OrderStatus string

// The order statuses.
const (
	OrderStatusOpen      OrderStatus = "OPEN"
	OrderStatusCompleted OrderStatus = "COMPLETED"
	OrderStatusCanceled  OrderStatus = "CANCELED"
)

// FinancialStatus is how far an order is paid.
type FinancialStatus string

// The financial statuses.
const (
	FinancialStatusPending           FinancialStatus = "PENDING"
	FinancialStatusAuthorized        FinancialStatus = "AUTHORIZED"
	FinancialStatusPartiallyPaid     FinancialStatus = "PARTIALLY_PAID"
	FinancialStatusPaid              FinancialStatus = "PAID"
	FinancialStatusPartiallyRefunded FinancialStatus = "PARTIALLY_REFUNDED"
	FinancialStatusRefunded          FinancialStatus = "REFUNDED"
	FinancialStatusVoided            FinancialStatus = "VOIDED"
)

// FulfillmentStatus is how far an order has reached the customer.
type FulfillmentStatus string

// The fulfillment statuses.
const (
	FulfillmentStatusUnfulfilled        FulfillmentStatus = "UNFULFILLED"
	FulfillmentStatusPartiallyFulfilled FulfillmentStatus = "PARTIALLY_FULFILLED"
	FulfillmentStatusFulfilled          FulfillmentStatus = "FULFILLED"
	FulfillmentStatusDelivered          FulfillmentStatus = "DELIVERED"
)

// ReturnStatus is how far a return has come.
type ReturnStatus string

// The return statuses. ReturnStatusNone is an order's without any return.
const (
	ReturnStatusNone      ReturnStatus = "NONE"
	ReturnStatusRequested ReturnStatus = "REQUESTED"
	ReturnStatusApproved  ReturnStatus = "APPROVED"
	ReturnStatusDeclined  ReturnStatus = "DECLINED"
	ReturnStatusReceived  ReturnStatus = "RECEIVED"
)

// Order is a purchase as the source that took it knows it. All its money is in
// one currency.
type Order struct {
	ID         ID
	Number     string
	Source     string
	ExternalID string
	// SalesChannel is the source's word for where it was placed: "web", "store 12".
	SalesChannel        *string
	CustomerID          ID // "" for a guest
	OrganizationID      ID // the organization it was bought for; "" for none
	PurchaseOrderNumber *string
	PaymentTerms        *string
	Status              OrderStatus
	FinancialStatus     FinancialStatus
	FulfillmentStatus   FulfillmentStatus
	ReturnStatus        ReturnStatus
	SourceStatus        *string // the source's own word, verbatim
	PlacedAt            time.Time
	CanceledAt          *time.Time
	PromisedDelivery    *DeliveryWindow
	Lines               []*OrderLine
	Price               PriceBreakdown
	Payments            []Payment
	Refunds             []*Refund
	Returns             []*Return
	Shipments           []*Shipment
	ShippingAddress     *Address
	BillingAddress      *Address
	UpdatedAt           time.Time
}

// DeliveryWindow is when a delivery is promised for.
type DeliveryWindow struct {
	Earliest, Latest *time.Time
}

// OrderLine is a snapshot of what was bought; the product may be gone.
type OrderLine struct {
	ID string // unique within the order or cart
	// HolderID is the order or the cart that the line is of. It is not stored.
	HolderID  ID
	ProductID ID // "" if the source does not say
	Title     string
	// ProductTitle is what the source calls the product now, where it said so
	// together with the order; "" if it did not. It is not stored.
	ProductTitle string
	SKU          *string
	Quantity     int
	UnitPrice    Money
	Discount     Money // of the whole line, not negative
	Tax          Money // of the whole line
	Total        Money // what the line costs, after discount, with tax
}

// lineIDs writes a line's id so that what joins it to its holder's is not in it.
var lineIDs = strings.NewReplacer("%", "%25", "/", "%2F")

// GraphID is the line's id among all lines of all orders and carts: that of what holds
// it, a slash and its own, in which slashes are percent-encoded. A holder's id may have
// slashes, so that the last one parts the two.
func (l *OrderLine) GraphID() string { return string(l.AppendGraphID(nil)) }

// AppendGraphID appends what GraphID returns.
func (l *OrderLine) AppendGraphID(dst []byte) []byte {
	dst = append(append(dst, l.HolderID...), '/')
	if strings.ContainsAny(l.ID, "%/") {
		return append(dst, lineIDs.Replace(l.ID)...)
	}
	return append(dst, l.ID...)
}

// PriceBreakdown says how an order's total comes about:
// Subtotal - Discount + Shipping + Tax = Total, where the source keeps to it.
type PriceBreakdown struct {
	Subtotal, Discount, Shipping, Tax, Total Money
}

// PaymentStatus is how a payment went.
type PaymentStatus string

// The payment statuses.
const (
	PaymentStatusPending    PaymentStatus = "PENDING"
	PaymentStatusAuthorized PaymentStatus = "AUTHORIZED"
	PaymentStatusCaptured   PaymentStatus = "CAPTURED"
	PaymentStatusFailed     PaymentStatus = "FAILED"
	PaymentStatusVoided     PaymentStatus = "VOIDED"
)

// Payment is money towards an order.
type Payment struct {
	Method     string
	Status     PaymentStatus
	Amount     Money
	OccurredAt time.Time
}

// LineQuantity names a line of the same order and how many of it.
type LineQuantity struct {
	Line     *OrderLine
	Quantity int
}

// Refund is money given back.
type Refund struct {
	Amount     Money
	Reason     *string
	OccurredAt time.Time
	Lines      []LineQuantity
}

// Return is goods sent back.
type Return struct {
	Status      ReturnStatus
	Reason      *string
	RequestedAt time.Time
	ReceivedAt  *time.Time
	Lines       []LineQuantity
}

// Shipment is a parcel on its way.
type Shipment struct {
	Carrier, TrackingNumber, TrackingURL *string
	ShippedAt, DeliveredAt               *time.Time
	Lines                                []LineQuantity
}

// Total is what the order cost.
func (o *Order) Total() Money { return o.Price.Total }

// TotalRefunded is what was given back in the order's currency.
func (o *Order) TotalRefunded() Money {
	sum := Money{CurrencyCode: o.Price.Total.CurrencyCode}
	for _, r := range o.Refunds {
		if r.Amount.CurrencyCode == sum.CurrencyCode { // A source may break the rule; nothing adds two currencies.
			sum = sum.Add(r.Amount)
		}
	}
	return sum
}

// NetTotal is the total less refunds.
func (o *Order) NetTotal() Money {
	net := o.Total()
	net.Minor -= o.TotalRefunded().Minor
	return net
}

// Events are what happened to the order, oldest first, as its data tells:
// placed, paid, shipped, delivered, returned, refunded, canceled.
func (o *Order) Events() []*OrderEvent {
	events := []*OrderEvent{}
	seen := map[string]int{}
	add := func(kind TimelineKind, at *time.Time) {
		if at == nil {
			return
		}
		e := &OrderEvent{Kind: kind, OccurredAt: *at, OrderID: o.ID}
		e.ID = e.nth(1)
		seen[e.ID]++
		e.ID = e.nth(seen[e.ID])
		events = append(events, e)
	}
	add(TimelineKindOrderPlaced, &o.PlacedAt)
	for _, p := range o.Payments {
		if p.Status == PaymentStatusCaptured {
			add(TimelineKindOrderPaid, &p.OccurredAt)
		}
	}
	for _, s := range o.Shipments {
		add(TimelineKindOrderShipped, s.ShippedAt)
		add(TimelineKindOrderDelivered, s.DeliveredAt)
	}
	for _, r := range o.Returns {
		add(TimelineKindOrderReturned, &r.RequestedAt)
	}
	for _, r := range o.Refunds {
		add(TimelineKindOrderRefunded, &r.OccurredAt)
	}
	add(TimelineKindOrderCanceled, o.CanceledAt)
	sortByTime(events, func(e *OrderEvent) (time.Time, string) { return e.OccurredAt, e.ID })
	return events
}

// KindOrder is the kind of orders.
const KindOrder Kind = "ord"

func orderKind() *Description {
	return describe[Order](Description{
		Search:     SearchKindOrder,
		SearchesIn: []string{"Order.number", "Order.externalId", "Order.purchaseOrderNumber"},
		Name:       "orders", Sourced: true, Change: ChangeKindOrder,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldOrganization, Class: ClassText, Parent: KindCustomer},
			{Field: FieldSource, Class: ClassText},
			{Field: FieldNumber, Class: ClassText},
			{Field: FieldStatus, Class: ClassText},
			{Field: FieldFinancial, Class: ClassText},
			{Field: FieldFulfillment, Class: ClassText},
			{Field: FieldCanceled, Class: ClassText, From: []string{"status"}},
			{Field: FieldCurrency, Class: ClassText, From: []string{"price.total"}},
			{Field: FieldPlacedAt, Class: ClassTime},
			{Field: FieldUpdatedAt, Class: ClassTime},
			{Field: FieldGross, Class: ClassNumber, From: []string{"price.total"}},
			{Field: FieldNet, Class: ClassNumber, From: []string{"price.total", "refunds.amount"}},
			{Field: FieldTokens, Class: ClassMany, From: []string{"number", "externalId", "purchaseOrderNumber"}},
		},
		Derives: map[string][]string{
			"Order.customer":      {"customer"},
			"Order.organization":  {"organization"},
			"Order.total":         {"price.total"},
			"Order.totalRefunded": {"price.total", "refunds.amount"},
			"Order.netTotal":      {"price.total", "refunds.amount"},
			"Order.events":        {"placedAt", "canceledAt", "payments.status", "payments.occurredAt", "shipments.shippedAt", "shipments.deliveredAt", "returns.requestedAt", "refunds.occurredAt"},
			"Order.notes":         {},
			"OrderLine.id":        {"OrderLine.id"},
			"OrderLine.product":   {"OrderLine.product"},
		},
		Rules: map[string]Rule{
			"Order.number":              {Needed: true, Most: MaxWord},
			"Order.source":              {Needed: true, Most: MaxWord, check: checkSource},
			"Order.externalId":          {Needed: true, Most: MaxExternalID, check: checkExternalID},
			"Order.purchaseOrderNumber": {Most: MaxWord},
			"Order.customer":            {Refers: KindCustomer, Exists: true},
			"Order.organization":        {Refers: KindCustomer, Exists: true, Role: string(CustomerKindOrganization)},
			"Order.placedAt":            {Needed: true},
			"Order.updatedAt":           {Needed: true},
			"OrderLine.id":              {Needed: true, Most: MaxWord},
			"OrderLine.product":         {Refers: KindProduct},
			"OrderLine.sku":             {Most: MaxWord},
			"OrderLine.quantity":        {Stated: true, High: MaxNumber},
			"OrderLine.unitPrice":       {Needed: true},
			"Payment.amount":            {Needed: true},
			"Payment.occurredAt":        {Needed: true},
			"Refund.amount":             {Needed: true},
			"Refund.occurredAt":         {Needed: true},
			"Return.requestedAt":        {Needed: true},
			"LineQuantity.line":         {Needed: true},
			"LineQuantity.quantity":     {Stated: true, High: MaxNumber},
			"Shipment.trackingNumber":   {Most: MaxWord},
			"Shipment.trackingUrl":      {check: checkURL},
		},
	})
}

// RecordKind is the kind of the type.
func (*Order) RecordKind() Kind { return KindOrder }

// RecordID is the id.
func (o *Order) RecordID() ID { return o.ID }

// Position returns the order's place in a list sorted by field.
func (o *Order) Position(field Field) Position {
	switch field { //nolint:exhaustive // Lists of orders are sorted by these, or by when they were placed.
	case FieldUpdatedAt:
		return Position{ID: o.ID, Time: o.UpdatedAt}
	case FieldGross:
		return Position{ID: o.ID, Number: o.Total().Minor}
	case FieldNet:
		return Position{ID: o.ID, Number: o.NetTotal().Minor}
	}
	return Position{ID: o.ID, Time: o.PlacedAt}
}

func (*Order) isNode()         {}
func (*Order) isSearchResult() {}

// TimelineRecords returns the order's events in the timelines of the customer and of the
// organization it was bought for.
func (o *Order) TimelineRecords() []*TimelineRecord {
	records := []*TimelineRecord{}
	for i, customer := range accounts(o.CustomerID, o.OrganizationID) {
		for _, e := range o.Events() {
			records = append(records, &TimelineRecord{
				ID: entryID(e.ID, i), Kind: e.Kind, OccurredAt: e.OccurredAt, CustomerID: customer, Ref: o.ID,
			})
		}
	}
	return records
}

// Keys returns what orders are found by.
func (o *Order) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldCustomer:     string(o.CustomerID),
			FieldOrganization: string(o.OrganizationID),
			FieldSource:       o.Source,
			FieldNumber:       TextKey(o.Number),
			FieldStatus:       string(o.Status),
			FieldFinancial:    string(o.FinancialStatus),
			FieldFulfillment:  string(o.FulfillmentStatus),
			FieldCanceled:     YesNo(o.Status == OrderStatusCanceled),
			FieldCurrency:     currencyKey(o.Price.Total.CurrencyCode),
		},
		Time: map[Field]time.Time{FieldPlacedAt: o.PlacedAt, FieldUpdatedAt: o.UpdatedAt},
		Number: map[Field]int64{
			FieldGross: o.Total().Minor,
			FieldNet:   o.NetTotal().Minor,
		},
		Many: map[Field][]string{FieldTokens: Tokens([]string{o.Number, o.ExternalID, deref(o.PurchaseOrderNumber)})},
	}
}

// OrderFilter selects orders; every condition given must hold.
type OrderFilter struct {
	Source            []string
	Status            []OrderStatus
	FinancialStatus   []FinancialStatus
	FulfillmentStatus []FulfillmentStatus
	Number            *string
	PlacedAt          *TimeRange
	UpdatedAt         *TimeRange
}

// Predicates returns the filter's conditions; nil selects every order.
func (f *OrderFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	var number []string
	if f.Number != nil {
		number = []string{TextKey(*f.Number)}
	}
	return conditions(
		in(FieldSource, f.Source), in(FieldStatus, f.Status), in(FieldFinancial, f.FinancialStatus),
		in(FieldFulfillment, f.FulfillmentStatus), in(FieldNumber, number),
		within(FieldPlacedAt, f.PlacedAt), within(FieldUpdatedAt, f.UpdatedAt),
	)
}

// OrderOrderField is what orders are sorted by.
type OrderOrderField string

// The fields that orders are sorted by.
const (
	OrderOrderFieldPlacedAt  OrderOrderField = "PLACED_AT"
	OrderOrderFieldUpdatedAt OrderOrderField = "UPDATED_AT"
)

// OrderOrder is the order of a list of orders.
type OrderOrder struct {
	Field     OrderOrderField
	Direction OrderDirection
}

// Sort returns the order's sort; nil is the newest first.
func (o *OrderOrder) Sort() Sort {
	if o == nil {
		return Sort{Field: FieldPlacedAt, Desc: true}
	}
	desc := o.Direction == OrderDirectionDesc
	switch o.Field {
	case OrderOrderFieldPlacedAt:
		return Sort{Field: FieldPlacedAt, Desc: desc}
	case OrderOrderFieldUpdatedAt:
		return Sort{Field: FieldUpdatedAt, Desc: desc}
	}
	return Sort{Field: FieldID, Desc: desc}
}
