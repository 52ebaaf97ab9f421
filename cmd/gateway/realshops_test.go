package main_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

// shopper gives the address of a customer that every shop's seed makes.
func shopper(i int) string { return fmt.Sprintf("shopper%04d@example.test", i) }

// shoppers is how many customers have orders in every source.
const shoppers = 20

// sale is an order as its shop tells of it, read without the gateway.
type sale struct {
	ID       string
	Amount   string
	Currency string
	at       time.Time
}

// realShop is a shop that runs beside the tests.
type realShop struct {
	name, kind, url, credentials string // credentials is a file's path
	// sales lists every order by its buyer's address, through the shop's own API.
	sales func(t *testing.T, url, credentials string) map[string][]sale
}

// realShops gives the shops that the environment names. With REQUIRE_SHOPS a
// missing one is a failure.
func realShops(t *testing.T) []realShop {
	t.Helper()
	all := []realShop{
		{name: "medusa", kind: "medusa", sales: medusaSales},
		{name: "shopify", kind: "shopify", sales: shopifySales},
		{name: "vendure-eu", kind: "vendure", sales: vendureSales},
	}
	for i := range all {
		variable := strings.ToUpper(all[i].kind)
		all[i].url, all[i].credentials = os.Getenv(variable+"_URL"), os.Getenv(variable+"_CREDENTIALS")
		if all[i].url != "" && all[i].credentials != "" {
			// Vendure's keys cost 250 ms a request, a session nothing.
			if session := all[i].credentials + "-bearer"; all[i].kind == "vendure" {
				if _, err := os.Stat(session); err == nil {
					all[i].credentials = session
				}
			}
			continue
		}
		if os.Getenv("REQUIRE_SHOPS") != "" {
			t.Fatalf("REQUIRE_SHOPS is set, and %s_URL or %s_CREDENTIALS is not", variable, variable)
		}
		t.Skipf("the test of real shops did not run: %s_URL and %s_CREDENTIALS name none; `make shops` starts them", variable, variable)
	}
	return all
}

// asked sends a request with a shop's own credentials and decodes the answer.
func asked(t *testing.T, method, url, header, value, body string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, value)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %.300s", url, resp.StatusCode, content)
	}
	var whole struct{ Errors json.RawMessage }
	if err := json.Unmarshal(content, &whole); err != nil || whole.Errors != nil { // GraphQL's, with 200.
		t.Fatalf("%s answers %.300s", url, content)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v: %.300s", err, content)
	}
}

// exact gives an amount in major units with its currency's digits; halves of the
// last are rounded away from zero, as shops reckon taxes to more digits.
func exact(t *testing.T, amount, currency string) string {
	t.Helper()
	digits, known := crm.Exponent(currency)
	number, ok := new(big.Rat).SetString(amount)
	if !ok || !known {
		t.Fatalf("%q is no amount of %q", amount, currency)
	}
	return number.FloatString(digits)
}

func vendureSales(t *testing.T, url, credentials string) map[string][]sale {
	t.Helper()
	var answer struct {
		Data struct {
			Orders struct {
				Items []struct {
					ID, CurrencyCode string
					OrderPlacedAt    time.Time
					TotalWithTax     int64
					Customer         struct{ EmailAddress string }
				}
			}
		}
	}
	header := "vendure-api-key"
	if strings.HasPrefix(credentials, "Bearer ") {
		header = "Authorization"
	}
	asked(t, http.MethodPost, url+"/admin-api", header, credentials, `{"query": "{ orders(options: {take: 1000, filter: {active: {eq: false}}}) { items { id currencyCode orderPlacedAt totalWithTax customer { emailAddress } } } }"}`, &answer)
	sales := map[string][]sale{}
	for _, o := range answer.Data.Orders.Items {
		total := crm.Money{Minor: o.TotalWithTax, CurrencyCode: o.CurrencyCode}
		sales[o.Customer.EmailAddress] = append(sales[o.Customer.EmailAddress], sale{
			"ord_vendure-eu." + o.ID, string(total.Amount()), o.CurrencyCode, o.OrderPlacedAt,
		})
	}
	return sales
}

func medusaSales(t *testing.T, url, credentials string) map[string][]sale {
	t.Helper()
	var answer struct {
		Orders []struct {
			ID, Email    string
			CurrencyCode string    `json:"currency_code"`
			CreatedAt    time.Time `json:"created_at"`
			// What was bought: Medusa's own total shrinks with what is returned.
			Summary struct {
				Original json.Number `json:"original_order_total"`
			}
		}
	}
	value := "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials+":"))
	if strings.HasPrefix(credentials, "Bearer ") {
		value = credentials
	}
	asked(t, http.MethodGet, url+"/admin/orders?limit=1000&fields=id,email,summary.*,currency_code,created_at", "Authorization", value, "", &answer)
	sales := map[string][]sale{}
	for _, o := range answer.Orders {
		currency := strings.ToUpper(o.CurrencyCode)
		sales[o.Email] = append(sales[o.Email], sale{"ord_medusa." + o.ID, exact(t, o.Summary.Original.String(), currency), currency, o.CreatedAt})
	}
	return sales
}

func shopifySales(t *testing.T, url, credentials string) map[string][]sale {
	t.Helper()
	sales := map[string][]sale{}
	after := "null"
	for {
		var answer struct {
			Data struct {
				Orders struct {
					Nodes []struct {
						ID, Email     string
						ProcessedAt   time.Time
						TotalPriceSet struct {
							ShopMoney struct{ Amount, CurrencyCode string }
						}
					}
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		query := fmt.Sprintf(`{ orders(first: 100, after: %s) { nodes { id email processedAt totalPriceSet { shopMoney { amount currencyCode } } } pageInfo { hasNextPage endCursor } } }`, after)
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		asked(t, http.MethodPost, url+"/admin/api/2026-07/graphql.json", "X-Shopify-Access-Token", credentials, string(body), &answer)
		for _, o := range answer.Data.Orders.Nodes {
			money := o.TotalPriceSet.ShopMoney
			sales[o.Email] = append(sales[o.Email], sale{
				"ord_shopify." + o.ID[strings.LastIndexByte(o.ID, '/')+1:], exact(t, money.Amount, money.CurrencyCode), money.CurrencyCode, o.ProcessedAt,
			})
		}
		if !answer.Data.Orders.PageInfo.HasNextPage {
			return sales
		}
		after = strconv.Quote(answer.Data.Orders.PageInfo.EndCursor)
	}
}

// newStore makes a store with the customers, and some orders of the company's
// own that fall among those of the shops, two of them at the same instant as one
// of a shop.
func newStore(t *testing.T, sold map[string][]sale) (path string, ids []crm.ID, own map[string][]sale) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close(t.Context()) }()
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	own = map[string][]sale{}
	var customers []crm.Write[crm.Customer]
	var orders []crm.Write[crm.Order]
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i := range shoppers {
		c := &crm.Customer{
			ID: crm.DerivedID(crm.KindCustomer, "erp", strconv.Itoa(i)), Version: 1, CreatedAt: now, UpdatedAt: now,
			Emails: []crm.EmailAddress{{Address: strings.ToUpper(shopper(i)), Verified: true, Primary: true}},
		}
		c.Complete()
		ids = append(ids, c.ID)
		customers = append(customers, crm.Write[crm.Customer]{Record: c})
		theirs := sold[shopper(i)]
		at := []time.Time{now, theirs[0].at.UTC().Truncate(time.Millisecond), theirs[0].at.UTC().Truncate(time.Millisecond), theirs[len(theirs)/2].at.UTC().Add(time.Millisecond).Truncate(time.Millisecond)}
		for k, placed := range at {
			total := crm.Money{Minor: int64(1000*i + k), CurrencyCode: "EUR"}
			o := &crm.Order{
				ID: crm.DerivedID(crm.KindOrder, "erp", fmt.Sprintf("%d-%d", i, k)), Number: "n", Source: "erp", ExternalID: fmt.Sprintf("%d-%d", i, k),
				CustomerID: c.ID, PlacedAt: placed, Price: crm.PriceBreakdown{Subtotal: total, Discount: crm.Money{CurrencyCode: "EUR"}, Shipping: crm.Money{CurrencyCode: "EUR"}, Tax: crm.Money{CurrencyCode: "EUR"}, Total: total},
			}
			o.Complete()
			orders = append(orders, crm.Write[crm.Order]{Record: o})
			own[shopper(i)] = append(own[shopper(i)], sale{string(o.ID), string(total.Amount()), "EUR", placed})
		}
	}
	stored(t, store.Customers(), customers)
	stored(t, store.Orders(), orders)
	return path, ids, own
}

func stored[T any](t *testing.T, to crm.Writer[T], writes []crm.Write[T]) {
	t.Helper()
	results, err := to.Write(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range results {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// configFile writes a configuration with the shops, all live, without a cache.
func configFile(t *testing.T, shops []realShop) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("shops:\n")
	for _, s := range shops {
		fmt.Fprintf(&text, "  - name: %s\n    kind: %s\n    url: %s\n    mode: live\n    credentials_file: %s\n    cache_ttl: 0s\n    timeout: 10s\n", s.name, s.kind, s.url, s.credentials)
	}
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// page is a page of a customer's orders.
type orderPage struct {
	Sources []struct{ Source, State string }
	Edges   []struct {
		Cursor string
		Node   struct{ ID string }
	}
	Nodes []struct {
		ID    string
		Total struct{ Amount, CurrencyCode string }
		Lines []struct {
			Title   string
			Product *struct{ ID, Title string }
		}
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       string
	}
}

func (p orderPage) sales() []sale {
	var list []sale
	for _, o := range p.Nodes {
		list = append(list, sale{ID: o.ID, Amount: o.Total.Amount, Currency: o.Total.CurrencyCode})
	}
	return list
}

// query asks the gateway; an error in the answer fails the test.
func query(t *testing.T, url, document string, variables map[string]any, into any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := fetch(t, url, string(body))
	var whole struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal([]byte(answer), &whole); err != nil || status != http.StatusOK || whole.Errors != nil {
		t.Fatalf("%d %.800s", status, answer)
	}
	if err := json.Unmarshal(whole.Data, into); err != nil {
		t.Fatal(err)
	}
}

// shopCalls gives how many HTTP requests each shop got so far, by /metrics.
func shopCalls(t *testing.T, s served, shops []realShop) map[string]int {
	t.Helper()
	_, metrics := fetch(t, s.metrics, "")
	counts := map[string]int{}
	for _, shop := range shops {
		for _, found := range regexp.MustCompile(`(?m)^customer360_source_calls_total\{.*source="`+shop.name+`".*\} (\d+)$`).FindAllStringSubmatch(metrics, -1) {
			n, err := strconv.Atoi(found[1])
			if err != nil {
				t.Fatal(err)
			}
			counts[shop.name] += n
		}
	}
	return counts
}

// One gateway over a store, a real Vendure, a real Medusa and the mock of
// Shopify answers customer-360 for every customer as a flat list says that was
// read from each shop by its own API.
func TestRealShops(t *testing.T) {
	shops := realShops(t)
	want := map[string][]sale{}
	for _, shop := range shops {
		content, err := os.ReadFile(shop.credentials)
		if err != nil {
			t.Fatal(err)
		}
		sales := shop.sales(t, shop.url, strings.TrimSpace(string(content)))
		for i := range shoppers {
			if len(sales[shopper(i)]) == 0 {
				t.Fatalf("%s has no orders of %s", shop.name, shopper(i))
			}
			want[shopper(i)] = append(want[shopper(i)], sales[shopper(i)]...)
		}
	}
	path, ids, own := newStore(t, want)
	for i := range shoppers {
		list := append(want[shopper(i)], own[shopper(i)]...)
		slices.SortFunc(list, func(a, b sale) int {
			return cmp.Or(b.at.Truncate(time.Millisecond).Compare(a.at.Truncate(time.Millisecond)), strings.Compare(b.ID, a.ID))
		})
		for k := range list {
			list[k].at = time.Time{}
		}
		want[shopper(i)] = list
	}
	document, err := os.ReadFile("../../internal/schematest/testdata/journeys/dashboard/customer-360.graphql")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, nil, "serve", "--store", "sqlite:"+path, "--config", configFile(t, shops))

	for i, id := range ids {
		forward, totals := pagesForward(t, s, string(document), id)
		if diff := gocmp.Diff(want[shopper(i)], forward, gocmp.AllowUnexported(sale{})); diff != "" {
			t.Errorf("%s, paging forward (-shops +gateway):\n%s", shopper(i), diff)
		}
		if diff := gocmp.Diff(totalsOf(t, want[shopper(i)]), totals); diff != "" {
			t.Errorf("%s, totals per currency (-shops +gateway):\n%s", shopper(i), diff)
		}
		backward := pagesBackward(t, s, id)
		if diff := gocmp.Diff(want[shopper(i)], backward, gocmp.AllowUnexported(sale{})); diff != "" {
			t.Errorf("%s, paging backward (-shops +gateway):\n%s", shopper(i), diff)
		}
	}
	testCalls(t, s, shops, string(document), ids)
	logTimes(t, s, shops, string(document), ids[0])
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d, log:\n%s", code, s.log)
	}
	if strings.Contains(s.log.String(), "example.test") {
		t.Errorf("the log holds an address:\n%s", s.log)
	}
}

func totalsOf(t *testing.T, list []sale) map[string]int64 {
	t.Helper()
	totals := map[string]int64{}
	for _, s := range list {
		money, err := crm.ParseMoney(s.Amount, s.Currency)
		if err != nil {
			t.Fatal(err)
		}
		totals[s.Currency] += money.Minor
	}
	return totals
}

// pagesForward follows the journey's own cursors to the end.
func pagesForward(t *testing.T, s served, document string, id crm.ID) ([]sale, map[string]int64) {
	t.Helper()
	var all []sale
	for after := any(nil); ; {
		var answer struct{ Customer struct{ Orders orderPage } }
		query(t, s.graphql, document, map[string]any{"id": id, "orders": 3, "after": after}, &answer)
		orders := answer.Customer.Orders
		var states []string
		for _, source := range orders.Sources {
			states = append(states, source.Source+" "+source.State)
		}
		if diff := gocmp.Diff([]string{"medusa OK", "shopify OK", "store OK", "vendure-eu OK"}, states); diff != "" {
			t.Fatalf("sources (-want +got):\n%s", diff)
		}
		for _, o := range orders.Nodes {
			for _, l := range o.Lines {
				if !strings.HasPrefix(o.ID, "ord_erp.") && (l.Product == nil || l.Product.Title == "") {
					t.Errorf("%s: line %q has no product", o.ID, l.Title)
				}
			}
		}
		all = append(all, orders.sales()...)
		if !orders.PageInfo.HasNextPage {
			return all, totalsOf(t, all)
		}
		after = orders.PageInfo.EndCursor
	}
}

// pagesBackward pages from the end to the start and gives the list's order.
func pagesBackward(t *testing.T, s served, id crm.ID) []sale {
	t.Helper()
	var all []sale
	for before := any(nil); ; {
		var answer struct{ Customer struct{ Orders orderPage } }
		query(t, s.graphql, `query($id: ID!, $before: String) { customer(id: $id) { orders(last: 4, before: $before) {
			nodes { id total { amount currencyCode } } pageInfo { hasPreviousPage startCursor } } } }`,
			map[string]any{"id": id, "before": before}, &answer)
		orders := answer.Customer.Orders
		all = append(orders.sales(), all...)
		if !orders.PageInfo.HasPreviousPage {
			return all
		}
		before = orders.PageInfo.StartCursor
	}
}

// testCalls asks for 1 customer and for all at once: each shop is asked as often.
func testCalls(t *testing.T, s served, list []realShop, document string, ids []crm.ID) {
	t.Helper()
	many := regexp.MustCompile(`(?s)^query Customer360\(\$id: ID!(.*?)\{\s*customer\(id: \$id\) \{(.*)\}\s*\}\s*$`).
		ReplaceAllString(document, `query Customers360($$ids: [ID!]!$1{ nodes(ids: $$ids) { ... on Customer {$2} } }`)
	for _, ids := range [][]crm.ID{ids[:1], ids} {
		before := shopCalls(t, s, list)
		start := time.Now()
		var answer struct{ Nodes []struct{ Orders orderPage } }
		query(t, s.graphql, many, map[string]any{"ids": ids}, &answer)
		took := time.Since(start)
		if len(answer.Nodes) != len(ids) {
			t.Fatalf("%d customers, want %d", len(answer.Nodes), len(ids))
		}
		after, made := shopCalls(t, s, list), map[string]int{}
		for name, n := range after {
			made[name] = n - before[name]
		}
		t.Logf("customer-360 for %d customers: %v, calls %v", len(ids), took.Round(time.Millisecond), made)
		if made["vendure-eu"] != 1 || made["medusa"] != 1 || made["shopify"] < 1 || made["shopify"] > 2 {
			t.Errorf("calls for %d customers: %v, want 1 of Vendure, 1 of Medusa and at most 2 of Shopify", len(ids), made)
		}
	}
}

// logTimes says how long customer-360 takes beside a direct call of each shop:
// medians of 20, one customer, five orders.
func logTimes(t *testing.T, s served, list []realShop, document string, id crm.ID) {
	t.Helper()
	t.Logf("customer-360: p50 %v", median(func() {
		var answer struct{ Customer struct{ Orders orderPage } }
		query(t, s.graphql, document, map[string]any{"id": id}, &answer)
	}))
	buyer := crm.Shopper{CustomerID: id, Emails: []string{shopper(0)}}
	for _, shop := range list {
		content, err := os.ReadFile(shop.credentials)
		if err != nil {
			t.Fatal(err)
		}
		built, err := shops.Build([]shops.Config{{Kind: shop.kind, Source: shop.name, URL: shop.url, Credentials: strings.TrimSpace(string(content))}})
		if err != nil {
			t.Fatal(err)
		}
		took := median(func() {
			if _, err := built.Plain()[0].OrdersOf(t.Context(), []crm.Shopper{buyer}, crm.Stretch{Limit: 5}); err != nil {
				t.Error(err)
			}
		})
		built.Close()
		t.Logf("%s alone: p50 %v", shop.name, took)
	}
}

func median(call func()) time.Duration {
	var took []time.Duration
	for range 20 {
		start := time.Now()
		call()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took[len(took)/2].Round(100 * time.Microsecond)
}
