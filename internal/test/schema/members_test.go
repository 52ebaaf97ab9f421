package schema_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/sdl"
)

// TestEveryFieldSaysWhatItNeeds wants of every field of a stored kind's type, or of a
// part of one, that it is a member which the records have under its name, or that the
// kind's Derives say what it is computed or loaded from. A field that has a Go method or
// a resolver is never plain, whatever members there are.
func TestEveryFieldSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	known := 0
	for _, d := range crm.Descriptions() {
		derives := map[string]bool{}
		for name, members := range d.Derives {
			derives[name] = true
			if _, err := crm.MembersOf(d.Kind, members...); err != nil {
				t.Errorf("Derives of %s: %s: %v", d.Name, name, err)
			}
		}
		for _, typ := range typesOf(d.Kind) {
			def := schema.Types[typ.Name()]
			if def == nil {
				continue
			}
			for _, f := range fields(def) {
				known++
				name := typ.Name() + "." + f.Name
				_, ok := crm.GraphMembers(d.Kind, typ.Name(), f.Name)
				if computed := resolved(typ.Name(), f.Name) || getter(typ, f.Name); !ok || computed && !derives[name] {
					t.Errorf("%s is no plain member: say in the Derives of %s which members it needs", name, d.Name)
				} else if !computed && derives[name] {
					t.Errorf("%s is a plain member: the Derives of %s must not name it", name, d.Name)
				}
				delete(derives, name)
			}
		}
		for name := range derives {
			t.Errorf("Derives of %s: there is no field %s", d.Name, name)
		}
	}
	if known < 150 {
		t.Errorf("compared only %d fields: the schema was not understood", known)
	}
}

// typesOf are the types that a kind's records are made of.
func typesOf(kind crm.Kind) []reflect.Type {
	var types []reflect.Type
	seen := map[reflect.Type]bool{}
	var gather func(s *crm.Structure)
	gather = func(s *crm.Structure) {
		if seen[s.Type] {
			return
		}
		seen[s.Type] = true
		types = append(types, s.Type)
		for i := range s.Members {
			if part := s.Members[i].Part; part != nil {
				gather(part)
			}
		}
	}
	gather(crm.StructureOf(kind))
	return types
}

// resolved says whether a field has a resolver.
func resolved(typ, field string) bool {
	of, ok := reflect.TypeFor[graph.ResolverRoot]().MethodByName(typ)
	return ok && hasMethod(of.Type.Out(0), field)
}

// getter says whether a field is a Go method. Some are bound to one of another name in
// gqlgen.yml, which is Graph and the field's.
func getter(typ reflect.Type, field string) bool {
	return hasMethod(reflect.PointerTo(typ), field) || hasMethod(reflect.PointerTo(typ), "Graph"+field)
}

func hasMethod(t reflect.Type, name string) bool {
	for m := range t.Methods() {
		if strings.EqualFold(m.Name, name) {
			return true
		}
	}
	return false
}
