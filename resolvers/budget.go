package resolvers

import (
	"context"
	"io"
	"reflect"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/crm"
)

// Budget takes what every field gives from the budget of its operation, and gives
// nothing more once that has ended: no value, no error, no call of a source. The
// answer is of no use then, and whoever executes the operation says why. Schema is
// the one that operations are of. An operation without a budget has no bounds.
type Budget struct{ Schema *ast.Schema }

// Install makes a GraphQL server keep to budgets. It must be installed last, so that
// it sees what the others make of a field.
func (b Budget) Install(s Server) { s.Use(budgetExtension{schema: b.Schema}) }

type budgetExtension struct{ schema *ast.Schema }

var _ graphql.OperationContextMutator = budgetExtension{}

func (budgetExtension) ExtensionName() string { return "Budget" }

func (budgetExtension) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext puts the budget round all fields of an operation that has one.
func (x budgetExtension) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if limit := budget.From(ctx); limit != nil {
		bill := bill{Budget: limit, schema: x.schema, variables: operation.Variables}
		operation.ResolverMiddleware = bill.field(operation.ResolverMiddleware)
	}
	return nil
}

// cut stands for what is no longer made. It is not graphql.Null, which would be an
// error where null is not allowed.
type cut struct{}

func (cut) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, "null") }

// bill takes from a budget what the fields of an operation give.
type bill struct {
	*budget.Budget
	schema    *ast.Schema
	variables map[string]any
}

func (b bill) field(next graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, resolve graphql.Resolver) (any, error) {
		if b.Ended() {
			return graphql.Marshaler(cut{}), nil
		}
		value, err := next(ctx, resolve)
		if err != nil {
			if b.Ended() {
				return graphql.Marshaler(cut{}), nil
			}
			return value, err
		}
		values, bytes := b.weigh(graphql.GetFieldContext(ctx).Field, value)
		if !b.Take(values, bytes) {
			return graphql.Marshaler(cut{}), nil
		}
		return value, nil
	}
}

// Bytes that stand round what a field gives: the quotes, the colon and the comma of
// its name; the quotes of a text; the brackets of a list, or the braces of an object,
// less the comma that its last one has not. Null, true and an instant have always as
// many, a number has at least one.
const (
	nameBytes    = 4
	textBytes    = 2
	bracketBytes = 1
	commaBytes   = 1
	nullBytes    = 4
	numberBytes  = 1
	instantBytes = 26
)

// weigh returns what a field adds to the answer: entries of lists, and if it gives
// objects these and all fields that are selected of them, before any of it is made.
// The bytes are never more than the field will have; those of fields below are
// counted there.
func (b bill) weigh(field graphql.CollectedField, value any) (values, bytes int) {
	bytes = nameBytes + len(field.Alias)
	if value == nil {
		return 0, bytes + nullBytes
	}
	if len(field.Selections) == 0 {
		values, more := leaf(value)
		return values, bytes + more
	}
	entries, v := 1, reflect.ValueOf(value)
	switch v.Kind() { //nolint:exhaustive // Objects are pointers or structs.
	case reflect.Pointer:
		if v.IsNil() {
			return 0, bytes + nullBytes
		}
	case reflect.Slice:
		bytes += bracketBytes
		if entries = v.Len(); entries == 0 {
			return 0, bytes + bracketBytes
		}
		bytes += entries * commaBytes
	}
	width := b.width(field.Selections, field.Definition.Type.Name())
	return entries * (1 + width), bytes + entries*bracketBytes
}

// leaf weighs scalars, enums and lists of them.
func leaf(value any) (values, bytes int) {
	switch v := value.(type) {
	case string:
		return 0, quotedBytes(v)
	case time.Time:
		return 0, instantBytes
	case bool:
		return 0, nullBytes
	case graphql.Marshaler:
		return 0, textBytes
	}
	v := reflect.ValueOf(value)
	switch v.Kind() { //nolint:exhaustive // All others are numbers.
	case reflect.Pointer:
		if v.IsNil() {
			return 0, nullBytes
		}
		return leaf(v.Elem().Interface())
	case reflect.String:
		if _, json := value.(crm.JSON); json {
			return 0, v.Len()
		}
		return 0, quotedBytes(v.String())
	case reflect.Slice:
		bytes = bracketBytes + max(1, v.Len())*commaBytes
		for i := range v.Len() {
			_, more := leaf(v.Index(i).Interface())
			bytes += more
		}
		return v.Len(), bytes
	default:
		return 0, numberBytes
	}
}

// quotedBytes are those of a text as JSON: a control character may have six.
func quotedBytes(text string) int {
	n := textBytes + len(text)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t':
			n++
		case c < ' ':
			n += 5
		}
	}
	return n
}

// mostVisits bounds the selections that width looks at. Only a trusted document can
// have more.
const mostVisits = 10_000

// width counts the fields that are selected of an object of a type; of an interface
// or a union those of the type that has the most. A field that is selected twice
// counts twice.
func (b bill) width(set ast.SelectionSet, on string) int {
	plain := true
	for _, selection := range set {
		if field, ok := selection.(*ast.Field); !ok || len(field.Directives) > 0 {
			plain = false
			break
		}
	}
	if plain {
		return len(set)
	}
	w := widths{bill: b, on: b.schema.Types[on], visits: mostVisits}
	w.add(set, nil)
	most := 0
	for _, n := range w.by {
		most = max(most, n)
	}
	return w.common + most
}

// widths are the fields that all objects are asked for, and those that only objects
// of one type are.
type widths struct {
	bill
	on     *ast.Definition
	common int
	by     map[*ast.Definition]int
	visits int
}

// add counts a selection set for objects of the type only, nil for those of every type.
func (w *widths) add(set ast.SelectionSet, only *ast.Definition) {
	for _, selection := range set {
		if w.visits--; w.visits < 0 {
			return
		}
		switch s := selection.(type) {
		case *ast.Field:
			if !w.included(s.Directives) {
				continue
			}
			if only == nil {
				w.common++
				continue
			}
			if w.by == nil {
				w.by = map[*ast.Definition]int{}
			}
			w.by[only]++
		case *ast.InlineFragment:
			if w.included(s.Directives) {
				w.fragment(s.TypeCondition, s.SelectionSet, only)
			}
		case *ast.FragmentSpread:
			if w.included(s.Directives) {
				w.fragment(s.Definition.TypeCondition, s.Definition.SelectionSet, only)
			}
		}
	}
}

func (w *widths) fragment(condition string, set ast.SelectionSet, only *ast.Definition) {
	def := w.schema.Types[condition]
	switch {
	case def == nil || def.IsAbstractType() || def == w.on || def == only:
		w.add(set, only)
	case only != nil || !w.on.IsAbstractType(): // It is for objects of another type.
	default:
		w.add(set, def)
	}
}

// included says what @skip and @include say.
func (b bill) included(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		if directive.Name != "skip" && directive.Name != "include" {
			continue
		}
		if value, ok := directive.ArgumentMap(b.variables)["if"].(bool); ok && value != (directive.Name == "include") {
			return false
		}
	}
	return true
}
