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
type Budget struct {
	Schema *ast.Schema
	// Units says what a field has cost that gave so many entries, or one object, with so
	// many fields selected of each; it is spent from the budget. nil counts nothing.
	Units func(field *ast.Field, entries, width int) int
	// Dear says of a field that it waits for a turn of its operation, as it may keep a
	// processor busy for long. nil is none.
	Dear func(*ast.Field) bool
}

// Install makes a GraphQL server keep to budgets. It must be installed last, so that
// it sees what the others make of a field.
func (b Budget) Install(s Server) { s.Use(budgetExtension{b}) }

type budgetExtension struct{ of Budget }

var _ graphql.OperationContextMutator = budgetExtension{}

// budgetName is what the extension is called, and what it calls its part of an operation.
const budgetName = "Budget"

func (budgetExtension) ExtensionName() string { return budgetName }

func (budgetExtension) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext puts the budget round all fields of an operation that has one.
func (x budgetExtension) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if limit := budget.From(ctx); limit != nil {
		bill := &bill{Budget: limit, of: x.of, variables: operation.Variables}
		operation.Stats.SetExtension(budgetName, bill)
		operation.ResolverMiddleware = bill.field(operation.ResolverMiddleware)
	}
	return nil
}

// billOf returns what an operation's fields are taken from, nil without a budget.
func billOf(operation *graphql.OperationContext) *bill {
	b, _ := operation.Stats.GetExtension(budgetName).(*bill)
	return b
}

// cut stands for what is no longer made. It is not graphql.Null, which would be an
// error where null is not allowed.
type cut struct{}

func (cut) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, "null") }

// bill takes from a budget what the fields of an operation give.
type bill struct {
	*budget.Budget
	of        Budget
	variables map[string]any
}

func (b bill) field(next graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, resolve graphql.Resolver) (any, error) {
		if b.Ended() {
			return graphql.Marshaler(cut{}), nil
		}
		field := graphql.GetFieldContext(ctx).Field
		value, err := b.resolved(ctx, field, next, resolve)
		if err != nil {
			b.spend(field, weight{})
			if b.Ended() {
				return graphql.Marshaler(cut{}), nil
			}
			return value, err
		}
		given := b.weigh(field, value)
		b.spend(field, given)
		if !b.Take(given.entries*(1+given.width), given.bytes) {
			return graphql.Marshaler(cut{}), nil
		}
		return value, nil
	}
}

// resolved resolves a field, when its turn has come if it is dear.
func (b bill) resolved(ctx context.Context, field graphql.CollectedField, next graphql.FieldMiddleware, resolve graphql.Resolver) (any, error) {
	if b.of.Dear != nil && len(field.Arguments) > 0 && b.of.Dear(field.Field) {
		turn, leave := b.Turn(ctx)
		defer leave()
		if ctx = turn; b.Ended() {
			return graphql.Marshaler(cut{}), nil
		}
	}
	return next(ctx, resolve)
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

// weight is what a field adds to an answer.
type weight struct {
	// entries are those of a list, or 1 for an object.
	entries int
	// width is how many fields are selected of each of these.
	width int
	// bytes are never more than the field will have; those of fields below are counted
	// there.
	bytes int
}

// weigh returns what a field adds to the answer, before any of it is made.
func (b bill) weigh(field graphql.CollectedField, value any) weight {
	w := weight{bytes: nameBytes + len(field.Alias)}
	v := reflect.ValueOf(value)
	switch {
	case value == nil || v.Kind() == reflect.Pointer && v.IsNil():
		w.bytes += nullBytes
		return w
	case len(field.Selections) == 0:
		entries, bytes := leaf(value)
		return weight{entries: entries, bytes: w.bytes + bytes}
	case v.Kind() != reflect.Slice:
		w.entries = 1
	case v.Len() == 0:
		w.bytes += 2 * bracketBytes
		return w
	default:
		w.entries = v.Len()
		w.bytes += bracketBytes + w.entries*commaBytes
	}
	w.width = b.width(field.Selections, field.Definition.Type.Name())
	w.bytes += w.entries * bracketBytes
	return w
}

// spend counts what a field has cost.
func (b bill) spend(field graphql.CollectedField, given weight) {
	if b.of.Units == nil {
		return
	}
	if n := b.of.Units(field.Field, given.entries, given.width); n > 0 {
		b.Spend(n)
	}
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
	w := widths{bill: b, on: b.of.Schema.Types[on], visits: mostVisits}
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
	def := w.of.Schema.Types[condition]
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
