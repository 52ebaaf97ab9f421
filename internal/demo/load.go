package demo

import (
	"context"
	"fmt"
	"reflect"

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
	ready := make(chan []crm.Changes, 2)
	work.Go(func() error {
		defer close(ready)
		for _, stage := range g.stages() {
			stage()
			select {
			case ready <- g.takeMade():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	work.Go(func() error {
		for changes := range ready {
			problems, err := store.Commit(ctx, changes)
			if err != nil {
				return err
			}
			for _, problem := range problems {
				if problem != nil {
					return problem
				}
			}
		}
		return nil
	})
	return work.Wait()
}

// takeMade returns what the last stage made, parents before what hangs on them and
// each record a Changes of its own: stores load many of those at once, and bound
// their transactions themselves.
func (g *generator) takeMade() []crm.Changes {
	var made []crm.Changes
	for _, r := range g.data.Records() {
		if id := r.RecordID(); !g.taken[id] {
			g.taken[id] = true
			made = append(made, crm.Put(crm.Change{Record: r}))
		}
	}
	return made
}

// Records returns the records of every kind in the order in which they can be
// written: the partner app, by which the demo is known, last.
func (d *Data) Records() []crm.Record {
	var list []crm.Record
	fields := reflect.ValueOf(d).Elem()
	for i := range fields.NumField() {
		for n := range fields.Field(i).Len() {
			list = append(list, fields.Field(i).Index(n).Interface().(crm.Record))
		}
	}
	return list
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
	found, err := crm.Of[crm.PartnerApp](store).ByID(ctx, []crm.ID{markerID()}, nil)
	if err != nil {
		return StateOther, fmt.Errorf("look for the demo: %w", err)
	}
	if found[markerID()] != nil {
		return StateLoaded, nil
	}
	for _, kind := range crm.Kinds() {
		switch page, err := store.List(ctx, kind, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}}); {
		case err != nil:
			return StateOther, fmt.Errorf("look for other records: %w", err)
		case len(page.Items) > 0:
			return StateOther, nil
		}
	}
	return StateEmpty, nil
}
