package exec

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"
)

// Column is a field of all objects of a level: the objects, in the order in which they
// are written, and what the field gave for each.
type Column[P, R any] struct {
	Parents []P
	results []R
	errs    []error
	err     error // of all
	at      int
}

// anyColumn is a Column of any types.
type anyColumn interface{ fail(err error) }

// Gather collects the objects of a level and the fields that are to be loaded of them.
type Gather struct {
	run          *Run
	next         []*Field
	values, cost int
}

// Add adds an object to the column of one of its fields.
func Add[P, R any](g *Gather, f *Field, parent P) {
	c, ok := g.run.columns[f.Slot].(*Column[P, R])
	if !ok {
		c = &Column[P, R]{}
		g.run.columns[f.Slot] = c
		g.next = append(g.next, f)
	}
	c.Parents = append(c.Parents, parent)
}

// Keep keeps what a method has given, in the order in which it is written.
func Keep[R any](g *Gather, f *Field, value R) {
	c, ok := g.run.columns[f.Slot].(*Column[struct{}, R])
	if !ok {
		c = &Column[struct{}, R]{}
		g.run.columns[f.Slot] = c
	}
	c.results = append(c.results, value)
}

// Of returns the column of a field, which must have objects.
func Of[P, R any](r *Run, f *Field) *Column[P, R] { return r.columns[f.Slot].(*Column[P, R]) }

// Set takes what a batch resolver has given.
func (c *Column[P, R]) Set(results []R, err error) {
	if each, ok := err.(graphql.BatchErrors); ok { //nolint:errorlint // Wrapped, it is one error for all.
		c.results, c.errs = results, each.Errors()
		if len(c.errs) != len(c.Parents) {
			c.fail(fmt.Errorf("a batch resolver returned %d errors for %d parents", len(c.errs), len(c.Parents)))
		}
	} else if c.results, c.err = results, err; err != nil {
		return
	}
	if len(results) != len(c.Parents) {
		c.fail(fmt.Errorf("a batch resolver returned %d results for %d parents", len(results), len(c.Parents)))
	}
}

// Put takes what the field gives for the next object: for fields that are asked object
// by object.
func (c *Column[P, R]) Put(result R, err error) {
	c.results, c.errs = append(c.results, result), append(c.errs, err)
}

func (c *Column[P, R]) fail(err error) { c.err = err }

// Value returns what the field gave for an object, false if that is an error.
func (c *Column[P, R]) Value(i int) (value R, ok bool) {
	if c.err != nil || c.errs != nil && c.errs[i] != nil {
		return value, false
	}
	return c.results[i], true
}

// Next returns what the field gave for the next object that is written.
func (c *Column[P, R]) Next() (value R, err error) {
	i := c.at
	c.at++
	switch {
	case c.err != nil:
		return value, c.err
	case c.errs != nil && c.errs[i] != nil:
		return value, c.errs[i]
	}
	return c.results[i], nil
}

// Took counts what a field gave for one object: so many entries, or one object.
func (g *Gather) Took(f *Field, entries int) {
	g.values += entries * (1 + f.width)
	g.cost += entries * f.per
}

// Leads says whether what a field gives has to be gathered.
func Leads(f *Field) bool { return f.below }

// Kept returns what a method has given when its objects were gathered, or gives now.
func Kept[R any](r *Run, f *Field, give func() R) R {
	if f.Slot < 0 {
		return give()
	}
	value, _ := Of[struct{}, R](r, f).Next()
	return value
}

// Refuse takes the error of the field's arguments, because of which it is not resolved.
func (c *Column[P, R]) Refuse(err error) { c.fail(refusal{err}) }

// refusal is an error of arguments.
type refusal struct{ error }
