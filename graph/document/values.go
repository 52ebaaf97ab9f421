package document

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// valuesRule is the rule "Values of Correct Type" with those for input objects
// (GraphQL, October 2021, 5.6.1 to 5.6.4; oneOf of September 2025, 5.6.5). It takes
// the place of the library's, which repeats the values in its messages and
// evaluates each list again at each level. Values of the schema's own scalars are
// checked, too, as those of variables are.
func (all inputs) valuesRule() validator.Rule {
	return validator.Rule{
		Name: "ValuesOfCorrectType",
		RuleFunc: func(observers *validator.Events, addError validator.AddErrFunc) {
			observers.OnValue(func(_ *validator.Walker, value *ast.Value) {
				if value.Definition == nil || value.ExpectedType == nil || value.Kind == ast.Variable {
					return
				}
				all.checkValue(value, func(at *ast.Position, format string, args ...any) {
					addError(validator.Message(format, args...), core.At(at))
				})
			})
		},
	}
}

type report func(at *ast.Position, format string, args ...any)

func (all inputs) checkValue(value *ast.Value, tell report) {
	expected := value.ExpectedType
	switch {
	case value.Kind == ast.NullValue:
		if expected.NonNull {
			tell(value.Position, `Expected a value of type "%s", found null.`, expected)
		}
	case value.Kind == ast.ListValue && expected.Elem != nil:
		// Its entries are looked at one by one.
	case !value.Definition.IsInputType():
		// Said by the rule on variables.
	case value.Definition.Kind == ast.InputObject && value.Kind == ast.ObjectValue:
		checkObject(value, tell)
	default:
		all.checkLeaf(value, tell)
	}
}

// checkLeaf wants a literal to be one of a scalar or of an enum. A list or an object
// that stands where the schema has none fits the schema's own scalars only.
func (all inputs) checkLeaf(value *ast.Value, tell report) {
	in := all[value.Definition.Name]
	switch _, why := in.literal(value); {
	case why == "":
	case in.kind == kindScalar:
		tell(value.Position, `Expected a value of type "%s", found one that %s.`, value.ExpectedType, why)
	default:
		tell(value.Position, `Expected a value of type "%s", found another.`, value.ExpectedType)
	}
}

func checkObject(value *ast.Value, tell report) {
	def := value.Definition
	for _, field := range def.Fields {
		if field.Type.NonNull && field.DefaultValue == nil && value.Children.ForName(field.Name) == nil {
			tell(value.Position, `Field "%s.%s" of required type "%s" was not provided.`, def.Name, field.Name, field.Type)
		}
	}
	for _, child := range value.Children {
		if def.Fields.ForName(child.Name) == nil {
			tell(child.Position, `Field "%s" is not defined by type "%s".`, child.Name, def.Name)
		}
	}
	if def.Directives.ForName("oneOf") == nil {
		return
	}
	if len(value.Children) != 1 {
		tell(value.Position, `Exactly one field of "%s" must be given.`, def.Name)
	} else if only := value.Children[0]; only.Value.Kind == ast.NullValue {
		tell(only.Position, `The field given of "%s" must not be null.`, def.Name)
	}
}

// uses are what a document does with values, as validation comes by them.
type uses struct {
	// notNull are the variables with a type that permits null and a use that does not;
	// they are valid for a default, of theirs or of the place.
	notNull map[*ast.VariableDefinition]bool
	// numbers are whole numbers for what is not Int.
	numbers []*ast.Value
}

func (u *uses) note(value *ast.Value) {
	switch value.Kind {
	case ast.Variable:
		v := value.VariableDefinition
		if v != nil && !v.Type.NonNull && value.ExpectedType != nil && value.ExpectedType.NonNull {
			u.notNull[v] = true
		}
	case ast.IntValue:
		if def := value.Definition; def != nil && (def.Name == "ID" || def.Name == "Float") {
			u.numbers = append(u.numbers, value)
		}
	default:
	}
}

// settle makes the numbers of a valid document what their types are: executors know
// whole numbers up to 64 bits only, whatever the place.
func (u *uses) settle() {
	for _, value := range u.numbers {
		value.Kind = ast.FloatValue
		if value.Definition.Name == "ID" {
			value.Kind = ast.StringValue
		}
	}
}
