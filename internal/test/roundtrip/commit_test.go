package roundtrip_test

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

// TestCommits: whatever a store takes, also from a writer that checks nothing and
// completes nothing, comes back from its dump, and both kinds of store take the
// same.
func TestCommits(t *testing.T) {
	kinds := kindsOfStores(t)
	rapid.Check(t, func(t *rapid.T) {
		var records []crm.Record
		for i := range rapid.IntRange(1, 10).Draw(t, "records") {
			d := drawRecord(t, i)
			t.Logf("%s", d.told)
			records = append(append(records, d.relatives...), d.record)
		}
		completed := rapid.Bool().Draw(t, "completed")
		var dumps []string
		var refusals []map[int]string
		for _, kind := range kinds {
			store, refused := kind.fresh(t, 0), map[int]string{}
			for i, why := range commit(t, store, records, completed) {
				if why != nil {
					refused[i] = faultOf(why)
				}
			}
			dumps, refusals = append(dumps, dump(t, store)), append(refusals, refused)
			wantBack(t, kind.fresh(t, 1), dumps[len(dumps)-1])
		}
		wantAlike(t, kinds, dumps, refusals)
	})
}

// faultOf is what an error says that does not depend on the store.
func faultOf(err error) string {
	var e *crm.Error
	if errors.As(err, &e) && e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return string(crm.CodeOf(err))
}

// commit commits copies of records, each by itself, and returns why some of them
// were refused. One that comes twice is committed once.
func commit(t tester, store crm.Store, records []crm.Record, completed bool) []error {
	t.Helper()
	changes := make([]crm.Changes, 0, len(records))
	seen := map[crm.ID]bool{}
	for _, r := range records {
		if seen[r.RecordID()] {
			continue
		}
		seen[r.RecordID()] = true
		v := copied(reflect.ValueOf(r))
		mend(v)
		r := v.Interface().(crm.Record)
		if completed {
			crm.Complete(r)
		}
		changes = append(changes, crm.Put(crm.Change{Record: r}))
	}
	outcomes, err := store.Commit(t.Context(), changes)
	if err != nil {
		t.Fatalf("commit %d records: %v", len(changes), err)
	}
	return outcomes
}
