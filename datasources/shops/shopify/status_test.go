package shopify

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

func TestFinancialStatus(t *testing.T) {
	want := map[admin.OrderDisplayFinancialStatus]crm.FinancialStatus{
		"AUTHORIZED": "AUTHORIZED", "EXPIRED": "VOIDED", "PAID": "PAID", "PARTIALLY_PAID": "PARTIALLY_PAID",
		"PARTIALLY_REFUNDED": "PARTIALLY_REFUNDED", "PENDING": "PENDING", "REFUNDED": "REFUNDED", "VOIDED": "VOIDED",
	}
	table(t, admin.AllOrderDisplayFinancialStatus, want, func(w admin.OrderDisplayFinancialStatus) crm.FinancialStatus { return financialStatus(&w) }, "PENDING")
	if got := financialStatus(nil); got != crm.FinancialStatusPending {
		t.Errorf("none is %s", got)
	}
}

func TestFulfillmentStatus(t *testing.T) {
	want := map[admin.OrderDisplayFulfillmentStatus]crm.FulfillmentStatus{
		"FULFILLED": "FULFILLED", "PARTIALLY_FULFILLED": "PARTIALLY_FULFILLED", "IN_PROGRESS": "UNFULFILLED", "ON_HOLD": "UNFULFILLED", "OPEN": "UNFULFILLED",
		"PENDING_FULFILLMENT": "UNFULFILLED", "REQUEST_DECLINED": "UNFULFILLED", "RESTOCKED": "UNFULFILLED", "SCHEDULED": "UNFULFILLED", "UNFULFILLED": "UNFULFILLED",
	}
	table(t, admin.AllOrderDisplayFulfillmentStatus, want, fulfillmentStatus, "UNFULFILLED")
}

func TestReturnStatus(t *testing.T) {
	want := map[admin.OrderReturnStatus]crm.ReturnStatus{
		"NO_RETURN": "NONE", "RETURN_REQUESTED": "REQUESTED", "IN_PROGRESS": "APPROVED",
		"INSPECTION_COMPLETE": "RECEIVED", "RETURNED": "RECEIVED", "RETURN_FAILED": "DECLINED",
	}
	table(t, admin.AllOrderReturnStatus, want, returnStatus, "NONE")
	table(t, admin.AllReturnStatus, map[admin.ReturnStatus]crm.ReturnStatus{
		"REQUESTED": "REQUESTED", "OPEN": "APPROVED", "CLOSED": "RECEIVED", "DECLINED": "DECLINED", "CANCELED": "DECLINED",
	}, statusOfReturn, "REQUESTED")
}

func TestShippedAtAll(t *testing.T) {
	table(t, admin.AllFulfillmentStatus, map[admin.FulfillmentStatus]bool{
		"CANCELLED": false, "ERROR": false, "FAILURE": false, "OPEN": true, "PENDING": true, "SUCCESS": true,
	}, shippedAtAll, true)
}

// table holds that each of Shopify's words is in the table and means what it says
// there, and that a word that is none means other.
func table[W ~string, S comparable](t *testing.T, words []W, want map[W]S, convert func(W) S, other S) {
	t.Helper()
	for _, w := range words {
		if s, ok := want[w]; !ok || convert(w) != s {
			t.Errorf("%s is %v, want %v (in the table: %t)", w, convert(w), s, ok)
		}
	}
	if got := convert("SOMETHING_NEW"); got != other {
		t.Errorf("an unknown word is %v, want %v", got, other)
	}
}

func TestPaymentStatus(t *testing.T) {
	done := map[admin.OrderTransactionKind]crm.PaymentStatus{
		"SALE": "CAPTURED", "CAPTURE": "CAPTURED", "AUTHORIZATION": "AUTHORIZED", "EMV_AUTHORIZATION": "AUTHORIZED", "VOID": "VOIDED",
		"REFUND": "", "SUGGESTED_REFUND": "", "CHANGE": "",
	}
	open := map[admin.OrderTransactionStatus]crm.PaymentStatus{
		"SUCCESS": "", "FAILURE": "FAILED", "ERROR": "FAILED", "PENDING": "PENDING", "AWAITING_RESPONSE": "PENDING", "UNKNOWN": "PENDING",
	}
	for _, kind := range admin.AllOrderTransactionKind {
		for _, status := range admin.AllOrderTransactionStatus {
			want, known := done[kind]
			if other := open[status]; other != "" && want != "" {
				want = other
			}
			if got, ok := paymentStatus(kind, status); !known || got != want || ok != (want != "") {
				t.Errorf("%s %s is %s (%t), want %s", kind, status, got, ok, want)
			}
		}
	}
}

func TestOrderStatus(t *testing.T) {
	at := placed{}.at
	for name, test := range map[string]struct {
		head  admin.OrderHead
		order crm.Order
		want  crm.OrderStatus
	}{
		"canceled":      {admin.OrderHead{CancelledAt: &at, Closed: true}, crm.Order{}, crm.OrderStatusCanceled},
		"closed":        {admin.OrderHead{Closed: true}, crm.Order{}, crm.OrderStatusCompleted},
		"sent and paid": {admin.OrderHead{}, crm.Order{FulfillmentStatus: "FULFILLED", FinancialStatus: "PAID"}, crm.OrderStatusCompleted},
		"sent":          {admin.OrderHead{}, crm.Order{FulfillmentStatus: "FULFILLED", FinancialStatus: "PENDING"}, crm.OrderStatusOpen},
		"paid":          {admin.OrderHead{}, crm.Order{FulfillmentStatus: "UNFULFILLED", FinancialStatus: "PAID"}, crm.OrderStatusOpen},
	} {
		if got := orderStatus(&test.head, &test.order); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, test := range []struct {
		amount, currency string
		want             int64
		ok               bool
	}{
		{"10", "USD", 1000, true},
		{"10.0", "USD", 1000, true},
		{"0.005", "USD", 1, true},
		{"0.004", "USD", 0, true},
		{"-0.005", "USD", -1, true},
		{"-1.2349", "USD", -123, true},
		{"9.995", "USD", 1000, true},
		{"1399.0", "JPY", 1399, true},
		{"1399.5", "JPY", 1400, true},
		{"1.2345", "KWD", 1235, true},
		{"", "USD", 0, false},
		{"1.2x", "USD", 0, false},
		{"1.23x", "USD", 0, false},
		{"1e3", "USD", 0, false},
		{"1", "XYZW", 0, false},
	} {
		got, ok := money(test.amount, test.currency)
		if ok != test.ok || got.Minor != test.want {
			t.Errorf("%s %s: %d (%t), want %d", test.amount, test.currency, got.Minor, ok, test.want)
		}
	}
}

// TestPack holds that what is wanted is asked for, once, within the limits.
// What was paid is never rounded.
func TestPaid(t *testing.T) {
	for _, test := range []struct {
		amount, currency string
		minor            int64
		ok               bool
	}{
		{"150.52", "RSD", 15052, true},
		{"10.50", "VES", 1050, true},
		{"1050.0", "JPY", 1050, true},
		{"1050.00000000", "JPY", 1050, true},
		{"10.50", "JPY", 0, false},
		{"10.505", "EUR", 0, false},
		{"10.5", "XXX", 0, false},
		{"ten", "EUR", 0, false},
	} {
		p := purse{currency: test.currency}
		got := p.paid(test.amount)
		if (p.err == nil) != test.ok || test.ok && got.Minor != test.minor {
			t.Errorf("%s %s: %v, %v", test.amount, test.currency, got, p.err)
		}
	}
}

func TestPack(t *testing.T) {
	for _, test := range []struct {
		bought, refunded, most int
		lines, requests        int
	}{
		{bought: 1, most: 1, lines: 1, requests: 1},
		{bought: 5, most: 25, lines: 25, requests: 1},
		{bought: 90, most: 2, lines: 2, requests: 1},
		{bought: 100, most: 25, lines: 2, requests: 1},
		{bought: 100, refunded: 20, most: 25, lines: 1, requests: 1},
		{bought: 250, most: 2, lines: 1, requests: 2},
	} {
		var wanted []piece
		for range test.bought {
			wanted = append(wanted, piece{part: bought})
		}
		for range test.refunded {
			wanted = append(wanted, piece{part: refunded})
		}
		lines := fitting(wanted, test.most)
		packed := pack(wanted, lines)
		n := 0
		for _, request := range packed {
			cost := 0
			for _, p := range request {
				cost += p.part.cost(lines)
			}
			if n += len(request); cost > maxCost {
				t.Errorf("%+v: a request costs %d", test, cost)
			}
		}
		if got := []int{lines, len(packed), n}; !cmp.Equal(got, []int{test.lines, test.requests, len(wanted)}) {
			t.Errorf("%+v: lines, requests, pieces %v", test, got)
		}
	}
	for p := range part(parts) { // One order's part fits at its largest.
		if cost := p.cost(allLines); cost > maxCost {
			t.Errorf("part %d costs %d", p, cost)
		}
	}
}

func TestCountry(t *testing.T) {
	unknown, known := "ZZ", "GB"
	if country(&unknown) != nil || country(nil) != nil || country(&known) == nil {
		t.Error("ZZ is no country, GB is one")
	}
}

// A number is handed on as it stands in the shop.
func TestPhoneNumber(t *testing.T) {
	c := &admin.ShopCustomer{DefaultPhoneNumber: &admin.ShopCustomerDefaultPhoneNumberCustomerPhoneNumber{PhoneNumber: "(503) 555-0100"}}
	if got := customer(c).Phone; got != "(503) 555-0100" {
		t.Errorf("%q", got)
	}
}
