package crm_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
)

func says(members ...string) func(string) bool {
	return func(member string) bool { return slices.Contains(members, member) }
}

// apply returns what an upsert makes of a stored record; nil if nothing changes.
func apply[R crm.Record](t *testing.T, u crm.Upsert, stored R, now time.Time) R {
	t.Helper()
	before := crm.Clone(stored)
	changes, err := u.Apply(stored, crm.ActorRef{System: "import"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, stored); diff != "" {
		t.Errorf("the stored record was changed (-before +after):\n%s", diff)
	}
	var none R
	if len(changes.Records) == 0 {
		return none
	}
	if want := crm.VersionOf(stored); changes.Records[0].Expect != want {
		t.Errorf("expects version %d, want %d", changes.Records[0].Expect, want)
	}
	return changes.Records[0].Record.(R)
}

func TestUpsertKeepsWhatIsNotSaid(t *testing.T) {
	stored := recordtest.FullCustomer()
	later := stored.UpdatedAt.Add(time.Hour)
	said := &crm.Customer{ID: stored.ID, FamilyName: text("Meier"), OrganizationName: text("Meier"), Tags: []string{"a"}, Version: 9}
	got := apply(t, crm.Upsert{Record: said, Says: says("organizationName", "tags", "tier", "version")}, stored, later)
	want := crm.Clone(stored)
	want.OrganizationName, want.DisplayName, want.Tags, want.Tier, want.Version, want.UpdatedAt = text("Meier"), "Meier", []string{"a"}, nil, 3, later
	want.Changes = append(want.Changes, crm.ProfileChange{
		ID: string(stored.ID) + "/PROFILE_CHANGED/3", OccurredAt: later, ActorRef: crm.ActorRef{System: "import"},
		Fields: []string{"displayName", "organizationName", "tags", "tier"},
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := apply(t, crm.Upsert{Record: said, Says: says("organizationName", "tags", "tier")}, got, later.Add(time.Hour)); again != nil {
		t.Errorf("saying the same again changes %v", crm.Differing(got, again))
	}
}

// A history that is full makes room, and an entry's id is its own.
func TestLongHistories(t *testing.T) {
	c := recordtest.FullCustomer()
	c.Changes = nil
	for i := range crm.MaxElements {
		c.Changes = append(c.Changes, crm.ProfileChange{ID: fmt.Sprintf("%s/PROFILE_CHANGED/%d", c.ID, i+2), OccurredAt: c.CreatedAt})
	}
	for n := range 3 {
		tier := strconv.Itoa(n)
		next := apply(t, crm.Upsert{Record: &crm.Customer{ID: c.ID, Tier: &tier}, Says: says("tier")}, c, c.UpdatedAt.Add(time.Second))
		if next == nil || len(next.Changes) != crm.MaxElements || *next.Tier != tier {
			t.Fatalf("write %d is not kept", n)
		}
		if last := next.Changes[crm.MaxElements-1]; last.ID != string(c.ID)+"/PROFILE_CHANGED/"+strconv.Itoa(next.Version)+"'" {
			t.Errorf("the last entry is %s", last.ID)
		}
		c = next
	}
	if first := c.Changes[0].ID; first != string(c.ID)+"/PROFILE_CHANGED/5" {
		t.Errorf("the first entry is %s, want the fourth", first)
	}
}

func TestNewRecords(t *testing.T) {
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	e := &crm.Employee{ID: crm.NewID(crm.KindEmployee), Name: "Eve"}
	changes, err := crm.Upsert{Record: e, Says: says("name")}.Apply(nil, crm.ActorRef{}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := &crm.Employee{ID: e.ID, Name: "Eve", Active: true, CreatedAt: now, UpdatedAt: now}
	if diff := cmp.Diff(crm.Put(crm.Change{Record: want}), changes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = crm.Upsert{Record: recordtest.FullCustomer(), Says: says("customerGroup"), Words: map[string][]string{"customerGroup": {"a", "b"}}}.Apply(nil, crm.ActorRef{}, now)
	if diff := cmp.Diff(crm.Wrong("customerGroup", "must be one of a, b"), err); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestReplace(t *testing.T) {
	stored := recordtest.FullOrder()
	next := recordtest.FullOrder()
	next.Lines[0].ProductTitle = "Called otherwise now" // is not stored
	if changes, err := crm.Replace(stored, next); err != nil || len(changes.Records) != 0 {
		t.Errorf("the same order again: %+v, %v", changes, err)
	}
	next.Shipments[0].Lines[0].Quantity = 1
	changes, err := crm.Replace(stored, next)
	if err != nil || len(changes.Records) != 1 || changes.Records[0].Expect != 1 {
		t.Fatalf("another order: %+v, %v", changes, err)
	}
	if got := crm.Differing(stored, changes.Records[0].Record); !slices.Equal(got, []string{"shipments"}) {
		t.Errorf("%v differ", got)
	}
	next.Lines[0].Quantity = -1
	if _, err := crm.Replace(nil, next); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a negative quantity: %v, want INVALID", err)
	}
}
