package access

import (
	"context"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// guardedKinds are the kinds that callers may read at all, each with its guard. A
// kind that is not among them is nobody's.
func guardedKinds() []guardedKind {
	return []guardedKind{
		guarding(teams(), nil),
		guarding(employees(), nil),
		guarding(partnerApps(), nil),
		guarding(customers(), stillFound),
		guarding(products(), nil),
		guarding(orders(), nil),
		guarding(tickets(), nil),
		guarding(articles(), nil),
		guarding(interactions(), nil),
		guarding(recommendations(), nil),
		guarding(no[crm.NextBestAction]("nextBestAction", kindsRule), nil),
		guarding(no[crm.Note]("note", kindsRule), nil),
		guarding(own("need", RuleCustomerOwn, stated(), needMembers, func(n *crm.Need) (crm.ID, bool) {
			return n.CustomerID, n.Origin != nil && *n.Origin == crm.NeedOriginStated
		}), nil),
		guarding(no[crm.TimelineRecord]("timelineEntry", kindsRule), nil),
	}
}

// needMembers are those by which it is decided about a need. It is never written to.
var needMembers = crm.MustMembers(crm.KindNeed, "customer", "origin")

// stated selects the needs that customers have stated.
func stated() []crm.Predicate {
	return []crm.Predicate{{Field: crm.FieldOrigin, In: []string{string(crm.NeedOriginStated)}}}
}

// guardedKind is a kind with the guard of its records.
type guardedKind interface {
	kind() crm.Kind
	// lists says whether lists of all that the caller may see can be had.
	lists(v *view) bool
	// reads returns the records of a store under the guard.
	reads(store crm.Store, policy *Policy) crm.KindReads
}

// guarding returns a kind with its guard. holds is as in reader.
func guarding[T any, P crm.RecordOf[T]](guard guard[T], holds func(shown *T, where []crm.Predicate) bool) guardedKind {
	return kindGuard[T, P]{guard, holds}
}

type kindGuard[T any, P crm.RecordOf[T]] struct {
	guard guard[T]
	holds func(shown *T, where []crm.Predicate) bool
}

func (k kindGuard[T, P]) kind() crm.Kind { return P(nil).RecordKind() }

func (k kindGuard[T, P]) lists(v *view) bool {
	_, err := k.guard.list(v, nil)
	return err == nil
}

func (k kindGuard[T, P]) reads(store crm.Store, policy *Policy) crm.KindReads {
	from := crm.Read[T, P](store)
	return crm.Untyped[T, P](&reader[T]{
		from: func(*view) crm.Reader[T] { return from }, policy: policy, guard: k.guard, holds: k.holds,
	})
}

// Store returns a store as the caller in the context may see it: what is not
// theirs does not exist, in no list and no count. A list or figure that cannot be
// narrowed to what is theirs is FORBIDDEN, and so are writes and all that is not
// the graph's: keys, checkpoints, migrations. Records handed out may lack what
// their reader may not see.
func Store(store crm.Store, policy *Policy) crm.Store {
	g := &guarded{store: store, policy: policy, readers: map[crm.Kind]crm.KindReads{}}
	for _, k := range policy.kinds {
		g.readers[k.kind()] = k.reads(store, policy)
	}
	return g
}

// guarded is a store as callers see it. It embeds nothing: what is added to the
// port is refused until somebody decides about it.
type guarded struct {
	store  crm.Store
	policy *Policy
	// readers are the kinds that anybody reads at all.
	readers map[crm.Kind]crm.KindReads
}

var _ crm.Store = (*guarded)(nil)

// kind is the reader of a kind. One without a guard is nobody's.
func (g *guarded) kind(kind crm.Kind) (crm.KindReads, error) {
	if r := g.readers[kind]; r != nil {
		return r, nil
	}
	return nil, notForCallers()
}

// ByID returns those of the records that the caller may see.
func (g *guarded) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	if g.readers[kind] == nil {
		return nil, nil // As if there were none: an id alone tells nobody that it names something.
	}
	return g.readers[kind].ByID(ctx, ids, want)
}

// List returns one page of the records that the caller may see.
func (g *guarded) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	r, err := g.kind(kind)
	if err != nil {
		return crm.RecordPage{}, err
	}
	return r.List(ctx, q)
}

// Count counts the records that the caller may see.
func (g *guarded) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	r, err := g.kind(kind)
	if err != nil {
		return 0, err
	}
	return r.Count(ctx, where)
}

// ListBy returns one page for each parent that the caller may list under.
func (g *guarded) ListBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	r, err := g.kind(kind)
	if err != nil {
		return nil, err
	}
	return r.ListBy(ctx, fields, ids, q)
}

// CountBy counts for each parent the records that the caller may see.
func (g *guarded) CountBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	r, err := g.kind(kind)
	if err != nil {
		return nil, err
	}
	return r.CountBy(ctx, fields, ids, where)
}

// Facts returns what is known of those customers whose figures the caller may see;
// the others are missing.
func (g *guarded) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	v, err := g.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if !v.all() {
		if ids, err = v.seesFigures(ids); err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 {
		return map[crm.ID]*crm.CustomerFacts{}, nil
	}
	facts, err := g.store.Facts(ctx, ids)
	v.count("statistics", len(facts))
	return facts, err
}

// Commit, Log, LogEnd, Latest, APIKeys, Checkpoints, Migrate and Close are no caller's.
func (g *guarded) Commit(context.Context, []crm.Changes) ([]error, error) {
	return nil, notForCallers()
}

func (g *guarded) Log(context.Context, int64, int) ([]crm.LogEntry, error) {
	return nil, notForCallers()
}

func (g *guarded) LogEnd(context.Context) (crm.LogEntry, error) {
	return crm.LogEntry{}, notForCallers()
}

func (g *guarded) Latest(context.Context, crm.Kind, []crm.ID, *crm.Members) ([]crm.Record, error) {
	return nil, notForCallers()
}
func (g *guarded) APIKeys() crm.APIKeys         { return refused{} }
func (g *guarded) Checkpoints() crm.Checkpoints { return refused{} }

func (g *guarded) Migrate(context.Context) error  { return notForCallers() }
func (g *guarded) Close(context.Context) error    { return notForCallers() }
func (g *guarded) Ping(ctx context.Context) error { return g.store.Ping(ctx) }

func notForCallers() error { return forbidden("callers may not do this") }

// refused is what callers see of what is not theirs.
type refused struct{}

func (refused) Get(context.Context, []string) (map[string]crm.Checkpoint, error) {
	return nil, notForCallers()
}
func (refused) Set(context.Context, string, []byte, int) error { return notForCallers() }
func (refused) Once(context.Context, string, time.Time) (bool, error) {
	return false, notForCallers()
}
func (refused) Forget(context.Context, string) error   { return notForCallers() }
func (refused) Add(context.Context, *crm.APIKey) error { return notForCallers() }
func (refused) List(context.Context) ([]*crm.APIKey, error) {
	return nil, notForCallers()
}

func (refused) ByHash(context.Context, string) (*crm.APIKey, error) {
	return nil, notForCallers()
}
func (refused) Revoke(context.Context, string, time.Time) error { return notForCallers() }
func (refused) Touch(context.Context, string, time.Time) error  { return notForCallers() }
