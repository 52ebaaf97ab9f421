package resolvers_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// newest is how the description of a list says by which time it has the newest first.
var newest = regexp.MustCompile("the newest (?:`(\\w+)` )?first")

// TestNewestFirst asks for every list below a record that says so, and compares.
func TestNewestFirst(t *testing.T) {
	graph := filled(t, backends.Backend{Name: "sqlite", Open: backends.SQLite}, nil)
	schema := graph.schema.Schema()
	ids := map[string][]string{}
	for _, r := range fixture.Records().All() {
		name := strings.TrimPrefix(fmt.Sprintf("%T", r), "*crm.")
		ids[name] = append(ids[name], fmt.Sprintf("%q", r.RecordID()))
	}
	asked := 0
	for typ, list := range eachNewest(schema) {
		for field, by := range list {
			query := fmt.Sprintf("{ nodes(ids: [%s]) { ... on %s { list: %s(first: 100) { nodes { at: %s } } } } }",
				strings.Join(ids[typ][:min(100, len(ids[typ]))], " "), typ, field, by)
			var answer struct {
				Data struct {
					Nodes []struct {
						List struct{ Nodes []struct{ At string } }
					}
				}
				Errors json.RawMessage
			}
			decode(t, graph.ask(t, query, nil), &answer)
			if answer.Errors != nil {
				t.Fatalf("%s: %s", query, answer.Errors)
			}
			different := false
			for _, node := range answer.Data.Nodes {
				times := node.List.Nodes
				if !slices.IsSortedFunc(times, func(a, b struct{ At string }) int { return cmp.Compare(b.At, a.At) }) {
					t.Errorf("%s.%s is not sorted by %s, the newest first: %v", typ, field, by, times)
				}
				different = different || len(times) > 1 && times[0] != times[len(times)-1]
			}
			if asked++; !different {
				t.Errorf("%s.%s: no record of the fixture has two of different times", typ, field)
			}
		}
	}
	if asked < 3 {
		t.Errorf("only %d lists say that they have the newest first", asked)
	}
}

// eachNewest returns the fields of records that say so, with the time, by type.
func eachNewest(schema *ast.Schema) map[string]map[string]string {
	found := map[string]map[string]string{}
	for _, d := range crm.Shown() {
		name := strings.TrimPrefix(fmt.Sprintf("%T", d.New()), "*crm.")
		for _, f := range schema.Types[name].Fields {
			if m := newest.FindStringSubmatch(f.Description); m != nil && strings.HasSuffix(f.Type.Name(), "Connection") {
				if found[name] == nil {
					found[name] = map[string]string{}
				}
				found[name][f.Name] = cmp.Or(m[1], "createdAt")
			}
		}
	}
	return found
}
