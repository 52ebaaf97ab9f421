package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
)

// put stores new records, each by itself; anything else ends the rule.
func put[R crm.Record](t tester, s crm.Store, list ...R) {
	t.Helper()
	changes := make([]crm.Change, len(list))
	for i, r := range list {
		changes[i].Record = r
	}
	for i, err := range write(t, s, changes...) {
		if err != nil {
			t.Fatalf("write %d of %d new records: %v", i+1, len(list), err)
		}
	}
}

// write makes each change by itself and gives the outcome of each.
func write(t tester, s crm.Store, list ...crm.Change) []error {
	t.Helper()
	return commit(t, s, apart(list...)...)
}

// apart returns a Changes for each change.
func apart(list ...crm.Change) []crm.Changes {
	changes := make([]crm.Changes, len(list))
	for i := range list {
		changes[i].Records = list[i : i+1]
	}
	return changes
}

// commit returns the outcome of each Changes; an error that stopped the call ends the rule.
func commit(t tester, s crm.Store, changes ...crm.Changes) []error {
	t.Helper()
	outcomes, err := s.Commit(t.Context(), changes)
	if err != nil {
		t.Fatalf("commit %d changes: %v", len(changes), err)
	}
	if len(outcomes) != len(changes) {
		t.Fatalf("commit %d changes: %d outcomes, want one for each", len(changes), len(outcomes))
	}
	return outcomes
}

// replace stores a record over the one with version expect.
func replace(t tester, s crm.Store, record crm.Record, expect int) {
	t.Helper()
	if err := write(t, s, crm.Change{Record: record, Expect: expect})[0]; err != nil {
		t.Fatalf("write over version %d: %v", expect, err)
	}
}

// wantCodes compares the codes of outcomes; "" is success.
func wantCodes(t tester, outcomes []error, want ...crm.Code) {
	t.Helper()
	got := make([]crm.Code, len(outcomes))
	for i, err := range outcomes {
		if err != nil {
			got[i] = crm.CodeOf(err)
		}
	}
	wantSame(t, "codes of the changes", got, want)
}

// one reads a record that must be there.
func one[R crm.Record](t tester, s crm.Store, id crm.ID) R {
	t.Helper()
	r, ok := byID(t, s, id.Kind(), id)[id].(R)
	if !ok {
		t.Fatalf("ByID: %s is missing", id)
	}
	return r
}

func byID(t tester, s crm.Store, kind crm.Kind, ids ...crm.ID) map[crm.ID]crm.Record {
	t.Helper()
	records, err := s.ByID(t.Context(), kind, ids, nil)
	if err != nil {
		t.Fatalf("ByID of %d ids: %v", len(ids), err)
	}
	found := make(map[crm.ID]crm.Record, len(records))
	for _, r := range records {
		if found[r.RecordID()] != nil {
			t.Errorf("ByID gives %s twice", r.RecordID())
		}
		found[r.RecordID()] = r
	}
	return found
}

func list(t tester, s crm.Store, kind crm.Kind, q crm.Query) crm.RecordPage {
	t.Helper()
	page, err := s.List(t.Context(), kind, q)
	if err != nil {
		t.Fatalf("List %s: %v", show(q), err)
	}
	if page.Items == nil {
		t.Errorf("List %s: Items is nil", show(q))
	}
	return page
}

func count(t tester, s crm.Store, kind crm.Kind, where ...crm.Predicate) int {
	t.Helper()
	n, err := s.Count(t.Context(), kind, where)
	if err != nil {
		t.Fatalf("Count: %v", err)
	}
	return n
}

// matching returns the ids of all records that fulfil where, sorted by id.
func matching(t tester, s crm.Store, kind crm.Kind, where ...crm.Predicate) []crm.ID {
	t.Helper()
	page := list(t, s, kind, crm.Query{
		Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1000},
	})
	if n := count(t, s, kind, where...); n != len(page.Items) {
		t.Errorf("Count gives %d where List finds %d", n, len(page.Items))
	}
	return idsOf(page.Items)
}

func idsOf[R crm.Record](records []R) []crm.ID {
	ids := make([]crm.ID, len(records))
	for i, r := range records {
		ids[i] = r.RecordID()
	}
	return ids
}

func wantSame(t tester, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Context() context.Context
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// show writes a query as a test's reader wants it.
func show(q crm.Query) string {
	text := fmt.Sprintf("where %+v sort %+v limit %d backward %v", q.Where, q.Sort, q.Page.Limit, q.Page.Backward)
	if q.Page.After != nil {
		text += fmt.Sprintf(" after %+v", *q.Page.After)
	}
	if q.Page.Before != nil {
		text += fmt.Sprintf(" before %+v", *q.Page.Before)
	}
	return text
}

// settled returns a record as a store hands it out: a copy that shares nothing,
// lists that are not nil, times in UTC cut to the millisecond. What points to
// the same thing twice does so in the copy.
func settled[R any](record R) R {
	return settle(reflect.ValueOf(record), map[any]reflect.Value{}).Interface().(R)
}

func settle(v reflect.Value, seen map[any]reflect.Value) reflect.Value {
	if at, ok := v.Interface().(time.Time); ok {
		return reflect.ValueOf(at.UTC().Truncate(time.Millisecond))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		if done, ok := seen[v.Interface()]; ok {
			return done
		}
		c := reflect.New(v.Type().Elem())
		seen[v.Interface()] = c
		c.Elem().Set(settle(v.Elem(), seen))
		return c
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			c.Field(i).Set(settle(v.Field(i), seen))
		}
		return c
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(settle(v.Index(i), seen))
		}
		return c
	default:
		return v
	}
}

// visit calls see for every value inside v, once for what is pointed to twice.
func visit(v reflect.Value, path string, see func(path string, v reflect.Value)) {
	see(path, v)
	if v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem(), path, see)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			visit(v.Field(i), path+"."+v.Type().Field(i).Name, see)
		}
	case reflect.Slice:
		for i := range v.Len() {
			visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), see)
		}
	default:
	}
}

// wantSettled compares a record read with the one written, down to what cmp
// does not see: nil lists and the zone of times.
func wantSettled[R any](t tester, what string, got, written R) {
	t.Helper()
	wantSame(t, what, got, settled(written))
	visit(reflect.ValueOf(got), what, func(path string, v reflect.Value) {
		at, ok := v.Interface().(time.Time)
		if ok && at.Location() != time.UTC {
			t.Errorf("%s: the time is in zone %v, want UTC", path, at.Location())
		}
	})
}

// property checks what must hold for anything drawn. A rule that has failed
// already draws nothing.
func property(t testing.TB, holds func(t *rapid.T)) {
	t.Helper()
	if !t.Failed() {
		rapid.Check(t, holds)
	}
}
