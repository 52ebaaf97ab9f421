package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/document"
)

// coerce plans a document and coerces variables of its first operation: the values, or
// what is wrong.
func coerce(t *testing.T, p *document.Planner, text, variables string, suggest bool) (map[string]any, []string) {
	t.Helper()
	doc, errs := p.Document(text, document.Options{Suggest: true})
	if len(errs) > 0 {
		t.Fatalf("%s: %v", text, errs)
	}
	values, errs := p.Coerce(doc, doc.Query.Operations[0], []byte(variables), document.Options{Suggest: suggest})
	checkErrors(t, errs)
	var messages []string
	for _, err := range errs {
		messages = append(messages, err.Message)
	}
	return values, messages
}

// TestCoerce holds what an operation is executed with.
func TestCoerce(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	const orders = "query ($f: OrderFilter, $n: Int = 7, $d: OrderDirection = DESC) { orders(filter: $f, first: $n, orderBy: {field: PLACED_AT, direction: $d}) { totalCount } }"
	const sorted = "query ($o: CustomerOrder = {field: NAME}) { customers(orderBy: $o) { totalCount } }"
	for name, c := range map[string]struct {
		document, variables string
		want                map[string]any
	}{
		"nothing":         {orders, "", map[string]any{"n": 7, "d": "DESC"}},
		"null":            {orders, `{"f": null, "n": null}`, map[string]any{"f": nil, "n": nil, "d": "DESC"}},
		"null in a field": {orders, `{"f": {"status": null, "number": null}}`, map[string]any{"f": map[string]any{"status": nil, "number": nil}, "n": 7, "d": "DESC"}},
		"one for a list":  {orders, `{"f": {"status": "OPEN"}}`, map[string]any{"f": map[string]any{"status": []any{"OPEN"}}, "n": 7, "d": "DESC"}},
		"not known":       {orders, `{"n": 1, "x": {"n": [1, {}, "a"]}, "d": "ASC"}`, map[string]any{"n": 1, "d": "ASC"}},
		"times":           {orders, `{"f": {"placedAt": {"after": "2011-12-09T12:50:00+01:00", "before": null}}}`, map[string]any{"f": map[string]any{"placedAt": map[string]any{"after": "2011-12-09T12:50:00+01:00", "before": nil}}, "n": 7, "d": "DESC"}},
		"default":         {sorted, "{}", map[string]any{"o": map[string]any{"field": "NAME", "direction": "ASC"}}},
		"field's default": {sorted, `{"o": {"field": "NAME"}}`, map[string]any{"o": map[string]any{"field": "NAME", "direction": "ASC"}}},
		"escapes":         {"query ($i: ID!) { node(id: $i) { id } }", `{"\u0069": "\ud83d\ude00\u0000"}`, map[string]any{"i": "😀\x00"}},
		"long id":         {"query ($i: ID!) { node(id: $i) { id } }", `{"i": 123456789012345678901234567890}`, map[string]any{"i": "123456789012345678901234567890"}},
	} {
		got, errs := coerce(t, p, c.document, c.variables, true)
		if diff := cmp.Diff(c.want, got); diff != "" || errs != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, errs, diff)
		}
	}
}

// TestCoercionErrors holds what is said: all variables that do not fit, in the order of
// their definitions, with the schema's names for those alone who may read them.
func TestCoercionErrors(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	const (
		orders = "query ($f: OrderFilter, $n: Int, $d: OrderDirection = DESC, $i: ID!) { orders(filter: $f, first: $n, orderBy: {field: PLACED_AT, direction: $d}) { totalCount } node(id: $i) { id } }"
		by     = "query ($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }"
		oneOf  = "The variable $by of type CustomerIdentifier! does not fit: it must have exactly one of the fields of CustomerIdentifier."
	)
	for name, c := range map[string]struct {
		document, variables string
		suggest             bool
		want                []string
	}{
		"several": {orders, `{"i": 1.5, "d": "desc", "n": "1", "f": {"placedAt": {"after": "2011-01-01"}, "x": [{"y": 1}]}}`, true, []string{
			"The variable $f of type OrderFilter does not fit: placedAt.after " + noTime,
			"The variable $n of type Int does not fit: it must be a whole number from -2147483648 to 2147483647.",
			"The variable $d of type OrderDirection does not fit: it must be one of ASC, DESC.",
			"The variable $i of type ID! does not fit: it must be a string or a whole number without fraction and exponent.",
		}},
		"missing and null":      {orders, `{"d": null}`, true, []string{"The variable $d of type OrderDirection does not fit: it must not be null where the document uses it.", "The variable $i of type ID! does not fit: it is missing."}},
		"in a list":             {orders, `{"i": 1, "f": {"status": ["OPEN", null]}}`, true, []string{"The variable $f of type OrderFilter does not fit: status[1] must not be null."}},
		"alone for a list":      {orders, `{"i": 1, "f": {"status": 1}}`, true, []string{"The variable $f of type OrderFilter does not fit: status must be one of OPEN, COMPLETED, CANCELED."}},
		"enum, schema untold":   {orders, `{"i": 1, "f": {"status": "open"}}`, false, []string{"The variable $f of type OrderFilter does not fit: status must be one of the values of OrderStatus, in their spelling."}},
		"no object":             {orders, `{"i": 1, "f": []}`, false, []string{"The variable $f of type OrderFilter does not fit: it must be an object of type OrderFilter."}},
		"__typename":            {orders, `{"i": 1, "f": {"__typename": "OrderFilter"}}`, false, []string{"The variable $f of type OrderFilter does not fit: it has a field that OrderFilter does not have."}},
		"__typename, told":      {orders, `{"i": 1, "f": {"placedAt": {"__typename": {}}}}`, true, []string{"The variable $f of type OrderFilter does not fit: placedAt has a field that TimeRange does not have; it has after, before."}},
		"one of none":           {by, `{"by": {}}`, true, []string{oneOf}},
		"one of two":            {by, `{"by": {"email": "a", "phone": null}}`, true, []string{oneOf}},
		"one of null":           {by, `{"by": {"email": null}}`, true, []string{"The variable $by of type CustomerIdentifier! does not fit: email must not be null."}},
		"one of, field missing": {by, `{"by": {"externalIdentity": {"source": "a"}}}`, true, []string{"The variable $by of type CustomerIdentifier! does not fit: externalIdentity.externalId is missing."}},
		"no JSON":               {by, `{"by": {"email": "a`, true, []string{"The variables are not valid JSON: they end too early."}},
		"more than JSON":        {by, `{"by": {"email": "a"}} {}`, true, []string{"The variables must be a JSON object."}},
		"a list":                {by, `[1]`, true, []string{"The variables must be a JSON object."}},
		"no token":              {by, `{"by": x}`, true, []string{"The variables are not valid JSON in UTF-8 at their byte 8."}},
		"half a pair":           {by, `{"by": {"email": "\uDE00"}}`, true, []string{"The variables have an escape at their byte 19 that is half of a surrogate pair, which is no character."}},
		"half, not asked for":   {by, `{"by": {"email": "a"}, "x": "\uD83Dx"}`, true, []string{"The variables have an escape at their byte 30 that is half of a surrogate pair, which is no character."}},
		"a name twice":          {by, `{"by": {"email": "a", "e\u006dail": "b"}}`, true, []string{"The variables are not valid JSON: an object in them has a name twice."}},
		"a variable twice":      {by, `{"by": {"email": "a"}, "by": {}}`, true, []string{"The variables are not valid JSON: an object in them has a name twice."}},
	} {
		t.Run(name, func(t *testing.T) {
			values, got := coerce(t, p, c.document, c.variables, c.suggest)
			if diff := cmp.Diff(c.want, got); diff != "" || values != nil {
				t.Errorf("%v (-want +got):\n%s", values, diff)
			}
		})
	}
}

// However many variables do not fit, twenty are told.
func TestManyCoercionErrors(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	var defined, used, given strings.Builder
	for i := range 30 {
		fmt.Fprintf(&defined, "$v%d: ID!", i)
		fmt.Fprintf(&used, "a%d: node(id: $v%d) { id } ", i%20, i%20)
		fmt.Fprintf(&given, `"v%d": {},`, i)
	}
	text := "query (" + defined.String() + ") { nodes(ids: [" + strings.Repeat("$v20 ", 1) + "$v21 $v22 $v23 $v24 $v25 $v26 $v27 $v28 $v29]) { id } }"
	text = strings.Replace(text, "[", "[$v0 $v1 $v2 $v3 $v4 $v5 $v6 $v7 $v8 $v9 $v10 $v11 $v12 $v13 $v14 $v15 $v16 $v17 $v18 $v19 ", 1)
	if _, got := coerce(t, p, text, "{"+strings.TrimSuffix(given.String(), ",")+"}", true); len(got) != 20 {
		t.Errorf("got %d errors, want 20", len(got))
	}
}

// A variable may be null by its type and yet not where it is used, if it or the place
// has a default.
func TestNullDecides(t *testing.T) {
	p := shopPlanner(t, document.DefaultLimits())
	tests := map[string]struct {
		document, variables string
		refused             bool
	}{
		"on a field":       {"query ($c: Boolean = true) { item @skip(if: $c) { id } }", `{"c": null}`, true},
		"on __typename":    {"query ($c: Boolean = true) { __typename @include(if: $c) }", `{"c": null}`, true},
		"on a fragment":    {"query ($c: Boolean = true) { ... @include(if: $c) { item { id } } }", `{"c": null}`, true},
		"in a fragment":    {"query ($c: Boolean = true) { ...A } fragment A on Query { any { ... on Item { name @skip(if: $c) } } }", `{"c": null}`, true},
		"in introspection": {"query ($c: Boolean = true) { __schema { types { name @skip(if: $c) } } }", `{"c": null}`, true},
		"in a list":        {`query ($i: ID = "a") { nodes(ids: [$i]) { id } }`, `{"i": null}`, true},
		"not given":        {"query ($c: Boolean = true) { item @skip(if: $c) { id } }", `{}`, false},
		"false":            {"query ($c: Boolean = true) { item @skip(if: $c) { id } }", `{"c": false}`, false},
		"of another":       {"query ($c: Boolean = true, $t: String) { item @skip(if: $c) { id } dear(text: $t) { id } }", `{"t": null}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, errs := coerce(t, p, test.document, test.variables, false); (errs != nil) != test.refused {
				t.Errorf("errors %q; want one: %v", errs, test.refused)
			}
		})
	}
}

// A default of the schema that does not fit, and a scalar that nothing checks, are found
// when a planner is made.
func TestWrongInputs(t *testing.T) {
	for text, want := range map[string]string{
		`scalar Blob type Query { a(b: Blob): Int }`:                                                                                    "plan: nothing checks values of the scalar Blob",
		`input A { n: Int = 2147483648 } type Query { a(b: A): Int }`:                                                                   "plan: the default of A.n must be a whole number from -2147483648 to 2147483647",
		`input A { b: B = {c: {}} } input B { c: C } input C { n: Int! = 1, m: Int! } type Query { a(b: A): Int }`:                      "plan: the default of A.b is missing",
		`input A { b: B = {c: {}} } input B { c: C } input C { n: Int! = 1 } type Query { a(b: A): Int }`:                               "<nil>",
		`directive @oneOf on INPUT_OBJECT input A { b: B = {c: 1, d: 1} } input B @oneOf { c: Int d: Int } type Query { a(b: A): Int }`: "plan: the default of A.b must have exactly one of the fields of B",
	} {
		s, err := gqlparser.LoadSchema(&ast.Source{Input: text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := document.New(s, document.DefaultLimits(), nil); fmt.Sprint(err) != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
