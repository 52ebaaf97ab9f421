package shopsync

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// write returns what is to be stored of a shop's customer; changed is false if it
// is stored already.
func (m match) write(source string, c *crm.ShopCustomer) (w crm.Write[crm.Customer], changed bool) {
	if m.customer == nil {
		return crm.Write[crm.Customer]{Record: newCustomer(source, c)}, true
	}
	merged, changed := merge(m.customer, source, c, m.claimed)
	return crm.Write[crm.Customer]{Record: merged, Expect: m.customer.Version}, changed
}

// newCustomer makes a customer of a shop's. Its times are the shop's.
func newCustomer(source string, c *crm.ShopCustomer) *crm.Customer {
	customer := &crm.Customer{
		ID:                 crm.DerivedID(crm.KindCustomer, source, c.ExternalID),
		Kind:               crm.CustomerKindPerson,
		GivenName:          optional(c.GivenName),
		FamilyName:         optional(c.FamilyName),
		Emails:             emails(c, c.EmailVerified),
		Phones:             phones(c),
		Addresses:          addresses(c),
		ExternalIdentities: []crm.ExternalIdentity{{Source: source, ExternalID: c.ExternalID}},
		Version:            1,
		CreatedAt:          instant(c.CreatedAt, c.UpdatedAt),
		UpdatedAt:          instant(c.UpdatedAt, c.CreatedAt),
	}
	if customer.GivenName == nil && customer.FamilyName == nil && optional(c.Company) != nil {
		customer.Kind, customer.OrganizationName = crm.CustomerKindOrganization, optional(c.Company)
	}
	customer.Complete()
	return customer
}

// merge returns a customer with the shop's identity and with what was missing of
// them. Nothing that is there is changed, so merging again changes nothing.
// claimed says that the shop's email address is perhaps somebody else's: then it
// is taken as one that was not shown to be theirs.
func merge(stored *crm.Customer, source string, c *crm.ShopCustomer, claimed bool) (merged *crm.Customer, changed bool) {
	next := *stored
	var fields []string
	set := func(missing, there bool, field string, fill func()) {
		if missing && there {
			fill()
			fields = append(fields, field)
		}
	}
	identity := crm.ExternalIdentity{Source: source, ExternalID: c.ExternalID}
	has := slices.ContainsFunc(stored.ExternalIdentities, func(e crm.ExternalIdentity) bool { return e.Key() == identity.Key() })
	set(!has, true, "externalIdentities", func() {
		next.ExternalIdentities = append(slices.Clone(stored.ExternalIdentities), identity)
	})
	given, family, company := optional(c.GivenName), optional(c.FamilyName), optional(c.Company)
	nameless := stored.Kind == crm.CustomerKindPerson && stored.GivenName == nil && stored.FamilyName == nil
	set(nameless, given != nil, "givenName", func() { next.GivenName = given })
	set(nameless, family != nil, "familyName", func() { next.FamilyName = family })
	set(stored.Kind == crm.CustomerKindOrganization && stored.OrganizationName == nil, company != nil, "organizationName",
		func() { next.OrganizationName = company })
	set(len(stored.Emails) == 0, len(emails(c, false)) > 0, "emails", func() { next.Emails = emails(c, c.EmailVerified && !claimed) })
	set(len(stored.Phones) == 0, len(phones(c)) > 0, "phones", func() { next.Phones = phones(c) })
	set(len(stored.Addresses) == 0, len(addresses(c)) > 0, "addresses", func() { next.Addresses = addresses(c) })
	if len(fields) == 0 {
		return stored, false
	}
	if rename(stored, &next) {
		fields = append(fields, "displayName")
	}
	note(&next, source, c, fields)
	return &next, true
}

// rename derives the display name anew if it was derived before.
func rename(stored, next *crm.Customer) bool {
	derived := &crm.Customer{
		GivenName: stored.GivenName, FamilyName: stored.FamilyName, OrganizationName: stored.OrganizationName,
	}
	if derived.Complete(); derived.DisplayName != stored.DisplayName {
		return false
	}
	next.DisplayName = ""
	next.Complete()
	return next.DisplayName != stored.DisplayName
}

// note gives a changed customer its version, its time, which is the shop's if
// that is later, and an entry in its history.
func note(next *crm.Customer, source string, c *crm.ShopCustomer, fields []string) {
	next.Version++
	if at := instant(c.UpdatedAt, c.CreatedAt); at.After(next.UpdatedAt) {
		next.UpdatedAt = at
	}
	slices.Sort(fields)
	next.Changes = append(slices.Clone(next.Changes), crm.ProfileChange{
		ID:         fmt.Sprintf("%s/%s/%d", next.ID, crm.TimelineKindProfileChanged, next.Version),
		OccurredAt: next.UpdatedAt,
		ActorRef:   crm.ActorRef{System: source},
		Fields:     fields,
	})
}

// instant returns the first of the times that is there, or the beginning of 1970.
func instant(times ...time.Time) time.Time {
	for _, at := range times {
		if !at.IsZero() {
			return at.UTC().Truncate(time.Millisecond)
		}
	}
	return time.Unix(0, 0).UTC()
}

func optional(text string) *string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return &text
}

func emails(c *crm.ShopCustomer, verified bool) []crm.EmailAddress {
	if address := strings.TrimSpace(c.Email); address != "" {
		return []crm.EmailAddress{{Address: address, Verified: verified, Primary: true}}
	}
	return []crm.EmailAddress{}
}

// phones returns the shop's number, which it has not checked.
func phones(c *crm.ShopCustomer) []crm.PhoneNumber {
	if c.Phone != "" {
		return []crm.PhoneNumber{{Number: c.Phone, Primary: true}}
	}
	return []crm.PhoneNumber{}
}

func addresses(c *crm.ShopCustomer) []crm.Address {
	return slices.DeleteFunc(append([]crm.Address{}, c.Addresses...), func(a crm.Address) bool {
		return strings.TrimSpace(a.Line1) == ""
	})
}
