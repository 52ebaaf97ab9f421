package purchases_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

func TestAShopsOrderTakesThePlaceOfItsCopy(t *testing.T) {
	s, ann, acme := newStore(t), customer("ann"), customer("acme")
	put(t, crm.Of[crm.Customer](s.Store), ann, acme)
	stored := order("a", "1", "ann", day)
	stored.OrganizationID, stored.Number = acme.ID, "old"
	put(t, crm.Of[crm.Order](s.Store), stored)
	var given *crm.Order
	shop := &liar{Shop: shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})}
	shop.orders = func(answer map[crm.ID]crm.ShopOrders) { given = answer[ann.ID].Items[0] }
	got := first(t, open(s, live(shop)...), ann, query(5))
	if len(got.Items) != 1 || got.Items[0].Number != "#1" || got.Items[0].OrganizationID != acme.ID {
		t.Errorf("orders %+v", got.Items)
	}
	if given.OrganizationID != "" {
		t.Error("the shop's own record was changed")
	}
}

func TestListsOfSyncedShopsAreTheStores(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	put(t, crm.Of[crm.Order](s.Store), order("a", "1", "ann", day), order("b", "1", "ann", day))
	a, b := shoptest.New("a", nil), shoptest.New("b", nil)
	all := open(s, purchases.Source{Shop: shoptest.Shared(a), Mode: purchases.ModeSynced}, purchases.Source{Shop: shoptest.Shared(b), Mode: purchases.ModeBoth})
	got := first(t, all, ann, query(1))
	if states(got.Sources) != "store OK" || !got.More || len(got.Items) != 1 || a.Calls()+b.Calls() != 0 {
		t.Errorf("sources %s, more %t, orders %v, %d calls", states(got.Sources), got.More, ids(got.Items), a.Calls()+b.Calls())
	}
}

// unwanted returns a shop with n open orders, of which every one but the oldest is
// filtered out.
func unwanted(n int) (*shoptest.Shop, *crm.OrderFilter) {
	orders := make([]*crm.ShopOrder, n)
	for i := range n {
		orders[i] = bought("a", number(i), "ann", day.Add(time.Duration(i)*time.Millisecond))
	}
	orders[0].Order.Status = crm.OrderStatusCanceled
	return shoptest.New("a", orders), &crm.OrderFilter{Status: []crm.OrderStatus{crm.OrderStatusCanceled}}
}

func TestOrdersThatAreNotWantedAreSkippedWithFewCalls(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop, filter := unwanted(100)
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(9), filter, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := pages[ann.ID]
	if diff := cmp.Diff([]crm.ID{"ord_a.000"}, ids(got.Items)); diff != "" || got.More || states(got.Sources) != "a OK, store OK" {
		t.Errorf("more %t, sources %s, orders (-want +got):\n%s", got.More, states(got.Sources), diff)
	}
	if calls := shop.Calls(); calls != 4 { // 10 + 20 + 40 + 80
		t.Errorf("%d calls", calls)
	}
}

// TestCustomersOfDifferentTimes have a wanted order each, behind many that are
// not wanted, of ann's all newer than bob's.
func TestCustomersOfDifferentTimes(t *testing.T) {
	s, ann, bob := newStore(t), customer("ann"), customer("bob")
	put(t, crm.Of[crm.Customer](s.Store), ann, bob)
	shop := shoptest.New("a", nil)
	for i, name := range []string{"bob", "ann"} {
		for n := range 61 {
			o := bought("a", name+number(n), name, day.Add(time.Duration(i)*time.Hour+time.Duration(n)*time.Millisecond))
			if n == 30 {
				o.Order.Status = crm.OrderStatusCanceled
			}
			shop.Put(o)
		}
	}
	filter := &crm.OrderFilter{Status: []crm.OrderStatus{crm.OrderStatusCanceled}}
	for _, backward := range []bool{false, true} {
		q := crm.Query{Sort: sort, Page: crm.PageRequest{Limit: 2, Backward: backward}}
		pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann, bob}, q, filter, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*crm.Customer{ann, bob} {
			got, want := pages[c.ID], []crm.ID{crm.DerivedID(crm.KindOrder, "a", c.DisplayName+"030")}
			if diff := cmp.Diff(want, ids(got.Items)); diff != "" || got.More || states(got.Sources) != "a OK, store OK" {
				t.Errorf("backward %t, sources %s, more %t, orders (-want +got):\n%s", backward, states(got.Sources), got.More, diff)
			}
		}
	}
}

func TestThereIsNoMoreIfTheRestIsNotWanted(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop := shoptest.New("a", nil)
	for n := range 30 {
		o := bought("a", number(n), "ann", day.Add(time.Duration(n)*time.Millisecond))
		if n >= 27 {
			o.Order.Status = crm.OrderStatusCanceled
		}
		shop.Put(o)
	}
	filter := &crm.OrderFilter{Status: []crm.OrderStatus{crm.OrderStatusCanceled}}
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(3), filter, nil)
	if got := pages[ann.ID]; err != nil || len(got.Items) != 3 || got.More {
		t.Errorf("error %v, orders %v, more %t", err, ids(got.Items), got.More)
	}
}

func TestWhatIsNotReachedIsIncomplete(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop, filter := unwanted(2000)
	till := order("till", "1", "ann", day.Add(-time.Hour))
	till.Status = crm.OrderStatusCanceled
	newer := order("till", "2", "ann", day.Add(time.Hour))
	newer.Status = crm.OrderStatusCanceled
	put(t, crm.Of[crm.Order](s.Store), till)
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(1), filter, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := pages[ann.ID]
	if diff := cmp.Diff([]crm.ID{till.ID}, ids(got.Items)); diff != "" || !got.More || states(got.Sources) != "a INCOMPLETE, store OK" {
		t.Errorf("more %t, sources %s, orders (-want +got):\n%s", got.More, states(got.Sources), diff)
	}
	if calls := shop.Calls(); calls != 6 || !slices.Equal(got.Complete, []string{"store"}) {
		t.Errorf("%d calls, complete %v", calls, got.Complete)
	}

	// Where there is something that is sure, nothing else is given: the next page
	// goes on from there.
	put(t, crm.Of[crm.Order](s.Store), newer)
	if got := first(t, open(s, live(shop)...), ann, query(1)); len(got.Items) != 1 || got.Items[0].ID != newer.ID {
		t.Errorf("orders %v", ids(got.Items))
	}
	pages, err = open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(5), filter, nil)
	if err != nil {
		t.Fatal(err)
	}
	got = pages[ann.ID]
	if diff := cmp.Diff([]crm.ID{newer.ID}, ids(got.Items)); diff != "" || !got.More {
		t.Errorf("more %t, sources %s, orders (-want +got):\n%s", got.More, states(got.Sources), diff)
	}
}

// TestCopiesThatTheShopKnowsBetter: the store has canceled copies of orders that
// the shop says are open.
func TestCopiesThatTheShopKnowsBetter(t *testing.T) {
	for _, c := range []struct {
		copies, calls int
		want          []crm.ID
		more          bool
		sources       string
	}{
		{20, 5, []crm.ID{"ord_till.1"}, false, "a OK, store OK"}, // 2 + 4 + 8 + 16 + 32
		{100, 6, []crm.ID{}, false, "a OK, store INCOMPLETE"},
	} {
		t.Run(number(c.copies), func(t *testing.T) {
			s, ann := newStore(t), customer("ann")
			put(t, crm.Of[crm.Customer](s.Store), ann)
			shop := shoptest.New("a", nil)
			till := order("till", "1", "ann", day.Add(-time.Hour))
			till.Status = crm.OrderStatusCanceled
			put(t, crm.Of[crm.Order](s.Store), till)
			for n := range c.copies {
				at := day.Add(time.Duration(n) * time.Millisecond)
				shop.Put(bought("a", number(n), "ann", at))
				stored := order("a", number(n), "ann", at)
				stored.Status = crm.OrderStatusCanceled
				put(t, crm.Of[crm.Order](s.Store), stored)
			}
			filter := &crm.OrderFilter{Status: []crm.OrderStatus{crm.OrderStatusCanceled}}
			where, err := filter.Predicates()
			if err != nil {
				t.Fatal(err)
			}
			q := crm.Query{Where: where, Sort: sort, Page: crm.PageRequest{Limit: 1}}
			pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, q, filter, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := pages[ann.ID]
			if diff := cmp.Diff(c.want, ids(got.Items)); diff != "" || got.More != c.more || states(got.Sources) != c.sources {
				t.Errorf("more %t, sources %s, orders (-want +got):\n%s", got.More, states(got.Sources), diff)
			}
			if calls := len(s.taken()); calls != c.calls {
				t.Errorf("%d calls of the store", calls)
			}
		})
	}
}

func TestAShopThatFailsWhenAskedAgain(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop, filter := unwanted(100)
	shop.SetHook(func(context.Context, shoptest.Call) error {
		if shop.Calls() > 1 {
			return &crm.Error{Code: crm.CodeUnavailable, Err: context.DeadlineExceeded}
		}
		return nil
	})
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(9), filter, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := pages[ann.ID]
	if states(got.Sources) != "a TIMEOUT, store OK" || got.Sources[0].AsOf == nil || got.More || len(got.Items) != 0 {
		t.Errorf("sources %s, more %t, orders %v", states(got.Sources), got.More, ids(got.Items))
	}
}

func TestAShopThatAlwaysHasMoreIsNotAskedForEver(t *testing.T) {
	s, ann, bob := newStore(t), customer("ann"), customer("bob")
	put(t, crm.Of[crm.Customer](s.Store), ann, bob)
	shop := &liar{Shop: shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})}
	shop.orders = func(answer map[crm.ID]crm.ShopOrders) {
		for id, o := range answer {
			o.More = true
			answer[id] = o
		}
	}
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann, bob}, query(5), nil, nil)
	if err != nil || shop.Calls() > 6 {
		t.Errorf("%d calls, error %v", shop.Calls(), err)
	}
	for id, p := range pages {
		if states(p.Sources) != "a INCOMPLETE, store OK" {
			t.Errorf("%s: sources %s", id, states(p.Sources))
		}
	}
	if got := ids(pages[ann.ID].Items); len(got) != 1 {
		t.Errorf("orders %v", got)
	}

	shop.Forget()
	before := day.Add(-time.Millisecond)
	filter := &crm.OrderFilter{PlacedAt: &crm.TimeRange{After: &before}} // There is no more that could be asked for.
	pages, err = open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(5), filter, nil)
	if got := states(pages[ann.ID].Sources); err != nil || got != "a INCOMPLETE, store OK" || shop.Calls() != 1 {
		t.Errorf("sources %s, error %v, %d calls", got, err, shop.Calls())
	}
}

func TestFailuresAreLoggedOnceWithoutWhomTheyConcern(t *testing.T) {
	s := newStore(t)
	ann, bob := customer("ann"), customer("bob")
	put(t, crm.Of[crm.Customer](s.Store), ann, bob)
	var log bytes.Buffer
	a := shoptest.New("a", nil, shoptest.WithErr(&crm.Error{Code: crm.CodeRateLimited, Message: email("ann"), Err: errors.New(email("ann"))}))
	b := shoptest.New("b", nil)
	b.SetHook(func(context.Context, shoptest.Call) error { panic(email("bob")) })
	all := purchases.New(s, live(a, b), purchases.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}).For(crm.Audience{}).(reading)
	if _, err := all.Orders(t.Context(), []*crm.Customer{ann, bob}, query(5), nil, nil); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || strings.Contains(log.String(), "example.com") || strings.Contains(log.String(), string(ann.ID)) {
		t.Errorf("log:\n%s", &log)
	}
	for _, want := range []string{"level=WARN", "source=a", "source=b", "code=RATE_LIMITED", `panic (string)`, `op="load orders of 2 customers"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, &log)
		}
	}
}
