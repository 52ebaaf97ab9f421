package schema_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestModelIsMetadataAlone lists the types that gqlgen writes itself. It does so
// quietly for every type of the schema that it finds no type of the domain's
// for: another name here is a type that was renamed or is missing there.
func TestModelIsMetadataAlone(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "..", "..", "graph", "model", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				names[spec.Name.Name] = true
			}
			return true
		})
	}
	want := map[string]bool{"PartnerScope": true, "StaffGroup": true, "StaffRole": true}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("types in graph/model (-want +got):\n%s", diff)
	}
}
