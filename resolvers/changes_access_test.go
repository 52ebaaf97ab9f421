package resolvers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// TestWhoFollowsChanges asks as everybody, for every kind and for some, which the
// document names or a variable.
func TestWhoFollowsChanges(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		gone := fixture.Records().Notes[0]
		commit(t, graph.store, asGone(gone))
		partner := func(rows crm.RowLimits, scopes ...access.Scope) *access.Principal {
			return &access.Principal{Kind: access.KindPartner, ID: "key:test", Scopes: scopes, Rows: rows}
		}
		staff := func(roles ...access.Role) *access.Principal {
			return &access.Principal{Kind: access.KindStaff, ID: "staff:test", Roles: roles}
		}
		const yes, no = "", "FORBIDDEN"
		for _, test := range []struct {
			name  string
			who   *access.Principal
			kinds []string // nil is all
			code  string
			told  []string // the kinds told of
		}{
			{"staff", access.Local(), nil, yes, []string{"ARTICLE", "CUSTOMER", "EMPLOYEE", "INTERACTION", "NEED", "NEXT_BEST_ACTION", "NOTE", "ORDER", "PARTNER_APP", "PRODUCT", "RECOMMENDATION", "TEAM", "TICKET"}},
			{"an analyst", staff(access.RoleAnalyst), nil, yes, []string{"CUSTOMER", "EMPLOYEE", "INTERACTION", "NEED", "NEXT_BEST_ACTION", "NOTE", "ORDER", "PARTNER_APP", "PRODUCT", "RECOMMENDATION", "TEAM", "TICKET"}},
			{"an analyst, articles", staff(access.RoleAnalyst), []string{"ARTICLE"}, no, nil},
			{"a partner with every scope", partner(crm.RowLimits{}, access.Scopes()...), nil, yes, []string{"CUSTOMER", "INTERACTION", "ORDER", "PRODUCT", "TICKET"}},
			{"a partner of orders", partner(crm.RowLimits{}, access.ScopeOrders), nil, yes, []string{"ORDER"}},
			{"a partner of orders, customers", partner(crm.RowLimits{}, access.ScopeOrders), []string{"CUSTOMER"}, no, nil},
			{"a partner of orders, both", partner(crm.RowLimits{}, access.ScopeOrders), []string{"CUSTOMER", "ORDER"}, no, nil},
			{"a partner of recommendations", partner(crm.RowLimits{}, access.ScopeRecommendations), nil, no, nil},
			{"a partner, articles", partner(crm.RowLimits{}, access.Scopes()...), []string{"ARTICLE"}, no, nil},
			{"a partner, notes", partner(crm.RowLimits{}, access.Scopes()...), []string{"NOTE"}, no, nil},
			{"a key of some sources", partner(crm.RowLimits{Sources: []string{"webshop"}}, access.Scopes()...), nil, no, nil},
			{"a key of some regions", partner(crm.RowLimits{Regions: []string{"GB"}}, access.Scopes()...), []string{"PRODUCT"}, no, nil},
			{"a key of its own customers", partner(crm.RowLimits{Own: "erp"}, access.Scopes()...), nil, no, nil},
			{"a customer", inPortal(fixture.ID(crm.KindCustomer, "zoe")), nil, no, nil},
			{"a customer, products", inPortal(fixture.ID(crm.KindCustomer, "zoe")), []string{"PRODUCT"}, no, nil},
		} {
			literal := ""
			if test.kinds != nil {
				literal = "kinds: [" + strings.Join(test.kinds, ", ") + "]"
			}
			var want []string
			if test.code != "" {
				want = []string{test.code}
			}
			for _, arguments := range []string{literal, "kinds: $kinds"} {
				f := &follower{graph: graph, who: test.who, cursor: beginning, kinds: test.kinds}
				told, codes := f.kindsTold(t, "first: 100 "+arguments)
				if diff := cmp.Diff(want, codes); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", test.name, arguments, diff)
				}
				wantTold(t, test.name+", "+arguments, told, test.told...)
			}
		}
	})
}

// kindsTold reads to the end or to an error, and says of which kinds it was told.
func (f *follower) kindsTold(t testing.TB, arguments string) (kinds, codes []string) {
	t.Helper()
	told := map[string]bool{}
	for more := true; more; {
		var page changesPage
		page, codes = f.ask(t, arguments)
		f.cursor, more = page.EndCursor, page.HasNextPage
		for _, c := range page.Changes {
			told[c.Kind] = true
		}
	}
	return slices.Sorted(maps.Keys(told)), codes
}

// TestChangesMaskWhatRecordsDo asks for names as somebody who may not read them.
func TestChangesMaskWhatRecordsDo(t *testing.T) {
	graph := filled(t, backends.Backends()[0], nil)
	analyst := &access.Principal{Kind: access.KindStaff, ID: "staff:test", Roles: []access.Role{access.RoleAnalyst}}
	var answer struct {
		Data struct {
			Changes struct {
				Changes []struct{ Record struct{ DisplayName string } }
			}
		}
		Extensions struct{ Masked []string }
	}
	decode(t, graph.as(t, request{Query: fmt.Sprintf("{ changes(after: %q, first: 100, kinds: [CUSTOMER]) { changes { record { ... on Customer { displayName } } } } }", beginning)}, analyst), &answer)
	if n := len(answer.Data.Changes.Changes); n != len(fixture.Records().Customers) {
		t.Errorf("%d customers", n)
	}
	for _, c := range answer.Data.Changes.Changes {
		if c.Record.DisplayName != "•••" {
			t.Errorf("an analyst reads %q", c.Record.DisplayName)
		}
	}
	wantTold(t, "masked", answer.Extensions.Masked, "Customer.displayName")
}

// TestFollowedKindsAreSeenWhole holds the feed against the policy: a partner who may
// follow a kind is given each of its records, with all that is stored.
func TestFollowedKindsAreSeenWhole(t *testing.T) {
	graph := filled(t, backends.Backends()[0], nil)
	policy := access.NewPolicy(graph.store, access.PolicyRules(), access.PolicyOptions{})
	guarded, feed := access.Store(graph.store, policy), access.NewFeed(graph.store, policy)
	ctx := access.With(t.Context(), &access.Principal{Kind: access.KindPartner, ID: "key:test", Scopes: access.Scopes()})
	followed := 0
	for _, d := range crm.Shown() {
		if follows, err := feed.Follows(ctx, d.Kind); err != nil || !follows {
			continue
		}
		followed++
		ids := []crm.ID{}
		for _, id := range stored(t, graph.store, 1000) {
			if id.Kind() == d.Kind {
				ids = append(ids, id)
			}
		}
		byID := func(a, b crm.Record) int { return strings.Compare(string(a.RecordID()), string(b.RecordID())) }
		want, err := graph.store.ByID(t.Context(), d.Kind, ids, nil)
		got, guardedErr := guarded.ByID(ctx, d.Kind, ids, nil)
		if err != nil || guardedErr != nil || len(want) == 0 {
			t.Fatal(err, guardedErr, len(want))
		}
		slices.SortFunc(want, byID)
		slices.SortFunc(got, byID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of %s a partner sees (-stored +seen):\n%.2000s", d.Name, diff)
		}
	}
	if followed == 0 {
		t.Error("a partner with every scope follows nothing")
	}
}
