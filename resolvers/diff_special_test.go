package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// TestTooManyFieldsToCompile asks for a document of fragments that stand for more fields
// than are compiled. gqlgen's own executor runs it, for the same answer.
func TestTooManyFieldsToCompile(t *testing.T) {
	p := paired(filled(t, backends.Backends()[0], nil))
	var document strings.Builder
	const levels = 15 // Twice as many fields at each.
	fmt.Fprintf(&document, "{ customer(id: %q) { displayName ...F0 } }", fixture.ID(crm.KindCustomer, "kelm"))
	for i := range levels {
		fmt.Fprintf(&document, " fragment F%d on Customer { id a: parent { ...F%d } b: parent { ...F%d } }", i, i+1, i+1)
	}
	fmt.Fprintf(&document, " fragment F%d on Customer { id }", levels)
	body := string(p.same(t, "nested fragments", request{Query: document.String()}, access.Local()))
	if want := `"a":{"id":"` + string(fixture.ID(crm.KindCustomer, "holding")) + `"`; !strings.Contains(body, want) || strings.Contains(body, `"errors"`) {
		t.Errorf("%.500s", body)
	}
}

// TestPlansDoNotMix asks for one document with both values of its switches, as callers
// who may not read the same, alternately: each gets what is theirs.
func TestPlansDoNotMix(t *testing.T) {
	p := paired(filled(t, backends.Backends()[0], nil))
	const document = `query($id: ID!, $on: Boolean!) { customer(id: $id) {
		displayName @include(if: $on) emails @skip(if: $on) { address } ...Tickets @include(if: $on) } }
		fragment Tickets on Customer { tickets(first: 1) { nodes { subject articles { totalCount } } } }`
	for range 3 {
		for _, on := range []bool{true, false} {
			for _, who := range []*access.Principal{staffOf(access.RoleSupport), staffOf(access.RoleAnalyst), partnerOf(access.ScopeCustomers), access.Local()} {
				raw, err := json.Marshal(map[string]any{"id": fixture.ID(crm.KindCustomer, "zoe"), "on": on})
				if err != nil {
					t.Fatal(err)
				}
				body := string(p.same(t, "a document with switches", request{Query: document, Variables: raw}, who))
				has := func(text string, want bool) {
					if strings.Contains(body, text) != want {
						t.Errorf("%q in what %s gets with on = %t: %t\n%s", text, who.Class(), on, !want, body)
					}
				}
				support := who.HasRole(access.RoleSupport)
				analyst, partner := who.HasRole(access.RoleAnalyst) && !support, who.Kind == access.KindPartner
				has(`"displayName"`, on)
				has(`•••`, on && analyst)
				has(`"masked":["Customer.emails"]`, !on && analyst)
				has(`"emails":[{"address":`, !on && !analyst)
				has(`"subject":"`, on && !partner)
				has(`"code":"FORBIDDEN"`, on && !support)
			}
		}
	}
}

// odd is a store with records that are not as a store promises.
type odd struct{ crm.Store }

func (s odd) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	records, err := s.Store.ByID(ctx, kind, ids, want)
	for _, r := range records {
		switch r := r.(type) {
		case *crm.Order:
			r.Refunds = append(r.Refunds, nil)
		case *crm.Recommendation:
			r.Score = math.NaN()
		}
	}
	return records, err
}

// TestMethodThatPanics has the total of an order panic, which is computed while the
// answer is written, outside of any resolver: one error of the gateway's own, and no
// data. gqlgen keeps the rest of the answer, which would need a guard round each field.
func TestMethodThatPanics(t *testing.T) {
	g := newGraph(odd{filled(t, backends.Backends()[0], nil).store})
	const want = `{"errors":[{"message":"something went wrong here; the request id names it in the logs",` +
		`"extensions":{"code":"INTERNAL","requestId":"request-1"}}],"data":null}`
	for range 2 {
		got := string(g.ask(t, `{ order(id: "ord_webshop.1001") { id netTotal { amount } } customers(first: 1) { nodes { id } } }`, nil))
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if log := g.log.String(); strings.Count(log, "level=ERROR") != 2 || strings.Count(log, "stack=") != 2 {
		t.Errorf("the log has each panic once, with its stack:\n%s", log)
	}
}

// TestOddValues compares what JSON has no form for, and arguments that are wrong where
// the field is barred too.
func TestOddValues(t *testing.T) {
	p := paired(newGraph(odd{filled(t, backends.Backends()[0], nil).store}))
	at := slices.IndexFunc(fixture.Records().Recommendations, func(r *crm.Recommendation) bool { return r.CustomerID == fixture.ID(crm.KindCustomer, "zoe") })
	for name, test := range map[string]struct {
		document  string
		variables string
		who       *access.Principal
		want      string
	}{
		"no number":                             {fmt.Sprintf(`{ node(id: %q) { id ... on Recommendation { score } } }`, fixture.Records().Recommendations[at].ID), "", access.Local(), "INTERNAL"},
		"a barred field with a wrong argument":  {`query($d: OrderDirection = ASC) { customers(orderBy: {field: NAME, direction: $d}) { nodes { id } } }`, `{"d": null}`, staffOf(access.RoleAnalyst), "BAD_USER_INPUT"},
		"a field with a wrong argument":         {`query($d: OrderDirection = ASC) { customers(orderBy: {field: UPDATED_AT, direction: $d}) { nodes { id } } viewer { __typename } }`, `{"d": null}`, access.Local(), "BAD_USER_INPUT"},
		"wrong arguments of a field of several": {`query($d: DateTime = "2026-01-01T00:00:00Z") { customers(first: 3) { nodes { id orders(filter: {placedAt: {after: $d, before: "2020-01-01T00:00:00Z"}}) { totalCount } } } }`, "", access.Local(), "INVALID"},
		"introspection":                         {`{ __schema { queryType { name } } __type(name: "Cart") { fields { name } } }`, "", access.Local(), "recoveryUrl"},
		"introspection beside data":             {`{ __typename viewer { __typename actor { __typename } } __type(name: "Cart") { kind } }`, "", access.Local(), "OBJECT"},
	} {
		body := p.same(t, name, request{Query: test.document, Variables: json.RawMessage(test.variables)}, test.who)
		if !strings.Contains(string(body), test.want) {
			t.Errorf("%s: no %s in %.500s", name, test.want, body)
		}
	}
}

// TestFailureCostsItsKindAlone has employees, or interactions, fail or panic: articles of
// customers keep their authors, and timelines without interactions their entries, though
// all are read for at once.
func TestFailureCostsItsKindAlone(t *testing.T) {
	p := faultyPair(t)
	for what, test := range map[string]struct{ document, has, hasNot string }{
		"ByID emp": {`{ tickets { nodes { articles { nodes { author { __typename } } } } } }`, `"author":{"__typename":"Customer"}`, `"author":{"__typename":"Employee"}`},
		"ByID int": {
			`{ customers { nodes { timeline { nodes { __typename ... on Interaction { summary } } } } } }`,
			`"timeline":{"nodes":[{"__typename":"OrderEvent"}`, `"summary"`,
		},
	} {
		for _, code := range []crm.Code{crm.CodeUnavailable, ""} {
			f := &faults{reads: map[string]crm.Code{what: code}}
			r := request{Query: test.document}
			want := p.reference.outcome(with(t.Context(), f), t, r, access.Local())
			got := p.levels.outcome(with(t.Context(), f), t, r, access.Local())
			if diff := difference(want, got); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
			body := string(got.body)
			if !strings.Contains(body, test.has) || strings.Contains(body, test.hasNot) || !strings.Contains(body, `"errors"`) {
				t.Errorf("%s %s: %.1500s", what, code, body)
			}
		}
	}
}
