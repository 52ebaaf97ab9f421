package matrix_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// question is a document with its variables, and what it selects.
type question struct {
	name      string
	document  string
	variables map[string]any
	// paths are the ways to objects that the document asks for.
	paths []string
	// root is what is selected of what the fields of the root give; nil if that is
	// no tree.
	root *object
}

// entry is a field of the root, with arguments, that gives objects of one type.
type entry struct {
	field string // of Query
	typ   string // what it gives here
	// arguments, of which each makes the field once more in one document.
	arguments []string
	// budget is how many records away from the entry's own is asked.
	budget int
	// fragment says that what is given is an interface or a union.
	fragment bool
}

// kinds are the kinds of record that the graph shows, by type.
func kinds() map[string]crm.Kind {
	list := map[string]crm.Kind{}
	for _, d := range crm.Descriptions() {
		if _, is := d.New().(crm.Node); is {
			list[reflect.TypeOf(d.New()).Elem().Name()] = d.Kind
		}
	}
	return list
}

// entries returns the ways into the graph, in which somebody asks for what is self's
// and what is others'. Lists take all that there is.
func (w *world) entries(self string) []entry {
	var list []entry
	for _, typ := range slices.Sorted(maps.Keys(kinds())) {
		all := w.ids(kinds()[typ])
		some := w.some(kinds()[typ], self)
		list = append(list,
			entry{field: "nodes", typ: typ, arguments: chunks(all, 100), budget: 0, fragment: true},
			entry{field: "nodes", typ: typ, arguments: chunks(some, 100), budget: 1, fragment: true},
			entry{field: "node", typ: typ, arguments: one(all), budget: 0, fragment: true})
	}
	for typ, field := range map[string]string{"Customer": "customer", "Order": "order", "Ticket": "ticket", "Product": "product"} {
		list = append(list,
			entry{field: field, typ: typ, arguments: one(w.ids(kinds()[typ])), budget: 0},
			entry{field: field, typ: typ, arguments: one(w.some(kinds()[typ], self)[:2]), budget: 1})
		list = append(list, entry{field: field + "s", typ: typ + "Connection", arguments: []string{"first:100"}, budget: 1})
	}
	list = append(list,
		entry{field: "changes", typ: "ChangePage", arguments: changes(), budget: 1},
		entry{field: "viewer", typ: "Viewer", arguments: []string{""}, budget: 2},
		entry{field: "customerByIdentifier", typ: "Customer", arguments: w.identifiers(), budget: 0},
		entry{field: "search", typ: "SearchConnection", arguments: w.searches(self), budget: 1})
	slices.SortStableFunc(list, func(a, b entry) int { return strings.Compare(a.field+a.typ, b.field+b.typ) })
	return list
}

// some returns a few ids of a kind: of what is self's, and of what is another's.
func (w *world) some(kind crm.Kind, self string) []crm.ID {
	all := w.ids(kind)
	var some []crm.ID
	per := map[string]int{}
	for _, id := range all {
		owner := w.ownerOf(id)
		if (owner == self || owner == "victim" || owner == "kelm" || owner == "mate" || owner == "") && per[owner] < 2 {
			per[owner]++
			some = append(some, id)
		}
	}
	return some
}

// ownerOf returns the key of whose a record is, by whose name it was made.
func (w *world) ownerOf(id crm.ID) string { return w.owners[id] }

func one(ids []crm.ID) []string {
	arguments := make([]string, len(ids))
	for i, id := range ids {
		arguments[i] = fmt.Sprintf("id:%q", id)
	}
	return arguments
}

func chunks(ids []crm.ID, size int) []string {
	var arguments []string
	for chunk := range slices.Chunk(ids, size) {
		arguments = append(arguments, "ids:"+literal(chunk))
	}
	return arguments
}

// literal writes ids as a list in GraphQL.
func literal[S ~string](list []S) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return "[" + strings.Join(quoted, " ") + "]"
}

// identifiers names every customer by everything that a customer is known by.
func (w *world) identifiers() []string {
	var arguments []string
	for _, c := range w.set.Customers {
		arguments = append(arguments,
			fmt.Sprintf("by:{email:%q}", c.Emails[0].Address), fmt.Sprintf("by:{phone:%q}", c.Phones[0].Number))
		for _, x := range c.ExternalIdentities {
			arguments = append(arguments, fmt.Sprintf("by:{externalIdentity:{source:%q externalId:%q}}", x.Source, x.ExternalID))
		}
	}
	return arguments
}

// changes asks for what became of the records of all kinds and of each.
func changes() []string {
	all := fmt.Sprintf("after:%q first:100", beginning)
	arguments := []string{all}
	for _, d := range crm.Shown() {
		arguments = append(arguments, fmt.Sprintf("%s kinds:[%s]", all, d.Change))
	}
	return arguments
}

// searches looks for records by each text that finds them.
func (w *world) searches(self string) []string {
	arguments := []string{`text:"zq" first:100`}
	for _, c := range w.set.Customers {
		if key := w.ownerOf(c.ID); key == self || key == "victim" {
			arguments = append(arguments, fmt.Sprintf("text:%q first:100", c.DisplayName), fmt.Sprintf("text:%q first:100", c.Emails[0].Address),
				fmt.Sprintf("text:%q first:100 kinds:[CUSTOMER]", *c.FamilyName))
		}
	}
	for _, d := range crm.Searched() {
		arguments = append(arguments, fmt.Sprintf("text:\"zq\" first:100 kinds:[%s]", d.Search))
	}
	return arguments
}

// questions makes the documents of an entry: one with all leaves, and one for
// each field of what the entry gives that leads on, so that none is too large.
func (g grower) questions(e entry) []question {
	root := g.grow(e.typ, "Query."+e.field+">"+e.typ, e.budget)
	parts := []*object{root.bare()}
	for _, s := range root.steps {
		parts = append(parts, root.only(s))
	}
	if e.budget == 0 {
		parts = []*object{root}
	}
	var list []question
	for _, part := range parts {
		if len(part.leaves)+len(part.steps) == 0 {
			continue
		}
		for i, arguments := range batches(e.arguments, part) {
			q := g.question(e, part, arguments)
			q.name = fmt.Sprintf("%s %d", partName(part), i)
			list = append(list, q)
		}
	}
	return list
}

func partName(o *object) string {
	if len(o.leaves) == 0 && len(o.steps) == 1 {
		return o.path + " " + o.steps[0].field
	}
	return o.path
}

// batches cuts an entry's arguments into documents of a bearable size.
func batches(arguments []string, o *object) [][]string {
	return slices.Collect(slices.Chunk(arguments, max(1, min(40, 4000/o.size()))))
}

// question writes one document: the fragment once, spread under every alias.
func (g grower) question(e entry, o *object, arguments []string) question {
	var b strings.Builder
	b.WriteString("query Q {")
	for i, a := range arguments {
		if a != "" {
			a = "(" + a + ")"
		}
		fmt.Fprintf(&b, "%s__%d:%s%s{__typename ...F} ", aliasOf("Query", e.field), i, e.field, a)
	}
	fmt.Fprintf(&b, "} fragment F on %s {", o.typ)
	o.write(&b, g.graph)
	b.WriteString("}")
	return question{document: b.String(), paths: o.paths(), root: o}
}

// paths returns the ways to all objects that are selected.
func (o *object) paths() []string {
	list := []string{o.path}
	for _, s := range o.steps {
		for _, to := range s.to {
			list = append(list, to.paths()...)
		}
	}
	return list
}
