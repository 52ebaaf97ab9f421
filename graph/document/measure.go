package document

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// counts is what a selection set holds with its fragments expanded.
type counts struct {
	fields, aliases int
	roots           int // fields of the set itself, not of sets below
	depth           int // levels of fields
	introspection   int // levels of fields at and below __schema and __type
}

func (c *counts) add(other counts) {
	c.fields = plus(c.fields, other.fields)
	c.aliases = plus(c.aliases, other.aliases)
	c.roots = plus(c.roots, other.roots)
	c.depth = max(c.depth, other.depth)
	c.introspection = max(c.introspection, other.introspection)
}

// fragment is what is known of a fragment definition.
type fragment struct {
	def     *ast.FragmentDefinition
	counts  counts
	own     int // selections written in it
	spreads []*fragment
	state   int // 0 unknown, 1 being measured, 2 known
	seen    int // the last walk that passed it
}

// meter measures a parsed document against limits, in time linear in its size: a
// fragment is measured once, however often it is spread.
type meter struct {
	limits    Limits
	fragments map[string]*fragment
	within    *fragment // the definition being measured
	values    int       // inside lists and input objects
	err       *gqlerror.Error
}

// measure returns an error if the document breaks a limit, if its fragments go in
// circles, or if validation would look at more than visits selections.
func measure(query *ast.QueryDocument, limits Limits, visits int) *gqlerror.Error {
	if n := len(query.Operations); n > limits.Operations {
		return refuse(CodeLimitExceeded, "The document has more than %d operations.", limits.Operations)
	}
	if n := len(query.Fragments); n > limits.Fragments {
		return refuse(CodeLimitExceeded, "The document has more than %d fragments.", limits.Fragments)
	}
	m := &meter{limits: limits, fragments: make(map[string]*fragment, len(query.Fragments))}
	for _, def := range query.Fragments {
		if m.fragments[def.Name] == nil {
			m.fragments[def.Name] = &fragment{def: def}
		}
	}
	roots := make([]*fragment, 0, len(query.Operations)+len(query.Fragments))
	for _, operation := range query.Operations {
		root := &fragment{}
		roots = append(roots, root)
		if m.operation(operation, root); m.err != nil {
			return m.err
		}
	}
	for _, def := range query.Fragments {
		f := m.fragments[def.Name]
		roots = append(roots, f)
		if m.known(f, def.Position); m.err != nil {
			return m.err
		}
	}
	return tooMuch(roots, visits)
}

// tooMuch sums what validation looks at: each definition with every fragment that
// it reaches, once.
func tooMuch(roots []*fragment, visits int) *gqlerror.Error {
	total := 0
	for walk, root := range roots {
		stack := []*fragment{root}
		for len(stack) > 0 {
			f := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if f.seen == walk+1 {
				continue
			}
			f.seen = walk + 1
			if total = plus(total, f.own); total > visits {
				return refuse(CodeLimitExceeded, "The document's fragments and operations refer to each other too often to be checked.")
			}
			stack = append(stack, f.spreads...)
		}
	}
	return nil
}

func (m *meter) operation(operation *ast.OperationDefinition, root *fragment) {
	if len(operation.VariableDefinitions) > m.limits.Variables {
		m.over(operation.Position, "An operation has more than %d variables.", m.limits.Variables)
		return
	}
	for _, variable := range operation.VariableDefinitions {
		if variable.DefaultValue != nil {
			m.value(variable.DefaultValue, 1)
		}
		m.directives(variable.Directives)
	}
	m.directives(operation.Directives)
	m.within = root
	c := m.set(operation.SelectionSet)
	at, l := operation.Position, m.limits
	switch {
	case m.err != nil:
	case c.depth > l.Depth:
		m.over(at, "The operation is deeper than %d levels of fields.", l.Depth)
	case c.aliases > l.Aliases:
		m.over(at, "The operation has more than %d aliases, fragments expanded.", l.Aliases)
	case c.roots > l.RootFields:
		m.over(at, "The operation has more than %d fields at its root, fragments expanded.", l.RootFields)
	case c.fields > l.Fields:
		m.over(at, "The operation has more than %d fields, fragments expanded.", l.Fields)
	case c.introspection > l.IntrospectionDepth:
		m.over(at, "The operation's introspection is deeper than %d levels of fields.", l.IntrospectionDepth)
	}
}

// over notes that a limit is broken, if none was before.
func (m *meter) over(at *ast.Position, format string, args ...any) {
	if m.err == nil {
		m.err = refuseAt(at, CodeLimitExceeded, format, args...)
	}
}

// set measures a selection set; it recurses as deep as brackets nest in the text.
func (m *meter) set(set ast.SelectionSet) counts {
	var c counts
	for _, selection := range set {
		if m.err != nil {
			return c
		}
		m.within.own++
		switch s := selection.(type) {
		case *ast.Field:
			m.arguments(s.Arguments)
			m.directives(s.Directives)
			c.add(m.field(s))
		case *ast.InlineFragment:
			m.directives(s.Directives)
			c.add(m.set(s.SelectionSet))
		case *ast.FragmentSpread:
			m.directives(s.Directives)
			if f := m.fragments[s.Name]; f != nil {
				m.within.spreads = append(m.within.spreads, f)
				c.add(m.known(f, s.Position))
			}
		}
	}
	return c
}

func (m *meter) field(field *ast.Field) counts {
	c := m.set(field.SelectionSet)
	c.roots = 1
	c.fields = plus(c.fields, 1)
	c.depth = plus(c.depth, 1)
	if field.Name == "__schema" || field.Name == "__type" {
		c.introspection = c.depth
	}
	if field.Alias != field.Name {
		c.aliases = plus(c.aliases, 1)
	}
	return c
}

// known returns the counts of a fragment, measured once. A fragment that is spread
// within itself is an error.
func (m *meter) known(f *fragment, at *ast.Position) counts {
	switch f.state {
	case 1:
		if m.err == nil {
			m.err = refuseAt(at, CodeValidationFailed, "A fragment is spread within itself.")
		}
	case 0:
		f.state = 1
		outer := m.within
		m.within = f
		m.directives(f.def.Directives)
		f.counts = m.set(f.def.SelectionSet)
		m.within = outer
		f.state = 2
	}
	return f.counts
}

func (m *meter) directives(directives ast.DirectiveList) {
	for _, directive := range directives {
		m.arguments(directive.Arguments)
	}
}

func (m *meter) arguments(arguments ast.ArgumentList) {
	for _, argument := range arguments {
		m.value(argument.Value, 1)
	}
}

// value counts what is inside of lists and input objects.
func (m *meter) value(value *ast.Value, depth int) {
	if len(value.Children) == 0 || m.err != nil {
		return
	}
	if depth > m.limits.ValueDepth {
		m.over(value.Position, "A value in the document is deeper than %d lists and objects.", m.limits.ValueDepth)
		return
	}
	if m.values = plus(m.values, len(value.Children)); m.values > m.limits.ListValues {
		m.over(value.Position, "The document has more than %d values in lists and objects.", m.limits.ListValues)
		return
	}
	for _, child := range value.Children {
		m.value(child.Value, depth+1)
	}
}

// plus adds two counts; a sum that is too large for an int is the largest int.
func plus(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

// times multiplies two counts like plus adds them.
func times(a, b int) int {
	if a != 0 && b > math.MaxInt/a {
		return math.MaxInt
	}
	return a * b
}
