package vendure

import "github.com/customer360/gateway/internal/crm"

// setStatuses says where an order stands: as a whole by Vendure's state, its
// payment by its payments and refunds, its way by its fulfillments.
func setStatuses(to *crm.Order, from order) {
	to.Status = orderStatus(from.State)
	to.FinancialStatus = financialStatus(to, from)
	to.FulfillmentStatus = fulfillmentStatus(to, from)
	if to.Status == crm.OrderStatusCanceled {
		at := millis(from.UpdatedAt) // Canceling moves it, and is the last that happens.
		to.CanceledAt = &at
	}
}

// orderStatus reads Vendure's states; those of a shop's own process are OPEN.
func orderStatus(state string) crm.OrderStatus {
	switch state {
	case "Cancelled":
		return crm.OrderStatusCanceled
	case "Delivered":
		return crm.OrderStatusCompleted
	default:
		return crm.OrderStatusOpen
	}
}

// financialStatus compares what was captured, authorized and given back.
func financialStatus(to *crm.Order, from order) crm.FinancialStatus {
	var captured, authorized int64
	for _, p := range to.Payments {
		switch p.Status {
		case crm.PaymentStatusCaptured:
			captured += p.Amount.Minor
		case crm.PaymentStatusAuthorized:
			authorized += p.Amount.Minor
		case crm.PaymentStatusPending, crm.PaymentStatusFailed, crm.PaymentStatusVoided:
		}
	}
	refunded := to.TotalRefunded().Minor
	total := to.Total().Minor
	switch {
	case refunded > 0 && refunded >= captured:
		return crm.FinancialStatusRefunded
	case refunded > 0:
		return crm.FinancialStatusPartiallyRefunded
	case captured > 0 && captured >= total:
		return crm.FinancialStatusPaid
	case captured > 0:
		return crm.FinancialStatusPartiallyPaid
	case to.Status == crm.OrderStatusCanceled:
		return crm.FinancialStatusVoided
	case authorized > 0:
		return crm.FinancialStatusAuthorized
	case total == 0 && len(from.Lines) > 0: // Nothing was to be paid.
		return crm.FinancialStatusPaid
	default:
		return crm.FinancialStatusPending
	}
}

// fulfillmentStatus reads Vendure's states where they tell, and otherwise counts
// what its fulfillments hold.
func fulfillmentStatus(to *crm.Order, from order) crm.FulfillmentStatus {
	switch from.State {
	case "PartiallyShipped", "PartiallyDelivered":
		return crm.FulfillmentStatusPartiallyFulfilled
	case "Shipped":
		return crm.FulfillmentStatusFulfilled
	case "Delivered":
		return crm.FulfillmentStatusDelivered
	}
	ordered, shipped, delivered := 0, 0, 0
	for _, l := range from.Lines {
		ordered += max(l.Quantity, 0)
	}
	for _, s := range to.Shipments {
		for _, q := range s.Lines {
			if s.ShippedAt != nil || s.DeliveredAt != nil {
				shipped += q.Quantity
			}
			if s.DeliveredAt != nil {
				delivered += q.Quantity
			}
		}
	}
	switch {
	case shipped == 0:
		return crm.FulfillmentStatusUnfulfilled
	case delivered > 0 && delivered >= ordered:
		return crm.FulfillmentStatusDelivered
	case shipped >= ordered:
		return crm.FulfillmentStatusFulfilled
	default:
		return crm.FulfillmentStatusPartiallyFulfilled
	}
}

// paymentStatus reads the states of Vendure's payments; others are PENDING.
func paymentStatus(state string) crm.PaymentStatus {
	switch state {
	case "Authorized":
		return crm.PaymentStatusAuthorized
	case "Settled":
		return crm.PaymentStatusCaptured
	case "Declined", "Error":
		return crm.PaymentStatusFailed
	case "Cancelled":
		return crm.PaymentStatusVoided
	default:
		return crm.PaymentStatusPending
	}
}

// availability reads the words of Vendure's stock display; others are UNKNOWN.
func availability(stockLevel string) crm.Availability {
	switch stockLevel {
	case "IN_STOCK", "LOW_STOCK":
		return crm.AvailabilityInStock
	case "OUT_OF_STOCK":
		return crm.AvailabilityOutOfStock
	default:
		return crm.AvailabilityUnknown
	}
}
