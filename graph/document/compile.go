package document

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	// selectionUnits is what a selection costs, of each object that it is of and once
	// for planning it.
	selectionUnits = 1
	// introspectionShare is how many objects of introspection, which come from
	// memory and need no source, make one point.
	introspectionShare = 6
)

// program is what is known of an operation without variables.
type program struct {
	root      branch // its cost, in units
	base      int    // what of that does not depend on what is given
	variables variables
}

// branch is what is selected of an object of one type.
type branch struct {
	points int    // of what depends on no variable
	nodes  []node // of the rest
}

// node is a field whose points depend on variables, its own or those below.
type node struct {
	when    [][]condition // any of these has to hold in full; none is always
	once    int           // points of arguments
	points  int           // of each entry
	entries int
	own     *sizing  // multiplies entries
	below   *sizing  // sizes the lists of fields below that are inherit
	inherit bool     // the field above multiplies entries
	by      []branch // by type of object; the dearest counts
}

// condition is a @skip or @include.
type condition struct {
	variable string
	want     bool
}

// compiler works out the programs of one document.
type compiler struct {
	*Planner
	steps int // left
}

// compile returns the programs of a valid document's operations. notNull are the
// variables that must not be null though their types permit it.
func (p *Planner) compile(query *ast.QueryDocument, notNull map[*ast.VariableDefinition]bool, steps int) (map[*ast.OperationDefinition]*program, *gqlerror.Error) {
	programs := make(map[*ast.OperationDefinition]*program, len(query.Operations))
	c := &compiler{Planner: p, steps: steps}
	selections := written(query)
	for _, operation := range query.Operations {
		root := p.schema.Query
		switch operation.Operation {
		case ast.Mutation:
			root = p.schema.Mutation
		case ast.Subscription:
			root = p.schema.Subscription
		default:
		}
		_, width := c.collect(root, []ast.SelectionSet{operation.SelectionSet})
		b := c.branch(root, []ast.SelectionSet{operation.SelectionSet}, nil, -1)
		if c.steps < 0 {
			return nil, refuse(CodeLimitExceeded, "The document has too many fields on too many types for its cost to be worked out.")
		}
		fixed := UnitsPerPoint + selectionUnits*selections
		b.points = plus(b.points, fixed)
		programs[operation] = &program{root: b, base: fixed + selectionUnits*width, variables: p.variables(operation, notNull)}
	}
	return programs, nil
}

// written counts the selections of a document, as often as they are written: also
// those of operations that are not asked for and those that are skipped have to be
// read, checked and kept.
func written(query *ast.QueryDocument) int {
	n := 0
	var count func(set ast.SelectionSet)
	count = func(set ast.SelectionSet) {
		n += len(set)
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				count(s.SelectionSet)
			case *ast.InlineFragment:
				count(s.SelectionSet)
			default: // A spread's fragment is counted where it is defined.
			}
		}
	}
	for _, operation := range query.Operations {
		count(operation.SelectionSet)
	}
	for _, fragment := range query.Fragments {
		count(fragment.SelectionSet)
	}
	return n
}

// selected is what an object is asked for by one response name.
type selected struct {
	fields group
	when   [][]condition
}

// collect returns what the sets, taken together, ask of an object of type def, and
// how many selections it takes to say so.
func (c *compiler) collect(def *ast.Definition, sets []ast.SelectionSet) ([]selected, int) {
	var all []selected
	index := map[string]int{}
	visited := map[string]bool{}
	selections := 0
	var walk func(set ast.SelectionSet, when []condition)
	walk = func(set ast.SelectionSet, when []condition) {
		for _, selection := range set {
			if c.steps--; c.steps < 0 {
				return
			}
			selections++
			switch s := selection.(type) {
			case *ast.Field:
				if inner, ok := c.conditions(s.Directives, when); ok {
					all = add(all, index, s, inner)
				}
			case *ast.InlineFragment:
				if inner, ok := c.conditions(s.Directives, when); ok && c.applies(s.TypeCondition, def) {
					walk(s.SelectionSet, inner)
				}
			case *ast.FragmentSpread:
				inner, ok := c.conditions(s.Directives, when)
				if !ok || visited[s.Name] || !c.applies(s.Definition.TypeCondition, def) {
					continue
				}
				visited[s.Name] = len(inner) == 0
				walk(s.Definition.SelectionSet, inner)
			}
		}
	}
	for _, set := range sets {
		walk(set, nil)
	}
	return all, selections
}

// add puts a field with its conditions to those of the same response name.
func add(all []selected, index map[string]int, field *ast.Field, when []condition) []selected {
	at, ok := index[field.Alias]
	if !ok {
		index[field.Alias] = len(all)
		s := selected{fields: group{field}}
		if len(when) > 0 {
			s.when = [][]condition{when}
		}
		return append(all, s)
	}
	s := &all[at]
	s.fields = append(s.fields, field)
	if len(when) == 0 {
		s.when = nil
	} else if s.when != nil {
		s.when = append(s.when, when)
	}
	return all
}

// applies says whether a fragment on a type applies to objects of type def.
func (c *compiler) applies(on string, def *ast.Definition) bool {
	return on == "" || on == def.Name || slices.Contains(c.schema.PossibleTypes[on], def)
}

// conditions adds those of directives to when; false if they never hold.
func (c *compiler) conditions(directives ast.DirectiveList, when []condition) ([]condition, bool) {
	for _, directive := range directives {
		if directive.Name != "skip" && directive.Name != "include" {
			continue
		}
		want := directive.Name == "include"
		value := directive.Arguments.ForName("if").Value
		if value.Kind != ast.Variable {
			if (value.Raw == "true") != want {
				return nil, false
			}
			continue
		}
		when = append(slices.Clip(when), condition{variable: value.Raw, want: want})
	}
	return when, true
}

// branch works out what the sets cost of an object of type def. above is the weight
// of the field that gave it, and size the entries of the lists that it sizes, -1 if
// variables say.
func (c *compiler) branch(def *ast.Definition, sets []ast.SelectionSet, above *weight, size int) branch {
	all, selections := c.collect(def, sets)
	b := branch{points: selections * selectionUnits}
	if strings.HasPrefix(def.Name, "__") {
		b.points /= introspectionShare
	}
	for i := range all {
		if c.steps < 0 {
			break
		}
		c.field(&b, def, &all[i], above, size)
	}
	return b
}

// field adds a field to b: points if they are known, a node if not.
func (c *compiler) field(b *branch, def *ast.Definition, s *selected, above *weight, size int) {
	first := s.fields[0]
	fd := def.Fields.ForName(first.Name)
	if fd == nil { // __typename
		return
	}
	w := c.weights.fields[fd]
	n := node{when: s.when, points: times(w.points, UnitsPerPoint), entries: w.entries}
	for _, argument := range first.Arguments {
		n.once = plus(n.once, times(w.arguments[argument.Name], UnitsPerPoint))
	}
	if above != nil && above.sizes(first.Name) {
		n.entries = size
		n.inherit = size < 0
		if n.inherit {
			n.entries = 1
		}
	}
	inner := c.sizing(&n, w, first)
	if sets := s.fields.below(); len(sets) > 0 {
		c.below(&n, fd, sets, w, inner)
	}
	if first.Name == "__schema" || first.Name == "__type" {
		n.points = (n.points + introspectionShare - 1) / introspectionShare
	}
	if len(n.when) > 0 || n.inherit || n.own != nil || len(n.by) > 0 {
		b.nodes = append(b.nodes, n)
		return
	}
	b.points = plus(b.points, plus(n.once, times(n.entries, n.points)))
}

// sizing sets what sizes the field's list, or the lists below; it gives the entries
// of the latter, -1 if variables say.
func (c *compiler) sizing(n *node, w *weight, field *ast.Field) int {
	if len(w.slicing) == 0 {
		return 1
	}
	s := c.newSizing(w, field)
	known := -1
	if s.known() && !s.failing(c.limits.NodeIDs) {
		known, _ = s.size(nil, c.limits.NodeIDs)
	}
	switch {
	case len(w.sized) == 0 && known >= 0:
		n.entries = known
	case len(w.sized) == 0:
		n.entries, n.own = 1, s
	case known < 0:
		n.below = s
	}
	return known
}

// below adds what is selected below the field: to its points what is known for
// objects of every type, and else a branch.
func (c *compiler) below(n *node, fd *ast.FieldDefinition, sets []ast.SelectionSet, w *weight, size int) {
	def := c.schema.Types[fd.Type.Name()]
	possible := []*ast.Definition{def}
	if def.IsAbstractType() {
		possible = c.schema.GetPossibleTypes(def)
	}
	known := 0
	for _, object := range possible {
		b := c.branch(object, sets, w, size)
		if len(b.nodes) == 0 {
			known = max(known, b.points)
			continue
		}
		n.by = append(n.by, b)
	}
	if len(n.by) == 0 {
		n.points = plus(n.points, known)
	} else if len(n.by) < len(possible) {
		n.by = append(n.by, branch{points: known})
	}
}
