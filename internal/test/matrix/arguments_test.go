package matrix_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/crm"
)

// probe is a use of one argument, in GraphQL's words.
type probe struct{ argument, value string }

// prober makes documents that use every argument of the schema, in every way that
// could tell something: as words of the document and as variables.
type prober struct {
	grower
	world *world
	self  string
	// cursors are those of pages that staff got, by the field's coordinate.
	cursors map[string][]string
}

// covered are arguments that the entries use already.
func covered(coord string) bool {
	return slices.Contains([]string{
		"Query.node(id)", "Query.nodes(ids)", "Query.customer(id)", "Query.order(id)", "Query.product(id)", "Query.ticket(id)",
		"Query.customerByIdentifier(by)", "Query.search(text)",
	}, coord)
}

// probes returns the documents for all fields with arguments. An argument or a field
// of an input for which nobody has said what to ask with is an error.
func (p prober) probes(t *testing.T) []question {
	t.Helper()
	var list []question
	for _, typ := range slices.Sorted(maps.Keys(p.Types)) {
		d := p.Types[typ]
		if d.Kind != ast.Object || strings.HasPrefix(typ, "__") {
			continue
		}
		for _, f := range p.fields(typ) {
			var uses []probe
			for _, a := range f.Arguments {
				if coord := fmt.Sprintf("%s(%s)", coordOf(typ, f.Name), a.Name); !covered(coord) {
					uses = append(uses, p.uses(t, coord, typ, f, a)...)
				}
			}
			if len(uses) > 0 {
				list = append(list, p.question(t, typ, f, uses, false), p.question(t, typ, f, uses, true))
			}
		}
	}
	return list
}

// uses returns what an argument is used with.
func (p prober) uses(t *testing.T, coord, typ string, f *ast.FieldDefinition, a *ast.ArgumentDefinition) []probe {
	t.Helper()
	var values []string
	switch a.Name {
	case "first", "last":
		values = []string{"1", "2"}
	case "after", "before":
		for _, c := range p.cursors[coordOf(typ, f.Name)] {
			values = append(values, fmt.Sprintf("%q", c))
		}
	case "text":
		for _, c := range p.somebody() {
			values = append(values, fmt.Sprintf("%q", c.DisplayName), fmt.Sprintf("%q", c.Phones[0].Number))
		}
		values = append(values, `"zq"`)
	default:
		values = p.values(t, coord, a.Type)
	}
	uses := make([]probe, len(values))
	for i, v := range values {
		uses[i] = probe{a.Name, v}
	}
	return uses
}

// somebody are those whose values are asked with: self and another.
func (p prober) somebody() []*crm.Customer {
	return slices.DeleteFunc(slices.Clone(p.world.set.Customers), func(c *crm.Customer) bool {
		return c.ID != customerID(p.self) && c.ID != customerID("victim")
	})
}

// values returns what an input is used with, by its type, or by its coordinate where
// the type does not say enough.
func (p prober) values(t *testing.T, coord string, typ *ast.Type) []string {
	t.Helper()
	d := p.Types[typ.Name()]
	var values []string
	switch {
	case d.Kind == ast.Enum:
		for _, v := range d.EnumValues {
			values = append(values, v.Name)
		}
	case d.Name == "Boolean":
		values = []string{"true", "false"}
	case d.Name == "TimeRange":
		values = []string{`{after:"2025-03-03T00:00:00Z"}`, `{before:"2025-03-03T00:00:00Z"}`, `{after:"2025-03-02T00:00:00Z" before:"2025-03-04T00:00:00Z"}`}
	case d.Kind == ast.InputObject && strings.HasSuffix(d.Name, "Order"):
		for _, v := range p.values(t, d.Name+".field", d.Fields.ForName("field").Type) {
			values = append(values, "{field:"+v+" direction:ASC}", "{field:"+v+" direction:DESC}")
		}
	case d.Kind == ast.InputObject && d.Name != "SKURef":
		for _, f := range d.Fields {
			for _, v := range p.values(t, d.Name+"."+f.Name, f.Type) {
				values = append(values, "{"+f.Name+":"+v+"}")
			}
		}
	default:
		if values = p.known(coord); values == nil {
			t.Errorf("nobody has said what to ask %s with", coord)
		}
	}
	if typ.Elem != nil {
		for i, v := range values {
			values[i] = "[" + v + "]"
		}
	}
	return values
}

// known returns values for inputs that are plain texts and ids: those of self and of
// another.
func (p prober) known(coord string) []string {
	var values []string
	quote := func(list ...string) {
		for _, v := range list {
			values = append(values, fmt.Sprintf("%q", v))
		}
	}
	switch coord {
	case "CustomerFilter.ownerId", "TicketFilter.assigneeId":
		quote(string(employee(0)), string(employee(1)), string(employee(2)))
	case "TicketFilter.queueId":
		quote(string(id(crm.KindTeam, "team 0")), string(id(crm.KindTeam, "team 1")))
	case "CustomerFilter.tag":
		for _, c := range p.somebody() {
			quote(c.Tags...)
		}
	case "CustomerFilter.segment":
		for _, c := range p.somebody() {
			quote(c.Segments...)
		}
	case "OrderFilter.source", "ProductFilter.source":
		quote(sourceOne, sourceTwo, sourceLive)
	case "OrderFilter.number":
		for _, o := range p.world.set.Orders {
			if owner := p.world.ownerOf(o.ID); owner == p.self || owner == "victim" {
				quote(o.Number)
			}
		}
	case "ProductFilter.category":
		quote(p.world.set.Products[0].Categories[0], p.world.set.Products[3].Categories[0])
	case "ProductFilter.sku":
		for _, product := range p.world.set.Products[1:4] {
			values = append(values, fmt.Sprintf("{source:%q sku:%q}", product.Source, product.Variants[0].SKU))
		}
	case "InteractionFilter.threadId":
		for _, i := range p.world.set.Interactions {
			if owner := p.world.ownerOf(i.ID); owner == p.self || owner == "victim" {
				quote(*i.ThreadID)
			}
		}
	}
	return values
}

// question asks a field once for each use, under an alias each.
func (p prober) question(t *testing.T, typ string, f *ast.FieldDefinition, uses []probe, variables bool) question {
	t.Helper()
	selection := p.slim(f)
	var fields strings.Builder
	header := ""
	q := question{name: fmt.Sprintf("%s with arguments, variables %t", coordOf(typ, f.Name), variables), variables: map[string]any{}}
	for i, use := range uses {
		value := use.value
		if a := f.Arguments.ForName(use.argument); variables {
			header += fmt.Sprintf("$v%d:%s ", i, a.Type)
			q.variables[fmt.Sprint("v", i)], value = fromLiteral(t, value), fmt.Sprint("$v", i)
		}
		arguments := use.argument + ":" + value
		for _, a := range f.Arguments {
			if a.Type.NonNull && a.Name != use.argument {
				arguments += ` ` + a.Name + `:"zq"`
			}
		}
		if use.argument != "first" && use.argument != "last" && use.argument != "before" {
			arguments += " first:3"
		}
		fmt.Fprintf(&fields, "%s__%d:%s(%s)%s ", aliasOf(typ, f.Name), i, f.Name, arguments, selection)
		q.paths = append(q.paths, coordOf(typ, f.Name)+"("+use.argument+":"+use.value+")")
	}
	if header != "" {
		header = "(" + header + ")"
	}
	switch kind, record := kinds()[typ]; {
	case typ == "Query":
		q.document = fmt.Sprintf("query Q%s{%s}", header, fields.String())
	case record:
		q.document = fmt.Sprintf("query Q%s{Query_nodes:nodes(ids:%s){__typename ...on %s{%s}}}",
			header, literal(p.world.some(kind, p.self)), typ, fields.String())
	default:
		t.Errorf("nobody has said how to ask for %s with arguments", coordOf(typ, f.Name))
	}
	return q
}

// slim selects of what a field gives, as far as the asker may, the ids of records and where
// they stand in a list.
func (p prober) slim(f *ast.FieldDefinition) string {
	targets := p.targets(f)
	if targets == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("{__typename ")
	if !p.isAbstract(f) {
		thin(p.graph, p.grow(targets[0], "", 1)).write(&b, p.graph)
	}
	b.WriteString("}")
	return b.String()
}

// thin leaves of records in a selection nothing but their ids.
func thin(g graph, o *object) *object {
	less := &object{typ: o.typ, leaves: o.leaves}
	if g.isRecord(o.typ) {
		less.leaves = slices.DeleteFunc(slices.Clone(o.leaves), func(l string) bool { return l != "id" })
		return less
	}
	for _, s := range o.steps {
		one := &step{typ: s.typ, field: s.field}
		for _, to := range s.to {
			one.to = append(one.to, thin(g, to))
		}
		less.steps = append(less.steps, one)
	}
	return less
}

// fromLiteral reads a value in GraphQL's words as JSON has it.
func fromLiteral(t *testing.T, literal string) any {
	t.Helper()
	quoted := regexp.MustCompile(`"[^"]*"|[A-Za-z_]+`).ReplaceAllStringFunc(literal, func(word string) string {
		if word[0] == '"' || word == "true" || word == "false" {
			return word
		}
		return fmt.Sprintf("%q", word)
	})
	quoted = regexp.MustCompile(`" +"`).ReplaceAllString(quoted, `","`)
	var value any
	if err := json.Unmarshal([]byte(quoted), &value); err != nil {
		t.Fatalf("%s: %v", quoted, err)
	}
	return value
}
