package resolvers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// annotation returns the verdict of what is written at a type's field or, if nothing
// is there, at the type: read here and not by the rules.
type annotation func(d *ast.Definition, f *ast.FieldDefinition) string

// annotationsFor reads @access, @staffGroup and @pii for callers named by a word of
// them.
func annotationsFor(schema *ast.Schema, word string) annotation {
	role, scope := schema.Types["StaffRole"].EnumValues.ForName(word), schema.Types["PartnerScope"].EnumValues.ForName(word)
	groups := schema.Types["StaffGroup"].EnumValues
	contains := func(list *ast.Argument) bool {
		return list != nil && slices.ContainsFunc(list.Value.Children, func(c *ast.ChildValue) bool { return c.Value.Raw == word })
	}
	isTrue := func(a *ast.Argument) bool { return a != nil && a.Value.Raw == "true" }
	return func(d *ast.Definition, f *ast.FieldDefinition) string {
		access := f.Directives.ForName("access")
		if access == nil {
			access = d.Directives.ForName("access")
		}
		said, allowed := access.Arguments, false
		switch {
		case role != nil:
			group := groups.ForName(said.ForName("staff").Value.Raw)
			allowed = contains(group.Directives.ForName("staffGroup").Arguments.ForName("roles"))
		case scope != nil:
			allowed = contains(said.ForName("partner")) || isTrue(said.ForName("anyPartner"))
		default:
			allowed = isTrue(said.ForName("customer"))
		}
		switch {
		case allowed:
			return "allowed"
		case f.Directives.ForName("pii") != nil && role != nil:
			return "masked"
		default:
			return "denied"
		}
	}
}

// needed are arguments for fields that need some.
func needed(field string) string {
	switch field {
	case "Query.node", "Query.customer":
		return fmt.Sprintf("(id: %q)", fixture.ID(crm.KindCustomer, "zoe"))
	case "Query.order":
		return fmt.Sprintf("(id: %q)", fixture.Records().Orders[0].ID)
	case "Query.product":
		return fmt.Sprintf("(id: %q)", fixture.Records().Products[0].ID)
	case "Query.ticket":
		return fmt.Sprintf("(id: %q)", fixture.Records().Tickets[0].ID)
	case "Query.nodes":
		return "(ids: $ids)"
	case "Query.customerByIdentifier":
		return `(by: {email: "nobody@example.com"})`
	case "Query.search":
		return `(text: "a")`
	case "Query.changes":
		return fmt.Sprintf("(after: %q, first: 100)", beginning)
	default:
		return ""
	}
}

// way is how to come to objects of a type: what is before a selection of theirs,
// and what after it.
type way struct{ before, after string }

// ways returns the shortest ways by which a caller comes to objects of every type
// that it may read fields of, from the records with ids and from the root: at
// most a few for each type, for not every one has objects.
func ways(schema *ast.Schema, says annotation) map[string][]way {
	const most = 6
	found := map[string][]way{"Query": {{}}}
	next := []string{"Query"}
	taken := map[string]int{}
	add := func(d *ast.Definition, w way) {
		names := []string{d.Name}
		if d.IsAbstractType() {
			names = nil
			for _, possible := range schema.PossibleTypes[d.Name] {
				names = append(names, possible.Name)
			}
		}
		for _, name := range names {
			one := w
			if d.IsAbstractType() {
				one = way{w.before + "__typename ... on " + name + " { ", " }" + w.after}
			}
			if len(found[name]) < most {
				found[name] = append(found[name], one)
				next = append(next, name)
			}
		}
	}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		from := found[name][taken[name]]
		taken[name]++
		for _, f := range schema.Types[name].Fields {
			if strings.HasPrefix(f.Name, "__") || says(schema.Types[name], f) != "allowed" || !schema.Types[f.Type.Name()].IsCompositeType() {
				continue
			}
			add(schema.Types[f.Type.Name()], way{from.before + f.Name + needed(name+"."+f.Name) + " { ", " }" + from.after})
		}
	}
	return found
}

// classes are all words of annotations with whom they stand for.
func classes() map[string]*access.Principal {
	all := map[string]*access.Principal{"customer": zoe()}
	for _, role := range access.Roles() {
		all[string(role)] = staffOf(role)
	}
	for _, scope := range access.Scopes() {
		all[string(scope)] = partnerOf(scope)
	}
	return all
}

// hidden are types of which a caller for whom one of their fields is masked never
// gets an object: the lists and links to them are masked themselves.
var hidden = []string{"Address", "ContactPreferences", "CustomAttribute", "EmailAddress", "Participant", "PhoneNumber"}

// TestEveryFieldForEveryone asks for every field of the schema as every role,
// scope and customer who comes to an object that has it, and wants it allowed,
// masked or denied as its annotations say.
func TestEveryFieldForEveryone(t *testing.T) {
	t.Parallel()
	graph := filledWithShops(t, backends.Backends()[0])
	schema, ids := graph.schema.Schema(), someIDs()
	reached := map[string]bool{}
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[access.Verdict]string{access.Denied: "denied", access.Masked: "masked", access.Allowed: "allowed"}
	for word, who := range classes() {
		says := annotationsFor(schema, word)
		for name, list := range ways(schema, says) {
			d := schema.Types[name]
			for _, f := range d.Fields {
				if strings.HasPrefix(f.Name, "__") {
					continue
				}
				if got := verdicts[rules.Field(rules.Reader(who), name, f.Name)]; got != says(d, f) {
					t.Errorf("%s.%s is %s for %s, want %s", name, f.Name, got, word, says(d, f))
				}
				for _, w := range list {
					got, there := graph.field(t, who, w, d, f, ids)
					if !there {
						continue
					}
					want := says(d, f)
					if d.Name+"."+f.Name == "Query.customerByIdentifier" && word == "ANALYST" {
						want = "denied" // The identifier is not theirs.
					}
					if got != want {
						t.Errorf("%s.%s is %s for %s, want %s by %s", d.Name, f.Name, got, word, want, w.before)
					}
					reached[d.Name+"."+f.Name+" "+want] = true
					break
				}
			}
		}
	}
	for name, d := range schema.Types {
		for _, f := range d.Fields {
			if d.Kind != ast.Object || strings.HasPrefix(name, "__") || strings.HasPrefix(f.Name, "__") {
				continue
			}
			for _, word := range []string{"allowed", "masked"} { // Who is denied one is denied what leads to it, often.
				where := name + "." + f.Name + " " + word
				if !reached[where] && possible(schema, d, f, word) && (word != "masked" || !slices.Contains(hidden, name)) {
					t.Errorf("nobody has come to %s", where)
				}
			}
		}
	}
	t.Logf("%d fields and verdicts", len(reached))
}

// possible says whether anybody has a verdict about a field.
func possible(schema *ast.Schema, d *ast.Definition, f *ast.FieldDefinition, verdict string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(classes())), func(word string) bool { return annotationsFor(schema, word)(d, f) == verdict })
}

// field asks for one field by a way: what became of it, and whether there was an
// object that has it.
func (g *graphOn) field(t *testing.T, who *access.Principal, w way, d *ast.Definition, f *ast.FieldDefinition, ids []crm.ID) (verdict string, there bool) {
	t.Helper()
	selection := ""
	if g.schema.Schema().Types[f.Type.Name()].IsCompositeType() {
		selection = " { __typename }"
	}
	text := "{ " + w.before + "asked: " + f.Name + needed(d.Name+"."+f.Name) + selection + w.after + " }"
	if strings.Contains(text, "$ids") {
		text = "query($ids: [ID!]!) " + text
	}
	got := g.asked(t, who, text, map[string]any{"ids": ids})
	at := func(e string) bool { return strings.HasSuffix(e, "asked") }
	switch {
	case slices.ContainsFunc(got.errors, func(e string) bool { return strings.HasPrefix(e, "FORBIDDEN") && at(e) }):
		return "denied", true
	case slices.Contains(got.masked, d.Name+"."+f.Name):
		for _, shown := range []string{`"asked":"•••"`, `"asked":null`, `"asked":[]`} {
			if strings.Contains(got.data, shown) {
				return "masked", true
			}
		}
		return "masked without a mask", true
	case slices.ContainsFunc(got.errors, at), strings.Contains(got.data, `"asked":`):
		return "allowed", true
	default:
		return "", false
	}
}

// someIDs returns ids of records of every kind, the most of customers.
func someIDs() []crm.ID {
	set := fixture.Records()
	var ids []crm.ID
	for _, c := range set.Customers[:min(20, len(set.Customers))] {
		ids = append(ids, c.ID)
	}
	some := map[crm.Kind]bool{crm.KindCustomer: true}
	for _, r := range set.All() {
		if kind := r.RecordKind(); !some[kind] {
			some[kind] = true
			ids = append(ids, r.RecordID())
		}
	}
	for i := range 12 {
		ids = append(ids, set.Orders[i%len(set.Orders)].ID, set.Tickets[i%len(set.Tickets)].ID)
	}
	for i := range 8 {
		ids = append(ids, set.Products[i%len(set.Products)].ID, set.Articles[i%len(set.Articles)].ID, set.Interactions[i%len(set.Interactions)].ID)
	}
	return ids
}
