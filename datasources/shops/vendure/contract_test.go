package vendure_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/vendure"
	"github.com/customer360/gateway/internal/crm"
)

// realShop is the configuration of a running Vendure as scripts/shops/vendure
// makes it.
func realShop(t testing.TB) vendure.Config {
	t.Helper()
	url, file := os.Getenv("VENDURE_URL"), os.Getenv("VENDURE_CREDENTIALS")
	if url == "" || file == "" {
		if os.Getenv("REQUIRE_SHOPS") == "1" {
			t.Fatal("VENDURE_URL and VENDURE_CREDENTIALS must name a Vendure")
		}
		t.Skip("VENDURE_URL and VENDURE_CREDENTIALS name no Vendure; scripts/shops/vendure/run.sh starts one")
	}
	return vendure.Config{Source: "vendure-eu", URL: url, Credentials: credentials(t, "")}
}

// credentials reads the file of VENDURE_CREDENTIALS, or another one beside it.
func credentials(t testing.TB, suffix string) string {
	t.Helper()
	file := os.Getenv("VENDURE_CREDENTIALS")
	if suffix != "" {
		file = filepath.Join(filepath.Dir(file), "credentials-"+suffix)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// listed is an order as the API's own list of all orders tells it.
type listed struct {
	ID, Code      string
	OrderPlacedAt time.Time
	TotalWithTax  int64
	Customer      struct{ EmailAddress string }
}

// listOrders asks for all placed orders, without the adapter.
func listOrders(t testing.TB, c vendure.Config) map[string][]listed {
	t.Helper()
	body := `{"query":"{ orders(options: {take: 1000, filter: {active: {eq: false}, orderPlacedAt: {isNull: false}}}) { items { id code orderPlacedAt totalWithTax customer { emailAddress } } } }"}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL+"/admin-api", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("vendure-api-key", c.Credentials)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Data struct{ Orders struct{ Items []listed } }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	byEmail := map[string][]listed{}
	for _, o := range answer.Data.Orders.Items {
		byEmail[o.Customer.EmailAddress] = append(byEmail[o.Customer.EmailAddress], o)
	}
	if len(byEmail) < 20 {
		t.Fatalf("the shop has orders of %d customers, want 20: seed it", len(byEmail))
	}
	return byEmail
}

// twenty are the shoppers that the shop was seeded with.
func twenty() []crm.Shopper {
	var shoppers []crm.Shopper
	for n := range 20 {
		email := fmt.Sprintf("shopper%04d@example.test", n)
		shoppers = append(shoppers, crm.Shopper{CustomerID: crm.ID("cus_" + email), Emails: []string{email}})
	}
	return shoppers
}

func summary(at time.Time, code string, total int64) string {
	return at.UTC().Format(time.RFC3339Nano) + " " + code + " " + fmt.Sprint(total)
}

func summaries(orders []*crm.Order) []string {
	lines := []string{}
	for _, o := range orders {
		lines = append(lines, summary(o.PlacedAt, o.Number, o.Total().Minor))
	}
	return lines
}

func expected(orders []listed) []string {
	slices.SortFunc(orders, func(a, b listed) int { return cmp.Or(b.OrderPlacedAt.Compare(a.OrderPlacedAt)) })
	lines := []string{}
	for _, o := range orders {
		lines = append(lines, summary(o.OrderPlacedAt, o.Code, o.TotalWithTax))
	}
	return lines
}

func TestRealOrdersOf(t *testing.T) {
	config := realShop(t)
	all := listOrders(t, config)
	for _, kind := range []string{"", "bearer"} {
		requests := 0
		config.Credentials, config.Observe = credentials(t, kind), func(string) { requests++ }
		shop := newShop(t, config)
		for _, n := range []int{1, 20} {
			requests = 0
			shoppers := twenty()[:n]
			began := time.Now()
			found, err := shop.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 10})
			if err != nil || requests != 1 {
				t.Fatalf("%d shoppers: %d requests, %v", n, requests, err)
			}
			t.Logf("%d shoppers with %q: %v", n, cmp.Or(kind, "key"), time.Since(began))
			for _, s := range shoppers {
				if diff := gocmp.Diff(expected(all[s.Emails[0]]), summaries(found[s.CustomerID].Items)); diff != "" || found[s.CustomerID].More {
					t.Errorf("%s (-want +got):\n%s", s.Emails[0], diff)
				}
			}
			counts, err := shop.CountOrders(t.Context(), shoppers)
			if err != nil || counts[shoppers[n-1].CustomerID] != len(all[shoppers[n-1].Emails[0]]) {
				t.Errorf("counts %v, %v", counts, err)
			}
		}
	}
}

// TestRealStretches pages both ways, by one and by two, for one who asks by an
// address in another case and by the shop's id.
func TestRealStretches(t *testing.T) {
	config := realShop(t)
	want := expected(listOrders(t, config)["shopper0003@example.test"])
	config.Credentials = credentials(t, "bearer")
	shop := newShop(t, config)
	shopper := crm.Shopper{CustomerID: "cus_3", Emails: []string{crm.EmailKey(" Shopper0003@EXAMPLE.test")}}
	found, err := shop.OrdersOf(t.Context(), []crm.Shopper{shopper}, crm.Stretch{Limit: 1})
	if err != nil || !found["cus_3"].More {
		t.Fatalf("%v, %v", found, err)
	}
	byID, err := shop.OrdersByID(t.Context(), []string{found["cus_3"].Items[0].ExternalID, "404404"})
	if err != nil || len(byID) != 1 {
		t.Fatalf("%v, %v", byID, err)
	}
	for _, o := range byID {
		shopper.ExternalIDs = []string{o.Buyer.ExternalID}
	}
	for _, oldest := range []bool{false, true} {
		for limit := 1; limit <= 2; limit++ {
			got := []string{}
			s := crm.Stretch{OldestFirst: oldest, Limit: limit}
			for more := true; more; {
				found, err := shop.OrdersOf(t.Context(), []crm.Shopper{shopper}, s)
				if err != nil {
					t.Fatal(err)
				}
				items := found["cus_3"].Items
				got, more = append(got, summaries(items)...), found["cus_3"].More
				if more && len(items) < limit {
					t.Fatalf("%d orders for a limit of %d", len(items), limit)
				}
				if last := items[len(items)-1].PlacedAt; oldest {
					s.Earliest = new(time.Time)
					*s.Earliest = last.Add(time.Millisecond)
				} else {
					s.Latest = new(time.Time)
					*s.Latest = last.Add(-time.Millisecond)
				}
			}
			if oldest {
				slices.Reverse(got)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("oldest first %v, limit %d (-want +got):\n%s", oldest, limit, diff)
			}
		}
	}
	// The bounds are included, to the millisecond.
	at := found["cus_3"].Items[0].PlacedAt
	exact, err := shop.OrdersOf(t.Context(), []crm.Shopper{shopper}, crm.Stretch{Earliest: &at, Latest: &at, Limit: 5})
	if err != nil || len(exact["cus_3"].Items) != 1 {
		t.Errorf("at %v: %v, %v", at, summaries(exact["cus_3"].Items), err)
	}
}

func TestRealChanges(t *testing.T) {
	config := realShop(t)
	want := []string{}
	for _, orders := range listOrders(t, config) {
		for _, o := range orders {
			want = append(want, o.ID)
		}
	}
	slices.Sort(want)
	config.Credentials = credentials(t, "bearer")
	shop := newShop(t, config)
	for _, limit := range []int{7, 100} {
		seen, rest := follow(t, crm.Mark{}, limit, orderID, shop.OrderChanges)
		if diff := gocmp.Diff(want, slices.Sorted(maps.Keys(seen))); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
		again, restAgain := follow(t, rest, limit, orderID, shop.OrderChanges)
		if diff := gocmp.Diff(slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(again))); diff != "" || rest != restAgain {
			t.Errorf("again from %v, to %v (-first +second):\n%s", rest, restAgain, diff)
		}
	}
	customers, _ := follow(t, crm.Mark{}, 7, func(c *crm.ShopCustomer) string { return c.Email }, shop.CustomerChanges)
	for _, s := range twenty() {
		if customers[s.Emails[0]] == 0 {
			t.Errorf("%s is no customer among %d", s.Emails[0], len(customers))
		}
	}
	products, rest := follow(t, crm.Mark{}, 7, func(p *crm.Product) string { return p.ExternalID }, shop.ProductChanges)
	if len(products) < 20 {
		t.Errorf("%d products", len(products))
	}
	follow(t, rest, 7, func(p *crm.Product) string { return p.ExternalID }, shop.ProductChanges)
}

func TestRealCatalogAndCarts(t *testing.T) {
	config := realShop(t)
	shop := newShop(t, config)
	bySKU, err := shop.ProductsBySKU(t.Context(), []string{"L2201308", "L2201508", "none"})
	if err != nil || len(bySKU) != 2 || bySKU["L2201308"].ID != bySKU["L2201508"].ID {
		t.Fatalf("%v, %v", bySKU, err)
	}
	id := bySKU["L2201308"].ExternalID
	byID, err := shop.ProductsByID(t.Context(), []string{id, "404404"})
	if err != nil || len(byID) != 1 {
		t.Fatalf("%v, %v", byID, err)
	}
	if diff := gocmp.Diff(bySKU["L2201308"], byID[id]); diff != "" {
		t.Errorf("by SKU and by id (-sku +id):\n%s", diff)
	}
	carts, err := shop.CartsOf(t.Context(), twenty())
	if err != nil || len(carts) != 20 {
		t.Fatalf("%v, %v", carts, err)
	}
	for n, s := range twenty() {
		found := carts[s.CustomerID].Items
		if (n%5 == 0) != (len(found) == 1) {
			t.Errorf("%s has %d carts", s.Emails[0], len(found))
		}
		for _, c := range found {
			if c.CustomerID != s.CustomerID || len(c.Lines) != 1 || c.Lines[0].Quantity != 3 || c.Total.Minor <= 0 {
				t.Errorf("%s has the cart %+v", s.Emails[0], c)
			}
		}
	}
}

func TestRealCheck(t *testing.T) {
	config := realShop(t)
	for _, test := range []struct {
		name, credentials string
		missing           []string
		code              crm.Code
	}{
		{"key", config.Credentials, []string{}, ""},
		{"bearer", credentials(t, "bearer"), []string{}, ""},
		{"a limited key", credentials(t, "limited"), []string{"ReadOrder", "ReadCatalog"}, ""},
		{"a wrong secret", strings.Split(config.Credentials, ":")[0] + ":wrong", nil, crm.CodeUnauthenticated},
		{"a wrong token", "Bearer wrong", nil, crm.CodeUnauthenticated},
	} {
		c := config
		c.Credentials = test.credentials
		missing, err := newShop(t, c).Check(t.Context())
		if diff := gocmp.Diff(test.missing, missing); diff != "" || (err == nil) != (test.code == "") || (err != nil && crm.CodeOf(err) != test.code) {
			t.Errorf("%s: %v\n%s", test.name, err, diff)
		}
	}
}

// BenchmarkOrdersOf asks a real Vendure for 20 shoppers' orders.
func BenchmarkOrdersOf(b *testing.B) {
	config := realShop(b)
	for _, kind := range []string{"key", "bearer"} {
		b.Run(kind, func(b *testing.B) {
			config.Credentials = credentials(b, strings.TrimPrefix(kind, "key"))
			shop, err := vendure.New(config)
			if err != nil {
				b.Fatal(err)
			}
			defer shop.Close()
			for b.Loop() {
				if _, err := shop.OrdersOf(b.Context(), twenty(), crm.Stretch{Limit: 10}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
