package resolvers_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/resolvers"
)

// budgeted is a graph that keeps to budgets.
func budgeted(t *testing.T) *graphOn {
	t.Helper()
	g := newGraph(backends.SQLite(t, nil))
	if err := fixture.Load(t.Context(), g.store); err != nil {
		t.Fatal(err)
	}
	resolvers.Budget{Schema: g.schema.Schema()}.Install(g.server)
	return g
}

// within answers a request of staff within a budget.
func (g *graphOn) within(t *testing.T, b *budget.Budget, query string, variables json.RawMessage) []byte {
	t.Helper()
	body, err := json.Marshal(request{Query: query, Variables: variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx := budget.With(access.With(context.Background(), access.Local()), b)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	g.server.ServeHTTP(w, r)
	return w.Body.Bytes()
}

// What is taken from a budget is what the answer holds: all its values but for those
// that are selected twice, and never more bytes than it has, nor much less.
func TestBudgetIsWhatTheAnswerHolds(t *testing.T) {
	g := budgeted(t)
	cases, err := filepath.Glob("testdata/*/*/query.graphql")
	if err != nil || len(cases) == 0 {
		t.Fatal(err)
	}
	taken, all := 0, 0
	for _, file := range cases {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		variables, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "vars.json"))
		b := budget.New(budget.Limits{})
		var answer struct {
			Data   json.RawMessage
			Errors []json.RawMessage
		}
		decode(t, g.within(t, b, string(query), variables), &answer)
		values, got := values(t, answer.Data), b.Taken()
		if got.Bytes > len(answer.Data)+500*len(answer.Errors) {
			t.Errorf("%s: %d bytes are taken for %d", file, got.Bytes, len(answer.Data))
		}
		if len(answer.Errors) == 0 && !strings.Contains(string(query), "...") && (got.Values < values || got.Values > values+values/10+10) {
			t.Errorf("%s: %d values are taken for %d", file, got.Values, values)
		}
		taken, all = taken+got.Bytes, all+len(answer.Data)
	}
	if taken < all*8/10 {
		t.Errorf("%d bytes are taken for %d of all answers, want most of them", taken, all)
	}
}

// values counts the members and entries of JSON, and the objects among them.
func values(t *testing.T, text json.RawMessage) int {
	t.Helper()
	var count func(v any) int
	count = func(v any) int {
		n := 0
		switch v := v.(type) {
		case map[string]any:
			n = 1
			for _, member := range v {
				n += 1 + count(member)
			}
		case []any:
			for _, entry := range v {
				n += count(entry)
				if _, object := entry.(map[string]any); !object {
					n++
				}
			}
		}
		return n
	}
	if len(text) == 0 {
		return 0
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	root, _ := v.(map[string]any)
	return max(0, count(v)-1-len(root)) // The root and its fields are there anyway.
}

// What an answer has cost is counted by what it holds: entries that were asked for and
// are not there cost nothing. One that holds what its price was made of costs the price.
func TestAnswerCostsWhatItHolds(t *testing.T) {
	g := newGraph(backends.SQLite(t, nil))
	if err := fixture.Load(t.Context(), g.store); err != nil {
		t.Fatal(err)
	}
	planner, err := document.New(g.schema.Schema(), document.DefaultLimits(), scalar.Checks())
	if err != nil {
		t.Fatal(err)
	}
	resolvers.Budget{Schema: g.schema.Schema(), Units: planner.Units}.Install(g.server)
	const point, selection = document.UnitsPerPoint, 1
	records := fixture.Records()
	product, customer := string(records.Products[0].ID), string(records.Customers[0].ID)
	for name, c := range map[string]struct {
		query string
		want  int
		// whole says that all is there that the price is made of.
		whole, denied bool
	}{
		"an object":                {query: `{ product(id: "` + product + `") { id } }`, want: 20*point + selection, whole: true},
		"one that is not there":    {query: `{ product(id: "prd_nowhere.1") { id } }`, want: 20 * point},
		"a page that is full":      {query: `{ products(first: 2) { nodes { id title } } }`, want: 40*point + selection + 2*(point+2*selection), whole: true},
		"a page that is not":       {query: `{ products(first: 100) { nodes { id } } }`, want: 40*point + selection + len(records.Products)*(point+selection)},
		"an empty page":            {query: `{ products(first: 100, filter: {category: ["none of them"]}) { nodes { id } } }`, want: 40*point + 50*point + selection},
		"no page":                  {query: `{ products(first: 100) { totalCount } }`, want: 40*point + selection + 5*point, whole: true},
		"edges and nodes":          {query: `{ products(first: 2) { edges { cursor } nodes { id } } }`, want: 40*point + 2*selection + 2*2*(point+selection), whole: true},
		"ids that are not there":   {query: `{ nodes(ids: ["", "x"]) { id } }`, want: 2 * (3*point + selection), whole: true},
		"one object twice":         {query: `{ a: customer(id: "` + customer + `") { id } b: customer(id: "` + customer + `") { id } }`, want: 2 * (10*point + selection), whole: true},
		"introspection":            {query: `{ __type(name: "Money") { name kind fields { name } } }`, want: (point+3*selection)/6 + 2*(point+selection)/6},
		"a field that is an error": {query: `{ products(first: 101) { nodes { id } } }`, want: 40 * point, denied: true},
	} {
		b := budget.New(budget.Limits{})
		answer := g.within(t, b, c.query, nil)
		if failed := strings.Contains(string(answer), "errors"); failed != c.denied {
			t.Errorf("%s: %s", name, answer)
		}
		doc, errs := planner.Document(c.query, document.Options{})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		operation := doc.Query.Operations[0]
		price, _ := planner.Cost(doc, operation, nil)
		cost := (planner.Base(doc, operation) + b.Spent()) / point
		if b.Spent() != c.want || c.whole && cost != price || cost > price {
			t.Errorf("%s: %d units are spent, want %d; with the operation %d points of a price of %d", name, b.Spent(), c.want, cost, price)
		}
	}
}

// What is dear waits for a turn, as does every count, and for none of it if there will be none.
func TestDearFieldsWaitForATurn(t *testing.T) {
	g := newGraph(budget.Store(backends.SQLite(t, nil)))
	if err := fixture.Load(t.Context(), g.store); err != nil {
		t.Fatal(err)
	}
	planner, err := document.New(g.schema.Schema(), document.DefaultLimits(), scalar.Checks())
	if err != nil {
		t.Fatal(err)
	}
	resolvers.Budget{Schema: g.schema.Schema(), Dear: planner.Dear}.Install(g.server)
	query := `{ a: orders(text: "1") { totalCount } b: search(text: "a") { nodes { __typename } } orders(orderBy: {field: PLACED_AT}) { nodes { id } } }`
	var turns, left atomic.Int64
	b := budget.New(budget.Limits{})
	b.ByTurns(func() (func(), error) {
		turns.Add(1)
		return func() { left.Add(1) }, nil
	})
	if answer := g.within(t, b, query, nil); turns.Load() != 3 || left.Load() != 3 || strings.Contains(string(answer), "errors") {
		t.Errorf("%d turns are waited for and %d left, want 3\n%s", turns.Load(), left.Load(), answer)
	}
	none := errors.New("no turn")
	b = budget.New(budget.Limits{})
	b.ByTurns(func() (func(), error) { return nil, none })
	if answer := g.within(t, b, query, nil); !errors.Is(b.Err(), none) {
		t.Errorf("without a turn: %v\n%s", b.Err(), answer)
	}
}

// Once a budget has ended nothing more is made: no value, no error, no list.
func TestNothingIsMadeBeyondTheBudget(t *testing.T) {
	g := budgeted(t)
	fields := "a: title b: title c: title"
	query := "{ orders(first: 50) { nodes { lines { " + fields + " } } } }"
	whole := budget.New(budget.Limits{})
	full := g.within(t, whole, query, nil)
	if strings.Contains(string(full), "errors") {
		t.Fatalf("%s", full)
	}
	need := whole.Taken().Values
	for _, limit := range []int{1, 10, need / 2, need - 1} {
		b := budget.New(budget.Limits{Values: limit})
		answer := g.within(t, b, query, nil)
		if b.Err() == nil || len(answer) >= len(full) || strings.Contains(string(answer), "errors") {
			t.Errorf("within %d of %d values: %v and\n%.300s", limit, need, b.Err(), answer)
		}
	}
	b := budget.New(budget.Limits{Values: need})
	if answer := g.within(t, b, query, nil); b.Err() != nil || string(answer) != string(full) {
		t.Errorf("within all of %d values: %v", need, b.Err())
	}
	ended := budget.New(budget.Limits{})
	ended.End(context.Canceled)
	if answer := g.within(t, ended, query, nil); string(answer) != `{"data":null}` {
		t.Errorf("after the end: %s", answer)
	}
}

// Fragments are counted for the objects that they are of; what is left out is not.
func TestBudgetCountsFragments(t *testing.T) {
	g := budgeted(t)
	for query, want := range map[string]int{
		`{ product(id: "` + string(fixture.Records().Products[0].ID) + `") { id } }`:                                                                  2,
		`{ node(id: "` + string(fixture.Records().Products[0].ID) + `") { ... on Product { id title } ... on Order { id number status placedAt } } }`: 5,
		`{ nodes(ids: []) { id } }`: 0,
		`query ($no: Boolean = false) { product(id: "` + string(fixture.Records().Products[0].ID) + `") { id ... @include(if: $no) { title sku: id } } }`: 2,
		`{ product(id: "` + string(fixture.Records().Products[0].ID) + `") { ...F } } fragment F on Product { ... on Node { id } title }`:                 3,
	} {
		b := budget.New(budget.Limits{})
		answer := g.within(t, b, query, nil)
		if got := b.Taken().Values; got != want || strings.Contains(string(answer), "errors") {
			t.Errorf("%s: %d values are taken, want %d\n%s", query, got, want, answer)
		}
	}
}
