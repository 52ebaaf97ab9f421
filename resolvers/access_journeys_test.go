package resolvers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/demo"
)

// TestJourneysForTheirCallers asks what callers ask as those who ask it: nothing
// is denied or masked. An analyst gets the whole of a customer, masked, but for
// what is written in tickets.
func TestJourneysForTheirCallers(t *testing.T) {
	t.Parallel()
	graph, _ := onDemo(t, backends.Backends()[0], nil)
	example := map[string]any{"id": string(demo.ExampleCustomer())}
	masked := []string{
		"Customer.addresses", "Customer.displayName", "Customer.emails", "Customer.phones",
		"ExternalIdentity.externalId", "Interaction.summary", "Ticket.subject",
	}
	for _, test := range []struct {
		name      string
		who       *access.Principal
		variables map[string]any
		masked    []string
		// denied are the ends of the paths that are.
		denied []string
	}{
		{name: "dashboard/customer-360.graphql", who: staffOf(access.RoleSupport), variables: example},
		{name: "dashboard/customers.graphql", who: staffOf(access.RoleSupport), variables: map[string]any{"first": 5}},
		{name: "dashboard/search.graphql", who: staffOf(access.RoleSupport), variables: map[string]any{"text": "17850"}},
		{name: "partner/changed.graphql", who: partnerOf(access.Scopes()...), variables: map[string]any{"since": "2011-12-01T00:00:00Z"}},
		{name: "partner/resolve.graphql", who: partnerOf(access.Scopes()...), variables: map[string]any{"source": demo.Source, "externalId": "17850"}},
		{name: "portal/home.graphql", who: inPortal(demo.ExampleCustomer())},
		{name: "probe/node.graphql", who: inPortal(demo.ExampleCustomer()), variables: example},
		{name: "dashboard/customer-360.graphql", who: staffOf(access.RoleAnalyst), variables: example, masked: masked, denied: []string{"articles"}},
		{name: "dashboard/customers.graphql", who: staffOf(access.RoleAnalyst), masked: []string{"Customer.displayName", "Customer.emails"}},
		{name: "dashboard/search.graphql", who: staffOf(access.RoleAnalyst), variables: map[string]any{"text": "17850"}, denied: []string{"search"}},
	} {
		got := graph.asked(t, test.who, journey(t, test.name), test.variables)
		if len(test.denied) == 0 && !strings.Contains(got.data, `"`+string(demo.ExampleCustomer())+`"`) && !strings.Contains(test.name, "change") && !strings.Contains(test.name, "customers") {
			t.Errorf("%s for %s: %.300s", test.name, test.who.Class(), got.data)
		}
		if diff := cmp.Diff(test.masked, got.masked); diff != "" {
			t.Errorf("%s for %s: masked (-want +got):\n%s", test.name, test.who.Class(), diff)
		}
		for _, e := range got.errors {
			if !slices.ContainsFunc(test.denied, func(end string) bool { return strings.HasPrefix(e, "FORBIDDEN ") && strings.HasSuffix(e, end) }) {
				t.Errorf("%s for %s: %s", test.name, test.who.Class(), e)
			}
		}
		if len(got.errors) == 0 && len(test.denied) > 0 {
			t.Errorf("%s for %s: nothing is denied", test.name, test.who.Class())
		}
	}
}
