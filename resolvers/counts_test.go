package resolvers_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// TestMembersAreCountedForTheirOrganization selects totalCount where parents and
// members are of one type: each counts its own.
func TestMembersAreCountedForTheirOrganization(t *testing.T) {
	const query = `query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { members { totalCount
		nodes { members { totalCount } memberships { organization { members { totalCount } } } }
	} } } }`
	// member is a member of organizations with so many members.
	member := func(of ...string) string {
		list := make([]string, len(of))
		for i, n := range of {
			list[i] = `{"organization":{"members":{"totalCount":` + n + `}}}`
		}
		return `{"members":{"totalCount":0},"memberships":[` + strings.Join(list, ",") + `]}`
	}
	want := `{"data":{"nodes":[` +
		`{"members":{"totalCount":2,"nodes":[` + member("2", "1") + "," + member("2", "2") + `]}},` +
		`{"members":{"totalCount":2,"nodes":[` + member("2", "2") + "," + member("2") + `]}}]}}`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		ids := []crm.ID{fixture.ID(crm.KindCustomer, "kelm"), fixture.ID(crm.KindCustomer, "kelm-sued")}
		if diff := cmp.Diff(want, string(graph.ask(t, query, map[string]any{"ids": ids}))); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
	})
}

// TestCountsOfSeveralTypesAtOnePath counts lists that hang on objects of two
// types under one response name: a call for each type, however many objects.
func TestCountsOfSeveralTypesAtOnePath(t *testing.T) {
	const query = `query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { list: orders { totalCount } } ... on Ticket { list: articles { totalCount } } } }`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		var calls atomic.Int64
		graph := filled(t, backend, func(string) { calls.Add(1) })
		records := fixture.Records()
		count := func(n int) int64 {
			var ids []crm.ID
			for i := range n {
				ids = append(ids, records.Customers[i].ID, records.Tickets[i].ID)
			}
			before := calls.Load()
			if answer := string(graph.ask(t, query, map[string]any{"ids": ids})); strings.Contains(answer, `"errors"`) {
				t.Fatal(answer)
			}
			return calls.Load() - before
		}
		for range 20 {
			if one, five := count(1), count(5); one != 6 || five != 6 {
				t.Fatalf("calls for 1 and 5 of each = %d, %d; want 6", one, five)
			}
		}
	})
}

// TestACountOfManyNames asks for totalCount by several names, at the root and below
// other records: each list is counted once.
func TestACountOfManyNames(t *testing.T) {
	const names = "a: totalCount b: totalCount c: totalCount"
	for name, query := range map[string]string{
		"at the root":         "{ customers(filter: {kind: [PERSON]}) { %s } }",
		"below other records": "{ customers { nodes { tickets { %s } } } }",
	} {
		backends.Each(t, func(t *testing.T, backend backends.Backend) {
			var calls atomic.Int64
			graph := filled(t, backend, func(string) { calls.Add(1) })
			count := func(names string) (int64, string) {
				before := calls.Load()
				answer := string(graph.ask(t, strings.ReplaceAll(query, "%s", names), nil))
				return calls.Load() - before, answer
			}
			once, _ := count("a: totalCount")
			for range 20 {
				if got, answer := count(names); got != once || strings.Contains(answer, `"errors"`) {
					t.Fatalf("%s: %d calls for three names, %d for one\n%.300s", name, got, once, answer)
				}
			}
		})
	}
}
