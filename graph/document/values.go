package document

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// valuesRule is the rule "Values of Correct Type" with those for input objects
// (GraphQL, October 2021, 5.6.1 to 5.6.4; oneOf of September 2025, 5.6.5). It takes
// the place of the library's, which repeats the values in its messages and
// evaluates each list again at each level.
func valuesRule() validator.Rule {
	return validator.Rule{
		Name: "ValuesOfCorrectType",
		RuleFunc: func(observers *validator.Events, addError validator.AddErrFunc) {
			observers.OnValue(func(_ *validator.Walker, value *ast.Value) {
				if value.Definition == nil || value.ExpectedType == nil || value.Kind == ast.Variable {
					return
				}
				checkValue(value, func(at *ast.Position, format string, args ...any) {
					addError(validator.Message(format, args...), core.At(at))
				})
			})
		},
	}
}

type report func(at *ast.Position, format string, args ...any)

func checkValue(value *ast.Value, tell report) {
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
	case !fits(value):
		tell(value.Position, `Expected a value of type "%s", found another.`, expected)
	}
}

// fits says whether a literal is one of a scalar or of an enum. A list that stands
// where the schema has none fits custom scalars only.
func fits(value *ast.Value) bool {
	def, kind := value.Definition, value.Kind
	switch {
	case def.Kind == ast.Enum:
		return kind == ast.EnumValue && def.EnumValues.ForName(value.Raw) != nil
	case def.Kind != ast.Scalar:
		return false
	}
	switch def.Name {
	case "Int":
		_, err := strconv.ParseInt(value.Raw, 10, 32)
		return kind == ast.IntValue && err == nil
	case "Float":
		_, err := strconv.ParseFloat(value.Raw, 64)
		return (kind == ast.IntValue || kind == ast.FloatValue) && err == nil
	case "String":
		return kind == ast.StringValue || kind == ast.BlockValue
	case "Boolean":
		return kind == ast.BooleanValue
	case "ID":
		return kind == ast.StringValue || kind == ast.BlockValue || kind == ast.IntValue
	default:
		return true
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
