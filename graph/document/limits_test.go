package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/test/sdl"
)

// small are limits that a few words break.
func small() document.Limits {
	return document.Limits{
		DocumentBytes: 300, Tokens: 60, Depth: 5, Aliases: 2, RootFields: 3, Directives: 2,
		Operations: 2, Fragments: 3, Variables: 2, Fields: 8, ListValues: 4, ValueDepth: 2,
		VariableValues: 4, VariableDepth: 2, NodeIDs: 3, IntrospectionDepth: 4, Cost: 100,
		CachedDocuments: 10, CachedBytes: 1 << 20,
	}
}

func TestLimits(t *testing.T) {
	p := planner(t, small())
	customer := func(selection string) string { return `{ customer(id: "cus_1") { ` + selection + ` } }` }
	for name, c := range map[string]struct{ document, want string }{
		"bytes":         {"{ __typename #" + strings.Repeat("x", 300) + "\n}", "The document has more than 300 bytes."},
		"tokens":        {"{" + strings.Repeat(" id", 60) + "}", "The document has more than 60 tokens."},
		"depth":         {customer("parent { parent { parent { parent { id } } } }"), "The operation is deeper than 5 levels of fields."},
		"depth allowed": {customer("parent { parent { parent { id } } }"), ""},
		"depth in fragments": {
			customer("...A") + " fragment A on Customer { parent { parent { ...B } } } fragment B on Customer { parent { parent { id } } }",
			"The operation is deeper than 5 levels of fields.",
		},
		"aliases":         {customer("a: id b: id c: id"), "The operation has more than 2 aliases, fragments expanded."},
		"aliases allowed": {customer("a: id b: id id: id"), ""},
		"aliases in fragments": {
			customer("a: parent { ...A } b: parent { id }") + " fragment A on Customer { c: id }",
			"The operation has more than 2 aliases, fragments expanded.",
		},
		"root fields":              {"{ __typename __typename __typename __typename }", "The operation has more than 3 fields at its root, fragments expanded."},
		"root fields in fragments": {"{ ...A ...A } fragment A on Query { __typename __typename }", "The operation has more than 3 fields at its root, fragments expanded."},
		"root fields allowed":      {"{ ...A ...A } fragment A on Query { __typename }", ""},
		"directives":               {"{ __typename @skip(if: false) viewer @skip(if: true) { __typename @skip(if: true) } }", "The document has more than 2 directives."},
		"operations":               {"query A { __typename } query B { __typename } query C { __typename }", "The document has more than 2 operations."},
		"fragments": {
			"{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...D } fragment D on Query { __typename }",
			"The document has more than 3 fragments.",
		},
		"variables": {"query ($a: ID!, $b: ID!, $c: ID!) { __typename }", "An operation has more than 2 variables."},
		"fields":    {customer("id id id id id id id id"), "The operation has more than 8 fields, fragments expanded."},
		"fields in fragments": {
			"{ ...A } fragment A on Query { customer(id: 1) { ...B ...B } } fragment B on Customer { ...C ...C } fragment C on Customer { id kind }",
			"The operation has more than 8 fields, fragments expanded.",
		},
		"list values":         {"{ nodes(ids: [1, 2, 3, 4, 5]) { id } }", "The document has more than 4 values in lists and objects."},
		"list values in all":  {"{ a: nodes(ids: [1, 2, 3]) { id } b: nodes(ids: [1, 2]) { id } }", "The document has more than 4 values in lists and objects."},
		"value depth":         {"{ nodes(ids: [[[1]]]) { id } }", "A value in the document is deeper than 2 lists and objects."},
		"value depth default": {"query ($v: JSON = {a: {b: {c: 1}}}) { __typename }", "A value in the document is deeper than 2 lists and objects."},
		"introspection":       {"{ __schema { types { fields { type { name } } } } }", "The operation's introspection is deeper than 4 levels of fields."},
		"circle":              {"{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "A fragment is spread within itself."},
		"unused circle":       {"{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }", "A fragment is spread within itself."},
		"nothing":             {"", "The document has no operation."},
		"fragments only":      {"fragment A on Query { __typename }", "The document has no operation."},
		"brackets":            {strings.Repeat("[", 130), "The document has more than 60 tokens."},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := p.Document(c.document, document.Options{})
			got := ""
			if len(errs) > 0 {
				got = errs[0].Message
				want := document.CodeLimitExceeded
				switch {
				case c.document == "":
					want = document.CodeParseFailed
				case strings.HasSuffix(c.want, "has no operation."):
					want = document.CodeOperationUnresolved
				case strings.HasPrefix(c.want, "A fragment is spread"):
					want = document.CodeValidationFailed
				}
				if code := errs[0].Extensions["code"]; code != want {
					t.Errorf("the error's code is %v, want %s", code, want)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestTrusted plans what would break every limit, because the operator wants it.
func TestTrusted(t *testing.T) {
	p := planner(t, small())
	fields := strings.Repeat("id ", 200)
	text := "query ($a: ID!, $b: ID!, $c: ID!) { a: customer(id: $a) { ...F } b: customer(id: $b) { ...F } c: customer(id: $c) { ...F } d: viewer { __typename } } " +
		"fragment F on Customer { parent { parent { parent { parent { parent { " + fields + "} } } } } }"
	if _, errs := p.Document(text, document.Options{Trusted: true}); len(errs) > 0 {
		t.Fatal(errs)
	}
	if _, errs := p.Document(text, document.Options{}); len(errs) == 0 {
		t.Error("a document that is trusted by its id is planned as well for those who send its text, want it refused")
	}
	short := "{ a: viewer { __typename } b: viewer { __typename } c: viewer { __typename } }"
	if _, errs := p.Document(short, document.Options{Trusted: true}); len(errs) > 0 {
		t.Fatal(errs)
	}
	if _, errs := p.Document(short, document.Options{}); len(errs) == 0 {
		t.Error("a document that is trusted by its id is found by those who send its text, want it refused")
	}
	expensive := `{ customers(first: 100) { nodes { id } } }`
	doc, errs := p.Document(expensive, document.Options{Trusted: true})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if points, err := p.Cost(doc, doc.Query.Operations[0], nil); err == nil || points != 145 {
		t.Errorf("a trusted document costs %d points and %v, want 145 and an error", points, err)
	}
	if _, errs := p.Document("{ ...A } fragment A on Query { ...A }", document.Options{Trusted: true}); len(errs) == 0 {
		t.Error("a trusted document may go in circles")
	}
	if _, errs := p.Document("{ nothing }", document.Options{Trusted: true}); len(errs) == 0 {
		t.Error("a trusted document need not be valid")
	}
}

func TestLimitsOfPlanner(t *testing.T) {
	limits := document.DefaultLimits()
	limits.Depth, limits.Cost, limits.Aliases = 0, -1, 0
	_, err := document.New(sdl.Load(t), limits, scalar.Checks())
	want := "plan: limit Depth must be positive, not 0\nplan: limit Cost must be positive, not -1"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestVariables(t *testing.T) {
	p := planner(t, small())
	for text, want := range map[string]string{
		``:                              "",
		`{}`:                            "",
		`{"a": 1, "b": "[[[{{{,,,,,,"}`: "",
		`{"a": "\"[[[[[["}`:             "",
		`{"a": [[1]]}`:                  "",
		`{"a": [[[1]]]}`:                "The variables nest deeper than 2 lists and objects.",
		`{"a": [1, 2, 3, 4, 5]}`:        "The variables have more than 4 values.",
		`[[[[[[[[`:                      "The variables nest deeper than 2 lists and objects.",
		`"\`:                            "",
	} {
		got := ""
		if err := p.Variables([]byte(text)); err != nil {
			got = err.Message
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestVisits refuses fragments that validation would look through too often: each
// from every other one.
func TestVisits(t *testing.T) {
	var b strings.Builder
	b.WriteString("{ viewer { customer { ...F0 } } } ")
	for i := range 84 {
		fmt.Fprintf(&b, "fragment F%d on Customer { id kind status tags ...F%d } ", i, i+1)
	}
	b.WriteString("fragment F84 on Customer { " + strings.Repeat("id ", 400) + "}")
	got := messages(planner(t, document.DefaultLimits()), b.String(), false)
	if want := "The document's fragments and operations refer to each other too often to be checked."; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %s", got, want)
	}
}
