package files

import (
	"fmt"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

func teams() handler {
	return &spec[crm.Team, record.Team]{
		description: describe[record.Team](KindTeams, crm.KindTeam, "team", "source", "externalId"),
		records:     crm.Of[crm.Team],
		write:       record.NewTeam,
		read:        (*record.Team).Domain,
		complete:    func(*crm.Team) {},
		meta:        func(t *record.Team) meta { return meta{&t.ID, nil, &t.CreatedAt, &t.UpdatedAt} },
		references:  noReferences[record.Team],
		settle:      func(_ settings, t *record.Team) *fault { return required(text("name", t.Name)) },
	}
}

func partnerApps() handler {
	return &spec[crm.PartnerApp, record.PartnerApp]{
		description: describe[record.PartnerApp](KindPartnerApps, crm.KindPartnerApp, "partnerApp", "source", "externalId"),
		records:     crm.Of[crm.PartnerApp],
		write:       record.NewPartnerApp,
		read:        (*record.PartnerApp).Domain,
		complete:    func(*crm.PartnerApp) {},
		meta:        func(a *record.PartnerApp) meta { return meta{&a.ID, nil, &a.CreatedAt, &a.UpdatedAt} },
		references:  noReferences[record.PartnerApp],
		settle:      func(_ settings, a *record.PartnerApp) *fault { return required(text("name", a.Name)) },
	}
}

func employees() handler {
	return &spec[crm.Employee, record.Employee]{
		description: describe[record.Employee](KindEmployees, crm.KindEmployee, "employee", "source", "externalId"),
		records:     crm.Of[crm.Employee],
		write:       record.NewEmployee,
		read:        (*record.Employee).Domain,
		complete:    func(*crm.Employee) {},
		meta:        func(e *record.Employee) meta { return meta{&e.ID, nil, &e.CreatedAt, &e.UpdatedAt} },
		references:  noReferences[record.Employee],
		renew: func(e *edit, old, merged *record.Employee) {
			if old == nil && !e.given("active") {
				merged.Active = true
			}
		},
		settle: func(_ settings, e *record.Employee) *fault { return required(text("name", e.Name)) },
	}
}

func customers() handler {
	return &spec[crm.Customer, record.Customer]{
		description: describe[record.Customer](KindCustomers, crm.KindCustomer, "customer"),
		records:     crm.Of[crm.Customer],
		write:       record.NewCustomer,
		read:        (*record.Customer).Domain,
		complete:    (*crm.Customer).Complete,
		meta:        func(c *record.Customer) meta { return meta{&c.ID, &c.Version, &c.CreatedAt, &c.UpdatedAt} },
		references:  customerReferences,
		renew:       renewCustomer,
		settle:      settleCustomer,
	}
}

func customerReferences(c *record.Customer, visit func(reference)) {
	visit(reference{"referredBy", &c.ReferredBy, false})
	visit(reference{"parent", &c.Parent, true})
	for i := range c.Memberships {
		visit(reference{fmt.Sprintf("memberships[%d].organization", i), &c.Memberships[i].Organization, true})
	}
}

func settleCustomer(s settings, c *record.Customer) *fault {
	if c.CustomerGroup != nil && s.given("customerGroup") && !slices.Contains(s.groups, *c.CustomerGroup) {
		return &fault{field: "customerGroup", reason: "must be one of " + strings.Join(s.groups, ", ")}
	}
	if c.Parent != "" && (c.Kind != crm.CustomerKindOrganization || c.Parent == c.ID) {
		return &fault{field: "parent", reason: "only an organization may have a parent, another one"}
	}
	if c.Kind == crm.CustomerKindOrganization && (c.OrganizationName == nil || *c.OrganizationName == "") {
		return &fault{field: "organizationName", reason: "must be given for an organization"}
	}
	var primaries [2]int
	for i, e := range c.Emails {
		if why := required(text(fmt.Sprintf("emails[%d].address", i), e.Address)); why != nil {
			return why
		}
		primaries[0] += count(e.Primary)
	}
	for i, p := range c.Phones {
		if why := required(text(fmt.Sprintf("phones[%d].number", i), p.Number)); why != nil {
			return why
		}
		primaries[1] += count(p.Primary)
	}
	for i, field := range []string{"emails", "phones"} {
		if primaries[i] > 1 {
			return &fault{field: field, reason: "only one may be primary"}
		}
	}
	for i, a := range c.Addresses {
		if why := required(text(fmt.Sprintf("addresses[%d].line1", i), a.Line1)); why != nil {
			return why
		}
	}
	return settleTies(c)
}

// settleTies checks what ties a customer to others: identities, memberships, consents.
func settleTies(c *record.Customer) *fault {
	seen := map[string]bool{}
	for i, e := range c.ExternalIdentities {
		at := fmt.Sprintf("externalIdentities[%d].", i)
		if why := required(text(at+"source", e.Source), text(at+"externalId", e.ExternalID)); why != nil {
			return why
		}
		if len(e.ExternalID) > maxExternalID {
			return &fault{field: at + "externalId", reason: "must have at most 256 bytes"}
		}
		key := crm.ExternalIdentity{Source: e.Source, ExternalID: e.ExternalID}.Key()
		if seen[key] {
			return &fault{field: at + "externalId", reason: "must be there only once"}
		}
		seen[key] = true
	}
	for i, m := range c.Memberships {
		at := fmt.Sprintf("memberships[%d].", i)
		if why := required(text(at+"organization", m.Organization), text(at+"role", m.Role)); why != nil {
			return why
		}
		if m.Organization == c.ID {
			return &fault{field: at + "organization", reason: "must be another customer"}
		}
	}
	for i, consent := range c.Consents {
		at := fmt.Sprintf("consents[%d].", i)
		if why := required(
			text(at+"purpose", consent.Purpose), text(at+"status", consent.Status), text(at+"lawfulBasis", consent.LawfulBasis),
		); why != nil {
			return why
		}
	}
	return settleHistory(c)
}

// settleHistory checks what happened to a customer, and puts the customer's id
// before each id that lacks it: a timeline's entries are told apart by their
// ids, and sources number each customer's from 1.
func settleHistory(c *record.Customer) *fault {
	seen := map[string]bool{}
	settle := func(at string, id *string, occurredAt record.Time) *fault {
		if why := required(text(at+"id", *id), when(at+"occurredAt", occurredAt)); why != nil {
			return why
		}
		if own := string(c.ID) + "/"; !strings.HasPrefix(*id, own) {
			*id = own + *id
		}
		if seen[*id] {
			return &fault{field: at + "id", reason: "must be there only once"}
		}
		seen[*id] = true
		return nil
	}
	for i := range c.Consents {
		for j := range c.Consents[i].History {
			change := &c.Consents[i].History[j]
			if why := settle(fmt.Sprintf("consents[%d].history[%d].", i, j), &change.ID, change.OccurredAt); why != nil {
				return why
			}
		}
	}
	for i := range c.Changes {
		change := &c.Changes[i]
		if why := settle(fmt.Sprintf("changes[%d].", i), &change.ID, change.OccurredAt); why != nil {
			return why
		}
	}
	return nil
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
