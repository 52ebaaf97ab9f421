package access

import (
	"context"
	"maps"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// What is read of tickets and articles to decide about them. They are never written to.
var (
	ticketMembers  = crm.MustMembers(crm.KindTicket, "source", "customer", "requester")
	articleMembers = crm.MustMembers(crm.KindArticle, "ticket", "visibility", "author")
)

// tickets is the policy for tickets.
func tickets() guard[crm.Ticket] {
	return guard[crm.Ticket]{
		kind:  "ticket",
		reads: reading(ticketMembers),
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() || v.partner() && (reachOf(ctx) != byFinding || v.finds(crm.KindTicket))
		},
		list: func(v *view, _ []crm.Predicate) ([]crm.Predicate, error) {
			return nil, refuseList(v, crm.KindTicket, RuleCustomerTickets)
		},
		under:  ticketsUnder,
		around: customersAround(func(t *crm.Ticket) []crm.ID { return []crm.ID{t.CustomerID, t.RequesterID} }),
		see: func(v *view, t *crm.Ticket, a around) *crm.Ticket {
			if !v.seesTicket(t, a) {
				return nil
			}
			v.noteTicket(t)
			return t
		},
		exact: func(v *view, _ []crm.Predicate) bool { return v.portal() || !v.asksOrigin() },
	}
}

// refuseList says whether a list of all records that hang on customers is refused.
func refuseList(v *view, kind crm.Kind, rule Rule) error {
	switch {
	case v.portal() && v.on(rule):
		return noLists()
	case v.portal():
	case !v.finds(kind):
		return noScope()
	case v.limited() && v.on(RulePartnerHanging):
		return noRows()
	}
	return nil
}

// asksOrigin says whether records that came from elsewhere are kept from a
// partner.
func (v *view) asksOrigin() bool {
	return v.on(RulePartnerOrigin) && len(v.who.Rows.Sources) > 0
}

// hasOrigin says whether a record came from here or from one of a partner's
// sources.
func (v *view) hasOrigin(source *string) bool {
	return source == nil || !v.asksOrigin() || v.hasSource(*source)
}

func ticketsUnder(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
	if v.partner() {
		return hangingOnCustomers(ctx, v, parents)
	}
	// A ticket is asked for by oneself, or by an organization that one buys for.
	askers := []string{string(v.self.ID)}
	for _, id := range slices.Sorted(maps.Keys(v.roles)) {
		if v.buys(id) {
			askers = append(askers, string(id))
		}
	}
	var whole branch
	asked := branch{where: []crm.Predicate{{Field: crm.FieldRequester, In: askers}}}
	for _, id := range parents {
		switch {
		case id == v.self.ID, !v.on(RuleCustomerTickets):
			whole.parents = append(whole.parents, id)
		case v.member(id):
			asked.parents = append(asked.parents, id)
		}
	}
	return slices.DeleteFunc([]branch{whole, asked}, func(b branch) bool { return len(b.parents) == 0 }), nil
}

// buys says whether the portal's customer buys for an organization.
func (v *view) buys(organization crm.ID) bool {
	return v.is(organization, crm.MembershipRoleBuyer, crm.MembershipRoleApprover)
}

func (v *view) seesTicket(t *crm.Ticket, a around) bool {
	if v.partner() {
		return v.hasOrigin(t.Source) && (!v.limited() || !v.on(RulePartnerHanging) || a.knows(t.CustomerID, t.RequesterID))
	}
	return !v.on(RuleCustomerTickets) || v.ownsTicket(t) || v.buys(t.RequesterID)
}

// ownsTicket says whether a ticket is the portal's customer's own.
func (v *view) ownsTicket(t *crm.Ticket) bool {
	return t.CustomerID == v.self.ID || t.RequesterID == v.self.ID
}

// articles is the policy for articles.
func articles() guard[crm.Article] {
	return guard[crm.Article]{
		kind:  "article",
		reads: reading(articleMembers),
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() || v.partner() && (reachOf(ctx) != byFinding || v.finds(crm.KindArticle))
		},
		list: func(v *view, _ []crm.Predicate) ([]crm.Predicate, error) {
			return v.onlyPublic(), refuseList(v, crm.KindArticle, RuleCustomerArticles)
		},
		under:  articlesUnder,
		around: ticketsAround,
		see:    seeArticle,
		exact:  func(v *view, _ []crm.Predicate) bool { return v.partner() || !v.on(RuleCustomerArticles) },
	}
}

// public is the rule that keeps articles that are not public from the caller.
func (v *view) public() Rule {
	if v.portal() {
		return RuleCustomerInternal
	}
	return RulePartnerInternal
}

// onlyPublic returns the condition that articles are public.
func (v *view) onlyPublic() []crm.Predicate {
	if !v.on(v.public()) {
		return nil
	}
	return []crm.Predicate{{Field: crm.FieldVisibility, In: []string{string(crm.VisibilityPublic)}}}
}

func articlesUnder(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
	seen, err := v.visibleTickets(ctx, parents)
	if err != nil {
		return nil, err
	}
	b := branch{where: v.onlyPublic()}
	for _, id := range parents {
		if seen[id] != nil {
			b.parents = append(b.parents, id)
		}
	}
	if len(b.parents) == 0 {
		return nil, nil
	}
	return []branch{b}, nil
}

// visibleTickets returns those of the tickets that the caller may see: those handed
// out before without asking for them again.
func (v *view) visibleTickets(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.Ticket, error) {
	seen := make(map[crm.ID]*crm.Ticket, len(ids))
	var unknown []crm.ID
	v.mu.Lock()
	for _, id := range ids {
		if t := v.tickets[id]; t != nil {
			seen[id] = t
		} else {
			unknown = append(unknown, id)
		}
	}
	v.mu.Unlock()
	if len(unknown) == 0 {
		return seen, nil
	}
	found, err := v.lookAtTickets(ctx, unknown)
	if err != nil {
		return nil, err
	}
	for id, t := range found {
		seen[id] = t
	}
	return seen, nil
}

// lookAtTickets reads tickets and gives those that the caller may see: always in
// the same number of calls.
func (v *view) lookAtTickets(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.Ticket, error) {
	if ids = crm.Only(crm.KindTicket, ids); len(ids) == 0 {
		ids = []crm.ID{nothing(crm.KindTicket)}
	}
	found, err := crm.Of[crm.Ticket](v.store).ByID(ctx, ids, ticketMembers)
	if err != nil {
		return nil, err
	}
	guard := tickets()
	list := make([]*crm.Ticket, 0, len(found))
	for _, t := range found {
		list = append(list, t)
	}
	a, err := guard.around(ctx, v, list, nil)
	if err != nil {
		return nil, err
	}
	for id, t := range found {
		if !v.seesTicket(t, a) && v.on(v.ticketsOfArticles()) {
			delete(found, id)
		}
	}
	return found, nil
}

// ticketsOfArticles is the rule that keeps articles of tickets that the caller may
// not see from it.
func (v *view) ticketsOfArticles() Rule {
	if v.portal() {
		return RuleCustomerArticles
	}
	return RulePartnerHanging
}

// ticketsAround loads the tickets of articles; those of lists are known.
func ticketsAround(ctx context.Context, v *view, records []*crm.Article, parents []crm.ID) (around, error) {
	if len(parents) > 0 {
		seen, err := v.visibleTickets(ctx, parents)
		return around{tickets: seen}, err
	}
	ids := make([]crm.ID, len(records))
	for i, r := range records {
		ids[i] = r.TicketID
	}
	seen, err := v.lookAtTickets(ctx, ids)
	return around{tickets: seen}, err
}

func seeArticle(v *view, r *crm.Article, a around) *crm.Article {
	t := a.tickets[r.TicketID]
	switch {
	case t == nil, r.Visibility != crm.VisibilityPublic && v.on(v.public()):
		return nil
	case v.portal() && v.on(RuleCustomerArticles) && !v.ownsTicket(t) && r.AuthorRef.ID.Kind() == crm.KindCustomer &&
		r.AuthorRef.ID != v.self.ID && !v.member(r.AuthorRef.ID):
		return nil
	}
	return r
}
