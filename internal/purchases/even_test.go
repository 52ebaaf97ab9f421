package purchases_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// TestEvenlyAnOrderCostsWhatNoneCosts looks for a shop's order and for one that it
// does not have.
func TestEvenlyAnOrderCostsWhatNoneCosts(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	a := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})
	all := open(s, live(a)...)
	look := func(from crm.Purchases, id crm.ID) (calls []string) {
		s.taken()
		if _, err := from.OrdersByID(t.Context(), []crm.ID{id}, nil); err != nil {
			t.Fatal(err)
		}
		return s.taken()
	}
	if diff := cmp.Diff(look(all, "ord_a.1"), look(all, "ord_a.2")); diff == "" {
		t.Error("without it both cost the same: the test shows nothing")
	}
	evenly := openFor(crm.Audience{Evenly: true}, s, live(a)...)
	if diff := cmp.Diff(look(evenly, "ord_a.1"), look(evenly, "ord_a.2")); diff != "" {
		t.Errorf("calls of the store (-order +none):\n%s", diff)
	}
}

// TestEvenlyAnOrderFailsWhereNoneFails looks for copies of a shop that is down.
func TestEvenlyAnOrderFailsWhereNoneFails(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	put(t, crm.Of[crm.Order](s.Store), order("a", "1", "ann", day), order("till", "1", "ann", day))
	a := shoptest.New("a", nil, shoptest.WithErr(errDown))
	orders, err := openFor(crm.Audience{Evenly: true}, s, live(a)...).OrdersByID(t.Context(), []crm.ID{"ord_a.1", "ord_a.2", "ord_till.1", "ord_till.2"}, nil)
	var partial crm.PartialError
	if !errors.As(err, &partial) || len(partial) != 2 || partial["ord_a.1"] == nil || partial["ord_a.2"] == nil {
		t.Errorf("error %v, want both of the shop's", err)
	}
	if len(orders) != 2 || orders["ord_a.1"] == nil || orders["ord_till.1"] == nil {
		t.Errorf("orders %v, want both copies", orders)
	}
}

// TestCartsOfSomeShopsOnly asks for carts where another shop must not be asked.
func TestCartsOfSomeShopsOnly(t *testing.T) {
	s := newStore(t)
	a, b := shoptest.New("a", nil), shoptest.New("b", nil)
	carts, err := openFor(crm.Audience{Shops: []string{"b"}}, s, live(a, b)...).Carts(t.Context(), []*crm.Customer{customer("ann")})
	if err != nil || a.Calls() != 0 || b.Calls() != 1 {
		t.Errorf("%d calls of the other shop, %d of the one, %v", a.Calls(), b.Calls(), err)
	}
	for _, c := range carts {
		if len(c.Sources) != 1 || c.Sources[0].Source != "b" {
			t.Errorf("sources %v", c.Sources)
		}
	}
}
