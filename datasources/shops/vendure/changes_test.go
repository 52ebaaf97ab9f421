package vendure_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/vendure"
	"github.com/customer360/gateway/internal/crm"
)

// follow reads changes from a mark to the end, as somebody does who is stopped
// after each page. Every record is counted.
func follow[T any](t *testing.T, from crm.Mark, limit int, id func(*T) string,
	read func(context.Context, crm.Mark, int) (crm.ShopChanges[T], error),
) (map[string]int, crm.Mark) {
	t.Helper()
	seen := map[string]int{}
	for range 5000 {
		page, err := read(t.Context(), from, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > limit+1 || (page.More && len(page.Items) == 0) {
			t.Fatalf("a page of %d records, more: %v", len(page.Items), page.More)
		}
		for _, item := range page.Items {
			seen[id(item)]++
		}
		if !page.More {
			if page.Next.Cursor != "" || page.Next.Time.Before(from.Time) {
				t.Fatalf("the walk rests at %+v, from %+v", page.Next, from)
			}
			return seen, page.Next
		}
		from = page.Next
	}
	t.Fatal("the walk does not end")
	return nil, crm.Mark{}
}

func orderID(o *crm.ShopOrder) string { return o.Order.ExternalID }

// TestOrderChanges: every order is read, exactly once while nothing changes, with
// every page size, groups of equal times larger than a page, and times finer than
// a millisecond.
func TestOrderChanges(t *testing.T) {
	f, shop := newFake(t)
	random := rand.New(rand.NewPCG(5, 6))
	want := map[string]int{}
	for n := range 90 {
		at := start
		switch {
		case n < 40: // All at once.
		case n < 60: // In the same millisecond, and the next one.
			at = at.Add(time.Second + time.Duration(random.IntN(2000))*time.Microsecond)
		default:
			at = at.Add(time.Duration(random.IntN(20)) * time.Minute)
		}
		f.order(padded(n), "1", "sam@example.test", at)
		want[padded(n)] = 1
	}
	f.order("cart", "1", "sam@example.test", start)["orderPlacedAt"] = nil
	f.order("part", "1", "sam@example.test", start)["type"] = "Seller"
	for _, limit := range []int{1, 2, 3, 7, 20, 39, 40, 41, 89, 90, 91, 1000, 5000} {
		seen, rest := follow(t, crm.Mark{}, limit, orderID, shop.OrderChanges)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(seen))); diff != "" {
			t.Fatalf("limit %d (-want +got):\n%s", limit, diff)
		}
		again, restAgain := follow(t, rest, limit, orderID, shop.OrderChanges)
		if len(again) != len(want) || restAgain != rest {
			t.Errorf("limit %d: the second walk has %d orders of the window and rests at %v, not %v", limit, len(again), restAgain, rest)
		}
		for id, times := range seen {
			if times > 1 && id >= padded(60) { // Only finer times than milliseconds may be read again.
				t.Errorf("limit %d: order %s was read %d times", limit, id, times)
			}
		}
	}
}

// TestOrderChangesWindow: an order placed before the window is read again if it
// was edited, one in the window always is.
func TestOrderChangesWindow(t *testing.T) {
	f, shop := newFake(t)
	old := f.order("old", "1", "sam@example.test", start.AddDate(0, 0, -100))
	f.order("silent", "1", "sam@example.test", start.AddDate(0, 0, -90))
	f.order("recent", "1", "sam@example.test", start.AddDate(0, 0, -59))
	f.order("last", "1", "sam@example.test", start)
	_, rest := follow(t, crm.Mark{}, 2, orderID, shop.OrderChanges)
	if want := start.Add(-vendure.Overlap); !rest.Time.Equal(want) {
		t.Fatalf("the walk rests at %v, want %v", rest.Time, want)
	}
	old["updatedAt"] = text(start.Add(time.Hour))
	seen, rest := follow(t, rest, 2, orderID, shop.OrderChanges)
	if diff := cmp.Diff(map[string]int{"old": 1, "recent": 1, "last": 1}, seen); diff != "" {
		t.Errorf("second walk (-want +got):\n%s", diff)
	}
	f.order("new", "1", "sam@example.test", start.AddDate(0, 0, 5))["updatedAt"] = text(start.AddDate(-1, 0, 0)) // A cart of last year's.
	f.date = start.AddDate(0, 0, 2)                                                                              // The walk began before the last order was placed.
	seen, rest = follow(t, rest, 2, orderID, shop.OrderChanges)
	if want := f.date.Add(-vendure.Overlap); !rest.Time.Equal(want) {
		t.Errorf("the walk rests at %v, want %v", rest.Time, want)
	}
	if seen["new"] != 1 || seen["silent"] != 0 {
		t.Errorf("third walk: %v", seen)
	}
}

// TestChangesWhileReading: records that move away from a group that is being read
// make no other one slip through.
func TestChangesWhileReading(t *testing.T) {
	for seed := range uint64(20) {
		f, shop := newFake(t)
		want := map[string]bool{}
		for n := range 30 {
			f.customer(padded(n), padded(n)+"@example.test")
			want[padded(n)] = true
		}
		random := rand.New(rand.NewPCG(seed, 9))
		f.before = func(request int) {
			if request < 40 && random.IntN(2) == 0 {
				c := f.customers[random.IntN(len(f.customers))]
				c["updatedAt"] = text(start.Add(time.Duration(request) * time.Minute))
			}
		}
		seen, rest := follow(t, crm.Mark{}, 4, func(c *crm.ShopCustomer) string { return c.ExternalID }, shop.CustomerChanges)
		if len(seen) != len(want) {
			t.Errorf("seed %d: %d of %d customers were read", seed, len(seen), len(want))
		}
		if seen, _ := follow(t, rest, 4, func(c *crm.ShopCustomer) string { return c.ExternalID }, shop.CustomerChanges); len(seen) == 0 {
			t.Errorf("seed %d: nothing is read again", seed)
		}
	}
}

// TestProductChanges: a product is read again when one of its variants changed.
func TestProductChanges(t *testing.T) {
	f, shop := newFake(t)
	for n := range 10 {
		p := record{"id": padded(n), "name": "P" + padded(n), "enabled": true, "updatedAt": day(n), "createdAt": day(0)}
		f.products = append(f.products, p)
		f.variants = append(f.variants, record{"id": "v" + padded(n), "sku": "S" + padded(n), "updatedAt": day(n), "product": p})
	}
	id := func(p *crm.Product) string { return p.ExternalID }
	seen, rest := follow(t, crm.Mark{}, 3, id, shop.ProductChanges)
	if len(seen) != 10 {
		t.Errorf("products: %v", seen)
	}
	f.variants[2]["updatedAt"] = day(11)
	seen, _ = follow(t, rest, 3, id, shop.ProductChanges)
	if diff := cmp.Diff(map[string]int{"00002": 1, "00009": 2}, seen); diff != "" {
		t.Errorf("after a change of price (-want +got):\n%s", diff)
	}
}

func TestMarks(t *testing.T) {
	f, shop := newFake(t)
	for _, cursor := range []string{"x", `{"p":7}`, `{"p":-1}`} {
		if _, err := shop.OrderChanges(t.Context(), crm.Mark{Cursor: cursor}, 5); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("the mark %q: %v", cursor, err)
		}
	}
	from := crm.Mark{Time: start}
	page, err := shop.OrderChanges(t.Context(), from, 5)
	if err != nil || page.More || page.Next != from || page.Items == nil {
		t.Errorf("of an empty shop: %+v, %v", page, err)
	}
	// A group that something has left is begun again.
	for n := range 9 {
		f.customer(fmt.Sprint(n), fmt.Sprint(n)+"@example.test")
	}
	first, err := shop.CustomerChanges(t.Context(), crm.Mark{}, 3)
	if err != nil {
		t.Fatal(err)
	}
	f.customers = f.customers[:3]
	f.customers = append(f.customers, record{"id": "00", "updatedAt": day(0)})
	if again, err := shop.CustomerChanges(t.Context(), first.Next, 3); err != nil || len(again.Items) != 3 {
		t.Errorf("a group that has moved: %+v, %v", again, err)
	}
	// A shop whose pages do not go on is an error, and no endless walk.
	f.ignoresSkip = true
	mark := first.Next
	for range 5 {
		page, err := shop.CustomerChanges(t.Context(), mark, 3)
		if err != nil {
			if crm.CodeOf(err) != crm.CodeUnavailable {
				t.Error(err)
			}
			return
		}
		mark = page.Next
	}
	t.Error("a shop that ignores skip is read for ever")
}

// An order that makes no sense does not keep those behind it from being read.
func TestUnreadableOrder(t *testing.T) {
	f, shop := newFake(t)
	for i, id := range []string{"1", "2", "3"} {
		f.order(id, "7", "a@example.test", start.AddDate(0, 0, i))
	}
	f.orders[1]["currencyCode"] = "?"
	var read, unreadable []string
	for from := (crm.Mark{}); ; {
		page, err := shop.OrderChanges(t.Context(), from, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Items {
			read = append(read, o.Order.ExternalID)
		}
		for _, u := range page.Unreadable {
			unreadable = append(unreadable, u.ExternalID)
		}
		if from = page.Next; !page.More {
			break
		}
	}
	if !slices.Equal(read, []string{"1", "3"}) || !slices.Equal(unreadable, []string{"2"}) {
		t.Errorf("read %v, unreadable %v; want 1 and 3, and 2", read, unreadable)
	}
}
