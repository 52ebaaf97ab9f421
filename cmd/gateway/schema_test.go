package main_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/test/sdl"
)

var update = flag.Bool("update", false, "write the golden files")

// TestSchemaAccess holds who may read every field and use every argument, input
// field and enum value: a change of the golden file is a change of access.
func TestSchemaAccess(t *testing.T) {
	const golden = "testdata/access.tsv"
	code, printed, stderr := run(t, "", "schema", "--access")
	if code != 0 || stderr != "" {
		t.Fatalf("%d %q", code, stderr)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(printed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(printed, "\n")); diff != "" {
		t.Errorf("who may read what has changed; if it should, go test ./cmd/gateway -run TestSchemaAccess -update (-want +got):\n%s", diff)
	}
}

// TestSchemaDefinesItsDirectives holds the printed schema by itself: a client's tools
// know the directives of the specification of October 2021, and no others.
func TestSchemaDefinesItsDirectives(t *testing.T) {
	_, printed, _ := run(t, "", "schema")
	doc, err := parser.ParseSchema(&ast.Source{Input: printed})
	if err != nil {
		t.Fatal(err)
	}
	defined := map[string]bool{"skip": true, "include": true, "deprecated": true, "specifiedBy": true}
	for _, d := range doc.Directives {
		if defined[d.Name] {
			t.Errorf("@%s is defined twice, or by the specification", d.Name)
		}
		defined[d.Name] = true
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`@(\w+)`).FindAllStringSubmatch(withoutTexts(printed), -1) {
		if used[m[1]] = true; !defined[m[1]] {
			t.Errorf("@%s is used and not defined", m[1])
		}
	}
	if !used["oneOf"] || !used["access"] {
		t.Errorf("the directives used were not found: %v", used)
	}
}

// withoutTexts leaves out descriptions and other texts.
func withoutTexts(sdl string) string {
	return regexp.MustCompile(`(?s)""".*?"""|"(?:[^"\\\n]|\\.)*"`).ReplaceAllString(sdl, `""`)
}

// What schema prints is the whole schema: read again it is the same, and who may
// read what follows from it alone.
func TestSchema(t *testing.T) {
	code, printed, stderr := run(t, "", "schema")
	if code != 0 || stderr != "" {
		t.Fatalf("%d %q", code, stderr)
	}
	got, want := load(t, printed), sdl.Load(t)
	if diff := cmp.Diff(fieldsOf(want), fieldsOf(got)); diff != "" {
		t.Errorf("(-the schema's files +printed):\n%s", diff)
	}
	rules, err := access.NewRules(got)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := rules.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if _, want, _ := run(t, "", "schema", "--access"); table.String() != want {
		t.Errorf("who may read what is not the same by the printed schema (-served +printed):\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(table.String(), "\n")))
	}
	if got.Directives["access"] == nil || got.Directives["access"].Description == "" {
		t.Error("the printed schema does not define @access")
	}
}

func load(t *testing.T, text string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// fieldsOf lists every field with type, description and directives.
func fieldsOf(schema *ast.Schema) map[string][]string {
	fields := map[string][]string{}
	for name, definition := range schema.Types {
		for _, field := range definition.Fields {
			about := []string{field.Type.String(), field.Description}
			for _, directive := range field.Directives {
				about = append(about, directive.Name)
				for _, argument := range directive.Arguments {
					about = append(about, argument.Name+": "+argument.Value.String())
				}
			}
			for _, argument := range field.Arguments {
				about = append(about, argument.Name+": "+argument.Type.String(), argument.Description)
			}
			fields[name+"."+field.Name] = about
		}
	}
	return fields
}
