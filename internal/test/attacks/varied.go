package attacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Varied makes documents that are valid by a schema and have all that a query can be
// made of: fragments in fragments, on interfaces and unions too, fields that are
// selected again and merge, other names, variables that are given, null or left out,
// @skip and @include, pages in both directions. It takes its values from Random.
type Varied struct {
	Random
	// Texts are what texts are looked for by, and Cursors those of the feed of changes.
	Texts, Cursors []string
	// Seen counts what the documents had, by a name for it.
	Seen map[string]int
}

// Asked is a document with its variables.
type Asked struct {
	Document  string
	Variables map[string]any
	// Cursors are variables that may have a cursor of the answer: by the variable's name
	// the name under which the answer has the PageInfo, and the cursor's field in it.
	Cursors map[string][2]string
}

const (
	variedDepth  = 5
	variedFields = 45
)

// Document returns a document with one to three fields at the root.
func (v Varied) Document() Asked {
	for {
		w := &writing{Varied: v, asked: Asked{Variables: map[string]any{}, Cursors: map[string][2]string{}}, named: map[string][]string{}, left: variedFields}
		w.instead = w.chosen
		var parts []string
		for range 1 + v.IntN(3) {
			field := v.Schema.Query.Fields[v.IntN(len(v.Schema.Query.Fields))]
			if strings.HasPrefix(field.Name, "__") || field.Arguments.ForName("last") == nil && v.IntN(2) == 0 {
				continue // Most answers come of lists.
			}
			if text, ok := w.field(field, 0, len(parts) == 0); ok {
				parts = append(parts, text)
			}
		}
		if len(parts) == 0 {
			continue
		}
		if len(parts) > 1 {
			w.saw("several fields at the root")
		}
		if v.IntN(3) == 0 {
			parts = w.wrapped(parts, v.Schema.Query, 0)
		}
		w.asked.Document = w.head() + "{ " + strings.Join(parts, " ") + " }" + strings.Join(w.fragments, "")
		return w.asked
	}
}

// writing is the making of one document.
type writing struct {
	Varied
	asked       Asked
	definitions []string // of variables
	fragments   []string
	named       map[string][]string // names of fragments, by their type
	names, left int
	// inside says that a value is that of a variable, which holds none; top that it
	// stands for a whole argument.
	inside, top bool
}

func (w *writing) saw(what string) { w.Seen[what]++ }

// oneIn says yes once in n times, and notes it.
func (w *writing) oneIn(n int, what string) bool {
	if w.IntN(n) > 0 {
		return false
	}
	w.saw(what)
	return true
}

func (w *writing) head() string {
	if len(w.definitions) == 0 {
		return ""
	}
	return "query(" + strings.Join(w.definitions, ", ") + ") "
}

// next returns a name that the document does not have yet.
func (w *writing) next(letter string) string {
	w.names++
	return fmt.Sprint(letter, w.names)
}

// field writes a field, at times under its own name if it may be bare: nothing else must
// have that name in its place then. It is selected again at times, with other fields of
// its objects.
func (w *writing) field(def *ast.FieldDefinition, depth int, bare bool) (string, bool) {
	w.left--
	declared := len(w.definitions)
	arguments, cursor, ok := w.arguments(def, depth)
	if !ok { // What was declared for them would not be used.
		w.definitions = w.definitions[:declared]
		return "", false
	}
	head := def.Name + arguments
	if !bare || arguments != "" || w.IntN(2) == 0 {
		head = w.next("a") + ": " + head
		w.saw("alias")
	}
	of := w.Schema.Types[def.Type.Name()]
	if of.IsLeafType() {
		head += w.condition()
		if w.oneIn(12, "repeated field") {
			head += " " + head
		}
		return head, true
	}
	inner := w.set(of, depth+1, true)
	if cursor != "" {
		name := w.next("p")
		w.asked.Cursors[cursor] = [2]string{name, w.asked.Cursors[cursor][1]}
		inner = name + ": pageInfo { startCursor endCursor } " + inner
	}
	text := head + w.condition() + " { " + inner + " }"
	if depth > 0 && w.left > 0 && w.oneIn(5, "merged fields") {
		again := head + w.condition() + " { " + w.set(of, depth+1, true) + " }"
		if w.oneIn(2, "merged fields in a fragment") {
			again = "..." + w.condition() + " { " + again + " }"
		}
		text += " " + again
	}
	return text, true
}

// condition writes @skip or @include at times.
func (w *writing) condition() string {
	if w.IntN(9) > 0 {
		return ""
	}
	name := []string{"skip", "include"}[w.IntN(2)]
	if w.IntN(2) == 0 {
		w.saw("@" + name + " by a literal")
		return fmt.Sprintf(" @%s(if: %t)", name, w.IntN(2) == 0)
	}
	w.saw("@" + name + " by a variable")
	variable := w.variable("Boolean!", "")
	w.asked.Variables[variable] = w.IntN(2) == 0
	return fmt.Sprintf(" @%s(if: $%s)", name, variable)
}

// variable declares one, with a default if that is not "".
func (w *writing) variable(typ, otherwise string) string {
	name := w.next("v")
	definition := "$" + name + ": " + typ
	if otherwise != "" {
		definition += " = " + otherwise
	}
	w.definitions = append(w.definitions, definition)
	return name
}

// set writes what is selected of objects of a type.
func (w *writing) set(def *ast.Definition, depth int, bare bool) string {
	var parts []string
	if w.oneIn(4, "__typename") {
		parts = append(parts, w.typename())
	}
	if def.IsAbstractType() {
		parts = append(parts, w.possible(def, depth)...)
	} else {
		parts = append(parts, w.object(def, depth, bare)...)
	}
	if len(parts) == 0 {
		parts = []string{"__typename"}
	}
	w.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return strings.Join(parts, " ")
}

func (w *writing) typename() string {
	if w.IntN(2) == 0 {
		return w.next("t") + ": __typename"
	}
	return "__typename"
}

// object writes some fields of an object type, some of them in fragments.
func (w *writing) object(def *ast.Definition, depth int, bare bool) []string {
	var leaves, objects []*ast.FieldDefinition
	for _, field := range def.Fields {
		switch {
		case strings.HasPrefix(field.Name, "__"):
		case w.Schema.Types[field.Type.Name()].IsLeafType():
			leaves = append(leaves, field)
		default:
			objects = append(objects, field)
		}
	}
	chosen := w.some(leaves, 4)
	if depth < variedDepth && w.left > 0 {
		chosen = append(chosen, w.some(objects, mostChildren)...)
	}
	var parts []string
	for _, field := range chosen {
		if text, ok := w.field(field, depth, bare); ok {
			parts = append(parts, text)
			w.noteField(field.Name)
		}
	}
	if len(parts) > 0 && w.IntN(3) == 0 {
		// Under their own names they would meet other fields of the names elsewhere.
		parts = append(parts, w.wrapped(w.others(def, depth), def, depth)...)
	}
	return parts
}

// others writes a few fields for a fragment, none of them bare.
func (w *writing) others(def *ast.Definition, depth int) []string {
	if w.left <= 0 {
		return nil
	}
	var parts []string
	for _, field := range w.some(slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__") || depth >= variedDepth && !w.Schema.Types[f.Type.Name()].IsLeafType()
	}), 3) {
		if text, ok := w.field(field, depth, false); ok {
			parts = append(parts, text)
		}
	}
	return parts
}

func (w *writing) noteField(name string) {
	switch name {
	case "edges", "nodes", "totalCount", "pageInfo":
		w.saw(name)
	}
}

// wrapped puts parts of a type into a fragment, at times into one in another.
func (w *writing) wrapped(parts []string, def *ast.Definition, depth int) []string {
	if len(parts) == 0 {
		return nil
	}
	text := strings.Join(parts, " ")
	for range 1 + w.IntN(2) {
		text = w.fragment(text, def, depth > 0)
	}
	return []string{text}
}

// fragment puts a text into a fragment on its type, and spreads one of the type that
// stands already, at times.
func (w *writing) fragment(text string, def *ast.Definition, again bool) string {
	switch w.IntN(3) {
	case 0:
		w.saw("inline fragment without a type")
		return "..." + w.condition() + " { " + text + " }"
	case 1:
		w.saw("inline fragment on a type")
		return "... on " + def.Name + w.condition() + " { " + text + " }"
	}
	w.saw("named fragment")
	if known := w.named[def.Name]; again && len(known) > 0 && w.oneIn(2, "named fragment spread again") {
		text += " ..." + known[w.IntN(len(known))] + w.condition()
	}
	name := w.next("F")
	w.fragments = append(w.fragments, fmt.Sprintf(" fragment %s on %s { %s }", name, def.Name, text))
	w.named[def.Name] = append(w.named[def.Name], name)
	return "..." + name + w.condition()
}
