package main_test

import (
	"cmp"
	"encoding/json"
	"fmt"
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
	stored(t, crm.Of[crm.Customer](store), customers)
	stored(t, crm.Of[crm.Order](store), orders)
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

// shopCalls returns how many HTTP requests each shop got so far, by /metrics.
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
	document, err := os.ReadFile("../../internal/test/schema/testdata/journeys/dashboard/customer-360.graphql")
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
