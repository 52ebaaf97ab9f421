package resolvers

import (
	"sync"
	"weak"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/internal/access"
)

// What is kept compiled: so many operations, with so many fields in all, about 300 bytes
// each; of one operation so many plans, for the values of the variables in its @skip and
// @include, and none that alone has an eighth of the fields.
const (
	maxOperations = 1000
	maxKept       = 100_000
	maxPlan       = maxKept / 8
	maxSwitched   = 8
)

// planKey is an operation, not held on to, and what was decided about it.
type planKey struct {
	operation weak.Pointer[ast.OperationDefinition]
	decision  *access.Decision
}

// plans keeps the compiled operations that were used last.
type plans struct {
	mu     sync.Mutex
	fields int
	lru    *simplelru.LRU[planKey, *compiled]
}

// compiled are the plans of one operation, nil for one that is not compiled, by the values
// of its switches.
type compiled struct {
	switches []string
	by       map[string]*exec.Plan
	fields   int
}

func newPlans() *plans {
	p := &plans{}
	var err error
	p.lru, err = simplelru.NewLRU(maxOperations, func(_ planKey, gone *compiled) { p.fields -= gone.fields })
	if err != nil { // The size is positive.
		panic(err)
	}
	return p
}

// get returns the plan for an operation with variables, which is kept or compiled now.
func (p *plans) get(key planKey, operation *ast.OperationDefinition, variables map[string]any, compile func() *exec.Plan) *exec.Plan {
	p.mu.Lock()
	kept, known := p.lru.Get(key)
	if !known {
		kept = &compiled{switches: switchesOf(operation), by: map[string]*exec.Plan{}}
		p.lru.Add(key, kept)
	}
	values := make([]byte, len(kept.switches))
	for i, name := range kept.switches {
		if on, _ := variables[name].(bool); on {
			values[i] = 1
		}
	}
	plan, known := kept.by[string(values)]
	p.mu.Unlock()
	if known {
		return plan
	}
	plan = compile() // Others may do the same meanwhile: they do not wait for it.
	p.add(key, string(values), plan)
	return plan
}

// add keeps a plan of an operation that is still there.
func (p *plans) add(key planKey, values string, plan *exec.Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, known := p.lru.Peek(key)
	if !known || len(kept.by) >= maxSwitched || plan.Size() > maxPlan {
		return
	}
	if _, twice := kept.by[values]; twice {
		return
	}
	kept.by[values] = plan
	kept.fields += plan.Size()
	p.fields += plan.Size()
	for p.fields > maxKept && p.lru.Len() > 1 {
		p.lru.RemoveOldest()
	}
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
