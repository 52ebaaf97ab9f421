package purchases

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/crm"
)

// newestFirst is the one order that all sources can be merged in.
var newestFirst = crm.Sort{Field: crm.FieldPlacedAt, Desc: true}

// byCustomer are the fields that hang an order on a customer.
func byCustomer() []crm.Field { return []crm.Field{crm.FieldCustomer, crm.FieldOrganization} }

// Orders returns a page for each customer of their orders and those of the
// organization they are, over the store and every live shop that knows them,
// newest first: q.Sort is placedAt descending, anything else is Internal. q.Where
// holds filter's conditions; filter may be nil. complete is nil where paging
// begins, else what the cursor carries: a source that is not in it is INCOMPLETE
// to the end of the list, since its earlier orders may be missing.
//
// An order that the store and its shop have comes once, as the shop has it. A
// page may be shorter than asked for, with More and an INCOMPLETE source, if a
// shop has very many orders that the filter does not want. A page without any
// order has no More: there is nothing to go on from.
//
// A customer without an entry has failed: no source answered. The error is then a
// crm.PartialError with the store's error, or, if the caller went away,
// context.Canceled.
func (r reading) Orders(
	ctx context.Context, customers []*crm.Customer, q crm.Query, filter *crm.OrderFilter, complete []string,
) (map[crm.ID]crm.MergedOrders, error) {
	if q.Sort != newestFirst {
		return nil, &crm.Error{Code: crm.CodeInternal, Op: "merge orders", Message: "orders of several sources are sorted by placedAt, descending"}
	}
	wanted, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	customers = unique(customers)
	if len(customers) == 0 {
		return map[crm.ID]crm.MergedOrders{}, nil
	}
	op := fmt.Sprintf("load orders of %d customers", len(customers))
	if len(r.live()) == 0 {
		return r.storedOrders(ctx, op, customers, q, complete)
	}
	l := &listing{
		sources: r, op: op, query: q, scope: scopeOf(append(slices.Clip(q.Where), wanted...)),
		now: r.now(), complete: complete,
	}
	l.askAll(ctx, customers)
	l.fillUp(ctx)
	if err := canceled(ctx, op); err != nil {
		return nil, err
	}
	pages, failures := make(map[crm.ID]crm.MergedOrders, len(customers)), crm.PartialError{}
	for _, c := range customers {
		if page, err := l.page(c.ID); err != nil {
			failures[c.ID] = err
		} else {
			pages[c.ID] = page
		}
	}
	return pages, failures.OrNil()
}

// storedOrders is Orders where no shop is asked: what the store gives is all there is.
func (r reading) storedOrders(
	ctx context.Context, op string, customers []*crm.Customer, q crm.Query, complete []string,
) (map[crm.ID]crm.MergedOrders, error) {
	found, err := ask(crm.SourceStore, op, func() (map[crm.ID]crm.Page[crm.Order], error) {
		return crm.Of[crm.Order](r.store).ListBy(ctx, byCustomer(), idsOf(customers), q)
	})
	if gone := canceled(ctx, op); gone != nil {
		return nil, gone
	}
	if err != nil {
		r.failed(ctx, crm.SourceStore, op, err)
		failures := make(crm.PartialError, len(customers))
		for _, c := range customers {
			failures[c.ID] = err
		}
		return map[crm.ID]crm.MergedOrders{}, failures
	}
	now := r.now()
	all := crm.MergedOrders{ // What all of them have in common; nobody changes it.
		Sources:  []crm.SourceStatus{{Source: crm.SourceStore, State: crm.SourceStateOK, AsOf: &now}},
		Complete: []string{crm.SourceStore},
	}
	if complete != nil && !slices.Contains(complete, crm.SourceStore) {
		all.Sources[0].State, all.Complete = crm.SourceStateIncomplete, []string{}
	}
	pages := make(map[crm.ID]crm.MergedOrders, len(customers))
	for _, c := range customers {
		page := all
		if page.Page = found[c.ID]; page.Items == nil {
			page.Items = []*crm.Order{}
		}
		if len(page.Items) == 0 && q.Page.Limit > 0 {
			page.More = false // As in listing.page.
		}
		pages[c.ID] = page
	}
	return pages, nil
}

// listing is one call of Orders.
type listing struct {
	sources  reading
	op       string
	query    crm.Query
	scope    scope
	now      time.Time
	complete []string

	parts map[crm.ID]*parts
}

// parts are what the sources gave for one customer.
type parts struct {
	store *part
	shops []*part
}

// askAll asks the store and every live shop for the first time, all at once.
func (l *listing) askAll(ctx context.Context, customers []*crm.Customer) {
	l.parts = make(map[crm.ID]*parts, len(customers))
	for _, c := range customers {
		l.parts[c.ID] = &parts{store: &part{source: crm.SourceStore, asOf: l.now}}
	}
	var group errgroup.Group // It waits; a source that fails does not stop the others.
	fromStore := l.query
	for _, shop := range l.sources.live() {
		shoppers := shoppersOf(customers, shop.Source())
		if len(shoppers) == 0 || !l.scope.has(shop.Source()) {
			continue
		}
		// One more than the page has: what a shop knows better is dropped. Which
		// organization it was for only the store's copy tells.
		fromStore.Page.Limit = l.query.Page.Limit + 1
		fromStore.Members = l.query.Members.With(whoseMembers)
		group.Go(l.askShop(ctx, shop, shoppers))
	}
	// The shops are waited for: they are asked before the store computes here.
	runtime.Gosched()
	l.askStore(ctx, idsOf(customers), fromStore)
	_ = group.Wait() // Each source's error is in its parts.
}

// askShop makes the parts of a shop and gives what fills them.
func (l *listing) askShop(ctx context.Context, shop crm.Shop, shoppers []crm.Shopper) func() error {
	a := &asking{listing: l, shop: shop, parts: make(map[crm.ID]*part, len(shoppers))}
	for _, shopper := range shoppers {
		p := &part{source: shop.Source(), asOf: l.now, known: map[crm.ID]*crm.Order{}}
		a.parts[shopper.CustomerID] = p
		all := l.parts[shopper.CustomerID]
		all.shops = append(all.shops, p)
	}
	return func() error {
		a.run(ctx, shoppers)
		return nil
	}
}

// askStore fills the store's parts of customers.
func (l *listing) askStore(ctx context.Context, ids []crm.ID, q crm.Query) {
	pages, err := ask(crm.SourceStore, l.op, func() (map[crm.ID]crm.Page[crm.Order], error) {
		return crm.Of[crm.Order](l.sources.store).ListBy(ctx, byCustomer(), ids, q)
	})
	if err != nil {
		l.sources.failed(ctx, crm.SourceStore, l.op, err)
	}
	for _, id := range ids {
		p := l.parts[id].store
		if p.err = err; err != nil {
			continue
		}
		p.orders, p.more = pages[id].Items, pages[id].More
		if n := len(p.orders); n > 0 && p.more {
			end := placeOf(p.orders[n-1])
			if q.Page.Backward {
				end = placeOf(p.orders[0])
			}
			p.edge = &end
		}
	}
}

// maxRounds bounds how often one source is asked for one page; each round asks
// for twice as many orders as the one before.
const maxRounds = 6

// fillUp asks the store again for customers of whom too few orders remain,
// because a shop that knows them better said that the filter does not want them.
func (l *listing) fillUp(ctx context.Context) {
	q := l.query
	q.Page.Limit++
	q.Members = q.Members.With(whoseMembers)
	for round := 1; ; round++ {
		var short []crm.ID
		for id, all := range l.parts {
			if p := all.store; len(all.shops) > 0 && p.more && p.err == nil && !l.enough(id) {
				short = append(short, id)
				p.short = round == maxRounds
			}
		}
		if len(short) == 0 || round == maxRounds || ctx.Err() != nil {
			return
		}
		slices.Sort(short)
		q.Page.Limit *= 2
		l.askStore(ctx, short, q)
	}
}

// enough says whether nothing that the store has further can be on the page.
func (l *listing) enough(id crm.ID) bool {
	all := l.parts[id]
	m := merge(all, l.query.Page.Backward, false)
	return len(m.orders) > l.query.Page.Limit || m.nearest != all.store
}
