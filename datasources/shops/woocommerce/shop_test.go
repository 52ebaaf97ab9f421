package woocommerce_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/shops/woocommerce"
	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

const (
	source      = "boutique"
	credentials = woocommercetest.Key + ":" + woocommercetest.Secret
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// open returns a shop over the simulator.
func open(t *testing.T, server http.Handler) *woocommerce.Shop {
	t.Helper()
	return openWith(t, server, credentials)
}

func openWith(t *testing.T, server http.Handler, credentials string) *woocommerce.Shop {
	t.Helper()
	site := httptest.NewServer(server)
	t.Cleanup(site.Close)
	shop, err := woocommerce.New(woocommerce.Config{Source: source, URL: site.URL, Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	return shop
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05") }

// anOrder makes an order as WooCommerce writes it, of 12.00 USD and 2.40 tax.
func anOrder(id, account int, email string, at time.Time) woocommercetest.Object {
	return woocommercetest.Object{
		"id": id, "number": strconv.Itoa(id), "status": "processing", "currency": "USD", "created_via": "checkout",
		"date_created_gmt": stamp(at), "date_modified_gmt": stamp(at), "date_paid_gmt": stamp(at),
		"discount_total": "0.00", "shipping_total": "0.00", "total_tax": "2.40", "total": "14.40",
		"customer_id": account, "payment_method": "card", "payment_method_title": "Card",
		"billing":  woocommercetest.Object{"first_name": "A", "last_name": "Shopper", "email": email},
		"shipping": woocommercetest.Object{},
		"line_items": []any{woocommercetest.Object{
			"id": id*10 + 1, "name": "Mug", "product_id": 7, "quantity": 2, "sku": "MUG",
			"subtotal": "12.00", "subtotal_tax": "2.40", "total": "12.00", "total_tax": "2.40",
		}},
		"refunds": []any{},
	}
}

func anAccount(id int, email string, changed time.Time) woocommercetest.Object {
	return woocommercetest.Object{
		"id": id, "email": email, "first_name": "A", "last_name": "Shopper", "role": "customer",
		"date_created_gmt": stamp(start), "date_modified_gmt": stamp(changed),
		"billing": woocommercetest.Object{}, "shipping": woocommercetest.Object{},
	}
}

func with(o woocommercetest.Object, name string, value any) woocommercetest.Object {
	o[name] = value
	return o
}

func shopper(id string, accounts []string, emails ...string) crm.Shopper {
	return crm.Shopper{CustomerID: crm.DerivedID(crm.KindCustomer, "test", id), ExternalIDs: accounts, Emails: emails}
}

// odd makes one member of an order something else in the answers of a shop.
func odd(shop http.Handler, id int, member string, value any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		shop.ServeHTTP(recorded, r)
		body := recorded.Body.Bytes()
		var records []woocommercetest.Object
		if strings.HasSuffix(r.URL.Path, "/orders") && json.Unmarshal(body, &records) == nil {
			for _, record := range records {
				if record["id"] == float64(id) {
					if _, asked := record[member]; asked {
						record[member] = value
					}
				}
			}
			body, _ = json.Marshal(records)
		}
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(body)
	})
}
