package crm_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
)

// fields returns the fields of keys with their classes, as far as keys tell: single
// texts may be sortable.
func fields(keys crm.Keys) map[crm.Field]crm.Class {
	found := map[crm.Field]crm.Class{}
	for f := range keys.Text {
		found[f] = crm.ClassText
	}
	for f := range keys.Time {
		found[f] = crm.ClassTime
	}
	for f := range keys.Number {
		found[f] = crm.ClassNumber
	}
	for f := range keys.Many {
		found[f] = crm.ClassMany
	}
	return found
}

// TestDescriptionsSayWhatRecordsAreFoundBy compares each description with the keys
// of an empty record, which has all of its kind's but for numbers that may be absent.
func TestDescriptionsSayWhatRecordsAreFoundBy(t *testing.T) {
	for _, d := range crm.Descriptions() {
		described := map[crm.Field]crm.Class{}
		got := fields(d.New().Keys())
		for _, k := range d.Keys {
			if _, repeated := described[k.Field]; repeated {
				t.Errorf("%s describes %s twice", d.Name, k.Field)
			}
			described[k.Field] = k.Class
			if k.Class == crm.ClassSortable {
				described[k.Field] = crm.ClassText
			}
			if _, there := got[k.Field]; !there && k.Class == crm.ClassNumber {
				got[k.Field] = crm.ClassNumber
			}
			if k.Parent != "" && (k.Class != crm.ClassText || crm.Describe(k.Parent) == nil) {
				t.Errorf("%s.%s cannot hold a parent: it must be ClassText and name a kind", d.Name, k.Field)
			}
		}
		if diff := cmp.Diff(described, got); diff != "" {
			t.Errorf("%s: add to Keys of the description what the method Keys has, or take it away (-described +method):\n%s", d.Name, diff)
		}
		if k, ok := d.Key(d.Unique); d.Unique != "" && (!ok || k.Class != crm.ClassMany) {
			t.Errorf("%s: Unique must be one of its fields, with ClassMany", d.Name)
		}
		if k, ok := d.Key(d.Shard); d.Shard != crm.FieldID && (!d.Derived || !ok || k.Class != crm.ClassText) {
			t.Errorf("%s: Shard must be FieldID, or a field of a derived kind with ClassText", d.Name)
		}
	}
}

// TestTimelinesAreOfTheRecordOrItsParents holds what stores find the entries of a
// record's state before by.
func TestTimelinesAreOfTheRecordOrItsParents(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // The same every time.
	seen := 0
	for range 200 {
		for _, d := range crm.Descriptions() {
			r := recordtest.Random(d.Kind, random.IntN)
			keys, owners := r.Keys(), []string{string(r.RecordID())}
			for _, k := range d.Keys {
				if k.Parent != "" {
					owners = append(owners, keys.Text[k.Field])
				}
			}
			for _, entry := range crm.TimelineOf(r) {
				if r.RecordID() == "" {
					continue // Nothing is stored without an id.
				}
				seen++
				if entry.CustomerID == "" || !slices.Contains(owners, string(entry.CustomerID)) {
					t.Errorf("%s stands in a timeline that is neither its own nor a parent's", d.Name)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no record stood in a timeline")
	}
}

// TestParentsAreDescribedBeforeWhatHangsOnThem holds the order of Descriptions, in
// which records are dumped, imported and loaded.
func TestParentsAreDescribedBeforeWhatHangsOnThem(t *testing.T) {
	seen := []crm.Kind{}
	names := map[string]bool{}
	for _, d := range crm.Descriptions() {
		for _, k := range d.Keys {
			if k.Parent != "" && !slices.Contains(seen, k.Parent) {
				t.Errorf("%s stands before %s, on which it hangs", d.Name, k.Parent)
			}
		}
		if slices.Contains(seen, d.Kind) || names[d.Name] || d.Kind == "" || d.Name == "" {
			t.Errorf("%q, %q: a kind and its name are given once", d.Kind, d.Name)
		}
		seen, names[d.Name] = append(seen, d.Kind), true
		if r := d.New(); r.RecordKind() != d.Kind || crm.Describe(d.Kind) != d {
			t.Errorf("%s makes records of kind %q", d.Kind, r.RecordKind())
		}
	}
}
