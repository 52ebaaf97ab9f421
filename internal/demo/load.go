package demo

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/crm"
)

// Load generates the demo and writes it into an empty store, while the next
// records are being made. A store that holds some of it already is CodeConflict;
// what was written before an error stays.
func Load(ctx context.Context, store crm.Store) error {
	_, err := LoadWithShop(ctx, store)
	return err
}

// LoadWithShop does what Load does and gives the web shop, some of whose records
// the store has copies of.
func LoadWithShop(ctx context.Context, store crm.Store) (*Shop, error) {
	g, err := newGenerator()
	if err != nil {
		return nil, err
	}
	if err := g.load(ctx, store); err != nil {
		return nil, fmt.Errorf("load the demo: %w", err)
	}
	return g.shop(), nil
}

// load runs the stages and writes what they make.
func (g *generator) load(ctx context.Context, store crm.Store) error {
	if err := markSynced(ctx, store); err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	ready := make(chan []load, 2)
	work.Go(func() error {
		defer close(ready)
		for _, stage := range g.stages() {
			stage()
			select {
			case ready <- g.takeMade(store):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	work.Go(func() error {
		for loads := range ready {
			for _, write := range loads {
				if err := write(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return work.Wait()
}

// load writes records of one kind.
type load func(ctx context.Context) error

// takeMade gives the writes of what the last stage made.
func (g *generator) takeMade(store crm.Store) []load {
	before, d := g.taken, g.data
	g.taken = d.sizes()
	return []load{
		loading(store.Teams(), d.Teams[before[0]:]),
		loading(store.Employees(), d.Employees[before[1]:]),
		loading(store.Products(), d.Products[before[2]:]),
		loading(store.Customers(), d.Customers[before[3]:]),
		loading(store.Orders(), d.Orders[before[4]:]),
		loading(store.Tickets(), d.Tickets[before[5]:]),
		loading(store.Articles(), d.Articles[before[6]:]),
		loading(store.Interactions(), d.Interactions[before[7]:]),
		loading(store.Recommendations(), d.Recommendations[before[8]:]),
		loading(store.NextBestActions(), d.NextBestActions[before[9]:]),
		loading(store.PartnerApps(), d.PartnerApps[before[10]:]),
	}
}

// sizes gives how many records there are of each kind, in the fields' order.
func (d *Data) sizes() [11]int {
	return [...]int{
		len(d.Teams), len(d.Employees), len(d.Products), len(d.Customers), len(d.Orders), len(d.Tickets),
		len(d.Articles), len(d.Interactions), len(d.Recommendations), len(d.NextBestActions), len(d.PartnerApps),
	}
}

// loading gives the write of new records, all of them in one call: stores load
// many at once faster than a few at a time, and bound their transactions themselves.
func loading[T any](to crm.Writer[T], records []*T) load {
	return func(ctx context.Context) error {
		if len(records) == 0 {
			return nil
		}
		writes := make([]crm.Write[T], len(records))
		for i, r := range records {
			writes[i].Record = r
		}
		problems, err := to.Write(ctx, writes)
		if err != nil {
			return err
		}
		for _, problem := range problems {
			if problem != nil {
				return problem
			}
		}
		return nil
	}
}

// State says what a store holds.
type State int

// The states.
const (
	StateEmpty  State = iota // nothing at all
	StateLoaded              // this version's whole demo, and whatever was done to it since
	StateOther               // something else: other records, another version's demo, half a demo
)

// Check says whether a store holds the demo, so that it is loaded into an empty
// one only. It asks one record of each kind at most.
func Check(ctx context.Context, store crm.Store) (State, error) {
	// The partner app is written last: where it is, the rest is.
	found, err := store.PartnerApps().ByID(ctx, []crm.ID{markerID()})
	if err != nil {
		return StateOther, fmt.Errorf("look for the demo: %w", err)
	}
	if found[markerID()] != nil {
		return StateLoaded, nil
	}
	for _, holds := range []func(context.Context) (bool, error){
		anything(store.Teams()), anything(store.Employees()), anything(store.PartnerApps()),
		anything(store.Customers()), anything(store.Products()), anything(store.Orders()),
		anything(store.Tickets()), anything(store.Articles()), anything(store.Interactions()),
		anything(store.Recommendations()), anything(store.NextBestActions()),
	} {
		switch some, err := holds(ctx); {
		case err != nil:
			return StateOther, fmt.Errorf("look for other records: %w", err)
		case some:
			return StateOther, nil
		}
	}
	return StateEmpty, nil
}

// anything says whether a store has a record of one kind.
func anything[T any](of crm.Reader[T]) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		page, err := of.List(ctx, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}})
		return len(page.Items) > 0, err
	}
}
