package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

type customer struct{ *Root }

// Customer returns the resolvers of customers.
func (r *Root) Customer() graph.CustomerResolver { return customer{r} }

func customerID(c *crm.Customer) crm.ID { return c.ID }

func (r customer) Owner(ctx context.Context, parents []*crm.Customer) ([]*crm.Employee, error) {
	return related(ctx, parents, stored[crm.Employee](r.Store), func(c *crm.Customer) crm.ID { return c.OwnerID })
}

func (r customer) ReferredBy(ctx context.Context, parents []*crm.Customer) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(c *crm.Customer) crm.ID { return c.ReferredByID })
}

func (r customer) Parent(ctx context.Context, parents []*crm.Customer) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(c *crm.Customer) crm.ID { return c.ParentID })
}

func (r customer) Members(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string) ([]*page.CustomerConnection, error) {
	return listBy(ctx, parents, hanging[crm.Customer, crm.Customer]{
		listing: listing[crm.Customer]{from: crm.Of[crm.Customer](r.Store), kind: "members", sort: crm.Sort{Field: crm.FieldName}},
		by:      []crm.Field{crm.FieldOrganization}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	})
}

func (r customer) Tickets(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.TicketFilter) ([]*page.TicketConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	return listBy(ctx, parents, hanging[crm.Customer, crm.Ticket]{
		listing: listing[crm.Ticket]{
			from: crm.Of[crm.Ticket](r.Store), kind: "tickets", where: where, sort: crm.Sort{Field: crm.FieldCreatedAt, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer, crm.FieldRequester}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	})
}

func (r customer) Interactions(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.InteractionFilter) ([]*page.InteractionConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	return listBy(ctx, parents, hanging[crm.Customer, crm.Interaction]{
		listing: listing[crm.Interaction]{
			from: crm.Of[crm.Interaction](r.Store), kind: "interactions", where: where, sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	})
}

func (r customer) NextBestActions(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string) ([]*page.NextBestActionConnection, error) {
	return listBy(ctx, parents, hanging[crm.Customer, crm.NextBestAction]{
		listing: listing[crm.NextBestAction]{
			from: crm.Of[crm.NextBestAction](r.Store), kind: "nextBestActions", sort: crm.Sort{Field: crm.FieldRank, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	})
}

func (r customer) Recommendations(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.RecommendationFilter) ([]*page.RecommendationConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	now := r.Clock()
	from := hanging[crm.Customer, crm.Recommendation]{
		listing: listing[crm.Recommendation]{
			from: crm.Of[crm.Recommendation](r.Store), kind: "recommendations", where: where, sort: crm.Sort{Field: crm.FieldRank, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer},
		id: func(c *crm.Customer) crm.ID {
			if c.PersonalizationWithheld(now) {
				return ""
			}
			return c.ID
		},
		args: page.Args{First: first, After: after, Last: last, Before: before},
	}
	if !mayRead(ctx, "Recommendation", "score") {
		from.from, from.byID = unranked{from.from}, true
	}
	connections, err := listBy(ctx, parents, from)
	if connections == nil {
		return nil, err
	}
	results, made := make([]*page.RecommendationConnection, len(parents)), make([]page.RecommendationConnection, len(parents))
	for i, c := range connections {
		switch {
		case c != nil:
			made[i] = page.RecommendationConnection{Connection: c}
		case parents[i] != nil && from.id(parents[i]) == "":
			empty := page.New(page.List{}, crm.PageRequest{}, crm.Page[crm.Recommendation]{}, &whole{count: none})
			made[i] = page.RecommendationConnection{Connection: empty, Withheld: true}
		default:
			continue
		}
		results[i] = &made[i]
	}
	return results, err
}

// none counts nothing.
func none(context.Context) (int, error) { return 0, nil }

func (r customer) Statistics(ctx context.Context, parents []*crm.Customer) ([]*crm.CustomerStatistics, error) {
	ids := make([]crm.ID, 0, len(parents))
	for _, c := range parents {
		if c != nil {
			ids = append(ids, c.ID)
		}
	}
	facts, err := r.Store.Facts(ctx, distinct(ids))
	if err != nil {
		return nil, err
	}
	covered, err := r.Purchases.Covered(ctx)
	if err != nil {
		return nil, err
	}
	now, results := r.Clock(), make([]*crm.CustomerStatistics, len(parents))
	for i, c := range parents {
		if c != nil && facts[c.ID] != nil {
			results[i] = facts[c.ID].Statistics(now, covered)
		}
	}
	return results, nil
}

type membership struct{ *Root }

// Membership returns the resolvers of memberships.
func (r *Root) Membership() graph.MembershipResolver { return membership{r} }

func (r membership) Organization(ctx context.Context, parents []*crm.Membership) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(m *crm.Membership) crm.ID { return m.OrganizationID })
}

type consentChange struct{ *Root }

// ConsentChange returns the resolvers of consent changes.
func (r *Root) ConsentChange() graph.ConsentChangeResolver { return consentChange{r} }

func (r consentChange) Actor(ctx context.Context, parents []*crm.ConsentChange) ([]crm.Actor, error) {
	return actors(ctx, r.Root, parents, func(c *crm.ConsentChange) crm.ActorRef { return c.ActorRef })
}

type profileChange struct{ *Root }

// ProfileChange returns the resolvers of profile changes.
func (r *Root) ProfileChange() graph.ProfileChangeResolver { return profileChange{r} }

func (r profileChange) Actor(ctx context.Context, parents []*crm.ProfileChange) ([]crm.Actor, error) {
	return actors(ctx, r.Root, parents, func(c *crm.ProfileChange) crm.ActorRef { return c.ActorRef })
}

type employee struct{ *Root }

// Employee returns the resolvers of employees.
func (r *Root) Employee() graph.EmployeeResolver { return employee{r} }

func (r employee) Team(ctx context.Context, parents []*crm.Employee) ([]*crm.Team, error) {
	return related(ctx, parents, stored[crm.Team](r.Store), func(e *crm.Employee) crm.ID { return e.TeamID })
}
