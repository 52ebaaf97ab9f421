package medusa

import (
	"math/big"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// statusOf returns an order's status. Medusa leaves it pending when all is done:
// what is delivered and paid is completed.
func statusOf(word string, paid crm.FinancialStatus, reached crm.FulfillmentStatus) crm.OrderStatus {
	switch word {
	case "canceled":
		return crm.OrderStatusCanceled
	case "completed", "archived":
		return crm.OrderStatusCompleted
	}
	settled := paid == crm.FinancialStatusPaid || paid == crm.FinancialStatusPartiallyRefunded || paid == crm.FinancialStatusRefunded
	if settled && reached == crm.FulfillmentStatusDelivered {
		return crm.OrderStatusCompleted
	}
	return crm.OrderStatusOpen
}

// financialStatus translates Medusa's payment_status.
func financialStatus(word string) crm.FinancialStatus {
	switch word {
	case "authorized", "partially_authorized":
		return crm.FinancialStatusAuthorized
	case "captured":
		return crm.FinancialStatusPaid
	case "partially_captured":
		return crm.FinancialStatusPartiallyPaid
	case "partially_refunded":
		return crm.FinancialStatusPartiallyRefunded
	case "refunded":
		return crm.FinancialStatusRefunded
	case "canceled":
		return crm.FinancialStatusVoided
	}
	return crm.FinancialStatusPending // not_paid, awaiting, requires_action
}

// fulfillmentStatus translates Medusa's fulfillment_status.
func fulfillmentStatus(word string) crm.FulfillmentStatus {
	switch word {
	case "partially_fulfilled", "partially_shipped", "partially_delivered":
		return crm.FulfillmentStatusPartiallyFulfilled
	case "fulfilled", "shipped":
		return crm.FulfillmentStatusFulfilled
	case "delivered":
		return crm.FulfillmentStatusDelivered
	}
	return crm.FulfillmentStatusUnfulfilled // not_fulfilled, canceled
}

// returnStatus translates the status of a return.
func returnStatus(word string) crm.ReturnStatus {
	switch word {
	case "partially_received":
		return crm.ReturnStatusApproved
	case "received":
		return crm.ReturnStatusReceived
	case "canceled":
		return crm.ReturnStatusDeclined
	}
	return crm.ReturnStatusRequested // open, requested
}

// paymentWord returns an order's payment_status, which nested orders do not have,
// by Medusa's rule (getLastPaymentStatus in @medusajs/core-flows).
func paymentWord(collections []paymentCollection, p *purse) string {
	count := map[string]int{}
	captured, refunded := 0, 0 // in halves: a part of an amount counts one, all of it two
	halves := func(part, whole *big.Rat) int {
		if part.Cmp(whole) >= 0 {
			return 2
		}
		return 1
	}
	for _, c := range collections {
		amount, taken, back := p.exact(c.Amount), p.exact(c.CapturedAmount), p.exact(c.RefundedAmount)
		if taken.Sign() > 0 || c.Amount != "" && amount.Sign() == 0 {
			captured += halves(taken, amount)
		}
		if back.Sign() > 0 {
			refunded += halves(back, amount)
		}
		count[c.Status]++
	}
	live := len(collections) - count["canceled"]
	switch {
	case count["requires_action"] > 0:
		return "requires_action"
	case refunded > 0 && refunded == captured:
		return "refunded"
	case refunded > 0:
		return "partially_refunded"
	case captured > 0 && captured == 2*live:
		return "captured"
	case captured > 0:
		return "partially_captured"
	case count["authorized"] > 0 && count["authorized"] == live:
		return "authorized"
	case count["authorized"] > 0 || count["partially_authorized"] > 0:
		return "partially_authorized"
	case count["canceled"] > 0 && live == 0:
		return "canceled"
	case count["awaiting"] > 0:
		return "awaiting"
	}
	return "not_paid"
}

// fulfillmentWord returns an order's fulfillment_status, which nested orders do not
// have, by Medusa's rule (getLastFulfillmentStatus in @medusajs/core-flows): the
// furthest stage that a parcel has reached, and whether all of the order has.
func fulfillmentWord(items []item, parcels []fulfillment, p *purse) string {
	var packed, shipped, delivered, live int
	sent := map[string]int{}
	for _, f := range parcels {
		if f.CanceledAt != nil {
			continue
		}
		live++
		for _, i := range f.Items {
			sent[i.LineItemID] += p.count(i.Quantity)
		}
		for _, stage := range []struct {
			at *time.Time
			n  *int
		}{{f.DeliveredAt, &delivered}, {f.ShippedAt, &shipped}, {f.PackedAt, &packed}} {
			if stage.at != nil {
				*stage.n++
				break
			}
		}
	}
	whole := true
	for _, i := range items {
		whole = whole && sent[i.ID] >= p.count(i.Detail.Quantity)
	}
	word := func(n int, word string) string {
		if n == live && whole {
			return word
		}
		return "partially_" + word
	}
	switch {
	case delivered > 0:
		return word(delivered, "delivered")
	case shipped > 0:
		return word(shipped, "shipped")
	case packed > 0:
		return word(packed, "fulfilled")
	case len(parcels) > 0 && live == 0:
		return "canceled"
	}
	return "not_fulfilled"
}
