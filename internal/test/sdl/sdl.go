package sdl

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// Sources returns the schema's files in the order in which gqlgen reads them: what
// the whole graph shares, then the domains by name. A file's name is its path from
// the module's root, with slashes.
func Sources(tb testing.TB) []*ast.Source {
	tb.Helper()
	root := moduleRoot(tb)
	domains, err := filepath.Glob(filepath.Join(root, "graph", "schema", "*.graphqls"))
	if err != nil || len(domains) == 0 {
		tb.Fatalf("found no schemas of domains: %v", err)
	}
	var sources []*ast.Source
	for _, path := range append([]string{filepath.Join(root, "schema.graphqls")}, domains...) {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			tb.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: filepath.ToSlash(name), Input: string(text)})
	}
	return sources
}

// Load parses and validates the schema, anew on each call: a test may change what
// it gets.
func Load(tb testing.TB) *ast.Schema {
	tb.Helper()
	schema, err := gqlparser.LoadSchema(Sources(tb)...)
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// moduleRoot returns the folder of go.mod, upwards from where the test runs.
func moduleRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			tb.Fatal("found no go.mod upwards")
		}
		dir = above
	}
}
