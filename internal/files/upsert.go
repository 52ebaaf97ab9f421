package files

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// settings is what the rules about whole records depend on.
type settings struct {
	groups []string
	given  func(member string) bool
}

// edit is one row's meeting with the stored record.
type edit struct {
	given func(member string) bool
	id    crm.ID
	// version is what the record will have if it changes.
	version int
	now     time.Time
	// restoring says that the row is a new record with its version, as Dump
	// writes it: nothing is added to its history.
	restoring bool
}

// merged is what a row makes of the stored record.
type merged[R any] struct {
	record *R
	// changed says that it is to be written.
	changed bool
}

// merge lays given over what is stored, nil for a new record: a member that the
// row has replaces the stored one, the others stay.
func (s *spec[D, R]) merge(run *run, r *row, given *R, stored *D) (merged[R], *fault) {
	var old *R
	current := *given
	e := &edit{given: r.has, id: r.id, now: run.now(), version: 1, restoring: stored == nil && r.has("version")}
	if stored != nil {
		old = s.write(s.read(s.write(stored)))
		current = *old
		s.overlay(&current, given, r)
		if v := s.meta(old).version; v != nil {
			e.version = *v + 1
		}
	} else {
		s.begin(e, &current)
	}
	if s.renew != nil {
		s.renew(e, old, &current)
	}
	if why := s.settle(settings{groups: run.groups, given: r.has}, &current); why != nil {
		return merged[R]{}, why
	}
	domain := s.read(&current)
	s.complete(domain)
	whole := s.write(domain)
	if old == nil {
		return merged[R]{whole, true}, nil
	}
	return s.finish(e, old, whole, given), nil
}

// begin gives a new record its version and times where the row has none.
func (s *spec[D, R]) begin(e *edit, r *R) {
	m := s.meta(r)
	if m.version != nil {
		if *m.version == 0 {
			*m.version = 1
		}
		e.version = *m.version
	}
	for _, at := range []*record.Time{m.createdAt, m.updatedAt} {
		if at != nil && at.IsZero() {
			*at = record.Time(e.now)
		}
	}
}

// overlay sets the members that the row has; version and update are not a row's
// to set.
func (s *spec[D, R]) overlay(current, given *R, r *row) {
	to, from := reflect.ValueOf(current).Elem(), reflect.ValueOf(given).Elem()
	for i := range to.NumField() {
		name := jsonName(to.Type().Field(i))
		if r.has(name) && name != "id" && name != "version" && name != "updatedAt" {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// finish gives a record that differs from the stored one its version, time and
// note of the change.
func (s *spec[D, R]) finish(e *edit, old, whole, given *R) merged[R] {
	names := difference(old, whole)
	if len(names) == 0 {
		return merged[R]{old, false}
	}
	m := s.meta(whole)
	if m.version != nil {
		*m.version = e.version
	}
	if m.updatedAt != nil {
		*m.updatedAt = record.Time(e.now)
		if e.given("updatedAt") {
			*m.updatedAt = *s.meta(given).updatedAt
		}
	}
	if c, ok := any(whole).(*record.Customer); ok && !e.given("changes") {
		c.Changes = append(c.Changes, record.ProfileChange{
			ID:         fmt.Sprintf("%s/%s/%d", e.id, crm.TimelineKindProfileChanged, e.version),
			OccurredAt: c.UpdatedAt, Actor: importer, Fields: names,
		})
	}
	return merged[R]{whole, true}
}

// importer is who did what an import does.
var importer = record.ActorRef{System: "import"}

// difference names the members that differ, sorted, leaving out version and
// update, which follow from the others.
func difference[R any](a, b *R) []string {
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	names := []string{}
	for i := range x.NumField() {
		name := jsonName(x.Type().Field(i))
		if name == "version" || name == "updatedAt" {
			continue
		}
		if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// renewCustomer derives a display name anew if it was derived before, and keeps
// the history of consents.
func renewCustomer(e *edit, old, c *record.Customer) {
	if old != nil && !e.given("displayName") {
		named := &crm.Customer{
			GivenName: old.GivenName, FamilyName: old.FamilyName, OrganizationName: old.OrganizationName,
		}
		if named.Complete(); named.DisplayName == old.DisplayName {
			c.DisplayName = ""
		}
	}
	if !e.given("consents") || e.restoring {
		return
	}
	for i := range c.Consents {
		if consent := &c.Consents[i]; len(consent.History) == 0 {
			renewConsent(e, old, consent, i)
		}
	}
}

// renewConsent gives a consent the history of the stored one for the same
// purpose, channel and contact point, and a step more if the status changed.
func renewConsent(e *edit, old *record.Customer, consent *record.Consent, place int) {
	if old != nil {
		i := slices.IndexFunc(old.Consents, func(o record.Consent) bool {
			return o.Purpose == consent.Purpose && same(o.Channel, consent.Channel) && same(o.ContactPoint, consent.ContactPoint)
		})
		if i >= 0 {
			consent.History = slices.Clone(old.Consents[i].History)
			if old.Consents[i].Status == consent.Status {
				return
			}
		}
	}
	change := record.ConsentChange{
		ID:         fmt.Sprintf("%s/%s/%d/%d", e.id, crm.TimelineKindConsentChanged, e.version, place+1),
		OccurredAt: record.Time(e.now), Purpose: consent.Purpose, Channel: consent.Channel,
		Status: consent.Status, Source: consent.Source, Actor: importer,
	}
	if consent.Status == crm.ConsentStatusGranted && consent.GrantedAt != nil {
		change.OccurredAt = *consent.GrantedAt
	}
	consent.History = append(consent.History, change)
}

// same says whether two optional values are equal.
func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
