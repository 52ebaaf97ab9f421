package schema_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/test/sdl"
)

// journeys validates the documents that callers send and gives them by path
// below testdata/journeys, with slashes.
func journeys(t *testing.T, schema *ast.Schema) map[string]*ast.QueryDocument {
	t.Helper()
	root := os.DirFS(filepath.Join("testdata", "journeys"))
	found := map[string]*ast.QueryDocument{}
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		document, errs := gqlparser.LoadQueryWithRules(schema, string(text), nil)
		if len(errs) > 0 {
			t.Errorf("%s: %v", path, errs)
			return nil
		}
		found[path] = document
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestJourneys wants the documents that callers send to stay valid, and each
// caller to be allowed every field of theirs.
func TestJourneys(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	found := journeys(t, schema)
	customer := []reader{{"a customer", func(a fieldAccess) bool { return a.customer }}}
	tests := []struct {
		path    string
		readers []reader
	}{
		{"dashboard/search.graphql", staff("SUPPORT", "SALES", "ADMIN")},
		{"dashboard/customers.graphql", staff("SUPPORT", "SALES", "MARKETING", "ADMIN")},
		{"dashboard/customer-360.graphql", staff("SUPPORT", "SALES", "ADMIN")},
		{"partner/resolve.graphql", partner("CUSTOMERS_READ")},
		{"partner/changed.graphql", partner("CUSTOMERS_READ", "ORDERS_READ")},
		{"partner/follow.graphql", partner("CUSTOMERS_READ", "ORDERS_READ")},
		{"portal/home.graphql", customer},
		{"probe/node.graphql", readers(schema)},
	}
	for _, test := range tests {
		document := found[test.path]
		if document == nil {
			t.Errorf("there is no valid %s", test.path)
			continue
		}
		for _, r := range test.readers {
			for _, operation := range document.Operations {
				for _, where := range denied(schema, operation.SelectionSet, r) {
					t.Errorf("%s: %s may not read %s", test.path, r.name, where)
				}
			}
		}
	}
	if len(found) != len(tests) {
		t.Errorf("%d journeys are valid, %d are listed here", len(found), len(tests))
	}
}

// staff returns a reader for each role.
func staff(roles ...string) []reader {
	list := []reader{}
	for _, role := range roles {
		list = append(list, reader{role, func(a fieldAccess) bool { return slices.Contains(a.staff, role) }})
	}
	return list
}

// partner returns one reader with all of the scopes.
func partner(scopes ...string) []reader {
	return []reader{{strings.Join(scopes, " and "), func(a fieldAccess) bool {
		return slices.ContainsFunc(a.partner, func(s string) bool { return slices.Contains(scopes, s) })
	}}}
}

// denied returns the selected fields that a reader may not read.
func denied(schema *ast.Schema, set ast.SelectionSet, r reader) []string {
	list := []string{}
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if a, _ := accessOf(schema, selection.ObjectDefinition, selection.Definition); !strings.HasPrefix(selection.Name, "__") && !r.reads(a) {
				list = append(list, selection.ObjectDefinition.Name+"."+selection.Name)
			}
			list = append(list, denied(schema, selection.SelectionSet, r)...)
		case *ast.InlineFragment:
			list = append(list, denied(schema, selection.SelectionSet, r)...)
		case *ast.FragmentSpread:
			list = append(list, denied(schema, selection.Definition.SelectionSet, r)...)
		}
	}
	return list
}
