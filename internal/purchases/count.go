package purchases

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/crm"
)

// maxCopies bounds how many copies of live shops' orders one customer may have
// for their orders to be counted.
const maxCopies = 100

// CountOrders counts each customer's orders over the sources that Orders lists,
// an order that the store and its shop have once. Every customer gets an entry
// that is nil where the number is not known: a source failed, a shop cannot count
// (or not what where wants: shops count all orders or none) or says a number that
// cannot be, or the store has more than 100 copies of live shops' orders. A customer whom the store alone
// could be asked for and was not answered is in the crm.PartialError.
func (r reading) CountOrders(ctx context.Context, customers []*crm.Customer, where []crm.Predicate) (map[crm.ID]*int, error) {
	customers = unique(customers)
	op := fmt.Sprintf("count orders of %d customers", len(customers))
	c := &counting{sources: r, op: op, scope: scopeOf(where), counts: make(map[crm.ID]*count, len(customers))}
	for _, customer := range customers {
		c.counts[customer.ID] = &count{}
	}
	c.askAll(ctx, customers)
	c.takeOutRepeats(ctx)
	if err := canceled(ctx, op); err != nil {
		return nil, err
	}
	numbers, failures := make(map[crm.ID]*int, len(customers)), crm.PartialError{}
	for id, n := range c.counts {
		numbers[id] = nil
		switch {
		case c.storeErr != nil && !n.shops:
			failures[id] = c.storeErr
		case c.storeErr == nil && !n.unknown && n.n >= 0 && n.n <= math.MaxInt32:
			numbers[id] = &n.n
		}
	}
	return numbers, failures.OrNil()
}

// counting is one call of CountOrders.
type counting struct {
	sources reading
	op      string
	scope   scope

	mu       sync.Mutex
	counts   map[crm.ID]*count
	storeErr error
	shops    []counted
	copies   map[crm.ID]crm.Page[crm.Order]
}

type count struct {
	n       int
	shops   bool // shops know the customer
	unknown bool
}

// counted is a shop and those who were counted in it.
type counted struct {
	shop     crm.Shop
	shoppers []crm.Shopper
}

// countable says whether a shop can count what is wanted of it.
func (c *counting) countable(shop crm.Shop) bool {
	return !shop.Capabilities().NoCounts && !c.scope.selective && c.scope.earliest == nil && c.scope.latest == nil
}

// askAll counts in every source, and lists the copies of what shops count, all at
// the same time.
func (c *counting) askAll(ctx context.Context, customers []*crm.Customer) {
	var group errgroup.Group // It waits; a source that fails does not stop the others.
	for _, shop := range c.sources.live() {
		shoppers := shoppersOf(customers, shop.Source())
		if len(shoppers) == 0 || !c.scope.has(shop.Source()) {
			continue
		}
		for _, shopper := range shoppers {
			n := c.counts[shopper.CustomerID]
			n.shops, n.unknown = true, n.unknown || !c.countable(shop)
		}
		if c.countable(shop) {
			c.shops = append(c.shops, counted{shop, shoppers})
		}
	}
	for _, in := range c.shops {
		group.Go(func() error {
			c.countIn(ctx, in)
			return nil
		})
	}
	group.Go(func() error {
		c.countStore(ctx, idsOf(customers))
		return nil
	})
	if len(c.shops) > 0 {
		group.Go(func() error {
			c.listCopies(ctx)
			return nil
		})
	}
	_ = group.Wait() // Each source's error makes its counts unknown.
}

func (c *counting) countIn(ctx context.Context, in counted) {
	source := in.shop.Source()
	numbers, err := ask(source, c.op, func() (map[crm.ID]int, error) { return in.shop.CountOrders(ctx, in.shoppers) })
	if err != nil {
		c.sources.failed(ctx, source, c.op, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, shopper := range in.shoppers {
		n, ok := numbers[shopper.CustomerID]
		if !ok || n < 0 || n > math.MaxInt32 {
			c.counts[shopper.CustomerID].unknown = true
			continue
		}
		c.counts[shopper.CustomerID].n += n
	}
}

func (c *counting) countStore(ctx context.Context, ids []crm.ID) {
	numbers, err := ask(crm.SourceStore, c.op, func() (map[crm.ID]int, error) {
		return crm.Of[crm.Order](c.sources.store).CountBy(ctx, byCustomer(), ids, c.scope.where)
	})
	if err != nil {
		c.sources.failed(ctx, crm.SourceStore, c.op, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, n := range numbers {
		if to := c.counts[id]; to != nil {
			to.n += n
		}
	}
	if err != nil {
		c.storeErr = err
	}
}

// listCopies reads which of the orders that shops count the store has as well.
func (c *counting) listCopies(ctx context.Context) {
	var (
		names []string
		ids   []crm.ID
	)
	for _, in := range c.shops {
		names = append(names, in.shop.Source())
		for _, shopper := range in.shoppers {
			if !slices.Contains(ids, shopper.CustomerID) {
				ids = append(ids, shopper.CustomerID)
			}
		}
	}
	q := crm.Query{
		Where: append(slices.Clip(c.scope.where), crm.Predicate{Field: crm.FieldSource, In: names}),
		Sort:  newestFirst, Page: crm.PageRequest{Limit: maxCopies}, Members: crm.KeyMembers(crm.KindOrder, crm.FieldID),
	}
	copies, err := ask(crm.SourceStore, c.op, func() (map[crm.ID]crm.Page[crm.Order], error) {
		return crm.Of[crm.Order](c.sources.store).ListBy(ctx, byCustomer(), ids, q)
	})
	if err != nil {
		c.sources.failed(ctx, crm.SourceStore, c.op, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, page := range copies {
		if n := c.counts[id]; n != nil {
			n.unknown = n.unknown || page.More
		}
	}
	c.copies = copies
	if err != nil {
		c.storeErr = err
	}
}

// takeOutRepeats takes out of the counts what the store and a shop have both
// counted: the copies that the shop has and says are the shopper's.
func (c *counting) takeOutRepeats(ctx context.Context) {
	if c.storeErr != nil {
		return
	}
	repeats := make([]map[crm.ID][]string, len(c.shops))
	for i, in := range c.shops {
		repeats[i] = c.copiesIn(in)
	}
	var group errgroup.Group // It waits; a shop that fails does not stop the others.
	for i, in := range c.shops {
		if len(repeats[i]) > 0 {
			group.Go(func() error {
				c.takeOut(ctx, in, repeats[i])
				return nil
			})
		}
	}
	_ = group.Wait() // A shop's error makes its counts unknown.
}

// copiesIn returns a shop's own ids of the orders that the store has as well, by
// customer.
func (c *counting) copiesIn(in counted) map[crm.ID][]string {
	copies := map[crm.ID][]string{}
	for _, shopper := range in.shoppers {
		if c.counts[shopper.CustomerID].unknown {
			continue
		}
		for _, o := range c.copies[shopper.CustomerID].Items {
			if name, externalID, _ := o.ID.Source(); name == in.shop.Source() {
				copies[shopper.CustomerID] = append(copies[shopper.CustomerID], externalID)
			}
		}
	}
	return copies
}

func (c *counting) takeOut(ctx context.Context, in counted, copies map[crm.ID][]string) {
	var ids []string
	for _, of := range copies {
		ids = append(ids, of...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	source := in.shop.Source()
	orders, err := ask(source, c.op, func() (map[string]*crm.ShopOrder, error) { return in.shop.OrdersByID(ctx, ids) })
	if err != nil {
		c.sources.failed(ctx, source, c.op, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, shopper := range in.shoppers {
		n := c.counts[shopper.CustomerID]
		for _, id := range copies[shopper.CustomerID] {
			switch o := orders[id]; {
			case o == nil:
				n.unknown = n.unknown || crm.Concerns(err, id)
			case shopper.Is(o.Buyer):
				n.n--
			}
		}
	}
}
