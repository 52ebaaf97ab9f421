package resolvers_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// connection is a page of orders, as a caller reads it.
type connection struct {
	Edges []struct {
		Cursor string
		Node   struct{ ID string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       string
	}
}

const pageOfOrders = `query Q($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
	customer(id: $id) { orders(first: $first, after: $after, last: $last, before: $before) {
		edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
	} }
}`

func (g *graphOn) orders(t testing.TB, id crm.ID, paging map[string]any) connection {
	t.Helper()
	var answer struct {
		Errors []any
		Data   struct{ Customer struct{ Orders connection } }
	}
	paging["id"] = id
	decode(t, g.ask(t, pageOfOrders, paging), &answer)
	if answer.Errors != nil {
		t.Fatal(answer.Errors)
	}
	return answer.Data.Customer.Orders
}

func (c connection) ids() []string {
	ids := make([]string, len(c.Edges))
	for i, e := range c.Edges {
		ids[i] = e.Node.ID
	}
	return ids
}

// TestPagingHasNoGapAndNoRepeat walks through a customer's twenty-four orders of
// one day, six at a time with the same time, in pages of any size, forward and
// back, turning round anywhere: always the flat, sorted list.
func TestPagingHasNoGapAndNoRepeat(t *testing.T) {
	ines := fixture.ID(crm.KindCustomer, "ines")
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		flat := flatOrders(ines)
		if diff := cmp.Diff(flat, graph.orders(t, ines, map[string]any{"first": 100}).ids()); diff != "" {
			t.Fatalf("flat list (-want +got):\n%s", diff)
		}
		rapid.Check(t, func(rt *rapid.T) {
			size := rapid.IntRange(1, 30)
			var forward []string
			cursors := []string{}
			for after, more := any(nil), true; more; {
				p := graph.orders(t, ines, map[string]any{"first": size.Draw(rt, "first"), "after": after})
				forward = append(forward, p.ids()...)
				for _, e := range p.Edges {
					cursors = append(cursors, e.Cursor)
				}
				after, more = p.PageInfo.EndCursor, p.PageInfo.HasNextPage
			}
			if diff := cmp.Diff(flat, forward); diff != "" {
				rt.Fatalf("forward (-want +got):\n%s", diff)
			}
			from := rapid.IntRange(0, len(flat)-1).Draw(rt, "turn")
			var back []string
			for before, more := any(cursors[from]), true; more; {
				p := graph.orders(t, ines, map[string]any{"last": size.Draw(rt, "last"), "before": before})
				back = append(slices.Clone(p.ids()), back...)
				before, more = p.PageInfo.StartCursor, p.PageInfo.HasPreviousPage
			}
			if diff := cmp.Diff(flat[:from], back, cmpEmpty); diff != "" {
				rt.Fatalf("back from %d (-want +got):\n%s", from, diff)
			}
		})
	})
}

// cmpEmpty takes nil and empty lists for the same.
var cmpEmpty = cmp.Transformer("empty", func(list []string) []string { return append([]string{}, list...) })

// flatOrders sorts a customer's orders as the graph must: newest first, ties by
// id, the greater first.
func flatOrders(customer crm.ID) []string {
	var mine []*crm.Order
	for _, o := range fixture.Records().Orders {
		if o.CustomerID == customer || o.OrganizationID == customer {
			mine = append(mine, o)
		}
	}
	slices.SortFunc(mine, func(a, b *crm.Order) int {
		if c := b.PlacedAt.Compare(a.PlacedAt); c != 0 {
			return c
		}
		if a.ID > b.ID {
			return -1
		}
		return 1
	})
	ids := make([]string, len(mine))
	for i, o := range mine {
		ids[i] = string(o.ID)
	}
	return ids
}

// TestCursorsBelongToTheirList returns one customer's cursor to the lists of two:
// its own answers, the other says what is wrong and the rest is there.
func TestCursorsBelongToTheirList(t *testing.T) {
	ines, zoe := fixture.ID(crm.KindCustomer, "ines"), fixture.ID(crm.KindCustomer, "zoe")
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		cursor := graph.orders(t, ines, map[string]any{"first": 1}).PageInfo.EndCursor
		answer := graph.ask(t, `query Q($ids: [ID!]!, $after: String) { nodes(ids: $ids) { id ... on Customer { orders(first: 1, after: $after) { nodes { id } } } } }`,
			map[string]any{"ids": []crm.ID{zoe, ines}, "after": cursor})
		var got struct {
			Errors []struct {
				Path       []any
				Extensions struct{ Code string }
			}
			Data struct {
				Nodes []struct {
					ID     crm.ID
					Orders *struct{ Nodes []struct{ ID string } }
				}
			}
		}
		decode(t, answer, &got)
		if len(got.Errors) != 1 || got.Errors[0].Extensions.Code != "INVALID" || cmp.Diff([]any{"nodes", 0.0, "orders"}, got.Errors[0].Path) != "" {
			t.Errorf("errors = %+v; want INVALID at the other customer's orders alone", got.Errors)
		}
		if nodes := got.Data.Nodes; len(nodes) != 2 || nodes[0].Orders != nil || nodes[1].Orders == nil || nodes[1].Orders.Nodes[0].ID != flatOrders(ines)[1] {
			t.Errorf("answer = %s; want the next order of the cursor's own customer", answer)
		}
	})
}

// TestSearchPagesBothWays walks through what a search finds in several kinds, in pages of
// any size, forward and back, turning round anywhere: always the same list.
func TestSearchPagesBothWays(t *testing.T) {
	const query = `query Q($first: Int, $after: String, $last: Int, $before: String) {
		search(text: "m", first: $first, after: $after, last: $last, before: $before) {
			edges { cursor node { ... on Node { id } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
		}
	}`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		ask := func(paging map[string]any) connection {
			var answer struct {
				Errors []any
				Data   struct{ Search connection }
			}
			decode(t, graph.ask(t, query, paging), &answer)
			if answer.Errors != nil {
				t.Fatal(answer.Errors)
			}
			return answer.Data.Search
		}
		flat := ask(map[string]any{"first": 100})
		kinds := map[crm.Kind]bool{}
		for _, id := range flat.ids() {
			kinds[crm.ID(id).Kind()] = true
		}
		if len(kinds) < 3 || len(flat.Edges) < 8 || flat.PageInfo.HasNextPage {
			t.Fatalf("the search must find a page of several kinds: %v", flat.ids())
		}
		if diff := cmp.Diff(flat.ids(), ask(map[string]any{"last": 100}).ids()); diff != "" {
			t.Fatalf("all from the end (-want +got):\n%s", diff)
		}
		rapid.Check(t, func(rt *rapid.T) {
			size := rapid.IntRange(1, 9)
			var forward []string
			for after, more := any(nil), true; more; {
				p := ask(map[string]any{"first": size.Draw(rt, "first"), "after": after})
				forward = append(forward, p.ids()...)
				after, more = p.PageInfo.EndCursor, p.PageInfo.HasNextPage
			}
			if diff := cmp.Diff(flat.ids(), forward); diff != "" {
				rt.Fatalf("forward (-want +got):\n%s", diff)
			}
			from := rapid.IntRange(0, len(flat.Edges)-1).Draw(rt, "turn")
			to := rapid.IntRange(0, from).Draw(rt, "as far as")
			var back []string
			for before, more := any(flat.Edges[from].Cursor), true; more; {
				paging := map[string]any{"last": size.Draw(rt, "last"), "before": before}
				if to > 0 {
					paging["after"] = flat.Edges[to-1].Cursor
				}
				p := ask(paging)
				back = append(slices.Clone(p.ids()), back...)
				before, more = p.PageInfo.StartCursor, p.PageInfo.HasPreviousPage
			}
			if diff := cmp.Diff(flat.ids()[to:from], back, cmpEmpty); diff != "" {
				rt.Fatalf("back from %d to %d (-want +got):\n%s", from, to, diff)
			}
		})
	})
}
