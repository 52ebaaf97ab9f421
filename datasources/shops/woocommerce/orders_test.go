package woocommerce_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

// crowd is a shop with orders of accounts, of guests and of both, some within one
// second, and what is no order of anybody's. Every fourth order has an address on
// its bill that is not the account's.
func crowd(n int) (woocommercetest.Data, shoptest.Data) {
	emails := map[int]string{1: "ann@example.test", 2: "bob@example.test", 3: "cy+shop@example.test"}
	buyers := []struct {
		account int
		email   string
	}{
		{1, emails[1]},
		{0, "ann@example.test"},
		{2, emails[2]},
		{0, "Guest@Example.test"},
		{3, emails[3]},
		{0, "other+guest@example.test"},
		{0, "notguest@example.test"},
	}
	var data woocommercetest.Data
	known := shoptest.Data{Shoppers: []crm.Shopper{
		shopper("by account", []string{"1"}),
		shopper("by address", nil, "bob@example.test"),
		shopper("guest", nil, "guest@example.test"),
		shopper("both", []string{"1"}, "ann@example.test"),
		shopper("two accounts", []string{"2"}, "cy+shop@example.test", "other+guest@example.test"),
		shopper("nobody", []string{"99", "all", ""}, "nobody@example.test"),
	}}
	for id, email := range emails {
		data.Customers = append(data.Customers, anAccount(id, email, start))
	}
	for i := range n {
		buyer := buyers[i%len(buyers)]
		at := start.Add(time.Duration(i/5*7) * time.Second) // five in a second
		o := anOrder(100+i, buyer.account, buyer.email, at)
		if i%4 == 0 && buyer.account != 0 {
			o["billing"] = woocommercetest.Object{"email": "guest@example.test"}
		}
		data.Orders = append(data.Orders, o)
		b := crm.Buyer{Email: buyer.email}
		if buyer.account != 0 {
			b.ExternalID = strconv.Itoa(buyer.account)
		}
		known.Orders = append(known.Orders, &crm.ShopOrder{
			Order: &crm.Order{ExternalID: strconv.Itoa(100 + i), PlacedAt: at}, Buyer: b,
		})
	}
	for i, status := range []string{"trash", "checkout-draft", "auto-draft"} {
		data.Orders = append(data.Orders, with(anOrder(900+i, 1, emails[1], start.Add(time.Second)), "status", status))
	}
	data.Orders = append(data.Orders, with(anOrder(910, 1, emails[1], start), "date_created_gmt", nil))
	return data, known
}

func TestConformance(t *testing.T) {
	data, known := crowd(63)
	shoptest.Conformance(t, open(t, woocommercetest.New(data)), known)
}

// More orders than a page of the shop has.
func TestManyOrders(t *testing.T) {
	data, known := crowd(900)
	shop := open(t, woocommercetest.New(data))
	for _, p := range known.Shoppers {
		mine := 0
		for _, o := range known.Orders {
			if p.Is(o.Buyer) {
				mine++
			}
		}
		counts, err := shop.CountOrders(context.Background(), []crm.Shopper{p})
		if err != nil || counts[p.CustomerID] != mine {
			t.Errorf("%v: %d orders, %v; want %d", p, counts[p.CustomerID], err, mine)
		}
		got, err := shop.OrdersOf(context.Background(), []crm.Shopper{p}, crm.Stretch{Limit: 1000})
		if err != nil || len(got[p.CustomerID].Items) != mine || got[p.CustomerID].More {
			t.Errorf("%v: %d orders, more %v, %v; want %d", p, len(got[p.CustomerID].Items), got[p.CustomerID].More, err, mine)
		}
	}
}

// A shop, or something before it, that ignores the filters answers with
// everybody's orders and accounts: none of the others' reaches the shopper.
func TestForeignOrders(t *testing.T) {
	data, known := crowd(160)
	server := woocommercetest.New(data)
	server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		query := r.URL.Query()
		for _, filter := range []string{"customer", "search", "email", "include", "before", "after"} {
			query.Del(filter)
		}
		r.URL.RawQuery = query.Encode()
		return false
	})
	shop := open(t, server)
	for _, p := range known.Shoppers {
		got, err := shop.OrdersOf(context.Background(), []crm.Shopper{p}, crm.Stretch{Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range got[p.CustomerID].Items {
			i := slices.IndexFunc(known.Orders, func(k *crm.ShopOrder) bool { return k.Order.ExternalID == o.ExternalID })
			if i < 0 || !p.Is(known.Orders[i].Buyer) {
				t.Errorf("%v got order %s of somebody else", p, o.ExternalID)
			}
		}
	}
	orders, err := shop.OrdersByID(context.Background(), []string{"250", "0", "x", "250,251"})
	if err != nil || len(orders) != 1 || orders["250"] == nil {
		t.Errorf("OrdersByID: %d orders, %v; want 250 alone", len(orders), err)
	}
}

// What a shop cannot have, it is not asked for: an empty filter is none.
func TestNothingToAsk(t *testing.T) {
	server := woocommercetest.New(woocommercetest.Data{})
	shop := open(t, server)
	orders, err := shop.OrdersByID(context.Background(), []string{"", "x", "0", "1e3"})
	if err != nil || len(orders) != 0 {
		t.Errorf("OrdersByID: %v, %v", orders, err)
	}
	products, err := shop.ProductsByID(context.Background(), nil)
	if err != nil || len(products) != 0 {
		t.Errorf("ProductsByID: %v, %v", products, err)
	}
	bySKU, err := shop.ProductsBySKU(context.Background(), []string{""})
	if err != nil || len(bySKU) != 0 {
		t.Errorf("ProductsBySKU: %v, %v", bySKU, err)
	}
	if asked := server.Requests(); len(asked) != 0 {
		t.Errorf("asked for %q", asked)
	}
}

// The number of requests is the one that doc.go says.
func TestRequests(t *testing.T) {
	data, _ := crowd(160)
	server := woocommercetest.New(data)
	shop := open(t, server)
	_, err := shop.OrdersOf(context.Background(), []crm.Shopper{shopper("x", []string{"1"}, "ann@example.test")}, crm.Stretch{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	asked := server.Requests()
	paths := make([]string, len(asked))
	for i, a := range asked {
		paths[i], _, _ = strings.Cut(a, "?")
	}
	if diff := cmp.Diff([]string{"customers", "orders", "orders"}, paths); diff != "" {
		t.Errorf("requests (-want +got):\n%s\n%q", diff, asked)
	}
}

// The next page is counted, never followed: a link elsewhere is no way to the key.
func TestLinksAreNotFollowed(t *testing.T) {
	data, _ := crowd(160)
	server := woocommercetest.New(data)
	elsewhere := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Link", `<http://elsewhere.example/wp-json/wc/v3/orders?page=2>; rel="next"`)
		return false
	}
	server.Intercept(elsewhere)
	got, err := open(t, server).OrdersOf(context.Background(), []crm.Shopper{shopper("x", []string{"1"})}, crm.Stretch{Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, orders := range got {
		if len(orders.Items) < 4 {
			t.Errorf("%d orders", len(orders.Items))
		}
	}
}

// An order that makes no sense is an error where it is asked for, and costs neither
// others of its customer nor a walk through all.
func TestUnreadableOrders(t *testing.T) {
	for name, bad := range map[string]woocommercetest.Object{
		"currency": with(anOrder(2, 1, "a@example.test", start), "currency", "BTC"),
		"amount":   with(anOrder(2, 1, "a@example.test", start), "total", "1e9"),
		"too much": with(anOrder(2, 1, "a@example.test", start), "total", "999999999999999999.00"),
	} {
		t.Run(name, func(t *testing.T) {
			shop := open(t, woocommercetest.New(woocommercetest.Data{
				Orders: []woocommercetest.Object{anOrder(1, 1, "a@example.test", start), bad},
			}))
			orders, err := shop.OrdersByID(context.Background(), []string{"1", "2"})
			if crm.CodeOf(err) != crm.CodeUnavailable || len(orders) != 1 || orders["1"] == nil {
				t.Errorf("OrdersByID: %v, %v; want order 1 and %s", orders, err, crm.CodeUnavailable)
			}
			got, err := shop.OrdersOf(context.Background(), []crm.Shopper{shopper("a", []string{"1"})}, crm.Stretch{Limit: 5})
			for _, orders := range got {
				if err != nil || len(orders.Items) != 1 || len(orders.Unreadable) != 1 || orders.Unreadable[0].ExternalID != "2" {
					t.Errorf("OrdersOf: %+v, %v; want order 1, and 2 unreadable", orders, err)
				}
			}
			page, err := shop.OrderChanges(context.Background(), crm.Mark{}, 10)
			if err != nil || len(page.Items) != 1 || page.More {
				t.Errorf("OrderChanges: %d, more %v, %v; want one order", len(page.Items), page.More, err)
			}
		})
	}
}
