package access

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// Sources returns what the store and the shops have of purchases as the caller in
// the context may see it, as Store does. What is behind it reads undecorated:
// shops' answers are kept as they are, and the policy is applied to what is handed
// out.
func Sources(inner crm.Sources, policy *Policy) crm.Purchases {
	return &guardedSources{inner: inner, policy: policy}
}

type guardedSources struct {
	inner  crm.Sources
	policy *Policy
}

// Names returns the sources' names.
func (g *guardedSources) Names() []string { return g.inner.For(crm.Audience{}).Names() }

// audience says how shops are asked for the caller: a partner's row limits are a
// scope of their own.
func (v *view) audience() crm.Audience {
	if v.partner() && v.limited() {
		return crm.Audience{Scope: rowsKey(v.who.Rows)}
	}
	return crm.Audience{}
}

// rowsAlone says that a partner with such a rule in force asks no shops but those of
// its rows: one that it may not see is not asked, and cannot fail.
func (v *view) rowsAlone(rule Rule) crm.Audience {
	a := v.audience()
	if v.partner() && v.on(rule) && len(v.who.Rows.Sources) > 0 {
		a.Shops = v.who.Rows.Sources
	}
	return a
}

// Covered says which of the caller's sources the figures cover.
func (g *guardedSources) Covered(ctx context.Context) ([]crm.SourceStatus, error) {
	v, err := g.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	list, err := g.inner.For(v.audience()).Covered(ctx)
	return v.keepSources(list), err
}

// Orders returns a page for each customer whose orders the caller may list; the
// others are missing.
func (g *guardedSources) Orders(
	ctx context.Context, customers []*crm.Customer, q crm.Query, filter *crm.OrderFilter, complete []string,
) (map[crm.ID]crm.MergedOrders, error) {
	v, err := g.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.all() {
		pages, err := g.inner.For(v.audience()).Orders(ctx, customers, q, filter, complete)
		for _, page := range pages {
			v.count(orderKind, len(page.Items))
		}
		return pages, err
	}
	all := map[crm.ID]crm.MergedOrders{}
	err = g.branches(ctx, v, customers, func(part []*crm.Customer, narrowed []crm.Predicate) error {
		one := q
		one.Where = append(slices.Clip(q.Where), narrowed...)
		one.Members = orders().wants(q.Members, q.Where)
		pages, failed := g.inner.For(v.ofMembers(narrowed)).Orders(ctx, part, one, filter, complete)
		if err := g.keep(ctx, v, pages); err != nil {
			return err
		}
		maps.Copy(all, pages)
		return failed
	})
	return all, err
}

// The names of kinds that stores and shops have.
const (
	orderKind   = "order"
	productKind = "product"
)

// keep leaves in pages what the caller may see.
func (g *guardedSources) keep(ctx context.Context, v *view, pages map[crm.ID]crm.MergedOrders) error {
	guard := orders()
	var records []*crm.Order
	for _, page := range pages {
		records = append(records, page.Items...)
	}
	a, err := guard.around(ctx, v, records, nil)
	if err != nil {
		return err
	}
	for id, page := range pages {
		seen := make([]*crm.Order, 0, len(page.Items))
		for _, o := range page.Items {
			if shown := guard.see(v, o, a); shown != nil {
				seen = append(seen, shown)
			}
		}
		page.Items, page.Sources = seen, v.keepSources(page.Sources)
		pages[id] = page
		v.count(orderKind, len(seen))
	}
	return nil
}

// branches calls ask for the customers whose orders the caller may list, once for
// each way to narrow them. What fails for some customers is put together.
func (g *guardedSources) branches(
	ctx context.Context, v *view, customers []*crm.Customer, ask func(part []*crm.Customer, narrowed []crm.Predicate) error,
) error {
	ids := make([]crm.ID, 0, len(customers))
	byID := make(map[crm.ID]*crm.Customer, len(customers))
	for _, c := range v.wholes(customers) {
		if c != nil {
			ids, byID[c.ID] = append(ids, c.ID), c
		}
	}
	if v.blind() {
		return nil
	}
	list, err := ordersUnder(ctx, v, ids)
	if err != nil {
		return err
	}
	failures := crm.PartialError{}
	for _, b := range list {
		part := make([]*crm.Customer, len(b.parents))
		for i, id := range b.parents {
			part[i] = byID[id]
		}
		err := ask(part, b.where)
		var partial crm.PartialError
		if err != nil && !errors.As(err, &partial) {
			return err
		}
		maps.Copy(failures, partial)
	}
	return failures.OrNil()
}

// ofMembers says how orders are asked for that are narrowed for a customer in the
// portal: to those of an organization's that they placed themselves. Shops know the
// organization alone as their buyer. They have nothing to add, and how much they
// have of others' is not to be told.
func (v *view) ofMembers(narrowed []crm.Predicate) crm.Audience {
	a := v.audience()
	if v.portal() && len(narrowed) > 0 {
		a.Shops = []string{}
	}
	return a
}

// CountOrders counts the orders that Orders lists.
func (g *guardedSources) CountOrders(ctx context.Context, customers []*crm.Customer, where []crm.Predicate) (map[crm.ID]*int, error) {
	v, err := g.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.all() {
		return g.inner.For(v.audience()).CountOrders(ctx, customers, where)
	}
	all := map[crm.ID]*int{}
	err = g.branches(ctx, v, customers, func(part []*crm.Customer, narrowed []crm.Predicate) error {
		counts, failed := g.inner.For(v.ofMembers(narrowed)).CountOrders(ctx, part, append(slices.Clip(where), narrowed...))
		maps.Copy(all, counts)
		return failed
	})
	return all, err
}

// OrdersByID returns those of the orders that the caller may see.
func (g *guardedSources) OrdersByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*crm.Order, error) {
	return lookUp(ctx, g, orders(), ids, want, crm.Purchases.OrdersByID)
}

// ProductsByID returns those of the products that the caller may see.
func (g *guardedSources) ProductsByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*crm.Product, error) {
	return lookUp(ctx, g, products(), ids, want, crm.Purchases.ProductsByID)
}

func lookUp[T any](
	ctx context.Context, g *guardedSources, guard guard[T], ids []crm.ID, want *crm.Members,
	read func(crm.Purchases, context.Context, []crm.ID, *crm.Members) (map[crm.ID]*T, error),
) (map[crm.ID]*T, error) {
	v, err := g.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.blind() || !v.all() && !guard.byID(ctx, v) {
		return map[crm.ID]*T{}, nil
	}
	audience := v.audience()
	if !v.all() {
		audience.Evenly, ids, want = true, v.worthAsking(guard.kind, ids), guard.wants(want, nil)
	}
	found, failed := read(g.inner.For(audience), ctx, ids, want)
	var partial crm.PartialError
	if failed != nil && !errors.As(failed, &partial) {
		return nil, failed
	}
	shown, err := handOut(ctx, v, guard, found)
	if err != nil || v.all() {
		return shown, cmp.Or(err, failed)
	}
	// What is seen is right; for what is not, what is missing fails as well.
	unseen := crm.PartialError{}
	for id, cause := range partial {
		if shown[id] == nil {
			unseen[id] = cause
		}
	}
	return shown, unseen.OrNil()
}

// worthAsking returns those of the ids of orders or products that can be of a
// partner's sources: an id says which source it is of.
func (v *view) worthAsking(kind string, ids []crm.ID) []crm.ID {
	rule := RulePartnerOrders
	if kind == productKind {
		rule = RulePartnerProducts
	}
	if !v.partner() || !v.on(rule) {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id crm.ID) bool {
		source, _, ok := id.Source()
		return ok && !v.hasSource(source)
	})
}

// Products returns where the products of a filter are read from, which may name shops
// that the caller may not see.
func (g *guardedSources) Products(filter *crm.ProductFilter) crm.Reader[crm.Product] {
	return &reader[crm.Product]{
		from: func(v *view) crm.Reader[crm.Product] {
			return g.inner.For(v.rowsAlone(RulePartnerProducts)).Products(filter)
		},
		policy: g.policy, guard: products(),
	}
}

// Carts returns the carts of those customers whose carts the caller may see; the
// others are missing.
func (g *guardedSources) Carts(ctx context.Context, customers []*crm.Customer) (map[crm.ID]*crm.CustomerCarts, error) {
	v, err := g.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.all() {
		carts, err := g.inner.For(v.audience()).Carts(ctx, customers)
		for _, c := range carts {
			v.count("cart", len(c.Nodes))
		}
		return carts, err
	}
	customers = slices.DeleteFunc(v.wholes(customers), func(c *crm.Customer) bool { return c == nil || !v.seesCarts(c.ID) })
	if len(customers) == 0 {
		return map[crm.ID]*crm.CustomerCarts{}, nil
	}
	carts, err := g.inner.For(v.rowsAlone(RulePartnerCarts)).Carts(ctx, customers)
	for id, c := range carts {
		kept := v.keepCarts(c)
		carts[id] = kept
		v.count("cart", len(kept.Nodes))
	}
	return carts, err
}

// Finds says whether the caller may look for records of a kind by text.
func (p *Policy) Finds(ctx context.Context, kind crm.Kind) (bool, error) {
	v, err := p.view(ctx)
	switch {
	case err != nil:
		return false, err
	case v.all():
		return true, nil
	}
	for _, k := range p.kinds {
		if k.kind() == kind {
			return k.lists(v), nil
		}
	}
	return false, nil
}
