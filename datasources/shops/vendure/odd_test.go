package vendure_test

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// Of three orders one is odd: the others are there, of its own customer and of others,
// live and in a walk, and it is told.
func TestAnOddOrderCostsItselfAlone(t *testing.T) {
	for name, c := range map[string]struct {
		member string
		value  any
		reason string
	}{
		"its currency": {"currencyCode", "USDC", "a currency is not one of ISO 4217"},
		"what it has":  {"lines", "none", "lines cannot be read"},
		"its total":    {"totalWithTax", "ten", "totalWithTax cannot be read"},
		"its change":   {"updatedAt", "soon", "updatedAt cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			f, shop := newFake(t)
			f.customer("7", "sam@example.test")
			f.customer("8", "kim@example.test")
			f.order("1", "7", "sam@example.test", start)
			f.order("2", "7", "sam@example.test", start.AddDate(0, 0, 1))[c.member] = c.value
			f.order("3", "8", "kim@example.test", start.AddDate(0, 0, 2))
			want := crm.Unreadable{ExternalID: "2", Reason: c.reason}

			kim := crm.Shopper{CustomerID: "cus_kim", Emails: []string{"kim@example.test"}}
			found, err := shop.OrdersOf(t.Context(), []crm.Shopper{sam, kim}, crm.Stretch{Limit: 5})
			if got := found[sam.CustomerID]; err != nil || len(got.Items) != 1 || len(got.Unreadable) != 1 || got.Unreadable[0] != want {
				t.Errorf("OrdersOf: %+v, %v", got, err)
			}
			if got := found["cus_kim"]; len(got.Items) != 1 || len(got.Unreadable) != 0 {
				t.Errorf("OrdersOf of another: %+v", got)
			}
			counts, err := shop.CountOrders(t.Context(), []crm.Shopper{sam})
			if err != nil || counts[sam.CustomerID] != 2 {
				t.Errorf("CountOrders: %v, %v; want 2", counts, err)
			}
			byID, err := shop.OrdersByID(t.Context(), []string{"1", "2", "3", "404"})
			if len(byID) != 2 || crm.Concerns(err, "404") || !crm.Concerns(err, "2") || crm.CodeOf(err) != crm.CodeUnavailable {
				t.Errorf("OrdersByID: %d, %v", len(byID), err)
			}
			read, unreadable := 0, []crm.Unreadable{}
			for from := (crm.Mark{}); ; {
				page, err := shop.OrderChanges(t.Context(), from, 2)
				if err != nil {
					t.Fatal(err)
				}
				read, unreadable, from = read+len(page.Items), append(unreadable, page.Unreadable...), page.Next
				if !page.More {
					break
				}
			}
			if read != 2 || len(unreadable) != 1 || unreadable[0] != want {
				t.Errorf("OrderChanges: %d orders, unreadable %v", read, unreadable)
			}
		})
	}
}

// Of three carts one is odd, and a customer's account another time: the others are there.
func TestAnOddCartCostsItselfAlone(t *testing.T) {
	for name, c := range map[string]struct {
		member string
		value  any
		reason string
	}{
		"its currency": {"currencyCode", "USDC", "a currency is not one of ISO 4217"},
		"what it has":  {"lines", "none", "lines cannot be read"},
		"its total":    {"totalWithTax", "ten", "totalWithTax cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			f, shop := newFake(t)
			f.customer("7", "sam@example.test")
			f.customer("8", "kim@example.test")
			for id, owner := range map[string]string{"1": "7", "2": "7", "3": "8"} {
				cart := f.order(id, owner, map[string]string{"7": "sam@example.test", "8": "kim@example.test"}[owner], start)
				cart["active"], cart["orderPlacedAt"], cart["state"] = true, nil, "AddingItems"
				if id == "2" {
					cart[c.member] = c.value
				}
			}
			kim := crm.Shopper{CustomerID: "cus_kim", Emails: []string{"kim@example.test"}}
			found, err := shop.CartsOf(t.Context(), []crm.Shopper{sam, kim})
			want := crm.Unreadable{ExternalID: "2", Reason: c.reason}
			if got := found[sam.CustomerID]; err != nil || len(got.Items) != 1 || len(got.Unreadable) != 1 || got.Unreadable[0] != want {
				t.Errorf("%+v, %v", got, err)
			}
			if got := found["cus_kim"]; len(got.Items) != 1 || len(got.Unreadable) != 0 {
				t.Errorf("another's: %+v", got)
			}
		})
	}
}

// What stands for what is documented is read, and a customer or an address book that
// makes no sense costs itself alone.
func TestWhatShopsReallySend(t *testing.T) {
	f, shop := newFake(t)
	f.customer("7", "sam@example.test")
	f.customer("8", "kim@example.test")
	f.customers[0]["addresses"] = "none"
	o := f.order("1", "7", "sam@example.test", start)
	o["code"], o["totalWithTax"], o["surcharges"], o["shippingAddress"] = 12, "1000", nil, []any{}
	o["lines"] = []record{{"id": 5, "quantity": "1", "productVariant": record{"sku": 12345, "name": "Salt &amp; Pepper"}}}
	customers, err := shop.CustomerChanges(t.Context(), crm.Mark{}, 10)
	if err != nil || len(customers.Items) != 1 || len(customers.Unreadable) != 1 || customers.Unreadable[0].ExternalID != "7" {
		t.Errorf("customers: %d, %v, %v", len(customers.Items), customers.Unreadable, err)
	}
	found, err := shop.OrdersByID(t.Context(), []string{"1"})
	if err != nil || found["1"] == nil {
		t.Fatalf("%v, %v", found, err)
	}
	got := found["1"].Order
	if got.Number != "12" || got.Price.Total.Minor != 1000 || *got.Lines[0].SKU != "12345" || got.ShippingAddress != nil {
		t.Errorf("%+v", got)
	}
	// Vendure's names are plain text: one that really has an entity keeps it.
	if got.Lines[0].Title != "Salt &amp; Pepper" {
		t.Errorf("title %q", got.Lines[0].Title)
	}
}
