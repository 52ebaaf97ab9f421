package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/server"
)

// What GraphQL over HTTP says about methods, media types, parameters and statuses.
func TestGraphQLOverHTTP(t *testing.T) {
	f := start(t, hello, nil)
	tests := map[string]struct {
		request   request
		status    int
		mediaType string
		want      string
	}{
		"POST":                       {post("{hello}"), 200, plain, worldAnswer},
		"POST, any media type":       {with(post("{hello}"), "Accept", "*/*"), 200, plain, worldAnswer},
		"POST, application/json":     {with(post("{hello}"), "Accept", "application/json"), 200, plain, worldAnswer},
		"POST, the newer one":        {with(post("{hello}"), "Accept", newer), 200, accept, worldAnswer},
		"POST, charset":              {with(post("{hello}"), "Content-Type", "application/json; charset=UTF-8"), 200, plain, worldAnswer},
		"POST, unknown members":      {request{path: "/graphql", body: `{"query": "{hello}", "id": 1, "extensions": {"other": 1}}`}, 200, plain, worldAnswer},
		"POST, nulls":                {request{path: "/graphql", body: `{"query": "{hello}", "variables": null, "operationName": null, "extensions": null}`}, 200, plain, worldAnswer},
		"GET":                        {get(url.Values{"query": {"{hello}"}}), 200, plain, worldAnswer},
		"GET, operation":             {get(url.Values{"query": {"query A {hello} query B {hello}"}, "operationName": {"B"}}), 200, plain, worldAnswer},
		"GET, variables":             {get(url.Values{"query": {"query($n: String) {hello(name: $n)}"}, "variables": {`{"n": "x"}`}}), 200, plain, worldAnswer},
		"mutation by POST":           {post("mutation {change}"), 200, plain, worldAnswer},
		"mutation by GET":            {with(get(url.Values{"query": {"mutation {change}"}}), "Accept", newer), 405, accept, badRequest},
		"mutation by GET, JSON":      {get(url.Values{"query": {"mutation {change}"}}), 405, plain, badRequest},
		"subscription":               {with(post("subscription {changes}"), "Accept", newer), 400, accept, "UNSUPPORTED"},
		"syntax":                     {with(post("{"), "Accept", newer), 400, accept, parseFailed},
		"syntax, application/json":   {post("{"), 200, plain, parseFailed},
		"unknown field":              {with(post("{nope}"), "Accept", newer), 400, accept, validationFailed},
		"unknown field, JSON":        {post("{nope}"), 200, plain, validationFailed},
		"too many tokens":            {with(post("{"+strings.Repeat("a:hello ", 100)+"}"), "Accept", newer), 400, accept, limitExceeded},
		"too dear":                   {with(post("{dear(first: 1000000) {name}}"), "Accept", newer), 400, accept, costExceeded},
		"too dear, JSON":             {post("{dear(first: 1000000) {name}}"), 200, plain, costExceeded},
		"null decides":               {with(request{path: "/graphql", body: `{"query": "query($c: Boolean = true) {hello @include(if: $c)}", "variables": {"c": null}}`}, "Accept", newer), 400, accept, "$c of type Boolean does not fit: it must not be null"},
		"no such operation":          {with(request{path: "/graphql", body: `{"query": "query A {hello}", "operationName": "canary"}`}, "Accept", newer), 400, accept, unresolved},
		"which operation":            {with(post("query A {hello} query B {hello}"), "Accept", newer), 400, accept, unresolved},
		"introspection":              {post("{__schema {queryType {name}}}"), 200, plain, `"data"`},
		"unknown hash":               {with(request{path: "/graphql", body: `{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "canary"}}}`}, "Accept", newer), 400, accept, "PERSISTED_QUERY_NOT_SUPPORTED"},
		"unknown hash, JSON":         {request{path: "/graphql", body: `{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "canary"}}}`}, 200, plain, "PersistedQueryNotSupported"},
		"unknown document":           {request{path: "/graphql", body: `{"documentId": "sha256:canary"}`}, 200, plain, "PersistedQueryNotSupported"},
		"document named twice":       {request{path: "/graphql", body: `{"documentId": "canary", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "canary"}}}`}, 400, plain, "named twice"},
		"hash of another type":       {request{path: "/graphql", body: `{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "canary"}}}`}, 400, plain, "version 1"},
		"another hash":               {request{path: "/graphql", body: `{"query": "{hello}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "canary"}}}`}, 400, plain, badRequest},
		"form":                       {with(post("{hello}"), "Content-Type", "application/x-www-form-urlencoded"), 400, plain, badRequest},
		"text":                       {with(post("{hello}"), "Content-Type", "text/plain"), 400, plain, badRequest},
		"XML":                        {with(post("{hello}"), "Content-Type", "application/xml"), 415, plain, badRequest},
		"several types":              {with(post("{hello}"), "Content-Type", "application/json, text/plain"), 400, plain, badRequest},
		"UTF-16":                     {with(post("{hello}"), "Content-Type", "application/json; charset=utf-16"), 415, plain, badRequest},
		"empty charset":              {with(post("{hello}"), "Content-Type", `application/json; charset=""`), 415, plain, badRequest},
		"compressed":                 {with(post("{hello}"), "Content-Encoding", "gzip"), 415, plain, badRequest},
		"not compressed":             {with(post("{hello}"), "Content-Encoding", "identity"), 200, plain, worldAnswer},
		"PUT":                        {request{method: "PUT", path: "/graphql"}, 405, plain, badRequest},
		"HEAD":                       {request{method: "HEAD", path: "/graphql?query={hello}"}, 405, plain, ""},
		"OPTIONS":                    {request{method: "OPTIONS", path: "/graphql"}, 405, plain, badRequest},
		"nothing acceptable":         {with(post("{hello}"), "Accept", "text/html"), 406, plain, badRequest},
		"nothing acceptable, by GET": {with(get(url.Values{"query": {"{hello}"}}), "Accept", "application/xml"), 406, plain, badRequest},
		"empty body":                 {request{path: "/graphql"}, 400, plain, "not valid JSON"},
		"broken JSON":                {request{path: "/graphql", body: `{"query": "canary`}, 400, plain, "not valid JSON"},
		"broken JSON, newer":         {with(request{path: "/graphql", body: `{"query": "canary`}, "Accept", newer), 400, accept, "not valid JSON"},
		"two values":                 {request{path: "/graphql", body: `{"query": "{hello}"}{}`}, 400, plain, "not valid JSON"},
		"batch":                      {request{path: "/graphql", body: ` [{"query": "{hello}"}]`}, 400, plain, "batches are not taken"},
		"text for an object":         {request{path: "/graphql", body: `"canary"`}, 400, plain, "must be one JSON object"},
		"null":                       {request{path: "/graphql", body: `null`}, 400, plain, "query is missing"},
		"no query":                   {request{path: "/graphql", body: `{}`}, 400, plain, "query is missing"},
		"query twice":                {request{path: "/graphql", body: `{"query": "{hello}", "qu\u0065ry": "{count}"}`}, 400, plain, "has a name twice"},
		"half a surrogate pair":      {request{path: "/graphql", body: `{"query": "{hello(name: \"\uD83D\")}"}`}, 400, plain, "half of a surrogate pair"},
		"half a pair in GraphQL":     {with(post(`{hello(name: \"\\uD83D\")}`), "Accept", newer), 400, accept, "half of a surrogate pair"},
		"a surrogate pair":           {request{path: "/graphql", body: `{"query": "{hello(name: \"\uD83D\uDE00\")}"}`}, 200, plain, worldAnswer},
		"Query":                      {request{path: "/graphql", body: `{"Query": "{hello}"}`}, 400, plain, "query is missing"},
		"query of another type":      {request{path: "/graphql", body: `{"query": {"canary": 1}}`}, 400, plain, "query must be a string"},
		"operation of another type":  {request{path: "/graphql", body: `{"query": "{hello}", "operationName": 1}`}, 400, plain, "operationName must be a string"},
		"document of another type":   {request{path: "/graphql", body: `{"documentId": 1}`}, 400, plain, "documentId must be a string"},
		"variables of another type":  {request{path: "/graphql", body: `{"query": "{hello}", "variables": ["canary"]}`}, 400, plain, "variables must be a JSON object"},
		"extensions of another type": {request{path: "/graphql", body: `{"query": "{hello}", "extensions": "canary"}`}, 400, plain, "extensions must be a JSON object"},
		"too large":                  {post("{hello}" + strings.Repeat(" ", 2048)), 413, plain, limitExceeded},
		"not UTF-8":                  {post("{hello(name: \\\"\xff\\\")}"), 400, plain, "not valid UTF-8"},
		"GET, no query":              {get(nil), 400, plain, "query is missing"},
		"GET, twice":                 {request{method: "GET", path: "/graphql?query=%7Bhello%7D&query=canary"}, 400, plain, "query is there twice"},
		"GET, not UTF-8":             {request{method: "GET", path: "/graphql?query=%7Bhello%7D&variables=%ff"}, 400, plain, "not valid UTF-8"},
		"GET, broken":                {request{method: "GET", path: "/graphql?query=a;b"}, 400, plain, "percent-encoded"},
		"GET, broken variables":      {get(url.Values{"query": {"{hello}"}, "variables": {"canary"}}), 400, plain, "variables must be a JSON object"},
		"GET, variables of a list":   {get(url.Values{"query": {"{hello}"}, "variables": {"[]"}}), 400, plain, "variables must be a JSON object"},
		"GET, two variables":         {get(url.Values{"query": {"{hello}"}, "variables": {"{}{}"}}), 400, plain, "variables must be a JSON object"},
		"GET, broken extensions":     {get(url.Values{"query": {"{hello}"}, "extensions": {"{"}}), 400, plain, "extensions must be a JSON object"},
		"websocket":                  {with(get(url.Values{"query": {"{hello}"}}), "Upgrade", "websocket"), 400, plain, "Upgrade"},
		"POST, offering HTTP/2":      {with(post("{hello}"), "Upgrade", "h2c"), 200, plain, worldAnswer},
		"GET, offering HTTP/2":       {with(get(url.Values{"query": {"{hello}"}}), "Upgrade", "h2c"), 200, plain, worldAnswer},
		"another expectation":        {with(post("{hello}"), "Expect", "canary"), 417, "", ""},
		"another page":               {request{method: "GET", path: "/canary"}, 404, plain, "GraphQL is at /graphql"},
		"no explorer":                {request{method: "GET", path: "/"}, 200, "text/plain; charset=utf-8", "/graphql, by POST"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := f.do(t, test.request)
			if got.status != test.status || !strings.Contains(got.body, test.want) {
				t.Errorf("%d %s\nwant %d with %s", got.status, got.body, test.status, test.want)
			}
			if mediaType := got.header.Get("Content-Type"); mediaType != test.mediaType {
				t.Errorf("Content-Type %q, want %q", mediaType, test.mediaType)
			}
			if strings.Contains(got.body, "canary") {
				t.Errorf("the answer repeats the request: %s", got.body)
			}
			if got.status == 405 && got.header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if got.status >= 400 && strings.Contains(got.body, `"data"`) {
				t.Errorf("data of a request that was not executed: %s", got.body)
			}
		})
	}
	if strings.Contains(f.log.String(), "canary") {
		t.Errorf("the log holds a client's text:\n%s", f.log)
	}
}

// The media type of an answer is the one that the client wants most.
func TestNegotiation(t *testing.T) {
	f := start(t, hello, nil)
	for header, want := range map[string]string{
		"":                                       plain,
		"*/*":                                    plain,
		"*/*;q=0.1":                              plain,
		"application/*":                          plain,
		"text/html, */*;q=0.8":                   plain,
		"application/json":                       plain,
		"APPLICATION/JSON":                       plain,
		newer:                                    accept,
		newer + ", */*":                          accept,
		newer + ",application/json":              accept,
		"application/json, " + newer:             accept,
		newer + ";q=0.5, application/json;q=0.9": plain,
		newer + ", application/json;q=0.9":       accept,
		newer + ";q=0, application/json":         plain,
		"application/json;q=0, */*":              accept,
		newer + ";q=0, */*":                      plain,
		newer + "; charset=utf-8":                accept,
		newer + "; charset=utf-16, application/*":   plain,
		"application/json, */*":                     plain,
		"broken, application/json;q=2, */*;q=0.1":   plain,
		"application/json;q=0.001":                  plain,
		"text/html":                                 "",
		"*/*;q=0":                                   "",
		"application/json;q=0, " + newer + ";q=0.0": "",
		"application/json; charset=utf-16":          "",
		"application/json;q=NaN":                    "",
		"broken":                                    "",
	} {
		got := f.do(t, with(post("{hello}"), "Accept", header))
		if want == "" {
			if got.status != http.StatusNotAcceptable {
				t.Errorf("Accept: %s is answered with %d, want 406", header, got.status)
			}
			continue
		}
		if mediaType := got.header.Get("Content-Type"); mediaType != want || got.status != http.StatusOK {
			t.Errorf("Accept: %s is answered as %s (%d), want %s", header, mediaType, got.status, want)
		}
	}
}

// Errors about variables name the variable, its place in the document and in the value,
// and what would be right, without the value.
func TestVariables(t *testing.T) {
	f := start(t, hello, nil)
	for name, test := range map[string]struct{ definition, use, value, want string }{
		"null":              {"$v: ID!", "id: $v", `null`, "The variable $v of type ID! does not fit: it must not be null."},
		"missing":           {"$v: ID!", "id: $v", ``, "The variable $v of type ID! does not fit: it is missing."},
		"text for a number": {"$v: Int", "n: $v", `"canary"`, "The variable $v of type Int does not fit: it must be a whole number"},
		"number too large":  {"$v: Int", "n: $v", `99999999999999999999999`, "it must be a whole number from -2147483648 to 2147483647"},
		"object for text":   {"$v: ID", "id: $v", `{"canary": 1}`, "it must be a string or a whole number"},
		"no such value":     {"$v: Kind", "kind: $v", `"CANARY"`, "it must be one of GOOD, BETTER"},
		"no object":         {"$v: Filter", "filter: $v", `"canary"`, "it must be an object of type Filter"},
		"unknown member":    {"$v: Filter", "filter: $v", `{"name": "x", "canary": 1}`, "it has a field that Filter does not have"},
		"missing member":    {"$v: Filter", "filter: $v", `{"within": {}, "name": "x"}`, "within.name is missing"},
		"null member":       {"$v: Filter", "filter: $v", `{"name": null}`, "name must not be null"},
		"deep member":       {"$v: [Filter!]", "many: $v", `[{"name": "x"}, {"name": "x", "within": {"name": "y", "n": "canary"}}]`, "[1].within.n must be a whole number"},
		"too deep":          {"$v: Filter", "filter: $v", strings.Repeat(`{"within":`, 12) + "1" + strings.Repeat("}", 12), "nest deeper"},
	} {
		t.Run(name, func(t *testing.T) {
			variables := "{}"
			if test.value != "" {
				variables = `{"v": ` + test.value + `}`
			}
			body := `{"query": "query(` + test.definition + `) {\n count(` + test.use + `)}", "variables": ` + variables + `}`
			got := f.do(t, request{path: "/graphql", body: body, header: map[string]string{"Accept": newer}})
			code := badUserInput
			if name == "too deep" {
				code = limitExceeded
			}
			if got.status != 400 || !strings.Contains(got.body, test.want) || !strings.Contains(got.body, code) {
				t.Errorf("%d %s\nwant 400 with %s", got.status, got.body, test.want)
			}
			if name != "too deep" && !strings.Contains(got.body, `"locations":[{"line":1,"column":7}]`) {
				t.Errorf("the answer does not say where the variable is defined: %s", got.body)
			}
			if low := strings.ToLower(got.body); strings.Contains(low, "canary") || strings.Contains(low, "int64") || strings.Contains(got.body, `"data"`) {
				t.Errorf("the answer says too much: %s", got.body)
			}
		})
	}
}

// What nests too deep to be decoded is told from what is no JSON.
func TestNestedBody(t *testing.T) {
	f := known(t, func(c *server.Config) { c.Limits.BodyBytes = 1 << 20 })
	body := `{"query": "{hello}", "variables": {"a": ` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}}`
	if got := f.do(t, as("staff-a", post("{hello}"))); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := f.do(t, as("staff-a", request{path: "/graphql", body: body})); got.status != 400 || !strings.Contains(got.body, "nests lists or objects deeper") || !strings.Contains(got.body, limitExceeded) {
		t.Errorf("%d %s", got.status, got.body)
	}
}
