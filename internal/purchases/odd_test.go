package purchases_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

// An order that makes no sense costs itself alone: the others of its customer are there
// and the source is INCOMPLETE, another customer's are OK, a copy stands in, and the log
// names it without what it says.
func TestAnOddOrderMakesItsSourceIncomplete(t *testing.T) {
	s, ann, bob := newStore(t), customer("ann"), customer("bob")
	put(t, crm.Of[crm.Customer](s.Store), ann, bob)
	put(t, crm.Of[crm.Order](s.Store), order("a", "odd-1", "ann", day))
	shop := &liar{Shop: shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day), bought("a", "2", "bob", day)})}
	shop.orders = func(answer map[crm.ID]crm.ShopOrders) {
		if o, asked := answer[ann.ID]; asked {
			o.Unreadable = []crm.Unreadable{{ExternalID: "odd-1", Reason: "total cannot be read"}}
			answer[ann.ID] = o
		}
	}
	var log bytes.Buffer
	all := purchases.New(s, live(shop), purchases.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}).For(crm.Audience{})
	pages, err := all.Orders(t.Context(), []*crm.Customer{ann, bob}, query(5), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := pages[ann.ID]; states(got.Sources) != "a INCOMPLETE, store OK" || len(got.Items) != 2 {
		t.Errorf("%s, orders %v", states(got.Sources), ids(got.Items))
	}
	if got := pages[bob.ID]; states(got.Sources) != "a OK, store OK" || len(got.Items) != 1 {
		t.Errorf("another's: %s, orders %v", states(got.Sources), ids(got.Items))
	}
	if text := log.String(); strings.Count(text, "externalId=odd-1") != 1 || !strings.Contains(text, "total cannot be read") || !strings.Contains(text, "source=a") {
		t.Errorf("log:\n%s", text)
	}
}

// The same of a cart.
func TestAnOddCartMakesItsSourceIncomplete(t *testing.T) {
	ann, bob := customer("ann"), customer("bob")
	shop := &liar{Shop: shoptest.New("a", nil, shoptest.WithCarts(cart("1", "ann", day), cart("2", "bob", day)))}
	shop.carts = func(answer map[crm.ID]crm.ShopCarts) {
		answer[ann.ID] = crm.ShopCarts{Items: answer[ann.ID].Items, Unreadable: []crm.Unreadable{{ExternalID: "odd-1", Reason: "total cannot be read"}}}
	}
	var log bytes.Buffer
	all := purchases.New(newStore(t), live(shop), purchases.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}).For(crm.Audience{})
	carts, err := all.Carts(t.Context(), []*crm.Customer{ann, bob})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[crm.ID]string{ann.ID: "a INCOMPLETE", bob.ID: "a OK"} {
		if got := carts[id]; states(got.Sources) != want || len(got.Nodes) != 1 {
			t.Errorf("%s, carts %v; want %s and one", states(got.Sources), cartIDs(got.Nodes), want)
		}
	}
	if text := log.String(); strings.Count(text, "externalId=odd-1") != 1 || !strings.Contains(text, "record=cart") || !strings.Contains(text, "source=a") {
		t.Errorf("log:\n%s", text)
	}
}

// oddShop says of one id that its order makes no sense.
type oddShop struct{ crm.Shop }

func (s oddShop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	found, err := s.Shop.OrdersByID(ctx, ids)
	return found, errors.Join(err, &crm.Error{Code: crm.CodeUnavailable, Source: s.Source(), Err: crm.UnreadableKeys{"odd"}})
}

// Beside an odd order one that does not exist is null without an error.
func TestWhatIsMissingBesideAnOddOrder(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	shop := oddShop{shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})}
	orders, err := open(s, live(shop)...).OrdersByID(t.Context(), []crm.ID{"ord_a.1", "ord_a.odd", "ord_a.none"}, nil)
	var failures crm.PartialError
	if !errors.As(err, &failures) || len(failures) != 1 || crm.CodeOf(failures["ord_a.odd"]) != crm.CodeUnavailable || len(orders) != 1 || orders["ord_a.1"] == nil {
		t.Errorf("orders %v, failures %v", orders, err)
	}
}
