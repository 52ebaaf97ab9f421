package access

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
)

// check is what a request's variable has to be looked at for: it is a value, or
// a part of one, of an argument of a field.
type check struct {
	field    int // its place
	variable string
	// coordinate is what may not be used at all, "" if only parts of the value may
	// not: those that its type says.
	coordinate string
	valueType  *ast.Type
}

// arguments decides the inputs of a field: at once what the document says, and
// notes what depends on variables.
func (w *walk) arguments(f *ast.Field) {
	for _, a := range f.Arguments {
		definition := f.Definition.Arguments.ForName(a.Name)
		if definition == nil {
			continue
		}
		w.input(f, argument(f.ObjectDefinition.Name, f.Name, a.Name), definition.Type, a.Value)
		if f.ObjectDefinition.IsAbstractType() {
			for _, object := range w.objects(f.ObjectDefinition) {
				w.input(f, argument(object, f.Name, a.Name), definition.Type, a.Value)
			}
		}
	}
}

// argument returns the coordinate of an argument.
func argument(object, field, name string) string { return object + "." + field + "(" + name + ":)" }

// input decides the use of a value for an argument or an input field, whose
// coordinate is own, of a type. Null uses nothing.
func (w *walk) input(f *ast.Field, own string, t *ast.Type, v *ast.Value) {
	if v == nil || v.Kind == ast.NullValue {
		return
	}
	allowed := w.rules.Input(w.who, own)
	switch {
	case v.Kind == ast.Variable && !allowed:
		w.checks = append(w.checks, check{field: place(f), variable: v.Raw, coordinate: own, valueType: t})
	case !allowed:
		w.deny(f, own)
	case !w.rules.guarded[t.Name()]:
	case v.Kind == ast.Variable:
		w.checks = append(w.checks, check{field: place(f), variable: v.Raw, valueType: t})
	case v.Kind == ast.ListValue:
		for _, child := range v.Children {
			element := t
			if t.Elem != nil {
				element = t.Elem
			}
			w.input(f, "", element, child.Value)
		}
	case v.Kind == ast.ObjectValue:
		d := w.rules.schema.Types[t.Name()]
		for _, child := range v.Children {
			if field := d.Fields.ForName(child.Name); field != nil {
				w.input(f, d.Name+"."+child.Name, field.Type, child.Value)
			}
		}
	default:
		if coordinate := t.Name() + "." + v.Raw; !w.rules.Input(w.who, coordinate) {
			w.deny(f, coordinate)
		}
	}
}

// deny notes that a field may not be read because of an input; the first counts.
func (w *walk) deny(f *ast.Field, coordinate string) {
	if _, ok := w.denied[place(f)]; !ok {
		w.denied[place(f)] = coordinate
	}
}

// Values decides the values that a request gives in its variables, coerced: the
// fields that may not be read with them, with the coordinate of the input; nil,
// without any work, if there is nothing to look for.
func (d *Decision) Values(variables map[string]any) Refused {
	var denied Refused
	for i := range d.checks {
		c := &d.checks[i]
		value, ok := variables[c.variable]
		if !ok || value == nil {
			continue
		}
		coordinate := c.coordinate
		if coordinate == "" {
			coordinate = d.used(c.valueType.Name(), reflect.ValueOf(value))
		}
		if coordinate == "" {
			continue
		}
		if denied == nil {
			denied = Refused{}
		}
		if _, ok := denied[c.field]; !ok {
			denied[c.field] = coordinate
		}
	}
	return denied
}

// used returns the coordinate of the first input in a value that the reader may
// not use, "" if there is none.
func (d *Decision) used(typeName string, v reflect.Value) string {
	found := ""
	d.rules.visit(typeName, v, d.rules.guarded, func(definition *ast.Definition, v reflect.Value) bool {
		if v.Kind() == reflect.Map {
			for _, f := range definition.Fields { // In the schema's order, not in the map's.
				own := definition.Name + "." + f.Name
				if given(v, f.Name) && !d.rules.Input(d.who, own) {
					found = own
					return false
				}
			}
			return true
		}
		if own := definition.Name + "." + v.String(); definition.Kind == ast.Enum && !d.rules.Input(d.who, own) {
			found = own
		}
		return found == ""
	})
	return found
}

// OneOf returns the name of a type of which a variable, coerced, does not have
// exactly one field, and that not null; "" if there is none.
func (d *Decision) OneOf(variables map[string]any) (typeName string) {
	for variable, holds := range d.oneOf {
		d.rules.visit(holds, reflect.ValueOf(variables[variable]), d.rules.oneOf,
			func(definition *ast.Definition, v reflect.Value) bool {
				if !isOneOf(definition) || v.Kind() != reflect.Map {
					return true
				}
				if v.Len() == 1 {
					for _, key := range v.MapKeys() {
						if given(v, key.String()) {
							return true
						}
					}
				}
				typeName = definition.Name
				return false
			})
	}
	return typeName
}

// given says whether an object has a member that is not null.
func given(object reflect.Value, name string) bool {
	v := object.MapIndex(reflect.ValueOf(name))
	for v.IsValid() && (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) {
		v = v.Elem()
	}
	return v.IsValid()
}

// visit calls do with every object and enum value in a value whose type is among
// some, from the outside in, until do gives false. What has no value is left out.
func (r *Rules) visit(typeName string, v reflect.Value, among map[string]bool, do func(*ast.Definition, reflect.Value) bool) bool {
	for v.IsValid() && (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) {
		v = v.Elem()
	}
	if !v.IsValid() || !among[typeName] {
		return true
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if !r.visit(typeName, v.Index(i), among, do) {
				return false
			}
		}
		return true
	}
	d := r.schema.Types[typeName]
	if !do(d, v) {
		return false
	}
	if v.Kind() != reflect.Map {
		return true
	}
	for _, f := range d.Fields {
		if among[f.Type.Name()] && !r.visit(f.Type.Name(), v.MapIndex(reflect.ValueOf(f.Name)), among, do) {
			return false
		}
	}
	return true
}
