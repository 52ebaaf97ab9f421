package shoptest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/guard/clone"
	"github.com/customer360/gateway/internal/crm"
)

// CustomerChanges reads the customers by when they were updated.
func (s *Shop) CustomerChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	if err := s.begin(ctx, "CustomerChanges", nil, 0); err != nil {
		return crm.ShopChanges[crm.ShopCustomer]{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return changes(s.customers, from, limit, clone.ShopCustomer, func(c *crm.ShopCustomer) (time.Time, string) {
		return c.UpdatedAt, c.ExternalID
	}), nil
}

// ProductChanges reads the products by when they were updated.
func (s *Shop) ProductChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	if err := s.begin(ctx, "ProductChanges", nil, 0); err != nil {
		return crm.ShopChanges[crm.Product]{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return changes(s.products, from, limit, clone.Product, func(p *crm.Product) (time.Time, string) {
		return p.UpdatedAt, p.ExternalID
	}), nil
}

// OrderChanges reads the orders by when they were updated.
func (s *Shop) OrderChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopOrder], error) {
	if err := s.begin(ctx, "OrderChanges", nil, 0); err != nil {
		return crm.ShopChanges[crm.ShopOrder]{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := slices.DeleteFunc(slices.Clone(s.orders), func(o *crm.ShopOrder) bool { return s.hidden[o.Order.ExternalID] })
	return changes(shown, from, limit, handOut, func(o *crm.ShopOrder) (time.Time, string) {
		return o.Order.UpdatedAt, o.Order.ExternalID
	}), nil
}

// changes returns the page after a mark of records sorted by their update, then
// their own id.
func changes[T any](all []*T, from crm.Mark, limit int, copied func(*T) *T, key func(*T) (time.Time, string)) crm.ShopChanges[T] {
	place := func(r *T) crm.Mark {
		at, id := key(r)
		return crm.Mark{Time: at.UTC().Truncate(time.Millisecond), Cursor: id}
	}
	compare := func(a, b crm.Mark) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Cursor, b.Cursor))
	}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b *T) int { return compare(place(a), place(b)) })
	sorted = slices.DeleteFunc(sorted, func(r *T) bool { return compare(place(r), from) <= 0 })

	n := min(max(limit, 1), len(sorted))
	page := crm.ShopChanges[T]{Items: make([]*T, n), Next: from, More: n < len(sorted)}
	for i, r := range sorted[:n] {
		page.Items[i] = copied(r)
		page.Next = place(r)
	}
	return page
}
