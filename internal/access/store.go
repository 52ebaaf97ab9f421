package access

import (
	"context"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Store gives a store as whoever asks in the context may see it: what is not
// theirs does not exist, in no list and no count. A list or figure that cannot be
// narrowed to what is theirs is FORBIDDEN, and so are writes and all that is not
// the graph's: keys, checkpoints, migrations. Records handed out may lack what
// their reader may not see.
func Store(store crm.Store, policy *Policy) crm.Store {
	return &guarded{
		store: store, policy: policy,
		teams:           &reader[crm.Team]{inner: store.Teams, policy: policy, guard: teams()},
		employees:       &reader[crm.Employee]{inner: store.Employees, policy: policy, guard: employees()},
		partnerApps:     &reader[crm.PartnerApp]{inner: store.PartnerApps, policy: policy, guard: partnerApps()},
		customers:       &reader[crm.Customer]{inner: store.Customers, policy: policy, guard: customers(), holds: stillFound},
		products:        &reader[crm.Product]{inner: store.Products, policy: policy, guard: products()},
		orders:          &reader[crm.Order]{inner: store.Orders, policy: policy, guard: orders()},
		tickets:         &reader[crm.Ticket]{inner: store.Tickets, policy: policy, guard: tickets()},
		articles:        &reader[crm.Article]{inner: store.Articles, policy: policy, guard: articles()},
		interactions:    &reader[crm.Interaction]{inner: store.Interactions, policy: policy, guard: interactions()},
		recommendations: &reader[crm.Recommendation]{inner: store.Recommendations, policy: policy, guard: recommendations()},
		actions:         &reader[crm.NextBestAction]{inner: store.NextBestActions, policy: policy, guard: no[crm.NextBestAction]("nextBestAction", kindsRule)},
		timeline: &reader[crm.TimelineRecord]{
			reads: func(*view) crm.Reader[crm.TimelineRecord] { return store.Timeline() }, policy: policy, guard: no[crm.TimelineRecord]("timelineEntry", kindsRule),
		},
	}
}

// guarded is a store as callers see it. It embeds nothing: what is added to the
// port is refused until somebody decides about it.
type guarded struct {
	store           crm.Store
	policy          *Policy
	teams           *reader[crm.Team]
	employees       *reader[crm.Employee]
	partnerApps     *reader[crm.PartnerApp]
	customers       *reader[crm.Customer]
	products        *reader[crm.Product]
	orders          *reader[crm.Order]
	tickets         *reader[crm.Ticket]
	articles        *reader[crm.Article]
	interactions    *reader[crm.Interaction]
	recommendations *reader[crm.Recommendation]
	actions         *reader[crm.NextBestAction]
	timeline        *reader[crm.TimelineRecord]
}

var _ crm.Store = (*guarded)(nil)

func (g *guarded) Teams() crm.Records[crm.Team]                     { return g.teams }
func (g *guarded) Employees() crm.Records[crm.Employee]             { return g.employees }
func (g *guarded) PartnerApps() crm.Records[crm.PartnerApp]         { return g.partnerApps }
func (g *guarded) Customers() crm.Records[crm.Customer]             { return g.customers }
func (g *guarded) Products() crm.Records[crm.Product]               { return g.products }
func (g *guarded) Orders() crm.Records[crm.Order]                   { return g.orders }
func (g *guarded) Tickets() crm.Records[crm.Ticket]                 { return g.tickets }
func (g *guarded) Articles() crm.Records[crm.Article]               { return g.articles }
func (g *guarded) Interactions() crm.Records[crm.Interaction]       { return g.interactions }
func (g *guarded) Recommendations() crm.Records[crm.Recommendation] { return g.recommendations }
func (g *guarded) NextBestActions() crm.Records[crm.NextBestAction] { return g.actions }
func (g *guarded) Timeline() crm.Reader[crm.TimelineRecord]         { return g.timeline }

// Facts gives what is known of those customers whose figures the caller may see;
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

// APIKeys, Checkpoints, Migrate and Close are no caller's.
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
