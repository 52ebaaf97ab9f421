package shopify_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/internal/crm"
)

// mock returns a shop on the mock of scripts/shops/shopify-mock, which refuses what
// Shopify's whole schema refuses.
func mock(t testing.TB) (*shopify.Shop, *watch) {
	t.Helper()
	url, token := mockAt(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	watched := newWatch(t, transport)
	return shop(t, url, token, watched), watched
}

func mockAt(t testing.TB) (url, token string) {
	t.Helper()
	url, file := os.Getenv("SHOPIFY_URL"), os.Getenv("SHOPIFY_CREDENTIALS")
	if url == "" || file == "" {
		if os.Getenv("REQUIRE_SHOPS") == "1" {
			t.Fatal("SHOPIFY_URL and SHOPIFY_CREDENTIALS are not set: start scripts/shops/shopify-mock/run.sh")
		}
		t.Skip("SHOPIFY_URL and SHOPIFY_CREDENTIALS are not set: start scripts/shops/shopify-mock/run.sh")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return url, string(text)
}

// shoppers are the customers that other shops have too.
func shoppers(n int) []crm.Shopper {
	all := make([]crm.Shopper, n)
	for i := range all {
		all[i] = shopper(i, fmt.Sprintf("shopper%04d@example.test", i))
	}
	return all
}

func TestMockOrdersOfTakesTwoRequests(t *testing.T) {
	s, watched := mock(t)
	for _, n := range []int{1, 20} {
		for _, limit := range []int{1, 5, 6} {
			found, err := s.OrdersOf(t.Context(), shoppers(n), crm.Stretch{Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			if got := watched.taken(); len(got) > 2 {
				t.Errorf("%d shoppers, %d orders each: requests %v, want at most 2", n, limit, got)
			}
			for i := range n {
				orders := found[shoppers(n)[i].CustomerID]
				has := 2 + i%5
				if want := min(limit, has); len(orders.Items) < want || len(orders.Items) > want+1 {
					t.Errorf("shopper %d, limit %d: %d orders, want %d", i, limit, len(orders.Items), want)
				}
				if more := len(orders.Items) < has; orders.More != more {
					t.Errorf("shopper %d, limit %d: more is %t, want %t", i, limit, orders.More, more)
				}
				for _, o := range orders.Items {
					if !strings.HasPrefix(o.ExternalID, fmt.Sprint(100+i)) || len(o.Lines) == 0 {
						t.Errorf("shopper %d has order %s with %d lines", i, o.ID, len(o.Lines))
					}
				}
			}
		}
	}
	t.Log("dearest queries:", watched.costs)
}

// TestMockPages walks a history in stretches, forward and back, and finds what one
// stretch over everything has.
func TestMockPages(t *testing.T) {
	s, _ := mock(t)
	for _, who := range []crm.Shopper{
		shopper(1, "many@example.test"),
		shopper(2, "shopper0004@example.test"),
		{CustomerID: "cus_3", ExternalIDs: []string{"108"}, Emails: []string{"shopper0004@example.test", "shopper0012@example.test"}},
	} {
		whole := ids(t, s, who, crm.Stretch{Limit: 500})
		for _, limit := range []int{2, 20} {
			for _, oldest := range []bool{false, true} {
				var walked []string
				stretch := crm.Stretch{Limit: limit, OldestFirst: oldest}
				for {
					found := of(t, s, who, stretch)
					if len(found.Items) == 0 {
						break
					}
					edge := found.Items[0].PlacedAt
					for _, o := range found.Items {
						walked = append(walked, o.ExternalID)
						if o.PlacedAt.After(edge) == oldest {
							edge = o.PlacedAt
						}
					}
					if !found.More {
						break
					}
					next := edge.Add(-time.Millisecond)
					stretch.Latest = &next
					if oldest {
						next = edge.Add(time.Millisecond)
						stretch.Latest, stretch.Earliest = nil, &next
					}
				}
				slices.Sort(walked)
				if diff := cmp.Diff(whole, walked); diff != "" {
					t.Errorf("%v, %d at a time, oldest first %t: (-one stretch +walked)\n%s", who, limit, oldest, diff)
				}
			}
		}
	}
}

func of(t testing.TB, s *shopify.Shop, who crm.Shopper, stretch crm.Stretch) crm.ShopOrders {
	t.Helper()
	found, err := s.OrdersOf(t.Context(), []crm.Shopper{who}, stretch)
	if err != nil {
		t.Fatal(err)
	}
	return found[who.CustomerID]
}

func ids(t testing.TB, s *shopify.Shop, who crm.Shopper, stretch crm.Stretch) (ids []string) {
	t.Helper()
	for _, o := range of(t, s, who, stretch).Items {
		ids = append(ids, o.ExternalID)
	}
	slices.Sort(ids)
	return ids
}

func TestMockFindsNobodyElse(t *testing.T) {
	s, _ := mock(t)
	if diff := cmp.Diff([]string{"1010", "1011", "1012"}, ids(t, s, shopper(1, "shopper0001@example.test"), crm.Stretch{Limit: 100})); diff != "" {
		t.Error(diff)
	}
	if got := ids(t, s, shopper(1, "shopper@example.test"), crm.Stretch{Limit: 100}); got != nil {
		t.Errorf("nobody has orders %v", got)
	}
	counts, err := s.CountOrders(t.Context(), append(shoppers(20), shopper(99, "nobody@example.test")))
	if err != nil || counts[shoppers(2)[1].CustomerID] != 3 || len(counts) != 21 {
		t.Errorf("counts %v, error %v", counts, err)
	}
}

func TestMockLongOrders(t *testing.T) {
	s, _ := mock(t)
	found, err := s.OrdersByID(t.Context(), []string{"4001", "4002", "4003", "4004", "4201", "99", "no number"})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 4 {
		t.Errorf("found %d orders, want 4: no test order, and none that is not there", len(found))
	}
	for id, lines := range map[string]int{"4001": 60, "4002": 3, "4003": 300, "4201": 1} {
		if found[id] == nil || len(found[id].Order.Lines) != lines {
			t.Errorf("order %s is not there with %d lines", id, lines)
		}
	}
	if buyer := found["4201"].Buyer; buyer != (crm.Buyer{Email: "guest@example.test"}) {
		t.Errorf("the guest is %v", buyer)
	}
	if o := found["4001"].Order; len(o.Shipments) != 2 || len(o.Shipments[0].Lines) != 1 {
		t.Errorf("shipments %v", o.Shipments)
	}
	if o := found["4002"].Order; len(o.Refunds) != 1 || len(o.Refunds[0].Lines) != 1 || len(o.Returns) != 1 || len(o.Returns[0].Lines) != 1 {
		t.Errorf("refunds %v, returns %v", o.Refunds, o.Returns)
	}
}

func TestMockChanges(t *testing.T) {
	s, _ := mock(t)
	for _, limit := range []int{7, 100} {
		orders := walk(t, limit, s.OrderChanges, func(o *crm.ShopOrder) string { return o.Order.ExternalID })
		if want := 20*2 + 4*(0+1+2+3+4) + 40 + 3 + 1 + 1 + 130; orders != want {
			t.Errorf("%d at a time: %d orders, want %d", limit, orders, want)
		}
		if n := walk(t, limit, s.CustomerChanges, func(c *crm.ShopCustomer) string { return c.ExternalID }); n != 24 {
			t.Errorf("%d at a time: %d customers, want 24", limit, n)
		}
		if n := walk(t, limit, s.ProductChanges, func(p *crm.Product) string { return p.ExternalID }); n != 12 {
			t.Errorf("%d at a time: %d products, want 12", limit, n)
		}
	}
}

// walk follows the changes to the end and counts the records. Each comes once, and
// who goes on from the end finds the latest again.
func walk[T any](t *testing.T, limit int, read func(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[T], error), id func(*T) string) int {
	t.Helper()
	seen := map[string]bool{}
	var mark crm.Mark
	for {
		page, err := read(t.Context(), mark, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			if seen[id(item)] {
				t.Errorf("%s came twice", id(item))
			}
			seen[id(item)] = true
		}
		mark = page.Next
		if !page.More {
			break
		}
	}
	again, err := read(t.Context(), mark, limit)
	if err != nil || len(again.Items) == 0 || len(again.Items) == len(seen) && limit < len(seen) {
		t.Errorf("from the end: %d records, %v", len(again.Items), err)
	}
	return len(seen)
}

func TestMockProducts(t *testing.T) {
	s, _ := mock(t)
	found, err := s.ProductsBySKU(t.Context(), []string{"SKU-0-13", "SKU-3-0", "sku-3-0", "SKU-3"})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found["SKU-0-13"].ExternalID != "500" || len(found["SKU-0-13"].Variants) != 14 || found["SKU-3-0"].ExternalID != "503" {
		t.Errorf("found %v", found)
	}
}

func TestMockCarts(t *testing.T) {
	s, _ := mock(t)
	all := append(shoppers(20), shopper(20, "long@example.test"), crm.Shopper{CustomerID: "cus_x", ExternalIDs: []string{"106"}})
	found, err := s.CartsOf(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(all) || len(found[all[20].CustomerID].Items) != 1 || len(found[all[20].CustomerID].Items[0].Lines) != 30 {
		t.Errorf("found %d entries, %v", len(found), found[all[20].CustomerID])
	}
	if len(found[all[0].CustomerID].Items) != 1 || len(found[all[1].CustomerID].Items) != 0 || len(found["cus_x"].Items) != 1 {
		t.Errorf("carts %v, %v, %v", found[all[0].CustomerID], found[all[1].CustomerID], found["cus_x"])
	}
}

// TestMockTakesEveryOperation has the mock validate all operations by the whole
// schema.
func TestMockTakesEveryOperation(t *testing.T) {
	s, watched := mock(t)
	ctx := t.Context()
	who := []crm.Shopper{shopper(1, "many@example.test"), shopper(2, "long@example.test"), shopper(3, "shopper0000@example.test")}
	try := func(_ any, err error) {
		if err != nil {
			t.Error(err)
		}
	}
	try(s.Check(ctx))
	try(s.OrdersOf(ctx, who, crm.Stretch{Limit: 3}))
	try(s.CountOrders(ctx, who))
	try(s.OrdersByID(ctx, []string{"4003"}))
	try(s.ProductsByID(ctx, []string{"500"}))
	try(s.ProductsBySKU(ctx, []string{"SKU-1-0"}))
	try(s.CartsOf(ctx, who))
	try(s.CustomerChanges(ctx, crm.Mark{Time: time.Unix(1, 0)}, 1000))
	try(s.ProductChanges(ctx, crm.Mark{}, 1000))
	try(s.OrderChanges(ctx, crm.Mark{}, 1000))
	names := watched.taken()
	slices.Sort(names)
	text, err := os.ReadFile("internal/admin/operations.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "query "); ok {
			if name := rest[:strings.IndexAny(rest, "( {")]; !slices.Contains(names, name) {
				t.Errorf("operation %s was not sent", name)
			}
		}
	}
}

func TestMockCheck(t *testing.T) {
	s, _ := mock(t)
	if missing, err := s.Check(t.Context()); err != nil || missing == nil || len(missing) != 0 {
		t.Errorf("missing %v, error %v", missing, err)
	}
	url, _ := mockAt(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	_, err := shop(t, url, "wrong", transport).Check(t.Context())
	if crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("a wrong token: %v", err)
	}
}
