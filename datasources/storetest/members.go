package storetest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
	"github.com/customer360/gateway/internal/test/fixture"
)

func membersRules() []rule {
	return []rule{
		{"a record has the members that are wanted and no others", wantedMembers},
		{"members of another kind are invalid", otherMembers},
	}
}

// wantedMembers reads records by every way that there is, with any members, and
// compares them with what is wanted of the same records read whole.
func wantedMembers(t testing.TB, s crm.Store) {
	if err := fixture.Load(t.Context(), s); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	for _, d := range crm.Descriptions() {
		k := kind{d}
		if k.Internal { // The fixture is of what the graph shows.
			put(t, s, k.full(0), k.full(1))
		}
		known := k.known(t, s)
		if len(known) == 0 {
			t.Errorf("%s: there are no records", k.Kind)
			continue
		}
		names, sorts := recordtest.MemberNames(k.Kind), k.sorted(known)
		property(t, func(t *rapid.T) {
			chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, min(len(names), 8), rapid.ID).Draw(t, "members")
			want := crm.MustMembers(k.Kind, chosen...)
			sort := rapid.SampledFrom(sorts).Draw(t, "sort")
			q := crm.Query{
				Sort: crm.Sort{Field: sort, Desc: rapid.Bool().Draw(t, "desc")},
				Page: crm.PageRequest{Limit: rapid.IntRange(0, len(known)).Draw(t, "limit"), Backward: rapid.Bool().Draw(t, "backward")},
			}
			some := q
			some.Members = want
			placed := want.With(crm.KeyMembers(k.Kind, sort))
			if !k.Derived {
				wantPart(t, "List", list(t, s, k.Kind, some), list(t, s, k.Kind, q), placed)
			}
			fields, ids := k.hangsOn(t, known)
			whole := listBy(t, s, k.Kind, fields, ids, q)
			for id, page := range listBy(t, s, k.Kind, fields, ids, some) {
				wantPart(t, "ListBy", page, whole[id], placed)
			}
			k.wantFound(t, s, known, want)
		})
	}
}

// known are the records that a store has of the kind: of one that is derived those of
// customers, by whom they are spread.
func (k kind) known(t testing.TB, s crm.Store) []crm.Record {
	t.Helper()
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1000}}
	if !k.Derived {
		return list(t, s, k.Kind, q).Items
	}
	var found []crm.Record
	for _, page := range listBy(t, s, k.Kind, []crm.Field{k.Shard}, idsOf(of(crm.KindCustomer).known(t, s)), q) {
		found = append(found, page.Items...)
	}
	return found
}

// sorted are the fields that all of the records have, and can be sorted by.
func (k kind) sorted(records []crm.Record) []crm.Field {
	fields := []crm.Field{crm.FieldID}
	for _, key := range k.Keys {
		there := key.Class == crm.ClassSortable || key.Class == crm.ClassTime || key.Class == crm.ClassNumber
		for _, r := range records {
			if _, numbered := r.Keys().Number[key.Field]; key.Class == crm.ClassNumber && !numbered {
				there = false
			}
		}
		if there {
			fields = append(fields, key.Field)
		}
	}
	return fields
}

// hangsOn draws fields that name other records, and values that records have in them.
func (k kind) hangsOn(t *rapid.T, records []crm.Record) (fields []crm.Field, ids []crm.ID) {
	holding := []crm.Field{}
	for _, key := range k.Keys {
		named := slices.ContainsFunc(records, func(r crm.Record) bool {
			return slices.ContainsFunc(values(r.Keys(), key.Field), func(v string) bool { return crm.ID(v).Kind() != "" })
		})
		if named && (!k.Derived || key.Field == k.Shard) {
			holding = append(holding, key.Field)
		}
	}
	if len(holding) == 0 {
		return nil, nil
	}
	fields = rapid.SliceOfNDistinct(rapid.SampledFrom(holding), 1, min(len(holding), 2), rapid.ID).Draw(t, "fields")
	for _, r := range rapid.SliceOfN(rapid.SampledFrom(records), 1, 4).Draw(t, "records") {
		for _, field := range fields {
			for _, value := range values(r.Keys(), field) {
				ids = append(ids, crm.ID(value))
			}
		}
	}
	return fields, ids
}

// wantPart compares a page of some members with the same page of all.
func wantPart(t tester, what string, got, whole crm.RecordPage, want *crm.Members) {
	t.Helper()
	if len(got.Items) != len(whole.Items) || got.More != whole.More {
		t.Errorf("%s of %q gives %d records and More %t, of all members %d and %t",
			what, want.Paths(), len(got.Items), got.More, len(whole.Items), whole.More)
		return
	}
	for i, r := range got.Items {
		wantSettled(t, what+"'s "+string(r.RecordID()), r, crm.Keep(whole.Items[i], want))
	}
}

// wantFound reads records by id with some members.
func (k kind) wantFound(t tester, s crm.Store, known []crm.Record, want *crm.Members) {
	t.Helper()
	for what, read := range map[string]func() ([]crm.Record, error){
		"ByID":   func() ([]crm.Record, error) { return s.ByID(t.Context(), k.Kind, idsOf(known), want) },
		"Latest": func() ([]crm.Record, error) { return s.Latest(t.Context(), k.Kind, idsOf(known), want) },
	} {
		records, err := read()
		if err != nil {
			t.Fatalf("%s of %d ids: %v", what, len(known), err)
		}
		found := map[crm.ID]crm.Record{}
		for _, r := range records {
			found[r.RecordID()] = r
		}
		for _, r := range known {
			if found[r.RecordID()] == nil {
				t.Errorf("%s of %q leaves out %s", what, want.Paths(), r.RecordID())
				continue
			}
			wantSettled(t, what+"'s "+string(r.RecordID()), found[r.RecordID()], crm.Keep(r, want))
		}
	}
}

func otherMembers(t testing.TB, s crm.Store) {
	customerParents(t, s)
	teams := crm.MustMembers(crm.KindTeam, "name")
	ids := []crm.ID{customerID(1)}
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}, Members: teams}
	for what, read := range map[string]func() error{
		"ByID":   func() error { _, err := s.ByID(t.Context(), crm.KindCustomer, ids, teams); return err },
		"Latest": func() error { _, err := s.Latest(t.Context(), crm.KindCustomer, ids, teams); return err },
		"List":   func() error { _, err := s.List(t.Context(), crm.KindCustomer, q); return err },
		"ListBy": func() error {
			_, err := s.ListBy(t.Context(), crm.KindCustomer, []crm.Field{crm.FieldOrganization}, ids, q)
			return err
		},
	} {
		if err := read(); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%s of a customer with members of a team: %v", what, err)
		}
	}
}
