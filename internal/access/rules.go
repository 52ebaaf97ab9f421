package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Verdict is what the rules say about a field for a reader.
type Verdict uint8

// The verdicts, the strictest first.
const (
	// Denied fields may not be read: FORBIDDEN.
	Denied Verdict = iota
	// Masked fields are answered without their value: personal data, which this
	// role of staff has no need of.
	Masked
	// Allowed fields may be read.
	Allowed
)

// Reader is what the rules know of a principal: the same for all principals of
// one Class. The zero Reader may read nothing.
type Reader struct {
	kind   Kind
	grants uint16
}

// rule is what @access and @pii say about one coordinate of the schema.
type rule struct {
	coordinate     string
	staff, partner uint16
	customer, pii  bool
}

// verdict decides a rule for a reader; a nil rule denies.
func (r *rule) verdict(who Reader) Verdict {
	if r == nil {
		return Denied
	}
	switch who.kind {
	case KindStaff:
		switch {
		case r.staff&who.grants != 0:
			return Allowed
		case r.pii && who.grants != 0:
			return Masked
		}
	case KindPartner:
		if r.partner&who.grants != 0 {
			return Allowed
		}
	case KindCustomer:
		if r.customer {
			return Allowed
		}
	}
	return Denied
}

// Rules say which fields of a schema a principal may read, and by which
// arguments it may filter, sort, search and identify. They are made once for a
// schema, do not change, and may be used by everybody at once.
type Rules struct {
	schema *ast.Schema
	// groups are the groups of staff by name: the roles of each.
	groups map[string]uint16
	// fields are the rules of each type's fields, by the names of both. Every field
	// of objects and interfaces has one.
	fields map[string]map[string]*rule
	// inputs are the rules of arguments, input fields and enum values that not
	// everybody may use, by coordinate.
	inputs map[string]*rule
	// guarded are the input types and enums from which a rule in inputs is reached.
	guarded map[string]bool
}

// NewRules reads @access, @staffGroup and @pii of a whole schema. A field of an
// object or an interface for which neither it nor its type has @access is an error,
// as is personal data that has no value to be masked by.
func NewRules(schema *ast.Schema) (*Rules, error) {
	r := &Rules{
		schema: schema, groups: map[string]uint16{}, fields: map[string]map[string]*rule{}, inputs: map[string]*rule{},
		guarded: map[string]bool{},
	}
	problems := r.addGroups(schema.Types["StaffGroup"])
	for _, d := range schema.Types {
		if strings.HasPrefix(d.Name, "__") {
			continue
		}
		switch d.Kind { //nolint:exhaustive // Scalars and unions have nothing to annotate.
		case ast.Object, ast.Interface:
			problems = append(problems, r.addFields(d)...)
		case ast.InputObject:
			for _, f := range d.Fields {
				problems = append(problems, r.addInput(d.Name+"."+f.Name, f.Directives, f.DefaultValue))
			}
		case ast.Enum:
			for _, v := range d.EnumValues {
				problems = append(problems, r.addInput(d.Name+"."+v.Name, v.Directives, nil))
			}
		}
	}
	for name, d := range schema.Types {
		r.guarded[name] = r.reaches(d, map[string]bool{})
	}
	return r, errors.Join(append(problems, r.checkDefaults()...)...)
}

// checkDefaults wants no default to use what not everybody may use: a default is
// used without being asked for.
func (r *Rules) checkDefaults() (problems []error) {
	check := func(coordinate string, t *ast.Type, byDefault *ast.Value) {
		if r.restricted(t, byDefault) {
			problems = append(problems, fmt.Errorf("%s has a default that not everybody may use", coordinate))
		}
	}
	for _, d := range r.schema.Types {
		for _, f := range d.Fields {
			check(d.Name+"."+f.Name, f.Type, f.DefaultValue)
			for _, a := range f.Arguments {
				check(argument(d.Name, f.Name, a.Name), a.Type, a.DefaultValue)
			}
		}
	}
	return problems
}

// restricted says whether a literal uses an input with a rule.
func (r *Rules) restricted(t *ast.Type, v *ast.Value) bool {
	if v == nil || !r.guarded[t.Name()] {
		return false
	}
	d := r.schema.Types[t.Name()]
	switch v.Kind { //nolint:exhaustive // The others hold no inputs.
	case ast.EnumValue:
		return r.inputs[d.Name+"."+v.Raw] != nil
	case ast.ListValue:
		return slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return r.restricted(t, c.Value) })
	case ast.ObjectValue:
		return slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool {
			f := d.Fields.ForName(c.Name)
			return r.inputs[d.Name+"."+c.Name] != nil || f != nil && r.restricted(f.Type, c.Value)
		})
	default:
		return false
	}
}

// addFields notes the rules of an object's or interface's fields, and of their
// arguments: a field's own or, without one, its type's.
func (r *Rules) addFields(d *ast.Definition) (problems []error) {
	r.fields[d.Name] = map[string]*rule{}
	ofType, err := r.read(d.Name, d.Directives)
	if err != nil {
		problems = append(problems, err)
	}
	if ofType != nil && (d == r.schema.Query || d == r.schema.Mutation || d == r.schema.Subscription) {
		problems = append(problems, fmt.Errorf("%s has @access, but each field of a root says for itself what it opens", d.Name))
	}
	for _, f := range d.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		one, err := r.read(d.Name+"."+f.Name, f.Directives)
		if one == nil && err == nil && ofType != nil {
			one = ofType.of(f)
		}
		switch {
		case err != nil:
			problems = append(problems, err)
		case one == nil:
			problems = append(problems, fmt.Errorf("%s.%s has no @access, and its type has none", d.Name, f.Name))
		case one.pii && !maskable(f.Type, r.schema):
			problems = append(problems, fmt.Errorf("%s is @pii, but nothing can be shown in its place", one.coordinate))
		default:
			r.fields[d.Name][f.Name] = one
		}
		for _, a := range f.Arguments {
			problems = append(problems, r.addInput(argument(d.Name, f.Name, a.Name), a.Directives, a.DefaultValue))
		}
	}
	return problems
}

// addInput notes the rule of an argument, an input field or an enum value, if it
// has one.
func (r *Rules) addInput(coordinate string, directives ast.DirectiveList, byDefault *ast.Value) error {
	one, err := r.read(coordinate, directives)
	if err != nil || one == nil {
		return err
	}
	if byDefault != nil {
		return fmt.Errorf("%s has @access and a default, which would be used without being asked for", coordinate)
	}
	r.inputs[coordinate] = one
	return nil
}

// maskable says whether something can be shown in the place of a value.
func maskable(t *ast.Type, schema *ast.Schema) bool {
	if !t.NonNull || t.Elem != nil {
		return true
	}
	d := schema.Types[t.NamedType]
	return d != nil && d.Kind == ast.Scalar && (d.Name == "String" || d.Name == "JSON")
}

// Reader returns what the rules need to know of a principal; nobody may read
// nothing.
func (r *Rules) Reader(p *Principal) Reader {
	if p == nil {
		return Reader{}
	}
	who := Reader{kind: p.Kind}
	switch p.Kind {
	case KindStaff:
		who.grants = grants(p.Roles, Roles())
	case KindPartner:
		who.grants = grants(p.Scopes, Scopes())
	case KindCustomer:
	}
	return who
}

func grants[T comparable](has, known []T) (set uint16) {
	for i, k := range known {
		if slices.Contains(has, k) {
			set |= 1 << i
		}
	}
	return set
}

// Field decides one field of an object or interface type by name. Introspection
// is for staff and partners.
func (r *Rules) Field(who Reader, object, field string) Verdict {
	if strings.HasPrefix(object, "__") || strings.HasPrefix(field, "__") {
		if field == "__typename" && who.kind != "" || who.kind == KindStaff || who.kind == KindPartner {
			return Allowed
		}
		return Denied
	}
	return r.fields[object][field].verdict(who)
}

// Input says whether a reader may use an argument, an input field or an enum
// value, by coordinate: "Query.customers(text:)", "CustomerFilter.ownerId",
// "SearchKind.CUSTOMER". What has no @access of its own may be used by everybody
// who may read the field.
func (r *Rules) Input(who Reader, coordinate string) bool {
	one := r.inputs[coordinate]
	return who.kind != "" && (one == nil || one.verdict(who) == Allowed)
}

// annotated says whether a type has values or fields with rules of their own.
func (r *Rules) annotated(d *ast.Definition) bool {
	for _, f := range d.Fields {
		if r.inputs[d.Name+"."+f.Name] != nil {
			return true
		}
	}
	for _, v := range d.EnumValues {
		if r.inputs[d.Name+"."+v.Name] != nil {
			return true
		}
	}
	return false
}

// reaches says whether an input type or enum has, or leads to, inputs with rules.
func (r *Rules) reaches(d *ast.Definition, seen map[string]bool) bool {
	if d == nil || seen[d.Name] || (d.Kind != ast.InputObject && d.Kind != ast.Enum) {
		return false
	}
	seen[d.Name] = true
	return r.annotated(d) || slices.ContainsFunc(d.Fields, func(f *ast.FieldDefinition) bool {
		return r.reaches(r.schema.Types[f.Type.Name()], seen)
	})
}
