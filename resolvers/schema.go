package resolvers

import (
	"context"
	"weak"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/internal/crm"
)

// levels is the graph run level by level. gqlgen's own executor runs what is not
// compiled.
type levels struct {
	graphql.ExecutableSchema
	types *exec.Types
	plans *plans
	// afar says that a field waits for something outside of this machine; nil is none.
	afar func(f *exec.Field) bool
}

// Reference returns the same graph run by gqlgen's own executor, as it was made. It is
// what tests compare the levels with: nothing else may ask for it.
func Reference(schema graphql.ExecutableSchema) graphql.ExecutableSchema {
	if l, ok := schema.(*levels); ok {
		return l.ExecutableSchema
	}
	return schema
}

func newLevels(schema graphql.ExecutableSchema) *levels {
	return &levels{ExecutableSchema: schema, types: graph.LevelTypes(schema), plans: newPlans()}
}

// asksShops says whether a field asks every shop that knows a customer.
func asksShops(f *exec.Field) bool {
	return f.Object() == "Customer" && (f.Name == "orders" || f.Name == "carts")
}

// needs is crm.GraphMembers, but that nothing is read for shops where there are none.
func (l *levels) needs(kind crm.Kind, typ, field string) (names []string, ok bool) {
	if l.afar == nil && typ == "Customer" && (field == "orders" || field == "carts") {
		return []string{"kind"}, true
	}
	return crm.GraphMembers(kind, typ, field)
}

// Exec is graphql.ExecutableSchema's.
func (l *levels) Exec(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	state, bill := stateOf(ctx), billOf(operation)
	plan := l.plan(operation, state, bill)
	if plan == nil {
		return l.ExecutableSchema.Exec(ctx)
	}
	options := exec.Options{Afar: l.afar}
	if state != nil {
		options.Barred = state.barred
	}
	if bill != nil && bill.of.Dear != nil {
		options.Dear = func(f *exec.Field) bool { return bill.of.Dear(f.Field) }
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return &graphql.Response{Data: graph.ExecLevels(ctx, l.ExecutableSchema, plan, options)}
	}
}

// plan returns the plan of an operation, as a rule a kept one.
func (l *levels) plan(operation *graphql.OperationContext, state *accessState, bill *bill) *exec.Plan {
	compile := func() *exec.Plan {
		c := compilerOf(state, bill)
		c.Needs = l.needs
		return l.types.Compile(operation, c)
	}
	if state != nil && len(state.refused) > 0 { // It is for these values of the variables only.
		return compile()
	}
	key := planKey{operation: weak.Make(operation.Operation)}
	if state != nil {
		key.decision = state.decision
	}
	return l.plans.get(key, operation.Operation, operation.Variables, compile)
}

// compilerOf returns what is barred, and what fields cost.
func compilerOf(state *accessState, bill *bill) exec.Compiler {
	c := exec.Compiler{}
	if state != nil && (state.decision.Guarded() || len(state.refused) > 0) {
		c.Bar = state.bar
	}
	if bill != nil {
		c.Width = func(f graphql.CollectedField) int { return bill.width(f.Selections, f.Definition.Type.Name()) }
		c.Units = bill.of.Units
	}
	return c
}
