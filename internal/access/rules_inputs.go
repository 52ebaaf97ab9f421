package access

import "github.com/vektah/gqlparser/v2/ast"

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

// Values decides the values that a request gives in its variables, coerced (lists are
// []any, input objects map[string]any, enum values strings): the fields that may not be read with them, with the coordinate of the input; nil,
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
			coordinate = d.used(c.valueType.Name(), value)
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
func (d *Decision) used(typeName string, value any) string {
	found := ""
	d.rules.visit(typeName, value, func(definition *ast.Definition, value any) bool {
		switch value := value.(type) {
		case map[string]any:
			for _, f := range definition.Fields { // In the schema's order, not in the map's.
				own := definition.Name + "." + f.Name
				if value[f.Name] != nil && !d.rules.Input(d.who, own) {
					found = own
					return false
				}
			}
		case string:
			if own := definition.Name + "." + value; !d.rules.Input(d.who, own) {
				found = own
			}
		default: // No coerced value is that, so nobody may use it.
			found = definition.Name
		}
		return found == ""
	})
	return found
}

// visit calls do with every object and enum value in a value whose type is guarded,
// from the outside in, until do gives false. What is null or not there is left out.
func (r *Rules) visit(typeName string, value any, do func(*ast.Definition, any) bool) bool {
	if value == nil || !r.guarded[typeName] {
		return true
	}
	if list, ok := value.([]any); ok {
		for _, entry := range list {
			if !r.visit(typeName, entry, do) {
				return false
			}
		}
		return true
	}
	d := r.schema.Types[typeName]
	if !do(d, value) {
		return false
	}
	object, _ := value.(map[string]any)
	for _, f := range d.Fields {
		if !r.visit(f.Type.Name(), object[f.Name], do) {
			return false
		}
	}
	return true
}
