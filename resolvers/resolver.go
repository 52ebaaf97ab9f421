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
	// Clock gives the time that answers are computed at.
	Clock func() time.Time
	// Policy says which objects a caller may have; nil is one with all rules. It
	// is applied here to Store and Sources, which are given undecorated.
	Policy *access.Policy
}

// Root gives the resolvers of every type. What it reads is what whoever asks may
// see: NewSchema puts the policy round it.
type Root struct {
	Store     crm.Store
	Purchases crm.Purchases
	Clock     func() time.Time
	Policy    *access.Policy
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
		root.Store = access.Store(cfg.Store, cfg.Policy)
	}
	whole := *graph.NewExecutableSchema(graph.Config{}).Schema()
	whole.Directives = maps.Clone(whole.Directives)
	delete(whole.Directives, "defer")
	return graph.NewExecutableSchema(graph.Config{Schema: &whole, Resolvers: root})
}

// Query gives the resolvers of the root.
func (r *Root) Query() graph.QueryResolver { return query{r} }

// Customer returns the resolvers of customers.
func (r *Root) Customer() graph.CustomerResolver { return customer{r} }

// Membership gives the resolvers of memberships.
func (r *Root) Membership() graph.MembershipResolver { return membership{r} }

// ConsentChange returns the resolvers of consent changes.
func (r *Root) ConsentChange() graph.ConsentChangeResolver { return consentChange{r} }

// ProfileChange gives the resolvers of profile changes.
func (r *Root) ProfileChange() graph.ProfileChangeResolver { return profileChange{r} }

// Employee returns the resolvers of employees.
func (r *Root) Employee() graph.EmployeeResolver { return employee{r} }

// Order gives the resolvers of orders.
func (r *Root) Order() graph.OrderResolver { return order{r} }

// OrderLine returns the resolvers of order lines.
func (r *Root) OrderLine() graph.OrderLineResolver { return orderLine{r} }

// OrderEvent gives the resolvers of order events.
func (r *Root) OrderEvent() graph.OrderEventResolver { return orderEvent{r} }

// Ticket returns the resolvers of tickets.
func (r *Root) Ticket() graph.TicketResolver { return ticket{r} }

// TicketSubject gives the resolvers of what tickets are about.
func (r *Root) TicketSubject() graph.TicketSubjectResolver { return ticketSubject{r} }

// TicketEvent returns the resolvers of ticket events.
func (r *Root) TicketEvent() graph.TicketEventResolver { return ticketEvent{r} }

// Article gives the resolvers of articles.
func (r *Root) Article() graph.ArticleResolver { return article{r} }

// Interaction returns the resolvers of interactions.
func (r *Root) Interaction() graph.InteractionResolver { return interaction{r} }

// Participant gives the resolvers of participants.
func (r *Root) Participant() graph.ParticipantResolver { return participant{r} }

// Recommendation returns the resolvers of recommendations.
func (r *Root) Recommendation() graph.RecommendationResolver { return recommendation{r} }

// NextBestAction gives the resolvers of next best actions.
func (r *Root) NextBestAction() graph.NextBestActionResolver { return nextBestAction{r} }
