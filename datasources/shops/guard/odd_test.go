package guard_test

import (
	"context"
	"errors"
	"testing"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/internal/crm"
)

// oddShop has one order that makes no sense.
type oddShop struct {
	crm.Shop
	calls int
}

func (s *oddShop) OrdersByID(context.Context, []string) (map[string]*crm.ShopOrder, error) {
	s.calls++
	return map[string]*crm.ShopOrder{}, &crm.Error{Code: crm.CodeUnavailable, Source: "shop", Err: crm.ErrUnreadable}
}

func (s *oddShop) ProductsByID(context.Context, []string) (map[string]*crm.Product, error) {
	s.calls++
	return map[string]*crm.Product{}, &crm.Error{Code: crm.CodeUnavailable, Source: "shop", Err: crm.UnreadableKeys{"odd"}}
}

func (s *oddShop) CartsOf(_ context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	return map[crm.ID]crm.ShopCarts{shoppers[0].CustomerID: {Items: []*crm.Cart{}, Unreadable: []crm.Unreadable{{ExternalID: "1"}}}}, nil
}

func (s *oddShop) OrderChanges(context.Context, crm.Mark, int) (crm.ShopChanges[crm.ShopOrder], error) {
	return crm.ShopChanges[crm.ShopOrder]{Unreadable: []crm.Unreadable{{ExternalID: "1"}, {ExternalID: "2"}}}, nil
}

// The shop has answered: it is not asked again for the same, and however often somebody
// asks for an odd record, the breaker lets others through.
func TestAnOddRecordIsNoFailureOfTheShop(t *testing.T) {
	t.Parallel()
	raw, seen := &oddShop{Shop: newShop()}, &recorder{}
	shop := wrap(raw, guard.Default(), seen)
	defer shop.Close()
	for n := range 100 {
		if _, err := shop.OrdersByID(t.Context(), []string{"odd"}); !errors.Is(err, crm.ErrUnreadable) {
			t.Fatalf("call %d: %v", n, err)
		}
	}
	if raw.calls != 100 || seen.count("retry") != 0 || seen.count("call OK") != 100 {
		t.Errorf("%d calls, %d retries, %d OK", raw.calls, seen.count("retry"), seen.count("call OK"))
	}
	if _, err := shop.OrderChanges(t.Context(), crm.Mark{}, 5); err != nil || seen.count("unreadable OrderChanges") != 2 {
		t.Errorf("%d observed, %v", seen.count("unreadable OrderChanges"), err)
	}
}

// An odd cart is observed, and handed on with its shopper.
func TestAnOddCart(t *testing.T) {
	t.Parallel()
	seen := &recorder{}
	shop := wrap(&oddShop{Shop: newShop()}, guard.Default(), seen)
	defer shop.Close()
	found, err := shop.CartsOf(t.Context(), shoppers(1))
	if got := found[shoppers(1)[0].CustomerID]; err != nil || len(got.Unreadable) != 1 || seen.count("unreadable CartsOf") != 1 {
		t.Errorf("%+v, %v, %d observed", got, err, seen.count("unreadable CartsOf"))
	}
}

// The error is that of the odd record: what is missing beside it does not exist, and is
// not asked for again.
func TestWhatIsMissingBesideAnOddRecord(t *testing.T) {
	t.Parallel()
	raw := &oddShop{Shop: newShop()}
	shop := wrap(raw, cached(), nil)
	defer shop.Close()
	if found, err := shop.ProductsByID(t.Context(), []string{"none", "odd"}); len(found) != 0 || !errors.Is(err, crm.ErrUnreadable) || crm.Concerns(err, "none") {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := shop.ProductsByID(t.Context(), []string{"none"}); len(found) != 0 || err != nil || raw.calls != 1 {
		t.Errorf("again: %v, %v, %d calls", found, err, raw.calls)
	}
}
