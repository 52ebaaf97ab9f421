package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/test/sdl"
)

// TestEnums wants every enum to have the constants of the domain's type of the
// same name, and every such type to be an enum: a new constant without a described
// value fails. They are in the same order, but where kinds of record each add a
// value in a file of their own.
func TestEnums(t *testing.T) {
	t.Parallel()
	schema, domain := sdl.Load(t), parseDomain(t)
	metadata := []string{"StaffRole", "StaffGroup", "PartnerScope"}
	for _, d := range own(schema, ast.Enum) {
		if slices.Contains(metadata, d.Name) {
			continue
		}
		values := []string{}
		for _, v := range d.EnumValues {
			values = append(values, v.Name)
		}
		if slices.Contains(addedTo, d.Name) {
			slices.Sort(values)
			slices.Sort(domain.constants[d.Name])
		}
		if diff := cmp.Diff(domain.constants[d.Name], values); diff != "" {
			t.Errorf("enum %s is not the domain's (-domain +schema):\n%s", d.Name, diff)
		}
	}
	internal := []string{"Code", "Field", "Kind", "BreakerState", "ShopOutcome", "ShopRefusal", "ShopLookup"}
	for name := range domain.constants {
		if d := schema.Types[name]; (d == nil || d.Kind != ast.Enum) && !slices.Contains(internal, name) {
			t.Errorf("the domain's %s has constants and is no enum of the schema", name)
		}
	}
}

// addedTo are the enums to which a kind of record adds a value, beside its type.
var addedTo = []string{"ChangeKind", "SearchKind", "TimelineKind"}

// TestInputs wants every input to have the fields of the domain's struct of the
// same name, with their types: a list is of non-null values and nullable, and so
// is a pointer; every filter and order of the domain is an input.
func TestInputs(t *testing.T) {
	t.Parallel()
	schema, domain := sdl.Load(t), parseDomain(t)
	for _, d := range own(schema, ast.InputObject) {
		want, got := map[string]string{}, map[string]string{}
		for _, f := range domain.fields[d.Name] {
			name := f.name
			for _, g := range d.Fields {
				if strings.EqualFold(g.Name, name) {
					name = g.Name
				}
			}
			want[name] = graphType(f.goType)
			if strings.HasPrefix(f.goType, "[]") {
				want[name] = strings.TrimSuffix(want[name], "!")
			}
		}
		for _, f := range d.Fields {
			got[f.Name] = f.Type.String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("input %s is not the domain's (-domain +schema):\n%s", d.Name, diff)
		}
	}
	for name := range domain.fields {
		isInput := strings.HasSuffix(name, "Filter") || domain.constants[name+"Field"] != nil
		if d := schema.Types[name]; isInput && (d == nil || d.Kind != ast.InputObject) {
			t.Errorf("the domain's %s is no input of the schema", name)
		}
	}
}

// notShown are fields of the domain that the graph does not show, or shows in
// another form.
var notShown = []string{
	"Customer.Changes", // in the timeline
	"Employee.CreatedAt", "Employee.UpdatedAt",
	"Team.CreatedAt", "Team.UpdatedAt",
	"PartnerApp.CreatedAt", "PartnerApp.UpdatedAt",
	"Money.Minor",            // Money.amount
	"OrderLine.ProductTitle", // in OrderLine.product
}

// neverNil are pointers of the domain that always point to something.
var neverNil = []string{"LineQuantity.Line"}

// TestObjects wants every field of a type that the domain has too to be of the
// type that the domain gives it, nullable where that can be nil or denied, and nothing of
// the domain to be forgotten. Ids of other records are shown as those records.
func TestObjects(t *testing.T) {
	t.Parallel()
	schema, domain := sdl.Load(t), parseDomain(t)
	denied := deniedFields(t, schema)
	compared := 0
	for _, d := range own(schema, ast.Object) {
		if d == schema.Query {
			continue // the domain's Query is another thing
		}
		for _, m := range slices.Concat(domain.fields[d.Name], domain.getters[d.Name]) {
			f := fieldLike(d, m.name)
			if f == nil {
				continue
			}
			compared++
			got, want := f.Type.String(), graphType(m.goType)
			if slices.Contains(neverNil, d.Name+"."+m.name) {
				want += "!"
			}
			sameID := got == "ID!" && want == "String!" && strings.HasSuffix(m.name, "ID")
			if denied[d.Name+"."+f.Name] { // Null is that it may not be read.
				want = strings.TrimSuffix(want, "!")
			}
			sameCode := got == "CurrencyCode!" && want == "String!"
			if got != want && !sameID && !sameCode {
				t.Errorf("%s.%s is %s, the domain's %s is %s", d.Name, f.Name, got, m.name, want)
			}
		}
		for _, m := range domain.fields[d.Name] {
			link := m.goType == "ID" || m.goType == "[]ID" || m.goType == "ActorRef" || m.name == "LineID"
			if fieldLike(d, m.name) == nil && !link && !slices.Contains(notShown, d.Name+"."+m.name) {
				t.Errorf("the domain's %s.%s is no field of the schema", d.Name, m.name)
			}
		}
	}
	if compared < 150 {
		t.Errorf("compared only %d fields: the source was not understood", compared)
	}
}

// fieldLike returns the field with a name of the domain (ImageURL is imageUrl);
// nil if there is none.
func fieldLike(d *ast.Definition, name string) *ast.FieldDefinition {
	for _, f := range fields(d) {
		if strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}
