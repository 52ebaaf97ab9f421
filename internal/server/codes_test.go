package server_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/ratelimit"
)

// documentedStatuses reads the statuses of each code from the table of docs/errors.md.
func documentedStatuses(t *testing.T) map[string][]string {
	t.Helper()
	docs, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([0-9, ]*)\\|").FindAllStringSubmatch(string(docs), -1) {
		statuses[row[1]] = regexp.MustCompile(`\d+`).FindAllString(row[2], -1)
	}
	return statuses
}

// TestEveryCodeHasItsStatus makes every error that this package answers with, for
// clients of either media type: its status is one of the documented.
func TestEveryCodeHasItsStatus(t *testing.T) {
	documents, err := persisted.New(persisted.Config{APQ: persisted.DefaultAPQ()})
	if err != nil {
		t.Fatal(err)
	}
	callers := known(t, func(c *server.Config) { c.Persisted = documents })
	limited := known(t, func(c *server.Config) {
		c.Rates = server.Rates{
			Addresses: ratelimit.NewMemory(ratelimit.Options{}), Address: ratelimit.PerMinute(1, 1),
		}
	})
	given := map[string]map[string]bool{}
	note := func(f *fixture, r request) {
		t.Helper()
		got := f.do(t, r)
		var answer struct {
			Errors []struct{ Extensions struct{ Code string } }
		}
		if err := json.Unmarshal([]byte(got.body), &answer); err != nil || len(answer.Errors) == 0 || answer.Errors[0].Extensions.Code == "" {
			t.Errorf("%+v is answered with %d %s; want an error with a code", r, got.status, got.body)
			return
		}
		code := answer.Errors[0].Extensions.Code
		if given[code] == nil {
			given[code] = map[string]bool{}
		}
		given[code][strconv.Itoa(got.status)] = true
	}
	for _, media := range []string{newer, "application/json"} {
		staff := map[string]string{"Accept": media, "Authorization": "Bearer staff-1"}
		body := func(text string) request { return request{path: "/graphql", body: text, header: staff} }
		query := func(text string) request { return body(`{"query": "` + text + `"}`) }
		by := func(credential string) request {
			return request{path: "/graphql", body: `{"query": "{hello}"}`, header: map[string]string{"Accept": media, "Authorization": credential}}
		}
		for _, r := range []request{
			body("{"),
			{method: "PUT", path: "/graphql", header: staff},
			with(post("{hello}"), "Accept", "text/html"),
			{path: "/graphql", body: "{}", header: map[string]string{"Accept": media, "Authorization": "Bearer staff-1", "Content-Type": "application/xml"}},
			query("{"), query("{nope}"), query("query A {hello} query B {hello}"),
			body(`{"query": "query($n: Int) {count(n: $n)}", "variables": {"n": "x"}}`),
			query("{" + strings.Repeat("a:hello ", 100) + "}"), query(strings.Repeat(" ", 4096)), query("{dear(first: 100) {name}}"),
			body(`{"documentId": "x"}`), by("Bearer x"), by("Bearer"), by("Bearer unlinked"), by("Bearer idle"), by("Bearer stranger"),
			by("Bearer down"), by("Bearer broken"), query("subscription {changes}"),
			{path: "/nowhere", header: staff},
			{path: "/graphql", body: `{"query": "{__schema {queryType {name}}}"}`, header: map[string]string{"Accept": media, "Authorization": "Bearer customer-1"}},
		} {
			note(callers, r)
		}
		limited.do(t, by("Bearer staff-1"))
		note(limited, by("Bearer staff-1"))
		note(start(t, hello, nil), request{path: "/graphql", host: "evil.example", header: staff})
		note(start(t, hello, func(c *server.Config) { c.Persisted, err = persisted.New(persisted.Config{}) }), body(`{"documentId": "x"}`))
		if err != nil {
			t.Fatal(err)
		}
		note(start(t, func(context.Context) *graphql.Response { return nil }, nil), query("{hello}"))
		note(start(t, giving(5, 0), func(c *server.Config) { c.Limits.Answer.Values = 1 }), query("{hello}"))
		note(start(t, hello, func(c *server.Config) { c.Limits.BodyBytes, c.Limits.Concurrency.RequestBytes = 1<<20, 2 }),
			body(`{"query": "{hello}", "padding": "`+strings.Repeat("x", 1<<19)+`"}`))
	}
	documented := documentedStatuses(t)
	for code, statuses := range given {
		for status := range statuses {
			if !slices.Contains(documented[code], status) {
				t.Errorf("%s is answered with %s; docs/errors.md has %v", code, status, documented[code])
			}
		}
	}
	missing := []string{}
	for code := range documented {
		if given[code] == nil {
			missing = append(missing, code)
		}
	}
	slices.Sort(missing)
	// Of values and of records, which only a schema with resolvers has.
	if diff := cmp.Diff([]string{"AMBIGUOUS", "CONFLICT", "CURSOR_EXPIRED", "INVALID"}, missing); diff != "" {
		t.Errorf("codes that no request was answered with (-want +got):\n%s", diff)
	}
}
