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

// put stores new records; anything else ends the rule.
func put[T any](t tester, records crm.Writer[T], list ...*T) {
	t.Helper()
	writes := make([]crm.Write[T], len(list))
	for i, r := range list {
		writes[i].Record = r
	}
	for i, err := range write(t, records, writes...) {
		if err != nil {
			t.Fatalf("write %d of %d new records: %v", i+1, len(list), err)
		}
	}
}

// write gives the outcome of each write; an error that stopped them all ends the rule.
func write[T any](t tester, records crm.Writer[T], writes ...crm.Write[T]) []error {
	t.Helper()
	outcomes, err := records.Write(t.Context(), writes)
	if err != nil {
		t.Fatalf("write %d records: %v", len(writes), err)
	}
	if len(outcomes) != len(writes) {
		t.Fatalf("write %d records: %d outcomes, want one for each", len(writes), len(outcomes))
	}
	return outcomes
}

// replace stores a record over the one with version expect.
func replace[T any](t tester, records crm.Writer[T], record *T, expect int) {
	t.Helper()
	if err := write(t, records, crm.Write[T]{Record: record, Expect: expect})[0]; err != nil {
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
	wantSame(t, "codes of the writes", got, want)
}

// one reads a record that must be there.
func one[T any](t tester, records crm.Reader[T], id crm.ID) *T {
	t.Helper()
	found := byID(t, records, id)
	if found[id] == nil {
		t.Fatalf("ByID: %s is missing", id)
	}
	return found[id]
}

func byID[T any](t tester, records crm.Reader[T], ids ...crm.ID) map[crm.ID]*T {
	t.Helper()
	found, err := records.ByID(t.Context(), ids)
	if err != nil {
		t.Fatalf("ByID of %d ids: %v", len(ids), err)
	}
	return found
}

func list[T any](t tester, records crm.Reader[T], q crm.Query) crm.Page[T] {
	t.Helper()
	page, err := records.List(t.Context(), q)
	if err != nil {
		t.Fatalf("List %s: %v", show(q), err)
	}
	if page.Items == nil {
		t.Errorf("List %s: Items is nil", show(q))
	}
	return page
}

func count[T any](t tester, records crm.Reader[T], where ...crm.Predicate) int {
	t.Helper()
	n, err := records.Count(t.Context(), where)
	if err != nil {
		t.Fatalf("Count: %v", err)
	}
	return n
}

// matching gives the ids of all records that fulfil where, sorted by id.
func matching[T any](t tester, k kind[T], s crm.Store, where ...crm.Predicate) []crm.ID {
	t.Helper()
	page := list(t, k.records(s), crm.Query{
		Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1000},
	})
	if n := count(t, k.records(s), where...); n != len(page.Items) {
		t.Errorf("Count gives %d where List finds %d", n, len(page.Items))
	}
	return k.ids(page.Items)
}

func (k kind[T]) ids(records []*T) []crm.ID {
	ids := make([]crm.ID, len(records))
	for i, r := range records {
		ids[i] = k.id(r)
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

// settled gives a record as a store hands it out: a copy that shares nothing,
// lists that are not nil, times in UTC cut to the millisecond. What points to
// the same thing twice does so in the copy.
func settled[T any](record *T) *T {
	return settle(reflect.ValueOf(record), map[any]reflect.Value{}).Interface().(*T)
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
func wantSettled[T any](t tester, what string, got, written *T) {
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
