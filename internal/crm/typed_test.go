package crm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// call is what a store was asked.
type call struct {
	Method string
	Kind   crm.Kind
	Fields []crm.Field
	IDs    []crm.ID
	Want   []string // paths
	Where  []crm.Predicate
	Query  crm.Query
}

// shelf is a store that has a page of records, a number and an error for everyone,
// and remembers what it was asked.
type shelf struct {
	crm.Store // what the tests never call
	records   []crm.Record
	err       error
	asked     call
	committed []crm.Changes
}

func (s *shelf) page() crm.RecordPage { return crm.RecordPage{Items: s.records, More: true} }

func (s *shelf) ByID(_ context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	s.asked = call{Method: "ByID", Kind: kind, IDs: ids, Want: want.Paths()}
	return s.records, s.err
}

func (s *shelf) List(_ context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	s.asked = call{Method: "List", Kind: kind, Query: q}
	return s.page(), s.err
}

func (s *shelf) Count(_ context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	s.asked = call{Method: "Count", Kind: kind, Where: where}
	return len(s.records), s.err
}

func (s *shelf) ListBy(
	_ context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	s.asked = call{Method: "ListBy", Kind: kind, Fields: fields, IDs: ids, Query: q}
	return map[crm.ID]crm.RecordPage{"one": s.page(), "none": {}}, s.err
}

func (s *shelf) CountBy(
	_ context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	s.asked = call{Method: "CountBy", Kind: kind, Fields: fields, IDs: ids, Where: where}
	return map[crm.ID]int{"one": len(s.records)}, s.err
}

func (s *shelf) Commit(_ context.Context, changes []crm.Changes) ([]error, error) {
	s.committed = changes
	return make([]error, len(changes)), s.err
}

// question is one that every method is asked, as far as it takes it.
func question() call {
	return call{
		Fields: []crm.Field{crm.FieldName}, IDs: []crm.ID{"one"},
		Where: []crm.Predicate{{Field: crm.FieldName, In: []string{"a"}}},
		Query: crm.Query{Sort: crm.Sort{Field: crm.FieldName, Desc: true}, Page: crm.PageRequest{Limit: 3}},
	}
}

// reads asks a question of each method and returns the answers as they came.
func reads(t *testing.T, from crm.Reader[crm.Team]) map[string]func() (any, error) {
	t.Helper()
	q := question()
	return map[string]func() (any, error){
		"ByID":    func() (any, error) { return from.ByID(t.Context(), q.IDs, teamName()) },
		"List":    func() (any, error) { return from.List(t.Context(), q.Query) },
		"Count":   func() (any, error) { return from.Count(t.Context(), q.Where) },
		"ListBy":  func() (any, error) { return from.ListBy(t.Context(), q.Fields, q.IDs, q.Query) },
		"CountBy": func() (any, error) { return from.CountBy(t.Context(), q.Fields, q.IDs, q.Where) },
	}
}

func TestTypedReads(t *testing.T) {
	a, b := &crm.Team{ID: "a"}, &crm.Team{ID: "b"}
	q := question()
	page := crm.Page[crm.Team]{Items: []*crm.Team{b, a}, More: true}
	for _, test := range []struct {
		asked  call
		answer any
	}{
		{call{Method: "ByID", IDs: q.IDs, Want: teamName().Paths()}, map[crm.ID]*crm.Team{"a": a, "b": b}},
		{call{Method: "List", Query: q.Query}, page},
		{call{Method: "Count", Where: q.Where}, 2},
		// A page without a list stays one without: with limit 0 there is none to make.
		{
			call{Method: "ListBy", Fields: q.Fields, IDs: q.IDs, Query: q.Query},
			map[crm.ID]crm.Page[crm.Team]{"one": page, "none": {}},
		},
		{call{Method: "CountBy", Fields: q.Fields, IDs: q.IDs, Where: q.Where}, map[crm.ID]int{"one": 2}},
	} {
		test.asked.Kind = crm.KindTeam
		for how, from := range map[string]func(crm.Store) crm.Reader[crm.Team]{
			"Of":   func(s crm.Store) crm.Reader[crm.Team] { return crm.Of[crm.Team](s) },
			"Read": func(s crm.Store) crm.Reader[crm.Team] { return crm.Read[crm.Team](s) },
		} {
			t.Run(test.asked.Method+"/"+how, func(t *testing.T) {
				s := &shelf{records: []crm.Record{b, a}}
				answer, err := reads(t, from(s))[test.asked.Method]()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.answer, answer); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.asked, s.asked); diff != "" {
					t.Errorf("the store was asked (-want +got):\n%s", diff)
				}
				s.err = errors.New("the store is gone")
				if _, err := reads(t, from(s))[test.asked.Method](); !errors.Is(err, s.err) {
					t.Errorf("error %v, want the store's", err)
				}
			})
		}
	}
}

// TestTypedWrite: each record is a Changes of its own, with what it expects.
func TestTypedWrite(t *testing.T) {
	s := &shelf{}
	a, b := &crm.Team{ID: "a"}, &crm.Team{ID: "b"}
	outcomes, err := crm.Of[crm.Team](s).Write(t.Context(), []crm.Write[crm.Team]{{Record: a}, {Record: b, Expect: 4}})
	if err != nil || len(outcomes) != 2 {
		t.Fatalf("%d outcomes, error %v; want 2 and none", len(outcomes), err)
	}
	want := []crm.Changes{crm.Put(crm.Change{Record: a}), crm.Put(crm.Change{Record: b, Expect: 4})}
	if diff := cmp.Diff(want, s.committed); diff != "" {
		t.Errorf("committed (-want +got):\n%s", diff)
	}
	// The lists of two Changes share memory; adding to one must not write into the other.
	_ = append(s.committed[0].Records, crm.Change{Remove: "c"})
	if diff := cmp.Diff(want, s.committed); diff != "" {
		t.Errorf("after one Changes was added to (-want +got):\n%s", diff)
	}
}

// TestUntyped: what was given a type and loses it again is as it was before.
func TestUntyped(t *testing.T) {
	s := &shelf{records: []crm.Record{&crm.Team{ID: "b"}, &crm.Team{ID: "a"}}}
	q := question()
	back := crm.Untyped[crm.Team](crm.Read[crm.Team](s))
	for _, test := range []struct {
		method   string
		ask, raw func() (any, error)
	}{
		{
			"List",
			func() (any, error) { return back.List(t.Context(), q.Query) },
			func() (any, error) { return s.List(t.Context(), crm.KindTeam, q.Query) },
		},
		{
			"Count",
			func() (any, error) { return back.Count(t.Context(), q.Where) },
			func() (any, error) { return s.Count(t.Context(), crm.KindTeam, q.Where) },
		},
		{
			"ListBy",
			func() (any, error) { return back.ListBy(t.Context(), q.Fields, q.IDs, q.Query) },
			func() (any, error) {
				return s.ListBy(t.Context(), crm.KindTeam, q.Fields, q.IDs, q.Query)
			},
		},
		{
			"CountBy",
			func() (any, error) { return back.CountBy(t.Context(), q.Fields, q.IDs, q.Where) },
			func() (any, error) {
				return s.CountBy(t.Context(), crm.KindTeam, q.Fields, q.IDs, q.Where)
			},
		},
	} {
		t.Run(test.method, func(t *testing.T) {
			answer, err := test.ask()
			if err != nil {
				t.Fatal(err)
			}
			want, _ := test.raw()
			if diff := cmp.Diff(want, answer); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("ByID", func(t *testing.T) { // Whose answer is in no particular order.
		list, err := back.ByID(t.Context(), q.IDs, nil)
		if err != nil {
			t.Fatal(err)
		}
		found := map[crm.ID]crm.Record{}
		for _, r := range list {
			found[r.RecordID()] = r
		}
		if diff := cmp.Diff(map[crm.ID]crm.Record{"a": s.records[1], "b": s.records[0]}, found); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

func teamName() *crm.Members { return crm.MustMembers(crm.KindTeam, "name") }
