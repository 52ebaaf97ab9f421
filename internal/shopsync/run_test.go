package shopsync_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/shopsync"
)

// A shop that fails in the middle is told of; the others are synced, and the
// next run makes up for it.
func TestAShopThatFailsLeavesTheOthers(t *testing.T) {
	store := backends.SQLite(t, nil)
	random := rand.New(rand.NewPCG(3, 4))
	w := newWorld(random.IntN, size{shops: 2, customers: 20, products: 5, orders: 20, people: 500})
	broken := &crm.Error{Code: crm.CodeUnavailable, Source: "shop-0"}
	calls := 0
	fail := func(s *tape) {
		if s.source == "shop-0" {
			s.call = func(method string) error {
				if calls++; method == "OrderChanges" && calls > 9 {
					return broken
				}
				return nil
			}
		}
	}
	reports, err := shopsync.Run(t.Context(), store, w.ports(fail), shopsync.Options{BatchSize: 5, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(reports[0].Err, broken) || !reports[0].Watermark.IsZero() || reports[0].Written == 0 {
		t.Errorf("the broken shop: %+v", reports[0])
	}
	if reports[1].Err != nil || !reports[1].Watermark.Equal(clock()) || reports[1].Written < 40 {
		t.Errorf("the other: %+v", reports[1])
	}
	run(t, store, w.ports(), shopsync.Options{BatchSize: 5})
	whole := backends.SQLite(t, nil)
	run(t, whole, w.ports(), shopsync.Options{BatchSize: 5})
	if diff := cmp.Diff(strings.Split(dump(t, whole), "\n"), strings.Split(dump(t, store), "\n")); diff != "" {
		t.Errorf("after the next run (-want +got):\n%s", diff)
	}
}

// Several who sync at once leave what one leaves.
func TestManyAtOnce(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		random := rand.New(rand.NewPCG(5, 6))
		w := newWorld(random.IntN, size{stored: 20, shops: 2, customers: 30, products: 10, orders: 40, people: 25})
		whole, store := backend.Open(t, nil), backend.Open(t, nil)
		fill(t, whole, w.stored...)
		fill(t, store, w.stored...)
		run(t, whole, w.ports(), shopsync.Options{})
		var wait sync.WaitGroup
		for i := range 3 {
			wait.Go(func() {
				if _, err := shopsync.Run(context.Background(), store, w.ports(), shopsync.Options{BatchSize: 3 + i}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if diff := cmp.Diff(strings.Split(dump(t, whole), "\n"), strings.Split(dump(t, store), "\n")); diff != "" {
			t.Errorf("three at once (-want +got):\n%s", diff)
		}
	})
}

// slow is a shop whose answers about orders are late: what happens meanwhile is
// not in them.
type slow struct {
	crm.Shop
	meanwhile func()
}

func (s slow) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	page, err := s.Shop.OrderChanges(ctx, from, limit)
	s.meanwhile()
	return page, err
}

// A run that was overtaken writes nothing older than what the quicker one wrote,
// and leaves the mark where that one set it.
func TestWhoWasOvertakenDoesNotGoBack(t *testing.T) {
	store := backends.SQLite(t, nil)
	shop := shoptest.New("shop", []*crm.ShopOrder{order("shop", 1), order("shop", 2)})
	overtaken := 0
	late := slow{shop, func() {
		if overtaken++; overtaken > 1 {
			return
		}
		changed := order("shop", 1)
		changed.Order.FulfillmentStatus = crm.FulfillmentStatusDelivered
		changed.Order.UpdatedAt = clock()
		shop.Put(changed, order("shop", 3))
		run(t, store, []crm.Shop{shop}, shopsync.Options{})
	}}
	run(t, store, []crm.Shop{late}, shopsync.Options{Clock: noon})
	if got := one(t, crm.Of[crm.Order](store), "ord_shop.1001").FulfillmentStatus; got != crm.FulfillmentStatusDelivered {
		t.Errorf("the order is %s, want the later state", got)
	}
	one(t, crm.Of[crm.Order](store), "ord_shop.1003")
	marks, err := shopsync.Watermarks(t.Context(), store, []string{"shop", "never"})
	if want := map[string]time.Time{"shop": clock()}; err != nil || cmp.Diff(want, marks) != "" {
		t.Errorf("watermarks %v (%v), want %v", marks, err, want)
	}
	if got := run(t, store, []crm.Shop{shop}, shopsync.Options{}); got[0].Written != 0 || got[0].Read != 0 {
		t.Errorf("again: %+v, want nothing", got[0])
	}
}

// A run that reads everything does so, although another one is done meanwhile;
// that is how orders get a customer who was linked by hand.
func TestFullReadsEverything(t *testing.T) {
	store := backends.SQLite(t, nil)
	shop := &tape{source: "shop"}
	for i := range 5 {
		o := order("shop", i)
		o.Buyer.ExternalID = "7"
		shop.orders = append(shop.orders, o)
	}
	run(t, store, []crm.Shop{shop}, shopsync.Options{})
	ann := ours("ann", func(c *crm.Customer) {
		c.ExternalIdentities = []crm.ExternalIdentity{{Source: "shop", ExternalID: "7"}}
	})
	fill(t, store, ann)
	if got := run(t, store, []crm.Shop{shop}, shopsync.Options{}); got[0].Written != 0 || got[0].Read != 0 {
		t.Errorf("without full: %+v", got[0])
	}
	pages := 0
	late := slow{shop, func() {
		if pages++; pages == 1 {
			run(t, store, []crm.Shop{shop}, shopsync.Options{})
		}
	}}
	if got := run(t, store, []crm.Shop{late}, shopsync.Options{Full: true, BatchSize: 2}); got[0].Written != 5 {
		t.Errorf("full: %+v", got[0])
	}
	for _, o := range shop.orders {
		if got := one(t, crm.Of[crm.Order](store), o.Order.ID).CustomerID; got != ann.ID {
			t.Errorf("%s is %q's, want %q's", o.Order.ID, got, ann.ID)
		}
	}
	if got := run(t, store, []crm.Shop{shop}, shopsync.Options{}); got[0].Written != 0 || got[0].Read != 0 {
		t.Errorf("after full: %+v", got[0])
	}
}

// An order whose customer appears between the reading of customers and of orders
// finds them.
func TestAnOrderFindsACustomerWhoCameMeanwhile(t *testing.T) {
	store := backends.SQLite(t, nil)
	s := &tape{source: "shop"}
	s.call = func(method string) error {
		if method == "ProductChanges" {
			o := order("shop", 1)
			o.Buyer.ExternalID = "7"
			s.customers, s.orders = []*crm.ShopCustomer{{ExternalID: "7"}}, []*crm.ShopOrder{o}
		}
		return nil
	}
	run(t, store, []crm.Shop{s}, shopsync.Options{})
	if got, want := one(t, crm.Of[crm.Order](store), "ord_shop.1001").CustomerID, crm.DerivedID(crm.KindCustomer, "shop", "7"); got != want {
		t.Errorf("the order is %q's, want %q's", got, want)
	}
}

// What cannot be read is counted and told, the rest is stored and the mark goes on. It
// is asked for again with every run until it can be read or is gone.
func TestUnreadable(t *testing.T) {
	store := backends.SQLite(t, nil)
	var log bytes.Buffer
	mended := order("shop", 2)
	s := &tape{source: "shop", orders: []*crm.ShopOrder{order("shop", 1)}, unreadable: []string{mended.Order.ExternalID}}
	options := shopsync.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}
	reports := run(t, store, []crm.Shop{s}, options)
	if r := reports[0]; r.Read != 2 || r.Written != 1 || r.Unmatched != 1 || r.Rejected != 1 || r.Watermark.IsZero() || r.Err != nil {
		t.Errorf("%+v, want 2 read, 1 written, 1 unmatched, 1 rejected", r)
	}
	want := []shopsync.Reject{{Kind: "orders", ExternalID: mended.Order.ExternalID, Reason: "what the shop says of it makes no sense: the currency is none"}}
	if diff := cmp.Diff(want, reports[0].Rejects); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
	if text := log.String(); !strings.Contains(text, "msg=rejected") || !strings.Contains(text, "the currency is none") {
		t.Errorf("log:\n%s", text)
	}

	reports = run(t, store, []crm.Shop{s}, options)
	if !slices.Equal(s.asked, []string{mended.Order.ExternalID}) || reports[0].Rejected < 1 || reports[0].Err != nil {
		t.Errorf("asked for %v again, %+v", s.asked, reports[0])
	}
	s.unreadable, s.orders = nil, append(s.orders, mended)
	s.asked, s.orders = nil, s.orders[1:] // Of what has changed it is none.
	reports = run(t, store, []crm.Shop{&asked{s}}, options)
	found, err := store.ByID(t.Context(), crm.KindOrder, []crm.ID{mended.Order.ID}, nil)
	if err != nil || len(found) != 1 || reports[0].Rejected != 0 {
		t.Errorf("stored: %v, %v, %+v", found, err, reports[0])
	}
	s.asked = nil
	run(t, store, []crm.Shop{s}, options)
	if len(s.asked) != 0 {
		t.Errorf("what can be read is asked for again: %v", s.asked)
	}
}

// asked is a tape that has no changes, and is asked for single records alone.
type asked struct{ *tape }

func (s *asked) OrderChanges(_ context.Context, from crm.Mark, _ int) (crm.ShopChanges[crm.ShopOrder], error) {
	return crm.ShopChanges[crm.ShopOrder]{Next: from}, nil
}

// What the shop does not have any more is forgotten.
func TestUnreadableThatIsGone(t *testing.T) {
	store := backends.SQLite(t, nil)
	s := &tape{source: "shop", unreadable: []string{"777"}}
	run(t, store, []crm.Shop{s}, shopsync.Options{})
	s.unreadable = nil
	for range 2 {
		if r := run(t, store, []crm.Shop{s}, shopsync.Options{})[0]; r.Rejected != 0 {
			t.Errorf("%+v", r)
		}
	}
	if !slices.Equal(s.asked, []string{"777"}) {
		t.Errorf("asked for %v, want 777 once", s.asked)
	}
}

// So is what is missing beside an order that still makes no sense.
func TestGoneBesideWhatIsUnreadable(t *testing.T) {
	store := backends.SQLite(t, nil)
	s := &tape{source: "shop", unreadable: []string{"777", "778"}}
	run(t, store, []crm.Shop{s}, shopsync.Options{})
	s.unreadable = []string{"778"}
	for range 2 {
		if r := run(t, store, []crm.Shop{&asked{s}}, shopsync.Options{})[0]; r.Rejected != 1 {
			t.Errorf("%+v, want one rejected", r)
		}
	}
	if want := []string{"777", "778", "778"}; !slices.Equal(s.asked, want) {
		t.Errorf("asked for %v, want %v", s.asked, want)
	}
}

// What fails beside an order that makes no sense is no less a failure: a run has failed,
// and asks for both the next time; an update has failed, and may be made again.
func TestAFailureBesideWhatIsUnreadable(t *testing.T) {
	store := backends.SQLite(t, nil)
	s := &tape{source: "shop", unreadable: []string{"777", "778"}}
	run(t, store, []crm.Shop{s}, shopsync.Options{})
	s.unreadable, s.fails = []string{"778"}, "777"
	for range 2 {
		reports, err := shopsync.Run(t.Context(), store, []crm.Shop{&asked{s}}, shopsync.Options{})
		if err != nil || crm.CodeOf(reports[0].Err) != crm.CodeUnavailable {
			t.Errorf("%v, %+v, want the shop's error", err, reports[0])
		}
	}
	if want := []string{"777", "778", "777", "778"}; !slices.Equal(s.asked, want) {
		t.Errorf("asked for %v, want %v", s.asked, want)
	}
	updater := shopsync.NewUpdater(store, []crm.Shop{s}, shopsync.Options{})
	if err := updater.Update(t.Context(), "shop", []string{"778"}); err != nil {
		t.Errorf("an order that makes no sense: %v", err)
	}
	if err := updater.Update(t.Context(), "shop", []string{"777", "778"}); crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("and one that fails: %v", err)
	}
}

// A store that a shop was synced into can be dumped and imported.
func TestADumpImports(t *testing.T) {
	store, again := backends.SQLite(t, nil), backends.SQLite(t, nil)
	w := newWorld(rand.New(rand.NewPCG(7, 8)).IntN, size{stored: 10, shops: 2, customers: 30, products: 5, orders: 30, people: 20})
	fill(t, store, w.stored...)
	var told []shopsync.Progress
	run(t, store, w.ports(), shopsync.Options{Progress: func(p shopsync.Progress) { told = append(told, p) }})
	text := dump(t, store)
	summary, err := files.Import(t.Context(), again, strings.NewReader(text), files.Options{})
	if err != nil || summary.Rejected != 0 {
		t.Fatalf("%+v, %v", summary, err)
	}
	if dump(t, again) != text {
		t.Error("the dump of what was imported is another")
	}
	// Customers are read on where an order names one whom the store does not know.
	if last := told[len(told)-1]; len(told) < 6 || last.Source != "shop-1" || last.Kind != "orders" || last.Read < 30 {
		t.Errorf("progress: %+v", told)
	}
}

func TestWrongShops(t *testing.T) {
	store := backends.SQLite(t, nil)
	if _, err := shopsync.Run(t.Context(), store, []crm.Shop{&tape{source: "shop"}, &tape{source: "shop"}}, shopsync.Options{}); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("two of one name: %v", err)
	}
	endless := slow{&tape{source: "shop"}, func() {}}
	reports, err := shopsync.Run(t.Context(), store, []crm.Shop{standing{endless}}, shopsync.Options{})
	if err != nil || crm.CodeOf(reports[0].Err) != crm.CodeUnavailable {
		t.Errorf("changes without an end: %v, %+v", err, reports)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := shopsync.Run(ctx, store, []crm.Shop{&tape{source: "shop"}}, shopsync.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// standing is a shop that says that there is more and does not move.
type standing struct{ crm.Shop }

func (standing) ProductChanges(_ context.Context, from crm.Mark, _ int) (crm.ShopChanges[crm.Product], error) {
	return crm.ShopChanges[crm.Product]{Next: from, More: true}, nil
}

func TestUpdate(t *testing.T) {
	store := backends.SQLite(t, nil)
	bought := order("shop", 1)
	bought.Buyer.ExternalID = "7"
	shop := shoptest.New("shop", []*crm.ShopOrder{bought, order("shop", 2), order("shop", 3)},
		shoptest.WithCustomers(&crm.ShopCustomer{ExternalID: "7", UpdatedAt: noon()}),
		shoptest.WithCapabilities(crm.Capabilities{OrdersPerCall: 2}))
	run(t, store, []crm.Shop{shop}, shopsync.Options{})
	before := dump(t, store)
	updater := shopsync.NewUpdater(store, []crm.Shop{shop}, shopsync.Options{})
	update := func(ids ...string) {
		t.Helper()
		if err := updater.Update(t.Context(), "shop", ids); err != nil {
			t.Fatal(err)
		}
	}
	shop.Hide("1002")
	update("1001", "1002", "1003", "unknown", "1001")
	if diff := cmp.Diff(before, dump(t, store)); diff != "" {
		t.Errorf("nothing new (-want +got):\n%s", diff)
	}
	later := order("shop", 1)
	later.Buyer = bought.Buyer
	later.Order.Status, later.Order.UpdatedAt = crm.OrderStatusCanceled, clock()
	shop.Put(later, order("shop", 4))
	update("1001", "1004")
	got := one(t, crm.Of[crm.Order](store), "ord_shop.1001")
	if got.Status != crm.OrderStatusCanceled || got.CustomerID != crm.DerivedID(crm.KindCustomer, "shop", "7") {
		t.Errorf("updated: %s of %q", got.Status, got.CustomerID)
	}
	one(t, crm.Of[crm.Order](store), "ord_shop.1004")
	shop.Put(bought) // an answer that was overtaken
	update("1001")
	if got := one(t, crm.Of[crm.Order](store), "ord_shop.1001"); got.Status != crm.OrderStatusCanceled {
		t.Errorf("an older state was stored: %s", got.Status)
	}
	shop.Lie(order("shop", 9))
	update("1001")
	if n, err := crm.Of[crm.Order](store).Count(t.Context(), nil); n != 4 || err != nil {
		t.Errorf("%d orders (%v), want 4: what nobody asked for is not stored", n, err)
	}
	shop.SetErr(&crm.Error{Code: crm.CodeRateLimited, Source: "shop"})
	if err := updater.Update(t.Context(), "shop", []string{"1001"}); crm.CodeOf(err) != crm.CodeRateLimited {
		t.Errorf("a shop that refuses: %v", err)
	}
	if err := updater.Update(t.Context(), "other", nil); crm.CodeOf(err) != crm.CodeNotFound {
		t.Errorf("an unknown source: %v", err)
	}
}
