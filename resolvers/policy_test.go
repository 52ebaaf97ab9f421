package resolvers_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/test/fixture"
)

// limitedTo is a partner with every scope and row limits.
func limitedTo(rows crm.RowLimits) *access.Principal {
	return &access.Principal{Kind: access.KindPartner, ID: "key:rows", Scopes: access.Scopes(), Rows: rows}
}

// TestPortalHome asks for the portal's first page as a customer of the demo: what
// comes is theirs, and all of it.
func TestPortalHome(t *testing.T) {
	t.Parallel()
	store := demoCopy(t, nil)
	graph := newGraphAt(demo.Now(), store, nil)
	var home struct {
		Data struct {
			Viewer struct {
				Customer struct {
					ID      crm.ID
					Orders  struct{ Nodes []struct{ ID crm.ID } }
					Tickets struct {
						Nodes []struct {
							Articles struct{ Nodes []struct{ ID crm.ID } }
						}
					}
					Recommendations struct{ Nodes []struct{ ID crm.ID } }
				}
			}
		}
		Errors []any
	}
	decode(t, graph.as(t, request{Query: journey(t, "portal/home.graphql")}, inPortal(demo.PortalCustomer())), &home)
	self := home.Data.Viewer.Customer
	if len(home.Errors) > 0 || self.ID != demo.PortalCustomer() {
		t.Fatalf("errors %v, customer %s", home.Errors, self.ID)
	}
	whose := func(ctx context.Context, ids []crm.ID) (accounts []crm.ID) {
		orders, err := crm.Of[crm.Order](store).ByID(ctx, ids, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			accounts = append(accounts, o.CustomerID)
		}
		return accounts
	}
	ids := make([]crm.ID, len(self.Orders.Nodes))
	for i, o := range self.Orders.Nodes {
		ids[i] = o.ID
	}
	accounts := whose(t.Context(), ids)
	if len(accounts) == 0 || slices.ContainsFunc(accounts, func(id crm.ID) bool { return id != self.ID }) {
		t.Errorf("orders of %v, want the customer's own", accounts)
	}
	articles := 0
	for _, x := range self.Tickets.Nodes {
		ids := make([]crm.ID, len(x.Articles.Nodes))
		for i, a := range x.Articles.Nodes {
			ids[i] = a.ID
		}
		found, err := crm.Of[crm.Article](store).ByID(t.Context(), ids, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range found {
			articles++
			if a.Visibility != crm.VisibilityPublic {
				t.Errorf("article %s is %s", a.ID, a.Visibility)
			}
		}
	}
	if articles == 0 || len(self.Recommendations.Nodes) == 0 {
		t.Errorf("%d articles and %d recommendations, want some", articles, len(self.Recommendations.Nodes))
	}
}

// TestForeignIsLikeUnknown asks for records by id as the portal's customer and as
// partners with row limits: one that may not be seen gives the bytes, and costs the
// calls, of one that is not there.
func TestForeignIsLikeUnknown(t *testing.T) {
	t.Parallel()
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		var calls atomic.Int64
		graph := filled(t, backend, func(string) { calls.Add(1) })
		set := fixture.Records()
		foreign := []crm.ID{set.Teams[0].ID, set.Employees[0].ID, set.PartnerApps[0].ID, set.NextBestActions[0].ID}
		for _, c := range set.Customers {
			foreign = append(foreign, c.ID)
		}
		for _, o := range set.Orders[:8] {
			foreign = append(foreign, o.ID)
		}
		for _, x := range set.Tickets {
			foreign = append(foreign, x.ID)
		}
		for _, a := range set.Articles {
			foreign = append(foreign, a.ID)
		}
		for _, i := range set.Interactions {
			foreign = append(foreign, i.ID)
		}
		for _, r := range set.Recommendations {
			foreign = append(foreign, r.ID)
		}
		none := func(id crm.ID) crm.ID {
			if source, _, ok := id.Source(); ok {
				return crm.DerivedID(id.Kind(), source, "made-up")
			}
			return crm.DerivedID(id.Kind(), "nowhere", "made-up")
		}
		for name, who := range map[string]*access.Principal{
			"portal":  inPortal(fixture.ID(crm.KindCustomer, "otto")),
			"source":  limitedTo(crm.RowLimits{Sources: []string{"shop-jp"}}),
			"regions": limitedTo(crm.RowLimits{Regions: []string{"JP"}}),
		} {
			look := func(id crm.ID) (string, int64) {
				before := calls.Load()
				variables, _ := json.Marshal(map[string]any{"id": id})
				body := graph.as(t, request{Query: journey(t, "probe/node.graphql"), Variables: variables}, who)
				return string(body), calls.Load() - before
			}
			denied := 0
			for _, id := range foreign {
				body, cost := look(id)
				if strings.Contains(body, string(id)) {
					continue // Theirs.
				}
				denied++
				wantBody, want := look(none(id))
				if body != wantBody || cost != want {
					t.Errorf("%s: %s gives %s for %d calls, an unknown id %s for %d", name, id, body, cost, wantBody, want)
				}
			}
			if denied < 20 {
				t.Errorf("%s: only %d of %d records are denied", name, denied, len(foreign))
			}
		}
	})
}

// TestPartnerRows asks as partners with row limits.
func TestPartnerRows(t *testing.T) {
	t.Parallel()
	graph, _ := onDemo(t, backends.Backends()[0], nil)
	known := map[string]any{"source": demo.Source, "externalId": "17850"}
	resolve, changed := journey(t, "partner/resolve.graphql"), journey(t, "partner/changed.graphql")
	own, other := limitedTo(crm.RowLimits{Sources: []string{demo.Source}}), limitedTo(crm.RowLimits{Sources: []string{"elsewhere"}})
	regions := limitedTo(crm.RowLimits{Regions: []string{"GB"}})

	if got := graph.asked(t, own, resolve, known); !strings.Contains(got.data, string(demo.ExampleCustomer())) || got.errors != nil {
		t.Errorf("a customer of the key's source: %+v", got)
	}
	if diff := cmp.Diff(`{"customerByIdentifier":null}`, graph.asked(t, other, resolve, known).data); diff != "" {
		t.Errorf("a customer of another source: %s", diff)
	}
	since := map[string]any{"since": "2011-12-01T00:00:00Z"}
	if got := graph.asked(t, own, changed, since); got.errors != nil || !strings.Contains(got.data, demo.Source) {
		t.Errorf("changes of the key's source: %.300s %v", got.data, got.errors)
	}
	if diff := cmp.Diff(`{"customers":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}}`, graph.asked(t, other, changed, since).data); diff != "" {
		t.Errorf("changes of another source: %s", diff)
	}
	for _, list := range []string{"customers", "orders", "tickets"} {
		got := graph.asked(t, regions, `{ `+list+`(first: 1) { totalCount } }`, nil)
		if diff := cmp.Diff([]string{"FORBIDDEN " + list}, got.errors); diff != "" {
			t.Errorf("%s by region: %s", list, diff)
		}
	}
	if got := graph.asked(t, regions, `{ search(text: "1") { nodes { __typename } } }`, nil); got.errors != nil || strings.Contains(got.data, "Customer") {
		t.Errorf("what a key may look through: %+v", got)
	}
	if got := graph.asked(t, regions, `{ search(text: "1", kinds: [TICKET]) { nodes { __typename } } }`, nil); len(got.errors) != 1 {
		t.Errorf("tickets by text for a key with regions: %+v, want FORBIDDEN", got)
	}
	count := `{ orders(first: 0, filter: {source: ["` + demo.Source + `"]}) { totalCount } }`
	if diff := cmp.Diff(`{"orders":{"totalCount":0}}`, graph.asked(t, other, count, nil).data); diff != "" {
		t.Errorf("orders of a source that is not the key's: %s", diff)
	}
	if got := graph.asked(t, own, count, nil); strings.Contains(got.data, `:0}`) || got.errors != nil {
		t.Errorf("orders of the key's source: %+v", got)
	}
}

// TestForeignCursors pages through a caller's own list with cursors of other
// callers' lists, and with cursors that stand at other callers' records.
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	graph := filled(t, backends.Backends()[0], nil)
	const page = `query($after: String) { viewer { customer { orders(first: 50, after: $after) { edges { cursor node { id } } } } } }`
	foreign := string(graph.ask(t, `query($id: ID!) { customer(id: $id) { orders(first: 1) { pageInfo { endCursor } } } }`,
		map[string]any{"id": fixture.ID(crm.KindCustomer, "ines")}))
	_, rest, ok := strings.Cut(foreign, `"endCursor":"`)
	cursor, _, _ := strings.Cut(rest, `"`)
	if !ok || cursor == "" {
		t.Fatalf("no cursor in %s", foreign)
	}
	got := graph.asked(t, zoe(), page, map[string]any{"after": cursor})
	if diff := cmp.Diff([]string{"INVALID viewer.customer.orders"}, got.errors); diff != "" {
		t.Errorf("a cursor of another's list: %s", diff)
	}
	all := graph.asked(t, zoe(), page, nil)
	if all.errors != nil || strings.Contains(all.data, "ord_webshop.2") || !strings.Contains(all.data, "ord_webshop.1001") {
		t.Errorf("one's own list: %+v", all)
	}
}

// TestViewer says who asks.
func TestViewer(t *testing.T) {
	t.Parallel()
	graph := filled(t, backends.Backends()[0], nil)
	set := fixture.Records()
	employed, app := staffOf(access.RoleSupport), partnerOf(access.ScopeOrders)
	employed.Actor, app.Actor = set.Employees[0].ID, set.PartnerApps[0].ID
	for _, test := range []struct {
		name string
		who  *access.Principal
		want string
	}{
		{"local", access.Local(), `{"viewer":{"actor":{"__typename":"System"},"customer":null}}`},
		{"staff", employed, `{"viewer":{"actor":{"__typename":"Employee"},"customer":null}}`},
		{"staff without a record", staffOf(access.RoleSupport), `{"viewer":{"actor":null,"customer":null}}`},
		{"partner", app, `{"viewer":{"actor":{"__typename":"PartnerApp"},"customer":null}}`},
		{"partner without a record", partnerOf(access.ScopeOrders), `{"viewer":{"actor":null,"customer":null}}`},
		{"customer", zoe(), `{"viewer":{"actor":{"__typename":"Customer"},"customer":{"__typename":"Customer"}}}`},
		{"blocked customer", inPortal(fixture.ID(crm.KindCustomer, "rex")), `{"viewer":{"actor":null,"customer":null}}`},
		{"no such customer", inPortal("cus_00000000000000000000000000"), `{"viewer":{"actor":null,"customer":null}}`},
	} {
		got := graph.asked(t, test.who, `{ viewer { actor { __typename } customer { __typename } } }`, nil)
		if diff := cmp.Diff(test.want, got.data); diff != "" || got.errors != nil {
			t.Errorf("%s: %s %v", test.name, diff, got.errors)
		}
	}
	if got := graph.asked(t, nil, `{ viewer { actor { __typename } } customers { totalCount } }`, nil); !strings.Contains(strings.Join(got.errors, " "), "UNAUTHENTICATED") {
		t.Errorf("nobody: %+v", got)
	}
}

// TestCallsOfThePortal counts the store's calls of the portal's first page for
// customers with much and with little: few.
func TestCallsOfThePortal(t *testing.T) {
	t.Parallel()
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		var calls atomic.Int64
		graph, _ := onDemo(t, backend, func(string) { calls.Add(1) })
		home := func(who crm.ID) int64 {
			before := calls.Load()
			if got := graph.asked(t, inPortal(who), journey(t, "portal/home.graphql"), nil); got.errors != nil {
				t.Errorf("%s: %v", who, got.errors)
			}
			return calls.Load() - before
		}
		if one, other := home(demo.PortalCustomer()), home(demo.ExampleCustomer()); one > 10 || other > 10 {
			t.Errorf("%d and %d calls, want few", one, other)
		} else {
			t.Logf("%d and %d calls", one, other)
		}
	})
}
