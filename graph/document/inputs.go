package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Scalars are a schema's own scalars by name, each with what checks a value for it.
// A check gets the value as a document or JSON has it (a string, bool, int64, float64
// or json.Number, or a []any or map[string]any of these and nil, never nil itself).
// Its error is told to callers: it says what would be right, and nothing of the value.
type Scalars map[string]func(value any) error

// form is what the values of a type have to be.
type form struct {
	name    string // as GraphQL writes the type
	nonNull bool
	elem    *form  // of a list
	input   *input // of anything else
}

// inputKind is a kind of input type; each built-in scalar is one.
type inputKind int

const (
	kindInt inputKind = iota + 1
	kindFloat
	kindString
	kindBoolean
	kindID
	kindScalar // of the schema's own
	kindEnum
	kindObject
)

// input is an input type with a name.
type input struct {
	name   string
	kind   inputKind
	check  func(value any) error // of kindScalar
	values []string              // of kindEnum, in the schema's order
	fields []inputField          // of kindObject, in the schema's order
	index  map[string]int        // of fields by name, and of values
	oneOf  bool
}

// inputField is a field of an input object.
type inputField struct {
	name     string
	form     *form
	fallback any // its default, coerced
	has      bool
}

// inputs are the input types of a schema by name.
type inputs map[string]*input

// newInputs reads the input types of a schema. An error names a scalar of its own
// that nothing checks, or a default that does not fit its type.
func newInputs(schema *ast.Schema, scalars Scalars) (inputs, error) {
	all := inputs{}
	for name, def := range schema.Types {
		if !def.IsInputType() {
			continue
		}
		all[name] = &input{name: name, kind: kindOf(def), check: scalars[name], oneOf: def.Directives.ForName("oneOf") != nil}
		if all[name].kind == kindScalar && all[name].check == nil {
			return nil, fmt.Errorf("plan: nothing checks values of the scalar %s", name)
		}
	}
	for name, in := range all {
		def := schema.Types[name]
		in.index = make(map[string]int, len(def.EnumValues)+len(def.Fields))
		for i, value := range def.EnumValues {
			in.values = append(in.values, value.Name)
			in.index[value.Name] = i
		}
		for i, field := range def.Fields {
			in.fields = append(in.fields, inputField{name: field.Name, form: all.form(field.Type)})
			in.index[field.Name] = i
		}
	}
	return all, all.setDefaults(schema)
}

// setDefaults coerces the defaults of fields. One input object may have defaults
// that consist of another's: so those come first that need none of the others.
func (all inputs) setDefaults(schema *ast.Schema) error {
	done := map[string]bool{}
	var set func(in *input) error
	set = func(in *input) error {
		if done[in.name] {
			return nil
		}
		done[in.name] = true
		for i := range in.fields {
			field := &in.fields[i]
			if err := set(field.form.innermost()); err != nil {
				return err
			}
			byDefault := schema.Types[in.name].Fields[i].DefaultValue
			if byDefault == nil {
				continue
			}
			var why string
			if field.fallback, why = field.form.literal(byDefault); why != "" {
				return fmt.Errorf("plan: the default of %s.%s %s", in.name, field.name, why)
			}
			field.has = true
		}
		return nil
	}
	for _, in := range all {
		if err := set(in); err != nil {
			return err
		}
	}
	return nil
}

func kindOf(def *ast.Definition) inputKind {
	switch def.Kind {
	case ast.Enum:
		return kindEnum
	case ast.InputObject:
		return kindObject
	default:
	}
	switch def.Name {
	case "Int":
		return kindInt
	case "Float":
		return kindFloat
	case "String":
		return kindString
	case "Boolean":
		return kindBoolean
	case "ID":
		return kindID
	default:
		return kindScalar
	}
}

// form returns what values of a type have to be, nil if it is no input type.
func (all inputs) form(t *ast.Type) *form {
	f := &form{name: t.String(), nonNull: t.NonNull}
	if t.Elem != nil {
		if f.elem = all.form(t.Elem); f.elem == nil {
			return nil
		}
	} else if f.input = all[t.NamedType]; f.input == nil {
		return nil
	}
	return f
}

func (f *form) innermost() *input {
	for f.elem != nil {
		f = f.elem
	}
	return f.input
}

// What would be right, where a value does not fit.
const (
	wantNotNull = "must not be null"
	wantGiven   = "is missing"
	wantInt     = "must be a whole number from -2147483648 to 2147483647"
	wantFloat   = "must be a number within the range of a double"
	wantString  = "must be a string"
	wantBoolean = "must be true or false"
	wantID      = "must be a string or a whole number without fraction and exponent"
)

// want says what a value of the type has to be. Names of the schema that the caller
// has not written are for those who may read it.
func (in *input) want(names bool) string {
	switch in.kind {
	case kindInt:
		return wantInt
	case kindFloat:
		return wantFloat
	case kindString:
		return wantString
	case kindBoolean:
		return wantBoolean
	case kindID:
		return wantID
	case kindEnum:
		if names {
			return "must be one of " + strings.Join(in.values, ", ")
		}
		return "must be one of the values of " + in.name + ", in their spelling"
	case kindObject:
		return "must be an object of type " + in.name
	default:
		return "must be a " + in.name
	}
}

// unknown says that an object has a field too many.
func (in *input) unknown(names bool) string {
	if !names {
		return "has a field that " + in.name + " does not have"
	}
	fields := make([]string, len(in.fields))
	for i := range in.fields {
		fields[i] = in.fields[i].name
	}
	return "has a field that " + in.name + " does not have; it has " + strings.Join(fields, ", ")
}

// complete adds the defaults of fields that an object does not have. It gives the
// path and the reason if something is still wrong with it.
func (in *input) complete(object map[string]any) (path, why string) {
	if in.oneOf {
		if len(object) == 1 {
			for name, only := range object {
				if only == nil {
					return "." + name, wantNotNull
				}
				return "", ""
			}
		}
		return "", "must have exactly one of the fields of " + in.name
	}
	for i := range in.fields {
		field := &in.fields[i]
		if _, ok := object[field.name]; ok {
			continue
		}
		if field.has {
			object[field.name] = field.fallback
		} else if field.form.nonNull {
			return "." + field.name, wantGiven
		}
	}
	return "", ""
}

// literal coerces a literal without variables; why is "" if it fits.
func (f *form) literal(value *ast.Value) (coerced any, why string) {
	switch {
	case value.Kind == ast.NullValue && f.nonNull:
		return nil, wantNotNull
	case value.Kind == ast.NullValue:
		return nil, ""
	case f.elem == nil && f.input.kind == kindObject:
		return f.input.literalObject(value)
	case f.elem == nil:
		return f.input.literal(value)
	case value.Kind != ast.ListValue:
		coerced, why = f.elem.literal(value)
		return []any{coerced}, why
	}
	list := make([]any, len(value.Children))
	for i, child := range value.Children {
		if list[i], why = f.elem.literal(child.Value); why != "" {
			return nil, why
		}
	}
	return list, ""
}

func (in *input) literalObject(value *ast.Value) (any, string) {
	if value.Kind != ast.ObjectValue {
		return nil, in.want(true)
	}
	object := make(map[string]any, len(in.fields))
	for _, child := range value.Children {
		i, ok := in.index[child.Name]
		if !ok {
			return nil, in.unknown(true)
		}
		var why string
		if object[child.Name], why = in.fields[i].form.literal(child.Value); why != "" {
			return nil, why
		}
	}
	_, why := in.complete(object)
	return object, why
}

// literal coerces a literal of a scalar or an enum; why is "" if it fits. Variables
// inside the literal of a schema's own scalar count as null.
func (in *input) literal(value *ast.Value) (coerced any, why string) {
	raw, ok := value.Raw, false
	switch in.kind {
	case kindInt:
		if coerced, ok = wholeNumber(raw); ok {
			ok = value.Kind == ast.IntValue
		}
	case kindFloat:
		if coerced, ok = number(raw); ok {
			ok = value.Kind == ast.IntValue || value.Kind == ast.FloatValue
		}
	case kindString:
		coerced, ok = raw, isText(value)
	case kindBoolean:
		coerced, ok = raw == "true", value.Kind == ast.BooleanValue
	case kindID:
		coerced, ok = raw, isText(value) || value.Kind == ast.IntValue
	case kindEnum:
		coerced, ok = raw, value.Kind == ast.EnumValue && slices.Contains(in.values, raw)
	case kindScalar:
		coerced, err := value.Value(nil)
		if err != nil {
			return nil, "is no " + in.name + ": a number in it is out of range"
		}
		return coerced, in.checked(coerced)
	default:
	}
	if !ok {
		return nil, in.want(true)
	}
	return coerced, ""
}

func isText(value *ast.Value) bool {
	return value.Kind == ast.StringValue || value.Kind == ast.BlockValue
}

// checked says what is wrong with a value of a schema's own scalar.
func (in *input) checked(value any) string {
	if err := in.check(value); err != nil {
		return "is no " + in.name + ": " + err.Error()
	}
	return ""
}
