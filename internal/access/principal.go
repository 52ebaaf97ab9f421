package access

import (
	"context"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// Kind is what kind of caller asks.
type Kind string

// The kinds of caller.
const (
	// KindStaff is a member of the company's staff: sees all customers, by role.
	KindStaff Kind = "staff"
	// KindPartner is another company's system: sees what its scopes name, within
	// its row limits.
	KindPartner Kind = "partner"
	// KindCustomer is a customer in the self-service portal: sees their own.
	KindCustomer Kind = "customer"
)

// Role is what a member of staff works as: the schema's StaffRole.
type Role string

// The roles.
const (
	RoleSupport   Role = "SUPPORT"
	RoleSales     Role = "SALES"
	RoleMarketing Role = "MARKETING"
	RoleAnalyst   Role = "ANALYST"
	RoleAdmin     Role = "ADMIN"
)

// Roles lists every role.
func Roles() []Role { return []Role{RoleSupport, RoleSales, RoleMarketing, RoleAnalyst, RoleAdmin} }

// Scope is what a partner's system may read: the schema's PartnerScope.
type Scope string

// The scopes.
const (
	ScopeCustomers       Scope = "CUSTOMERS_READ"
	ScopeOrders          Scope = "ORDERS_READ"
	ScopeProducts        Scope = "PRODUCTS_READ"
	ScopeTickets         Scope = "TICKETS_READ"
	ScopeInteractions    Scope = "INTERACTIONS_READ"
	ScopeRecommendations Scope = "RECOMMENDATIONS_READ"
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeCustomers, ScopeOrders, ScopeProducts, ScopeTickets, ScopeInteractions, ScopeRecommendations}
}

// Principal is who asks. It is made once by an Authenticator and not changed
// after that.
type Principal struct {
	Kind Kind
	// ID names the principal in logs, metrics and limits, such as
	// "staff:3f2a9c51d0b7e684", "key_01…" or "customer:…": stable, the same on every
	// gateway, and without anything personal in it.
	ID string
	// Actor is the record of who asks, an employee or a partner app; "" if there is
	// none. A customer's is Customer.
	Actor crm.ID
	// Roles are a member of staff's, sorted; nobody else has any.
	Roles []Role
	// Scopes are a partner's, sorted; nobody else has any.
	Scopes []Scope
	// Customer is the one customer that a portal's token is linked to.
	Customer crm.ID
	// Rows limit a partner to some records.
	Rows crm.RowLimits
	// Rate is how many requests a second a partner's key may make; 0 is the default.
	Rate int
}

// Class names what decides which fields a principal may read: the same for all
// principals with the same kind, roles and scopes.
func (p *Principal) Class() string {
	words := []string{string(p.Kind)}
	for _, r := range p.Roles {
		words = append(words, string(r))
	}
	for _, s := range p.Scopes {
		words = append(words, string(s))
	}
	return strings.Join(words, " ")
}

// HasRole says whether the principal is staff with one of the roles.
func (p *Principal) HasRole(roles ...Role) bool {
	return p.Kind == KindStaff && slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(p.Roles, r) })
}

// HasScope says whether the principal is a partner with one of the scopes.
func (p *Principal) HasScope(scopes ...Scope) bool {
	return p.Kind == KindPartner && slices.ContainsFunc(scopes, func(s Scope) bool { return slices.Contains(p.Scopes, s) })
}

// Local returns the principal of a gateway without access control: staff with
// every role.
func Local() *Principal { return &Principal{Kind: KindStaff, ID: "local", Roles: Roles()} }

type principalKey struct{}

// With returns a context in which p asks. What a Policy finds out about p, such as
// which organizations a customer belongs to, it finds out once for the context:
// each request, and each event of a subscription, has its own.
func With(ctx context.Context, p *Principal) context.Context {
	if p != nil {
		ctx = crm.WithCaller(ctx, p.ID)
	}
	return context.WithValue(ctx, principalKey{}, &asking{who: p})
}

// From returns who asks in a context, nil if nobody is known: then nothing may be
// seen.
func From(ctx context.Context) *Principal {
	if a, ok := ctx.Value(principalKey{}).(*asking); ok {
		return a.who
	}
	return nil
}

// Authenticator finds out who brings a credential.
type Authenticator interface {
	// Authenticate returns the principal of a credential: what follows "Bearer " in
	// the Authorization header. What is wrong with a credential is a crm.Error
	// UNAUTHENTICATED, whose message never repeats it and whose cause says for the
	// log what was wrong. If the credential is right, but who brings it may not ask,
	// so that another credential would not help, it is NOT_LINKED, NO_ROLE or
	// FORBIDDEN, with a cause too; if it cannot be checked now, UNAVAILABLE.
	Authenticate(ctx context.Context, credential string) (*Principal, error)
}

// Reason says for the log why a credential was refused, such as EXPIRED: it is the
// cause of an Authenticator's error (errors.As), and holds nothing of the
// credential.
type Reason string

// Error says what was wrong.
func (r Reason) Error() string { return "credential refused: " + string(r) }

// The codes of somebody whose credential is right and who may not ask all the same.
const (
	// CodeNotLinked is a customer's token that is linked to no customer.
	CodeNotLinked crm.Code = "NOT_LINKED"
	// CodeNoRole is a token of staff without any role of the gateway's.
	CodeNoRole crm.Code = "NO_ROLE"
)

// Refusal is a Reason with the issuer of the credential: the cause of an error about
// a credential that says who has issued it.
type Refusal struct {
	// Issuer is the gateway's own name for it.
	Issuer string
	Reason Reason
}

// Error says what was wrong.
func (r *Refusal) Error() string { return r.Reason.Error() }

// Unwrap returns the reason.
func (r *Refusal) Unwrap() error { return r.Reason }
