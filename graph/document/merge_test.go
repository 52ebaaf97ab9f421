package document_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/test/race"
)

// boxes has what merging can go wrong with: objects, interfaces and a union whose
// fields share names, and fields that give each other.
const boxes = `
	type Query { box: Box any: Any one: One list: [One!]! }
	interface Box { deep: Box text: String other: Box }
	type One implements Box { deep: Box text: String other: Box scalar: String self: One args(a: Int, o: In): Int }
	type Two implements Box { deep: Two text: String other: Two scalar: String! self: Two list: [String] args(a: Int, o: In): Int }
	type Three { scalar: String number: Int unrelated: One }
	union Any = One | Two | Three
	input In { a: Int b: [Int] }
`

func boxPlanner(tb testing.TB, limits document.Limits) *document.Planner {
	tb.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: boxes})
	if err != nil {
		tb.Fatal(err)
	}
	p, err := document.New(s, limits, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestMerging(t *testing.T) {
	p := boxPlanner(t, document.DefaultLimits())
	const (
		different = `" conflict because "`
		arguments = "they have differing arguments"
		types     = "they return conflicting types"
	)
	for name, c := range map[string]struct{ document, want string }{
		"same":                          {"{ box { text } box { text deep { text } } }", ""},
		"different fields":              {"{ one { x: text x: scalar } }", `"text" and "scalar" are different fields`},
		"alias like a field":            {"{ one { text: scalar text } }", different},
		"different below":               {"{ one { self { x: text } } one { self { x: scalar } } }", different},
		"different through fragments":   {"{ one { ...A ...B } } fragment A on One { x: text } fragment B on One { x: scalar }", different},
		"different in one fragment":     {"{ a: one { ...A } } fragment A on One { x: text x: scalar }", different},
		"different on two objects":      {"{ box { ... on One { x: text } ... on Two { x: scalar } } }", types},
		"same shape on two objects":     {"{ any { ... on One { x: text } ... on Three { x: scalar } } }", ""},
		"number and text":               {"{ any { ... on One { x: text } ... on Three { x: number } } }", types},
		"list and none":                 {"{ any { ... on Two { x: list } ... on Three { x: scalar } } }", types},
		"object and text":               {"{ any { ... on One { x: self { text } } ... on Three { x: scalar } } }", types},
		"object and interface":          {"{ any { ... on One { x: deep { text } } ... on Two { x: deep { text } } } }", ""},
		"shapes below two objects":      {"{ any { ... on One { x: self { y: text } } ... on Three { x: unrelated { y: args } } } }", types},
		"names below two objects":       {"{ any { ... on One { x: self { y: text } } ... on Three { x: unrelated { y: scalar } } } }", ""},
		"interface and object":          {"{ box { x: text ... on One { x: scalar } } }", different},
		"interface and object below":    {"{ box { deep { x: text } ... on One { deep { ... on One { x: scalar } } } } }", different},
		"interface and another's":       {"{ box { ... on One { deep { ... on One { x: text } } } ... on Two { deep { x: text } } deep { text } } }", ""},
		"same arguments":                {"{ one { args(a: 1, o: {a: 1, b: [1, 2]}) args(o: {b: [1, 2], a: 1}, a: 1) } }", ""},
		"other arguments":               {"{ one { args(a: 1) args(a: 2) } }", arguments},
		"fewer arguments":               {"{ one { args(a: 1) args } }", arguments},
		"other list":                    {"{ one { args(o: {b: [1, 2]}) args(o: {b: [2, 1]}) } }", arguments},
		"other variable":                {"query ($a: Int, $b: Int) { one { args(a: $a) args(a: $b) } }", arguments},
		"third differs":                 {"{ one { x: text x: text x: scalar } }", different},
		"typename":                      {"{ any { __typename ... on One { __typename } } }", ""},
		"inline fragments without type": {"{ one { ... { x: text } ... @include(if: true) { x: scalar } } }", different},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(messages(p, c.document, false), "\n")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

// TestMergingTime merges, with the limits far away, what takes minutes if every pair
// of fields is compared.
func TestMergingTime(t *testing.T) {
	limits := document.DefaultLimits()
	limits.DocumentBytes, limits.Tokens, limits.Fields, limits.RootFields = 10<<20, 1_000_000, 1_000_000, 1_000_000
	limits.Aliases, limits.Directives = 1_000_000, 1_000_000
	p := boxPlanner(t, limits)
	const most = race.Slower * 100 * time.Millisecond
	for name, text := range map[string]string{
		"400 inline fragments of 5 fields": "{ one {" + strings.Repeat(" ... on One { text scalar deep { text } other { text } args }", 400) + " } }",
		"10,000 repeated fields":           "{ one {" + strings.Repeat(" text", 10_000) + " } }",
		"4,000 repeated objects":           "{" + strings.Repeat(" one { self { text } }", 4_000) + " }",
		"4,000 inline fragments":           "{ any {" + strings.Repeat(" ... on One { scalar } ... on Three { scalar }", 2_000) + " } }",
		"deep overlaps":                    "{ one {" + strings.Repeat(strings.Repeat(" self {", 10)+" text "+strings.Repeat("}", 10), 1_000) + " } }",
	} {
		took := time.Hour
		for i := range 3 {
			before := cpu(t)
			if errs := messages(p, text+strings.Repeat(" ", i), false); len(errs) > 0 {
				t.Errorf("%s: %s", name, errs[0])
			}
			took = min(took, cpu(t)-before)
		}
		t.Logf("%s: %v", name, took)
		if took > most {
			t.Errorf("%s takes %v, want %v at most", name, took, most)
		}
	}
}

// TestMergingBudget refuses what merges into sets of sets: each level has, for each
// of two objects, its own fields and all of the interface's.
func TestMergingBudget(t *testing.T) {
	limits := document.DefaultLimits()
	limits.Tokens, limits.Depth = 1_000_000, 1000
	p := boxPlanner(t, limits)
	nested := "text"
	for range 24 {
		nested = "deep { " + nested + " } ... on One { deep { text } deep { deep { text } } } ... on Two { deep { text } deep { deep { text } } }"
	}
	before := cpu(t)
	errs := messages(p, "{ box { "+nested+" } }", false)
	if took := cpu(t) - before; took > race.Slower*200*time.Millisecond {
		t.Errorf("takes %v", took)
	}
	if diff := cmp.Diff([]string{"The document's fields overlap too often to be checked."}, errs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
