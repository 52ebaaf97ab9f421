package demo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// TestStoresHoldTheSame: both stores hold the same demo.
func TestStoresHoldTheSame(t *testing.T) {
	unobserved := func(string) {}
	mongodb, sqlite := backends.MongoDB(t, unobserved), backends.SQLite(t, unobserved)
	for _, store := range []crm.Store{sqlite, mongodb} {
		if err := demo.Load(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		wantState(t, store, demo.StateLoaded)
	}
	byKind := map[crm.Kind][]crm.ID{}
	for _, r := range generate(t).Records() {
		byKind[r.RecordKind()] = append(byKind[r.RecordKind()], r.RecordID())
	}
	for _, d := range crm.Shown() {
		same(t, d, sqlite, mongodb, sample(byKind[d.Kind]))
	}

	customers := sample(byKind[crm.KindCustomer])
	newest := crm.Query{Sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true}, Page: crm.PageRequest{Limit: 10}}
	fromSQLite, err := crm.Read[crm.TimelineRecord](sqlite).ListBy(t.Context(), []crm.Field{crm.FieldCustomer}, customers, newest)
	if err != nil {
		t.Fatal(err)
	}
	fromMongoDB, err := crm.Read[crm.TimelineRecord](mongodb).ListBy(t.Context(), []crm.Field{crm.FieldCustomer}, customers, newest)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromSQLite, fromMongoDB); diff != "" || len(fromSQLite) != len(customers) {
		t.Errorf("timelines of %d of %d customers (-sqlite +mongodb):\n%s", len(fromSQLite), len(customers), diff)
	}
}

// sample returns seven of the ids, from the first to the last.
func sample(all []crm.ID) []crm.ID {
	ids := make([]crm.ID, 7)
	for i := range ids {
		ids[i] = all[i*(len(all)-1)/(len(ids)-1)]
	}
	return ids
}

// same compares the number of a kind's records in two stores, and those that have ids.
func same(t *testing.T, d *crm.Description, sqlite, mongodb crm.Store, ids []crm.ID) {
	t.Helper()
	if a, b := count(t, sqlite, d.Kind), count(t, mongodb, d.Kind); a != b || a == 0 {
		t.Errorf("%s: %d in SQLite, %d in MongoDB", d.Name, a, b)
	}
	fromSQLite, fromMongoDB := byID(t, sqlite, d.Kind, ids), byID(t, mongodb, d.Kind, ids)
	if diff := cmp.Diff(fromSQLite, fromMongoDB); diff != "" || fromSQLite[ids[0]] == nil {
		t.Errorf("%s (-sqlite +mongodb):\n%s", d.Name, diff)
	}
}

func byID(t *testing.T, store crm.Store, kind crm.Kind, ids []crm.ID) map[crm.ID]crm.Record {
	t.Helper()
	records, err := store.ByID(t.Context(), kind, ids, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[crm.ID]crm.Record{}
	for _, r := range records {
		found[r.RecordID()] = r
	}
	return found
}

func count(t *testing.T, store crm.Store, kind crm.Kind) int {
	t.Helper()
	n, err := store.Count(t.Context(), kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
