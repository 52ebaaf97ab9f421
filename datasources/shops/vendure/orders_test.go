package vendure_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

var sam = crm.Shopper{CustomerID: "cus_sam", ExternalIDs: []string{"1"}, Emails: []string{"sam@example.test"}}

// TestStretches pages through orders with many ties, in two of the shop's
// customers, both ways and with every limit, and compares with the flat list.
func TestStretches(t *testing.T) {
	f, shop := newFake(t)
	f.customer("1", "old@example.test")
	f.customer("2", "sam@example.test")
	random := rand.New(rand.NewPCG(3, 4))
	want := map[string]time.Time{}
	for n := range 60 {
		placed := start.Add(time.Duration(random.IntN(12))*time.Millisecond + time.Duration(random.IntN(2)*random.IntN(1000))*time.Microsecond)
		id, owner := padded(n), []string{"1", "2"}[n%2]
		f.order(id, owner, map[string]string{"1": "old@example.test", "2": "sam@example.test"}[owner], placed)
		want[id] = placed.Truncate(time.Millisecond)
	}
	low, high := start.Add(2*time.Millisecond), start.Add(9*time.Millisecond)
	for _, oldest := range []bool{false, true} {
		for limit := 1; limit <= 64; limit += 1 + limit/4 {
			for _, bounds := range [][2]*time.Time{{nil, nil}, {&low, nil}, {nil, &high}, {&low, &high}} {
				s := crm.Stretch{OldestFirst: oldest, Limit: limit, Earliest: bounds[0], Latest: bounds[1]}
				inside := maps.Clone(want)
				maps.DeleteFunc(inside, func(_ string, at time.Time) bool {
					return (s.Earliest != nil && at.Before(*s.Earliest)) || (s.Latest != nil && at.After(*s.Latest))
				})
				if diff := cmp.Diff(inside, pageThrough(t, shop, s)); diff != "" {
					t.Fatalf("oldest first %v, limit %d, bounds %v:\n%s", oldest, limit, bounds, diff)
				}
			}
		}
	}
}

// pageThrough asks for stretch after stretch until there is no more.
func pageThrough(t *testing.T, shop crm.Shop, s crm.Stretch) map[string]time.Time {
	t.Helper()
	seen := map[string]time.Time{}
	for range 1000 {
		answer, err := shop.OrdersOf(t.Context(), []crm.Shopper{sam}, s)
		if err != nil {
			t.Fatal(err)
		}
		found, ok := answer[sam.CustomerID]
		if !ok || (found.More && len(found.Items) < s.Limit) {
			t.Fatalf("%d orders for a limit of %d, more: %v", len(found.Items), s.Limit, found.More)
		}
		for _, o := range found.Items {
			if _, repeat := seen[o.ExternalID]; repeat || o.CustomerID != sam.CustomerID {
				t.Fatalf("order %s is there twice, or not Sam's but %s's", o.ExternalID, o.CustomerID)
			}
			seen[o.ExternalID] = o.PlacedAt
		}
		if !found.More {
			return seen
		}
		last := found.Items[len(found.Items)-1].PlacedAt
		before, after := last.Add(-time.Millisecond), last.Add(time.Millisecond)
		if s.OldestFirst {
			s.Earliest = &after
		} else {
			s.Latest = &before
		}
	}
	t.Fatal("paging does not end")
	return nil
}

func TestOneRequestForAnyNumberOfShoppers(t *testing.T) {
	f, shop := newFake(t)
	var shoppers []crm.Shopper
	for n := range 100 {
		id, email := padded(n), "s"+padded(n)+"@example.test"
		f.customer(id, email)
		f.order("o"+id, id, email, start.Add(time.Duration(n)*time.Hour))
		shoppers = append(shoppers, crm.Shopper{CustomerID: crm.ID("cus_" + id), Emails: []string{email}})
	}
	shoppers = append(shoppers, crm.Shopper{CustomerID: "cus_nobody", Emails: []string{"nobody@example.test"}})
	f.customer("7", "eve@example.test")
	found, err := shop.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 20})
	if err != nil || f.requests != 1 || f.served != 100 {
		t.Fatalf("%d requests, %d customers, %v", f.requests, f.served, err)
	}
	for _, s := range shoppers[:100] {
		if o := found[s.CustomerID]; len(o.Items) != 1 || o.More {
			t.Errorf("%s: %d orders, more: %v", s.CustomerID, len(o.Items), o.More)
		}
	}
	if o, ok := found["cus_nobody"]; !ok || o.Items == nil || len(o.Items) != 0 {
		t.Errorf("somebody whom the shop does not know has %v", o)
	}
	counts, err := shop.CountOrders(t.Context(), shoppers)
	if err != nil || len(counts) != 101 || counts["cus_00007"] != 1 || counts["cus_nobody"] != 0 || f.requests != 2 {
		t.Errorf("counts %v, %d requests, %v", counts, f.requests, err)
	}
}

// TestForeignOrders: a shop that answers with customers nobody asked for, and with
// orders of others under a customer, has none of them handed on.
func TestForeignOrders(t *testing.T) {
	f, shop := newFake(t)
	f.liesAboutCustomers = true
	f.customer("1", "sam@example.test")
	f.customer("7", "eve@example.test")
	f.order("11", "1", "sam@example.test", start)
	f.order("12", "7", "eve@example.test", start.Add(time.Second))
	f.order("13", "1", "eve@example.test", start.Add(2*time.Second))["customer"] = record{"id": "7", "emailAddress": "eve@example.test"}
	f.order("14", "1", "", start.Add(3*time.Second))["customer"] = nil
	f.order("15", "7", "eve@example.test", start)["active"] = true
	f.order("16", "1", "eve@example.test", start)["active"] = true
	for _, o := range f.orders[4:6] {
		o["orderPlacedAt"], o["customer"] = nil, record{"id": "7", "emailAddress": "eve@example.test"}
	}
	for n := range 9 {
		f.order("2"+padded(n), "7", "eve@example.test", start.Add(time.Duration(n)*time.Hour))
	}
	found, err := shop.OrdersOf(t.Context(), []crm.Shopper{sam}, crm.Stretch{Limit: 2})
	if err != nil || f.requests != 1 {
		t.Fatalf("%d requests, %v", f.requests, err)
	}
	ids := []string{}
	for _, o := range found[sam.CustomerID].Items {
		ids = append(ids, o.ExternalID)
	}
	if diff := cmp.Diff([]string{"11"}, ids); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	carts, err := shop.CartsOf(t.Context(), []crm.Shopper{sam})
	if err != nil || carts[sam.CustomerID].Items == nil || len(carts[sam.CustomerID].Items) != 0 {
		t.Errorf("carts: %v, %v", carts, err)
	}
	counts, err := shop.CountOrders(t.Context(), []crm.Shopper{{CustomerID: "cus_x", Emails: []string{"nobody@example.test"}}})
	if err != nil || counts["cus_x"] != 0 {
		t.Errorf("counts: %v, %v", counts, err)
	}
}

func TestAShopWhoseCustomersDoNotEnd(t *testing.T) {
	f, shop := newFake(t)
	for n := range 1001 {
		f.customer(padded(n), "sam@example.test")
	}
	f.order("1", "00000", "sam@example.test", start)
	f.ignoresSkip = true // The last one never comes, the others again and again.
	counts, err := shop.CountOrders(t.Context(), []crm.Shopper{sam})
	if err != nil || counts[sam.CustomerID] > 1 {
		t.Errorf("%d orders, %v", counts[sam.CustomerID], err)
	}
	for n := range 9000 {
		f.customer("1"+padded(n), "sam@example.test")
	}
	f.requests = 0
	if _, err := shop.OrdersOf(t.Context(), []crm.Shopper{sam}, crm.Stretch{Limit: 1}); crm.CodeOf(err) != crm.CodeUnavailable || f.requests != 5 {
		t.Errorf("%d requests, %v", f.requests, err)
	}
}

func TestOrdersByID(t *testing.T) {
	f, shop := newFake(t)
	f.order("1", "1", "sam@example.test", start)
	f.order("2", "1", "sam@example.test", start)["orderPlacedAt"] = nil
	f.order("3", "7", "eve@example.test", start)
	found, err := shop.OrdersByID(t.Context(), []string{"1", "2", "3", "404"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "3"}, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	want := crm.Buyer{ExternalID: "7", Email: "eve@example.test"}
	if found["3"].Buyer != want || found["3"].Order.CustomerID != "" {
		t.Errorf("order 3 is of %v, customer %q", found["3"].Buyer, found["3"].Order.CustomerID)
	}
}

func TestCartsOf(t *testing.T) {
	f, shop := newFake(t)
	f.customer("1", "sam@example.test")
	f.order("9", "1", "sam@example.test", start)
	for id, age := range map[string]time.Duration{"5": 3 * time.Hour, "6": time.Hour, "7": 2 * time.Hour} {
		cart := f.order(id, "1", "sam@example.test", start.Add(-age))
		cart["active"], cart["orderPlacedAt"], cart["state"], cart["totalWithTax"] = true, nil, "AddingItems", 1234
		if id == "7" {
			cart["lines"] = []record{}
		}
	}
	carts, err := shop.CartsOf(t.Context(), []crm.Shopper{sam, {CustomerID: "cus_none", ExternalIDs: []string{"404"}}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []crm.ID
	for _, c := range carts[sam.CustomerID].Items {
		ids = append(ids, c.ID)
	}
	if diff := cmp.Diff([]crm.ID{"crt_vendure-eu.6", "crt_vendure-eu.5"}, ids); diff != "" {
		t.Errorf("carts (-want +got):\n%s", diff)
	}
	if total := carts[sam.CustomerID].Items[0].Total; total != (crm.Money{Minor: 1234, CurrencyCode: "USD"}) || carts["cus_none"].Items == nil {
		t.Errorf("total %v, of nobody %v", total, carts["cus_none"])
	}
}
