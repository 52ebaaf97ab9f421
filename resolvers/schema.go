package resolvers

import (
	"context"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// How many operations are kept compiled, and how large each may be: a larger one is
// compiled again for every request.
const (
	maxPlans    = 1000
	maxPlanSize = 2000
	// maxSwitched is how many plans an operation may have, for the values of the variables
	// in its @skip and @include.
	maxSwitched = 8
)

// levels is the graph run level by level. gqlgen's own executor runs what is not
// compiled.
type levels struct {
	graphql.ExecutableSchema
	types *exec.Types
	plans *lru.Cache[planKey, *plans]
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
	kept, err := lru.New[planKey, *plans](maxPlans)
	if err != nil { // The size is positive.
		panic(err)
	}
	return &levels{ExecutableSchema: schema, types: graph.LevelTypes(schema), plans: kept}
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

// planKey is an operation, not held on to, and what was decided about it.
type planKey struct {
	operation weak.Pointer[ast.OperationDefinition]
	decision  *access.Decision
}

// plans are those of one operation, by the values of its switches.
type plans struct {
	switches []string
	mu       sync.Mutex
	by       map[string]*exec.Plan
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
	kept, ok := l.plans.Get(key)
	if !ok {
		kept = &plans{switches: switchesOf(operation.Operation), by: map[string]*exec.Plan{}}
		l.plans.Add(key, kept)
	}
	values := make([]byte, len(kept.switches))
	for i, name := range kept.switches {
		if on, _ := operation.Variables[name].(bool); on {
			values[i] = 1
		}
	}
	kept.mu.Lock()
	defer kept.mu.Unlock()
	plan, ok := kept.by[string(values)]
	if !ok {
		if plan = compile(); len(kept.by) < maxSwitched && (plan == nil || plan.Size() <= maxPlanSize) {
			kept.by[string(values)] = plan
		}
	}
	return plan
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

// switchesOf returns the variables in an operation's @skip and @include.
func switchesOf(operation *ast.OperationDefinition) []string {
	s := switches{seen: map[string]bool{}, fragments: map[*ast.FragmentDefinition]bool{}}
	s.add(operation.SelectionSet)
	return s.names
}

type switches struct {
	names     []string
	seen      map[string]bool
	fragments map[*ast.FragmentDefinition]bool
}

func (s *switches) add(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			s.directives(selection.Directives)
			s.add(selection.SelectionSet)
		case *ast.InlineFragment:
			s.directives(selection.Directives)
			s.add(selection.SelectionSet)
		case *ast.FragmentSpread:
			s.directives(selection.Directives)
			if d := selection.Definition; d != nil && !s.fragments[d] {
				s.fragments[d] = true
				s.add(d.SelectionSet)
			}
		}
	}
}

func (s *switches) directives(list ast.DirectiveList) {
	for _, directive := range list {
		for _, argument := range directive.Arguments {
			if v := argument.Value; v.Kind == ast.Variable && !s.seen[v.Raw] {
				s.seen[v.Raw] = true
				s.names = append(s.names, v.Raw)
			}
		}
	}
}
