package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

func fullRules() []rule {
	return []rule{
		{"every field of every kind is kept", everyFieldIsKept},
		{"a record emptied by an update is empty", updatesEmpty},
	}
}

// everyFieldIsKept writes records that among them have a value for every field
// and every status, and reads them one kind at a time.
func everyFieldIsKept(t testing.TB, s crm.Store) {
	if err := fixture.Load(t.Context(), s); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	written := map[crm.Kind][]crm.Record{}
	for _, r := range fixture.Records().All() {
		written[r.RecordKind()] = append(written[r.RecordKind()], r)
	}
	for _, k := range kinds() {
		if k.Internal { // The fixture is of what the graph shows.
			written[k.Kind] = []crm.Record{k.full(0), k.full(1)}
			put(t, s, written[k.Kind]...)
		}
		k.wantKept(t, s, written[k.Kind])
	}
}

// full makes the nth record of the kind with a value in every field.
func (k kind) full(n int) crm.Record {
	r := k.small(n)
	fillUp(reflect.ValueOf(r).Elem(), n)
	return r
}

// fillUp returns a value to what has none.
func fillUp(v reflect.Value, n int) {
	if !v.IsZero() {
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				fillUp(v.Field(i), n)
			}
		}
		return
	}
	switch field := v.Addr().Interface().(type) {
	case *crm.ID:
		*field = customerID(n)
	case *crm.JSON:
		*field = `{"a":[1,"b"]}`
	case *time.Time:
		*field = tied(n)
	default:
		switch v.Kind() { //nolint:exhaustive // The domain has no others.
		case reflect.String:
			v.SetString(tiedName(n))
		case reflect.Int:
			v.SetInt(1)
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Float64:
			v.SetFloat(0.5)
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fillUp(v.Elem(), n)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fillUp(v.Index(0), n)
		case reflect.Struct:
			for i := range v.NumField() {
				fillUp(v.Field(i), n)
			}
		}
	}
}

// wantKept reads a kind's records by id, in a list and by what they name, and
// compares them with those written.
func (k kind) wantKept(t testing.TB, s crm.Store, written []crm.Record) {
	t.Helper()
	if len(written) == 0 {
		t.Errorf("%s: the fixture has no records", k.Kind)
	}
	found := byID(t, s, k.Kind, idsOf(written)...)
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1000}}
	listed := map[crm.ID]crm.Record{}
	for _, r := range list(t, s, k.Kind, q).Items {
		listed[r.RecordID()] = r
	}
	if len(listed) != len(written) {
		t.Errorf("%s: List gives %d records, want %d", k.Kind, len(listed), len(written))
	}
	for _, want := range written {
		id := want.RecordID()
		if found[id] == nil || listed[id] == nil {
			t.Errorf("%s is missing: ByID gives it %v, List %v", id, found[id] != nil, listed[id] != nil)
			continue
		}
		wantSettled(t, "ByID's "+string(id), found[id], want)
		wantSettled(t, "List's "+string(id), listed[id], want)
		k.wantListed(t, s, want, q)
	}
}

// wantListed lists by each key of a record that names another one or a customer: a
// parent or not, an identity, an address.
func (k kind) wantListed(t testing.TB, s crm.Store, want crm.Record, q crm.Query) {
	t.Helper()
	keys := want.Keys()
	for _, key := range k.Keys {
		for _, value := range values(keys, key.Field) {
			name := crm.ID(value)
			if name.Kind() == "" && key.Field != k.Unique && key.Field != crm.FieldEmail {
				continue
			}
			by := []crm.Field{key.Field}
			of := listBy(t, s, k.Kind, by, []crm.ID{name}, q)[name].Items
			if n := countBy(t, s, k.Kind, by, []crm.ID{name})[name]; n != len(of) {
				t.Errorf("CountBy %s gives %d records where ListBy finds %d", key.Field, n, len(of))
			}
			i := slices.Index(idsOf(of), want.RecordID())
			if i < 0 {
				t.Errorf("ListBy %s gives the records that name the same without %s", key.Field, want.RecordID())
				continue
			}
			wantSettled(t, "ListBy's "+string(want.RecordID()), of[i], want)
		}
	}
}

func updatesEmpty(t testing.TB, s crm.Store) {
	if err := fixture.Load(t.Context(), s); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	set := fixture.Records()
	for _, full := range set.Customers {
		bare := &crm.Customer{ID: full.ID, Version: full.Version + 1, CreatedAt: full.CreatedAt, UpdatedAt: full.UpdatedAt}
		bare.Complete()
		replace(t, s, bare, full.Version)
		wantSettled(t, "emptied "+string(full.ID), one[*crm.Customer](t, s, full.ID), bare)
	}
	for _, full := range set.Orders {
		bare := &crm.Order{
			ID: full.ID, Number: full.Number, Source: full.Source, ExternalID: full.ExternalID,
			PlacedAt: full.PlacedAt, Price: full.Price,
		}
		bare.Complete()
		replace(t, s, bare, 1)
		wantSettled(t, "emptied "+string(full.ID), one[*crm.Order](t, s, full.ID), bare)
	}
}
