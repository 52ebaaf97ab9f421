package crm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// renew derives a display name anew if it was derived before, and keeps the history of
// consents.
func (c *Customer) renew(e *edit) {
	var old *Customer
	if e.stored != nil {
		old = e.stored.(*Customer)
		if !e.says("displayName") && old.deriveName() == old.DisplayName {
			c.DisplayName = ""
		}
	}
	if !e.says("consents") || e.restored {
		return
	}
	kept := map[*Consent]*Consent{}
	silent := make([]*Consent, 0, len(c.Consents)) // Those that say no history.
	origins, merged := e.origins["consents"]
	for i, consent := range c.Consents {
		switch {
		case merged && origins[i] >= 0 && old.Consents[origins[i]].tells(consent):
			kept[consent] = old.Consents[origins[i]]
		case len(consent.History) == 0:
			silent = append(silent, consent)
		default:
			e.told = append(e.told, consent)
		}
	}
	if old != nil {
		maps.Copy(kept, c.keepHistories(silent, old.Consents))
	}
	// The ids of new steps must avoid all that are kept.
	entries := c.entries()
	for i, consent := range c.Consents {
		if o := kept[consent]; len(consent.History) > 0 && o == nil || o != nil && o.Status == consent.Status {
			continue
		}
		consent.addStep(e, freeEntry(entries, fmt.Sprintf("%s/%s/%d/%d", c.ID, TimelineKindConsentChanged, e.version, i+1)))
	}
}

// consentKey is what a consent is for: one without a history is the stored one of the
// same.
type consentKey struct {
	purpose      ConsentPurpose
	channel      Channel
	contactPoint string
	anyPoint     bool
}

func (c *Consent) key() consentKey {
	key := consentKey{purpose: c.Purpose, anyPoint: c.ContactPoint == nil, contactPoint: deref(c.ContactPoint)}
	if c.Channel != nil {
		key.channel = *c.Channel
	}
	return key
}

// tells says whether a consent that it has become has still its history.
func (c *Consent) tells(next *Consent) bool {
	return len(c.History) > 0 && slices.EqualFunc(c.History, next.History, func(a, b *ConsentChange) bool { return a.ID == b.ID })
}

// keepHistories returns consents the histories of stored ones with the same key, each
// of them once, and says which stored one each consent is. Where there are several,
// those that have the same status belong together. A stored history that another
// consent tells is not kept beside it.
func (c *Customer) keepHistories(consents, stored []*Consent) map[*Consent]*Consent {
	told := c.entries()
	free := make(map[consentKey][]*Consent, len(stored))
	for _, o := range stored {
		if !slices.ContainsFunc(o.History, func(step *ConsentChange) bool { return told[step.ID] }) {
			free[o.key()] = append(free[o.key()], o)
		}
	}
	kept := make(map[*Consent]*Consent, len(consents))
	for _, sameStatus := range []bool{true, false} {
		for _, consent := range consents {
			i := slices.IndexFunc(free[consent.key()], func(o *Consent) bool { return !sameStatus || o.Status == consent.Status })
			if kept[consent] != nil || i < 0 {
				continue
			}
			o := free[consent.key()][i]
			free[consent.key()] = slices.Delete(free[consent.key()], i, i+1)
			kept[consent] = o
			for _, step := range o.History {
				copied := *step
				consent.History = append(consent.History, &copied)
			}
		}
	}
	return kept
}

// addStep notes that the status is another, or the first.
func (c *Consent) addStep(e *edit, id string) {
	step := ConsentChange{
		ID: id, OccurredAt: e.now, Purpose: c.Purpose, Channel: c.Channel, Status: c.Status, Source: c.Source, ActorRef: e.actor,
	}
	if c.Status == ConsentStatusGranted && c.GrantedAt != nil {
		step.OccurredAt = *c.GrantedAt
	}
	c.History = latest(append(c.History, &step))
}

func (c *Customer) remember(change ProfileChange) {
	change.ID = freeEntry(c.entries(), change.ID)
	c.Changes = latest(append(c.Changes, change))
}

// latest is the end of a list that is too long.
func latest[T any](list []T) []T { return list[max(0, len(list)-MaxElements):] }

// freeEntry is an id of a customer's history that is not among its entries yet, to
// which it is added: a source may have brought a history with ids of its own.
func freeEntry(entries map[string]bool, id string) string {
	for entries[id] {
		id += "'"
	}
	entries[id] = true
	return id
}

// entries are the ids in the customer's history, as they are when it is complete.
func (c *Customer) entries() map[string]bool {
	all := make(map[string]bool, len(c.Changes))
	add := func(id string) {
		c.ownEntry(&id)
		all[id] = true
	}
	for i := range c.Changes {
		add(c.Changes[i].ID)
	}
	for _, consent := range c.Consents {
		for _, step := range consent.History {
			add(step.ID)
		}
	}
	return all
}

// shorten takes out the oldest profile changes but the last, then the oldest steps of
// consents but the last of each. What was said just now stays.
func (c *Customer) shorten(bytes int, e *edit) {
	s := structures[KindCustomer]
	if entry := s.Member("changes"); !e.says("changes") {
		n := 0
		for ; n < len(c.Changes)-1 && bytes > 0; n++ {
			bytes -= sizeOfElement(reflect.ValueOf(&c.Changes[n]).Elem(), entry)
		}
		c.Changes = c.Changes[n:]
	}
	if bytes <= 0 {
		return
	}
	entry := s.Member("consents").Part.Member("history")
	gone := map[*ConsentChange]bool{}
	for _, step := range c.olderSteps(e.told) {
		if bytes <= 0 {
			break
		}
		bytes -= sizeOfElement(reflect.ValueOf(step), entry)
		gone[step] = true
	}
	for _, consent := range c.Consents {
		consent.History = slices.DeleteFunc(consent.History, func(step *ConsentChange) bool { return gone[step] })
	}
}

// olderSteps are the steps of consents, but for some, without the last of each: the
// oldest first.
func (c *Customer) olderSteps(but []*Consent) []*ConsentChange {
	var steps []*ConsentChange
	for _, consent := range c.Consents {
		if n := len(consent.History); n > 1 && !slices.Contains(but, consent) {
			steps = append(steps, consent.History[:n-1]...)
		}
	}
	slices.SortStableFunc(steps, func(a, b *ConsentChange) int { return a.OccurredAt.Compare(b.OccurredAt) })
	return steps
}
