package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// echo answers with the variables that an operation is executed with.
func echo(ctx context.Context) *graphql.Response {
	data, err := json.Marshal(graphql.GetOperationContext(ctx).Variables)
	if err != nil {
		panic(err)
	}
	return &graphql.Response{Data: data}
}

// TestCoercedVariables wants one answer to a value of a variable, whichever way the
// request comes: what is executed, or else a request error that says what would be
// right and holds nothing of the value.
func TestCoercedVariables(t *testing.T) {
	f := start(t, echo, nil)
	for name, test := range map[string]struct{ definition, use, value, want, wrong string }{
		"enum":                  {"$v: Kind", "kind: $v", `"GOOD"`, `{"v":"GOOD"}`, ""},
		"enum in small letters": {"$v: Kind", "kind: $v", `"good"`, "", "The variable $v of type Kind does not fit: it must be one of GOOD, BETTER."},
		"enum as a number":      {"$v: Kind", "kind: $v", `0`, "", "it must be one of GOOD, BETTER"},
		"int with a fraction":   {"$v: Int", "n: $v", `1.0`, `{"v":1}`, ""},
		"int with an exponent":  {"$v: Int", "n: $v", `1e3`, `{"v":1000}`, ""},
		"int as text":           {"$v: Int", "n: $v", `"1"`, "", "it must be a whole number from -2147483648 to 2147483647"},
		"int beyond 32 bits":    {"$v: Int", "n: $v", `2147483648`, "", "it must be a whole number from -2147483648 to 2147483647"},
		"int in part":           {"$v: Int", "n: $v", `1.5`, "", "it must be a whole number"},
		"id as a number":        {"$v: ID", "id: $v", `7`, `{"v":"7"}`, ""},
		"id in part":            {"$v: ID", "id: $v", `1.5`, "", "it must be a string or a whole number"},
		"float as text":         {"$v: Float", "f: $v", `"1.5"`, "", "it must be a number"},
		"string as a number":    {"$v: String", "name: $v", `5`, "", "it must be a string"},
		"__typename":            {"$v: Filter", "filter: $v", `{"name": "a", "__typename": "Filter"}`, "", "it has a field that Filter does not have; it has name, n, kind, within"},
		"null for a default":    {"$v: Filter", "filter: $v", `{"name": "a", "kind": null}`, "", "kind must not be null"},
		"default":               {"$v: Filter", "filter: $v", `{"name": "a"}`, `{"v":{"kind":"GOOD","name":"a"}}`, ""},
		"one for a list":        {"$v: [Filter!]", "many: $v", `{"name": "a", "kind": "BETTER"}`, `{"v":[{"kind":"BETTER","name":"a"}]}`, ""},
		"null where it may not": {"$v: Kind = BETTER", `filter: {name: "a", kind: $v}`, `null`, "", "it must not be null where the document uses it"},
		"half a surrogate pair": {"$v: String", "name: $v", `"\uD83D"`, "", "half of a surrogate pair"},
		"a surrogate pair":      {"$v: String", "name: $v", `"\uD83D\uDE00"`, `{"v":"😀"}`, ""},
		"a name twice":          {"$v: Filter", "filter: $v", `{"name": "a", "name": "b"}`, "", "name twice"},
		"not asked for":         {"$v: Int", "n: $v", `1, "w": {}`, `{"v":1}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			field := "count"
			if strings.HasPrefix(test.use, "name:") {
				field = "hello"
			}
			query, variables := "query("+test.definition+") { "+field+"("+test.use+") }", `{"v": `+test.value+`}`
			body := `{"query": ` + quoted(t, query) + `, "variables": ` + variables + `}`
			parameters := url.Values{"query": {query}, "variables": {variables}}
			for way, r := range map[string]request{
				"POST": {path: "/graphql", body: body},
				"GET":  {method: http.MethodGet, path: "/graphql?" + parameters.Encode()},
			} {
				got := f.do(t, with(r, "Accept", newer))
				if test.wrong == "" && (got.status != 200 || !strings.Contains(got.body, `"data":`+test.want)) {
					t.Errorf("%s: %d %s\nwant 200 with %s", way, got.status, got.body, test.want)
				}
				if test.wrong != "" && (got.status != 400 || strings.Contains(got.body, `"data"`) || !strings.Contains(got.body, badUserInput) && !strings.Contains(got.body, badRequest) || !strings.Contains(got.body, test.wrong)) {
					t.Errorf("%s: %d %s\nwant 400 with %s", way, got.status, got.body, test.wrong)
				}
			}
		})
	}
}

func quoted(t testing.TB, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
