package attacks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// possible writes what is selected of an interface or a union.
func (w *writing) possible(def *ast.Definition, depth int) []string {
	var parts []string
	if def.Kind == ast.Interface {
		w.saw("fields of an interface")
		for _, field := range w.some(def.Fields, 2) {
			if text, ok := w.field(field, depth, false); ok {
				parts = append(parts, text)
			}
		}
	}
	kinds := w.Schema.GetPossibleTypes(def)
	shared, name := w.shared(kinds), w.next("s")
	for _, kind := range kinds {
		if w.IntN(3) == 0 {
			continue
		}
		inner := w.object(kind, depth, false)
		if shared != nil && kind.Fields.ForName(shared.Name) != nil && depth < variedDepth {
			w.saw("one name in fragments on several types")
			set := w.set(w.Schema.Types[shared.Type.Name()], depth+1, false)
			inner = append(inner, name+": "+shared.Name+" { "+set+" }")
		}
		if len(inner) == 0 {
			continue
		}
		parts = append(parts, w.on(kind, def, inner)...)
	}
	if other := w.otherInterface(def, kinds); other != nil && w.oneIn(3, "fragment on another interface") {
		if fields := w.some(other.Fields, 2); len(fields) > 0 {
			if text, ok := w.field(fields[0], depth, false); ok {
				parts = append(parts, "... on "+other.Name+w.condition()+" { "+text+" }")
			}
		}
	}
	return parts
}

// on puts parts of one of the types of an abstract one into a fragment on it, at times
// within one on the abstract type.
func (w *writing) on(kind, def *ast.Definition, inner []string) []string {
	var text string
	if !w.oneIn(3, "named fragment on a possible type") {
		text = "... on " + kind.Name + w.condition() + " { " + strings.Join(inner, " ") + " }"
	} else {
		name := w.next("F")
		w.fragments = append(w.fragments, fmt.Sprintf(" fragment %s on %s { %s }", name, kind.Name, strings.Join(inner, " ")))
		w.named[kind.Name] = append(w.named[kind.Name], name)
		text = "..." + name + w.condition()
	}
	if w.oneIn(4, "fragment on the abstract type itself") {
		text = "... on " + def.Name + w.condition() + " { " + text + " }"
	}
	if def.Kind == ast.Union {
		w.saw("fragment in a union")
	} else {
		w.saw("fragment in an interface")
	}
	return []string{text}
}

// shared returns a field with objects that several of the types have in the same form,
// nil if there is none.
func (w *writing) shared(kinds []*ast.Definition) *ast.FieldDefinition {
	for _, kind := range kinds {
		for _, field := range kind.Fields {
			if len(field.Arguments) > 0 || w.Schema.Types[field.Type.Name()].IsLeafType() {
				continue
			}
			same := 0
			for _, other := range kinds {
				if of := other.Fields.ForName(field.Name); of != nil {
					if of.Type.String() != field.Type.String() || len(of.Arguments) > 0 {
						return nil
					}
					same++
				}
			}
			if same > 1 && w.IntN(2) == 0 {
				return field
			}
		}
	}
	return nil
}

func (w *writing) overlaps(above *ast.Definition, kinds []*ast.Definition) bool {
	return slices.ContainsFunc(w.Schema.GetPossibleTypes(above), func(d *ast.Definition) bool { return slices.Contains(kinds, d) })
}

// otherInterface returns one that some of the types have, by name.
func (w *writing) otherInterface(def *ast.Definition, kinds []*ast.Definition) *ast.Definition {
	var names []string
	for name, above := range w.Schema.Types {
		if above.Kind == ast.Interface && above != def && w.overlaps(above, kinds) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return w.Schema.Types[names[w.IntN(len(names))]]
}

// arguments writes a field's, and gives the variable of a cursor if there is one.
func (w *writing) arguments(def *ast.FieldDefinition, depth int) (text, cursor string, ok bool) {
	var parts []string
	for _, argument := range def.Arguments {
		needed := argument.Type.NonNull && argument.DefaultValue == nil
		if slices.Contains([]string{"first", "last", "after", "before"}, argument.Name) || !needed && w.IntN(6) > 0 {
			continue
		}
		value, ok := w.argument(argument)
		if !ok {
			if needed {
				return "", "", false
			}
			continue
		}
		parts = append(parts, argument.Name+": "+value)
	}
	paging, cursor := w.paging(def, depth)
	if parts = append(parts, paging...); len(parts) == 0 {
		return "", "", true
	}
	return "(" + strings.Join(parts, ", ") + ")", cursor, true
}

// paging writes the arguments of a list.
func (w *writing) paging(def *ast.FieldDefinition, depth int) (parts []string, cursor string) {
	if def.Arguments.ForName("last") == nil {
		if def.Arguments.ForName("after") != nil && len(w.Cursors) > 0 && w.oneIn(2, "cursor of changes") {
			parts = append(parts, fmt.Sprintf("after: %q", w.Cursors[w.IntN(len(w.Cursors))]))
		}
		return parts, ""
	}
	size, from, end, what := "first", "after", "endCursor", "forward"
	if w.IntN(2) == 0 {
		size, from, end, what = "last", "before", "startCursor", "backward"
	}
	if w.IntN(4) > 0 || size == "last" {
		parts = append(parts, size+": "+w.sizeOf(depth))
		w.saw(what)
	}
	if w.Schema.Types[def.Type.Name()].Fields.ForName("pageInfo") != nil && w.IntN(3) == 0 {
		cursor = w.variable("String", "")
		w.asked.Cursors[cursor] = [2]string{"", end}
		parts = append(parts, from+": $"+cursor)
	}
	if w.oneIn(40, "first and last") {
		parts = append(parts, map[string]string{"first": "last", "last": "first"}[size]+": 1")
	}
	return parts, cursor
}

// sizeOf writes how many entries are asked for: fewer in depth.
func (w *writing) sizeOf(depth int) string {
	n := []int{1, 2, 3, 5, 20}[w.IntN(max(2, 5-depth))]
	if w.oneIn(40, "a size that is refused") {
		n = []int{-1, 101}[w.IntN(2)]
	}
	if w.IntN(3) > 0 {
		return strconv.Itoa(n)
	}
	if w.oneIn(3, "variable with a default") {
		return "$" + w.variable("Int", strconv.Itoa(n))
	}
	name := w.variable("Int", "")
	w.asked.Variables[name] = n
	return "$" + name
}

// argument writes a value or a variable.
func (w *writing) argument(argument *ast.ArgumentDefinition) (string, bool) {
	w.top, w.inside = true, false
	if w.IntN(2) == 0 {
		return w.value(argument.Type, argument.Name, 0)
	}
	needed := argument.Type.NonNull && argument.DefaultValue == nil
	if !needed {
		nullable := *argument.Type
		nullable.NonNull = false
		switch w.IntN(4) {
		case 0:
			w.saw("variable left out")
			return "$" + w.variable(nullable.String(), ""), true
		case 1:
			if argument.Type.NonNull {
				break
			}
			w.saw("variable null")
			name := w.variable(nullable.String(), "")
			w.asked.Variables[name] = nil
			return "$" + name, true
		}
	}
	w.inside = true
	literal, ok := w.value(argument.Type, argument.Name, 0)
	if !ok {
		return "", false
	}
	if w.oneIn(4, "variable with a default") {
		return "$" + w.variable(argument.Type.String(), literal), true
	}
	name := w.variable(argument.Type.String(), "")
	w.asked.Variables[name] = plain(literal)
	w.saw("variable given")
	return "$" + name, true
}

// plain returns what a literal is in JSON.
func plain(literal string) any {
	doc, err := parser.ParseQuery(&ast.Source{Input: "{ a(b: " + literal + ") }"})
	if err != nil {
		panic(fmt.Sprintf("attacks: %s: %v", literal, err)) // It was made here.
	}
	value, err := doc.Operations[0].SelectionSet[0].(*ast.Field).Arguments[0].Value.Value(nil)
	if err != nil {
		panic(fmt.Sprintf("attacks: %s: %v", literal, err))
	}
	return value
}

// chosen gives small lists of ids, and what the records have of texts and times; and at
// times a variable inside of a value.
func (w *writing) chosen(t *ast.Type, name string) (string, bool) {
	top := w.top
	w.top = false
	if !top && !w.inside && t.Elem == nil && w.IntN(5) == 0 && w.Schema.Types[t.Name()].IsLeafType() {
		w.inside = true
		literal, ok := w.value(t, name, 0)
		w.inside = false
		if ok {
			w.saw("variable inside of a value")
			variable := w.variable(t.Name()+"!", "")
			w.asked.Variables[variable] = plain(literal)
			return "$" + variable, true
		}
	}
	switch {
	case t.Elem != nil && t.Elem.Name() == "ID":
		var parts []string
		for range 1 + w.IntN(6) {
			one, ok := w.id(name)
			if !ok {
				return "", false
			}
			parts = append(parts, one)
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	case t.Elem != nil:
	case t.Name() == "String" && len(w.Texts) > 0 && w.IntN(3) > 0:
		return strconv.Quote(w.Texts[w.IntN(len(w.Texts))]), true
	case t.Name() == "DateTime":
		return []string{`"2011-06-01T00:00:00Z"`, `"2025-06-01T00:00:00Z"`, `"2026-06-01T12:30:00+02:00"`}[w.IntN(3)], true
	}
	return "", false
}
