package guard

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/customer360/gateway/datasources/shops/guard/clone"
	"github.com/customer360/gateway/internal/crm"
)

// Shop is a shop that is guarded. It is asked under a scope, see Under.
type Shop struct {
	shop     crm.Shop
	settings Settings
	observer crm.ShopObserver
	guard    *guard
	changed  *invalid
	cache    *cache
	flights  flights
}

var _ crm.SharedShop = (*Shop)(nil)

// Wrap guards a shop. A nil observer is told nothing.
func Wrap(shop crm.Shop, s Settings, o crm.ShopObserver) *Shop {
	if o == nil {
		o = nobody{}
	}
	changed := &invalid{}
	return &Shop{
		shop: shop, settings: s, observer: o,
		guard:   newGuard(shop.Source(), s, o),
		changed: changed,
		cache:   newCache(s, changed),
		flights: flights{byID: map[string]*flight{}},
	}
}

// Source is the shop's.
func (s *Shop) Source() string { return s.shop.Source() }

// Capabilities are the shop's, but for the bounds of a call: there are none.
func (s scoped) Capabilities() crm.Capabilities {
	can := s.shop.Capabilities()
	can.ShoppersPerCall, can.OrdersPerCall, can.ProductsPerCall = 0, 0, 0
	return can
}

// Close waits for the requests that are under way and nobody waits for.
func (s *Shop) Close() { s.flights.running.Wait() }

// Invalidate says that orders have changed, by the shop's own ids, and whose they
// are: what is cached of them or of the buyers' histories, or was being asked for
// before, is asked for anew. It is still there for when the shop fails.
func (s *Shop) Invalidate(ids []string, buyers ...crm.Buyer) {
	tags := make([]string, 0, len(ids)+2*len(buyers))
	for _, id := range ids {
		tags = append(tags, orderTag(id))
	}
	for _, b := range buyers {
		if b.ExternalID != "" {
			tags = append(tags, buyerTag(b.ExternalID))
		}
		if key := crm.EmailKey(b.Email); key != "" {
			tags = append(tags, emailTag(key))
		}
	}
	s.changed.add(tags...)
}

// OrdersOf returns a stretch of each shopper's orders.
func (s scoped) OrdersOf(ctx context.Context, shoppers []crm.Shopper, stretch crm.Stretch) (map[crm.ID]crm.ShopOrders, error) {
	words := stretchWords(stretch)
	return get(ctx, s, query[crm.Shopper, crm.ID, crm.ShopOrders]{
		method: "OrdersOf", perCall: s.shop.Capabilities().ShoppersPerCall, every: true, standIn: true,
		key:   customerID,
		words: func(p crm.Shopper) []string { return append(shopperWords(p), words...) },
		ask: func(ctx context.Context, some []crm.Shopper) (map[crm.ID]crm.ShopOrders, error) {
			found, err := s.shop.OrdersOf(ctx, some, stretch)
			tellUnreadable(s.Shop, "OrdersOf", found, func(o crm.ShopOrders) []crm.Unreadable { return o.Unreadable })
			return found, err
		},
		copied: func(o crm.ShopOrders) crm.ShopOrders {
			o.Items, o.Unreadable = clone.Orders(o.Items), slices.Clone(o.Unreadable)
			return o
		},
		aged: func(o crm.ShopOrders, asOf time.Time, stale bool) crm.ShopOrders {
			o.AsOf, o.Stale = asOf, stale
			return o
		},
		size: func(o crm.ShopOrders) int { return sizes(o.Items, orderSize) + len(o.Unreadable)*entrySize },
		tags: func(p crm.Shopper, o crm.ShopOrders) []string {
			tags := shopperTags(p)
			for _, order := range o.Items {
				tags = append(tags, orderTag(order.ExternalID))
			}
			return tags
		},
	}, shoppers)
}

// CountOrders counts each shopper's orders.
func (s scoped) CountOrders(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]int, error) {
	if s.shop.Capabilities().NoCounts {
		return s.shop.CountOrders(ctx, shoppers)
	}
	return get(ctx, s, query[crm.Shopper, crm.ID, int]{
		method: "CountOrders", perCall: s.shop.Capabilities().ShoppersPerCall, every: true,
		key: customerID, words: shopperWords, ask: s.shop.CountOrders,
		copied: func(n int) int { return n },
		size:   func(int) int { return entrySize },
		tags:   func(p crm.Shopper, _ int) []string { return shopperTags(p) },
	}, shoppers)
}

// CartsOf returns each shopper's open carts and abandoned checkouts.
func (s scoped) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	if s.shop.Capabilities().NoCarts {
		return s.shop.CartsOf(ctx, shoppers)
	}
	return get(ctx, s, query[crm.Shopper, crm.ID, crm.ShopCarts]{
		method: "CartsOf", perCall: s.shop.Capabilities().ShoppersPerCall, every: true,
		key: customerID, words: shopperWords,
		ask: func(ctx context.Context, some []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
			found, err := s.shop.CartsOf(ctx, some)
			tellUnreadable(s.Shop, "CartsOf", found, func(c crm.ShopCarts) []crm.Unreadable { return c.Unreadable })
			return found, err
		},
		copied: func(c crm.ShopCarts) crm.ShopCarts {
			return crm.ShopCarts{Items: clone.Carts(c.Items), Unreadable: slices.Clone(c.Unreadable)}
		},
		size: func(c crm.ShopCarts) int { return sizes(c.Items, cartSize) + len(c.Unreadable)*entrySize },
		tags: func(p crm.Shopper, _ crm.ShopCarts) []string { return shopperTags(p) },
	}, shoppers)
}

// OrdersByID returns the orders that exist.
func (s scoped) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	return get(ctx, s, query[string, string, *crm.ShopOrder]{
		method: "OrdersByID", perCall: s.shop.Capabilities().OrdersPerCall, standIn: true,
		key: itself, words: only, ask: s.shop.OrdersByID,
		copied: clone.ShopOrder,
		aged: func(o *crm.ShopOrder, asOf time.Time, stale bool) *crm.ShopOrder {
			o.AsOf, o.Stale = asOf, stale
			return o
		},
		size: func(o *crm.ShopOrder) int { return entrySize + orderSize(o.Order) },
		tags: func(id string, _ *crm.ShopOrder) []string { return []string{orderTag(id)} },
	}, ids)
}

// ProductsByID returns the products that exist.
func (s scoped) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	return get(ctx, s, s.products("ProductsByID", s.shop.ProductsByID), ids)
}

// ProductsBySKU returns the products that have a variant with one of the SKUs.
func (s scoped) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	return get(ctx, s, s.products("ProductsBySKU", s.shop.ProductsBySKU), skus)
}

func (s *Shop) products(
	method string, ask func(context.Context, []string) (map[string]*crm.Product, error),
) query[string, string, *crm.Product] {
	return query[string, string, *crm.Product]{
		method: method, perCall: s.shop.Capabilities().ProductsPerCall, standIn: true,
		key: itself, words: only, ask: ask,
		copied: clone.Product,
		size:   productSize,
		tags:   func(string, *crm.Product) []string { return nil },
	}
}

// CustomerChanges reads what customers the shop has.
func (s scoped) CustomerChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	return through(ctx, s.Shop, "CustomerChanges", from, limit, s.shop.CustomerChanges)
}

// ProductChanges reads what products the shop has.
func (s scoped) ProductChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	return through(ctx, s.Shop, "ProductChanges", from, limit, s.shop.ProductChanges)
}

// OrderChanges reads what orders the shop has.
func (s scoped) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	return through(ctx, s.Shop, "OrderChanges", from, limit, s.shop.OrderChanges)
}

// through makes a call that is guarded, and never cached.
func through[T any](
	ctx context.Context, s *Shop, method string, from crm.Mark, limit int,
	ask func(context.Context, crm.Mark, int) (crm.ShopChanges[T], error),
) (page crm.ShopChanges[T], err error) {
	ctx, cancel := within(ctx, s.settings.SyncTimeout)
	defer cancel()
	err = s.guard.do(ctx, method, func(ctx context.Context) error {
		page, err = ask(ctx, from, limit)
		return err
	})
	s.unreadable(method, len(page.Unreadable))
	return page, err
}

// Check asks the shop as it is, once, whatever the breaker thinks of it.
func (s scoped) Check(ctx context.Context) ([]string, error) {
	ctx, cancel := within(ctx, s.settings.SyncTimeout)
	defer cancel()
	return s.shop.Check(ctx)
}

func within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// unreadable tells the observer of records that make no sense.
func (s *Shop) unreadable(method string, n int) {
	if n > 0 {
		s.observer.Unreadable(s.Source(), method, n)
	}
}

// tellUnreadable tells the observer of those in an answer for shoppers.
func tellUnreadable[V any](s *Shop, method string, found map[crm.ID]V, of func(V) []crm.Unreadable) {
	n := 0
	for _, v := range found {
		n += len(of(v))
	}
	s.unreadable(method, n)
}

// looked tells the observer of keys that were looked up.
func (s *Shop) looked(method string, result crm.ShopLookup, n int) {
	if n > 0 {
		s.observer.Cache(s.Source(), method, result, n)
	}
}

func customerID(p crm.Shopper) crm.ID { return p.CustomerID }

func itself(id string) string { return id }

func only(id string) []string { return []string{id} }

// shopperWords tell a shopper from others: by all that the shop is asked by.
func shopperWords(p crm.Shopper) []string {
	words := []string{string(p.CustomerID), strconv.Itoa(len(p.ExternalIDs))}
	return slices.Concat(words, p.ExternalIDs, p.Emails)
}

func stretchWords(s crm.Stretch) []string {
	bound := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return []string{strconv.FormatBool(s.OldestFirst), bound(s.Earliest), bound(s.Latest), strconv.Itoa(s.Limit)}
}

func shopperTags(p crm.Shopper) []string {
	tags := make([]string, 0, len(p.ExternalIDs)+len(p.Emails))
	for _, id := range p.ExternalIDs {
		tags = append(tags, buyerTag(id))
	}
	for _, e := range p.Emails {
		tags = append(tags, emailTag(e))
	}
	return tags
}

func orderTag(id string) string  { return "order " + id }
func buyerTag(id string) string  { return "buyer " + id }
func emailTag(key string) string { return "email " + key }
