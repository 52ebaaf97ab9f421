package woocommerce_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

// What WooCommerce and its plugins write in place of what is documented is read.
func TestWhatShopsReallySend(t *testing.T) {
	line := func(name string, value any) func(woocommercetest.Object) {
		return func(o woocommercetest.Object) { o["line_items"].([]any)[0].(woocommercetest.Object)[name] = value }
	}
	member := func(name string, value any) func(woocommercetest.Object) {
		return func(o woocommercetest.Object) { o[name] = value }
	}
	for name, change := range map[string]func(woocommercetest.Object){
		"a number as number":   member("number", 2),
		"a number as sku":      line("sku", 12345),
		"no sku":               line("sku", false),
		"an empty list":        member("shipping", []any{}),
		"false for an address": member("shipping", false),
		"an amount as number":  member("total", 14.40),
		"an empty amount":      member("shipping_total", ""),
		"null for an amount":   member("discount_total", nil),
		"a quantity as text":   line("quantity", "2"),
		"an id as text":        member("id", "2"),
		"an account as text":   member("customer_id", "1"),
		"a truth as text":      member("prices_include_tax", "no"),
		"no date":              member("date_paid_gmt", ""),
		"MySQL's zero":         member("date_paid_gmt", "0000-00-00T00:00:00"),
		"refunds as an object": member("refunds", woocommercetest.Object{}),
		"lines as an object": func(o woocommercetest.Object) {
			o["line_items"] = woocommercetest.Object{"3": o["line_items"].([]any)[0]}
		},
		"a product's name: false": line("parent_name", false),
	} {
		t.Run(name, func(t *testing.T) {
			o := anOrder(2, 1, "a@example.test", start)
			change(o)
			server := woocommercetest.New(woocommercetest.Data{Orders: []woocommercetest.Object{anOrder(1, 1, "a@example.test", start)}})
			server.Update(func(d *woocommercetest.Data) { d.Orders = append(d.Orders, o) })
			page, err := open(t, server).OrderChanges(context.Background(), crm.Mark{}, 10)
			if err != nil || len(page.Items) != 2 || len(page.Unreadable) != 0 {
				t.Fatalf("%d orders, unreadable %v, %v", len(page.Items), page.Unreadable, err)
			}
			got := page.Items[1].Order
			if got.ExternalID == "1" {
				got = page.Items[0].Order
			}
			if got.ExternalID != "2" || got.Number != "2" || got.Price.Total.Minor != 1440 || len(got.Lines) != 1 || got.Lines[0].Quantity != 2 {
				t.Errorf("%+v", got)
			}
			if name == "a number as sku" && (got.Lines[0].SKU == nil || *got.Lines[0].SKU != "12345") {
				t.Errorf("SKU %v", got.Lines[0].SKU)
			}
		})
	}
}

// Of three orders one is odd: the others are there, live and in a walk, and it is told.
func TestAnOddOrderCostsItselfAlone(t *testing.T) {
	for name, c := range map[string]struct {
		member string
		value  any
		reason string
	}{
		"when it was placed":  {"date_created_gmt", "yesterday", "date_created_gmt cannot be read"},
		"when it changed":     {"date_modified_gmt", "2024-02-30T00:00:00", "date_modified_gmt cannot be read"},
		"whose it is":         {"customer_id", "ann@example.test", "customer_id cannot be read"},
		"what it has":         {"line_items", "none", "line_items cannot be read"},
		"its currency":        {"currency", "BTC", "a currency is not one of ISO 4217"},
		"fractions of a cent": {"total", "14.405", "an amount has more digits after the point than its currency"},
	} {
		t.Run(name, func(t *testing.T) {
			orders := []woocommercetest.Object{}
			for id := 1; id <= 3; id++ {
				orders = append(orders, anOrder(id, 1, "a@example.test", start.Add(time.Duration(id)*time.Hour)))
			}
			server := woocommercetest.New(woocommercetest.Data{Orders: orders})
			// The shop sorts and filters by what it has; the answer is odd.
			shop := open(t, odd(server, 2, c.member, c.value))
			want := []crm.Unreadable{{ExternalID: "2", Reason: c.reason}}

			page, err := shop.OrderChanges(context.Background(), crm.Mark{}, 10)
			if err != nil || len(page.Items) != 2 || len(page.Unreadable) != 1 || page.Unreadable[0] != want[0] || page.More || page.Next.Time.IsZero() {
				t.Errorf("OrderChanges: %d, %v, more %t to %v, %v", len(page.Items), page.Unreadable, page.More, page.Next, err)
			}
			asked := []crm.Shopper{shopper("a", []string{"1"})}
			found, err := shop.OrdersOf(context.Background(), asked, crm.Stretch{Limit: 10})
			if got := found[asked[0].CustomerID]; err != nil || len(got.Items) != 2 || len(got.Unreadable) != 1 || got.Unreadable[0] != want[0] {
				t.Errorf("OrdersOf: %+v, %v", got, err)
			}
			counts, err := shop.CountOrders(context.Background(), asked)
			if err != nil || counts[asked[0].CustomerID] != 3 {
				t.Errorf("CountOrders: %v, %v; want 3", counts, err)
			}
			byID, err := shop.OrdersByID(context.Background(), []string{"1", "2", "3", "404"})
			if len(byID) != 2 || crm.Concerns(err, "404") || !crm.Concerns(err, "2") || crm.CodeOf(err) != crm.CodeUnavailable || strings.Contains(err.Error(), "ann@") {
				t.Errorf("OrdersByID: %v, %v", byID, err)
			}
		})
	}
}

// The same of accounts and of products.
func TestAnOddAccountOrProductCostsItselfAlone(t *testing.T) {
	accounts := []woocommercetest.Object{
		anAccount(1, "a@example.test", start), with(anAccount(2, "b@example.test", start), "billing", "none"),
		with(anAccount(3, "c@example.test", start), "shipping", []any{}),
	}
	products := []woocommercetest.Object{
		with(aProduct(1, "simple", "A", "1"), "sku", 12345), with(aProduct(2, "simple", "B", "1"), "images", "none"),
		with(aProduct(3, "simple", "C", "1"), "categories", woocommercetest.Object{}),
	}
	shop := open(t, woocommercetest.New(woocommercetest.Data{Customers: accounts, Products: products}))
	customers, err := shop.CustomerChanges(context.Background(), crm.Mark{}, 10)
	if err != nil || len(customers.Items) != 2 || len(customers.Unreadable) != 1 || customers.Unreadable[0].ExternalID != "2" {
		t.Errorf("customers: %d, %v, %v", len(customers.Items), customers.Unreadable, err)
	}
	page, err := shop.ProductChanges(context.Background(), crm.Mark{}, 10)
	if err != nil || len(page.Items) != 2 || len(page.Unreadable) != 1 || page.Unreadable[0].ExternalID != "2" || page.Items[0].Variants[0].SKU != "12345" {
		t.Errorf("products: %d, %v, %v", len(page.Items), page.Unreadable, err)
	}
	found, err := shop.ProductsByID(context.Background(), []string{"1", "2", "3", "404"})
	if len(found) != 2 || crm.Concerns(err, "404") || !crm.Concerns(err, "2") || crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("products by id: %d, %v", len(found), err)
	}
}

// Texts that people typed in come with the entities of HTML, which are decoded once; a
// description is HTML.
func TestEntities(t *testing.T) {
	o := anOrder(1, 1, "a@example.test", start)
	line := o["line_items"].([]any)[0].(woocommercetest.Object)
	line["name"], line["parent_name"] = "Salt &amp; Pepper &#8211; Set", "Salt &amp;amp; Pepper"
	p := with(aProduct(7, "simple", "S", "1"), "name", "Salt &amp; Pepper &#8211; Set")
	p["description"] = "<p>Salt &amp; <b>pepper</b></p>"
	shop := open(t, woocommercetest.New(woocommercetest.Data{
		Orders: []woocommercetest.Object{o}, Products: []woocommercetest.Object{p},
		Customers: []woocommercetest.Object{with(anAccount(1, "a@example.test", start), "last_name", "O&#039;Neill")},
	}))
	orders, err := shop.OrdersByID(context.Background(), []string{"1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := orders["1"].Order.Lines[0]; got.Title != "Salt & Pepper – Set" || got.ProductTitle != "Salt &amp; Pepper" {
		t.Errorf("line %q of %q", got.Title, got.ProductTitle)
	}
	products, err := shop.ProductsByID(context.Background(), []string{"7"})
	if err != nil || products["7"].Title != "Salt & Pepper – Set" || *products["7"].Description != "Salt &  pepper" {
		t.Errorf("%+v, %v", products["7"], err)
	}
	customers, err := shop.CustomerChanges(context.Background(), crm.Mark{}, 5)
	if err != nil || customers.Items[0].FamilyName != "O'Neill" {
		t.Errorf("%+v, %v", customers.Items, err)
	}
}
