package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/test/sdl"
)

// classes are the kinds of principals that rules tell apart: staff of each role, partners'
// systems of each scope, customers. Who has several may read what any of them may.
func classes(rules *access.Rules, schema *ast.Schema) map[string]access.Reader {
	all := map[string]access.Reader{"customer": rules.Reader(&access.Principal{Kind: access.KindCustomer})}
	for _, v := range schema.Types["StaffRole"].EnumValues {
		all[v.Name] = rules.Reader(&access.Principal{Kind: access.KindStaff, Roles: []access.Role{access.Role(v.Name)}})
	}
	for _, v := range schema.Types["PartnerScope"].EnumValues {
		all[v.Name] = rules.Reader(&access.Principal{Kind: access.KindPartner, Scopes: []access.Scope{access.Scope(v.Name)}})
	}
	return all
}

// TestDeniedFieldsCanBeNull wants a field to be nullable if somebody who may have the
// object may not read the field: where it could not be null, the refusal would take the
// object with it, and the list that it is in. Objects may be had by those whom the
// type's @access names, and by customers who may read anything of them, as far as they
// get to the type by fields that they may read.
func TestDeniedFieldsCanBeNull(t *testing.T) {
	schema := sdl.Load(t)
	denied := deniedFields(t, schema)
	for coordinate := range denied {
		object, name, _ := strings.Cut(coordinate, ".")
		if f := schema.Types[object].Fields.ForName(name); f.Type.NonNull {
			t.Errorf("%s is %s, and somebody may have a %s without it: it must be nullable", coordinate, f.Type, object)
		}
	}
	if len(denied) < 10 {
		t.Errorf("only %d fields are denied to anybody who may have the object: the rules were not understood", len(denied))
	}
}

// deniedFields returns the coordinates of fields that somebody may not read who may have
// the object.
func deniedFields(t *testing.T, schema *ast.Schema) map[string]bool {
	t.Helper()
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	denied := map[string]bool{}
	for name, who := range classes(rules, schema) {
		for _, d := range reached(rules, schema, who) {
			for _, f := range fields(d) {
				if d != schema.Query && has(rules, who, name, d) && rules.Field(who, d.Name, f.Name) == access.Denied {
					denied[d.Name+"."+f.Name] = true
				}
			}
		}
	}
	return denied
}

// has says whether somebody may have objects of a type.
func has(rules *access.Rules, who access.Reader, name string, d *ast.Definition) bool {
	return slices.ContainsFunc(fields(d), func(f *ast.FieldDefinition) bool {
		ofType := f.Directives.ForName("access") == nil
		return f.Name != "id" && (ofType || name == "customer") && rules.Field(who, d.Name, f.Name) == access.Allowed
	})
}

// reached returns the object types that somebody gets to from the root.
func reached(rules *access.Rules, schema *ast.Schema, who access.Reader) []*ast.Definition {
	seen, types := map[*ast.Definition]bool{schema.Query: true}, []*ast.Definition{schema.Query}
	for i := 0; i < len(types); i++ {
		for _, f := range fields(types[i]) {
			if rules.Field(who, types[i].Name, f.Name) != access.Allowed {
				continue
			}
			for _, d := range schema.GetPossibleTypes(schema.Types[f.Type.Name()]) {
				if d.Kind == ast.Object && !seen[d] {
					seen[d] = true
					types = append(types, d)
				}
			}
		}
	}
	return types
}
