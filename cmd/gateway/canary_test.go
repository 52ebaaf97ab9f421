package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/test/fixture"
)

// Every case of the graph's tests, bad input and a broken import are put to the
// program with its log at the finest: no email, phone or other private text of
// the records, and no value of any variable, is in a line of it.
func TestLogHoldsNoPersonalData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "canaries.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := fixture.Load(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := serve(t, []string{"GATEWAY_LOG_LEVEL=debug"}, "serve", "--store", "sqlite:"+path)

	canaries := fixture.Canaries()
	for _, c := range requests(t) {
		body, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		fetch(t, s.graphql, string(body))
		fetch(t, s.graphql, string(body[:len(body)/2])) // Half of it is no JSON.
		for _, value := range c.Variables {
			canaries = append(canaries, texts(value)...)
		}
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	log := s.log.String()
	if strings.Count(log, "\n") < len(requests(t)) {
		t.Fatalf("the log has fewer lines than there were requests:\n%s", log)
	}
	for _, canary := range canaries {
		if strings.Contains(log, canary) {
			t.Errorf("the log holds %q", canary)
		}
	}
}

// put is what is posted.
type put struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
}

// requests are the cases of the graph's tests, and bad input that holds
// private texts where an error might echo it.
func requests(t *testing.T) []put {
	t.Helper()
	files, err := filepath.Glob("../../resolvers/testdata/*/*/query.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var list []put
	for _, file := range files {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := put{Query: string(query)}
		if vars, err := os.ReadFile(filepath.Join(filepath.Dir(file), "vars.json")); err == nil {
			if err := json.Unmarshal(vars, &c.Variables); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, c)
	}
	const secret = "canary.private@example.com"
	for _, query := range []string{
		`query Q($v: String) { customers(after: $v) { nodes { id } } }`,
		`query Q($v: ID!) { node(id: $v) { id } }`,
		`query Q($v: CustomerStatus!) { customers(filter: {status: [$v]}) { nodes { id } } }`,
		`query Q($v: DateTime!) { customers(filter: {createdAt: {after: $v}}) { nodes { id } } }`,
		`query Q($v: Int) { customers(first: $v) { nodes { id } } }`,
		`query Q($v: CustomerIdentifier!) { customerByIdentifier(by: $v) { id } }`,
		`query canary_private($v: String) { customers(text: $v) { nodes { id nope } } }`,
	} {
		list = append(list, put{Query: query, Variables: map[string]any{"v": secret}})
	}
	return list
}

// texts returns the strings in a value that are long enough to be told apart.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		if len(value) > 6 {
			return []string{value}
		}
	case []any:
		var all []string
		for _, element := range value {
			all = append(all, texts(element)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, element := range value {
			all = append(all, texts(element)...)
		}
		return all
	}
	return nil
}
