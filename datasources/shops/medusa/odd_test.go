package medusa_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// Of two customers' orders one is odd: the others are there, of its own customer and of
// another, and it is told.
func TestAnOddOrderCostsItselfAlone(t *testing.T) {
	for name, c := range map[string]struct{ from, to, reason string }{
		"its currency":       {`"currency_code":"eur"`, `"currency_code":"btc"`, "a currency is not one of ISO 4217"},
		"when it was placed": {`"created_at":"2024`, `"created_at":"soon 2024`, "created_at cannot be read"},
		"what it has":        {`"currency_code":"eur"`, `"currency_code":"eur","items":"none"`, "items cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			good, other := orderRecord("order_1", "cus_me", "me@example.test", noon), orderRecord("order_3", "cus_you", "you@example.test", noon)
			bad := orderRecord("order_2", "cus_me", "me@example.test", noon)
			from := c.from
			if name == "when it was placed" {
				from = `"created_at":"` + noon[:4]
			}
			odd := strings.Replace(bad, from, c.to, 1)
			if odd == bad {
				t.Fatalf("no %s in %s", from, bad)
			}
			s, _ := fake(t, func(*http.Request) (int, string) {
				return http.StatusOK, customers(
					customerRecord("cus_me", "me@example.test", good, odd), customerRecord("cus_you", "you@example.test", other))
			})
			shoppers := []crm.Shopper{shopper("me", "me@example.test"), shopper("you", "you@example.test")}
			found, err := s.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 1})
			if err != nil || len(found["you"].Items) != 1 || len(found["you"].Unreadable) != 0 {
				t.Errorf("another's: %+v, %v", found["you"], err)
			}
			found, err = s.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 5})
			want := crm.Unreadable{ExternalID: "order_2", Reason: c.reason}
			if got := found["me"]; err != nil || len(got.Items) != 1 || len(got.Unreadable) != 1 || got.Unreadable[0] != want {
				t.Errorf("%+v, %v", got, err)
			}
			counts, err := s.CountOrders(t.Context(), shoppers)
			if err != nil || counts["me"] != 2 || counts["you"] != 1 {
				t.Errorf("counts %v, %v", counts, err)
			}
		})
	}
}

// Asked for by its id an odd order or product alone is an error: what does not exist is
// missing.
func TestAnOddRecordByItsID(t *testing.T) {
	good, bad := orderRecord("order_1", "cus_me", "me@example.test", noon), orderRecord("order_2", "cus_me", "me@example.test", noon)
	s, _ := fake(t, func(r *http.Request) (int, string) {
		if r.URL.Path == "/admin/products" {
			return http.StatusOK, `{"products":[{"id":"prod_1","title":"x"},{"id":"prod_2","variants":"none"}],"count":2}`
		}
		return http.StatusOK, `{"orders":[` + good + "," + strings.Replace(bad, `"eur"`, `"btc"`, 1) + `],"count":2}`
	})
	orders, err := s.OrdersByID(t.Context(), []string{"order_1", "order_2", "order_3"})
	if len(orders) != 1 || !crm.Concerns(err, "order_2") || crm.Concerns(err, "order_3") || crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("%v, %v", orders, err)
	}
	products, err := s.ProductsByID(t.Context(), []string{"prod_1", "prod_2", "prod_3"})
	if len(products) != 1 || !crm.Concerns(err, "prod_2") || crm.Concerns(err, "prod_3") {
		t.Errorf("%v, %v", products, err)
	}
	if _, err := s.ProductsBySKU(t.Context(), []string{"A"}); !crm.Concerns(err, "A") {
		t.Errorf("by SKU: %v", err)
	}
}

// A customer of whom nobody can tell who it is may have orders of any shopper's.
func TestAnOddCustomer(t *testing.T) {
	s, _ := fake(t, func(*http.Request) (int, string) {
		return http.StatusOK, customers(`{"id":{"odd":true},"email":[1],"orders":[]}`, customerRecord("cus_you", "you@example.test"))
	})
	found, err := s.OrdersOf(t.Context(), []crm.Shopper{shopper("me", "me@example.test")}, crm.Stretch{Limit: 5})
	if got := found["me"]; err != nil || len(got.Unreadable) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.CountOrders(t.Context(), []crm.Shopper{shopper("me", "me@example.test")}); crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("counted: %v", err)
	}
}

// What stands for what is documented is read; a walk goes on behind what is odd. Medusa's
// titles are plain text.
func TestWhatShopsReallySend(t *testing.T) {
	s, _ := fake(t, func(r *http.Request) (int, string) {
		switch r.URL.Path {
		case "/admin/customers":
			return http.StatusOK, `{"customers":[{"id":"cus_1","email":"a@example.test","phone":441632960123,"addresses":"","updated_at":"2024-01-01T00:00:00Z"},
				{"id":"cus_2","addresses":"none","updated_at":"2024-01-01T00:00:01Z"},{"id":"cus_3","updated_at":"soon"}],"count":3}`
		case "/admin/products":
			return http.StatusOK, `{"products":[{"id":"prod_1","title":"Salt &amp; Pepper","variants":[{"sku":12345,"manage_inventory":0}],"updated_at":"2024-01-01T00:00:00Z"},
				{"id":"prod_2","title":"x","variants":"none","updated_at":"2024-01-01T00:00:01Z"}]}`
		}
		return http.StatusOK, `{"variants":[]}`
	})
	customers, err := s.CustomerChanges(t.Context(), crm.Mark{}, 10)
	if err != nil || len(customers.Items) != 1 || len(customers.Unreadable) != 2 || customers.Items[0].Phone != "441632960123" {
		t.Errorf("customers: %+v, %v, %v", customers.Items, customers.Unreadable, err)
	}
	products, err := s.ProductChanges(t.Context(), crm.Mark{}, 10)
	if err != nil || len(products.Items) != 1 || len(products.Unreadable) != 1 || products.Unreadable[0].ExternalID != "prod_2" {
		t.Fatalf("products: %+v, %v, %v", products.Items, products.Unreadable, err)
	}
	if p := products.Items[0]; p.Title != "Salt &amp; Pepper" || p.Variants[0].SKU != "12345" {
		t.Errorf("%+v", p)
	}
}
