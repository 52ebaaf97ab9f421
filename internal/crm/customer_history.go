package crm

import (
	"fmt"
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
	for i, consent := range c.Consents {
		if len(consent.History) > 0 {
			e.told = append(e.told, consent)
			continue
		}
		c.renewConsent(e, old, consent, i)
	}
}

// renewConsent returns a consent the history of the stored one for the same purpose,
// channel and contact point, and a step more if the status changed.
func (c *Customer) renewConsent(e *edit, old *Customer, consent *Consent, place int) {
	if old != nil {
		for _, o := range old.Consents {
			if o.Purpose != consent.Purpose || !same(o.Channel, consent.Channel) || !same(o.ContactPoint, consent.ContactPoint) {
				continue
			}
			for _, step := range o.History {
				kept := *step
				consent.History = append(consent.History, &kept)
			}
			if o.Status == consent.Status {
				return
			}
			break
		}
	}
	step := ConsentChange{
		ID:         c.freeEntry(fmt.Sprintf("%s/%s/%d/%d", c.ID, TimelineKindConsentChanged, e.version, place+1)),
		OccurredAt: e.now, Purpose: consent.Purpose, Channel: consent.Channel,
		Status: consent.Status, Source: consent.Source, ActorRef: e.actor,
	}
	if consent.Status == ConsentStatusGranted && consent.GrantedAt != nil {
		step.OccurredAt = *consent.GrantedAt
	}
	consent.History = latest(append(consent.History, &step))
}

func (c *Customer) remember(change ProfileChange) {
	change.ID = c.freeEntry(change.ID)
	c.Changes = latest(append(c.Changes, change))
}

// latest is the end of a list that is too long.
func latest[T any](list []T) []T { return list[max(0, len(list)-MaxElements):] }

// freeEntry is an id of the customer's history that nothing has yet: a source may have
// brought a history with ids of its own.
func (c *Customer) freeEntry(id string) string {
	for c.hasEntry(id) {
		id += "'"
	}
	return id
}

func (c *Customer) hasEntry(id string) bool {
	if slices.ContainsFunc(c.Changes, func(change ProfileChange) bool { return change.ID == id }) {
		return true
	}
	return slices.ContainsFunc(c.Consents, func(consent *Consent) bool {
		return slices.ContainsFunc(consent.History, func(step *ConsentChange) bool { return step.ID == id })
	})
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
