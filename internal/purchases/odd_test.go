package purchases_test

import (
	"bytes"
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
