package resolvers_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/internal/test/race"
)

// journey returns one of the documents that callers ask.
func journey(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../internal/test/schema/testdata/journeys/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// selection360 is what the customer-360 journey selects of a customer.
func selection360(t testing.TB) string {
	t.Helper()
	_, rest, ok := strings.Cut(journey(t, "dashboard/customer-360.graphql"), "customer(id: $id)")
	if !ok {
		t.Fatal("the journey does not ask for customer(id: $id)")
	}
	return strings.TrimSuffix(strings.TrimSpace(rest), "}")
}

// shape is a way to reach the same selection of n customers.
type shape struct {
	name, query string
}

func shapes(t testing.TB) []shape {
	t.Helper()
	select360 := selection360(t)
	const header = "query Q($n: Int, $ids: [ID!]!, $orders: Int = 5, $after: String) "
	keep := " kept: nodes(ids: $ids) { id } " // So that every shape uses every variable.
	return []shape{
		{"nodes", header + "{" + keep + "customers(first: $n) { nodes " + select360 + " } }"},
		{"edges", header + "{" + keep + "customers(first: $n) { edges { node " + select360 + " } } }"},
		{"ids", header + "{ customers(first: $n) { nodes { id } } nodes(ids: $ids) { ... on Customer " + select360 + " } }"},
		{"single object in between", header + "{ customers(first: $n) { nodes { id } } nodes(ids: $ids) { ... on Customer { recommendations(first: 1) { edges { node { customer " + select360 + " } } } } } }"},
		{"nested lists", `query Q($n: Int, $ids: [ID!]!) { nodes(ids: $ids) { id } customers(first: $n) { nodes {
			orders(first: 3) { edges { node { lines { product { id } } shipments { lines { line { product { id } } } } events { order { id } } } } }
			tickets { edges { node { articles { nodes { author { __typename } } } requester { owner { team { id } } } subjects { order { lines { product { id } } } } } } }
		} } }`},
		{"notes and needs", `query Q($n: Int, $ids: [ID!]!) { nodes(ids: $ids) { id } customers(first: $n) { nodes {
			notes(first: 3) { totalCount nodes { author { __typename } customer { id } } }
			needs(first: 3) { totalCount nodes { product { id } customer { id } } }
			orders(first: 3) { nodes { notes(first: 2) { totalCount nodes { text } } } }
		} } }`},
		{"lines of the timeline", `query Q($n: Int, $ids: [ID!]!) { nodes(ids: $ids) { id } customers(first: $n) { nodes {
			timeline(first: 10) { totalCount edges { node { ... on OrderEvent { order { lines { product { id } } customer { id } } } ... on TicketEvent { ticket { assignee { id } } } ... on Interaction { participants { actor { __typename } } } } } }
		} } }`},
	}
}

// small reaches several levels under edges without selecting much.
var small = shape{"small", `query Q($n: Int, $ids: [ID!]!) { nodes(ids: $ids) { id } customers(first: $n) { edges { node {
	owner { team { id } }
	orders(first: 2) { totalCount edges { node { lines { product { id } } } } }
	timeline(first: 3) { edges { node { ... on OrderEvent { order { id } } ... on TicketEvent { ticket { assignee { id } } } } } }
} } } }`}

// ported is a store that counts the calls of its port, and which of them are for lists
// that hang on records.
type ported struct {
	crm.Store
	calls, lists atomic.Int64
}

func (p *ported) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	p.calls.Add(1)
	return p.Store.ByID(ctx, kind, ids, want)
}

func (p *ported) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	p.calls.Add(1)
	return p.Store.List(ctx, kind, q)
}

func (p *ported) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	p.calls.Add(1)
	return p.Store.Count(ctx, kind, where)
}

func (p *ported) ListBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.RecordPage, error) {
	p.calls.Add(1)
	p.lists.Add(1)
	return p.Store.ListBy(ctx, kind, fields, ids, q)
}

func (p *ported) CountBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	p.calls.Add(1)
	return p.Store.CountBy(ctx, kind, fields, ids, where)
}

func (p *ported) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	p.calls.Add(1)
	return p.Store.Facts(ctx, ids)
}

// TestCallsDoNotGrow counts the calls of the store for 1, 10 and 50 customers: always the
// same number, whatever lies between the customers and a field. Each is one statement or
// command; on MongoDB a list that hangs on records may take a second one, for those whose
// records the first did not come to.
func TestCallsDoNotGrow(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		var sent atomic.Int64
		_, store := onDemo(t, backend, func(string) { sent.Add(1) })
		port := &ported{Store: store}
		graph := newGraph(port)
		count := func(t *testing.T, s shape, n int) int64 {
			t.Helper()
			ids := front(t, graph, n)
			calls, lists, before := port.calls.Load(), port.lists.Load(), sent.Load()
			answer := string(graph.ask(t, s.query, map[string]any{"n": n, "ids": ids}))
			if strings.Contains(answer, `"errors"`) {
				t.Fatalf("%.500s", answer)
			}
			calls, lists, commands := port.calls.Load()-calls, port.lists.Load()-lists, sent.Load()-before
			if second := commands - calls; second < 0 || second > lists || second > 0 && backend.Name != "mongodb" {
				t.Errorf("%d customers: %d statements or commands for %d calls, %d of them for lists that hang on records", n, commands, calls, lists)
			}
			return calls
		}
		for _, s := range shapes(t) {
			t.Run(s.name, func(t *testing.T) {
				one, ten, fifty := count(t, s, 1), count(t, s, 10), count(t, s, 50)
				if one != ten || ten != fifty {
					t.Errorf("calls for 1, 10 and 50 = %d, %d, %d; want the same", one, ten, fifty)
				}
				t.Logf("%d calls", fifty)
			})
		}
		t.Run("always the same", func(t *testing.T) {
			want := count(t, small, 10)
			for run := range race.Fewer(100, 20) {
				if got := count(t, small, 10); got != want {
					t.Fatalf("run %d: %d calls, want %d", run, got, want)
				}
			}
		})
	})
}

// TestCallsOfChangesDoNotGrow counts the store's calls for pages of 2, 10 and 50 changes of
// two kinds, and what hangs on their records.
func TestCallsOfChangesDoNotGrow(t *testing.T) {
	const query = `query Q($after: String, $n: Int) { changes(after: $after, first: $n) { changes { recordId record {
		... on Customer { owner { team { id } } notes(first: 2) { totalCount nodes { author { __typename } } } }
		... on Note { customer { displayName owner { name } } }
	} } } }`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		var calls atomic.Int64
		store := backend.Open(t, func(string) { calls.Add(1) })
		knownCursors(t, store)
		team := &crm.Team{ID: crm.DerivedID(crm.KindTeam, "feed", "1"), Name: "Team", CreatedAt: fixture.Now, UpdatedAt: fixture.Now}
		owner := &crm.Employee{ID: crm.DerivedID(crm.KindEmployee, "feed", "1"), Name: "Owner", TeamID: team.ID, CreatedAt: fixture.Now, UpdatedAt: fixture.Now}
		graph := newGraph(store)
		commit(t, store, asNew(team), asNew(owner))
		begin := follow(t, graph).cursor
		var both []crm.Change
		for n := range 25 {
			customer, note := someone(n, 1), pinned(n, "of a customer")
			customer.OwnerID, note.AuthorRef.ID = owner.ID, owner.ID
			both = append(both, asNew(customer), asNew(note))
		}
		if outcomes, err := store.Commit(t.Context(), []crm.Changes{crm.Put(both...)}); err != nil || outcomes[0] != nil {
			t.Fatal(err, outcomes)
		}
		follow(t, graph) // What waits for a number has one.
		count := func(n int) int64 {
			before := calls.Load()
			answer := string(graph.ask(t, query, map[string]any{"after": begin, "n": n}))
			if strings.Contains(answer, `"errors"`) || strings.Count(answer, `"recordId"`) != n {
				t.Fatalf("%d changes: %.500s", n, answer)
			}
			return calls.Load() - before
		}
		if two, ten, fifty := count(2), count(10), count(50); two != ten || ten != fifty {
			t.Errorf("calls for 2, 10 and 50 = %d, %d, %d; want the same", two, ten, fifty)
		}
	})
}

// front returns the ids of the first n customers; asking for them costs a call
// that is counted alike for every n.
func front(t testing.TB, graph *graphOn, n int) []string {
	t.Helper()
	var answer struct {
		Data struct {
			Customers struct{ Nodes []struct{ ID string } }
		}
	}
	decode(t, graph.ask(t, "query Q($n: Int) { customers(first: $n) { nodes { id } } }", map[string]any{"n": n}), &answer)
	ids := make([]string, len(answer.Data.Customers.Nodes))
	for i, node := range answer.Data.Customers.Nodes {
		ids[i] = node.ID
	}
	if len(ids) != n {
		t.Fatal(fmt.Errorf("%d customers, want %d", len(ids), n))
	}
	return ids
}

// TestTimelineLoadsWhatIsSelected: records that are timeline entries are loaded for
// kinds of which more is selected than every entry has, whatever the fields are called.
func TestTimelineLoadsWhatIsSelected(t *testing.T) {
	var calls atomic.Int64
	graph, _ := onDemo(t, backends.Backend{Name: "sqlite", Open: backends.SQLite}, func(string) { calls.Add(1) })
	count := func(selection string) int64 {
		before := calls.Load()
		answer := string(graph.ask(t, "{ customers(first: 5) { nodes { timeline(first: 30) "+selection+" } } }", nil))
		if strings.Contains(answer, `"errors"`) || !strings.Contains(answer, "INTERACTION") || !strings.Contains(answer, "NEED") {
			t.Fatalf("%.500s", answer)
		}
		return calls.Load() - before
	}
	bare := count("{ nodes { __typename id kind occurredAt } }")
	for _, test := range []struct {
		selection string
		more      int64
	}{
		{"{ edges { cursor node { kind ... on Interaction { id occurredAt } ... on Need { kind } } } }", 0},
		{"{ nodes { kind ... on OrderEvent { id } ... on ProfileChange { fields } } }", 0},
		{"{ nodes { kind ... on Interaction { channel } } }", 1},
		{"{ e: edges { n: node { kind ... on Need { s: statement } ... on Interaction { summary } } } }", 2},
		{"{ nodes { kind ... on Interaction @skip(if: true) { channel } } edges { node { ... on Node { ... on Need { status } } } } }", 1},
	} {
		if got := count(test.selection) - bare; got != test.more {
			t.Errorf("%s: %d calls more, want %d", test.selection, got, test.more)
		}
	}
}
