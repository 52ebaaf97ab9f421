package document

import (
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Cost returns the points of an operation of doc with variables, as Coerce gives
// them, before it is executed. The error says that they are more than Limits.Cost,
// or that a slicing argument is wrong; the points are given even then, never above
// math.MaxInt.
//
// The formula follows the IBM GraphQL Cost Directives specification
// (https://ibm.github.io/graphql-specs/cost-spec.html), with one sum for what that
// has as type cost and field cost:
//
//	operation = 1 + selections written in the document / 25 + object, rounded down
//	object    = sum of the fields selected + selections / 25
//	field     = weights of the arguments given + entries × (weight + object)
//
// A weight is that of the field's @cost, else of its type's, else 1, and 0 for
// scalars and enums. Entries are 1, or for a list: what the slicing arguments of
// @listSize say (a number, or a list's length), else its assumedSize, else 5. The
// `edges` and `nodes` of a connection have `first` or `last` entries, the larger,
// 100 at most, and 20 if neither is given. Fields that share a response name are one, as they
// are in execution; of an interface or a union the dearest type counts; what @skip
// and @include leave out does not. The objects of introspection are a sixth of
// a point.
//
// The time is linear in those fields whose points depend on variables, and nothing
// is allocated but for an error.
func (p *Planner) Cost(doc *Document, operation *ast.OperationDefinition, variables map[string]any) (int, *gqlerror.Error) {
	program := doc.programs[operation]
	if program == nil {
		return 0, refuse(CodeOperationUnresolved, "The operation is not of this document.")
	}
	e := evaluation{variables: variables, most: p.limits.NodeIDs}
	points := pointsOfUnits(e.branch(&program.root, 1))
	switch {
	case e.failed == tooManyEntries:
		return points, refuse(codeInvalid, "A list that says which records to give has more than %d entries.", p.limits.NodeIDs)
	case e.failed == notOneArgument:
		return points, refuse(codeInvalid, "A field needs exactly one of the arguments that say how many entries it gives.")
	case points == math.MaxInt:
		return points, refuse(CodeCostExceeded, "The operation costs far more than the %d points that one may cost: ask for fewer entries, or for less of each.", p.limits.Cost)
	case points > p.limits.Cost:
		return points, refuse(CodeCostExceeded, "The operation costs %d points, more than the %d that one may cost: ask for fewer entries, or for less of each.", points, p.limits.Cost)
	}
	return points, nil
}

// UnitsPerPoint are the units of a point: what is less than a point is counted in
// units, as often as it is given.
const UnitsPerPoint = 25

// dearArguments are the points of arguments from which on a field may keep a source
// busy for long.
const dearArguments = 100

// Dear says whether the arguments that a selected field has make it dear, whatever it
// gives: a text to be found, or a filter that a source has to look through much for.
func (p *Planner) Dear(field *ast.Field) bool { return p.arguments(field) >= dearArguments }

// arguments returns the points of the arguments that a selected field has.
func (p *Planner) arguments(field *ast.Field) int {
	w, points := p.weights.fields[field.Definition], 0
	if w == nil { // __typename
		return 0
	}
	for _, argument := range field.Arguments {
		points = plus(points, w.arguments[argument.Name])
	}
	return points
}

// Units returns what a selected field has cost, in units, that gave so many entries, or
// one object, with so many fields selected of each. What is selected of these costs
// what Units says of it. An object that is not there has been looked for: it costs as
// much, but for its fields.
func (p *Planner) Units(field *ast.Field, entries, width int) int {
	w := p.weights.fields[field.Definition]
	if w == nil { // __typename
		return 0
	}
	weighed := entries
	if field.Definition.Type.Elem == nil {
		weighed = 1
	}
	units := plus(times(p.arguments(field), UnitsPerPoint), plus(times(weighed, times(w.points, UnitsPerPoint)), times(entries, width)))
	if strings.HasPrefix(field.Definition.Type.Name(), "__") {
		units /= introspectionShare
	}
	return units
}

// Base returns the units that an operation of doc costs whatever it gives: those of
// the operation, of the selections that are written in the document, and of those of
// its root.
func (p *Planner) Base(doc *Document, operation *ast.OperationDefinition) int {
	if program := doc.programs[operation]; program != nil {
		return program.base
	}
	return 0
}

// pointsOfUnits rounds down; what is too much to count stays so.
func pointsOfUnits(units int) int {
	if units == math.MaxInt {
		return math.MaxInt
	}
	return units / UnitsPerPoint
}

// failure is what can be wrong with slicing arguments.
type failure int

const (
	tooManyEntries failure = iota + 1
	notOneArgument
)

// evaluation is one computation of a cost.
type evaluation struct {
	variables map[string]any
	most      int
	failed    failure
}

func (e *evaluation) branch(b *branch, size int) int {
	points := b.points
	for i := range b.nodes {
		points = plus(points, e.node(&b.nodes[i], size))
	}
	return points
}

func (e *evaluation) node(n *node, size int) int {
	if !e.holds(n.when) {
		return 0
	}
	entries := n.entries
	if n.inherit {
		entries = times(entries, size)
	}
	if n.own != nil {
		entries = times(entries, e.size(n.own))
	}
	below := 1
	if n.below != nil {
		below = e.size(n.below)
	}
	most := 0
	for i := range n.by {
		most = max(most, e.branch(&n.by[i], below))
	}
	return plus(n.once, times(entries, plus(n.points, most)))
}

func (e *evaluation) size(s *sizing) int {
	n, failed := s.size(e.variables, e.most)
	if failed != 0 {
		e.failed = failed
	}
	return n
}

func (e *evaluation) holds(when [][]condition) bool {
	if len(when) == 0 {
		return true
	}
	for _, all := range when {
		holds := true
		for _, c := range all {
			if value, _ := e.variables[c.variable].(bool); value != c.want {
				holds = false
				break
			}
		}
		if holds {
			return true
		}
	}
	return false
}

// sizing says how many entries the arguments of a field ask for.
type sizing struct {
	arguments  []slice
	fallback   int // if none is given
	most       int // of what a number asks for
	exactlyOne bool
}

// slice is a slicing argument.
type slice struct {
	variable string // "" if a literal says it
	literal  given
	list     bool
}

// given is what a value says: n entries, unless it is not there or null.
type given struct {
	n  int
	ok bool
}

func (c *compiler) newSizing(w *weight, field *ast.Field) *sizing {
	s := &sizing{fallback: w.assumed, most: math.MaxInt, exactlyOne: w.exactlyOne}
	if w.connection {
		s.most = pageMost
	}
	for _, name := range w.slicing {
		argument := field.Arguments.ForName(name)
		if argument == nil {
			if def := field.Definition.Arguments.ForName(name); def != nil && def.DefaultValue != nil {
				s.arguments = append(s.arguments, slice{literal: literalSize(def.DefaultValue)})
			}
			continue
		}
		def := field.Definition.Arguments.ForName(name)
		arg := slice{list: def != nil && def.Type.Elem != nil}
		if argument.Value.Kind == ast.Variable {
			arg.variable = argument.Value.Raw
		} else {
			arg.literal = literalSize(argument.Value)
		}
		s.arguments = append(s.arguments, arg)
	}
	return s
}

// known says that no variable has a say.
func (s *sizing) known() bool {
	for _, argument := range s.arguments {
		if argument.variable != "" {
			return false
		}
	}
	return true
}

// failing says whether the literals are wrong.
func (s *sizing) failing(most int) bool {
	_, failed := s.size(nil, most)
	return failed != 0
}

func (s *sizing) size(variables map[string]any, most int) (int, failure) {
	largest, count := 0, 0
	var failed failure
	for i := range s.arguments {
		argument := &s.arguments[i]
		asked := argument.literal
		if argument.variable != "" {
			asked = variableSize(variables[argument.variable])
		}
		if !asked.ok {
			continue
		}
		count++
		if argument.list && asked.n > most {
			failed = tooManyEntries
		}
		largest = max(largest, min(asked.n, s.most))
	}
	if s.exactlyOne && count != 1 {
		failed = notOneArgument
	}
	if count == 0 {
		return s.fallback, failed
	}
	return largest, failed
}

func literalSize(value *ast.Value) given {
	switch value.Kind {
	case ast.NullValue:
		return given{}
	case ast.ListValue:
		return given{len(value.Children), true}
	case ast.IntValue:
		n, err := strconv.Atoi(value.Raw)
		if err != nil {
			return given{math.MaxInt, true}
		}
		return given{n, true}
	default:
		return given{1, true}
	}
}

// variableSize is literalSize of a variable's value.
func variableSize(value any) given {
	switch v := value.(type) {
	case nil:
		return given{}
	case []any:
		return given{len(v), true}
	case int:
		return given{v, true}
	default:
		return given{1, true}
	}
}
