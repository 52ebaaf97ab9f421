package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/test/sdl"
)

// maxLines is how long a file of the schema may be: a domain that outgrows it is
// two.
const maxLines = 600

// TestFilesAreShort wants a file for each domain, none too long to be read.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, source := range sdl.Sources(t) {
		if lines := strings.Count(source.Input, "\n"); lines >= maxLines {
			t.Errorf("%s has %d lines, and must have less than %d", source.Name, lines, maxLines)
		}
	}
}

// own returns the schema's own definitions of some kinds (all without any), by
// name: not the built-in ones and not those of introspection.
func own(schema *ast.Schema, kinds ...ast.DefinitionKind) []*ast.Definition {
	definitions := []*ast.Definition{}
	for _, d := range schema.Types {
		if !d.BuiltIn && (len(kinds) == 0 || slices.Contains(kinds, d.Kind)) {
			definitions = append(definitions, d)
		}
	}
	slices.SortFunc(definitions, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return definitions
}

// fields returns a definition's own fields, without those of introspection.
func fields(d *ast.Definition) []*ast.FieldDefinition {
	return slices.DeleteFunc(slices.Clone(d.Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__")
	})
}

// descriptions returns the description of everything the schema defines, by where
// it stands: Type, Type.field, Type.field(argument), @directive.
func descriptions(schema *ast.Schema) map[string]string {
	found := map[string]string{}
	for _, d := range own(schema) {
		found[d.Name] = d.Description
		for _, v := range d.EnumValues {
			found[d.Name+"."+v.Name] = v.Description
		}
		for _, f := range fields(d) {
			found[d.Name+"."+f.Name] = f.Description
			for _, a := range f.Arguments {
				found[d.Name+"."+f.Name+"("+a.Name+")"] = a.Description
			}
		}
	}
	for _, d := range schema.Directives {
		if d.Position == nil || d.Position.Src == nil || d.Position.Src.BuiltIn {
			continue
		}
		found["@"+d.Name] = d.Description
		for _, a := range d.Arguments {
			found["@"+d.Name+"("+a.Name+")"] = a.Description
		}
	}
	return found
}

// TestDescriptions wants every type, field, argument, enum value, input field
// and directive described in whole sentences, and in words that say nothing of
// how the software is made.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	found := descriptions(sdl.Load(t))
	for where, text := range found {
		text = strings.TrimSpace(text)
		switch {
		case text == "":
			t.Errorf("%s has no description", where)
		case !strings.HasSuffix(text, "."):
			t.Errorf("%s: the description does not end in a period: %q", where, text)
		case strings.ToUpper(text[:1]) != text[:1]:
			t.Errorf("%s: the description does not begin with a capital: %q", where, text)
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }) {
			if slices.Contains([]string{"Go", "gqlgen", "struct", "TODO", "resolver", "MongoDB", "SQLite"}, strings.Trim(word, ".,;:()`")) {
				t.Errorf("%s: the description says %q, which is no business of a caller", where, word)
			}
		}
	}
	if len(found) < 500 || found["@access(staff)"] == "" || found["Query.customers(first)"] == "" {
		t.Errorf("found only %d descriptions: the walk has missed some", len(found))
	}
}
