package document_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/test/race"
)

// writer writes random documents that are valid but for the merging of fields.
type writer struct {
	random    *rand.Rand
	schema    *ast.Schema
	fragments []string
}

func (w *writer) document() string {
	w.fragments = nil
	text := w.set(w.schema.Query, 4)
	return text + strings.Join(w.fragments, "")
}

// set writes a selection set on a type.
func (w *writer) set(def *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ ")
	for range 1 + w.random.IntN(4) {
		b.WriteString(w.selection(def, depth))
	}
	b.WriteString("} ")
	return b.String()
}

func (w *writer) selection(def *ast.Definition, depth int) string {
	if depth > 0 && w.random.IntN(4) == 0 {
		on := w.among(def)
		switch w.random.IntN(3) {
		case 0:
			return "... on " + on.Name + " " + w.set(on, depth-1)
		case 1:
			return "... " + w.set(def, depth-1)
		}
		at := len(w.fragments)
		w.fragments = append(w.fragments, "")
		w.fragments[at] = fmt.Sprintf("fragment F%d on %s %s", at, on.Name, w.set(on, depth-1))
		return strings.Repeat(fmt.Sprintf("...F%d ", at), 1+w.random.IntN(2))
	}
	if def.Kind == ast.Union || w.random.IntN(8) == 0 {
		return "__typename "
	}
	field := def.Fields[w.random.IntN(len(def.Fields))]
	below := w.schema.Types[field.Type.Name()]
	if strings.HasPrefix(field.Name, "__") || !below.IsLeafType() && depth == 0 {
		return "__typename "
	}
	text := field.Name
	if w.random.IntN(2) == 0 {
		text = string("xy"[w.random.IntN(2)]) + ": " + text
	}
	if len(field.Arguments) > 0 {
		text += []string{"", "(a: 1)", "(a: 2)", "(o: {a: 1, b: [1]})", "(o: {b: [1], a: 1})"}[w.random.IntN(5)]
	}
	if below.IsLeafType() {
		return text + " "
	}
	return text + " " + w.set(below, depth-1)
}

// among returns a type that objects of def may have.
func (w *writer) among(def *ast.Definition) *ast.Definition {
	possible := w.schema.GetPossibleTypes(def)
	if len(possible) == 0 {
		return def
	}
	return possible[w.random.IntN(len(possible))]
}

// TestMergingAgrees asks the library, which compares every pair of fields, about
// random documents.
func TestMergingAgrees(t *testing.T) {
	s, err := gqlparser.LoadSchema(&ast.Source{Input: boxes})
	if err != nil {
		t.Fatal(err)
	}
	limits := document.DefaultLimits()
	limits.RootFields, limits.Aliases = 10_000, 10_000
	p := boxPlanner(t, limits)
	w := &writer{random: rand.New(rand.NewPCG(1, 2)), schema: s}
	var merged, refused int
	documents := race.Fewer(5_000, 250)
	for range documents {
		text := w.document()
		_, errs := p.Document(text, document.Options{})
		if len(errs) > 0 && errs[0].Rule != rules.OverlappingFieldsCanBeMergedRule.Name {
			t.Fatalf("%s: %v", text, errs)
		}
		query, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatal(err)
		}
		want := validator.ValidateWithRules(s, query, rules.NewRules(rules.OverlappingFieldsCanBeMergedRule))
		if (len(want) > 0) != (len(errs) > 0) {
			t.Fatalf("%s\nthe library says %v, the planner %v", text, want, errs)
		}
		if len(want) > 0 {
			refused++
		} else {
			merged++
		}
	}
	if merged < documents/5 || refused < documents/5 {
		t.Errorf("%d documents merge and %d do not, want a fifth at least of each", merged, refused)
	}
}
