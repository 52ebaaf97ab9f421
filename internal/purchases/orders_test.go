package purchases_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
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
				put(t, crm.Of[crm.Customer](s.Store), customers[i])
				for k := range 30 {
					put(t, crm.Of[crm.Order](s.Store), order("till", name+number(k), name, day.Add(time.Duration(k)*time.Hour)))
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
		put(t, crm.Of[crm.Customer](s.Store), ann)
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
				put(t, crm.Of[crm.Order](s.Store), order(source, number(n), "ann", at))
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
			put(t, crm.Of[crm.Customer](s.Store), ann)
			put(t, crm.Of[crm.Order](s.Store), at("till"))
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
	put(t, crm.Of[crm.Customer](s.Store), ann)
	put(t, crm.Of[crm.Order](s.Store), order("a", "1", "ann", day))
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
	var partial crm.PartialError
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
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop := shoptest.New("a", nil)
	shop.SetHook(func(ctx context.Context, _ shoptest.Call) error { cancel(); return ctx.Err() })
	var log bytes.Buffer
	all := purchases.New(s, live(shop), purchases.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}).For(crm.Audience{}).(reading)
	who := []*crm.Customer{ann}
	for name, call := range map[string]func() (int, error){
		"Orders":       func() (int, error) { m, err := all.Orders(ctx, who, query(5), nil, nil); return len(m), err },
		"CountOrders":  func() (int, error) { m, err := all.CountOrders(ctx, who, nil); return len(m), err },
		"OrdersByID":   func() (int, error) { m, err := all.OrdersByID(ctx, []crm.ID{"ord_a.1"}, nil); return len(m), err },
		"ProductsByID": func() (int, error) { m, err := all.ProductsByID(ctx, []crm.ID{"prd_a.1"}, nil); return len(m), err },
		"ProductsBySKU": func() (int, error) {
			m, err := all.ProductsBySKU(ctx, []crm.SKURef{{Source: "a", SKU: "1"}})
			return len(m), err
		},
	} {
		n, err := call()
		var partial crm.PartialError
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
	put(t, crm.Of[crm.Customer](s.Store), who...)
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
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shops := []*shoptest.Shop{shoptest.New("a", nil), shoptest.New("b", nil)}
	filter := &crm.OrderFilter{Source: []string{"b", "till"}}
	pages, err := open(s, live(shops[0], shops[1])...).Orders(t.Context(), []*crm.Customer{ann}, query(5), filter, nil)
	if err != nil || states(pages[ann.ID].Sources) != "b OK, store OK" || shops[0].Calls() != 0 || shops[1].Calls() != 1 {
		t.Errorf("error %v, sources %s, calls %d and %d", err, states(pages[ann.ID].Sources), shops[0].Calls(), shops[1].Calls())
	}
}

func TestTheFilterNarrowsWhatIsAsked(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
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
	put(t, crm.Of[crm.Customer](s.Store), ann)
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
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop := &liar{Shop: shoptest.New("a", nil), orders: func(answer map[crm.ID]crm.ShopOrders) { clear(answer) }}
	got := first(t, open(s, live(shop)...), ann, query(5))
	if states(got.Sources) != "a UNAVAILABLE, store OK" {
		t.Errorf("sources are %s", states(got.Sources))
	}
}

func TestStaleAnswersSaySo(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
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
