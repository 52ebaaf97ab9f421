package shopify

import (
	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// Words that Shopify may add later fall to the lowest status and stay visible in
// the order's SourceStatus.

func financialStatus(word *admin.OrderDisplayFinancialStatus) crm.FinancialStatus {
	if word == nil {
		return crm.FinancialStatusPending
	}
	switch *word {
	case admin.OrderDisplayFinancialStatusAuthorized:
		return crm.FinancialStatusAuthorized
	case admin.OrderDisplayFinancialStatusPaid:
		return crm.FinancialStatusPaid
	case admin.OrderDisplayFinancialStatusPartiallyPaid:
		return crm.FinancialStatusPartiallyPaid
	case admin.OrderDisplayFinancialStatusPartiallyRefunded:
		return crm.FinancialStatusPartiallyRefunded
	case admin.OrderDisplayFinancialStatusRefunded:
		return crm.FinancialStatusRefunded
	case admin.OrderDisplayFinancialStatusVoided, admin.OrderDisplayFinancialStatusExpired:
		return crm.FinancialStatusVoided
	default: // PENDING
		return crm.FinancialStatusPending
	}
}

func fulfillmentStatus(word admin.OrderDisplayFulfillmentStatus) crm.FulfillmentStatus {
	switch word {
	case admin.OrderDisplayFulfillmentStatusFulfilled:
		return crm.FulfillmentStatusFulfilled
	case admin.OrderDisplayFulfillmentStatusPartiallyFulfilled:
		return crm.FulfillmentStatusPartiallyFulfilled
	default: // IN_PROGRESS, ON_HOLD, OPEN, PENDING_FULFILLMENT, REQUEST_DECLINED, RESTOCKED, SCHEDULED, UNFULFILLED
		return crm.FulfillmentStatusUnfulfilled
	}
}

func returnStatus(word admin.OrderReturnStatus) crm.ReturnStatus {
	switch word {
	case admin.OrderReturnStatusReturnRequested:
		return crm.ReturnStatusRequested
	case admin.OrderReturnStatusInProgress:
		return crm.ReturnStatusApproved
	case admin.OrderReturnStatusInspectionComplete, admin.OrderReturnStatusReturned:
		return crm.ReturnStatusReceived
	case admin.OrderReturnStatusReturnFailed:
		return crm.ReturnStatusDeclined
	default: // NO_RETURN
		return crm.ReturnStatusNone
	}
}

func statusOfReturn(word admin.ReturnStatus) crm.ReturnStatus {
	switch word {
	case admin.ReturnStatusOpen:
		return crm.ReturnStatusApproved
	case admin.ReturnStatusClosed:
		return crm.ReturnStatusReceived
	case admin.ReturnStatusDeclined, admin.ReturnStatusCanceled:
		return crm.ReturnStatusDeclined
	default: // REQUESTED
		return crm.ReturnStatusRequested
	}
}

// orderStatus: an order is completed when Shopify has it closed, or when it is
// sent and nothing is left to be paid.
func orderStatus(h *admin.OrderHead, o *crm.Order) crm.OrderStatus {
	switch {
	case h.CancelledAt != nil:
		return crm.OrderStatusCanceled
	case h.Closed:
		return crm.OrderStatusCompleted
	case o.FulfillmentStatus != crm.FulfillmentStatusFulfilled:
		return crm.OrderStatusOpen
	}
	switch o.FinancialStatus {
	case crm.FinancialStatusPaid, crm.FinancialStatusPartiallyRefunded, crm.FinancialStatusRefunded:
		return crm.OrderStatusCompleted
	default:
		return crm.OrderStatusOpen
	}
}

// sourceStatus returns Shopify's two words for an order: "PAID, UNFULFILLED".
func sourceStatus(h *admin.OrderHead) *string {
	words := string(h.DisplayFulfillmentStatus)
	if h.DisplayFinancialStatus != nil {
		words = string(*h.DisplayFinancialStatus) + ", " + words
	}
	return &words
}

// paymentStatus returns the status of a payment; ok is false for transactions that
// are none: money given back, change, suggestions.
func paymentStatus(kind admin.OrderTransactionKind, status admin.OrderTransactionStatus) (_ crm.PaymentStatus, ok bool) {
	var done crm.PaymentStatus
	switch kind {
	case admin.OrderTransactionKindSale, admin.OrderTransactionKindCapture:
		done = crm.PaymentStatusCaptured
	case admin.OrderTransactionKindAuthorization, admin.OrderTransactionKindEmvAuthorization:
		done = crm.PaymentStatusAuthorized
	case admin.OrderTransactionKindVoid:
		done = crm.PaymentStatusVoided
	default: // REFUND, SUGGESTED_REFUND, CHANGE
		return "", false
	}
	switch status {
	case admin.OrderTransactionStatusSuccess:
		return done, true
	case admin.OrderTransactionStatusFailure, admin.OrderTransactionStatusError:
		return crm.PaymentStatusFailed, true
	default: // PENDING, AWAITING_RESPONSE, UNKNOWN
		return crm.PaymentStatusPending, true
	}
}

// shippedAtAll says whether a fulfillment stands for goods on their way.
func shippedAtAll(status admin.FulfillmentStatus) bool {
	switch status {
	case admin.FulfillmentStatusCancelled, admin.FulfillmentStatusError, admin.FulfillmentStatusFailure:
		return false
	default:
		return true
	}
}
