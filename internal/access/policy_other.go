package access

import (
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// What is read of interactions and recommendations to decide about them. They are
// never written to.
var (
	interactionMembers    = crm.MustMembers(crm.KindInteraction, "source", "customer")
	recommendationMembers = crm.MustMembers(crm.KindRecommendation, "customer", "product", "basedOn", "status", "expiresAt")
)

// interactions is the policy for interactions: for staff and partners.
func interactions() guard[crm.Interaction] {
	g := no[crm.Interaction]("interaction", func(*view) Rule { return RuleCustomerKinds })
	return guard[crm.Interaction]{
		kind:  "interaction",
		reads: reading(interactionMembers),
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() && g.byID(ctx, v) || v.partner() && (reachOf(ctx) != byFinding || v.finds(crm.KindInteraction))
		},
		list: func(v *view, where []crm.Predicate) ([]crm.Predicate, error) {
			if v.portal() {
				return g.list(v, where)
			}
			return nil, refuseList(v, crm.KindInteraction, RuleCustomerKinds)
		},
		under: func(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
			if v.portal() {
				return g.under(ctx, v, parents)
			}
			return hangingOnCustomers(ctx, v, parents)
		},
		around: customersAround(func(i *crm.Interaction) []crm.ID { return []crm.ID{i.CustomerID} }),
		see: func(v *view, i *crm.Interaction, a around) *crm.Interaction {
			if v.portal() {
				return g.see(v, i, a)
			}
			if !v.hasOrigin(i.Source) || v.limited() && v.on(RulePartnerHanging) && !a.knows(i.CustomerID) {
				return nil
			}
			return i
		},
		exact: func(v *view, _ []crm.Predicate) bool { return v.portal() || !v.asksOrigin() },
	}
}

// recommendations is the policy for recommendations: for a customer, their own; for
// partners, those of the customers of their rows.
func recommendations() guard[crm.Recommendation] {
	portal := own("recommendation", RuleCustomerOwn, nil, recommendationMembers, func(r *crm.Recommendation) (crm.ID, bool) { return r.CustomerID, true })
	return guard[crm.Recommendation]{
		kind:  portal.kind,
		reads: portal.reads,
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() || v.partner() && (reachOf(ctx) != byFinding || v.finds(crm.KindRecommendation))
		},
		list: func(v *view, where []crm.Predicate) ([]crm.Predicate, error) {
			if v.portal() {
				return portal.list(v, where)
			}
			return nil, refuseList(v, crm.KindRecommendation, RuleCustomerOwn)
		},
		under: func(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
			if v.portal() {
				return portal.under(ctx, v, parents)
			}
			return hangingOnCustomers(ctx, v, parents)
		},
		around: func(ctx context.Context, v *view, records []*crm.Recommendation, _ []crm.ID) (around, error) {
			if v.portal() {
				return around{}, nil
			}
			ids := make([]crm.ID, len(records))
			for i, r := range records {
				ids[i] = r.CustomerID
			}
			found, err := v.customers(ctx, ids)
			return around{customers: found}, err
		},
		see: func(v *view, r *crm.Recommendation, a around) *crm.Recommendation {
			if v.portal() && portal.see(v, r, a) == nil {
				return nil
			}
			return seeRecommendation(v, r, a)
		},
		exact: func(v *view, _ []crm.Predicate) bool {
			if v.portal() {
				return !v.on(RuleCustomerWithheld)
			}
			return !v.on(RulePartnerWithheld) && v.ofSources(RulePartnerProducts) == nil
		},
	}
}

func seeRecommendation(v *view, r *crm.Recommendation, a around) *crm.Recommendation {
	now := v.options.Clock()
	if v.partner() {
		c := a.customers[r.CustomerID]
		withheld := c != nil && c.PersonalizationWithheld(now) && v.on(RulePartnerWithheld)
		if withheld || v.limited() && v.on(RulePartnerHanging) && (c == nil || !v.hasRow(c)) {
			return nil
		}
		// What it draws on is in its words too: what was bought elsewhere.
		foreign := func(id crm.ID) bool {
			source, _, ok := id.Source()
			return ok && !v.hasSource(source)
		}
		if v.on(RulePartnerProducts) && (foreign(r.ProductID) || slices.ContainsFunc(r.BasedOnIDs, foreign)) {
			return nil
		}
		return r
	}
	expired := r.Status == crm.RecommendationStatusExpired || r.ExpiresAt != nil && !r.ExpiresAt.After(now)
	if v.on(RuleCustomerWithheld) && (expired || v.self.PersonalizationWithheld(now)) {
		return nil
	}
	return r
}

// employees is the policy for employees: others see who did something, by name, and
// partners who works on a ticket.
func employees() guard[crm.Employee] {
	g := no[crm.Employee]("employee", staffRule)
	g.byID = func(ctx context.Context, v *view) bool {
		return !v.on(staffRule(v)) || reachOf(ctx) == byDeed || v.partner() && reachOf(ctx) == byReference
	}
	g.see = func(v *view, e *crm.Employee, _ around) *crm.Employee {
		if !v.on(staffRule(v)) {
			return e
		}
		return &crm.Employee{ID: e.ID, Name: e.Name, Active: e.Active}
	}
	return g
}

func staffRule(v *view) Rule {
	if v.portal() {
		return RuleCustomerStaff
	}
	return RulePartnerKinds
}

// teams is the policy for teams: partners see a ticket's.
func teams() guard[crm.Team] {
	g := no[crm.Team]("team", kindsRule)
	g.byID = func(ctx context.Context, v *view) bool {
		return !v.on(kindsRule(v)) || v.partner() && reachOf(ctx) == byReference
	}
	g.see = func(_ *view, t *crm.Team, _ around) *crm.Team { return t }
	return g
}

// partnerApps is the policy for partners' systems: a partner sees its own.
func partnerApps() guard[crm.PartnerApp] {
	g := no[crm.PartnerApp]("partnerApp", kindsRule)
	g.byID = func(_ context.Context, v *view) bool { return v.partner() || !v.on(kindsRule(v)) }
	g.see = func(v *view, a *crm.PartnerApp, _ around) *crm.PartnerApp {
		if !v.on(kindsRule(v)) || v.partner() && a.ID == v.who.Actor {
			return a
		}
		return nil
	}
	return g
}

// seesFigures returns the customers whose figures the caller may see.
func (v *view) seesFigures(ids []crm.ID) ([]crm.ID, error) {
	if v.partner() {
		if v.limited() && v.on(RulePartnerStatistics) {
			return nil, forbidden("figures cover more than the rows of this key")
		}
		return ids, nil
	}
	var own []crm.ID
	for _, id := range ids {
		if !v.blind() && (id == v.self.ID || !v.on(RuleCustomerStatistics)) {
			own = append(own, id)
		}
	}
	return own, nil
}
