package access

import (
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Rule names one thing that the policy forbids.
type Rule string

// The rules for customers in the portal. A customer who is not active, or whose
// record is gone, sees nothing at all, the catalogue neither.
const (
	// RuleCustomerStanding: only a customer who is active sees anything. Whoever is
	// blocked is told by staff what is theirs: a block may mean that somebody else
	// has the account.
	RuleCustomerStanding Rule = "customer.standing"
	// RuleCustomerSelf: of customers there are oneself and the organizations that
	// one belongs to.
	RuleCustomerSelf Rule = "customer.self"
	// RuleCustomerMembership: only memberships that are valid now count.
	RuleCustomerMembership Rule = "customer.membership"
	// RuleCustomerOrganization: of an organization its members see the name and the
	// kind, not who to reach there, what was agreed or what other systems call it.
	RuleCustomerOrganization Rule = "customer.organization"
	// RuleCustomerOrders: orders are one's own or an organization's.
	RuleCustomerOrders Rule = "customer.orders"
	// RuleCustomerRole: of an organization's orders USER sees those placed by
	// themselves only.
	RuleCustomerRole Rule = "customer.role"
	// RuleCustomerBilling: of an organization's orders BILLING sees what an invoice
	// has: no shipments, no shipping address, no returns, no promised delivery.
	RuleCustomerBilling Rule = "customer.billing"
	// RuleCustomerColleagues: of an organization's orders that another person placed
	// nobody sees who it was, what names and addresses say about them, nor why they
	// sent something back.
	RuleCustomerColleagues Rule = "customer.colleagues"
	// RuleCustomerTickets: tickets are those of one's own account or that one opened
	// oneself; buyers and approvers see those that their organization opened in its
	// own name, too.
	RuleCustomerTickets Rule = "customer.tickets"
	// RuleCustomerInternal: articles are the public ones.
	RuleCustomerInternal Rule = "customer.internal"
	// RuleCustomerArticles: articles are those of tickets that one may see; in an
	// organization's ticket without what other customers wrote.
	RuleCustomerArticles Rule = "customer.articles"
	// RuleCustomerStaff: employees are seen as authors alone, by name.
	RuleCustomerStaff Rule = "customer.staff"
	// RuleCustomerOwn: recommendations, and what else is kept for customers themselves,
	// are one's own.
	RuleCustomerOwn Rule = "customer.own"
	// RuleCustomerWithheld: recommendations that have expired, or that one has not
	// consented to, are not there.
	RuleCustomerWithheld Rule = "customer.withheld"
	// RuleCustomerCarts: carts are one's own.
	RuleCustomerCarts Rule = "customer.carts"
	// RuleCustomerStatistics: figures are one's own.
	RuleCustomerStatistics Rule = "customer.statistics"
	// RuleCustomerKinds: interactions, next best actions, timelines, teams and
	// partners' systems are not there.
	RuleCustomerKinds Rule = "customer.kinds"
)

// The rules for partners' systems.
const (
	// RulePartnerScopes: a kind of record is found, by id, by text, in a list or as
	// who did something, with the scope for it alone. One that another record names
	// needs none: fields decide about it.
	RulePartnerScopes Rule = "partner.scopes"
	// RulePartnerKinds: next best actions, timelines and other partners' systems are
	// not there; employees are seen as who did something and by name, teams as a
	// ticket's queue.
	RulePartnerKinds Rule = "partner.kinds"
	// RulePartnerInternal: articles are the public ones.
	RulePartnerInternal Rule = "partner.internal"
	// RulePartnerCustomers: customers are those of the key's sources, regions and own.
	RulePartnerCustomers Rule = "partner.customers"
	// RulePartnerIdentities: what systems other than the key's sources call a
	// customer is not there, nor found by.
	RulePartnerIdentities Rule = "partner.identities"
	// RulePartnerOrders: orders are those of the key's sources.
	RulePartnerOrders Rule = "partner.orders"
	// RulePartnerProducts: products are those of the key's sources, and so are
	// recommended ones.
	RulePartnerProducts Rule = "partner.products"
	// RulePartnerCarts: carts are those of the key's sources.
	RulePartnerCarts Rule = "partner.carts"
	// RulePartnerHanging: what hangs on customers is there for customers that the
	// key may see.
	RulePartnerHanging Rule = "partner.hanging"
	// RulePartnerOrigin: tickets and interactions that came from another system than
	// the key's sources are not there.
	RulePartnerOrigin Rule = "partner.origin"
	// RulePartnerWithheld: recommendations that a customer has not consented to are
	// not there.
	RulePartnerWithheld Rule = "partner.withheld"
	// RulePartnerStatistics: a key with row limits gets no figures: they cover more
	// than its rows.
	RulePartnerStatistics Rule = "partner.statistics"
)

// PolicyRules lists every rule that there is.
func PolicyRules() []Rule {
	return []Rule{
		RuleCustomerStanding, RuleCustomerSelf, RuleCustomerMembership, RuleCustomerOrganization, RuleCustomerOrders,
		RuleCustomerRole, RuleCustomerBilling, RuleCustomerColleagues, RuleCustomerTickets, RuleCustomerInternal,
		RuleCustomerArticles, RuleCustomerStaff, RuleCustomerOwn, RuleCustomerWithheld, RuleCustomerCarts,
		RuleCustomerStatistics, RuleCustomerKinds,
		RulePartnerScopes, RulePartnerKinds, RulePartnerInternal, RulePartnerCustomers, RulePartnerIdentities,
		RulePartnerOrders, RulePartnerProducts, RulePartnerCarts, RulePartnerHanging, RulePartnerOrigin,
		RulePartnerWithheld, RulePartnerStatistics,
	}
}

// PolicyOptions is what a Policy needs besides the store. The zero value is good.
type PolicyOptions struct {
	// Clock returns the time that memberships and recommendations are valid at; nil
	// is the system's.
	Clock func() time.Time
	// Handed is told how many objects of a kind, such as "order", were handed out to
	// a principal: its ID, or "customer" for any customer in the portal. nil is nobody.
	Handed func(principal, kind string, n int)
}

// Policy decides which objects a principal may have, and what of them. Store and
// Sources apply it to all that they hand out. Who is denied an object cannot tell
// it from one that does not exist.
//
// Staff have every object: their roles decide about fields. Rules says which
// fields anybody may read; the policy relies on it for no object.
type Policy struct {
	store   crm.Store
	options PolicyOptions
	rules   map[Rule]bool
	kinds   []guardedKind
}

// NewPolicy makes a policy of rules; what answers callers takes PolicyRules(),
// for what a rule forbids is let through without it. The store is the undecorated
// one: the policy reads there whom a customer belongs to and whose a record is.
func NewPolicy(store crm.Store, rules []Rule, o PolicyOptions) *Policy {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	p := &Policy{store: store, options: o, rules: make(map[Rule]bool, len(rules)), kinds: guardedKinds()}
	for _, rule := range rules {
		p.rules[rule] = true
	}
	return p
}

// on says whether a rule is one of the policy's.
func (p *Policy) on(rule Rule) bool { return p.rules[rule] }

// forbidden is the error for what a caller may not ask for at all.
func forbidden(message string) error {
	return &crm.Error{Code: crm.CodeForbidden, Message: message}
}

// unauthenticated is the error for nobody.
func unauthenticated() error {
	return &crm.Error{Code: crm.CodeUnauthenticated, Message: "nobody is known to ask: an Authorization header must say who"}
}

// scopeFor returns the scope that is needed to find records of a kind.
func scopeFor(kind crm.Kind) Scope {
	switch kind {
	case crm.KindCustomer:
		return ScopeCustomers
	case crm.KindOrder:
		return ScopeOrders
	case crm.KindProduct:
		return ScopeProducts
	case crm.KindTicket, crm.KindArticle:
		return ScopeTickets
	case crm.KindInteraction:
		return ScopeInteractions
	case crm.KindRecommendation:
		return ScopeRecommendations
	default: // Nobody's but staff's.
	}
	return ""
}
