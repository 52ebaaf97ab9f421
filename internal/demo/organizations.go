package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// organization is a generated company whose members are real customers.
type organization struct {
	key      string
	id       crm.ID
	primary  *buyer     // its primary buyer
	invoices []*invoice // those of the primary buyer that count as bought for it
	profile  *crm.Customer
}

const organizationCount = 60

// boughtForPercent is the share of a primary buyer's orders that count as
// bought for the organization.
const boughtForPercent = 40

// makeOrganizations makes the organizations of the buyers with the most orders,
// says which orders were bought for them and gives everybody's memberships.
func (g *generator) makeOrganizations() map[*buyer][]*crm.Membership {
	top := slices.Clone(g.buyers)
	slices.SortStableFunc(top, func(a, b *buyer) int { return -cmp.Compare(len(a.invoices), len(b.invoices)) })
	memberships := map[*buyer][]*crm.Membership{}
	next := organizationCount // the first who is not a primary buyer
	g.organizations = make([]*organization, organizationCount)
	for i := range g.organizations {
		key := fmt.Sprintf("organization/%03d", i+1)
		o := &organization{key: key, id: crm.DerivedID(crm.KindCustomer, generated, key), primary: top[i]}
		o.primary.company = o
		o.buy(newRandom("bought-for", key))
		g.organizations[i] = o

		r := newRandom("members", key)
		memberships[o.primary] = append(memberships[o.primary], o.member(o.primary, crm.MembershipRoleBuyer, true))
		roles := []crm.MembershipRole{crm.MembershipRoleApprover, crm.MembershipRoleBilling, crm.MembershipRoleUser}
		for _, role := range roles[:r.between(1, 3)] {
			m := o.member(top[next], role, true)
			if role == crm.MembershipRoleUser && r.percent(30) {
				m.ValidTo = ptr(Now().Add(-r.duration(10*day, 60*day)))
			}
			memberships[top[next]] = append(memberships[top[next]], m)
			next++
		}
		if i > 0 && i%6 == 0 { // the buyer before also uses this one's account
			other := top[i-1]
			memberships[other] = append(memberships[other], o.member(other, crm.MembershipRoleUser, false))
		}
	}
	g.incorporate()
	return memberships
}

func (o *organization) member(b *buyer, role crm.MembershipRole, primary bool) *crm.Membership {
	return &crm.Membership{OrganizationID: o.id, Role: role, Primary: primary, ValidFrom: ptr(b.first())}
}

// buy says which of the primary buyer's orders were bought for the organization:
// the first, and the documented share of the others.
func (o *organization) buy(r *random) {
	for i, inv := range o.primary.invoices {
		if i == 0 || r.percent(boughtForPercent) {
			inv.company = o
			o.invoices = append(o.invoices, inv)
		}
	}
}

// incorporate makes the organizations' profiles. Of every twelve the first is
// the parent of the next two; parents come first.
func (g *generator) incorporate() {
	subsidiaries := []*crm.Customer{}
	for i, o := range g.organizations {
		o.profile = g.incorporated(o, i)
		if place := i % 12; place == 1 || place == 2 {
			o.profile.ParentID = g.organizations[i-place].id
			subsidiaries = append(subsidiaries, o.profile)
			continue
		}
		g.data.Customers = append(g.data.Customers, o.profile)
	}
	g.data.Customers = append(g.data.Customers, subsidiaries...)
}

func (g *generator) incorporated(o *organization, i int) *crm.Customer {
	r := newRandom("organization", o.key)
	firsts := g.words.companies
	kind := g.words.trades[(i+i/len(firsts)*3)%len(g.words.trades)]
	name := firsts[i%len(firsts)] + " " + kind.name
	place := g.country(o.primary, r)
	address, town := place.address(r, "billing", name)
	mail := strings.Join(strings.Fields(ascii(name)), "-") + "@example.com"
	h := history{count: len(o.invoices)}
	for _, inv := range o.invoices {
		h.spent += inv.total
		h.last = inv.day
	}
	c := &crm.Customer{
		ID: o.id, Kind: crm.CustomerKindOrganization, Status: crm.CustomerStatusActive,
		OrganizationName: ptr(name), DisplayName: name,
		OwnerID:            pick(r, g.staff.wholesale).ID,
		CustomerGroup:      ptr(kind.group),
		Industry:           ptr(kind.industry),
		AcquisitionSource:  ptr(pick(r, acquisitions())),
		Emails:             []crm.EmailAddress{{Address: mail, Verified: true, Primary: true}},
		Phones:             phones(r, town, 0),
		Addresses:          []crm.Address{address},
		Language:           ptr(place.language),
		TimeZone:           ptr(place.zone),
		ExternalIdentities: []crm.ExternalIdentity{{Source: "erp", ExternalID: fmt.Sprintf("O-%d", 1001+i)}},
		Tags:               h.tags("generated-organization"),
		CustomAttributes: []crm.CustomAttribute{
			{Name: "creditLimitGbp", Value: crm.JSON(pick(r, []string{"2500", "5000", "10000"}))},
			{Name: "vatRegistered", Value: "true"},
		},
		Version:   1,
		CreatedAt: o.invoices[0].day.Add(-r.duration(0, 30*day)),
		UpdatedAt: Now().Add(-r.duration(30*day, 60*day)),
	}
	h.classify(c)
	c.Consents = consents(r, c, true)
	return c
}
