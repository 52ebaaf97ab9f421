package document_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/graph/document"
)

// messages plans a document and gives what is wrong with it.
func messages(p *document.Planner, text string, suggest bool) []string {
	_, errs := p.Document(text, document.Options{Suggest: suggest})
	var all []string
	for _, err := range errs {
		all = append(all, err.Message)
	}
	return all
}

const noTime = "is no DateTime: a DateTime must be RFC 3339 with an offset, such as 2011-12-09T12:50:00Z."

func TestValidation(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	for name, c := range map[string]struct {
		document string
		suggest  bool
		want     []string
	}{
		"field":              {"{ custome { id } }", false, []string{`Cannot query field "custome" on type "Query".`}},
		"field suggested":    {"{ custome { id } }", true, []string{`Cannot query field "custome" on type "Query". Did you mean "customer" or "customers"?`}},
		"argument":           {`{ customer(ids: "1") { id } }`, false, []string{`Unknown argument "ids" on field "Query.customer".`, `Field "customer" argument "id" of type "ID!" is required, but it was not provided.`}},
		"type":               {"{ ... on Custome { id } }", true, []string{`Unknown type "Custome".`}},
		"int":                {`{ customers(first: "secret") { totalCount } }`, true, []string{`Expected a value of type "Int", found another.`}},
		"int out of range":   {`{ customers(first: 99999999999) { totalCount } }`, true, []string{`Expected a value of type "Int", found another.`}},
		"enum":               {`{ customers(filter: {kind: [SECRET]}) { totalCount } }`, true, []string{`Expected a value of type "CustomerKind!", found another.`}},
		"enum as string":     {`{ customers(filter: {kind: "PERSON"}) { totalCount } }`, true, []string{`Expected a value of type "[CustomerKind!]", found another.`}},
		"one for a list":     {`{ customers(filter: {kind: PERSON}) { totalCount } }`, false, nil},
		"null":               {`{ customer(id: null) { id } }`, false, []string{`Expected a value of type "ID!", found null.`}},
		"list for one":       {`{ customer(id: ["secret"]) { id } }`, false, []string{`Expected a value of type "ID!", found another.`}},
		"input field":        {`{ customers(filter: {secret: 1}) { totalCount } }`, false, []string{`Field "secret" is not defined by type "CustomerFilter".`}},
		"required field":     {`{ customers(orderBy: {direction: ASC}) { totalCount } }`, false, []string{`Field "CustomerOrder.field" of required type "CustomerOrderField!" was not provided.`}},
		"one of two":         {`{ customerByIdentifier(by: {email: "a", phone: "b"}) { id } }`, false, []string{`Exactly one field of "CustomerIdentifier" must be given.`}},
		"one of none":        {`{ customerByIdentifier(by: {email: null}) { id } }`, false, []string{`The field given of "CustomerIdentifier" must not be null.`}},
		"time":               {`query ($v: DateTime) { customers(filter: {updatedAt: {after: "2011-12-09T12:50:00+01:00"}}) { totalCount } orders(filter: {placedAt: {after: $v}}) { totalCount } }`, false, nil},
		"time as a number":   {`{ customers(filter: {updatedAt: {after: 12}}) { totalCount } }`, false, []string{`Expected a value of type "DateTime", found one that ` + noTime}},
		"time as a list":     {`{ customers(filter: {updatedAt: {after: ["2011-12-09T12:50:00Z"]}}) { totalCount } }`, false, []string{`Expected a value of type "DateTime", found one that ` + noTime}},
		"day as a time":      {`{ orders(filter: {placedAt: {after: "2011-01-01"}}) { totalCount } }`, false, []string{`Expected a value of type "DateTime", found one that ` + noTime}},
		"day by default":     {`query ($v: DateTime! = "2011-01-01") { orders(filter: {placedAt: {after: $v}}) { totalCount } }`, false, []string{`Expected a value of type "DateTime!", found one that ` + noTime}},
		"one of, unsure":     {`query ($e: String) { customerByIdentifier(by: {email: $e}) { id } }`, false, []string{`Variable "$e" is of type "String" but must be non-nullable to be used for OneOf Input Object "CustomerIdentifier".`}},
		"one of, sure":       {`query ($e: String!) { customerByIdentifier(by: {email: $e}) { id } }`, false, nil},
		"half a surrogate":   {`{ customer(id: "\uD83D") { id } }`, false, []string{"Syntax error: an escape in a string is half of a surrogate pair."}},
		"the other half":     {`{ a: customer(id: "") { id } b: customer(id: "x\uDE00") { id } }`, false, []string{"Syntax error: an escape in a string is half of a surrogate pair."}},
		"half by its number": {`{ customer(id: "\u{D83D}") { id } }`, false, []string{"Syntax error: the text is not GraphQL here."}},
		"surrogate pair":     {`{ customer(id: "\uD83D\uDE00\u{1F600}\\uD83D \uFFFD�") { id } }`, false, nil},
		"no escapes":         {"{ customer(id: \"\"\"\\uD83D \\\"\"\" \\uD83D \"\"\"\"\"\") { id } # \"\\uD83D\"\n}", false, nil},
		"syntax: name":       {`{ customer(id: "1") { id } } secret`, false, []string{"Syntax error: a name is not expected here."}},
		"syntax: string":     {`{ "secret" }`, false, []string{"Syntax error: a string is not expected here."}},
		"syntax: number":     {`{ 12345 }`, false, []string{"Syntax error: a number is not expected here."}},
		"syntax: bracket":    {`{ customer(id: "1") { id } }}`, false, []string{`Syntax error: "}" is not expected here.`}},
		"syntax: end":        {`{ customer(id: "1") { id }`, false, []string{"Syntax error: the end of the document is not expected here."}},
		"syntax: no token":   {`{ customer(id: "secret`, false, []string{"Syntax error: the text is not GraphQL here."}},
		"syntax: escape":     {`{ customer(id: "\secret") { id } }`, false, []string{"Syntax error: the text is not GraphQL here."}},
		"long name":          {"{ " + strings.Repeat("a", 100) + " }", false, []string{`Cannot query field "` + strings.Repeat("a", 64) + `…" on type "Query".`}},
		"name too long":      {"{ " + strings.Repeat("a", 256) + " }", false, []string{"The document has a name of more than 255 bytes."}},
		"long message":       {"query ($v: " + strings.Repeat("[", 120) + "Int" + strings.Repeat("]", 120) + ") { customers(first: $v) { totalCount } }", false, []string{`Variable "$v" of type "` + strings.Repeat("[", 120) + "Int" + strings.Repeat("]", 120) + `" used in position expecting type …`}},
		"brackets":           {strings.Repeat("{", 129), false, []string{"The document nests deeper than 128 brackets."}},
		"mutation":           {"mutation { a }", false, []string{`Schema does not support operation type "mutation"`}},
		"unmergeable fields": {`{ a: customer(id: 1) { id } a: order(id: 1) { id } }`, false, []string{`Fields "a" conflict because "customer" and "order" are different fields. Use different aliases on the fields to fetch both if this was intentional.`}},
		"introspection":      {"{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", false, []string{"Maximum introspection depth exceeded"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, messages(p, c.document, c.suggest)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// However much is wrong, twenty errors are told.
func TestManyErrors(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	text := "{ viewer { " + strings.Repeat("unknown ", 1000) + "} }"
	if got := messages(p, text, true); len(got) != 20 {
		t.Errorf("got %d errors, want 20", len(got))
	}
	conflicts := "{ viewer { customer { " + strings.Repeat("x: id x: kind ", 40) + "} } }"
	if got := messages(p, conflicts, true); len(got) != 1 {
		t.Errorf("got %d errors for one name, want 1", len(got))
	}
}

func TestOperation(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	for _, c := range []struct{ document, name, want string }{
		{"{ __typename }", "", ""},
		{"query A { __typename }", "", ""},
		{"query A { __typename } query B { __typename }", "B", ""},
		{"query A { __typename } query B { __typename }", "", "The document has several operations: the request must say which one with operationName."},
		{"query A { __typename }", "Secret", "The document has no operation with the request's operationName."},
		{"{ __typename }", "Secret", "The document has no operation with the request's operationName."},
	} {
		doc, errs := p.Document(c.document, document.Options{})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		got := ""
		operation, err := doc.Operation(c.name)
		if err != nil {
			got = err.Message
		} else if c.name != "" && operation.Name != c.name {
			t.Errorf("%s of %s: got operation %s", c.name, c.document, operation.Name)
		}
		if got != c.want {
			t.Errorf("%q of %s: got %q, want %q", c.name, c.document, got, c.want)
		}
	}
}
