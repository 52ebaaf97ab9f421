package main

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// used finds the part of the schema that the operations use.
func (s *schema) used(operations string) (*subset, error) {
	document, err := parser.ParseQuery(&ast.Source{Name: "operations", Input: operations})
	if err != nil {
		return nil, fmt.Errorf("parse the operations: %w", err)
	}
	part := &subset{whole: s, types: map[string]map[string]map[string]bool{}, asked: map[string]bool{}}
	for _, o := range document.Operations {
		if err := part.selections(s.query, o.SelectionSet); err != nil {
			return nil, err
		}
		for _, v := range o.VariableDefinitions {
			part.input(v.Type.Name())
		}
	}
	for _, f := range document.Fragments {
		if err := part.selections(f.TypeCondition, f.SelectionSet); err != nil {
			return nil, err
		}
	}
	part.implement()
	return part, nil
}

func (s *subset) selections(on string, set ast.SelectionSet) error {
	t, ok := s.whole.types[on]
	if !ok {
		return fmt.Errorf("the schema has no type %s", on)
	}
	s.keep(on)
	for _, selection := range set {
		var err error
		switch x := selection.(type) {
		case *ast.Field:
			err = s.field(t, x)
		case *ast.InlineFragment:
			on := on
			if x.TypeCondition != "" {
				s.asked[x.TypeCondition] = s.asked[x.TypeCondition] || on == anything
				on = x.TypeCondition
			}
			err = s.selections(on, x.SelectionSet)
		case *ast.FragmentSpread: // Its definition is looked at by itself.
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *subset) field(t *typeOf, x *ast.Field) error {
	f, ok := t.field(x.Name)
	if !ok {
		return fmt.Errorf("%s has no field %s", t.Name, x.Name)
	}
	s.keep(t.Name)
	s.keepField(t.Name, f)
	for _, a := range x.Arguments {
		s.types[t.Name][f.Name][a.Name] = true
	}
	for _, a := range f.Args {
		if s.types[t.Name][f.Name][a.Name] {
			s.input(a.Type.named())
		}
	}
	if len(x.SelectionSet) == 0 {
		return nil
	}
	return s.selections(f.Type.named(), x.SelectionSet)
}

// keep keeps a type, without fields as yet.
func (s *subset) keep(name string) {
	if s.types[name] == nil {
		s.types[name] = map[string]map[string]bool{}
	}
}

func (s *subset) keepField(on string, f field) {
	if s.types[on][f.Name] == nil {
		s.types[on][f.Name] = map[string]bool{}
	}
	s.keep(f.Type.named())
}

// input keeps an input's type with all its fields.
func (s *subset) input(name string) {
	if _, seen := s.types[name]; seen {
		return
	}
	s.keep(name)
	if t := s.whole.types[name]; t != nil {
		for _, f := range t.InputFields {
			s.input(f.Type.named())
		}
	}
}

// anything is the interface that nearly every type has: what is asked for by it
// is named by ids, so that only the types that are selected can come.
const anything = "Node"

// implement makes the part a schema: what may come for an interface or a union
// is kept, a type has the fields of its interfaces, and none is without fields.
func (s *subset) implement() {
	for _, name := range sorted(s.types) {
		if name == anything {
			continue
		}
		for _, t := range s.whole.types[name].PossibleTypes {
			s.keep(t.Name)
		}
	}
	for _, name := range sorted(s.types) {
		if t := s.whole.types[name]; len(s.types[name]) == 0 && len(t.Fields) > 0 {
			s.keepField(name, t.leaf(s.whole))
		}
	}
	for _, name := range sorted(s.types) {
		t := s.whole.types[name]
		for _, parent := range t.Interfaces {
			for _, wanted := range sorted(s.types[parent.Name]) {
				if f, ok := t.field(wanted); ok {
					s.keepField(name, f)
				}
			}
		}
	}
}

// leaf returns a field of the type that has no fields of its own: its id, if it has
// one.
func (t *typeOf) leaf(whole *schema) field {
	if f, ok := t.field("id"); ok {
		return f
	}
	for _, f := range t.Fields {
		if len(whole.types[f.Type.named()].Fields) == 0 {
			return f
		}
	}
	return t.Fields[0]
}
