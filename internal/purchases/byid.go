package purchases

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/crm"
)

// OrdersByID returns the orders that exist, by id: a live shop's and that of one
// used for both from the shop, any other from the store. All are asked at the same
// time. The customer of a shop's order is ours whom the shop names: by the
// shop's own id of them or, if nobody has that, by a verified email address that
// one customer alone has. The store's copy tells the organization, which shops do
// not know, and the customer if nobody is known by what the shop says; it stands
// in for a shop that fails or does not have the order.
//
// An id is missing if there is no such order, or if it is in the crm.PartialError:
// its shop failed and there is no copy, or the store failed and without it nobody
// knows whose it is.
func (r reading) OrdersByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*crm.Order, error) {
	op := fmt.Sprintf("load %d orders by id", len(ids))
	found, err := lookUp(ctx, r, lookup[crm.Order, crm.ShopOrder]{
		op: op, ids: crm.Only(crm.KindOrder, ids), want: want.With(whoseMembers), store: crm.Of[crm.Order](r.store),
		shop: crm.Shop.OrdersByID,
		is: func(o *crm.ShopOrder, source string, id crm.ID) bool {
			return o.Order != nil && o.Order.ID == id && from(source, crm.KindOrder, id, o.Order.Source)
		},
	})
	if err != nil {
		return nil, err
	}
	if len(found.ids) == 0 {
		return map[crm.ID]*crm.Order{}, nil
	}
	whose, ownersErr := r.owners(ctx, op, found.live)
	if err := canceled(ctx, op); err != nil {
		return nil, err
	}
	orders, failures := make(map[crm.ID]*crm.Order, len(found.stored)+len(found.live)), crm.PartialError{}
	for _, id := range found.ids {
		stored, live := found.stored[id], found.live[id]
		unknown := found.storeErr
		if unknown == nil {
			unknown = ownersErr
		}
		switch {
		case live != nil && unknown != nil:
			failures[id] = unknown
		case live != nil:
			orders[id] = owned(live, whose[id], stored)
		case stored != nil:
			orders[id] = stored
		case found.failure(id) != nil:
			failures[id] = found.failure(id)
		}
		if r.audience.Evenly {
			found.confirm(id, live, op, failures)
		}
	}
	return orders, failures.OrNil()
}

// confirm adds to failures what looking for an order that does not exist would
// have failed with.
func (l *lookedUp[T, R]) confirm(id crm.ID, live *crm.ShopOrder, op string, failures crm.PartialError) {
	source, _, _ := id.Source()
	switch {
	case l.failure(id) != nil:
		failures[id] = l.failure(id)
	case live != nil && live.Stale:
		failures[id] = unanswered(source, op)
	}
}

// whoseMembers are those of the store's copy that say whose an order is. It is never
// written to.
var whoseMembers = crm.MustMembers(crm.KindOrder, "customer", "organization")

// owned returns a shop's order with whose it is. The shop's own record is left as
// it is.
func owned(live *crm.ShopOrder, owner owner, stored *crm.Order) *crm.Order {
	o := *completed(live.Order, stored)
	o.CustomerID = owner.id
	if stored != nil && owner.nobody {
		o.CustomerID = stored.CustomerID
	}
	return &o
}

// lookup is what is asked for by id: T is what the store has, R what shops give.
type lookup[T, R any] struct {
	op    string
	ids   []crm.ID
	want  *crm.Members // of what the store has
	store crm.Reader[T]
	shop  func(shop crm.Shop, ctx context.Context, ids []string) (map[string]*R, error)
	// is says whether a record is what the source was asked for.
	is func(r *R, source string, id crm.ID) bool
}

// lookedUp is what a lookup found.
type lookedUp[T, R any] struct {
	ids      []crm.ID
	stored   map[crm.ID]*T
	storeErr error
	live     map[crm.ID]*R
	shopErr  map[crm.ID]error // of ids that a shop failed to look up
}

// failure returns why it is not known whether an id exists, nil if it is known.
func (l *lookedUp[T, R]) failure(id crm.ID) error {
	if err := l.shopErr[id]; err != nil {
		return err
	}
	return l.storeErr
}

// lookUp asks the store for all ids and each shop for its own, all at the same
// time. The error is that of a caller who went away.
func lookUp[T, R any](ctx context.Context, s reading, l lookup[T, R]) (*lookedUp[T, R], error) {
	found := &lookedUp[T, R]{ids: l.ids, live: map[crm.ID]*R{}, shopErr: map[crm.ID]error{}}
	if len(l.ids) == 0 {
		return found, nil
	}
	var (
		mu    sync.Mutex
		group errgroup.Group // It waits; a source that fails does not stop the others.
	)
	asked := s.asked()
	for name, ids := range perSource(l.ids) {
		shop, ok := asked[name]
		if !ok {
			continue
		}
		group.Go(func() error {
			answer, err := ask(name, l.op, func() (map[string]*R, error) { return l.shop(shop, ctx, externalIDs(ids)) })
			if err != nil {
				s.failed(ctx, name, l.op, err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				_, externalID, _ := id.Source()
				if r := answer[externalID]; r != nil && l.is(r, name, id) {
					found.live[id] = r
				} else if crm.Concerns(err, externalID) {
					found.shopErr[id] = err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		found.stored, found.storeErr = ask(crm.SourceStore, l.op, func() (map[crm.ID]*T, error) { return l.store.ByID(ctx, l.ids, l.want) })
		if found.storeErr != nil {
			s.failed(ctx, crm.SourceStore, l.op, found.storeErr)
		}
		return nil
	})
	_ = group.Wait() // Each source's error is in found.
	return found, canceled(ctx, l.op)
}

// perSource returns ids by the source that they name.
func perSource(ids []crm.ID) map[string][]crm.ID {
	bySource := map[string][]crm.ID{}
	for _, id := range ids {
		if source, _, ok := id.Source(); ok {
			bySource[source] = append(bySource[source], id)
		}
	}
	return bySource
}

func externalIDs(ids []crm.ID) []string {
	external := make([]string, len(ids))
	for i, id := range ids {
		_, external[i], _ = id.Source()
	}
	return external
}
