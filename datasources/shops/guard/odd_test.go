package guard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// singly is a shop that is asked for single orders: some make no sense, and others fail.
type singly struct {
	crm.Shop
	down error
}

func (s *singly) Capabilities() crm.Capabilities { return crm.Capabilities{OrdersPerCall: 1} }

func (s *singly) OrdersByID(_ context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	var err error
	for _, id := range ids {
		switch {
		case strings.HasPrefix(id, "odd"):
			err = errors.Join(err, &crm.Error{Code: crm.CodeUnavailable, Source: "shop", Err: crm.UnreadableKeys{id}})
		case strings.HasPrefix(id, "down"):
			err = errors.Join(err, s.down)
		}
	}
	return map[string]*crm.ShopOrder{}, err
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

// Each call of several has its error in that of all: none hides another's keys, and the
// shop's own failure says what the whole is.
func TestErrorsOfSeveralCalls(t *testing.T) {
	t.Parallel()
	down := &crm.Error{Code: crm.CodeRateLimited, Source: "shop", RetryAfter: time.Minute}
	for name, test := range map[string]struct {
		ids  []string
		want []string // those whose absence the error concerns
		code crm.Code
		wait time.Duration
	}{
		"an odd one first":     {[]string{"none", "odd", "down"}, []string{"none", "odd", "down"}, crm.CodeRateLimited, time.Minute},
		"the failure first":    {[]string{"down", "odd"}, []string{"down", "odd"}, crm.CodeRateLimited, time.Minute},
		"several odd ones":     {[]string{"none", "odd1", "odd2"}, []string{"odd1", "odd2"}, crm.CodeUnavailable, 0},
		"the same failure":     {[]string{"down1", "down2"}, []string{"down1", "down2"}, crm.CodeRateLimited, time.Minute},
		"what does not exist":  {[]string{"none"}, nil, "", 0},
		"one that is odd":      {[]string{"odd"}, []string{"odd"}, crm.CodeUnavailable, 0},
		"an odd one and a gap": {[]string{"odd", "none"}, []string{"odd"}, crm.CodeUnavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := plain()
			settings.RestAtMost = time.Nanosecond // Each call reaches the shop.
			shop := wrap(&singly{newShop(), down}, settings, nil)
			defer shop.Close()
			_, err := shop.OrdersByID(t.Context(), test.ids)
			var concerned []string
			for _, id := range test.ids {
				if crm.Concerns(err, id) {
					concerned = append(concerned, id)
				}
			}
			if diff := cmp.Diff(test.want, concerned); diff != "" {
				t.Errorf("concerned (-want +got):\n%s", diff)
			}
			var first *crm.Error
			if found := errors.As(err, &first); found != (test.want != nil) || found && (first.Code != test.code || first.RetryAfter != test.wait) {
				t.Errorf("%v, want %s after %s", err, test.code, test.wait)
			}
			if err != nil && strings.Count(err.Error(), string(crm.CodeRateLimited)) > 1 {
				t.Errorf("a failure is named twice: %v", err)
			}
		})
	}
}

// A call that fails beside an odd record has failed: it is made again, and counts.
func TestAFailureBesideAnOddRecord(t *testing.T) {
	t.Parallel()
	settings, seen := plain(), &recorder{}
	settings.Retries, settings.RetryDelay = 1, 0
	shop := wrap(&together{&singly{newShop(), failure(crm.CodeUnavailable)}}, settings, seen)
	defer shop.Close()
	_, err := shop.OrdersByID(t.Context(), []string{"down", "odd"})
	if crm.OnlyUnreadable(err) || seen.count("retry") != 1 || seen.count("call UNAVAILABLE") != 2 {
		t.Errorf("%v, %d retries, %d failed", err, seen.count("retry"), seen.count("call UNAVAILABLE"))
	}
}

// together is singly, asked for any number.
type together struct{ *singly }

func (together) Capabilities() crm.Capabilities { return crm.Capabilities{} }
