package resolvers

import (
	"maps"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

// Config is what the graph is answered from.
type Config struct {
	Store crm.Store
	// Sources are the store and the shops; nil is the store alone.
	Sources crm.Sources
	// Clock returns the time that answers are computed at.
	Clock func() time.Time
	// Policy says which objects a caller may have; nil is one with all rules. It
	// is applied here to Store and Sources, which are given undecorated.
	Policy *access.Policy
}

// Root returns the resolvers of every type, each beside the type it is for. What it
// reads is what the caller may see: NewSchema puts the policy round it.
type Root struct {
	Store     crm.Store
	Purchases crm.Purchases
	Clock     func() time.Time
	Policy    *access.Policy
	// Feed tells what became of the store's records.
	Feed *access.Feed
}

var _ graph.ResolverRoot = (*Root)(nil)

// NewSchema returns the executable graph. It knows no @defer, which gqlgen would
// bring along: an answer is one piece here, and what was deferred would be lost.
func NewSchema(cfg Config) graphql.ExecutableSchema {
	if cfg.Sources == nil {
		cfg.Sources = purchases.New(cfg.Store, nil, purchases.Options{Clock: cfg.Clock})
	}
	if cfg.Policy == nil {
		cfg.Policy = access.NewPolicy(cfg.Store, access.PolicyRules(), access.PolicyOptions{Clock: cfg.Clock})
	}
	root := &Root{Purchases: access.Sources(cfg.Sources, cfg.Policy), Clock: cfg.Clock, Policy: cfg.Policy}
	if cfg.Store != nil {
		root.Store, root.Feed = access.Store(cfg.Store, cfg.Policy), access.NewFeed(cfg.Store, cfg.Policy)
	}
	whole := *graph.NewExecutableSchema(graph.Config{}).Schema()
	whole.Directives = maps.Clone(whole.Directives)
	delete(whole.Directives, "defer")
	levels := newLevels(graph.NewExecutableSchema(graph.Config{Schema: &whole, Resolvers: root}))
	if len(root.Purchases.Names()) > 1 { // The store is one of them.
		levels.afar = asksShops
	}
	return levels
}

// Query returns the resolvers of the root.
func (r *Root) Query() graph.QueryResolver { return query{r} }
