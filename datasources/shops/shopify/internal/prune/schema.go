package main

import (
	"fmt"
	"slices"
	"strings"
)

// introspection is what an introspection query answers with.
type introspection struct {
	QueryType struct{ Name string }
	Types     []*typeOf
}

type typeOf struct {
	Kind, Name    string
	Fields        []field
	InputFields   []input
	Interfaces    []reference
	PossibleTypes []reference
	EnumValues    []struct{ Name string }
}

type field struct {
	Name string
	Args []input
	Type reference
}

type input struct {
	Name         string
	Type         reference
	DefaultValue *string
}

type reference struct {
	Kind, Name string
	OfType     *reference
}

// named returns the type without lists and non-nulls.
func (r reference) named() string {
	if r.OfType != nil {
		return r.OfType.named()
	}
	return r.Name
}

// String writes the type as a schema does.
func (r reference) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	default:
		return r.Name
	}
}

type schema struct {
	query string
	types map[string]*typeOf
}

func (t *typeOf) field(name string) (field, bool) {
	i := slices.IndexFunc(t.Fields, func(f field) bool { return f.Name == name })
	if i < 0 {
		return field{}, false
	}
	return t.Fields[i], true
}

// subset is the part of a schema that is used: by type, then by field, the
// arguments.
type subset struct {
	whole *schema
	types map[string]map[string]map[string]bool
	// asked are the types that are asked for as the interface anything. No other
	// needs to be one.
	asked map[string]bool
}

// print writes the part as a schema.
func (s *subset) print() string {
	var out strings.Builder
	fmt.Fprintf(&out, "schema {\n  query: %s\n}\n", s.whole.query)
	for _, name := range sorted(s.types) {
		t := s.whole.types[name]
		switch t.Kind {
		case "SCALAR":
			if !builtIn(name) {
				fmt.Fprintf(&out, "\nscalar %s\n", name)
			}
		case "ENUM":
			fmt.Fprintf(&out, "\nenum %s {\n", name)
			for _, v := range t.EnumValues {
				fmt.Fprintf(&out, "  %s\n", v.Name)
			}
			out.WriteString("}\n")
		case "INPUT_OBJECT":
			fmt.Fprintf(&out, "\ninput %s {\n", name)
			for _, f := range t.InputFields {
				fmt.Fprintf(&out, "  %s\n", f)
			}
			out.WriteString("}\n")
		case "UNION":
			fmt.Fprintf(&out, "\nunion %s = %s\n", name, strings.Join(s.kept(t.PossibleTypes), " | "))
		default:
			s.printFields(&out, t)
		}
	}
	return out.String()
}

func (s *subset) printFields(out *strings.Builder, t *typeOf) {
	word, parents := "type", s.kept(t.Interfaces)
	if t.Kind == "INTERFACE" {
		word, parents = "interface", nil // genqlient knows no interface of an interface.
	}
	fmt.Fprintf(out, "\n%s %s", word, t.Name)
	parents = slices.DeleteFunc(parents, func(p string) bool { return p == anything && !s.asked[t.Name] })
	if len(parents) > 0 {
		fmt.Fprintf(out, " implements %s", strings.Join(parents, " & "))
	}
	out.WriteString(" {\n")
	for _, name := range sorted(s.types[t.Name]) {
		f, _ := t.field(name)
		args := make([]string, 0, len(f.Args))
		for _, a := range f.Args {
			if s.types[t.Name][name][a.Name] {
				args = append(args, a.String())
			}
		}
		list := ""
		if len(args) > 0 {
			list = "(" + strings.Join(args, ", ") + ")"
		}
		fmt.Fprintf(out, "  %s%s: %s\n", name, list, f.Type)
	}
	out.WriteString("}\n")
}

// String writes an argument or an input's field.
func (i input) String() string {
	text := i.Name + ": " + i.Type.String()
	if i.DefaultValue != nil {
		text += " = " + *i.DefaultValue
	}
	return text
}

func (s *subset) kept(types []reference) []string {
	var names []string
	for _, t := range types {
		if _, ok := s.types[t.Name]; ok {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

func builtIn(scalar string) bool {
	return slices.Contains([]string{"Boolean", "Float", "ID", "Int", "String"}, scalar)
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
