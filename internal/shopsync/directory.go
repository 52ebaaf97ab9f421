package shopsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// pageSize bounds the customers that are held of one answer.
const pageSize = 200

// directory is the customers of the store that a batch may be about.
type directory struct {
	// owners have an external identity, by its key.
	owners map[string]*crm.Customer
	// emails are the customers who have shown that an address is theirs, by
	// EmailKey; phones those who have shown that a number is, by phoneName. At
	// most two of each: more make no difference.
	emails, phones map[string][]*crm.Customer
}

// usable says whether a customer can be matched: one who was erased stays
// forgotten, and one who was merged lives on as another.
func usable(c *crm.Customer) bool {
	return c.Status != crm.CustomerStatusErased && c.Status != crm.CustomerStatusMerged
}

// look asks the store for the customers with any of the identities, emails and
// phones, given as keys.
func look(ctx context.Context, store crm.Store, identities, emails, phones []string) (*directory, error) {
	d := &directory{
		owners: map[string]*crm.Customer{},
		emails: map[string][]*crm.Customer{}, phones: map[string][]*crm.Customer{},
	}
	for _, q := range []struct {
		field crm.Field
		keys  []string
		add   func(*crm.Customer)
	}{
		{crm.FieldIdentity, identities, d.addOwner},
		{crm.FieldEmail, emails, d.addEmails},
		{crm.FieldPhone, phones, d.addPhones},
	} {
		if err := each(ctx, store, q.field, q.keys, q.add); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// each calls add with every customer who has one of the keys, by id.
func each(ctx context.Context, store crm.Store, field crm.Field, keys []string, add func(*crm.Customer)) error {
	slices.Sort(keys)
	if keys = slices.Compact(keys); len(keys) == 0 {
		return nil
	}
	q := crm.Query{
		Where: []crm.Predicate{{Field: field, In: keys}},
		Sort:  crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: pageSize},
	}
	for {
		page, err := crm.Of[crm.Customer](store).List(ctx, q)
		if err != nil {
			return fmt.Errorf("look up customers by %d of %s: %w", len(keys), field, err)
		}
		for _, c := range page.Items {
			add(c)
			q.Page.After = &crm.Position{ID: c.ID}
		}
		if !page.More || len(page.Items) == 0 {
			return nil
		}
	}
}

func (d *directory) addOwner(c *crm.Customer) {
	for _, e := range c.ExternalIdentities {
		d.owners[e.Key()] = c
	}
}

func (d *directory) addEmails(c *crm.Customer) {
	for _, e := range c.Emails {
		if e.Verified && usable(c) {
			addOnce(d.emails, crm.EmailKey(e.Address), c)
		}
	}
}

func (d *directory) addPhones(c *crm.Customer) {
	for _, p := range c.Phones {
		if p.Verified && usable(c) {
			addOnce(d.phones, phoneName(p.Number, deref(c.GivenName), deref(c.FamilyName)), c)
		}
	}
}

// addOnce adds a customer under a key, unless they are there or two others are.
func addOnce(m map[string][]*crm.Customer, key string, c *crm.Customer) {
	same := func(o *crm.Customer) bool { return o.ID == c.ID }
	if list := m[key]; key != "" && len(list) < 2 && !slices.ContainsFunc(list, same) {
		m[key] = append(list, c)
	}
}

// phoneName returns the key of a number and the name of whom it belongs to; ""
// without either.
func phoneName(phone, given, family string) string {
	phone, name := crm.PhoneKey(phone), crm.TextKey(strings.TrimSpace(given+" "+family))
	if phone == "" || name == "" {
		return ""
	}
	return phone + " " + name
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
