package access

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// asking is who asks in a context, and what policies have found out about them.
type asking struct {
	who *Principal

	mu    sync.Mutex
	views map[*Policy]*view
}

// view is what a principal is to a policy, in one context.
type view struct {
	*Policy
	who *Principal
	// self is the customer that asks in the portal; nil if they may see nothing.
	self *crm.Customer
	// roles are self's in each organization, by its id.
	roles map[crm.ID][]crm.MembershipRole

	resolve sync.Once
	failed  error

	mu sync.Mutex
	// whole are the customers handed out without something, as they are stored.
	whole map[crm.ID]*crm.Customer
	// handed are the customers handed out, of whom a list may be asked.
	handed map[crm.ID]bool
	// tickets are those handed out.
	tickets map[crm.ID]*crm.Ticket
}

// view returns what the caller in a context is to the policy. Nobody is an error.
func (p *Policy) view(ctx context.Context) (*view, error) {
	a, ok := ctx.Value(principalKey{}).(*asking)
	if !ok || a.who == nil {
		return nil, unauthenticated()
	}
	a.mu.Lock()
	v := a.views[p]
	if v == nil {
		v = &view{Policy: p, who: a.who}
		if a.views == nil {
			a.views = map[*Policy]*view{}
		}
		a.views[p] = v
	}
	a.mu.Unlock()
	switch a.who.Kind {
	case KindStaff, KindPartner:
		return v, nil
	case KindCustomer:
		v.resolve.Do(func() { v.failed = v.meet(ctx) })
		return v, v.failed
	}
	return nil, unauthenticated()
}

// selfMembers are what decides about what a customer in the portal may see. It is never
// written to.
var selfMembers = crm.MustMembers(crm.KindCustomer,
	"status", "memberships", "consents.purpose", "consents.status", "consents.expiresAt")

// meet reads who a customer in the portal is. A panic is the error of all who want to
// know, so that none of them goes on with somebody who is not known.
func (v *view) meet(ctx context.Context) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &crm.Error{Code: crm.CodeInternal, Op: "read who asks", Err: panics.New(value)}
		}
	}()
	found, err := crm.Of[crm.Customer](v.store).ByID(ctx, []crm.ID{v.who.Customer}, selfMembers)
	if err != nil {
		return err
	}
	self := found[v.who.Customer]
	if self == nil || (v.on(RuleCustomerStanding) && self.Status != crm.CustomerStatusActive) {
		return nil
	}
	v.self, v.roles = self, map[crm.ID][]crm.MembershipRole{}
	now := v.options.Clock()
	for _, m := range self.Memberships {
		late := m.ValidFrom != nil && m.ValidFrom.After(now)
		over := m.ValidTo != nil && !m.ValidTo.After(now)
		if m.OrganizationID == "" || (late || over) && v.on(RuleCustomerMembership) {
			continue
		}
		v.roles[m.OrganizationID] = append(v.roles[m.OrganizationID], m.Role)
	}
	return nil
}

// all says whether everything may be seen.
func (v *view) all() bool { return v.who.Kind == KindStaff }

// blind says whether nothing may be seen: a customer in the portal of whom there is
// no record that counts.
func (v *view) blind() bool { return v.portal() && v.self == nil }

// portal says whether a customer asks, and partner whether a partner's system does.
func (v *view) portal() bool  { return v.who.Kind == KindCustomer }
func (v *view) partner() bool { return v.who.Kind == KindPartner }

// count tells how many objects were handed out.
func (v *view) count(kind string, n int) {
	if v.options.Handed == nil || n == 0 {
		return
	}
	principal := v.who.ID
	if v.portal() {
		principal = string(KindCustomer)
	}
	v.options.Handed(principal, kind, n)
}

// is says whether the portal's customer has one of the roles in an organization.
func (v *view) is(organization crm.ID, roles ...crm.MembershipRole) bool {
	return slices.ContainsFunc(v.roles[organization], func(r crm.MembershipRole) bool { return slices.Contains(roles, r) })
}

// member says whether the portal's customer belongs to an organization.
func (v *view) member(organization crm.ID) bool { return len(v.roles[organization]) > 0 }

// limited says whether a partner's rows of customers are limited.
func (v *view) limited() bool { return !v.who.Rows.Unlimited() }

// hasRow says whether a customer is one of a partner's rows.
func (v *view) hasRow(c *crm.Customer) bool {
	if !v.on(RulePartnerCustomers) {
		return true
	}
	rows := v.who.Rows
	identified := func(sources ...string) bool {
		return slices.ContainsFunc(c.ExternalIdentities, func(e crm.ExternalIdentity) bool {
			return slices.Contains(sources, e.Source)
		})
	}
	if len(rows.Sources) > 0 && !identified(rows.Sources...) || rows.Own != "" && !identified(rows.Own) {
		return false
	}
	return len(rows.Regions) == 0 || slices.ContainsFunc(c.Addresses, func(a crm.Address) bool {
		return a.CountryCode != nil && slices.ContainsFunc(rows.Regions, func(r string) bool { return strings.EqualFold(r, *a.CountryCode) })
	})
}

// hasSource says whether a record of a source is one of a partner's rows.
func (v *view) hasSource(source string) bool {
	return len(v.who.Rows.Sources) == 0 || slices.Contains(v.who.Rows.Sources, source)
}

// nothing returns the id of no record of a kind: it is asked for where there is
// nothing to ask for, so that what does not exist costs the calls of what may not
// be seen.
func nothing(kind crm.Kind) crm.ID { return crm.ID(kind) + "_00000000000000000000000000" }

// ownerMembers are what decides about a customer's records: what hasRow reads, and what
// was said about recommendations. It is never written to.
var ownerMembers = crm.MustMembers(crm.KindCustomer,
	"externalIdentities.source", "addresses.countryCode", "consents.purpose", "consents.status", "consents.expiresAt")

// customers returns the customers with ids as they are stored, as far as decisions
// need them, in one call of the store, also if there are no ids.
func (v *view) customers(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.Customer, error) {
	if ids = crm.Only(crm.KindCustomer, ids); len(ids) == 0 {
		ids = []crm.ID{nothing(crm.KindCustomer)}
	}
	return crm.Of[crm.Customer](v.store).ByID(ctx, ids, ownerMembers)
}

// note remembers a customer that is handed out as the second, and is stored as
// the first.
func (v *view) note(stored, shown *crm.Customer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.handed == nil {
		v.handed, v.whole = map[crm.ID]bool{}, map[crm.ID]*crm.Customer{}
	}
	v.handed[stored.ID] = true
	if stored != shown {
		v.whole[stored.ID] = stored
	}
}

// wholes returns customers as they are stored: shops know them by what their
// reader may not see.
func (v *view) wholes(customers []*crm.Customer) []*crm.Customer {
	v.mu.Lock()
	defer v.mu.Unlock()
	stored := make([]*crm.Customer, len(customers))
	for i, c := range customers {
		stored[i] = c
		if c == nil {
			continue
		}
		if whole := v.whole[c.ID]; whole != nil {
			stored[i] = whole
		}
	}
	return stored
}

// noteTicket remembers a ticket that is handed out.
func (v *view) noteTicket(t *crm.Ticket) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tickets == nil {
		v.tickets = map[crm.ID]*crm.Ticket{}
	}
	v.tickets[t.ID] = t
}

// visibleParents returns those of a partner's customers of whom lists may be asked:
// handed out before, or one of the key's rows.
func (v *view) visibleParents(ctx context.Context, ids []crm.ID) ([]crm.ID, error) {
	if !v.limited() || !v.on(RulePartnerHanging) {
		return ids, nil
	}
	var unknown []crm.ID
	v.mu.Lock()
	for _, id := range ids {
		if !v.handed[id] {
			unknown = append(unknown, id)
		}
	}
	v.mu.Unlock()
	if len(unknown) == 0 {
		return ids, nil
	}
	found, err := v.customers(ctx, unknown)
	if err != nil {
		return nil, err
	}
	var visible []crm.ID
	for _, id := range ids {
		if c := found[id]; !slices.Contains(unknown, id) || c != nil && v.hasRow(c) {
			visible = append(visible, id)
		}
	}
	return visible, nil
}

// reach is how a record is come by.
type reach int

const (
	byFinding reach = iota
	byReference
	byDeed
)

type reachKey struct{}

// Referred marks that records are loaded because one that the caller may have
// names them: an order's customer, a ticket's queue.
func Referred(ctx context.Context) context.Context {
	return context.WithValue(ctx, reachKey{}, byReference)
}

// Acting marks that records are loaded because they did something that the caller
// may know of: an article's author.
func Acting(ctx context.Context) context.Context {
	return context.WithValue(ctx, reachKey{}, byDeed)
}

func reachOf(ctx context.Context) reach {
	r, _ := ctx.Value(reachKey{}).(reach)
	return r
}

// finds says whether a partner may find records of a kind by id, text or list.
func (v *view) finds(kind crm.Kind) bool {
	return !v.on(RulePartnerScopes) || v.who.HasScope(scopeFor(kind))
}
