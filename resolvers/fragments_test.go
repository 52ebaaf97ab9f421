package resolvers_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// TestFragmentsKeepTheirArguments returns one response name to a field with
// different arguments in fragments on different types, which GraphQL permits
// since no object is of both: each answers what it was asked.
func TestFragmentsKeepTheirArguments(t *testing.T) {
	const query = `query Q($ids: [ID!]!) { nodes(ids: $ids) {
		... on Order { of: customer { list: orders(first: 1) { nodes { number } ...Count } } }
		... on Ticket { of: customer { list: orders(first: 2, filter: {status: [CANCELED]}) { nodes { number } ...Count } } }
		... on Interaction { of: customer { list: tickets(first: 1) { totalCount } } }
	} }
	fragment Count on OrderConnection { totalCount }`
	zoe, records := fixture.ID(crm.KindCustomer, "zoe"), fixture.Records()
	ids := []crm.ID{
		records.Orders[slices.IndexFunc(records.Orders, func(o *crm.Order) bool { return o.CustomerID == zoe })].ID,
		records.Tickets[slices.IndexFunc(records.Tickets, func(k *crm.Ticket) bool { return k.CustomerID == zoe })].ID,
		records.Interactions[slices.IndexFunc(records.Interactions, func(i *crm.Interaction) bool { return i.CustomerID == zoe })].ID,
	}
	const want = `{"data":{"nodes":[` +
		`{"of":{"list":{"nodes":[{"number":"#1002"}],"totalCount":3}}},` +
		`{"of":{"list":{"nodes":[{"number":"#1003"}],"totalCount":1}}},` +
		`{"of":{"list":{"totalCount":2}}}]}}`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		for range 20 {
			got := string(graph.ask(t, query, map[string]any{"ids": ids}))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("answer (-want +got):\n%s", diff)
			}
		}
	})
}
