package shopsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"unicode/utf8"

	"github.com/customer360/gateway/internal/crm"
)

// attempts bounds how often a record is read and written again because somebody
// else wrote it at the same time.
const attempts = 8

// Reasons why a shop's customer or order is unmatched.
const (
	reasonNoID       = "the shop's id is missing or too long"
	reasonGone       = "the customer with this identity was erased or merged"
	reasonEmails     = "several customers have shown that this email address is theirs"
	reasonPhone      = "a customer of this name has shown that this phone number is theirs, which the shop has not"
	reasonUnlinked   = "the customer made for this identity does not have it any more"
	reasonRefused    = "the store does not take the record"
	reasonContested  = "others changed the record again and again"
	reasonForeign    = "the record's id is not one of the source"
	reasonUnreadable = "what the shop says of it makes no sense"
	reasonNoCustomer = "no customer has this buyer's identity or verified email address"
)

// storeCustomers stores a batch of the shop's customers, in its order. What
// becomes of one may depend on the one before it, if both are about the same
// people: then the one before is stored first. So a batch that was stopped in
// the middle left what the first so many of its customers make, and any of the
// next few that have nothing to do with each other.
func (r *run) storeCustomers(ctx context.Context, items []*crm.ShopCustomer) (n tally, err error) {
	for rest := items; len(rest) > 0 && err == nil; {
		var done int
		done, err = r.storeGroup(ctx, rest, &n, attempts)
		rest = rest[done:]
	}
	return n, err
}

// storeGroup stores as many of the first customers as have nothing to do with
// each other, at least one.
func (r *run) storeGroup(ctx context.Context, items []*crm.ShopCustomer, n *tally, tries int) (done int, err error) {
	known, err := r.meet(ctx, items)
	if err != nil {
		return 0, err
	}
	taken := map[string]bool{}
	var changes []crm.Changes
	var written []*crm.ShopCustomer
	for _, c := range items {
		m := known.match(r.source, c)
		if done > 0 && m.about(taken) {
			break
		}
		done++
		for _, key := range m.keys {
			taken[key] = true
		}
		if m.reason != "" {
			r.unmatched(ctx, n, kindCustomers, c.ExternalID, m.reason)
			continue
		}
		if m.follows {
			continue
		}
		change, err := crm.AdoptCustomer(m.customer, r.source, c, m.claimed)
		switch {
		case err != nil:
			r.reject(ctx, n, kindCustomers, c.ExternalID, refusal(err))
		case len(change.Records) > 0:
			changes, written = append(changes, change), append(written, c)
			for _, member := range c.LeftOut() {
				r.note(ctx, slog.LevelInfo, "left out", kindCustomers, c.ExternalID, "what the shop has as "+member+" is none")
			}
		}
	}
	return done, r.commitCustomers(ctx, changes, written, n, tries)
}

// commitCustomers stores customers, each made of a shop's; one that somebody else
// wrote in the meantime is matched anew.
func (r *run) commitCustomers(
	ctx context.Context, changes []crm.Changes, of []*crm.ShopCustomer, n *tally, tries int,
) error {
	if len(changes) == 0 {
		return nil
	}
	outcomes, err := r.store.Commit(ctx, changes)
	if err != nil {
		return fmt.Errorf("write %d customers: %w", len(changes), err)
	}
	for i, outcome := range outcomes {
		switch {
		case outcome == nil:
			n.written++
		case crm.CodeOf(outcome) == crm.CodeInvalid:
			r.reject(ctx, n, kindCustomers, of[i].ExternalID, refusal(outcome))
		case crm.CodeOf(outcome) != crm.CodeConflict:
			return fmt.Errorf("write a customer: %w", outcome)
		case tries <= 1:
			r.reject(ctx, n, kindCustomers, of[i].ExternalID, reasonContested)
		default:
			if _, err := r.storeGroup(ctx, of[i:i+1], n, tries-1); err != nil {
				return err
			}
		}
	}
	return nil
}

// refusal is why a record is refused, with the member that is wrong.
func refusal(err error) string {
	var e *crm.Error
	if !errors.As(err, &e) || e.Field == "" {
		return reasonRefused
	}
	return reasonRefused + ": " + e.Field + " " + e.Message
}

// acquaintance is what the store knows that shop customers may be about.
type acquaintance struct {
	*directory
	// made are the customers that have the ids which the shop's would get.
	made map[crm.ID]*crm.Customer
}

// meet looks the customers up.
func (r *run) meet(ctx context.Context, items []*crm.ShopCustomer) (*acquaintance, error) {
	var identities, emails, phones []string
	var ids []crm.ID
	for _, c := range items {
		if !named(c.ExternalID) {
			continue
		}
		identities = append(identities, identityKey(r.source, c.ExternalID))
		ids = append(ids, crm.DerivedID(crm.KindCustomer, r.source, c.ExternalID))
		key := crm.EmailKey(c.Email)
		if key != "" {
			emails = append(emails, key)
		}
		if (key == "" || !c.EmailVerified) && phoneName(c.Phone, c.GivenName, c.FamilyName) != "" {
			phones = append(phones, crm.PhoneKey(c.Phone))
		}
	}
	d, err := look(ctx, r.store, identities, emails, phones)
	if err != nil {
		return nil, err
	}
	made, err := crm.Of[crm.Customer](r.store).ByID(ctx, ids, nil)
	if err != nil {
		return nil, fmt.Errorf("read %d customers: %w", len(ids), err)
	}
	return &acquaintance{d, made}, nil
}

func identityKey(source, externalID string) string {
	return crm.ExternalIdentity{Source: source, ExternalID: externalID}.Key()
}

// named says whether text can be an id of a shop's.
func named(text string) bool {
	return text != "" && len(text) <= crm.MaxExternalID && utf8.ValidString(text)
}

// match is whom a shop's customer is.
type match struct {
	// customer is ours; nil is a new one.
	customer *crm.Customer
	// reason is why it is nobody; "" if it is somebody.
	reason string
	// follows says that nothing is stored: only our side has seen proof of the
	// address, and the orders under it are found by it.
	follows bool
	// claimed says that somebody else has shown that the email address is theirs.
	claimed bool
	// keys are the people, addresses and phone numbers that the decision depends on, and
	// that storing it may change.
	keys []string
}

// about says whether one of the keys is among those taken.
func (m match) about(taken map[string]bool) bool {
	return slices.ContainsFunc(m.keys, func(key string) bool { return taken[key] })
}

// match decides which of our customers a shop's customer is: the one with the
// identity; else the one who has shown that the email address is theirs; else a new
// one. If the shop has
// not seen proof of the address itself, nothing is tied to it for good: the shop's
// customer follows the address, as when the shop is asked live, so that a mistyped
// one that is mended takes its orders along. A phone number that the shop has not
// checked proves nothing. But if a customer of the same name has shown that it is theirs, the
// shop's is perhaps the same: it is neither linked, as anybody can type a number
// in, nor made a second customer; unless the shop has seen proof of its email
// address, which makes it somebody.
//
// A shop's customer who is nobody stays nobody, whatever other customers of shops
// are stored:
// these never show that a number is theirs, and of two who have shown the same
// address neither goes away. So it makes no difference whether somebody is
// matched once or, after a run was killed, once more.
func (a *acquaintance) match(source string, c *crm.ShopCustomer) match {
	if !named(c.ExternalID) {
		return match{reason: reasonNoID}
	}
	id := crm.DerivedID(crm.KindCustomer, source, c.ExternalID)
	owner := a.owners[identityKey(source, c.ExternalID)]
	email := crm.EmailKey(c.Email)
	var proven, alike []*crm.Customer
	if email != "" {
		proven = a.emails[email]
	}
	if bothProven := c.EmailVerified && email != ""; !bothProven && len(proven) == 0 {
		alike = a.phones[phoneName(c.Phone, c.GivenName, c.FamilyName)]
	}

	m := match{keys: []string{"id " + string(id)}}
	if email != "" {
		m.keys = append(m.keys, "email "+email)
	}
	if phone := crm.PhoneKey(c.Phone); phone != "" {
		m.keys = append(m.keys, "phone "+phone)
	}
	people := slices.Concat(proven, alike)
	if owner != nil {
		people = append(people, owner)
		m.claimed = slices.ContainsFunc(proven, func(other *crm.Customer) bool { return other.ID != owner.ID })
	}
	for _, person := range people {
		m.keys = append(m.keys, "id "+string(person.ID))
		for _, phone := range person.Phones { // Their name may become that of somebody with the number.
			m.keys = append(m.keys, "phone "+crm.PhoneKey(phone.Number))
		}
	}
	switch {
	case owner != nil && !usable(owner):
		m.reason = reasonGone
	case owner != nil:
		m.customer = owner
	case len(proven) > 1:
		m.reason = reasonEmails
	case len(proven) == 1 && !c.EmailVerified:
		m.follows = true
	case len(proven) == 1:
		m.customer = proven[0]
	case len(alike) > 0:
		m.reason = reasonPhone
	case a.made[id] != nil:
		m.reason = reasonUnlinked
	}
	return m
}
