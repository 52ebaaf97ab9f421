package medusa_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/medusa"
	"github.com/customer360/gateway/internal/crm"
)

var record = flag.Bool("record", false, "record the answers of a real shop for the golden files")

// started says where the shop is that scripts/shops/medusa/run.sh has started.
func started(t testing.TB) realShop {
	t.Helper()
	r := realShop{url: os.Getenv("MEDUSA_URL")}
	file := os.Getenv("MEDUSA_CREDENTIALS")
	if r.url == "" || file == "" {
		const how = "no real Medusa: start one with scripts/shops/medusa/run.sh and set MEDUSA_URL and MEDUSA_CREDENTIALS, its file of credentials"
		if os.Getenv("REQUIRE_SHOPS") == "1" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	credentials, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r.credentials = strings.TrimSpace(string(credentials))
	return r
}

// live returns the shop that scripts/shops/medusa/run.sh has started.
func live(t *testing.T) (*medusa.Shop, *counter, realShop) {
	t.Helper()
	r := started(t)
	s, calls := shopAt(t, r.url, r.credentials, nil)
	return s, calls, r
}

// realShop asks a shop without the adapter.
type realShop struct {
	url, credentials string
}

type flatOrder struct {
	ID         string    `json:"id"`
	Email      string    `json:"email"`
	CustomerID string    `json:"customer_id"`
	CreatedAt  time.Time `json:"created_at"`
	Payment    string    `json:"payment_status"`
	Fulfilled  string    `json:"fulfillment_status"`
	Returns    []struct {
		ReceivedAt *time.Time `json:"received_at"`
	} `json:"returns"`
}

// get asks for a path and decodes the answer.
func (r realShop) get(t *testing.T, path string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(r.credentials, "")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// total returns what an order cost: the totals of the list are wrong where there is
// a discount, and a refund is taken off.
func (r realShop) total(t *testing.T, id string) string {
	t.Helper()
	var answer struct {
		Order struct {
			Total  float64 `json:"total"`
			Credit float64 `json:"credit_line_total"`
		} `json:"order"`
	}
	r.get(t, "/admin/orders/"+id+"?fields=id,total,credit_line_total", &answer)
	return fmt.Sprintf("%.2f", answer.Order.Total+answer.Order.Credit)
}

// orders lists every order of the shop, the newest first.
func (r realShop) orders(t *testing.T) []flatOrder {
	t.Helper()
	var answer struct {
		Orders []flatOrder `json:"orders"`
		Count  int         `json:"count"`
	}
	r.get(t, "/admin/orders?limit=10000&fields=id,email,customer_id,created_at,returns.received_at", &answer)
	if answer.Count == 0 || answer.Count != len(answer.Orders) {
		t.Fatalf("%d of %d orders", len(answer.Orders), answer.Count)
	}
	slices.SortFunc(answer.Orders, func(a, b flatOrder) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return answer.Orders
}

func ofEmail(orders []flatOrder, email string) []string {
	ids := []string{}
	for _, o := range orders {
		if o.Email == email {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func realShoppers(n int) []crm.Shopper {
	shoppers := make([]crm.Shopper, n)
	for c := range shoppers {
		email := fmt.Sprintf("shopper%04d@example.test", c)
		shoppers[c] = shopper(crm.ID(email), email)
	}
	return shoppers
}

func TestRealOrdersOf(t *testing.T) {
	s, calls, r := live(t)
	flat := r.orders(t)
	for _, n := range []int{1, 20} {
		shoppers := realShoppers(n)
		calls.take()
		began := time.Now()
		found, err := s.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d shoppers in %v", n, time.Since(began))
		if made := calls.take(); made != 1 {
			t.Errorf("%d calls for %d shoppers", made, n)
		}
		counts, err := s.CountOrders(t.Context(), shoppers)
		if err != nil {
			t.Fatal(err)
		}
		if made := calls.take(); made != 1 {
			t.Errorf("%d calls to count for %d shoppers", made, n)
		}
		got := externalIDs(found)
		for _, shopper := range shoppers {
			want := ofEmail(flat, shopper.Emails[0])
			if diff := gocmp.Diff(want, got[shopper.CustomerID]); diff != "" || len(want) == 0 {
				t.Errorf("%s (-want +got):\n%s", shopper.CustomerID, diff)
			}
			if counts[shopper.CustomerID] != len(want) {
				t.Errorf("%s has %d orders, want %d", shopper.CustomerID, counts[shopper.CustomerID], len(want))
			}
		}
	}
}

// What is computed here is what Medusa computes, except where goods came back.
func TestRealTotalsAndStatuses(t *testing.T) {
	s, _, r := live(t)
	flat := r.orders(t)
	var ids []string
	for _, o := range flat {
		ids = append(ids, o.ID)
	}
	found := map[string]*crm.ShopOrder{}
	for part := range slices.Chunk(ids, s.Capabilities().OrdersPerCall) {
		orders, err := s.OrdersByID(t.Context(), part)
		if err != nil {
			t.Fatal(err)
		}
		for id, o := range orders {
			found[id] = o
		}
	}
	financial := map[string]crm.FinancialStatus{
		"not_paid": crm.FinancialStatusPending, "authorized": crm.FinancialStatusAuthorized, "captured": crm.FinancialStatusPaid,
		"partially_refunded": crm.FinancialStatusPartiallyRefunded, "canceled": crm.FinancialStatusVoided,
	}
	fulfilled := map[string]crm.FulfillmentStatus{
		"not_fulfilled": crm.FulfillmentStatusUnfulfilled, "partially_shipped": crm.FulfillmentStatusPartiallyFulfilled,
		"shipped": crm.FulfillmentStatusFulfilled, "delivered": crm.FulfillmentStatusDelivered,
	}
	words := map[string]int{}
	for _, want := range flat {
		got := found[want.ID]
		if got == nil {
			t.Errorf("%s is missing", want.ID)
			continue
		}
		words[want.Payment]++
		words[want.Fulfilled]++
		if got.Order.FinancialStatus != financial[want.Payment] || got.Order.FulfillmentStatus != fulfilled[want.Fulfilled] {
			t.Errorf("%s is %s and %s, want %s and %s", want.ID,
				got.Order.FinancialStatus, got.Order.FulfillmentStatus, want.Payment, want.Fulfilled)
		}
		if got.Buyer.Email != want.Email || got.Buyer.ExternalID != want.CustomerID {
			t.Errorf("%s is %v's", want.ID, got.Buyer)
		}
		if len(want.Returns) > 0 {
			words["returned"]++
			continue
		}
		if total := r.total(t, want.ID); total != string(got.Order.Total().Amount()) {
			t.Errorf("%s costs %s, want %s", want.ID, got.Order.Total().Amount(), total)
		}
		p := got.Order.Price
		if p.Subtotal.Minor-p.Discount.Minor+p.Shipping.Minor+p.Tax.Minor != p.Total.Minor {
			t.Errorf("%s does not add up: %v", want.ID, p)
		}
	}
	for _, word := range []string{"authorized", "captured", "partially_refunded", "canceled", "partially_shipped", "delivered", "returned"} {
		if words[word] == 0 {
			t.Errorf("the shop has no order that is %s", word)
		}
	}
}

// Reading on from the last order shows every order once, in both directions.
func TestRealStretches(t *testing.T) {
	s, _, r := live(t)
	email := "shopper0003@example.test"
	want := ofEmail(r.orders(t), email)
	for _, oldest := range []bool{false, true} {
		got := []string{}
		stretch := crm.Stretch{Limit: 1, OldestFirst: oldest}
		for more := true; more; {
			found, err := s.OrdersOf(t.Context(), []crm.Shopper{shopper("me", email)}, stretch)
			if err != nil {
				t.Fatal(err)
			}
			orders := found["me"]
			more = orders.More
			for _, o := range orders.Items {
				got = append(got, o.ExternalID)
			}
			edge := orders.Items[len(orders.Items)-1].PlacedAt
			if oldest {
				edge = edge.Add(time.Millisecond)
				stretch.Earliest = &edge
			} else {
				edge = edge.Add(-time.Millisecond)
				stretch.Latest = &edge
			}
		}
		if oldest {
			slices.Reverse(got)
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(want) < 2 {
			t.Errorf("oldest first %v (-want +got):\n%s", oldest, diff)
		}
	}
}

// 100 shoppers by external id and by email are one request that the real server
// takes.
func TestRealMixedKeys(t *testing.T) {
	s, calls, r := live(t)
	flat := r.orders(t)
	shoppers := realShoppers(100)
	ids := map[string][]string{}
	for _, o := range flat {
		if !slices.Contains(ids[o.Email], o.CustomerID) {
			ids[o.Email] = append(ids[o.Email], o.CustomerID)
		}
	}
	for n := range shoppers {
		s := &shoppers[n]
		s.ExternalIDs = ids[s.Emails[0]]
		switch {
		case len(s.ExternalIDs) == 0:
			s.ExternalIDs = []string{fmt.Sprintf("cus_00000000000000000000%05d", n)}
		case n%2 == 0:
			s.Emails = nil
		}
	}
	found, err := s.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	if made := calls.take(); made != 1 {
		t.Errorf("%d calls", made)
	}
	for id, orders := range externalIDs(found) {
		if diff := gocmp.Diff(ofEmail(flat, string(id)), orders); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func walkAll[T any](t *testing.T, read func(crm.Mark) (crm.ShopChanges[T], error), id func(*T) string) ([]string, crm.Mark) {
	t.Helper()
	return walkFrom(t, crm.Mark{}, read, id)
}

// walkFrom reads changes to their end and gives the ids of what it saw, sorted.
func walkFrom[T any](t *testing.T, from crm.Mark, read func(crm.Mark) (crm.ShopChanges[T], error), id func(*T) string) (ids []string, end crm.Mark) {
	t.Helper()
	end = from
	for pages, more := 0, true; more; pages++ {
		changes, err := read(end)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range changes.Items {
			ids = append(ids, id(item))
		}
		more, end = changes.More, changes.Next
		if pages > 1000 {
			t.Fatal("the walk does not end")
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), end
}

func TestRealChanges(t *testing.T) {
	s, _, r := live(t)
	want := []string{}
	for _, o := range r.orders(t) {
		want = append(want, o.ID)
	}
	slices.Sort(want)
	orders := func(limit int) func(crm.Mark) (crm.ShopChanges[crm.ShopOrder], error) {
		return func(from crm.Mark) (crm.ShopChanges[crm.ShopOrder], error) {
			return s.OrderChanges(t.Context(), from, limit)
		}
	}
	id := func(o *crm.ShopOrder) string { return o.Order.ExternalID }
	got, end := walkAll(t, orders(7), id)
	again, _ := walkAll(t, orders(1000), id)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(got, again); diff != "" {
		t.Errorf("a second walk (-first +second):\n%s", diff)
	}
	if late, err := s.OrderChanges(t.Context(), end, 1000); err != nil || len(late.Items) == len(want) {
		t.Errorf("%d changes after the end, %v", len(late.Items), err)
	}
	products, _ := walkAll(t, func(from crm.Mark) (crm.ShopChanges[crm.Product], error) {
		return s.ProductChanges(t.Context(), from, 3)
	}, func(p *crm.Product) string { return p.ExternalID })
	customers, _ := walkAll(t, func(from crm.Mark) (crm.ShopChanges[crm.ShopCustomer], error) {
		return s.CustomerChanges(t.Context(), from, 3)
	}, func(c *crm.ShopCustomer) string { return c.ExternalID })
	if len(products) < 11 || len(customers) < 20 {
		t.Errorf("%d products, %d customers", len(products), len(customers))
	}
	if found, err := s.ProductsByID(t.Context(), products); err != nil || len(found) != len(products) {
		t.Errorf("%d of %d products, %v", len(found), len(products), err)
	}
}

func TestRealCheck(t *testing.T) {
	s, _, r := live(t)
	if missing, err := s.Check(t.Context()); err != nil || len(missing) > 0 {
		t.Errorf("a good key: %v, %v", missing, err)
	}
	for _, bad := range []string{"sk_none", "Bearer none"} {
		s, _ := shopAt(t, r.url, bad, nil)
		if _, err := s.Check(t.Context()); crm.CodeOf(err) != crm.CodeUnauthenticated {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// recorder keeps what a shop answers last.
type recorder struct{ body []byte }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	r.body, err = io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(r.body))
	return response, err
}

func TestRealRecording(t *testing.T) {
	_, _, r := live(t)
	if !*record {
		t.Skip("the answers are recorded with -record alone; then -update writes the golden files")
	}
	for name, ask := range golden() {
		kept := &recorder{}
		s, _ := shopAt(t, r.url, r.credentials, kept)
		if _, err := ask(t, s); err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := json.Indent(&text, kept.body, "", " "); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("testdata", name+".json"), text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkRealOrdersOf(b *testing.B) {
	r := started(b)
	s, err := medusa.New(medusa.Config{Source: "medusa", URL: r.url, Credentials: r.credentials})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for _, n := range []int{1, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.OrdersOf(b.Context(), realShoppers(n), crm.Stretch{Limit: 20}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
