package crm

import (
	"slices"
	"strings"
	"time"
)

// AdoptCustomer makes a shop's customer one of ours: a new one, or the stored one,
// which gets the shop's identity and what was missing. Nothing that is there is
// changed, so adopting again changes nothing and the Changes are empty. claimed says
// that the shop's email address is perhaps somebody else's: then it is taken as one
// that was not shown to be theirs. Times are the shop's. CodeInvalid is what Check
// returns.
func AdoptCustomer(stored *Customer, source string, c *ShopCustomer, claimed bool) (Changes, error) {
	if stored == nil {
		next := newShopCustomer(source, c)
		Complete(next)
		return checkedPut(nil, next)
	}
	next := Clone(stored)
	if err := next.adopt(source, c, claimed); err != nil {
		return Changes{}, err
	}
	if old := stored.deriveName(); old == stored.DisplayName && old != next.deriveName() {
		next.DisplayName = ""
	}
	e := edit{
		stored: stored, says: func(string) bool { return false }, actor: ActorRef{System: source},
		version: stored.Version + 1, now: stored.UpdatedAt, changed: stored.UpdatedAt,
	}
	if at := instant(c.UpdatedAt, c.CreatedAt); at.After(e.changed) {
		e.changed = at
	}
	return e.conclude(next)
}

// newShopCustomer makes a customer of a shop's.
func newShopCustomer(source string, c *ShopCustomer) *Customer {
	customer := &Customer{
		ID:                 DerivedID(KindCustomer, source, c.ExternalID),
		Kind:               CustomerKindPerson,
		GivenName:          nonEmpty(c.GivenName),
		FamilyName:         nonEmpty(c.FamilyName),
		Emails:             c.emails(c.EmailVerified),
		Phones:             c.phones(),
		Addresses:          c.addresses(),
		ExternalIdentities: []ExternalIdentity{{Source: source, ExternalID: c.ExternalID}},
		Version:            1,
		CreatedAt:          instant(c.CreatedAt, c.UpdatedAt),
		UpdatedAt:          instant(c.UpdatedAt, c.CreatedAt),
	}
	if company := nonEmpty(c.Company); customer.GivenName == nil && customer.FamilyName == nil && company != nil {
		customer.Kind, customer.OrganizationName = CustomerKindOrganization, company
	}
	return customer
}

// adopt returns a customer the shop's identity and what is missing of them.
func (c *Customer) adopt(source string, of *ShopCustomer, claimed bool) error {
	only := func(members ...string) func(string) bool {
		return func(member string) bool { return slices.Contains(members, member) }
	}
	identity := Upsert{
		Record:   &Customer{ID: c.ID, ExternalIdentities: []ExternalIdentity{{Source: source, ExternalID: of.ExternalID}}},
		Says:     only("externalIdentities"),
		Elements: func(string) []Said { return []Said{{Says: only("source", "externalId")}} },
	}
	if _, err := identity.overlay(c); err != nil {
		return err
	}
	if c.Kind == CustomerKindPerson && c.GivenName == nil && c.FamilyName == nil {
		c.GivenName, c.FamilyName = nonEmpty(of.GivenName), nonEmpty(of.FamilyName)
	}
	if c.Kind == CustomerKindOrganization && c.OrganizationName == nil {
		c.OrganizationName = nonEmpty(of.Company)
	}
	if len(c.Emails) == 0 {
		c.Emails = of.emails(of.EmailVerified && !claimed)
	}
	if len(c.Phones) == 0 {
		c.Phones = of.phones()
	}
	if len(c.Addresses) == 0 {
		c.Addresses = of.addresses()
	}
	return nil
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

// nonEmpty is a text without white space around it, nil if nothing is left.
func nonEmpty(text string) *string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return &text
}

// emails returns the shop's address. What is none does not cost the customer, whom the
// shop's id names as well.
func (c *ShopCustomer) emails(verified bool) []EmailAddress {
	if address := nonEmpty(cleanEmail(c.Email)); address != nil && len(*address) <= maxEmail && checkEmail(*address) == "" {
		return []EmailAddress{{Address: *address, Verified: verified, Primary: true}}
	}
	return []EmailAddress{}
}

// LeftOut names what the shop has in place of an email address or a phone number, which
// is left out of the customer: "email", "phone".
func (c *ShopCustomer) LeftOut() (members []string) {
	if nonEmpty(c.Email) != nil && len(c.emails(false)) == 0 {
		members = append(members, "email")
	}
	if nonEmpty(c.Phone) != nil && len(c.phones()) == 0 {
		members = append(members, "phone")
	}
	return members
}

// phones returns the shop's number, which it has not checked. What cannot be meant as
// one, such as n/a in a field that has to be filled, does not cost the customer.
func (c *ShopCustomer) phones() []PhoneNumber {
	if number := nonEmpty(c.Phone); number != nil && checkPhone(cleanPhone(*number)) == "" {
		return []PhoneNumber{{Number: *number, Primary: true}}
	}
	return []PhoneNumber{}
}

// addresses returns the shop's addresses that say something.
func (c *ShopCustomer) addresses() []Address {
	kept := make([]Address, 0, len(c.Addresses))
	for _, a := range c.Addresses {
		if a.says() {
			kept = append(kept, a)
		}
	}
	return kept
}

// says tells whether an address has more than a label or a name.
func (a *Address) says() bool {
	for _, part := range []string{a.Line1, deref(a.Line2), deref(a.City), deref(a.Region), deref(a.PostalCode), deref(a.CountryCode)} {
		if strings.TrimSpace(part) != "" {
			return true
		}
	}
	return false
}
