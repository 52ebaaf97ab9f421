package woocommerce_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

// pages walks until there is no more, with a call between pages, and gives the ids
// that were seen, sorted, once each, and the number of pages.
func pages[T any](t *testing.T, read func(context.Context, crm.Mark, int) (crm.ShopChanges[T], error), id func(*T) string,
	from crm.Mark, limit int, between func(n int),
) (seen []string, next crm.Mark, n int) {
	t.Helper()
	for n = 1; ; n++ {
		page, err := read(context.Background(), from, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			seen = append(seen, id(item))
		}
		if from = page.Next; !page.More {
			slices.Sort(seen)
			return slices.Compact(seen), from, n
		}
		if n > 1000 {
			t.Fatalf("the walk does not end, at %v", from)
		}
		if between != nil {
			between(n)
		}
	}
}

func orderID(o *crm.ShopOrder) string       { return o.Order.ExternalID }
func customerID(c *crm.ShopCustomer) string { return c.ExternalID }
func productID(p *crm.Product) string       { return p.ExternalID }

func ids(from, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(from + i)
	}
	slices.Sort(list)
	return list
}

// Following the marks shows every order, also if many were changed within one
// second, and if orders change again while the walk is on: those move to the end,
// and what is behind them moves up.
func TestOrderChanges(t *testing.T) {
	for _, limit := range []int{1, 2, 7, 100} {
		data := woocommercetest.Data{}
		for i := range 200 {
			second := min(i/2, 40) // From the 80th on, all in one second.
			data.Orders = append(data.Orders, anOrder(100+i, 0, "g@example.test", start.Add(time.Duration(second)*time.Second)))
		}
		server := woocommercetest.New(data)
		shop := open(t, server)
		random := rand.New(rand.NewPCG(1, uint64(limit)))
		now := start.Add(time.Hour)
		touch := func(int) {
			if now = now.Add(time.Second); now.After(start.Add(time.Hour + 30*time.Second)) {
				return
			}
			server.Update(func(d *woocommercetest.Data) {
				for range 3 {
					d.Orders[random.IntN(len(d.Orders))]["date_modified_gmt"] = stamp(now)
				}
			})
		}
		seen, next, _ := pages(t, shop.OrderChanges, orderID, crm.Mark{}, limit, touch)
		if diff := cmp.Diff(ids(100, 200), seen); diff != "" {
			t.Errorf("limit %d: orders (-want +got):\n%s", limit, diff)
		}
		// Later: one changed, one within the last second that was read.
		server.Update(func(d *woocommercetest.Data) {
			d.Orders[5]["date_modified_gmt"] = stamp(now.Add(time.Minute))
			d.Orders = append(d.Orders, with(anOrder(500, 0, "g@example.test", start), "date_modified_gmt", stamp(next.Time)))
		})
		seen, again, _ := pages(t, shop.OrderChanges, orderID, next, limit, nil)
		if !slices.Contains(seen, "105") || !slices.Contains(seen, "500") || len(seen) > 60 {
			t.Errorf("limit %d: later %q", limit, seen)
		}
		if seen, _, _ = pages(t, shop.OrderChanges, orderID, again, limit, nil); !cmp.Equal(seen, []string{"105"}) {
			t.Errorf("limit %d: at rest %q, want what was read last", limit, seen)
		}
	}
}

// An order that is changed again before the page behind it is read leaves its
// second: the next page must not begin one further.
func TestChangesThatMoveUp(t *testing.T) {
	data := woocommercetest.Data{}
	for i := range 9 {
		data.Orders = append(data.Orders, anOrder(1+i, 0, "g@example.test", start))
	}
	server := woocommercetest.New(data)
	moved := func(n int) {
		if n > 2 {
			return
		}
		server.Update(func(d *woocommercetest.Data) {
			for i := range 2 {
				d.Orders[2*(n-1)+i]["date_modified_gmt"] = stamp(start.Add(time.Hour))
			}
		})
	}
	seen, _, _ := pages(t, open(t, server).OrderChanges, orderID, crm.Mark{Time: start}, 4, moved)
	if diff := cmp.Diff(ids(1, 9), seen); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

// A list that stays as it is costs one request a page.
func TestRequestsOfAWalk(t *testing.T) {
	data := woocommercetest.Data{}
	for i := range 10 {
		data.Orders = append(data.Orders, anOrder(1+i, 0, "g@example.test", start))
	}
	server := woocommercetest.New(data)
	seen, _, n := pages(t, open(t, server).OrderChanges, orderID, crm.Mark{Time: start}, 4, nil)
	if asked := server.Requests(); len(seen) != 10 || n != 3 || len(asked) != n {
		t.Errorf("%d orders in %d pages and %d requests, want 10 in 3 and 3", len(seen), n, len(asked))
	}
}

// An order's buyer is its account with the account's address, or the guest.
func TestOrderChangesBuyers(t *testing.T) {
	shop := open(t, woocommercetest.New(woocommercetest.Data{
		Customers: []woocommercetest.Object{with(anAccount(3, "owner@example.test", start), "role", "shop_manager")},
		Orders: []woocommercetest.Object{
			anOrder(1, 3, "typed@example.test", start), anOrder(2, 0, "guest@example.test", start),
			anOrder(3, 44, "typed@example.test", start), with(anOrder(4, 3, "x@example.test", start), "status", "trash"),
		},
	}))
	page, err := shop.OrderChanges(context.Background(), crm.Mark{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]crm.Buyer{}
	for _, o := range page.Items {
		got[o.Order.ExternalID] = o.Buyer
	}
	want := map[string]crm.Buyer{
		"1": {ExternalID: "3", Email: "owner@example.test"}, "2": {Email: "guest@example.test"}, "3": {ExternalID: "44"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("buyers (-want +got):\n%s", diff)
	}
}

// Accounts have no filter by change: a walk passes all and gives those that
// changed since it last began.
func TestCustomerChanges(t *testing.T) {
	data := woocommercetest.Data{}
	for i := range 25 {
		data.Customers = append(data.Customers, anAccount(1+i, "c"+strconv.Itoa(i)+"@example.test", start))
	}
	data.Customers[24]["role"] = "administrator"
	server := woocommercetest.New(data)
	now := start.Add(time.Hour)
	server.Clock(func() time.Time { return now })
	shop := open(t, server)

	gone := func(n int) { // Two accounts that were seen are deleted: the rest moves up.
		if n == 2 {
			server.Update(func(d *woocommercetest.Data) { d.Customers = d.Customers[2:] })
		}
		now = now.Add(time.Minute)
	}
	seen, next, n := pages(t, shop.CustomerChanges, customerID, crm.Mark{}, 4, gone)
	if diff := cmp.Diff(ids(1, 25), seen); diff != "" || n < 6 {
		t.Errorf("%d pages, customers (-want +got):\n%s", n, diff)
	}
	if want := (crm.Mark{Time: start.Add(time.Hour - 10*time.Second)}); !cmp.Equal(want, next) {
		t.Errorf("mark %v, want %v", next, want)
	}
	server.Update(func(d *woocommercetest.Data) {
		d.Customers[7]["date_modified_gmt"] = stamp(start.Add(time.Hour)) // While the first walk was on.
		d.Customers[9]["date_modified_gmt"] = nil
	})
	seen, _, _ = pages(t, shop.CustomerChanges, customerID, next, 4, nil)
	if diff := cmp.Diff([]string{"10", "12"}, seen); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
}

// Without the shop's clock, everything is read again.
func TestCustomerChangesWithoutClock(t *testing.T) {
	server := woocommercetest.New(woocommercetest.Data{Customers: []woocommercetest.Object{anAccount(1, "c@example.test", start)}})
	server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header()["Date"] = nil
		return false
	})
	_, next, _ := pages(t, open(t, server).CustomerChanges, customerID, crm.Mark{}, 4, nil)
	if !next.Time.IsZero() || next.Cursor != "" {
		t.Errorf("mark %v, want the beginning", next)
	}
}

func TestMarksOfOthers(t *testing.T) {
	shop := open(t, woocommercetest.New(woocommercetest.Data{}))
	for _, cursor := range []string{"x", "1", "-1.2", "1.2.3.4", "1.", "0.1"} {
		if _, err := shop.CustomerChanges(context.Background(), crm.Mark{Cursor: cursor}, 5); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("CustomerChanges from %q: %v", cursor, err)
		}
		if _, err := shop.OrderChanges(context.Background(), crm.Mark{Cursor: cursor}, 5); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("OrderChanges from %q: %v", cursor, err)
		}
	}
}

// A shop that gives the same page for ever is found out.
func TestWalkThatDoesNotGoOn(t *testing.T) {
	server := woocommercetest.New(woocommercetest.Data{})
	server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-WP-Total", "1000000")
		_, _ = w.Write([]byte(`[{"id": 5}, {"id": 6}]`))
		return true
	})
	_, err := open(t, server).CustomerChanges(context.Background(), crm.Mark{Cursor: "3.9"}, 2)
	if crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("%v, want %s", err, crm.CodeUnavailable)
	}
}
