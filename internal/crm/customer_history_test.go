package crm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
)

// full makes a customer as large as a record may be, to the byte: add adds the next
// entry of a history, of which each has the same size.
func full(t *testing.T, add func(c *crm.Customer, n int)) *crm.Customer {
	t.Helper()
	c := recordtest.FullCustomer()
	other := *c.Consents[0]
	other.Purpose = crm.ConsentPurposePersonalization
	c.Consents, c.Changes, c.Industry = []*crm.Consent{c.Consents[0], &other}, nil, text("")
	for _, consent := range c.Consents {
		consent.History = nil
	}
	n := 0
	for ; n < 4; n++ {
		add(c, n)
	}
	before := crm.SizeOf(c)
	add(c, n)
	each := crm.SizeOf(c) - before
	for room := (crm.MaxRecordBytes - before) / each; n+1 < room; {
		n++
		add(c, n)
	}
	*c.Industry = strings.Repeat("x", crm.MaxRecordBytes-crm.SizeOf(c))
	if err := crm.Check(c); err != nil || crm.SizeOf(c) != crm.MaxRecordBytes {
		t.Fatalf("%d bytes of %d: %v", crm.SizeOf(c), crm.MaxRecordBytes, err)
	}
	return c
}

func addChange(c *crm.Customer, n int) {
	word := func(letter string) string { return strings.Repeat(letter, crm.MaxWord) }
	c.Changes = append(c.Changes, crm.ProfileChange{
		ID: fmt.Sprintf("%s/PROFILE_CHANGED/a%06d", c.ID, n), OccurredAt: c.CreatedAt, Fields: []string{word("x"), word("y"), word("z")},
	})
}

// addStep adds a step to one consent or another, each older than the one before it.
func addStep(c *crm.Customer, n int) {
	consent := c.Consents[n%2]
	consent.History = append(consent.History, &crm.ConsentChange{
		ID: fmt.Sprintf("%s/CONSENT_CHANGED/a%06d", c.ID, n), OccurredAt: c.CreatedAt.Add(-time.Duration(n) * time.Hour),
		Purpose: crm.ConsentPurposeMarketing, Status: consent.Status, Source: text(strings.Repeat("x", 20_000)),
	})
}

// A customer whose history fills the record can still be written: no more of the
// oldest profile changes go than have to.
func TestFullHistoriesMakeRoom(t *testing.T) {
	c := full(t, addChange)
	for n := range 3 {
		tier := fmt.Sprint("tier ", n)
		next := apply(t, crm.Upsert{Record: &crm.Customer{ID: c.ID, Tier: &tier}, Says: says("tier")}, c, c.UpdatedAt.Add(time.Second))
		gone := len(c.Changes) + 1 - len(next.Changes)
		if last := next.Changes[len(next.Changes)-1]; last.Fields[0] != "tier" || next.Changes[0].ID != c.Changes[gone].ID {
			t.Fatalf("write %d: the history is from %s to %s", n, next.Changes[0].ID, last.ID)
		}
		if size := crm.SizeOf(next); gone > 1 || n == 0 && gone == 0 {
			t.Errorf("write %d: %d entries made room, and %d bytes are left", n, gone, crm.MaxRecordBytes-size)
		}
		c = next
	}
	changes, err := crm.AdoptCustomer(c, "web", &crm.ShopCustomer{ExternalID: strings.Repeat("9", 200), UpdatedAt: c.UpdatedAt}, false)
	if err != nil || len(changes.Records) != 1 {
		t.Errorf("a shop's customer: %+v, %v", changes, err)
	}
}

// Steps of consents go where no profile change is left to go: the oldest of all
// consents, and never the last of one.
func TestFullHistoriesOfConsents(t *testing.T) {
	c := full(t, addStep)
	said := crm.Clone(c)
	for _, consent := range said.Consents {
		consent.Status, consent.History = crm.ConsentStatusWithdrawn, nil
	}
	next := apply(t, crm.Upsert{Record: said, Says: says("consents")}, c, c.UpdatedAt.Add(time.Second))
	if len(next.Changes) != 1 {
		t.Errorf("%d profile changes, want the new one", len(next.Changes))
	}
	older, oldest := map[string]time.Time{}, time.Time{}
	for i, consent := range next.Consents {
		last := consent.History[len(consent.History)-1]
		if last.Status != crm.ConsentStatusWithdrawn {
			t.Errorf("the last step of consent %d is not the new one", i)
		}
		for _, step := range consent.History {
			older[step.ID] = step.OccurredAt
			if oldest.IsZero() || step.OccurredAt.Before(oldest) {
				oldest = step.OccurredAt
			}
		}
	}
	gone := 0
	for _, consent := range c.Consents {
		for _, step := range consent.History {
			if _, kept := older[step.ID]; !kept {
				gone++
				if step.OccurredAt.After(oldest) {
					t.Errorf("the step of %s went before that of %s", step.OccurredAt, oldest)
				}
			}
		}
	}
	if gone != 1 {
		t.Errorf("%d steps made room, want 1", gone)
	}
}

// What is said now is refused where it is too large, and never cut.
func TestWhatIsSaidIsNotCut(t *testing.T) {
	for name, add := range map[string]func(c *crm.Customer, n int){"changes": addChange, "consents": addStep} {
		t.Run(name, func(t *testing.T) {
			said := full(t, add)
			said.Tier = text(strings.Repeat("x", crm.MaxText))
			stored := recordtest.FullCustomer()
			stored.ID, stored.Changes = said.ID, nil
			_, err := crm.Upsert{Record: said, Says: says(name, "tier")}.Apply(stored, crm.ActorRef{System: "import"}, stored.UpdatedAt)
			if crm.CodeOf(err) != crm.CodeInvalid {
				t.Errorf("error %v, want INVALID", err)
			}
		})
	}
}

// Each stored consent hands its history on once: of two that are for the same, the
// second is a new one, and saying both again changes nothing.
func TestConsentsForTheSame(t *testing.T) {
	c := recordtest.FullCustomer()
	c.Consents = c.Consents[:1]
	twice := func(first, second crm.ConsentStatus) crm.Upsert {
		said := crm.Clone(c)
		said.Consents = append(said.Consents, crm.Clone(c).Consents[0])
		for i, status := range []crm.ConsentStatus{first, second} {
			said.Consents[i].Status, said.Consents[i].History = status, nil
		}
		return crm.Upsert{Record: said, Says: says("consents")}
	}
	granted, withdrawn := crm.ConsentStatusGranted, crm.ConsentStatusWithdrawn
	c.Consents[0].Status = granted
	steps := len(c.Consents[0].History)

	two := apply(t, twice(withdrawn, granted), c, c.UpdatedAt.Add(time.Second))
	if first, second := two.Consents[0].History, two.Consents[1].History; len(first) != 1 || len(second) != steps {
		t.Errorf("the histories have %d and %d steps, want 1 and the %d stored", len(first), len(second), steps)
	}
	if again := apply(t, twice(withdrawn, granted), two, two.UpdatedAt.Add(time.Second)); again != nil {
		t.Errorf("saying the same again changed %v", crm.Differing(two, again))
	}
	turned := apply(t, twice(granted, withdrawn), two, two.UpdatedAt.Add(time.Second))
	if first, second := turned.Consents[0].History, turned.Consents[1].History; len(first) != steps || len(second) != 1 {
		t.Errorf("the other way round the histories have %d and %d steps, want %d and 1", len(first), len(second), steps)
	}
	changed := apply(t, twice(withdrawn, withdrawn), two, two.UpdatedAt.Add(time.Second))
	if first, second := changed.Consents[0].History, changed.Consents[1].History; len(first) != 1 || len(second) != steps+1 {
		t.Errorf("of two withdrawn the histories have %d and %d steps, want 1 and %d", len(first), len(second), steps+1)
	}
}

// A history that one consent tells is not kept by another, too.
func TestToldHistoriesAreNotKeptTwice(t *testing.T) {
	c := recordtest.FullCustomer()
	c.Consents = c.Consents[:1]
	said := crm.Clone(c)
	said.Consents = append(said.Consents, crm.Clone(c).Consents[0])
	said.Consents[1].History = nil
	next := apply(t, crm.Upsert{Record: said, Says: says("consents")}, c, c.UpdatedAt.Add(time.Second))
	if n := len(next.Consents[1].History); n != 1 {
		t.Errorf("the second consent has %d steps, want its first", n)
	}
}

// New steps avoid the ids of all histories that are kept, also those of consents
// further down, and those that a source says without the customer's id.
func TestStepsAvoidEveryEntry(t *testing.T) {
	c := recordtest.FullCustomer()
	last := c.Consents[0]
	last.History = last.History[:1]
	last.History[0].ID = fmt.Sprintf("%s/CONSENT_CHANGED/%d/1", c.ID, c.Version+1)
	c.Consents = []*crm.Consent{last}
	said := crm.Clone(c)
	said.Consents[0].History = nil
	added := &crm.Consent{Purpose: crm.ConsentPurposeDataSharing, Status: crm.ConsentStatusDenied, LawfulBasis: crm.LawfulBasisConsent}
	told := &crm.Consent{Purpose: crm.ConsentPurposeService, Status: crm.ConsentStatusGranted, LawfulBasis: crm.LawfulBasisConsent}
	told.History = []*crm.ConsentChange{{
		ID: fmt.Sprintf("CONSENT_CHANGED/%d/1'", c.Version+1), OccurredAt: c.CreatedAt, Status: crm.ConsentStatusGranted,
	}}
	said.Consents = []*crm.Consent{added, said.Consents[0], told}
	next := apply(t, crm.Upsert{Record: said, Says: says("consents")}, c, c.UpdatedAt.Add(time.Second))
	if got, want := next.Consents[0].History[0].ID, fmt.Sprintf("%s/CONSENT_CHANGED/%d/1''", c.ID, c.Version+1); got != want {
		t.Errorf("the new step is %s, want %s", got, want)
	}
}
