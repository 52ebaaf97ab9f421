package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// merger checks "Field Selection Merging" (GraphQL, October 2021, 5.3.2). Instead of
// comparing every pair of fields, it descends through the document once, with all
// the fields that share a response name merged into one set, as execution merges
// them; inside a set, "the same field with the same arguments" and "the same shape"
// are equivalences, so each field is compared with the first one only. The idea is
// that of Simon Adameit, "A vastly more performant algorithm for GraphQL field
// selection merging" (New Work Development, September 2019).
// It needs a document without other errors.
type merger struct {
	schema *ast.Schema
	steps  int // left
	spent  bool
	errs   gqlerror.List
}

// mergeable returns the conflicts of a valid document's operations; one error if
// there are more than so many steps to the answer.
func mergeable(schema *ast.Schema, query *ast.QueryDocument, steps int) gqlerror.List {
	m := &merger{schema: schema, steps: steps}
	for _, operation := range query.Operations {
		m.both([]ast.SelectionSet{operation.SelectionSet})
	}
	if m.spent {
		return gqlerror.List{refuse(CodeLimitExceeded, "The document's fields overlap too often to be checked.")}
	}
	return m.errs
}

// group is the fields of a set that share a response name.
type group []*ast.Field

// collect returns the groups of several selection sets taken together, in the order
// of the document. A fragment counts once, however often the sets spread it.
func (m *merger) collect(sets []ast.SelectionSet) []group {
	var groups []group
	index := map[string]int{}
	visited := map[string]bool{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			if m.steps--; m.steps < 0 {
				m.spent = true
				return
			}
			switch s := selection.(type) {
			case *ast.Field:
				at, ok := index[s.Alias]
				if !ok {
					at = len(groups)
					index[s.Alias] = at
					groups = append(groups, nil)
				}
				groups[at] = append(groups[at], s)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if !visited[s.Name] {
					visited[s.Name] = true
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return groups
}

// below returns the selection sets of a group's fields.
func (g group) below() []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, field := range g {
		if len(field.SelectionSet) > 0 {
			sets = append(sets, field.SelectionSet)
		}
	}
	return sets
}

func (m *merger) done() bool { return m.spent || len(m.errs) >= maxErrors }

// both checks names and shapes in one descent, as long as every field of a group
// may be asked of the same object.
func (m *merger) both(sets []ast.SelectionSet) {
	if len(sets) == 0 || m.done() {
		return
	}
	for _, g := range m.collect(sets) {
		parts := g.byObject()
		if len(parts) > 1 {
			for _, part := range parts {
				if m.sameField(part) {
					m.names(part.below())
				}
			}
			if m.sameShape(g) {
				m.shapes(g.below())
			}
			continue
		}
		if m.sameField(g) && m.sameShape(g) {
			m.both(g.below())
		}
	}
}

// names checks that what one object is asked for by one name is one field with one
// set of arguments.
func (m *merger) names(sets []ast.SelectionSet) {
	if len(sets) == 0 || m.done() {
		return
	}
	for _, g := range m.collect(sets) {
		for _, part := range g.byObject() {
			if m.sameField(part) {
				m.names(part.below())
			}
		}
	}
}

// shapes checks that a response name has one shape, whatever the object is.
func (m *merger) shapes(sets []ast.SelectionSet) {
	if len(sets) == 0 || m.done() {
		return
	}
	for _, g := range m.collect(sets) {
		if m.sameShape(g) {
			m.shapes(g.below())
		}
	}
}

// byObject cuts a group into those fields that one object may be asked for: for
// each object type, its own fields and those of interfaces.
func (g group) byObject() []group {
	first := g[0].ObjectDefinition
	if !slices.ContainsFunc(g, func(f *ast.Field) bool { return f.ObjectDefinition != first }) {
		return []group{g}
	}
	var abstract group
	var names []string
	objects := map[string]group{}
	for _, field := range g {
		parent := field.ObjectDefinition
		if parent.Kind != ast.Object {
			abstract = append(abstract, field)
			continue
		}
		if objects[parent.Name] == nil {
			names = append(names, parent.Name)
		}
		objects[parent.Name] = append(objects[parent.Name], field)
	}
	if len(names) < 2 {
		return []group{g}
	}
	parts := make([]group, len(names))
	for i, name := range names {
		parts[i] = slices.Concat(objects[name], abstract)
	}
	return parts
}

func (m *merger) sameField(g group) bool {
	first := g[0]
	for _, field := range g[1:] {
		m.steps--
		switch {
		case field.Name != first.Name:
			m.conflict(field, `"%s" and "%s" are different fields`, first.Name, field.Name)
			return false
		case !sameArguments(first.Arguments, field.Arguments):
			m.conflict(field, "they have differing arguments")
			return false
		}
	}
	return true
}

func (m *merger) sameShape(g group) bool {
	first := g[0].Definition.Type
	for _, field := range g[1:] {
		if t := field.Definition.Type; t != first && !m.sameType(first, t) {
			m.conflict(field, `they return conflicting types "%s" and "%s"`, first, t)
			return false
		}
	}
	return true
}

func (m *merger) sameType(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.sameType(a.Elem, b.Elem)
	}
	return a.NamedType == b.NamedType ||
		m.schema.Types[a.NamedType].IsCompositeType() && m.schema.Types[b.NamedType].IsCompositeType()
}

func (m *merger) conflict(field *ast.Field, format string, args ...any) {
	if m.done() {
		return
	}
	reason := short(fmt.Sprintf(format, args...))
	err := refuseAt(field.Position, CodeValidationFailed,
		`Fields "%s" conflict because %s. Use different aliases on the fields to fetch both if this was intentional.`,
		field.Alias, reason)
	err.Rule = "OverlappingFieldsCanBeMerged"
	m.errs = append(m.errs, err)
}

// sameArguments compares the arguments of two fields; in each, a name stands once.
func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, argument := range a {
		other := b.ForName(argument.Name)
		if other == nil || !sameValue(argument.Value, other.Value) {
			return false
		}
	}
	return true
}

func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	as, bs := a.Children, b.Children
	if a.Kind == ast.ObjectValue {
		as, bs = byName(as), byName(bs)
	}
	for i := range as {
		if as[i].Name != bs[i].Name || !sameValue(as[i].Value, bs[i].Value) {
			return false
		}
	}
	return true
}

// byName returns the members of an object in an order of their own: the order
// written says nothing.
func byName(children ast.ChildValueList) ast.ChildValueList {
	sorted := slices.Clone(children)
	slices.SortFunc(sorted, func(a, b *ast.ChildValue) int { return strings.Compare(a.Name, b.Name) })
	return sorted
}
