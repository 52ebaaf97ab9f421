package resolvers_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// faults are what fails for one document. What does is decided by the record, or by the
// kind of read, and never by the call: executors group calls as they like.
type faults struct {
	seed uint64
	// missing is in how many records, by hash, one is not found by its id; partial in how
	// many one cannot be told; 0 is none.
	// blank is in how many one lacks what it must have.
	missing, partial, blank uint64
	// reads are methods with the code that they fail with; one of "" panics.
	reads map[string]crm.Code
	// panicked says that one has panicked.
	panicked atomic.Bool
}

// faultyReads are the reads that may fail.
func faultyReads() []string {
	all := []string{"Facts", "Covered", "Orders", "Carts", "OrdersByID", "ProductsByID", "CountOrders", "ListBy " + string(crm.KindTimeline)}
	for _, kind := range crm.Kinds() {
		for _, method := range []string{"ByID", "List", "Count", "ListBy", "CountBy"} {
			all = append(all, method+" "+string(kind))
		}
	}
	return all
}

// drawFaults draws what fails for a document, for some of them nothing.
func drawFaults(r *rand.Rand) *faults {
	f := &faults{seed: r.Uint64(), reads: map[string]crm.Code{}}
	switch r.IntN(7) {
	case 0:
	case 6:
		f.blank = 2 + r.Uint64N(3)
	case 1, 2:
		f.missing = 2 + r.Uint64N(4)
	case 3:
		f.partial = 2 + r.Uint64N(3)
	default:
		all := faultyReads()
		for range 1 + r.IntN(12) {
			f.reads[all[r.IntN(len(all))]] = []crm.Code{crm.CodeInternal, crm.CodeUnavailable, crm.CodeUnavailable, ""}[r.IntN(4)]
		}
		if r.IntN(2) == 0 {
			f.missing = 3
		}
	}
	return f
}

// drawn says whether a record is one in n.
func (f *faults) drawn(id crm.ID, n uint64) bool {
	if f == nil || n == 0 {
		return false
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, f.seed, id)
	return h.Sum64()%n == 0
}

// spoil takes from some records what they must have: times, and entries of lists.
func (f *faults) spoil(records []crm.Record) {
	if f == nil || f.blank == 0 {
		return
	}
	for _, r := range records {
		v := reflect.ValueOf(r).Elem()
		for i := range v.NumField() {
			field := v.Field(i)
			switch v.Type().Field(i).Name {
			case "Consents", "Memberships", "Refunds", "Returns", "Shipments": // Rules and methods of the domain read them.
				continue
			case "PlacedAt": // Pages of several sources are merged by it.
				continue
			}
			if !field.CanSet() || !f.drawn(r.RecordID()+crm.ID(v.Type().Field(i).Name), f.blank) {
				continue
			}
			switch _, isTime := field.Interface().(time.Time); {
			case isTime:
				field.SetZero()
			case field.Kind() == reflect.Slice && field.Len() > 0 && field.Type().Elem().Kind() == reflect.Pointer:
				field.Index(field.Len() - 1).SetZero()
			}
		}
	}
}

// read fails if a read does.
func (f *faults) read(what string) error {
	if f == nil {
		return nil
	}
	code, fails := f.reads[what]
	switch {
	case !fails:
		return nil
	case code == "":
		f.panicked.Store(true)
		panic("planted in " + what)
	default:
		return &crm.Error{Code: code, Op: what, Message: "planted"}
	}
}

// some splits off the ids that cannot be told.
func (f *faults) some(ids []crm.ID) (rest []crm.ID, partial crm.PartialError) {
	rest = slices.DeleteFunc(slices.Clone(ids), func(id crm.ID) bool {
		lost := f.drawn(id, f.partialOrNone())
		if lost {
			if partial == nil {
				partial = crm.PartialError{}
			}
			partial[id] = &crm.Error{Code: crm.CodeUnavailable, Source: "planted", Message: "planted"}
		}
		return lost
	})
	return rest, partial
}

func (f *faults) partialOrNone() uint64 {
	if f == nil {
		return 0
	}
	return f.partial
}

// joined adds what cannot be told to a call's own error.
func joined(err error, partial crm.PartialError) error {
	var own crm.PartialError
	if len(partial) == 0 || err != nil && !errors.As(err, &own) {
		return err
	}
	all := maps.Clone(partial)
	maps.Copy(all, own)
	return all
}

type faultsKey struct{}

func with(ctx context.Context, f *faults) context.Context {
	return context.WithValue(ctx, faultsKey{}, f)
}

func faultsOf(ctx context.Context) *faults {
	f, _ := ctx.Value(faultsKey{}).(*faults)
	return f
}

// faultyStore fails as the context says.
type faultyStore struct{ crm.Store }

func (s faultyStore) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	f := faultsOf(ctx)
	if err := f.read("ByID " + string(kind)); err != nil {
		return nil, err
	}
	records, err := s.Store.ByID(ctx, kind, ids, want)
	if f != nil {
		records = slices.DeleteFunc(records, func(r crm.Record) bool { return f.drawn(r.RecordID(), f.missing) })
	}
	f.spoil(records)
	return records, err
}

func (s faultyStore) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	if err := faultsOf(ctx).read("List " + string(kind)); err != nil {
		return crm.RecordPage{}, err
	}
	page, err := s.Store.List(ctx, kind, q)
	faultsOf(ctx).spoil(page.Items)
	return page, err
}

func (s faultyStore) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	if err := faultsOf(ctx).read("Count " + string(kind)); err != nil {
		return 0, err
	}
	return s.Store.Count(ctx, kind, where)
}

func (s faultyStore) ListBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.RecordPage, error) {
	if err := faultsOf(ctx).read("ListBy " + string(kind)); err != nil {
		return nil, err
	}
	pages, err := s.Store.ListBy(ctx, kind, fields, ids, q)
	for _, page := range pages {
		faultsOf(ctx).spoil(page.Items)
	}
	return pages, err
}

func (s faultyStore) CountBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	if err := faultsOf(ctx).read("CountBy " + string(kind)); err != nil {
		return nil, err
	}
	return s.Store.CountBy(ctx, kind, fields, ids, where)
}

func (s faultyStore) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	f := faultsOf(ctx)
	if err := f.read("Facts"); err != nil {
		return nil, err
	}
	facts, err := s.Store.Facts(ctx, ids)
	for id := range facts {
		if f != nil && f.drawn(id, f.missing) {
			delete(facts, id)
		}
	}
	return facts, err
}

// faultySources fail as the context says.
type faultySources struct{ crm.Sources }

func (s faultySources) For(a crm.Audience) crm.Purchases { return faultyPurchases{s.Sources.For(a)} }

type faultyPurchases struct{ crm.Purchases }

func (p faultyPurchases) Covered(ctx context.Context) ([]crm.SourceStatus, error) {
	if err := faultsOf(ctx).read("Covered"); err != nil {
		return nil, err
	}
	return p.Purchases.Covered(ctx)
}

// told splits off the customers of whom nothing can be told.
func (f *faults) told(customers []*crm.Customer) ([]*crm.Customer, crm.PartialError) {
	ids := make([]crm.ID, len(customers))
	for i, c := range customers {
		ids[i] = c.ID
	}
	_, partial := f.some(ids)
	return slices.DeleteFunc(slices.Clone(customers), func(c *crm.Customer) bool { return partial[c.ID] != nil }), partial
}

func (p faultyPurchases) Orders(
	ctx context.Context, customers []*crm.Customer, q crm.Query, filter *crm.OrderFilter, complete []string,
) (map[crm.ID]crm.MergedOrders, error) {
	f := faultsOf(ctx)
	if err := f.read("Orders"); err != nil {
		return nil, err
	}
	rest, partial := f.told(customers)
	found, err := p.Purchases.Orders(ctx, rest, q, filter, complete)
	return found, joined(err, partial)
}

func (p faultyPurchases) CountOrders(ctx context.Context, customers []*crm.Customer, where []crm.Predicate) (map[crm.ID]*int, error) {
	f := faultsOf(ctx)
	if err := f.read("CountOrders"); err != nil {
		return nil, err
	}
	rest, partial := f.told(customers)
	found, err := p.Purchases.CountOrders(ctx, rest, where)
	return found, joined(err, partial)
}

func (p faultyPurchases) OrdersByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*crm.Order, error) {
	f := faultsOf(ctx)
	if err := f.read("OrdersByID"); err != nil {
		return nil, err
	}
	rest, partial := f.some(ids)
	found, err := p.Purchases.OrdersByID(ctx, rest, want)
	return found, joined(err, partial)
}

func (p faultyPurchases) ProductsByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*crm.Product, error) {
	f := faultsOf(ctx)
	if err := f.read("ProductsByID"); err != nil {
		return nil, err
	}
	rest, partial := f.some(ids)
	found, err := p.Purchases.ProductsByID(ctx, rest, want)
	return found, joined(err, partial)
}

func (p faultyPurchases) Carts(ctx context.Context, customers []*crm.Customer) (map[crm.ID]*crm.CustomerCarts, error) {
	f := faultsOf(ctx)
	if err := f.read("Carts"); err != nil {
		return nil, err
	}
	rest, partial := f.told(customers)
	found, err := p.Purchases.Carts(ctx, rest)
	return found, joined(err, partial)
}
