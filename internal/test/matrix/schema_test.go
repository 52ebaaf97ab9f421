package matrix_test

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// graph is the schema as the matrix reads it.
type graph struct{ *ast.Schema }

// coordOf names a field.
func coordOf(typ, field string) string { return typ + "." + field }

// aliasOf is the response name of a field: it says which it is, and fragments on
// different types never meet in one name.
func aliasOf(typ, field string) string { return typ + "_" + field }

// targets returns the object types that a field can give, none for a leaf.
func (g graph) targets(f *ast.FieldDefinition) []string {
	d := g.Types[f.Type.Name()]
	switch d.Kind { //nolint:exhaustive // The others are leaves.
	case ast.Object:
		return []string{d.Name}
	case ast.Interface, ast.Union:
		var names []string
		for _, possible := range g.PossibleTypes[d.Name] {
			names = append(names, possible.Name)
		}
		slices.Sort(names)
		return names
	}
	return nil
}

// isAbstract says whether a field gives an interface or a union.
func (g graph) isAbstract(f *ast.FieldDefinition) bool {
	return g.Types[f.Type.Name()].IsAbstractType()
}

// isRecord says whether a type's objects have an id of their own, with which
// they can be asked for.
func (g graph) isRecord(typ string) bool { return slices.Contains(g.Types[typ].Interfaces, "Node") }

// fields returns the fields of a type, without introspection.
func (g graph) fields(typ string) []*ast.FieldDefinition {
	return slices.DeleteFunc(slices.Clone(g.Types[typ].Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__")
	})
}

// edge is a way from one type to another: a field, and what it can give.
type edge struct{ coord, to string }

// edges returns every edge that can be reached from the roots, sorted.
func (g graph) edges() []edge {
	var found []edge
	seen := map[string]bool{}
	var visit func(typ string)
	visit = func(typ string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		for _, f := range g.fields(typ) {
			for _, to := range g.targets(f) {
				found = append(found, edge{coordOf(typ, f.Name), to})
				visit(to)
			}
		}
	}
	for _, root := range g.roots() {
		visit(root.Name)
	}
	slices.SortFunc(found, func(a, b edge) int { return strings.Compare(a.coord+a.to, b.coord+b.to) })
	return found
}

// roots are the types that operations start from.
func (g graph) roots() []*ast.Definition {
	var roots []*ast.Definition
	for _, d := range []*ast.Definition{g.Query, g.Mutation, g.Subscription} {
		if d != nil {
			roots = append(roots, d)
		}
	}
	return roots
}

// fieldAccess is what @access says of a field, read here on its own.
type fieldAccess struct {
	staff, partner []string
	customer, pii  bool
}

// access reads the annotation that holds for a field: its own or, without one, its
// type's.
func (g graph) access(coord string) fieldAccess {
	typ, field, _ := strings.Cut(coord, ".")
	var a fieldAccess
	f := g.Types[typ].Fields.ForName(field)
	if f == nil {
		return a
	}
	says := f.Directives.ForName("access")
	if says == nil {
		says = g.Types[typ].Directives.ForName("access")
	}
	for _, argument := range says.Arguments {
		switch argument.Name {
		case "staff":
			a.staff = g.roles(argument.Value.Raw)
		case "partner":
			a.partner = append(a.partner, listed(argument.Value)...)
		case "anyPartner":
			if argument.Value.Raw == "true" {
				a.partner = append(a.partner, g.values("PartnerScope")...)
			}
		case "customer":
			a.customer = argument.Value.Raw == "true"
		}
	}
	a.pii = f.Directives.ForName("pii") != nil
	return a
}

// roles returns the roles of a group of staff.
func (g graph) roles(group string) []string {
	says := g.Types["StaffGroup"].EnumValues.ForName(group).Directives.ForName("staffGroup")
	return listed(says.Arguments.ForName("roles").Value)
}

// group returns the group of staff that has some roles, in any order; "" if there is
// none.
func (g graph) group(roles []string) string {
	want := slices.Sorted(slices.Values(roles))
	for _, name := range g.values("StaffGroup") {
		if slices.Equal(slices.Sorted(slices.Values(g.roles(name))), slices.Compact(want)) {
			return name
		}
	}
	return ""
}

// values returns the values of an enum.
func (g graph) values(enum string) []string {
	var names []string
	for _, v := range g.Types[enum].EnumValues {
		names = append(names, v.Name)
	}
	return names
}

// listed returns the names in a list.
func listed(list *ast.Value) []string {
	var names []string
	for _, child := range list.Children {
		names = append(names, child.Value.Raw)
	}
	return names
}
