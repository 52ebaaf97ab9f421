package shoptest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// Data is what a shop is known to have, for whom.
type Data struct {
	// Shoppers are asked for; nobody else is.
	Shoppers []crm.Shopper
	// Orders are all the shop's orders with their ExternalID, PlacedAt and Buyer,
	// of the shoppers and of others. What else they hold is not compared.
	Orders []*crm.ShopOrder
}

// Conformance asks a shop for the orders of data in many stretches, one shopper
// at a time and all at once, and for single orders, and compares what comes back
// with what the port promises.
func Conformance(t *testing.T, shop crm.Shop, data Data) {
	t.Helper()
	want := expected(data)
	for _, shoppers := range cohorts(shop, data.Shoppers) {
		for _, limit := range []int{1, 2, 3, 7, 1000} {
			for _, bounds := range stretches(want) {
				bounds.Limit = limit
				checkStretch(t, shop, shoppers, bounds, want)
			}
		}
		checkCounts(t, shop, shoppers, want)
	}
	checkByID(t, shop, data.Orders)
}

// known are one shopper's orders, the newest first.
type known []*crm.ShopOrder

func expected(data Data) map[crm.ID]known {
	want := map[crm.ID]known{}
	for _, p := range data.Shoppers {
		mine := known{}
		for _, o := range data.Orders {
			if p.Is(o.Buyer) {
				mine = append(mine, o)
			}
		}
		slices.SortStableFunc(mine, func(a, b *crm.ShopOrder) int { return placed(b).Compare(placed(a)) })
		want[p.CustomerID] = mine
	}
	return want
}

// cohorts returns each shopper alone and, as far as one call goes, all at once.
func cohorts(shop crm.Shop, shoppers []crm.Shopper) [][]crm.Shopper {
	at := len(shoppers)
	if limit := shop.Capabilities().ShoppersPerCall; limit > 0 {
		at = min(at, limit)
	}
	all := [][]crm.Shopper{shoppers[:at]}
	for i := range shoppers {
		all = append(all, shoppers[i:i+1])
	}
	return all
}

// stretches returns bounds at, just before and just after some of the orders, in
// both directions.
func stretches(want map[crm.ID]known) []crm.Stretch {
	both := []crm.Stretch{{}, {OldestFirst: true}}
	var times []time.Time
	for _, orders := range want {
		for _, o := range orders {
			times = append(times, placed(o))
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	times = slices.CompactFunc(times, time.Time.Equal)
	for i := 0; i < len(times); i += max(1, len(times)/5) {
		for _, d := range []time.Duration{-time.Millisecond, 0, time.Millisecond} {
			at := times[i].Add(d)
			end := at.Add(time.Hour)
			both = append(both,
				crm.Stretch{Latest: &at}, crm.Stretch{Earliest: &at, OldestFirst: true},
				crm.Stretch{Earliest: &at, Latest: &at}, crm.Stretch{Earliest: &at, Latest: &end})
		}
	}
	return both
}

// checkStretch asks for a stretch once.
func checkStretch(t *testing.T, shop crm.Shop, shoppers []crm.Shopper, s crm.Stretch, want map[crm.ID]known) {
	t.Helper()
	answer, err := shop.OrdersOf(context.Background(), shoppers, s)
	if err != nil {
		t.Fatalf("OrdersOf %d shoppers, %v: %v", len(shoppers), describe(s), err)
	}
	if len(answer) != len(shoppers) {
		t.Errorf("OrdersOf %d shoppers, %v: %d entries", len(shoppers), describe(s), len(answer))
	}
	for _, p := range shoppers {
		got, ok := answer[p.CustomerID]
		if !ok || got.Items == nil {
			t.Errorf("%v: no entry for %s, or one whose list is nil", describe(s), p.CustomerID)
			continue
		}
		for _, o := range got.Items {
			checkOrder(t, shop.Source(), o, p.CustomerID)
		}
		ids, more := want[p.CustomerID].stretch(s, len(got.Items))
		if diff := cmp.Diff(ids, externalIDs(got.Items)); diff != "" {
			t.Errorf("%s, %v: orders (-want +got):\n%s", p.CustomerID, describe(s), diff)
		}
		if got.More != more {
			t.Errorf("%s, %v: More is %v, want %v", p.CustomerID, describe(s), got.More, more)
		}
	}
}

// stretch returns the sorted ids of the whole groups that a stretch of at least n
// orders and s.Limit has, and whether there are more behind them.
func (k known) stretch(s crm.Stretch, n int) (ids []string, more bool) {
	in := slices.Clone(k)
	if s.OldestFirst {
		slices.Reverse(in)
	}
	in = slices.DeleteFunc(in, func(o *crm.ShopOrder) bool {
		return s.Earliest != nil && placed(o).Before(*s.Earliest) || s.Latest != nil && placed(o).After(*s.Latest)
	})
	n = min(max(n, s.Limit), len(in))
	for n > 0 && n < len(in) && placed(in[n]).Equal(placed(in[n-1])) {
		n++
	}
	ids = make([]string, n)
	for i, o := range in[:n] {
		ids[i] = o.Order.ExternalID
	}
	slices.Sort(ids)
	return ids, n < len(in)
}

// checkOrder looks at what every order of a shop has.
func checkOrder(t *testing.T, source string, o *crm.Order, customer crm.ID) {
	t.Helper()
	if o.Source != source || o.ID != crm.DerivedID(crm.KindOrder, source, o.ExternalID) || o.CustomerID != customer {
		t.Errorf("order %s of %q, external id %q, customer %q: want those of %q and %q",
			o.ID, o.Source, o.ExternalID, o.CustomerID, source, customer)
	}
	if o.PlacedAt.Location() != time.UTC || !o.PlacedAt.Equal(o.PlacedAt.Truncate(time.Millisecond)) {
		t.Errorf("order %s was placed at %v, want UTC to the millisecond", o.ID, o.PlacedAt)
	}
}

func checkCounts(t *testing.T, shop crm.Shop, shoppers []crm.Shopper, want map[crm.ID]known) {
	t.Helper()
	got, err := shop.CountOrders(context.Background(), shoppers)
	if shop.Capabilities().NoCounts {
		if crm.CodeOf(err) != crm.CodeUnsupported {
			t.Errorf("CountOrders of a shop that cannot: %v, want %s", err, crm.CodeUnsupported)
		}
		return
	}
	if err != nil {
		t.Errorf("CountOrders: %v", err)
	}
	counts := map[crm.ID]int{}
	for _, p := range shoppers {
		counts[p.CustomerID] = len(want[p.CustomerID])
	}
	if diff := cmp.Diff(counts, got); diff != "" {
		t.Errorf("CountOrders (-want +got):\n%s", diff)
	}
}

// checkByID asks for the orders by their own ids, and for one that is not there.
func checkByID(t *testing.T, shop crm.Shop, orders []*crm.ShopOrder) {
	t.Helper()
	asked := []string{}
	for _, o := range orders {
		asked = append(asked, o.Order.ExternalID)
	}
	limit := shop.Capabilities().OrdersPerCall
	if limit == 0 {
		limit = max(len(asked), 1)
	}
	got := map[string]*crm.ShopOrder{}
	for part := range slices.Chunk(asked, limit) {
		some, err := shop.OrdersByID(context.Background(), part)
		if err != nil {
			t.Fatalf("OrdersByID: %v", err)
		}
		for id, o := range some {
			got[id] = o
		}
	}
	for _, o := range orders {
		found := got[o.Order.ExternalID]
		if found == nil || found.Order == nil {
			t.Errorf("OrdersByID has no order %q", o.Order.ExternalID)
			continue
		}
		checkOrder(t, shop.Source(), found.Order, "")
		if !found.Order.PlacedAt.Equal(placed(o)) || found.Order.ExternalID != o.Order.ExternalID {
			t.Errorf("OrdersByID has %q of %v, want %q of %v",
				found.Order.ExternalID, found.Order.PlacedAt, o.Order.ExternalID, placed(o))
		}
	}
	checkUnknown(t, shop)
}

func checkUnknown(t *testing.T, shop crm.Shop) {
	t.Helper()
	some, err := shop.OrdersByID(context.Background(), []string{"999999999"})
	if err != nil || len(some) != 0 {
		t.Errorf("OrdersByID of an unknown id: %d orders, %v; want none and no error", len(some), err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := shop.OrdersByID(cancelled, []string{"999999998"}); !errors.Is(err, context.Canceled) {
		t.Errorf("OrdersByID after a cancellation: %v, want %v in the chain", err, context.Canceled)
	}
}

func externalIDs(orders []*crm.Order) []string {
	ids := make([]string, len(orders))
	for i, o := range orders {
		ids[i] = o.ExternalID
	}
	slices.Sort(ids)
	return ids
}

// describe writes a stretch for a failure.
func describe(s crm.Stretch) string {
	text := "newest first"
	if s.OldestFirst {
		text = "oldest first"
	}
	if s.Earliest != nil {
		text += " from " + s.Earliest.Format(time.RFC3339Nano)
	}
	if s.Latest != nil {
		text += " to " + s.Latest.Format(time.RFC3339Nano)
	}
	return text
}
