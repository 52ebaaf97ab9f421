package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Decision is what the rules say about one operation for one reader: made once
// for both, and not changed after that.
type Decision struct {
	rules *Rules
	who   Reader
	// guarded says that some field may be denied or masked.
	guarded bool
	denied  Refused
	// checks are to be made on the variables of each request.
	checks []check
	pii    []string
}

// Refused are the fields of an operation that use an input which the reader may
// not use, by where they stand in the document, with the input's coordinate. No
// part of the document is held on to.
type Refused map[int]string

// Of returns the coordinate of the input because of which a field is refused.
func (r Refused) Of(f *ast.Field) (coordinate string, ok bool) {
	if len(r) == 0 {
		return "", false
	}
	coordinate, ok = r[place(f)]
	return coordinate, ok
}

// place returns where a field stands in its document: no two stand in one place.
func place(f *ast.Field) int {
	if f.Position == nil {
		return -1
	}
	return f.Position.Start
}

// Size is how much the decision holds that grows with the document.
func (d *Decision) Size() int { return len(d.denied) + len(d.checks) }

// Decide goes through a validated operation, with the fragments it spreads, each
// once: its time is proportional to the document.
func (r *Rules) Decide(operation *ast.OperationDefinition, who Reader) *Decision {
	d := &Decision{rules: r, who: who, denied: Refused{}}
	w := &walk{Decision: d, pii: map[string]bool{}, fragments: map[*ast.FragmentDefinition]bool{}}
	w.selections(operation.SelectionSet)
	d.pii = slices.Sorted(maps.Keys(w.pii))
	return d
}

// PII returns the coordinates of the personal data that the operation reads with
// its value, sorted. They must not be changed.
func (d *Decision) PII() []string { return d.pii }

// Guarded says whether any field may be denied or masked, whatever the variables
// are. If not, nothing has to be asked for each field.
func (d *Decision) Guarded() bool { return d.guarded || len(d.denied) > 0 }

// Field decides a field of the operation on an object of a type: the type's own
// rule and, for a field selected on an interface, the interface's. It gives the
// coordinate of what is denied or masked, too.
func (d *Decision) Field(object string, f *ast.Field) (verdict Verdict, coordinate string) {
	if coordinate, ok := d.denied.Of(f); ok {
		return Denied, coordinate
	}
	verdict = d.rules.Field(d.who, object, f.Name)
	if verdict != Denied && f.ObjectDefinition != nil && f.ObjectDefinition.Name != object {
		verdict = min(verdict, d.rules.Field(d.who, f.ObjectDefinition.Name, f.Name))
	}
	if verdict == Allowed {
		return Allowed, ""
	}
	if one := d.rules.fields[object][f.Name]; one != nil {
		return verdict, one.coordinate
	}
	return verdict, object + "." + f.Name
}

// walk goes through an operation once.
type walk struct {
	*Decision
	pii       map[string]bool
	fragments map[*ast.FragmentDefinition]bool
}

func (w *walk) selections(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			w.field(selection)
		case *ast.InlineFragment:
			w.selections(selection.SelectionSet)
		case *ast.FragmentSpread:
			if selection.Definition != nil && !w.fragments[selection.Definition] {
				w.fragments[selection.Definition] = true
				w.selections(selection.Definition.SelectionSet)
			}
		}
	}
}

// field decides a field on every type that it can be resolved on, and goes on
// below it unless it gives nothing on any of them.
func (w *walk) field(f *ast.Field) {
	if strings.HasPrefix(f.Name, "__") {
		w.guarded = w.guarded || w.rules.Field(w.who, f.ObjectDefinition.Name, f.Name) != Allowed
		return
	}
	w.arguments(f)
	open := false
	for _, object := range w.objects(f.ObjectDefinition) {
		verdict, _ := w.Field(object, f)
		w.guarded = w.guarded || verdict != Allowed
		open = open || verdict == Allowed
		if one := w.rules.fields[object][f.Name]; verdict == Allowed && one.pii {
			w.pii[one.coordinate] = true
		}
	}
	if open {
		w.selections(f.SelectionSet)
	}
}

// objects returns the names of the object types that a type stands for.
func (w *walk) objects(d *ast.Definition) []string {
	if !d.IsAbstractType() {
		return []string{d.Name}
	}
	var names []string
	for _, possible := range w.rules.schema.PossibleTypes[d.Name] {
		names = append(names, possible.Name)
	}
	return names
}
