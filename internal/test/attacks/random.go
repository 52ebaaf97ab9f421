package attacks

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Random makes documents that are valid by a schema: a path through its types, with
// arguments, lists of a hundred and a leaf under many names now and then, so that what
// is dear and cheaply priced is found by chance.
type Random struct {
	Schema *ast.Schema
	// IDs are of records that are there, by their kind, the part before the underscore.
	IDs map[string][]string
	*rand.Rand

	// instead gives the values that another generator wants, false for those of Random.
	instead func(t *ast.Type, name string) (string, bool)
}

const (
	randomDepth  = 6
	mostChildren = 3
	mostNames    = 80 // of one leaf
)

// Document returns one document, with one field at the root.
func (r Random) Document() string {
	for {
		field := r.Schema.Query.Fields[r.IntN(len(r.Schema.Query.Fields))]
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		if text, ok := r.field(field, "", 0); ok {
			return "{ " + text + " }"
		}
	}
}

// field writes a field with its arguments and what is selected of it; false if there is
// no way to give it the arguments that it needs, or to select anything.
func (r Random) field(def *ast.FieldDefinition, alias string, depth int) (string, bool) {
	arguments, ok := r.arguments(def)
	if !ok {
		return "", false
	}
	head := def.Name + arguments
	if alias != "" {
		head = alias + ": " + head
	}
	of := r.Schema.Types[def.Type.Name()]
	if of.IsLeafType() {
		return head, true
	}
	selections := r.selections(of, depth+1)
	if selections == "" {
		return "", false
	}
	return head + " { " + selections + " }", true
}

// selections writes what is selected of an object, "" for nothing.
func (r Random) selections(def *ast.Definition, depth int) string {
	if def.IsAbstractType() {
		parts := []string{"__typename"}
		for _, possible := range r.Schema.GetPossibleTypes(def) {
			if inner := r.selections(possible, depth); inner != "" && r.IntN(3) > 0 {
				parts = append(parts, "... on "+possible.Name+" { "+inner+" }")
			}
		}
		return strings.Join(parts, " ")
	}
	var leaves, objects []*ast.FieldDefinition
	for _, field := range def.Fields {
		switch {
		case strings.HasPrefix(field.Name, "__"):
		case r.Schema.Types[field.Type.Name()].IsLeafType():
			leaves = append(leaves, field)
		default:
			objects = append(objects, field)
		}
	}
	var parts []string
	for i, leaf := range r.some(leaves, 6) {
		names := 1
		if i == 0 && r.IntN(6) == 0 {
			names = 1 + r.IntN(mostNames)
		}
		for n := range names {
			if text, ok := r.field(leaf, fmt.Sprintf("%c%d", 'a'+i, n), depth); ok {
				parts = append(parts, text)
			}
		}
	}
	if depth < randomDepth {
		for i, object := range r.some(objects, mostChildren) {
			if text, ok := r.field(object, fmt.Sprintf("o%d", i), depth); ok {
				parts = append(parts, text)
			}
		}
	}
	return strings.Join(parts, " ")
}

// some returns one to most of the fields, in any order.
func (r Random) some(fields []*ast.FieldDefinition, most int) []*ast.FieldDefinition {
	if len(fields) == 0 {
		return nil
	}
	fields = slices.Clone(fields)
	r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return fields[:min(len(fields), 1+r.IntN(most))]
}

// arguments writes those that a field needs, and some that it may have.
func (r Random) arguments(def *ast.FieldDefinition) (string, bool) {
	var parts []string
	for _, argument := range def.Arguments {
		needed := argument.Type.NonNull && argument.DefaultValue == nil
		page := argument.Name == "first"
		if !needed && !page && (argument.Name == "last" || argument.Name == "before" || argument.Name == "after" || r.IntN(4) > 0) {
			continue
		}
		value, ok := r.value(argument.Type, argument.Name, 0)
		if !ok {
			if needed {
				return "", false
			}
			continue
		}
		parts = append(parts, argument.Name+": "+value)
	}
	if len(parts) == 0 {
		return "", true
	}
	return "(" + strings.Join(parts, ", ") + ")", true
}

// value writes a value of a type, false if none is known.
func (r Random) value(t *ast.Type, name string, depth int) (string, bool) {
	if r.instead != nil {
		if value, ok := r.instead(t, name); ok {
			return value, true
		}
	}
	if t.Elem != nil {
		var parts []string
		for range r.listSize(t.Elem.Name()) {
			value, ok := r.value(t.Elem, name, depth)
			if !ok {
				return "", false
			}
			parts = append(parts, value)
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	def := r.Schema.Types[t.Name()]
	switch def.Kind { //nolint:exhaustive // All others are scalars.
	case ast.Enum:
		return def.EnumValues[r.IntN(len(def.EnumValues))].Name, true
	case ast.InputObject:
		return r.input(def, depth)
	}
	switch t.Name() {
	case "ID":
		return r.id(name)
	case "Int":
		return fmt.Sprint([]int{1, 5, 20, 50, 100}[r.IntN(5)]), true
	case "Boolean":
		return fmt.Sprint(r.IntN(2) == 0), true
	case "DateTime":
		return `"2011-06-01T00:00:00Z"`, true
	case "String":
		return []string{`"5"`, `"a"`, `"red"`, `"17850"`, `"s m"`}[r.IntN(5)], true
	default:
		return "", false
	}
}

// listSize is how many entries a list is given: as many as may be of ids, at times.
func (r Random) listSize(of string) int {
	if of == "ID" && r.IntN(2) == 0 {
		return 100
	}
	return 1 + r.IntN(3)
}

func (r Random) id(name string) (string, bool) {
	kinds := make([]string, 0, len(r.IDs))
	for kind := range r.IDs {
		kinds = append(kinds, kind)
	}
	if len(kinds) == 0 {
		return "", false
	}
	slices.Sort(kinds)
	kind := kinds[r.IntN(len(kinds))]
	for _, known := range kinds { // customerId, ownerId and so on are named after what they are of.
		if strings.HasPrefix(strings.ToLower(name), known) {
			kind = known
		}
	}
	ids := r.IDs[kind]
	// One of a few, so that lists of ids repeat them.
	return `"` + ids[r.IntN(min(len(ids), 1+r.IntN(len(ids))))] + `"`, true
}

// input writes an input object: one of its fields, or those that it needs.
func (r Random) input(def *ast.Definition, depth int) (string, bool) {
	if depth > 3 {
		return "", false
	}
	chosen := r.IntN(len(def.Fields))
	var parts []string
	for i, field := range def.Fields {
		if needed := field.Type.NonNull && field.DefaultValue == nil; !needed && i != chosen {
			continue
		}
		value, ok := r.value(field.Type, field.Name, depth+1)
		if !ok {
			return "", false
		}
		parts = append(parts, field.Name+": "+value)
	}
	return "{" + strings.Join(parts, ", ") + "}", true
}
