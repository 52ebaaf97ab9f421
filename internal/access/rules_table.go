package access

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// anybody stands in a table for what has no rule of its own: all who may read the
// field that uses it may use it.
const anybody = "*"

// WriteTable writes the rule that holds for each field, argument, input field and
// enum value that a request can name, whether it states the rule itself or its
// type does: a heading, then a line for each, sorted by coordinate, with tabs
// between coordinate, staff, partner, customer and pii. Lists have commas between
// their values, "-" is nobody, and "*" stands in the line of an argument, an input
// field or an enum value that all who may read the field that uses it may use.
func (r *Rules) WriteTable(w io.Writer) error {
	lines := []string{}
	used := r.used()
	for _, d := range r.schema.Types {
		if strings.HasPrefix(d.Name, "__") || !used[d.Name] {
			continue
		}
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			coordinate, one := d.Name+"."+f.Name, r.fields[d.Name][f.Name]
			if d.Kind == ast.InputObject {
				one = r.inputs[coordinate]
			}
			lines = append(lines, one.line(coordinate))
			for _, a := range f.Arguments {
				coordinate := argument(d.Name, f.Name, a.Name)
				lines = append(lines, r.inputs[coordinate].line(coordinate))
			}
		}
		for _, v := range d.EnumValues {
			coordinate := d.Name + "." + v.Name
			lines = append(lines, r.inputs[coordinate].line(coordinate))
		}
	}
	slices.Sort(lines)
	_, err := fmt.Fprintf(w, "coordinate\tstaff\tpartner\tcustomer\tpii\n%s\n", strings.Join(lines, "\n"))
	if err != nil {
		return fmt.Errorf("write the table of access: %w", err)
	}
	return nil
}

// used returns the names of the types that fields give and that their arguments and
// input fields take: not those that only directives have arguments of.
func (r *Rules) used() map[string]bool {
	names := map[string]bool{}
	for _, d := range r.schema.Types {
		names[d.Name] = names[d.Name] || d.Kind == ast.Object || d.Kind == ast.Interface
		for _, f := range d.Fields {
			names[f.Type.Name()] = true
			for _, a := range f.Arguments {
				names[a.Type.Name()] = true
			}
		}
	}
	return names
}

// line returns a rule as a line of a table; a nil rule is that of an input without
// one.
func (r *rule) line(coordinate string) string {
	if r == nil {
		return strings.Join([]string{coordinate, anybody, anybody, anybody, "no"}, "\t")
	}
	return strings.Join([]string{coordinate, listed(r.staff, Roles()), listed(r.partner, Scopes()), yesNo(r.customer), yesNo(r.pii)}, "\t")
}

// listed returns the names in a set, "-" for none.
func listed[T ~string](set uint16, known []T) string {
	names := []string{}
	for i, name := range known {
		if set&(1<<i) != 0 {
			names = append(names, string(name))
		}
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ",")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
