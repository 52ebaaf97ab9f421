package resolvers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
)

var update = flag.Bool("update", false, "write the answers of SQLite to testdata")

// testCase is a folder of testdata: query.graphql, vars.json, viewer (an id)
// and want.json, the answer, indented.
type testCase struct {
	dir    string
	ask    request
	viewer crm.ID
}

func readCases(t *testing.T) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*/query.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test cases under testdata: %v", err)
	}
	cases := make([]testCase, len(files))
	for i, file := range files {
		dir := filepath.Dir(file)
		cases[i] = testCase{
			dir:    dir,
			ask:    request{Query: string(read(t, file)), Variables: read(t, filepath.Join(dir, "vars.json"))},
			viewer: crm.ID(strings.TrimSpace(string(read(t, filepath.Join(dir, "viewer"))))),
		}
	}
	return cases
}

// read returns a file's bytes, nil if there is no such file.
func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return raw
}

// TestCases asks every case of every store (those under shops with the fixture's
// shops beside it), twice: always the same bytes.
func TestCases(t *testing.T) {
	cases := readCases(t)
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		alone, withShops := filled(t, backend, nil), filledWithShops(t, backend)
		for _, c := range cases {
			graph := alone
			if strings.HasPrefix(c.dir, "testdata/shops/") {
				graph = withShops
			}
			t.Run(strings.TrimPrefix(c.dir, "testdata/"), func(t *testing.T) {
				got := graph.do(t, c.ask, c.viewer)
				if again := graph.do(t, c.ask, c.viewer); !bytes.Equal(got, again) {
					t.Errorf("the same request gave other bytes:\n%s", cmp.Diff(string(got), string(again)))
				}
				var indented bytes.Buffer
				if err := json.Indent(&indented, got, "", "  "); err != nil {
					t.Fatalf("the answer is not JSON: %v\n%s", err, got)
				}
				indented.WriteByte('\n')
				file := filepath.Join(c.dir, "want.json")
				if *update && backend.Name == "sqlite" {
					if err := os.WriteFile(file, indented.Bytes(), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(string(read(t, file)), indented.String()); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
			})
		}
		if alone.log.Len() > 0 || strings.Contains(withShops.log.String(), "level=ERROR") {
			t.Errorf("the cases must not cause an internal error:\n%s%s", alone.log, withShops.log)
		}
	})
}

// TestEveryFieldIsSelected fails for every field of the schema that no case
// selects with a value that is not null.
func TestEveryFieldIsSelected(t *testing.T) {
	schema := newGraph(nil).schema.Schema()
	seen := map[string]bool{}
	for _, c := range readCases(t) {
		var want struct{ Data map[string]any }
		if err := json.Unmarshal(read(t, filepath.Join(c.dir, "want.json")), &want); err != nil {
			t.Fatalf("%s: %v", c.dir, err)
		}
		doc, errs := gqlparser.LoadQueryWithRules(schema, c.ask.Query, nil)
		if errs != nil {
			continue // A case of bad input.
		}
		for _, operation := range doc.Operations {
			mark(schema, seen, operation.SelectionSet, want.Data)
		}
	}
	missing := []string{}
	for name, def := range schema.Types {
		if def.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		for _, field := range def.Fields {
			if key := name + "." + field.Name; !seen[key] && !strings.HasPrefix(field.Name, "__") {
				missing = append(missing, key)
			}
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("%d fields are selected by no case with a value that is not null:\n%s", len(missing), strings.Join(missing, "\n"))
	}
}

// mark notes the fields of a selection that have a value in the answer.
func mark(schema *ast.Schema, seen map[string]bool, selections ast.SelectionSet, value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			mark(schema, seen, selections, element)
		}
	case map[string]any:
		for _, selection := range selections {
			switch s := selection.(type) {
			case *ast.Field:
				if v := value[s.Alias]; v != nil {
					seen[s.ObjectDefinition.Name+"."+s.Name] = true
					mark(schema, seen, s.SelectionSet, v)
				}
			case *ast.InlineFragment:
				markFragment(schema, seen, s.TypeCondition, s.SelectionSet, value)
			case *ast.FragmentSpread:
				markFragment(schema, seen, s.Definition.TypeCondition, s.Definition.SelectionSet, value)
			}
		}
	}
}

// markFragment marks a fragment's fields if its condition is certain to hold.
func markFragment(schema *ast.Schema, seen map[string]bool, condition string, selections ast.SelectionSet, value map[string]any) {
	name, known := value["__typename"].(string)
	if condition == "" || !known || condition == name || schema.Types[condition].IsAbstractType() {
		mark(schema, seen, selections, value)
	}
}
