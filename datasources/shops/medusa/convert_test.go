package medusa_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/medusa"
	"github.com/customer360/gateway/internal/crm"
)

// converted returns an order whose record has further fields.
func converted(t *testing.T, currency, fields string) *crm.Order {
	t.Helper()
	record := fmt.Sprintf(`{"id":"order_1","customer_id":"cus_me","created_at":%q,"currency_code":%q,%s}`, noon, currency, fields)
	s, _ := fake(t, func(*http.Request) (int, string) {
		return http.StatusOK, customers(customerRecord("cus_me", "me@example.test", record))
	})
	found, err := s.OrdersOf(t.Context(), []crm.Shopper{shopper("me", "me@example.test")}, crm.Stretch{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return found["me"].Items[0]
}

func TestFinancialStatus(t *testing.T) {
	const paid = `"amount":10,"captured_amount":10,"refunded_amount":`
	for _, test := range []struct {
		collections string
		want        crm.FinancialStatus
	}{
		{``, crm.FinancialStatusPending},
		{`{"status":"not_paid","amount":10,"captured_amount":0}`, crm.FinancialStatusPending},
		{`{"status":"awaiting","amount":10}`, crm.FinancialStatusPending},
		{`{"status":"requires_action","amount":10}`, crm.FinancialStatusPending},
		{`{"status":"failed","amount":10}`, crm.FinancialStatusPending},
		{`{"status":"a new word","amount":10}`, crm.FinancialStatusPending},
		{`{"status":"authorized","amount":10}`, crm.FinancialStatusAuthorized},
		{`{"status":"partially_authorized","amount":10}`, crm.FinancialStatusAuthorized},
		{`{"status":"authorized","amount":10},{"status":"not_paid","amount":10}`, crm.FinancialStatusAuthorized},
		{`{"status":"completed",` + paid + `0}`, crm.FinancialStatusPaid},
		{`{"status":"completed","amount":0}`, crm.FinancialStatusPaid},
		{`{"status":"partially_captured","amount":10,"captured_amount":4}`, crm.FinancialStatusPartiallyPaid},
		{`{"status":"completed",` + paid + `0},{"status":"not_paid","amount":5}`, crm.FinancialStatusPartiallyPaid},
		{`{"status":"completed",` + paid + `0},{"status":"canceled","amount":10}`, crm.FinancialStatusPaid},
		{`{"status":"completed",` + paid + `3.5}`, crm.FinancialStatusPartiallyRefunded},
		{`{"status":"completed",` + paid + `10}`, crm.FinancialStatusRefunded},
		{`{"status":"canceled","amount":10}`, crm.FinancialStatusVoided},
	} {
		o := converted(t, "eur", `"payment_collections":[`+test.collections+`]`)
		if o.FinancialStatus != test.want {
			t.Errorf("%s is %s, want %s", test.collections, o.FinancialStatus, test.want)
		}
	}
}

func TestFulfillmentStatus(t *testing.T) {
	const (
		one   = `"items":[{"line_item_id":"a","quantity":1}]`
		both  = `"items":[{"line_item_id":"a","quantity":1},{"line_item_id":"b","quantity":2}]`
		other = `"items":[{"line_item_id":"b","quantity":2}]`
		when  = `_at":"2026-01-02T12:00:00Z"`
	)
	for _, test := range []struct {
		parcels string
		want    crm.FulfillmentStatus
	}{
		{``, crm.FulfillmentStatusUnfulfilled},
		{`{` + both + `}`, crm.FulfillmentStatusUnfulfilled},
		{`{"packed` + when + `,"canceled` + when + `,` + both + `}`, crm.FulfillmentStatusUnfulfilled},
		{`{"packed` + when + `,` + one + `}`, crm.FulfillmentStatusPartiallyFulfilled},
		{`{"packed` + when + `,` + both + `}`, crm.FulfillmentStatusFulfilled},
		{`{"shipped` + when + `,` + one + `}`, crm.FulfillmentStatusPartiallyFulfilled},
		{`{"shipped` + when + `,` + both + `}`, crm.FulfillmentStatusFulfilled},
		{`{"shipped` + when + `,` + one + `},{"packed` + when + `,` + other + `}`, crm.FulfillmentStatusPartiallyFulfilled},
		{`{"delivered` + when + `,` + one + `}`, crm.FulfillmentStatusPartiallyFulfilled},
		{`{"delivered` + when + `,` + one + `},{"shipped` + when + `,` + other + `}`, crm.FulfillmentStatusPartiallyFulfilled},
		{`{"delivered` + when + `,` + one + `},{"delivered` + when + `,` + other + `}`, crm.FulfillmentStatusDelivered},
		{`{"delivered` + when + `,` + both + `},{"canceled` + when + `,` + one + `}`, crm.FulfillmentStatusDelivered},
	} {
		o := converted(t, "eur", `"fulfillments":[`+test.parcels+`],"items":[{"id":"a","detail":{"quantity":1}},{"id":"b","detail":{"quantity":2}}]`)
		if o.FulfillmentStatus != test.want {
			t.Errorf("%s is %s, want %s", test.parcels, o.FulfillmentStatus, test.want)
		}
	}
}

func TestStatus(t *testing.T) {
	const done = `,"payment_collections":[{"status":"completed","amount":1,"captured_amount":1}],` +
		`"items":[{"id":"a","detail":{"quantity":1}}],` +
		`"fulfillments":[{"delivered_at":"2026-01-02T12:00:00Z","items":[{"line_item_id":"a","quantity":1}]}]`
	for _, test := range []struct {
		fields string
		want   crm.OrderStatus
	}{
		{`"status":"pending"`, crm.OrderStatusOpen},
		{`"status":"requires_action"`, crm.OrderStatusOpen},
		{`"status":"a new word"`, crm.OrderStatusOpen},
		{`"status":"completed"`, crm.OrderStatusCompleted},
		{`"status":"archived"`, crm.OrderStatusCompleted},
		{`"status":"canceled"`, crm.OrderStatusCanceled},
		{`"status":"pending"` + done, crm.OrderStatusCompleted},
		{`"status":"canceled"` + done, crm.OrderStatusCanceled},
	} {
		if o := converted(t, "eur", test.fields); o.Status != test.want {
			t.Errorf("%s is %s, want %s", test.fields, o.Status, test.want)
		}
	}
	if o := converted(t, "eur", `"status":"a new word"`); o.SourceStatus == nil || *o.SourceStatus != "a new word" {
		t.Errorf("the shop's word is %v", o.SourceStatus)
	}
}

func TestReturnStatus(t *testing.T) {
	for word, want := range map[string]crm.ReturnStatus{
		"requested": crm.ReturnStatusRequested, "partially_received": crm.ReturnStatusApproved,
		"received": crm.ReturnStatusReceived, "canceled": crm.ReturnStatusDeclined, "a new word": crm.ReturnStatusRequested,
	} {
		o := converted(t, "eur", fmt.Sprintf(`"returns":[{"status":"requested","requested_at":"2026-01-01T13:00:00Z"},`+
			`{"status":%q,"requested_at":"2026-01-02T12:00:00Z"},{"status":"open"}]`, word))
		if o.ReturnStatus != want || len(o.Returns) != 2 {
			t.Errorf("%s is %s of %d, want %s", word, o.ReturnStatus, len(o.Returns), want)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, test := range []struct {
		name, currency, fields string
		want                   [5]int64 // subtotal, discount, shipping, tax, total
	}{
		{"nothing", "eur", `"items":null`, [5]int64{}},
		{"yen have no cents", "jpy", `"items":[{"id":"a","unit_price":1399,"detail":{"quantity":2}}]`, [5]int64{2798, 0, 0, 0, 2798}},
		{"dinars have mils", "kwd", `"items":[{"id":"a","unit_price":1.3995,"detail":{"quantity":1}}]`, [5]int64{1400, 0, 0, 0, 1400}},
		{"a tenth is exact", "eur", `"items":[{"id":"a","unit_price":0.1,"detail":{"quantity":3}}]`, [5]int64{30, 0, 0, 0, 30}},
		{
			"more than a float has", "eur",
			`"items":[{"id":"a","unit_price":90071992547409.93,"detail":{"quantity":1}}]`,
			[5]int64{9007199254740993, 0, 0, 0, 9007199254740993},
		},
		{"half a cent", "eur", `"items":[{"id":"a","unit_price":0.005,"detail":{"quantity":1}}]`, [5]int64{1, 0, 0, 0, 1}},
		{"next to nothing", "eur", `"items":[{"id":"a","unit_price":1e-7,"detail":{"quantity":1}}]`, [5]int64{}},
		{
			"tax on top, after the discount", "eur",
			`"version":2,"items":[{"id":"a","unit_price":10,"detail":{"quantity":2},"tax_lines":[{"rate":19}],` +
				`"adjustments":[{"version":1,"amount":7},{"version":2,"amount":2}]}],` +
				`"shipping_methods":[{"amount":5,"tax_lines":[{"rate":19}]},{"amount":4,"detail":{"return_id":"return_1"}}]`,
			[5]int64{2000, 200, 500, 437, 2737},
		},
		{
			"tax within", "eur",
			`"items":[{"id":"a","unit_price":11.9,"is_tax_inclusive":true,"detail":{"quantity":1},"tax_lines":[{"rate":19}],` +
				`"adjustments":[{"amount":1.19,"is_tax_inclusive":true}]}]`,
			[5]int64{1000, 100, 0, 171, 1071},
		},
		{
			"the edited price", "eur",
			`"items":[{"id":"a","unit_price":10,"detail":{"quantity":1,"unit_price":8}},{"id":"b","unit_price":3,"detail":{"quantity":0}}]`,
			[5]int64{800, 0, 0, 0, 800},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := converted(t, test.currency, test.fields).Price
			got := [5]int64{p.Subtotal.Minor, p.Discount.Minor, p.Shipping.Minor, p.Tax.Minor, p.Total.Minor}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("price (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoSenseInAnOrder(t *testing.T) {
	for _, fields := range []string{
		`"items":[{"id":"a","unit_price":1e99999,"detail":{"quantity":1}}]`,
		`"items":[{"id":"a","unit_price":1,"detail":{"quantity":1.5}}]`,
		`"items":[{"id":"a","unit_price":1,"detail":{"quantity":-1}}]`,
		`"items":[{"id":"a","unit_price":999999999999999999999,"detail":{"quantity":1}}]`,
		`"items":[{"id":"a","unit_price":"ten","detail":{"quantity":1}}]`,
		`"items":"none"`,
		`"id":"order with spaces"`,
	} {
		record := fmt.Sprintf(`{"id":"order_1","customer_id":"cus_me","created_at":%q,"currency_code":"eur",%s}`, noon, fields)
		s, _ := fake(t, func(*http.Request) (int, string) {
			return http.StatusOK, customers(customerRecord("cus_me", "me@example.test", record))
		})
		found, err := s.OrdersOf(t.Context(), []crm.Shopper{shopper("me", "me@example.test")}, crm.Stretch{Limit: 1})
		if got := found["me"]; err != nil || len(got.Items) != 0 || len(got.Unreadable) != 1 || got.Unreadable[0].Reason == "" {
			t.Errorf("%s: %v, %v", fields, found, err)
		}
	}
}

func TestForeignAddresses(t *testing.T) {
	o := converted(t, "eur", `"items":[{"id":"a","product_id":"prod with spaces","detail":{"quantity":1}}],`+
		`"fulfillments":[{"shipped_at":"2026-01-02T12:00:00Z","labels":[{"tracking_number":"1","tracking_url":"javascript:alert(1)"}]}]`)
	if o.Lines[0].ProductID != "" || o.Shipments[0].TrackingURL != nil || *o.Shipments[0].TrackingNumber != "1" {
		t.Errorf("got %v, %v", o.Lines[0], o.Shipments[0])
	}
}

func TestNew(t *testing.T) {
	for _, c := range []medusa.Config{
		{Source: "", URL: "https://shop.example", Credentials: "sk_1"},
		{Source: "store", URL: "https://shop.example", Credentials: "sk_1"},
		{Source: "m", URL: "shop.example", Credentials: "sk_1"},
		{Source: "m", URL: "https://shop.example", Credentials: ""},
		{Source: "m", URL: "https://shop.example", Credentials: "pk_1"},
		{Source: "m", URL: "https://shop.example", Credentials: "Bearer "},
		{Source: "m", URL: "https://shop.example", Credentials: "sk_1\nsk_2"},
	} {
		if _, err := medusa.New(c); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for credentials, want := range map[string]string{
		"sk_1\n":         "Basic c2tfMTo=",
		"Bearer a.b.c\n": "Bearer a.b.c",
	} {
		got := ""
		server := serve(t, func(r *http.Request) (int, string) {
			got = r.Header.Get("Authorization")
			return http.StatusOK, `{}`
		})
		s, _ := shopAt(t, server, credentials, nil)
		if _, err := s.Check(t.Context()); err != nil || got != want {
			t.Errorf("%q: %q, %v", credentials, got, err)
		}
	}
}

func TestCheck(t *testing.T) {
	s, calls := fake(t, func(r *http.Request) (int, string) {
		if r.URL.Path == "/admin/payments" {
			return http.StatusForbidden, `{}`
		}
		return http.StatusOK, `{}`
	})
	missing, err := s.Check(t.Context())
	if diff := cmp.Diff([]string{"payments:read"}, missing); diff != "" || err != nil || calls.take() != 4 {
		t.Errorf("missing (-want +got), %v:\n%s", err, diff)
	}
}

// A number is handed on as it stands in the shop.
func TestPhoneNumber(t *testing.T) {
	s, _ := fake(t, func(*http.Request) (int, string) {
		return http.StatusOK, customers(fmt.Sprintf(`{"id":"cus_1","phone":"030 / 123-456","created_at":%q,"updated_at":%q}`, noon, noon))
	})
	page, err := s.CustomerChanges(t.Context(), crm.Mark{}, 5)
	if err != nil || len(page.Items) != 1 || page.Items[0].Phone != "030 / 123-456" {
		t.Errorf("%+v, %v", page.Items, err)
	}
}
