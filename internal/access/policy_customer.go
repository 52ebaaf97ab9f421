package access

import (
	"context"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// customers is the policy for customers.
func customers() guard[crm.Customer] {
	return guard[crm.Customer]{
		kind:  "customer",
		reads: customerReads,
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() || reachOf(ctx) == byReference || v.finds(crm.KindCustomer)
		},
		list:   listCustomers,
		under:  membersUnder,
		around: nothingAround[crm.Customer],
		see:    seeCustomer,
		exact:  exactCustomers,
	}
}

// What is read of customers to decide about them: what shops know them by too, for
// whoever is handed one as it is shown may ask for their orders; and what they are
// found by, if conditions ask for it. They are never written to.
var (
	customerMembers = crm.ShopperMembers().With(crm.MustMembers(crm.KindCustomer, "externalIdentities.source", "addresses.countryCode"))
	foundMembers    = customerMembers.With(crm.KeyMembers(crm.KindCustomer, crm.FieldTokens)).With(crm.KeyMembers(crm.KindCustomer, crm.FieldIdentity))
)

func customerReads(where []crm.Predicate) *crm.Members {
	if slices.ContainsFunc(where, tellsIdentity) {
		return foundMembers
	}
	return customerMembers
}

func listCustomers(v *view, where []crm.Predicate) ([]crm.Predicate, error) {
	if v.portal() {
		if v.on(RuleCustomerSelf) {
			return nil, noLists()
		}
		return nil, nil
	}
	if !v.finds(crm.KindCustomer) {
		return nil, noScope()
	}
	if !v.on(RulePartnerCustomers) {
		return nil, nil
	}
	narrowed, whole := v.rowPredicates()
	if !whole && !lookup(where) {
		return nil, noRows()
	}
	return narrowed, nil
}

// rowPredicates returns conditions that all customers of a partner's rows fulfil;
// whole says that nobody else does.
func (v *view) rowPredicates() (narrowed []crm.Predicate, whole bool) {
	rows := v.who.Rows
	of := func(source string) {
		narrowed = append(narrowed, crm.Predicate{Field: crm.FieldIdentity, Prefix: crm.ExternalIdentity{Source: source}.Key()})
	}
	if rows.Own != "" {
		of(rows.Own)
	}
	switch len(rows.Sources) {
	case 0:
		whole = true
	case 1:
		of(rows.Sources[0])
		whole = true
	}
	return narrowed, whole && len(rows.Regions) == 0
}

// lookup says whether conditions name customers by what few have in common, so
// that what they select can be looked at one by one.
func lookup(where []crm.Predicate) bool {
	return slices.ContainsFunc(where, func(p crm.Predicate) bool {
		known := p.Field == crm.FieldIdentity || p.Field == crm.FieldEmail || p.Field == crm.FieldPhone || p.Field == crm.FieldID
		return known && p.In != nil
	})
}

func membersUnder(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
	if v.portal() {
		if v.on(RuleCustomerSelf) {
			return nil, nil
		}
		return []branch{{parents: parents}}, nil
	}
	branches, err := hangingOnCustomers(ctx, v, parents)
	if v.on(RulePartnerCustomers) {
		for i := range branches {
			branches[i].where, _ = v.rowPredicates()
		}
	}
	return branches, err
}

func exactCustomers(v *view, where []crm.Predicate) bool {
	if v.portal() {
		return true
	}
	if v.on(RulePartnerCustomers) {
		if _, whole := v.rowPredicates(); !whole {
			return false
		}
	}
	return !v.hidesIdentities() || !slices.ContainsFunc(where, tellsIdentity)
}

// tellsIdentity says whether a condition can tell what another system calls a
// customer.
func tellsIdentity(p crm.Predicate) bool {
	return p.Field == crm.FieldTokens || p.Field == crm.FieldIdentity
}

func seeCustomer(v *view, c *crm.Customer, _ around) *crm.Customer {
	shown := c
	switch {
	case v.portal():
		shown = v.profile(c)
	case !v.hasRow(c):
		return nil
	case v.hidesIdentities():
		own := *c
		own.ExternalIdentities = slices.DeleteFunc(slices.Clone(c.ExternalIdentities), func(e crm.ExternalIdentity) bool {
			return !v.hasSource(e.Source) && e.Source != v.who.Rows.Own
		})
		shown = &own
	}
	if shown != nil {
		v.note(c, shown)
	}
	return shown
}

// hidesIdentities says whether a partner may know customers by some sources only.
func (v *view) hidesIdentities() bool {
	return v.partner() && v.on(RulePartnerIdentities) && len(v.who.Rows.Sources) > 0
}

// profile returns what the portal's customer may see of a customer.
func (v *view) profile(c *crm.Customer) *crm.Customer {
	switch {
	case c.ID == v.self.ID:
		return c
	case c.Kind == crm.CustomerKindOrganization && v.member(c.ID):
	case v.on(RuleCustomerSelf):
		return nil
	}
	if !v.on(RuleCustomerOrganization) {
		return c
	}
	// Only what is named here is shown: a field that is added is not.
	return &crm.Customer{
		ID: c.ID, Kind: c.Kind, Status: c.Status, OrganizationName: c.OrganizationName, DisplayName: c.DisplayName,
		Industry: c.Industry, Language: c.Language, TimeZone: c.TimeZone,
		Emails: []crm.EmailAddress{}, Phones: []crm.PhoneNumber{}, Addresses: []crm.Address{}, Consents: []*crm.Consent{},
		ExternalIdentities: []crm.ExternalIdentity{}, Tags: []string{}, Segments: []string{},
		Memberships: []*crm.Membership{}, CustomAttributes: []crm.CustomAttribute{}, Changes: []crm.ProfileChange{},
		LifecycleStage: c.LifecycleStage, LoyaltyClass: c.LoyaltyClass,
		RetentionStatus: c.RetentionStatus, RelationshipLevel: c.RelationshipLevel,
		Version: c.Version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

// stillFound says whether a customer as it is shown fulfils a caller's own
// conditions on what may be hidden: nobody is found by what their finder may not
// read.
func stillFound(shown *crm.Customer, where []crm.Predicate) bool {
	if !slices.ContainsFunc(where, tellsIdentity) {
		return true
	}
	keys := shown.Keys()
	return !slices.ContainsFunc(where, func(p crm.Predicate) bool { return tellsIdentity(p) && !p.Holds(keys) })
}

// rowsKey names a partner's rows: equal for equal ones.
func rowsKey(r crm.RowLimits) string {
	if r.Unlimited() {
		return ""
	}
	sorted := func(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ",") }
	return "sources " + sorted(r.Sources) + "; regions " + sorted(r.Regions) + "; own " + r.Own
}
