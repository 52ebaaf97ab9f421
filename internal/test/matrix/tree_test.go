package matrix_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/crm"
)

// object is what a document selects of objects of one type.
type object struct {
	typ    string
	path   string // how it is reached, for people and for counting
	leaves []string
	steps  []*step
}

// step is a field of an object that leads to others, one for each type that it
// can give.
type step struct {
	typ, field string
	to         []*object
}

// grower makes selections: everything that may be selected, to a number of
// records away.
type grower struct {
	graph
	permit func(coord string) bool
}

// grow selects of a type all that is permitted: its leaves, and what its fields
// lead to. Each record on the way costs one of budget; what is reached through
// a connection's edges, or through an event, is selected without what lies behind
// it, which is reached through nodes too.
func (g grower) grow(typ, path string, budget int) *object {
	o := &object{typ: typ, path: path}
	for _, f := range g.fields(typ) {
		coord := coordOf(typ, f.Name)
		if !g.permit(coord) {
			continue
		}
		targets := g.targets(f)
		if targets == nil {
			o.leaves = append(o.leaves, f.Name)
			continue
		}
		s := &step{typ: typ, field: f.Name}
		for _, to := range targets {
			left := budget
			if g.isRecord(to) {
				left--
				if strings.HasSuffix(typ, "Edge") || strings.HasSuffix(typ, "Event") {
					left = min(left, 0)
				}
			}
			if left < 0 {
				continue
			}
			if child := g.grow(to, path+" "+coord+">"+to, left); len(child.leaves)+len(child.steps) > 0 {
				s.to = append(s.to, child)
			}
		}
		if len(s.to) > 0 {
			o.steps = append(o.steps, s)
		}
	}
	return o
}

// only returns the object with one of its steps, and without leaves.
func (o *object) only(s *step) *object {
	return &object{typ: o.typ, path: o.path, steps: []*step{s}}
}

// bare returns the object with its leaves alone.
func (o *object) bare() *object { return &object{typ: o.typ, path: o.path, leaves: o.leaves} }

// size is how many objects are selected, itself included.
func (o *object) size() int {
	n := 1
	for _, s := range o.steps {
		for _, to := range s.to {
			n += to.size()
		}
	}
	return n
}

// write writes the selection of an object, without the braces around it.
func (o *object) write(b *strings.Builder, g graph) {
	b.WriteString("__typename ")
	for _, leaf := range o.leaves {
		fmt.Fprintf(b, "%s:%s ", aliasOf(o.typ, leaf), leaf)
	}
	if slices.Contains(o.leaves, "id") {
		for _, i := range g.Types[o.typ].Interfaces {
			fmt.Fprintf(b, "...on %s{%s:id} ", i, aliasOf(i, "id"))
		}
	}
	for _, s := range o.steps {
		f := g.Types[s.typ].Fields.ForName(s.field)
		fmt.Fprintf(b, "%s:%s%s{", aliasOf(s.typ, s.field), s.field, someOf(f))
		for _, to := range s.to {
			if !g.isAbstract(f) {
				to.write(b, g)
				continue
			}
			fmt.Fprintf(b, "...on %s{", to.typ)
			to.write(b, g)
			b.WriteString("} ")
		}
		b.WriteString("} ")
	}
}

// pageSize is how many entries are asked for of a connection inside another object.
const pageSize = 2

// timelineSize is enough for an entry of every kind: each kind that is an entry
// itself has one for each actor, and they may all come first.
func timelineSize() int {
	size := 8
	for _, d := range crm.Descriptions() {
		if d.Entry && d.Kind != crm.KindInteraction { // Of which a customer has one.
			size += len(actors(""))
		}
	}
	return size
}

// someOf returns the arguments of a field inside others: a few entries of a list.
func someOf(f *ast.FieldDefinition) string {
	if f.Name == "timeline" {
		return fmt.Sprintf("(first:%d)", timelineSize())
	}
	if f.Arguments.ForName("first") != nil {
		return fmt.Sprintf("(first:%d)", pageSize)
	}
	return ""
}
