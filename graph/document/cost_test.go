package document_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/document"
)

// shop is a schema with each thing that has a cost.
const shop = `
	directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | OBJECT | SCALAR
	directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
	type Query {
		item: Item
		dear(text: String @cost(weight: "7"), a: Int): Item @cost(weight: "10")
		heavy: Heavy
		blob: Blob
		items: [Item!]!
		two: [Item!]! @listSize(assumedSize: 2)
		matrix: [[Item]]
		nodes(ids: [ID!]!): [Item]! @listSize(slicingArguments: ["ids"])
		limited(limit: Int, other: Int): [Item] @listSize(slicingArguments: ["limit", "other"])
		defaulted(limit: Int = 4): [Item] @listSize(slicingArguments: ["limit"], requireOneSlicingArgument: false)
		sized(limit: Int): Page @listSize(slicingArguments: ["limit"], sizedFields: ["rows"], requireOneSlicingArgument: false, assumedSize: 8)
		page(first: Int, after: String, last: Int): ItemConnection
		any: Any
		anys: [Any!]! @listSize(assumedSize: 3)
	}
	type Item { id: ID name: String item: Item items: [Item] page(first: Int, last: Int): ItemConnection count: Int @cost(weight: "5") }
	type Heavy @cost(weight: "20") { id: ID list: [Item] }
	scalar Blob @cost(weight: "4")
	type Page { rows: [Item] others: [Item] }
	type ItemConnection { edges: [ItemEdge] nodes: [Item] pageInfo: PageInfo totalCount: Int @cost(weight: "5") extra: [Item] }
	type ItemEdge { cursor: String node: Item }
	type PageInfo { hasNextPage: Boolean }
	union Any = Item | Heavy
`

func shopPlanner(tb testing.TB, limits document.Limits) *document.Planner {
	tb.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: shop})
	if err != nil {
		tb.Fatal(err)
	}
	p, err := document.New(s, limits, document.Scalars{"Blob": func(any) error { return nil }})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestCost(t *testing.T) {
	p := shopPlanner(t, document.DefaultLimits())
	for _, c := range []struct {
		document, variables string
		want                int // 1 of these is the operation's; comments say what the selections add
	}{
		{"{ __typename }", "", 1},
		{"{ item { id name } }", "", 2},
		{"{ item { item { item { id } } } }", "", 4},
		{"{ dear { id } }", "", 11},
		{`{ dear(text: "a", a: 1) { id } }`, "", 18},
		{"{ heavy { id } }", "", 21},
		{"{ blob }", "", 5},
		{"{ items { id } }", "", 6},
		{"{ items { count } }", "", 1 + 5*(1+5)},
		{"{ two { items { id } } }", "", 1 + 2*(1+5)},
		{"{ matrix { id } }", "", 27},
		// Arguments that are lists.
		{`{ nodes(ids: ["a", "b", "c"]) { item { id } } }`, "", 1 + 3*2},
		{`{ nodes(ids: "a") { id } }`, "", 2},
		{"query ($ids: [ID!]!) { nodes(ids: $ids) { item { id } } }", `{"ids": ["a", "b"]}`, 1 + 2*2},
		{"query ($ids: [ID!]!) { nodes(ids: $ids) { item { id } } }", `{"ids": "a"}`, 1 + 2},
		{`query ($ids: [ID!]! = ["a", "b"]) { nodes(ids: $ids) { item { id } } }`, `{}`, 1 + 2*2},
		{`query ($id: ID!) { nodes(ids: [$id, $id]) { item { id } } }`, `{"id": "a"}`, 1 + 2*2},
		// Arguments that are numbers.
		{"{ limited(limit: 30) { id } }", "", 32},
		{"{ limited(limit: -30) { id } }", "", 1},
		{"{ defaulted { id } }", "", 5},
		{"{ defaulted(limit: 6) { id } }", "", 7},
		{"{ defaulted(limit: null) { id } }", "", 6},
		{"{ sized(limit: 3) { rows { id } others { id } } }", "", 1 + 1 + 3 + 5},
		{"{ sized { rows { id } } }", "", 1 + 1 + 8},
		// Connections.
		{"{ page { nodes { id } } }", "", 1 + 1 + 20 + 1},
		{"{ page(first: 3) { nodes { id } edges { cursor node { id } } } }", "", 1 + 1 + 3 + 3*2},
		{"{ page(first: 3) { totalCount pageInfo { hasNextPage } extra { id } } }", "", 1 + 1 + 5 + 1 + 5},
		{"{ page(last: 7) { nodes { id } } }", "", 1 + 1 + 7},
		{"{ page(first: 0) { nodes { id } } }", "", 2},
		{"{ page(first: -1) { nodes { id } } }", "", 2},
		{"{ page(first: null) { nodes { id } } }", "", 23},
		{"{ page(first: 3, last: 9) { nodes { id } } }", "", 11},
		{"{ page(first: 2000000000) { nodes { id } } }", "", 106},
		{"{ page(first: 10) { nodes { page(first: 10) { nodes { id } } } } }", "", 1 + 1 + 10*(1+1+10) + 5},
		{"{ list: page(first: 2) { all: nodes { id } } }", "", 4},
		{"query ($n: Int) { page(first: $n) { nodes { id } } }", `{"n": 4}`, 6},
		{"query ($n: Int) { page(first: $n) { nodes { id } } }", `{"n": 4000}`, 106},
		{"query ($n: Int) { page(first: $n) { nodes { id } } }", `{"n": null}`, 23},
		{"query ($n: Int) { page(first: $n) { nodes { id } } }", `{}`, 23},
		{"query ($n: Int = 5) { page(first: $n) { nodes { id } } }", `{}`, 7},
		{"query ($n: Int = 5) { page(first: $n) { nodes { id } } }", `{"n": null}`, 23},
		{"query ($n: Int) { page(first: $n) { edges { node { page(first: $n) { nodes { id } } } } } }", `{"n": 3}`, 1 + 1 + 3*(1+1+1+3) + 1},
		// Fields that share a name are one.
		{"{ item { id } item { name } ...A ... on Query { item { id } } } fragment A on Query { item { id } }", "", 2},
		{"{ a: item { id } b: item { id } }", "", 3},
		{"{ page(first: 2) { nodes { item { id } } } page(first: 2) { nodes { item { name } items { id } } } }", "", 1 + 1 + 2*(1+1+5) + 1},
		// Types: the dearest counts, once.
		{"{ any { ... on Item { items { id } } } }", "", 1 + 20 + 5},
		{"{ any { __typename ... on Item { items { id } count } ... on Heavy { id } } }", "", 1 + 20 + 10},
		{"{ anys { ... on Item { item { id } } } }", "", 1 + 3*(20+1)},
		{"query ($n: Int) { any { ... on Item { page(first: $n) { nodes { id } } items { id } } } }", `{"n": 0}`, 1 + 20 + 1 + 5},
		{"query ($n: Int) { any { ... on Item { page(first: $n) { nodes { id } } } ... on Heavy { list { id } } } }", `{"n": 0}`, 1 + 20 + 5},
		{"query ($n: Int) { any { ... on Item { page(first: $n) { nodes { id } } } ... on Heavy { list { id } } } }", `{"n": 9}`, 1 + 20 + 10},
		// What is left out costs nothing.
		{"query ($c: Boolean!) { ... @include(if: $c) { ... { items { id } ...A } } } fragment A on Query { two { id } }", `{"c": false}`, 1},
		{
			"query ($t: Boolean!, $f: Boolean!) { ... @include(if: $t) { ... @include(if: $t) { ... @include(if: $t) { items @include(if: $f) { id } item @include(if: $t) { id } } } } }",
			`{"t": true, "f": false}`, 2,
		},
		{"{ item @skip(if: true) { id } items @include(if: false) { id } }", "", 1},
		{"query ($c: Boolean!) { items @include(if: $c) { id } item @skip(if: $c) { id } }", `{"c": true}`, 6},
		{"query ($c: Boolean!) { items @include(if: $c) { id } item @skip(if: $c) { id } }", `{"c": false}`, 2},
		{"query ($c: Boolean = true) { items @include(if: $c) { id } }", `{}`, 6},
		{"query ($c: Boolean!) { ... @include(if: $c) { items { id } } items @skip(if: $c) { id } }", `{"c": false}`, 6},
		{"query ($c: Boolean!) { ...A @include(if: $c) ...A } fragment A on Query { items { id } }", `{"c": false}`, 6},
		{"query ($c: Boolean!, $d: Boolean!) { ... @include(if: $c) { items @skip(if: $d) { id } } }", `{"c": true, "d": true}`, 1},
		// 25 selections are a point: once where they are written, and of each object.
		{"{ item {" + strings.Repeat(" id", 49) + " } }", "", 2 + 2 + 2},
		{"{ item {" + strings.Repeat(" id", 74) + " } }", "", 2 + 3 + 3},
		{"{ items {" + strings.Repeat(" id", 250) + " } }", "", 1 + 5*(1+10) + 10},
		{"{ item {" + strings.Repeat(" id", 50) + strings.Repeat(" id @skip(if: true)", 25) + " } }", "", 2 + 3 + 3},
		{"{ item { id ...A } } fragment A on Item {" + strings.Repeat(" id", 50) + " }", "", 2 + 2 + 2},
		// Introspection is cheap, but not nothing.
		{"{ __schema { queryType { name } } __type(name: \"Item\") { name } }", "", 1},
	} {
		doc, errs := p.Document(c.document, document.Options{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", c.document, errs)
			continue
		}
		variables := coerced(t, p, doc, c.variables)
		if got, err := p.Cost(doc, doc.Query.Operations[0], variables); got != c.want || err != nil && !strings.Contains(c.document, "limited") {
			t.Errorf("%s with %s: costs %d, %v, want %d", c.document, c.variables, got, err, c.want)
		}
	}
}

func TestCostErrors(t *testing.T) {
	limits := document.DefaultLimits()
	limits.Cost, limits.NodeIDs = 100, 3
	p := shopPlanner(t, limits)
	const tooMuch = "The operation costs %d points, more than the 100 that one may cost: ask for fewer entries, or for less of each."
	for _, c := range []struct {
		document, variables string
		points              int
		want                string
	}{
		{"{ limited(limit: 95) { id } }", "", 99, ""},
		{"{ limited(limit: 97) { id } }", "", 102, fmt.Sprintf(tooMuch, 102)},
		{"{ page(first: 1000) { nodes { id } } }", "", 106, fmt.Sprintf(tooMuch, 106)},
		{
			"{ limited(limit: 2147483647) { x: page(first: 100) { nodes { y: page(first: 100) { nodes { z: page(first: 100) { nodes { a: page(first: 100) { nodes { b: page(first: 100) { nodes { id } } } } } } } } } } } }",
			"", math.MaxInt,
			"The operation costs far more than the 100 points that one may cost: ask for fewer entries, or for less of each.",
		},
		{`{ nodes(ids: ["a", "b", "c", "d"]) { id } }`, "", 5, "A list that says which records to give has more than 3 entries."},
		{`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, `{"ids": ["a", "b", "c", "d"]}`, 5, "A list that says which records to give has more than 3 entries."},
		{"{ limited { id } }", "", 6, "A field needs exactly one of the arguments that say how many entries it gives."},
		{"{ limited(limit: 1, other: 2) { id } }", "", 3, "A field needs exactly one of the arguments that say how many entries it gives."},
		{"query ($n: Int) { limited(limit: $n) { id } }", `{}`, 6, "A field needs exactly one of the arguments that say how many entries it gives."},
	} {
		doc, errs := p.Document(c.document, document.Options{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", c.document, errs)
			continue
		}
		points, err := p.Cost(doc, doc.Query.Operations[0], coerced(t, p, doc, c.variables))
		got := ""
		if err != nil {
			got = err.Message
		}
		if points != c.points || got != c.want {
			t.Errorf("%s: got %d points and %q, want %d and %q", c.document, points, got, c.points, c.want)
		}
	}
}

// The journeys have their prices; customer-360 of fifty customers passes, and five
// levels of a hundred do not.
func TestCostOfJourneys(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	cost := func(text string) int {
		t.Helper()
		doc, errs := p.Document(text, document.Options{})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		points, err := p.Cost(doc, doc.Query.Operations[0], coerced(t, p, doc, journeyVariables))
		if err != nil {
			t.Error(err)
		}
		return points
	}
	all := journeys(t)
	for name, want := range map[string]int{
		"dashboard/customer-360.graphql": 367,
		"dashboard/customers.graphql":    338,
		"dashboard/search.graphql":       423,
		"partner/changed.graphql":        2661,
		"partner/follow.graphql":         620,
		"partner/resolve.graphql":        41,
		"portal/home.graphql":            444,
		"probe/node.graphql":             21,
	} {
		if got := cost(all[name]); got != want {
			t.Errorf("%s costs %d points, want %d", name, got, want)
		}
	}
	document := all["dashboard/customer-360.graphql"]
	selection := document[strings.Index(document, "customer(id: $id) {")+len("customer(id: $id) {") : strings.LastIndex(document, "}\n}")]
	selection = strings.NewReplacer("$orders", "5", ", after: $after", "").Replace(selection)
	one := cost("{ customer(id: 1) {" + selection + "} }")
	// Fifty times what one does, but that the document is read once.
	nearly := func(points int) bool { return 48*one < points && points < 50*one }
	if got := cost("{ customers(first: 50) { nodes {" + selection + "} } }"); !nearly(got) {
		t.Errorf("fifty customers cost %d points, and one %d", got, one)
	}
	t.Logf("fifty customers cost %d points", cost("{ customers(first: 50) { nodes {"+selection+"} } }"))
	ids := strings.Repeat(`"cus_1" `, 50)
	if got := cost("{ nodes(ids: [" + ids + "]) { ... on Customer {" + selection + "} } }"); !nearly(got) {
		t.Errorf("fifty nodes cost %d points, and one %d", got, one)
	}
	introspection, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	got := cost(string(introspection))
	t.Logf("introspection costs %d points", got)
	if got < 100 || got > 10_000 {
		t.Errorf("the introspection of the usual tools costs %d points, want some hundreds or thousands", got)
	}
}

// Costing a planned operation allocates nothing.
func TestCostAllocates(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	doc, errs := p.Document(journeys(t)["dashboard/customer-360.graphql"], document.Options{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	operation, variables := doc.Query.Operations[0], map[string]any{"id": "cus_1", "orders": 50}
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := p.Cost(doc, operation, variables); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want none", allocations)
	}
}

func TestWrongDirectives(t *testing.T) {
	for directive, want := range map[string]string{
		`@cost(weight: "much")`:                                   `plan: field Query.list: @cost has the weight "much", which is not a whole number of points`,
		`@cost(weight: "-1")`:                                     `plan: field Query.list: @cost has the weight "-1", which is not a whole number of points`,
		`@listSize(assumedSize: -1)`:                              `plan: field Query.list: @listSize has an assumedSize that is no number of entries`,
		`@listSize(slicingArguments: ["none"])`:                   `plan: field Query.list: @listSize names the argument none, which the field has not`,
		`@listSize(assumedSize: 3, sizedFields: ["a"])`:           `plan: field Query.list: @listSize has sizedFields without slicingArguments`,
		`@listSize(slicingArguments: ["n"]) @cost(weight: "100")`: "<nil>",
	} {
		s, err := gqlparser.LoadSchema(&ast.Source{Input: strings.Split(shop, "type Query")[0] + "type Query { list(n: Int): [Int] " + directive + " }"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := document.New(s, document.DefaultLimits(), nil); fmt.Sprint(err) != want {
			t.Errorf("%s: got %v, want %s", directive, err, want)
		}
	}
}

// Introspection answers from memory, yet what is asked for again and again under other
// names takes seconds.
func TestRepeatedIntrospection(t *testing.T) {
	var text strings.Builder
	text.WriteString("{ __schema {")
	for i := range 60 {
		fmt.Fprintf(&text, " a%d: types { name description fields { name description args { name description type { name kind } } type { name kind } } enumValues { name } inputFields { name } }", i)
	}
	text.WriteString(" } }")
	p := planner(t, document.DefaultLimits())
	doc, errs := p.Document(text.String(), document.Options{})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if points, err := p.Cost(doc, doc.Query.Operations[0], nil); err == nil {
		t.Errorf("the schema sixty times over costs %d points and is answered", points)
	}
}
