package woocommerce_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

var update = flag.Bool("update", false, "write the golden files")

// The records of testdata are as WooCommerce's documentation describes them; the
// golden files are what becomes of them.
func TestGolden(t *testing.T) {
	var native struct {
		Customers, Orders, Products []woocommercetest.Object
		Variations, Refunds         map[int64][]woocommercetest.Object
		Currency                    string
	}
	text, err := os.ReadFile(filepath.Join("testdata", "shop.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &native); err != nil {
		t.Fatal(err)
	}
	shop := open(t, woocommercetest.New(woocommercetest.Data(native)))
	ctx := context.Background()
	orders, err := shop.OrderChanges(ctx, crm.Mark{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	customers, err := shop.CustomerChanges(ctx, crm.Mark{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	products, err := shop.ProductChanges(ctx, crm.Mark{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "orders.json.golden", orders.Items)
	golden(t, "customers.json.golden", customers.Items)
	golden(t, "products.json.golden", products.Items)
}

func golden(t *testing.T, name string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestStatuses(t *testing.T) {
	const (
		open, completed, canceled = crm.OrderStatusOpen, crm.OrderStatusCompleted, crm.OrderStatusCanceled
		pending, paid             = crm.FinancialStatusPending, crm.FinancialStatusPaid
		voided, refunded          = crm.FinancialStatusVoided, crm.FinancialStatusRefunded
		unfulfilled, fulfilled    = crm.FulfillmentStatusUnfulfilled, crm.FulfillmentStatusFulfilled
		due, captured             = crm.PaymentStatusPending, crm.PaymentStatusCaptured
	)
	type meaning struct {
		Order       crm.OrderStatus
		Financial   crm.FinancialStatus
		Fulfillment crm.FulfillmentStatus
		Payment     crm.PaymentStatus
	}
	for _, c := range []struct {
		status string
		paid   bool
		want   *meaning // nil is no order
	}{
		{"pending", false, &meaning{open, pending, unfulfilled, due}},
		{"processing", false, &meaning{open, pending, unfulfilled, due}}, // paid on delivery
		{"processing", true, &meaning{open, paid, unfulfilled, captured}},
		{"on-hold", false, &meaning{open, pending, unfulfilled, due}},
		{"completed", false, &meaning{completed, paid, fulfilled, due}},
		{"completed", true, &meaning{completed, paid, fulfilled, captured}},
		{"cancelled", false, &meaning{canceled, voided, unfulfilled, crm.PaymentStatusVoided}},
		{"cancelled", true, &meaning{canceled, paid, unfulfilled, captured}},
		{"refunded", true, &meaning{completed, refunded, unfulfilled, captured}},
		{"failed", false, &meaning{canceled, voided, unfulfilled, crm.PaymentStatusFailed}},
		{"a-plugins-own", true, &meaning{open, paid, unfulfilled, captured}},
		{"trash", true, nil},
		{"checkout-draft", false, nil},
		{"auto-draft", false, nil},
		{"draft", false, nil},
		{"", false, nil},
	} {
		o := with(anOrder(1, 0, "a@example.test", start), "status", c.status)
		if !c.paid {
			o["date_paid_gmt"] = nil
		}
		server := woocommercetest.New(woocommercetest.Data{Orders: []woocommercetest.Object{o}})
		got, err := openWith(t, server, credentials).OrderChanges(context.Background(), crm.Mark{}, 5)
		if err != nil {
			t.Fatal(err)
		}
		var means *meaning
		for _, found := range got.Items {
			means = &meaning{found.Order.Status, found.Order.FinancialStatus, found.Order.FulfillmentStatus, found.Order.Payments[0].Status}
			if *found.Order.SourceStatus != c.status {
				t.Errorf("%s: the source's word is %q", c.status, *found.Order.SourceStatus)
			}
		}
		if diff := cmp.Diff(c.want, means); diff != "" {
			t.Errorf("%q, paid %v (-want +got):\n%s", c.status, c.paid, diff)
		}
	}
}

// What was paid keeps its currency's digits. More are none that anybody can have paid:
// the order is refused. What is calculated is rounded, half away from zero.
func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		currency, amount string
		paid, calculated int64 // -1: refused
	}{
		{"USD", "14.40", 1440, 1440},
		{"USD", "14.4", 1440, 1440},
		{"USD", "14.405", -1, 1441},
		{"USD", "14.404999", -1, 1440},
		{"USD", "", 0, 0},
		{"JPY", "1440", 1440, 1440},
		{"JPY", "1440.00", 1440, 1440},
		{"JPY", "10.50", -1, 11},
		{"KWD", "1.4405", -1, 1441},
		{"RSD", "150.52", 15052, 15052},
		{"CLF", "1.2345", 12345, 12345},
		{"HRK", "19.99", 1999, 1999},
	} {
		plain := with(anOrder(1, 0, "a@example.test", start), "currency", c.currency)
		read := func(o woocommercetest.Object) (*crm.ShopOrder, error) {
			server := woocommercetest.New(woocommercetest.Data{Orders: []woocommercetest.Object{o}})
			got, err := open(t, server).OrdersByID(context.Background(), []string{"1"})
			return got["1"], err
		}
		got, err := read(with(plain, "total", c.amount))
		switch {
		case c.paid < 0:
			if err == nil || !strings.Contains(err.Error(), "more digits") {
				t.Errorf("%s %q: %v, %v, want an error", c.currency, c.amount, got, err)
			}
		case err != nil || got.Order.Price.Total != crm.Money{Minor: c.paid, CurrencyCode: c.currency}:
			t.Errorf("%s %q: %v, %v, want %d", c.currency, c.amount, got, err, c.paid)
		}
		got, err = read(with(with(plain, "total", "100"), "total_tax", c.amount))
		if want := (crm.Money{Minor: c.calculated, CurrencyCode: c.currency}); err != nil || got.Order.Price.Tax != want {
			t.Errorf("%s %q of tax: %v, %v, want %v", c.currency, c.amount, got, err, want)
		}
	}
}
