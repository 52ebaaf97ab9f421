package purchases_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

func TestOrdersByIDComeFromTheRightSource(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	stored := func(source, id string) *crm.Order {
		o := order(source, id, "ann", day)
		o.Number = "stored"
		return o
	}
	put(t, crm.Of[crm.Order](s.Store), stored("till", "1"), stored("a", "1"), stored("b", "1"), stored("c", "1"), stored("a", "2"))
	a := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day), bought("a", "3", "ann", day)})
	b := shoptest.New("b", []*crm.ShopOrder{bought("b", "1", "ann", day)})
	c := shoptest.New("c", []*crm.ShopOrder{bought("c", "1", "ann", day)})
	all := open(
		s, purchases.Source{Shop: shoptest.Shared(a), Mode: purchases.ModeLive}, purchases.Source{Shop: shoptest.Shared(b), Mode: purchases.ModeBoth},
		purchases.Source{Shop: shoptest.Shared(c), Mode: purchases.ModeSynced},
	)
	orders, err := all.OrdersByID(t.Context(), []crm.ID{
		"ord_till.1", "ord_a.1", "ord_a.1", "ord_a.2", "ord_a.3", "ord_a.4", "ord_b.1", "ord_c.1", "ord_gone.1", "prd_a.1", "ord_", ann.ID,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[crm.ID]string{}
	for id, o := range orders {
		if o.ID != id || o.CustomerID != ann.ID {
			t.Errorf("%s: order %s of %q", id, o.ID, o.CustomerID)
		}
		got[id] = o.Number
	}
	want := map[crm.ID]string{
		"ord_till.1": "stored", "ord_a.1": "#1", "ord_a.2": "stored", "ord_a.3": "#3", "ord_b.1": "#1", "ord_c.1": "stored",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]shoptest.Call{{Method: "OrdersByID", Keys: []string{"1", "2", "3", "4"}}}, a.Log()); diff != "" {
		t.Errorf("calls of a live shop (-want +got):\n%s", diff)
	}
	if b.Calls() != 1 || c.Calls() != 0 {
		t.Errorf("%d calls of a shop for both, %d of a synced one", b.Calls(), c.Calls())
	}
	if diff := cmp.Diff([]string{"customers.ListBy", "orders.ByID"}, s.taken()); diff != "" {
		t.Errorf("calls of the store (-want +got):\n%s", diff)
	}
}

func TestOrdersByIDOfNothing(t *testing.T) {
	s, a := newStore(t), shoptest.New("a", nil)
	orders, err := open(s, live(a)...).OrdersByID(t.Context(), []crm.ID{"prd_a.1", "x"}, nil)
	if len(orders) != 0 || err != nil || len(s.taken()) != 0 || a.Calls() != 0 {
		t.Errorf("orders %v, error %v, %d calls", orders, err, a.Calls())
	}
}

func TestOrdersByIDWithoutTheirShop(t *testing.T) {
	s, ann := newStore(t), customer("ann")
	put(t, crm.Of[crm.Customer](s.Store), ann)
	put(t, crm.Of[crm.Order](s.Store), order("a", "1", "ann", day), order("till", "1", "ann", day))
	a := shoptest.New("a", nil, shoptest.WithErr(&crm.Error{Code: crm.CodeRateLimited, Message: "slower"}))
	orders, err := open(s, live(a)...).OrdersByID(t.Context(), []crm.ID{"ord_a.1", "ord_a.2", "ord_till.1"}, nil)
	if len(orders) != 2 || orders["ord_a.1"] == nil || orders["ord_till.1"] == nil {
		t.Errorf("orders %v", orders)
	}
	var (
		partial crm.PartialError
		e       *crm.Error
	)
	if !errors.As(err, &partial) || len(partial) != 1 || !errors.As(partial["ord_a.2"], &e) ||
		e.Source != "a" || e.Code != crm.CodeRateLimited || e.Message != "slower" {
		t.Errorf("error %v", err)
	}
}

func TestPartOfTheOrdersByIDFails(t *testing.T) {
	s := newStore(t)
	a := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day), bought("a", "2", "ann", day)})
	a.FailKeys(errDown, "2")
	orders, err := open(s, live(a)...).OrdersByID(t.Context(), []crm.ID{"ord_a.1", "ord_a.2"}, nil)
	var partial crm.PartialError
	if len(orders) != 1 || orders["ord_a.1"] == nil || !errors.As(err, &partial) || len(partial) != 1 || partial["ord_a.2"] == nil {
		t.Errorf("orders %v, error %v", orders, err)
	}
}

// TestNoOrderWithoutItsCustomer: without the store nobody knows whose a shop's
// order is, and so who may see it.
func TestNoOrderWithoutItsCustomer(t *testing.T) {
	s := newStore(t)
	s.set(errDown)
	a := shoptest.New("a", []*crm.ShopOrder{bought("a", "1", "ann", day)})
	orders, err := open(s, live(a)...).OrdersByID(t.Context(), []crm.ID{"ord_a.1", "ord_a.2", "ord_till.1"}, nil)
	var partial crm.PartialError
	if len(orders) != 0 || !errors.As(err, &partial) || len(partial) != 3 {
		t.Fatalf("orders %v, error %v", orders, err)
	}
	for id, err := range partial {
		var e *crm.Error
		if !errors.As(err, &e) || e.Source != crm.SourceStore {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestAnOrderByIDThatIsAnother(t *testing.T) {
	s := newStore(t)
	shop := &liar{Shop: shoptest.New("a", nil), byID: func(answer map[string]*crm.ShopOrder) {
		answer["1"] = bought("a", "9", "ann", day)
		answer["2"] = bought("b", "2", "ann", day)
		answer["3"] = &crm.ShopOrder{}
		answer["4"] = nil
		renamed := bought("a", "5", "ann", day)
		renamed.Order.Source = "b"
		answer["5"] = renamed
	}}
	orders, err := open(s, live(shop)...).OrdersByID(t.Context(), []crm.ID{"ord_a.1", "ord_a.2", "ord_a.3", "ord_a.4", "ord_a.5"}, nil)
	if len(orders) != 0 || err != nil {
		t.Errorf("orders %v, error %v", orders, err)
	}
}

func TestWhoseAShopsOrderIs(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		s := &store{Store: backend.Open(t, nil)}
		ann, bob, cat, dan, eve, fay := customer("ann"), customer("bob"), customer("cat"), customer("dan"), customer("eve"), customer("fay")
		ann.ExternalIdentities = []crm.ExternalIdentity{{Source: "a", ExternalID: "7"}}
		bob.ExternalIdentities = []crm.ExternalIdentity{{Source: "b", ExternalID: "8"}}
		cat.Emails = append(cat.Emails, crm.EmailAddress{Address: email("twice"), Verified: true}, crm.EmailAddress{Address: email("once"), Verified: true})
		dan.Emails = append(dan.Emails, crm.EmailAddress{Address: email("twice"), Verified: true}, crm.EmailAddress{Address: email("once")})
		eve.Emails[0].Verified = false
		fay.Status = crm.CustomerStatusErased
		acme := customer("acme")
		put(t, crm.Of[crm.Customer](s.Store), ann, bob, cat, dan, eve, fay, acme)
		copied := order("a", "stored", "dan", day)
		copied.OrganizationID = acme.ID
		put(t, crm.Of[crm.Order](s.Store), copied, order("a", "moved", "dan", day), order("a", "shared", "dan", day))

		cases := []struct {
			id    string
			buyer crm.Buyer
			want  crm.ID
		}{
			{"by id", crm.Buyer{ExternalID: "7"}, ann.ID},
			{"by email", crm.Buyer{Email: email("bob")}, bob.ID},
			{"by email in capitals", crm.Buyer{Email: " BOB@example.com"}, bob.ID},
			{"id before email", crm.Buyer{ExternalID: "7", Email: email("bob")}, ann.ID},
			{"unknown id and email", crm.Buyer{ExternalID: "9", Email: email("bob")}, bob.ID},
			{"another shop's id", crm.Buyer{ExternalID: "8"}, ""},
			{"an address of two", crm.Buyer{Email: email("twice")}, ""},
			{"one has proven it", crm.Buyer{Email: email("once")}, cat.ID},
			{"unverified", crm.Buyer{Email: email("eve")}, ""},
			{"erased", crm.Buyer{Email: email("fay")}, ""},
			{"guest", crm.Buyer{}, ""},
			{"unknown", crm.Buyer{Email: email("nobody")}, ""},
			{"stored", crm.Buyer{Email: email("nobody")}, dan.ID},
			{"moved", crm.Buyer{Email: email("ann")}, ann.ID},
			{"shared", crm.Buyer{Email: email("twice")}, ""},
		}
		shop := shoptest.New("a", nil)
		asked := make([]crm.ID, len(cases))
		for i, c := range cases {
			id := c.id
			if _, _, ok := crm.DerivedID(crm.KindOrder, "a", id).Source(); !ok {
				id = number(i)
			}
			asked[i] = crm.DerivedID(crm.KindOrder, "a", id)
			shop.Put(&crm.ShopOrder{Order: order("a", id, "", day), Buyer: c.buyer})
		}
		orders, err := open(s, live(shop)...).OrdersByID(t.Context(), asked, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range cases {
			if o := orders[asked[i]]; o == nil || o.CustomerID != c.want {
				t.Errorf("%s: %+v, want %s", c.id, o, c.want)
			}
		}
		if o := orders["ord_a.stored"]; o == nil || o.OrganizationID != acme.ID {
			t.Errorf("the organization of %+v, want %s", o, acme.ID)
		}
		if diff := cmp.Diff([]string{"customers.ListBy", "orders.ByID"}, s.taken()); diff != "" {
			t.Errorf("calls of the store (-want +got):\n%s", diff)
		}
	})
}
