package shoptest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/customer360/gateway/datasources/shops/guard/clone"
	"github.com/customer360/gateway/internal/crm"
)

// Cart is a cart with whom it belongs to.
type Cart struct {
	Cart  *crm.Cart
	Buyer crm.Buyer
}

// Call is one call of a port's method that reached the shop.
type Call struct {
	// Method is the port's name of it: "OrdersOf".
	Method string
	// Keys are what was asked for: customers' ids, the shop's own ids or SKUs.
	Keys []string
}

// Shop is a shop in memory. Its methods and knobs may be used at once from any
// number of goroutines. What it hands out is a copy.
type Shop struct {
	source    string
	can       crm.Capabilities
	precision time.Duration

	mu        sync.Mutex
	orders    []*crm.ShopOrder
	customers []*crm.ShopCustomer
	products  []*crm.Product
	carts     []Cart
	hidden    map[string]bool
	failing   map[string]error
	foreign   []*crm.ShopOrder
	missing   []string
	delay     time.Duration
	err       error
	hook      func(context.Context, Call) error
	calls     []Call
	now, most int
}

var _ crm.Shop = (*Shop)(nil)

// Option changes a shop that is made.
type Option func(*Shop)

// New makes a shop that has these orders. Ids and sources that are missing are
// set. The orders are copied.
func New(source string, orders []*crm.ShopOrder, opts ...Option) *Shop {
	s := &Shop{
		source: source, precision: time.Microsecond,
		hidden: map[string]bool{}, failing: map[string]error{},
	}
	for _, o := range opts {
		o(s)
	}
	s.Put(orders...)
	return s
}

// WithCustomers returns the shop customers.
func WithCustomers(customers ...*crm.ShopCustomer) Option {
	return func(s *Shop) {
		for _, c := range customers {
			s.customers = append(s.customers, clone.ShopCustomer(c))
		}
	}
}

// WithProducts returns the shop products. Ids and sources that are missing are set.
func WithProducts(products ...*crm.Product) Option {
	return func(s *Shop) {
		for _, p := range products {
			c := clone.Product(p)
			c.Source = s.source
			if c.ID == "" {
				c.ID = crm.DerivedID(crm.KindProduct, s.source, c.ExternalID)
			}
			c.Complete()
			s.products = append(s.products, c)
		}
	}
}

// WithCarts returns the shop carts. Ids and sources that are missing are set.
func WithCarts(carts ...Cart) Option {
	return func(s *Shop) {
		for _, c := range carts {
			cart := clone.Cart(c.Cart)
			cart.Source = s.source
			if cart.ID == "" {
				cart.ID = crm.CartID(s.source, cart.ExternalID)
			}
			cart.LinkLines()
			s.carts = append(s.carts, Cart{Cart: cart, Buyer: c.Buyer})
		}
	}
}

// WithCapabilities says what the shop can do; without it, everything. A call
// with more keys than that is CodeInvalid.
func WithCapabilities(can crm.Capabilities) Option { return func(s *Shop) { s.can = can } }

// WithPrecision says to which unit the shop's times are: a second, a
// millisecond or (without it) a microsecond. What it hands out is cut to the
// millisecond, as the port wants it.
func WithPrecision(unit time.Duration) Option { return func(s *Shop) { s.precision = unit } }

// WithDelay is SetDelay from the beginning.
func WithDelay(d time.Duration) Option { return func(s *Shop) { s.delay = d } }

// WithErr is SetErr from the beginning.
func WithErr(err error) Option { return func(s *Shop) { s.err = err } }

// Put adds orders, or replaces those with the same ExternalID.
func (s *Shop) Put(orders ...*crm.ShopOrder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range orders {
		c := clone.ShopOrder(o)
		c.Order.Source = s.source
		if c.Order.ID == "" {
			c.Order.ID = crm.DerivedID(crm.KindOrder, s.source, c.Order.ExternalID)
		}
		c.Order.CustomerID = ""
		c.Order.PlacedAt = c.Order.PlacedAt.UTC().Truncate(s.precision)
		c.Order.Complete()
		same := func(p *crm.ShopOrder) bool { return p.Order.ExternalID == c.Order.ExternalID }
		if i := slices.IndexFunc(s.orders, same); i >= 0 {
			s.orders[i] = c
		} else {
			s.orders = append(s.orders, c)
		}
	}
}

// SetDelay makes every call take so long, or until its context ends.
func (s *Shop) SetDelay(d time.Duration) { s.set(func() { s.delay = d }) }

// SetErr makes every call fail, after the delay; nil lets them succeed again.
func (s *Shop) SetErr(err error) { s.set(func() { s.err = err }) }

// SetHook has a function called in each call, after the delay; its error is the
// call's. nil takes it away.
func (s *Shop) SetHook(hook func(context.Context, Call) error) { s.set(func() { s.hook = hook }) }

// Hide makes the shop forget these orders, by its own ids.
func (s *Shop) Hide(ids ...string) {
	s.set(func() {
		for _, id := range ids {
			s.hidden[id] = true
		}
	})
}

// Show makes the shop remember every order again.
func (s *Shop) Show() { s.set(func() { clear(s.hidden) }) }

// FailKeys makes single keys (as Call has them) fail while the others succeed;
// nil lets them succeed again.
func (s *Shop) FailKeys(err error, keys ...string) {
	s.set(func() {
		for _, k := range keys {
			if s.failing[k] = err; err == nil {
				delete(s.failing, k)
			}
		}
	})
}

// Lie breaks the contract: each answer about orders holds these too, under keys
// that nobody asked for. Without an argument the shop is honest again.
func (s *Shop) Lie(foreign ...*crm.ShopOrder) { s.set(func() { s.foreign = foreign }) }

// SetMissing says which permissions Check finds missing.
func (s *Shop) SetMissing(permissions ...string) { s.set(func() { s.missing = permissions }) }

// Calls returns how many calls the shop got: of one of the methods given, or of
// any if none is given.
func (s *Shop) Calls(methods ...string) int {
	n := 0
	for _, c := range s.Log() {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			n++
		}
	}
	return n
}

// Log returns the calls so far, in the order in which they began.
func (s *Shop) Log() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Most returns how many calls were under way at the same time at most.
func (s *Shop) Most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// Forget forgets the calls so far.
func (s *Shop) Forget() { s.set(func() { s.calls, s.most = nil, s.now }) }

func (s *Shop) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// begin notes a call, waits and fails as the knobs say. limit bounds the keys;
// 0 is any number.
func (s *Shop) begin(ctx context.Context, method string, keys []string, limit int) error {
	call := Call{Method: method, Keys: slices.Clone(keys)}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.now++
	s.most = max(s.most, s.now)
	delay := s.delay
	s.mu.Unlock()
	defer s.set(func() { s.now-- })

	if err := wait(ctx, delay); err != nil {
		return s.fail(err)
	}
	s.mu.Lock()
	err, hook := s.err, s.hook
	s.mu.Unlock()
	switch {
	case err != nil:
		return err
	case limit > 0 && len(keys) > limit:
		return &crm.Error{Code: crm.CodeInvalid, Source: s.source, Op: method, Message: "too many keys in one call"}
	case hook != nil:
		return hook(ctx, call)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fail returns the error of a context that ended.
func (s *Shop) fail(err error) error {
	return &crm.Error{
		Code: crm.CodeUnavailable, Source: s.source, Op: "ask the shop",
		Message: "the shop cannot be reached at the moment; try again later", Err: err,
	}
}
