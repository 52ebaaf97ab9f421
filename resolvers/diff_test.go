package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/test/attacks"
	"github.com/customer360/gateway/resolvers"
)

// pair is a graph run level by level, and the same graph run by gqlgen's own executor.
type pair struct{ levels, reference *graphOn }

// paired returns the pair of a graph.
func paired(g *graphOn) pair {
	reference := &graphOn{store: g.store, log: &bytes.Buffer{}, planner: g.planner, principal: g.principal}
	reference.serve(resolvers.Reference(g.schema))
	for _, g := range []*graphOn{g, reference} {
		resolvers.Budget{Schema: g.schema.Schema(), Units: g.planner.Units}.Install(g.server)
	}
	return pair{levels: g, reference: reference}
}

// outcome is what a caller sees of an operation, and what it has cost.
type outcome struct {
	body          []byte
	values, spent int
}

// outcome answers a request within a budget that has no bounds.
func (g *graphOn) outcome(ctx context.Context, t testing.TB, r request, who *access.Principal) outcome {
	t.Helper()
	limit := budget.New(budget.Limits{})
	body := g.in(budget.With(ctx, limit), t, r, who)
	return outcome{body: body, values: limit.Taken().Values, spent: limit.Spent()}
}

// difference tells how two outcomes of the same operation differ, "" if they do not: not
// in a byte of their bodies, nor in what they cost.
func difference(want, got outcome) string {
	var text strings.Builder
	if !bytes.Equal(want.body, got.body) {
		text.WriteString("the body (-gqlgen +levels):\n" + cmp.Diff(lines(want.body), lines(got.body)))
	}
	if want.values != got.values || want.spent != got.spent {
		text.WriteString("the budget (-gqlgen +levels):\n" + cmp.Diff([]int{want.values, want.spent}, []int{got.values, got.spent}))
	}
	return text.String()
}

// lines returns a body in lines, so that a difference says where it is.
func lines(body []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", " ") != nil {
		return string(body)
	}
	return indented.String()
}

// same asks both for an operation, fails where they differ, and gives the body.
func (p pair) same(t testing.TB, what string, r request, who *access.Principal) []byte {
	t.Helper()
	want := p.reference.outcome(t.Context(), t, r, who)
	if diff := difference(want, p.levels.outcome(t.Context(), t, r, who)); diff != "" {
		t.Errorf("%s, asked by %s, is answered otherwise:\n%s", what, who.Class(), diff)
	}
	return want.body
}

// TestLevelsAnswerAsGqlgenDoes asks what is asked elsewhere of both executors: the
// cases, as those who may read everything, and as others who may not; bad input; and
// attacks on documents.
func TestLevelsAnswerAsGqlgenDoes(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		alone, withShops := paired(filled(t, backend, nil)), paired(filledWithShops(t, backend))
		for _, c := range readCases(t) {
			p := alone
			if strings.HasPrefix(c.dir, "testdata/shops/") {
				p = withShops
			}
			who := access.Local()
			if c.viewer != "" {
				who = inPortal(c.viewer)
			}
			for _, who := range []*access.Principal{who, staffOf(access.RoleAnalyst), staffOf(access.RoleMarketing), partnerOf(access.ScopeOrders), zoe()} {
				p.same(t, c.dir, c.ask, who)
			}
		}
		for _, c := range badInput(t) {
			raw, err := json.Marshal(c.variables)
			if err != nil {
				t.Fatal(err)
			}
			alone.same(t, c.name, request{Query: c.query, Variables: raw}, access.Local())
		}
		legal := 0
		for _, a := range attacks.All(10) {
			if a.Legal && a.Document != "" {
				legal++
				withShops.same(t, a.Name, request{Query: a.Document, Variables: json.RawMessage(a.Variables)}, access.Local())
			}
		}
		if legal < 5 {
			t.Errorf("only %d attacks are legal documents", legal)
		}
	})
}

// TestJourneysRunAsByGqlgen asks the journeys of both, as everybody who asks them.
func TestJourneysRunAsByGqlgen(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph, _ := onDemo(t, backend, nil)
		p := paired(graph)
		example := map[string]any{"id": string(demo.ExampleCustomer()), "first": 5, "text": "17850", "source": demo.Source, "externalId": "17850", "since": "2011-12-01T00:00:00Z"}
		for _, j := range append(journeys(), asked{name: "portal/home.graphql"}, asked{name: "dashboard/customers.graphql", variables: example}) {
			raw, err := json.Marshal(j.variables)
			if err != nil {
				t.Fatal(err)
			}
			for _, who := range []*access.Principal{
				access.Local(), staffOf(access.RoleSupport), staffOf(access.RoleAnalyst), partnerOf(access.Scopes()...), inPortal(demo.ExampleCustomer()),
			} {
				p.same(t, j.name, request{Query: journey(t, j.name), Variables: raw}, who)
			}
		}
	})
}
