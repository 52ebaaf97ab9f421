package sources_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shoptest"
	"github.com/customer360/gateway/internal/sources"
)

func TestOneCallPerSourceForAnyNumberOfCustomers(t *testing.T) {
	for _, n := range []int{1, 20, 50} {
		t.Run(number(n), func(t *testing.T) {
			s := newStore(t)
			shops := []*shoptest.Shop{shoptest.New("a", nil), shoptest.New("b", nil)}
			customers := make([]*crm.Customer, n)
			for i := range n {
				name := number(i)
				customers[i] = customer(name)
				put(t, s.Store.Customers(), customers[i])
				for k := range 30 {
					put(t, s.Store.Orders(), order("till", name+number(k), name, day.Add(time.Duration(k)*time.Hour)))
					for _, shop := range shops {
						shop.Put(bought(shop.Source(), name+number(k), name, day.Add(time.Duration(k)*time.Hour)))
					}
				}
			}
			all := open(s, live(shops[0], shops[1])...)
			q := query(20)
			for range 3 {
				pages, err := all.Orders(t.Context(), append(customers, customers[0], nil), q, nil, nil)
				if err != nil || len(pages) != n {
					t.Fatal(len(pages), err)
				}
				last := pages[customers[0].ID].Items
				q.Page.After = position(last[len(last)-1])
				if diff := cmp.Diff([]string{"orders.ListBy"}, s.taken()); diff != "" {
					t.Errorf("calls of the store (-want +got):\n%s", diff)
				}
				for _, shop := range shops {
					if calls := shop.Calls(); calls != 1 {
						t.Errorf("%d calls of %s", calls, shop.Source())
					}
					shop.Forget()
				}
			}
		})
	}
}

func TestOneCallWhereOneSourceHasTheWholePage(t *testing.T) {
	for name, newer := range map[string]string{"the store": "till", "the shop": "a"} {
		s, ann := newStore(t), customer("ann")
		put(t, s.Store.Customers(), ann)
		shop := shoptest.New("a", nil)
		for n := range 60 {
			source, at := "till", day.Add(time.Duration(n)*time.Hour)
			if n%2 == 0 {
				source = "a"
			}
			if source == newer {
				at = at.AddDate(0, 1, 0)
			}
			if source == "a" {
				shop.Put(bought(source, number(n), "ann", at))
			} else {
				put(t, s.Store.Orders(), order(source, number(n), "ann", at))
			}
		}
		for _, backward := range []bool{false, true} {
			q := crm.Query{Sort: sort, Page: crm.PageRequest{Limit: 5, Backward: backward}}
			got := first(t, open(s, live(shop)...), ann, q)
			if calls := len(s.taken()); calls != 1 || shop.Calls() != 1 || len(got.Items) != 5 || !got.More {
				t.Errorf("%s, backward %t: %d and %d calls, %d orders, more %t", name, backward, calls, shop.Calls(), len(got.Items), got.More)
			}
			shop.Forget()
		}
	}
}

func TestNobodyAsksForNothing(t *testing.T) {
	s, shop := newStore(t), shoptest.New("a", nil)
	pages, err := open(s, live(shop)...).Orders(t.Context(), nil, query(5), nil, nil)
	if len(pages) != 0 || err != nil || len(s.taken()) != 0 || shop.Calls() != 0 {
		t.Errorf("pages %v, error %v, %d calls of the shop", pages, err, shop.Calls())
	}
}

func TestOtherSortsAreInternal(t *testing.T) {
	for _, wrong := range []crm.Sort{{Field: crm.FieldPlacedAt}, {Field: crm.FieldUpdatedAt, Desc: true}, {Field: crm.FieldID, Desc: true}} {
		_, err := open(newStore(t)).Orders(t.Context(), []*crm.Customer{customer("ann")}, crm.Query{Sort: wrong}, nil, nil)
		if crm.CodeOf(err) != crm.CodeInternal {
			t.Errorf("sort %v: %v", wrong, err)
		}
	}
}

func TestAFailingSourceCostsItself(t *testing.T) {
	late := &crm.Error{Code: crm.CodeUnavailable, Err: context.DeadlineExceeded}
	for _, c := range []struct {
		name string
		err  error
		want crm.SourceState
	}{
		{"late", late, crm.SourceStateTimeout},
		{"late in its own words", fmt.Errorf("ask: %w", context.DeadlineExceeded), crm.SourceStateTimeout},
		{"bad credentials", &crm.Error{Code: crm.CodeUnauthenticated}, crm.SourceStateDenied},
		{"missing permission", &crm.Error{Code: crm.CodeForbidden}, crm.SourceStateDenied},
		{"rate limited", &crm.Error{Code: crm.CodeRateLimited}, crm.SourceStateUnavailable},
		{"down", errDown, crm.SourceStateUnavailable},
		{"canceled by somebody else", context.Canceled, crm.SourceStateUnavailable},
		{"anything else", errors.New("?"), crm.SourceStateUnavailable},
		{"panic", nil, crm.SourceStateUnavailable},
	} {
		ann := customer("ann")
		at := func(source string) *crm.Order { return order(source, "1", "ann", day) }
		t.Run("shop "+c.name, func(t *testing.T) {
			s := newStore(t)
			put(t, s.Store.Customers(), ann)
			put(t, s.Store.Orders(), at("till"))
			shop := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})
			shop.SetHook(func(context.Context, shoptest.Call) error {
				if c.err == nil {
					panic("somebody@example.com")
				}
				return c.err
			})
			got := first(t, open(s, live(shop)...), ann, query(5))
			if diff := cmp.Diff([]crm.ID{at("till").ID}, ids(got.Items)); diff != "" {
				t.Errorf("orders (-want +got):\n%s", diff)
			}
			want := []crm.SourceStatus{{Source: "a", State: c.want}, {Source: "store", State: crm.SourceStateOK, AsOf: &clock}}
			if diff := cmp.Diff(want, got.Sources); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"store"}, got.Complete); diff != "" || got.More {
				t.Errorf("more %t, complete (-want +got):\n%s", got.More, diff)
			}
		})
		t.Run("store "+c.name, func(t *testing.T) {
			s := newStore(t)
			if s.err = c.err; c.err == nil {
				s.panic = "somebody@example.com"
			}
			shop := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})
			got := first(t, open(s, live(shop)...), ann, query(5))
			if diff := cmp.Diff([]crm.ID{at("a").ID}, ids(got.Items)); diff != "" {
				t.Errorf("orders (-want +got):\n%s", diff)
			}
			want := []crm.SourceStatus{{Source: "a", State: crm.SourceStateOK, AsOf: &clock}, {Source: "store", State: c.want}}
			if diff := cmp.Diff(want, got.Sources); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCopiesFillInForAShopThatFails(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	put(t, s.Store.Orders(), order("a", "1", "ann", day))
	shop := shoptest.New("a", nil, shoptest.WithErr(errDown))
	got := first(t, open(s, live(shop)...), ann, query(5))
	if len(got.Items) != 1 || states(got.Sources) != "a UNAVAILABLE, store OK" {
		t.Errorf("%v, %s", ids(got.Items), states(got.Sources))
	}
}

func TestErrorsAreEachCustomersOwn(t *testing.T) {
	s := newStore(t)
	s.set(&crm.Error{Code: crm.CodeUnavailable, Message: "the store is down"})
	ann, bob, cat := customer("ann"), customer("bob"), customer("cat")
	bob.Emails[0].Verified = false // No shop is asked for bob.
	shop := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})
	shop.FailKeys(errDown, string(cat.ID))
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann, bob, cat}, query(5), nil, nil)
	if len(pages) != 1 || len(pages[ann.ID].Items) != 1 {
		t.Errorf("pages %v", pages)
	}
	var partial sources.PartialError
	if !errors.As(err, &partial) || len(partial) != 2 || partial[ann.ID] != nil {
		t.Fatalf("error %v", err)
	}
	for _, c := range []*crm.Customer{bob, cat} {
		var e *crm.Error
		if !errors.As(partial[c.ID], &e) || e.Source != crm.SourceStore || e.Message != "the store is down" {
			t.Errorf("%s: %v", c.DisplayName, partial[c.ID])
		}
	}
	if crm.CodeOf(err) != crm.CodeUnavailable || !strings.HasPrefix(err.Error(), "2 keys failed: ") {
		t.Errorf("error %v", err)
	}
}

func TestACallerWhoGoesAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	shop := shoptest.New("a", nil)
	shop.SetHook(func(ctx context.Context, _ shoptest.Call) error { cancel(); return ctx.Err() })
	var log bytes.Buffer
	all := sources.New(s, live(shop), sources.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	who := []*crm.Customer{ann}
	for name, call := range map[string]func() (int, error){
		"Orders":       func() (int, error) { m, err := all.Orders(ctx, who, query(5), nil, nil); return len(m), err },
		"CountOrders":  func() (int, error) { m, err := all.CountOrders(ctx, who, nil); return len(m), err },
		"OrdersByID":   func() (int, error) { m, err := all.OrdersByID(ctx, []crm.ID{"ord_a.1"}); return len(m), err },
		"ProductsByID": func() (int, error) { m, err := all.ProductsByID(ctx, []crm.ID{"prd_a.1"}); return len(m), err },
		"ProductsBySKU": func() (int, error) {
			m, err := all.ProductsBySKU(ctx, []crm.SKURef{{Source: "a", SKU: "1"}})
			return len(m), err
		},
	} {
		n, err := call()
		var partial sources.PartialError
		if n != 0 || !errors.Is(err, context.Canceled) || errors.As(err, &partial) {
			t.Errorf("%s: %d records, error %v", name, n, err)
		}
	}
	if _, err := all.Carts(ctx, who); !errors.Is(err, context.Canceled) {
		t.Errorf("Carts: %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", &log)
	}
}

func TestAShopIsAskedOnlyForWhomItKnows(t *testing.T) {
	unverified, erased, merged, other := customer("ann"), customer("bob"), customer("cat"), customer("dan")
	unverified.Emails[0].Verified = false
	erased.Status, merged.Status = crm.CustomerStatusErased, crm.CustomerStatusMerged
	other.Emails, other.ExternalIdentities = nil, []crm.ExternalIdentity{{Source: "b", ExternalID: "7"}}
	known := customer("eve")
	known.Emails, known.ExternalIdentities = nil, []crm.ExternalIdentity{{Source: "a", ExternalID: "7"}}
	who := []*crm.Customer{unverified, erased, merged, other, known}

	s, shop := newStore(t), shoptest.New("a", []*crm.ShopOrder{{Order: order("a", "1", "", day), Buyer: crm.Buyer{ExternalID: "7"}}})
	put(t, s.Store.Customers(), who...)
	pages, err := open(s, live(shop)...).Orders(t.Context(), who, query(5), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]shoptest.Call{{Method: "OrdersOf", Keys: []string{string(known.ID)}}}, shop.Log()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, c := range who {
		want := "store OK"
		if c == known {
			want = "a OK, store OK"
		}
		if got := states(pages[c.ID].Sources); got != want {
			t.Errorf("sources of %s are %s, want %s", c.DisplayName, got, want)
		}
	}
	if len(pages[known.ID].Items) != 1 {
		t.Errorf("orders %v", ids(pages[known.ID].Items))
	}
}

func TestTheFilterSaysWhichShopsAreAsked(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	shops := []*shoptest.Shop{shoptest.New("a", nil), shoptest.New("b", nil)}
	filter := &crm.OrderFilter{Source: []string{"b", "till"}}
	pages, err := open(s, live(shops[0], shops[1])...).Orders(t.Context(), []*crm.Customer{ann}, query(5), filter, nil)
	if err != nil || states(pages[ann.ID].Sources) != "b OK, store OK" || shops[0].Calls() != 0 || shops[1].Calls() != 1 {
		t.Errorf("error %v, sources %s, calls %d and %d", err, states(pages[ann.ID].Sources), shops[0].Calls(), shops[1].Calls())
	}
}

func TestTheFilterNarrowsWhatIsAsked(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	var asked []crm.Stretch
	shop := &recorder{Shop: shoptest.New("a", nil), stretches: &asked}
	after, before := day, day.Add(time.Hour)
	filter := &crm.OrderFilter{PlacedAt: &crm.TimeRange{After: &after, Before: &before}}
	late := crm.Position{Time: day.Add(2 * time.Hour), ID: "ord_a.1"}
	within := crm.Position{Time: day.Add(time.Minute), ID: "ord_a.1"}
	all := open(s, live(shop)...)
	for _, page := range []crm.PageRequest{{Limit: 5}, {Limit: 5, After: &late}, {Limit: 5, After: &within}, {Limit: 5, Before: &within, Backward: true}, {Limit: 5, Before: &late}} {
		first(t, all, ann, crm.Query{Sort: sort, Page: page})
		if _, err := all.Orders(t.Context(), []*crm.Customer{ann}, crm.Query{Sort: sort, Page: page}, filter, nil); err != nil {
			t.Fatal(err)
		}
	}
	begin, last, there := after.Add(time.Millisecond), before.Add(-time.Millisecond), within.Time
	at := late.Time
	want := []crm.Stretch{
		{Limit: 6},
		{Limit: 6, Earliest: &begin, Latest: &last},
		{Limit: 7, Latest: &at},
		{Limit: 7, Earliest: &begin, Latest: &last},
		{Limit: 7, Latest: &there},
		{Limit: 7, Earliest: &begin, Latest: &there},
		{Limit: 7, OldestFirst: true, Earliest: &there},
		{Limit: 7, OldestFirst: true, Earliest: &there, Latest: &last},
		{Limit: 7, Earliest: &at},
	} // In the last there is nothing to ask for.
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("stretches (-want +got):\n%s", diff)
	}
}

// recorder notes the stretches that it is asked for.
type recorder struct {
	*shoptest.Shop
	stretches *[]crm.Stretch
}

func (r *recorder) OrdersOf(ctx context.Context, shoppers []crm.Shopper, s crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	*r.stretches = append(*r.stretches, s)
	return r.Shop.OrdersOf(ctx, shoppers, s)
}

func TestOrdersOfOthersNeverAppear(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	shop := &liar{Shop: shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})}
	bobs := order("a", "2", "bob", day)
	others := order("b", "3", "ann", day)
	alias := order("a", "4", "ann", day)
	alias.ID = crm.DerivedID(crm.KindOrder, "b", "4")
	product := order("a", "5", "ann", day)
	product.ID = crm.DerivedID(crm.KindProduct, "a", "5")
	nobodys := order("a", "6", "", day)
	shop.orders = func(answer map[crm.ID]crm.ShopOrders) {
		lie := append([]*crm.Order{bobs, others, alias, product, nobodys, nil}, answer[ann.ID].Items...)
		answer[ann.ID] = crm.ShopOrders{Items: append(lie, answer[ann.ID].Items...)}
		answer[customer("bob").ID] = crm.ShopOrders{Items: []*crm.Order{bobs}}
	}
	pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(10), nil, nil)
	if err != nil || len(pages) != 1 {
		t.Fatal(pages, err)
	}
	if diff := cmp.Diff([]crm.ID{"ord_a.1"}, ids(pages[ann.ID].Items)); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

func TestAShopThatLeavesOutACustomer(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	shop := &liar{Shop: shoptest.New("a", nil), orders: func(answer map[crm.ID]crm.ShopOrders) { clear(answer) }}
	got := first(t, open(s, live(shop)...), ann, query(5))
	if states(got.Sources) != "a UNAVAILABLE, store OK" {
		t.Errorf("sources are %s", states(got.Sources))
	}
}

func TestStaleAnswersSaySo(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, s.Store.Customers(), ann)
	asOf := clock.Add(-time.Hour)
	for _, c := range []struct {
		stale    bool
		asOf     time.Time
		complete []string
		want     crm.SourceStatus
		carried  []string
	}{
		{false, time.Time{}, nil, crm.SourceStatus{Source: "a", State: crm.SourceStateOK, AsOf: &clock}, []string{"a", "store"}},
		{false, asOf, nil, crm.SourceStatus{Source: "a", State: crm.SourceStateOK, AsOf: &asOf}, []string{"a", "store"}},
		{true, asOf, nil, crm.SourceStatus{Source: "a", State: crm.SourceStateStale, AsOf: &asOf}, []string{"a", "store"}},
		{true, asOf, []string{"a"}, crm.SourceStatus{Source: "a", State: crm.SourceStateStale, AsOf: &asOf}, []string{"a"}},
		{true, asOf, []string{"store"}, crm.SourceStatus{Source: "a", State: crm.SourceStateIncomplete, AsOf: &asOf}, []string{"store"}},
		{false, asOf, []string{}, crm.SourceStatus{Source: "a", State: crm.SourceStateIncomplete, AsOf: &asOf}, []string{}},
	} {
		shop := &liar{Shop: shoptest.New("a", nil), orders: func(answer map[crm.ID]crm.ShopOrders) {
			answer[ann.ID] = crm.ShopOrders{Stale: c.stale, AsOf: c.asOf}
		}}
		pages, err := open(s, live(shop)...).Orders(t.Context(), []*crm.Customer{ann}, query(5), nil, c.complete)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, pages[ann.ID].Sources[0]); diff != "" {
			t.Errorf("%+v: status (-want +got):\n%s", c, diff)
		}
		if diff := cmp.Diff(c.carried, pages[ann.ID].Complete); diff != "" {
			t.Errorf("%+v: complete (-want +got):\n%s", c, diff)
		}
	}
}

func TestAShopsOrderTakesThePlaceOfItsCopy(t *testing.T) {
	s, ann, acme := newStore(t), customer("ann"), customer("acme")
	put(t, s.Store.Customers(), ann, acme)
	stored := order("a", "1", "ann", day)
	stored.OrganizationID, stored.Number = acme.ID, "old"
	put(t, s.Store.Orders(), stored)
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
	put(t, s.Store.Customers(), ann)
	put(t, s.Store.Orders(), order("a", "1", "ann", day), order("b", "1", "ann", day))
	a, b := shoptest.New("a", nil), shoptest.New("b", nil)
	all := open(s, sources.Source{Shop: a, Mode: sources.ModeSynced}, sources.Source{Shop: b, Mode: sources.ModeBoth})
	got := first(t, all, ann, query(1))
	if states(got.Sources) != "store OK" || !got.More || len(got.Items) != 1 || a.Calls()+b.Calls() != 0 {
		t.Errorf("sources %s, more %t, orders %v, %d calls", states(got.Sources), got.More, ids(got.Items), a.Calls()+b.Calls())
	}
}

// unwanted gives a shop with n open orders, of which every one but the oldest is
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
	put(t, s.Store.Customers(), ann)
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
	put(t, s.Store.Customers(), ann, bob)
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
	put(t, s.Store.Customers(), ann)
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
	put(t, s.Store.Customers(), ann)
	shop, filter := unwanted(2000)
	till := order("till", "1", "ann", day.Add(-time.Hour))
	till.Status = crm.OrderStatusCanceled
	newer := order("till", "2", "ann", day.Add(time.Hour))
	newer.Status = crm.OrderStatusCanceled
	put(t, s.Store.Orders(), till)
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
	put(t, s.Store.Orders(), newer)
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
			put(t, s.Store.Customers(), ann)
			shop := shoptest.New("a", nil)
			till := order("till", "1", "ann", day.Add(-time.Hour))
			till.Status = crm.OrderStatusCanceled
			put(t, s.Store.Orders(), till)
			for n := range c.copies {
				at := day.Add(time.Duration(n) * time.Millisecond)
				shop.Put(bought("a", number(n), "ann", at))
				stored := order("a", number(n), "ann", at)
				stored.Status = crm.OrderStatusCanceled
				put(t, s.Store.Orders(), stored)
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
	put(t, s.Store.Customers(), ann)
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
	put(t, s.Store.Customers(), ann, bob)
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
	put(t, s.Store.Customers(), ann, bob)
	var log bytes.Buffer
	a := shoptest.New("a", nil, shoptest.WithErr(&crm.Error{Code: crm.CodeRateLimited, Message: email("ann"), Err: errors.New(email("ann"))}))
	b := shoptest.New("b", nil)
	b.SetHook(func(context.Context, shoptest.Call) error { panic(email("bob")) })
	all := sources.New(s, live(a, b), sources.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
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
