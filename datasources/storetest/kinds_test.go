package storetest_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

// TestEveryKindIsMade says by name what the suite cannot make of a new kind from
// its description: then small, fill or hang have to learn it.
func TestEveryKindIsMade(t *testing.T) {
	for _, kind := range crm.Kinds() {
		first, tied, later := storetest.Small(kind, 0), storetest.Small(kind, 1), storetest.Small(kind, 13)
		if id := later.RecordID(); id.Kind() != kind || id == first.RecordID() {
			t.Errorf("%s: a record has the id %q", kind, id)
		}
		if v := crm.VersionOf(later); v != 1 {
			t.Errorf("%s: a new record has version %d", kind, v)
		}
		for _, key := range crm.Describe(kind).Keys {
			text := later.Keys().Text[key.Field]
			if key.Parent != "" && key.Parent != kind && crm.ID(text).Kind() != key.Parent {
				t.Errorf("%s: the key %s holds %q, want a parent", kind, key.Field, text)
			}
			sorted := key.Class == crm.ClassSortable || key.Class == crm.ClassTime
			if sorted && (!cmp.Equal(at(first, key.Field), at(tied, key.Field)) || cmp.Equal(at(first, key.Field), at(later, key.Field))) {
				t.Errorf("%s: the key %s of records 0, 1 and 13 is %v, %v and %v, want two that are the same and another",
					kind, key.Field, at(first, key.Field), at(tied, key.Field), at(later, key.Field))
			}
		}
	}
}

// at is where a record stands in a list sorted by field, ids apart.
func at(r crm.Record, field crm.Field) crm.Position {
	keys := r.Keys()
	return crm.Position{Text: keys.Text[field], Time: keys.Time[field]}
}

// TestEveryTextIsAWay says by name which of a new kind's texts the suite has no value
// for, so that no plan of a list by them or within them would be looked at: then named
// has to learn it.
func TestEveryTextIsAWay(t *testing.T) {
	for _, kind := range crm.Kinds() {
		ways := storetest.WaysOf(kind, 10)
		for _, key := range crm.Describe(kind).Keys {
			within := func(p crm.Predicate) bool { return p.Field == key.Field }
			if key.Class == crm.ClassText && !slices.Contains(ways.By, key.Field) && !slices.ContainsFunc(ways.Within, within) {
				t.Errorf("%s: records have no %s", kind, key.Field)
			}
		}
	}
}
