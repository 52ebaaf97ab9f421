package matrix_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/crm"
)

// hop is a step on a way through the graph.
type hop struct{ typ, field, to string }

// routes returns the shortest way from the root to every type that can be reached
// through some fields.
func (g graph) routes(through func(coord string) bool) map[string][]hop {
	ways := map[string][]hop{"Query": {}}
	for queue := []string{"Query"}; len(queue) > 0; queue = queue[1:] {
		typ := queue[0]
		for _, f := range g.fields(typ) {
			if typ == "Query" && arguments(f.Name, nil, "") == "" || !through(coordOf(typ, f.Name)) {
				continue
			}
			for _, to := range g.targets(f) {
				if _, known := ways[to]; !known {
					ways[to] = append(slices.Clone(ways[typ]), hop{typ, f.Name, to})
					queue = append(queue, to)
				}
			}
		}
	}
	return ways
}

// arguments returns what a field of the root is asked with on the way to others; ""
// for one that is not gone through.
func arguments(field string, w *world, self string) string {
	switch field {
	case "nodes":
		ids := []crm.ID{}
		if w != nil {
			for _, kind := range crm.Kinds() {
				ids = append(ids, w.some(kind, self)...)
			}
		}
		return "(ids:" + literal(ids[:min(len(ids), 100)]) + ")"
	case "viewer":
		return " "
	case "customers", "orders", "products", "tickets":
		return "(first:50)"
	case "changes":
		return fmt.Sprintf("(after:%q first:50)", beginning)
	case "search":
		return `(text:"zq" first:50)`
	}
	return ""
}

// denied asks for every field that the asker may not read, each in a document of
// its own, on what is self's and on what is others'.
func (p prober) denied(a *asker) []question {
	open, all := p.routes(p.permit), p.routes(func(string) bool { return true })
	var list []question
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		for _, f := range p.fields(typ) {
			coord := coordOf(typ, f.Name)
			if a.permitted(p.graph, coord) || typ == "Query" && arguments(f.Name, nil, "") == "" {
				continue
			}
			way, ok := open[typ]
			if !ok {
				way = all[typ]
			}
			list = append(list, p.alone(way, f, coord))
		}
	}
	return append(list, p.interfaces()...)
}

// alone asks for one field at the end of a way.
func (p prober) alone(way []hop, f *ast.FieldDefinition, coord string) question {
	typ, _, _ := strings.Cut(coord, ".")
	selection := ""
	if targets := p.targets(f); targets != nil {
		selection = "{__typename "
		for _, to := range targets {
			selection += "...on " + to + "{" + p.words(p.grow(to, "", 0).bare()) + "}"
		}
		selection += "}"
	}
	arguments := ""
	if typ == "Query" {
		arguments = p.arguments(f.Name)
	}
	document := fmt.Sprintf("%s:%s%s%s", aliasOf(typ, f.Name), f.Name, arguments, selection)
	for _, h := range slices.Backward(way) {
		arguments := someOf(p.Types[h.typ].Fields.ForName(h.field))
		if h.typ == "Query" {
			arguments = p.arguments(h.field)
		}
		document = fmt.Sprintf("%s:%s%s{__typename ...on %s{%s}}", aliasOf(h.typ, h.field), h.field, arguments, h.to, document)
	}
	return question{name: "denied " + coord, document: "query Q{" + document + "}", paths: []string{coord}}
}

func (p prober) arguments(field string) string { return arguments(field, p.world, p.self) }

func (p prober) words(o *object) string {
	var b strings.Builder
	o.write(&b, p.graph)
	return b.String()
}

// interfaces asks for what is selected on interfaces themselves, without saying a
// type.
func (p prober) interfaces() []question {
	list := []question{{
		name: "Node itself", paths: []string{"Query.nodes>Node"},
		document: "query Q{Query_nodes:nodes" + p.arguments("nodes") + "{__typename Node_id:id ...on Node{Node_id:id}}}",
	}}
	for typ, d := range p.Types {
		if d.Kind != ast.Object {
			continue
		}
		for _, f := range p.fields(typ) {
			i := p.Types[f.Type.Name()]
			if i.Kind != ast.Interface || typ == "Query" {
				continue
			}
			leaves := ""
			for _, leaf := range p.fields(i.Name) {
				leaves += aliasOf(i.Name, leaf.Name) + ":" + leaf.Name + " "
			}
			list = append(list, p.at(typ, fmt.Sprintf("%s:%s{__typename %s}", aliasOf(typ, f.Name), f.Name, leaves), coordOf(typ, f.Name)+">"+i.Name))
		}
	}
	slices.SortFunc(list, func(a, b question) int { return strings.Compare(a.name, b.name) })
	return list
}

// at asks for a selection on objects of a type.
func (p prober) at(typ, selection, name string) question {
	way := p.routes(func(string) bool { return true })[typ]
	for _, h := range slices.Backward(way) {
		arguments := someOf(p.Types[h.typ].Fields.ForName(h.field))
		if h.typ == "Query" {
			arguments = p.arguments(h.field)
		}
		selection = fmt.Sprintf("%s:%s%s{__typename ...on %s{%s}}", aliasOf(h.typ, h.field), h.field, arguments, h.to, selection)
	}
	return question{name: name, document: "query Q{" + selection + "}", paths: []string{name}}
}

// pair is one question about a record that may not be seen, and the same about one
// that does not exist.
type pair struct{ foreign, unknown question }

// pairs ask for records of every kind by id.
func (p prober) pairs(o *oracle) []pair {
	var list []pair
	for typ, kind := range kinds() {
		n := map[string]int{}
		for _, foreign := range p.world.ids(kind) {
			source, _, _ := foreign.Source()
			if n[source]++; o.visible(o.records[foreign]) || n[source] > 4 {
				continue
			}
			unknown := id(kind, "nobody")
			if source != "" {
				unknown = crm.DerivedID(kind, source, "nobody")
			}
			list = append(list, pair{p.byID(typ, foreign), p.byID(typ, unknown)})
		}
	}
	slices.SortFunc(list, func(a, b pair) int { return strings.Compare(a.foreign.document, b.foreign.document) })
	return list
}

// byID asks for a record in every way that takes an id.
func (p prober) byID(typ string, id crm.ID) question {
	document := fmt.Sprintf("a:node(id:%q){__typename} b:nodes(ids:[%q]){__typename}", id, id)
	for _, f := range p.fields("Query") {
		if f.Arguments.ForName("id") != nil && f.Type.Name() == typ && p.permit("Query."+f.Name) {
			document += fmt.Sprintf(" c:%s(id:%q){__typename}", f.Name, id)
		}
	}
	return question{name: "unknown or foreign " + typ, document: "query Q{" + document + "}", paths: []string{"unknown " + typ}}
}
