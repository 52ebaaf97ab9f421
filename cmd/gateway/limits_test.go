package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// The limit on values holds for what stands in a document as well as for variables.
func TestLimitOfValues(t *testing.T) {
	s := serve(t, []string{"GATEWAY_LIMITS_VALUES=3"}, "serve", "--store", "sqlite:"+t.TempDir()+"/store.db")
	for name, test := range map[string]struct{ body, want string }{
		"few in a document":  {`{"query": "{nodes(ids: [\"a\", \"b\", \"c\"]) {id}}"}`, `"data":{"nodes":[null,null,null]}`},
		"many in a document": {`{"query": "{nodes(ids: [\"a\", \"b\", \"c\", \"d\"]) {id}}"}`, "more than 3 values"},
		"many in variables":  {`{"query": "query($i: [ID!]!) {nodes(ids: $i) {id}}", "variables": {"i": ["a", "b", "c", "d"]}}`, "more than 3 values"},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.graphql, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil || !strings.Contains(string(body), test.want) {
				t.Errorf("%s, error %v; want %s", body, err, test.want)
			}
		})
	}
}
