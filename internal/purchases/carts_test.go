package purchases_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

func cart(id, of string, at time.Time) shoptest.Cart {
	return shoptest.Cart{
		Cart:  &crm.Cart{ExternalID: id, Status: crm.CartStatusOpen, CreatedAt: at, UpdatedAt: at},
		Buyer: crm.Buyer{Email: email(of)},
	}
}

func cartIDs(carts []*crm.Cart) []crm.ID {
	list := make([]crm.ID, len(carts))
	for i, c := range carts {
		list[i] = c.ID
	}
	return list
}

func TestCarts(t *testing.T) {
	ann, bob, unknown := customer("ann"), customer("bob"), customer("eve")
	unknown.Emails = nil
	a := &liar{Shop: shoptest.New("a", nil, shoptest.WithCarts(cart("1", "ann", day), cart("2", "ann", day.Add(2*time.Hour)), cart("3", "bob", day)))}
	a.carts = func(answer map[crm.ID]crm.ShopCarts) {
		theirs := *answer[bob.ID].Items[0]
		strange := *answer[ann.ID].Items[0]
		strange.ID = crm.CartID("b", "1")
		foreign := *answer[ann.ID].Items[0]
		foreign.Source = "b"
		answer[ann.ID] = crm.ShopCarts{Items: append(answer[ann.ID].Items, &theirs, &strange, &foreign, nil)}
		answer[unknown.ID] = crm.ShopCarts{Items: []*crm.Cart{&theirs}}
	}
	b := shoptest.New("b", nil, shoptest.WithCarts(cart("1", "ann", day), cart("4", "ann", day.Add(time.Hour))))
	b.FailKeys(&crm.Error{Code: crm.CodeForbidden}, string(bob.ID))
	none := shoptest.New("none", nil, shoptest.WithCapabilities(crm.Capabilities{NoCarts: true}))
	synced := shoptest.New("synced", nil)
	all := open(
		newStore(t), purchases.Source{Shop: shoptest.Shared(synced), Mode: purchases.ModeSynced}, purchases.Source{Shop: shoptest.Shared(none), Mode: purchases.ModeLive},
		purchases.Source{Shop: shoptest.Shared(a), Mode: purchases.ModeLive}, purchases.Source{Shop: shoptest.Shared(b), Mode: purchases.ModeBoth},
	)
	carts, err := all.Carts(t.Context(), []*crm.Customer{ann, bob, unknown})
	if err != nil || len(carts) != 3 {
		t.Fatal(carts, err)
	}
	for _, c := range []struct {
		of      *crm.Customer
		carts   []crm.ID
		sources string
	}{
		{ann, []crm.ID{"crt_a.2", "crt_b.4", "crt_b.1", "crt_a.1"}, "a OK, b OK"},
		{bob, []crm.ID{"crt_a.3"}, "a OK, b DENIED"},
		{unknown, []crm.ID{}, ""},
	} {
		if diff := cmp.Diff(c.carts, cartIDs(carts[c.of.ID].Nodes)); diff != "" {
			t.Errorf("carts of %s (-want +got):\n%s", c.of.DisplayName, diff)
		}
		if got := states(carts[c.of.ID].Sources); got != c.sources {
			t.Errorf("sources of %s are %s, want %s", c.of.DisplayName, got, c.sources)
		}
	}
	if a.Calls() != 1 || b.Calls() != 1 || none.Calls()+synced.Calls() != 0 {
		t.Errorf("calls %d, %d, %d and %d", a.Calls(), b.Calls(), none.Calls(), synced.Calls())
	}
}

func TestCartsAreBounded(t *testing.T) {
	ann := customer("ann")
	shop := &liar{Shop: shoptest.New("a", nil), carts: func(answer map[crm.ID]crm.ShopCarts) {
		var items []*crm.Cart
		for n := range 2 * crm.MaxCarts {
			id := number(n)
			items = append(items, &crm.Cart{ID: crm.CartID("a", id), Source: "a", ExternalID: id, CustomerID: ann.ID})
		}
		answer[ann.ID] = crm.ShopCarts{Items: items}
	}}
	carts, err := open(newStore(t), live(shop)...).Carts(t.Context(), []*crm.Customer{ann})
	if n := len(carts[ann.ID].Nodes); err != nil || n != crm.MaxCarts {
		t.Errorf("%d carts, error %v", n, err)
	}
}
