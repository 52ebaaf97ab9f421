package crm

import (
	"fmt"
	"strings"
)

// tidy brings the country into its code. Words that are no country's stay with the
// address: they become the last part of its region.
func (a *Address) tidy() {
	if a.CountryCode == nil {
		return
	}
	if code, ok := country(*a.CountryCode); ok {
		a.CountryCode = &code
		return
	}
	words, region := strings.TrimSpace(*a.CountryCode), strings.TrimSpace(deref(a.Region))
	a.CountryCode = nil
	switch {
	case words == "" || strings.EqualFold(words, region):
		return
	case region != "":
		words = region + ", " + words
	}
	a.Region = &words
}

// check returns what is wrong with a customer whose members are right by themselves.
func (c *Customer) check() *Error {
	if c.ParentID != "" && (c.Kind != CustomerKindOrganization || c.ParentID == c.ID) {
		return Wrong("parent", "only an organization may have a parent, another one")
	}
	if c.Kind == CustomerKindOrganization && deref(c.OrganizationName) == "" {
		return Wrong("organizationName", "must be given for an organization")
	}
	emails, phones := 0, 0
	for _, e := range c.Emails {
		emails += count(e.Primary)
	}
	for _, p := range c.Phones {
		phones += count(p.Primary)
	}
	switch {
	case emails > 1:
		return Wrong("emails", "only one may be primary")
	case phones > 1:
		return Wrong("phones", "only one may be primary")
	}
	if err := c.checkTies(); err != nil {
		return err
	}
	return c.checkHistory()
}

// checkTies checks what ties a customer to others, and its attributes.
func (c *Customer) checkTies() *Error {
	seen := make(map[string]bool, len(c.ExternalIdentities))
	for i, e := range c.ExternalIdentities {
		if seen[e.Key()] {
			return onlyOnce(fmt.Sprintf("externalIdentities[%d].externalId", i))
		}
		seen[e.Key()] = true
	}
	for i, m := range c.Memberships {
		if m.OrganizationID == c.ID {
			return Wrong(fmt.Sprintf("memberships[%d].organization", i), "must be another customer")
		}
	}
	clear(seen)
	for i, a := range c.CustomAttributes {
		if seen[a.Name] {
			return onlyOnce(fmt.Sprintf("customAttributes[%d].name", i))
		}
		seen[a.Name] = true
	}
	return nil
}

// checkHistory checks the ids of what happened to a customer.
func (c *Customer) checkHistory() *Error {
	seen := make(map[string]bool, len(c.Changes))
	check := func(id string, field func() string) *Error {
		switch {
		case !strings.HasPrefix(id, string(c.ID)+"/"):
			return Wrong(field(), "must begin with the customer's id and a slash")
		case seen[id]:
			return onlyOnce(field())
		}
		seen[id] = true
		return nil
	}
	for i, consent := range c.Consents {
		for j, step := range consent.History {
			if err := check(step.ID, func() string { return fmt.Sprintf("consents[%d].history[%d].id", i, j) }); err != nil {
				return err
			}
		}
	}
	for i := range c.Changes {
		if err := check(c.Changes[i].ID, func() string { return fmt.Sprintf("changes[%d].id", i) }); err != nil {
			return err
		}
	}
	return nil
}

func onlyOnce(field string) *Error { return Wrong(field, "must be there only once") }

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
