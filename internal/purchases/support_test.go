package purchases_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	clock = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	day   = time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	sort  = crm.Sort{Field: crm.FieldPlacedAt, Desc: true}
)

// failure is a knob: what a source does wrong.
type failure struct {
	mu    sync.Mutex
	err   error
	panic any
	calls []string
}

func (f *failure) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *failure) begin(call string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	if f.panic != nil {
		panic(f.panic)
	}
	return f.err
}

func (f *failure) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	slices.Sort(calls)
	return calls
}

// store is a real store that can fail and notes what it is asked.
type store struct {
	crm.Store
	failure
}

func newStore(t testing.TB) *store { return &store{Store: backends.SQLite(t, nil)} }

func (s *store) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	if err := s.begin(crm.Describe(kind).Name + ".ByID"); err != nil {
		return nil, err
	}
	return s.Store.ByID(ctx, kind, ids, want)
}

func (s *store) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	if err := s.begin(crm.Describe(kind).Name + ".List"); err != nil {
		return crm.RecordPage{}, err
	}
	return s.Store.List(ctx, kind, q)
}

func (s *store) ListBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	if err := s.begin(crm.Describe(kind).Name + ".ListBy"); err != nil {
		return nil, err
	}
	return s.Store.ListBy(ctx, kind, fields, ids, q)
}

func (s *store) CountBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	if err := s.begin(crm.Describe(kind).Name + ".CountBy"); err != nil {
		return nil, err
	}
	return s.Store.CountBy(ctx, kind, fields, ids, where)
}

// put writes records that are not there yet.
func put[T any](t interface {
	Helper()
	Fatal(...any)
}, to crm.Records[T], list ...*T,
) {
	t.Helper()
	writes := make([]crm.Write[T], len(list))
	for i, r := range list {
		writes[i] = crm.Write[T]{Record: r}
	}
	errs, err := to.Write(context.Background(), writes)
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

func email(name string) string { return name + "@example.com" }

// customer is known to every shop by a verified email address.
func customer(name string) *crm.Customer {
	c := &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, "test", name), DisplayName: name, Version: 1, CreatedAt: day, UpdatedAt: day,
		Emails: []crm.EmailAddress{{Address: email(name), Verified: true}},
	}
	c.Complete()
	return c
}

// order is an order of somebody, as its source has it.
func order(source, externalID, of string, at time.Time) *crm.Order {
	none := crm.Money{CurrencyCode: "EUR"}
	o := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, source, externalID), Source: source, ExternalID: externalID, Number: "#" + externalID,
		PlacedAt: at, UpdatedAt: at, Price: crm.PriceBreakdown{Subtotal: none, Discount: none, Shipping: none, Tax: none, Total: none},
	}
	if of != "" {
		o.CustomerID = customer(of).ID
	}
	o.Complete()
	return o
}

// bought is a shop's order with its buyer's email address.
func bought(source, externalID, of string, at time.Time) *crm.ShopOrder {
	return &crm.ShopOrder{Order: order(source, externalID, of, at), Buyer: crm.Buyer{Email: email(of)}}
}

// flat returns orders in the list's order, each id once: what comes first wins.
func flat(orders ...*crm.Order) []*crm.Order {
	seen := map[crm.ID]bool{}
	var list []*crm.Order
	for _, o := range orders {
		if !seen[o.ID] {
			seen[o.ID] = true
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b *crm.Order) int {
		return cmp.Or(cmp.Compare(b.PlacedAt.UnixMilli(), a.PlacedAt.UnixMilli()), cmp.Compare(b.ID, a.ID))
	})
	return list
}

func ids(orders []*crm.Order) []crm.ID {
	list := make([]crm.ID, len(orders))
	for i, o := range orders {
		list[i] = o.ID
	}
	return list
}

func position(o *crm.Order) *crm.Position {
	p := o.Position(crm.FieldPlacedAt)
	p.Time = p.Time.UTC().Truncate(time.Millisecond)
	return &p
}

// states returns what sources contributed as text: "a OK, store TIMEOUT".
func states(list []crm.SourceStatus) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = s.Source + " " + string(s.State)
	}
	return strings.Join(texts, ", ")
}

func query(limit int) crm.Query {
	return crm.Query{Sort: sort, Page: crm.PageRequest{Limit: limit}}
}

func live(shops ...crm.Shop) []purchases.Source {
	list := make([]purchases.Source, len(shops))
	for i, s := range shops {
		list[i] = purchases.Source{Shop: shoptest.Shared(s), Mode: purchases.ModeLive}
	}
	return list
}

// reading is the sources as they are asked for an audience.
type reading interface {
	crm.Purchases
	ProductsBySKU(ctx context.Context, refs []crm.SKURef) ([]*crm.Product, error)
}

// open returns the sources for the gateway itself.
func open(s crm.Store, shops ...purchases.Source) reading {
	return openFor(crm.Audience{}, s, shops...)
}

func openFor(a crm.Audience, s crm.Store, shops ...purchases.Source) reading {
	all := purchases.New(s, shops, purchases.Options{Clock: func() time.Time { return clock }})
	return all.For(a).(reading)
}

// first returns one customer's page.
func first(t *testing.T, s reading, c *crm.Customer, q crm.Query) crm.MergedOrders {
	t.Helper()
	pages, err := s.Orders(t.Context(), []*crm.Customer{c}, q, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pages[c.ID]
}

// liar is a shop whose answers are tampered with.
type liar struct {
	*shoptest.Shop
	orders func(map[crm.ID]crm.ShopOrders)
	byID   func(map[string]*crm.ShopOrder)
	carts  func(map[crm.ID]crm.ShopCarts)
	counts func(map[crm.ID]int)
}

func (l *liar) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	answer, err := l.Shop.CountOrders(ctx, shoppers)
	if l.counts != nil {
		l.counts(answer)
	}
	return answer, err
}

func (l *liar) OrdersOf(ctx context.Context, shoppers []crm.Shopper, s crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	answer, err := l.Shop.OrdersOf(ctx, shoppers, s)
	if l.orders != nil {
		l.orders(answer)
	}
	return answer, err
}

func (l *liar) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	answer, err := l.Shop.OrdersByID(ctx, ids)
	if l.byID != nil {
		l.byID(answer)
	}
	return answer, err
}

func (l *liar) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	answer, err := l.Shop.CartsOf(ctx, shoppers)
	if l.carts != nil {
		l.carts(answer)
	}
	return answer, err
}

var errDown = &crm.Error{Code: crm.CodeUnavailable, Message: "down"}

func number(n int) string { return fmt.Sprintf("%03d", n) }
