package access

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// addGroups notes the roles of each group of staff, which @staffGroup says on the
// values of an enum.
func (r *Rules) addGroups(enum *ast.Definition) (problems []error) {
	if enum == nil {
		return nil
	}
	for _, v := range enum.EnumValues {
		says := v.Directives.ForName("staffGroup")
		if says == nil || says.Arguments.ForName("roles") == nil {
			problems = append(problems, fmt.Errorf("%s.%s has no @staffGroup with roles", enum.Name, v.Name))
			continue
		}
		roles, err := bits(says.Arguments.ForName("roles").Value, Roles())
		if err != nil {
			problems = append(problems, fmt.Errorf("%s.%s: %w", enum.Name, v.Name, err))
		}
		r.groups[v.Name] = roles
	}
	return problems
}

// read returns what @access and @pii say, nil without @access.
func (r *Rules) read(coordinate string, directives ast.DirectiveList) (*rule, error) {
	found := directives.ForNames("access")
	if len(found) == 0 {
		return nil, nil
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("%s has @access more than once", coordinate)
	}
	one := &rule{coordinate: coordinate, pii: directives.ForName("pii") != nil}
	var problems []error
	for _, a := range found[0].Arguments {
		var err error
		switch a.Name {
		case "staff":
			known := false
			if one.staff, known = r.groups[a.Value.Raw]; !known {
				err = fmt.Errorf("@access knows no group of staff %q", a.Value.Raw)
			}
		case "partner":
			one.partner, err = bits(a.Value, Scopes())
		case "customer":
			one.customer = a.Value.Raw == "true"
		}
		problems = append(problems, err)
	}
	if a := found[0].Arguments.ForName("anyPartner"); a != nil && a.Value.Raw == "true" {
		if one.partner != 0 {
			problems = append(problems, errors.New("@access names scopes of partners and has anyPartner, too"))
		}
		one.partner = grants(Scopes(), Scopes())
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("%s: %w", coordinate, err)
	}
	return one, nil
}

// of returns a type's rule as that of one of its fields.
func (r *rule) of(f *ast.FieldDefinition) *rule {
	one := *r
	one.coordinate += "." + f.Name
	one.pii = f.Directives.ForName("pii") != nil
	return &one
}

// bits returns a list of names as a set.
func bits[T ~string](list *ast.Value, known []T) (set uint16, err error) {
	if list.Kind != ast.ListValue {
		return 0, fmt.Errorf("the access rules want a list, not %q", list.Raw)
	}
	for _, child := range list.Children {
		at := slices.Index(known, T(child.Value.Raw))
		if at < 0 {
			return 0, fmt.Errorf("the access rules know no %q", child.Value.Raw)
		}
		set |= 1 << at
	}
	return set, nil
}
