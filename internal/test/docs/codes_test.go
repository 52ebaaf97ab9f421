package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// codeConstant is what constants with codes of errors are called, and codeText what
// they hold.
var (
	codeConstant = regexp.MustCompile(`^[cC]ode[A-Z]`)
	codeText     = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	codeWritten  = regexp.MustCompile(`\\?"code\\?":\s*\\?"([A-Z_]+)\\?"`)
)

// TestEveryCodeIsDocumented compares the table of docs/errors.md with the codes that
// the program can give: constants, as none may be written out where it is given.
func TestEveryCodeIsDocumented(t *testing.T) {
	docs, err := os.ReadFile(filepath.Join(root, "docs/errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := []string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllStringSubmatch(string(docs), -1) {
		documented = append(documented, row[1])
	}
	given := []string{}
	for _, name := range files(t, func(name string) bool { return path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") }) {
		given = append(given, codesIn(t, filepath.Join(root, name))...)
	}
	slices.Sort(documented)
	slices.Sort(given)
	given = slices.Compact(given)
	if len(given) < 10 {
		t.Fatalf("only %v: the test does not find the codes", given)
	}
	if diff := cmp.Diff(given, documented); diff != "" {
		t.Errorf("docs/errors.md does not have the codes of the program (-program +docs):\n%s", diff)
	}
}

// codesIn returns the codes of a Go file.
func codesIn(t *testing.T, name string) (codes []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, written := range codeWritten.FindAllStringSubmatch(string(text), -1) {
		codes = append(codes, written[1])
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range file.Decls {
		if constants, ok := declaration.(*ast.GenDecl); ok && constants.Tok == token.CONST {
			codes = append(codes, codesOf(constants)...)
		}
	}
	return codes
}

func codesOf(constants *ast.GenDecl) (codes []string) {
	for _, spec := range constants.Specs {
		values, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range values.Names {
			if i >= len(values.Values) || !codeConstant.MatchString(name.Name) {
				continue
			}
			literal, ok := values.Values[i].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			if text, err := strconv.Unquote(literal.Value); err == nil && codeText.MatchString(text) {
				codes = append(codes, text)
			}
		}
	}
	return codes
}
