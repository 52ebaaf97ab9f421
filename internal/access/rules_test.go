package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/access"
)

// directives are those of the schema, as far as the rules read them.
const directives = `
directive @access(staff: StaffGroup!, partner: [PartnerScope!]! = [], anyPartner: Boolean! = false, customer: Boolean! = false) on OBJECT | INTERFACE | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @staffGroup(roles: [StaffRole!]!) on ENUM_VALUE
directive @pii on FIELD_DEFINITION
enum StaffRole { SUPPORT SALES MARKETING ANALYST ADMIN }
enum StaffGroup { BOSS @staffGroup(roles: [ADMIN]) DESK @staffGroup(roles: [SUPPORT, ADMIN]) }
enum PartnerScope { CUSTOMERS_READ ORDERS_READ PRODUCTS_READ TICKETS_READ INTERACTIONS_READ RECOMMENDATIONS_READ }
`

// small is a schema with one of everything that the rules know.
const small = directives + `
type Query {
  things(text: String @access(staff: BOSS), filter: Filter, sort: Sort, by: By, many: [Sort!]): [Thing!] @access(staff: DESK, partner: [ORDERS_READ], customer: true)
  scored: Scored @access(staff: DESK)
  any: Any @access(staff: DESK, partner: [ORDERS_READ, TICKETS_READ], customer: true)
}
interface Any @access(staff: DESK, partner: [ORDERS_READ, TICKETS_READ], customer: true) { id: ID! }
interface Scored {
  score: Int @access(staff: BOSS)
  rank(by: String): Int @access(staff: DESK)
}
type Thing implements Any & Scored @access(staff: DESK) {
  id: ID! @access(staff: DESK, partner: [ORDERS_READ], customer: true)
  name: String! @access(staff: BOSS, partner: [ORDERS_READ], customer: true) @pii
  tags: [String!]! @access(staff: BOSS) @pii
  score: Int
  rank(by: String @access(staff: BOSS)): Int
  notes: [Note!] @access(staff: BOSS)
}
type Note implements Any @access(staff: BOSS) {
  id: ID!
  text: String @pii
}
input Filter { name: String @access(staff: BOSS, partner: [ORDERS_READ]) score: Int sort: Sort inner: [Filter!] }
input By @oneOf { name: String number: Int }
enum Sort { NAME @access(staff: BOSS) AGE }
`

func parse(t testing.TB, text string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

var (
	support  = &access.Principal{Kind: access.KindStaff, Roles: []access.Role{access.RoleSupport}}
	admin    = &access.Principal{Kind: access.KindStaff, Roles: []access.Role{access.RoleAdmin}}
	sales    = &access.Principal{Kind: access.KindStaff, Roles: []access.Role{access.RoleSales}}
	orders   = &access.Principal{Kind: access.KindPartner, Scopes: []access.Scope{access.ScopeOrders}}
	tickets  = &access.Principal{Kind: access.KindPartner, Scopes: []access.Scope{access.ScopeTickets}}
	customer = &access.Principal{Kind: access.KindCustomer}
	roleless = &access.Principal{Kind: access.KindStaff}
	// Nobody is given what is another kind's.
	mixed = &access.Principal{Kind: access.KindCustomer, Roles: access.Roles(), Scopes: access.Scopes()}
)

// said is what a decision says about the fields of a document: those that are
// denied or masked on an object of a type, with the coordinate.
func said(d *access.Decision, schema *ast.Schema, document *ast.QueryDocument, variables map[string]any) []string {
	refused, list := d.Values(variables), []string{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				walk(s.Definition.SelectionSet)
			case *ast.Field:
				objects := []*ast.Definition{s.ObjectDefinition}
				if s.ObjectDefinition.IsAbstractType() {
					objects = schema.PossibleTypes[s.ObjectDefinition.Name]
				}
				for _, object := range objects {
					verdict, where := d.Field(object.Name, s)
					if input, ok := refused.Of(s); ok {
						verdict, where = access.Denied, input
					}
					if verdict != access.Allowed {
						list = append(list, map[access.Verdict]string{access.Denied: "denied ", access.Masked: "masked "}[verdict]+where)
					}
				}
				walk(s.SelectionSet)
			}
		}
	}
	walk(document.Operations[0].SelectionSet)
	return list
}

// TestDecide holds decisions over small documents, a class of principals each.
func TestDecide(t *testing.T) {
	t.Parallel()
	schema := parse(t, small)
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		who       *access.Principal
		document  string
		variables map[string]any
		want      []string
		pii       []string
	}{
		{name: "all of it", who: admin, document: `{things(text: "x", sort: NAME) {id name tags score notes {text}}}`, pii: []string{"Note.text", "Thing.name", "Thing.tags"}},
		{name: "masked", who: support, document: `{things {id name tags score}}`, want: []string{"masked Thing.name", "masked Thing.tags"}},
		{name: "masked in a fragment", who: support, document: `{things {...F}} fragment F on Thing {n: name}`, want: []string{"masked Thing.name"}},
		{name: "denied to staff", who: support, document: `{things {notes {id}}}`, want: []string{"denied Thing.notes", "denied Note.id"}},
		{name: "denied to a partner", who: orders, document: `{things {name tags score}}`, want: []string{"denied Thing.tags", "denied Thing.score"}, pii: []string{"Thing.name"}},
		{name: "denied to a customer", who: customer, document: `{things {id score}}`, want: []string{"denied Thing.score"}},
		{name: "no role", who: roleless, document: `{things {name}}`, want: []string{"denied Query.things", "denied Thing.name"}},
		{name: "nobody", who: nil, document: `{things {name} __typename}`, want: []string{"denied Query.things", "denied Thing.name", "denied Query.__typename"}},
		{name: "another kind's grants", who: mixed, document: `{things {id score}}`, want: []string{"denied Thing.score"}},
		{name: "an interface, by the concrete type", who: support, document: `{any {id}}`, want: []string{"denied Note.id"}},
		{name: "an interface that allows more", who: tickets, document: `{any {id}}`, want: []string{"denied Thing.id", "denied Note.id"}},
		{name: "an interface that allows less", who: support, document: `{scored {score} things {score}}`, want: []string{"denied Thing.score"}},
		{name: "an argument on an interface", who: support, document: `{scored {rank(by: "x")} things {rank}}`, want: []string{"denied Thing.rank(by:)"}},
		{name: "introspection", who: customer, document: `{__typename __type(name: "Thing") {name}}`, want: []string{"denied Query.__type", "denied __Type.name"}},
		{name: "introspection by a partner", who: orders, document: `{__schema {types {name}}}`},

		{name: "argument", who: support, document: `{things(text: "x") {id}}`, want: []string{"denied Query.things(text:)"}},
		{name: "argument, null", who: support, document: `{things(text: null) {id}}`},
		{name: "argument, in a variable", who: support, document: `query($t: String) {things(text: $t) {id}}`, variables: map[string]any{"t": "x"}, want: []string{"denied Query.things(text:)"}},
		{name: "argument, in a variable that is null", who: support, document: `query($t: String) {things(text: $t) {id}}`, variables: map[string]any{"t": nil}},
		{name: "argument, in a variable that is not given", who: support, document: `query($t: String) {things(text: $t) {id}}`},
		{name: "one of two fields", who: support, document: `query($t: String) {a: things {id} b: things(text: $t) {id}}`, variables: map[string]any{"t": "x"}, want: []string{"denied Query.things(text:)"}},
		{name: "enum value", who: support, document: `{things(sort: NAME) {id}}`, want: []string{"denied Sort.NAME"}},
		{name: "enum value that is open", who: support, document: `{things(sort: AGE, many: [AGE]) {id}}`},
		{name: "enum value in a list", who: support, document: `{things(many: [AGE, NAME]) {id}}`, want: []string{"denied Sort.NAME"}},
		{name: "enum value for a list", who: support, document: `{things(many: NAME) {id}}`, want: []string{"denied Sort.NAME"}},
		{name: "enum value, in a variable", who: support, document: `query($s: Sort) {things(sort: $s) {id}}`, variables: map[string]any{"s": "NAME"}, want: []string{"denied Sort.NAME"}},
		{name: "enum value that is open, in a variable", who: support, document: `query($s: Sort) {things(sort: $s) {id}}`, variables: map[string]any{"s": "AGE"}},
		{name: "enum values, in a variable", who: support, document: `query($s: [Sort!]) {things(many: $s) {id}}`, variables: map[string]any{"s": []any{"AGE", "NAME"}}, want: []string{"denied Sort.NAME"}},
		{name: "enum values that nobody coerced", who: support, document: `query($s: [Sort!]) {things(many: $s) {id}}`, variables: map[string]any{"s": []string{"NAME"}}, want: []string{"denied Sort"}},
		{name: "input field", who: support, document: `{things(filter: {score: 1, name: "x"}) {id}}`, want: []string{"denied Filter.name"}},
		{name: "input field, by who may", who: orders, document: `{things(filter: {name: "x"}) {id}}`},
		{name: "input field, deep", who: support, document: `{things(filter: {inner: [{}, {inner: {sort: NAME}}]}) {id}}`, want: []string{"denied Sort.NAME"}},
		{name: "input field, by a variable", who: support, document: `query($n: String) {things(filter: {name: $n}) {id}}`, variables: map[string]any{"n": "x"}, want: []string{"denied Filter.name"}},
		{name: "input field, in a variable", who: support, document: `query($f: Filter) {things(filter: $f) {id}}`, variables: map[string]any{"f": map[string]any{"inner": []any{map[string]any{"name": "x"}}}}, want: []string{"denied Filter.name"}},
		{name: "input field, null in a variable", who: support, document: `query($f: Filter) {things(filter: $f) {id}}`, variables: map[string]any{"f": map[string]any{"name": nil, "score": 1}}},
		{name: "a customer's input", who: customer, document: `{things(filter: {score: 1}, sort: AGE) {id}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document, errs := gqlparser.LoadQueryWithRules(schema, test.document, nil)
			if errs != nil {
				t.Fatal(errs)
			}
			d := rules.Decide(document.Operations[0], rules.Reader(test.who))
			got := said(d, schema, document, test.variables)
			if diff := cmp.Diff(test.want, got, cmp.Transformer("nil", func(s []string) string { return strings.Join(s, "\n") })); diff != "" {
				t.Errorf("the decision is not right (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.Join(test.pii, " "), strings.Join(d.PII(), " ")); diff != "" {
				t.Errorf("the personal data is not right (-want +got):\n%s", diff)
			}
			if guarded := d.Guarded() || len(d.Values(test.variables)) > 0; guarded != (len(test.want) > 0) {
				t.Errorf("guarded is %t for %v", guarded, test.want)
			}
		})
	}
}

// TestDecideOnce wants what is decided for an operation to grow no faster than
// its document, however often it spreads a fragment.
func TestDecideOnce(t *testing.T) {
	t.Parallel()
	schema := parse(t, small)
	rules, err := access.NewRules(schema)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("{any {...F0}} ")
	const levels = 60 // 2^60 fields when expanded
	for i := range levels {
		name, next := string(rune('A'+i%26))+strings.Repeat("x", i/26), ""
		if i == 0 {
			name = "F0"
		}
		if i+1 < levels {
			next = string(rune('A'+(i+1)%26)) + strings.Repeat("x", (i+1)/26)
			next = "..." + next + " ... on Any {..." + next + "}"
		}
		text.WriteString("fragment " + name + " on Any {id " + next + "} ")
	}
	document, parsed := gqlparser.LoadQueryWithRules(schema, text.String(), nil)
	if document == nil || len(parsed) > 0 {
		t.Fatal(parsed)
	}
	if d := rules.Decide(document.Operations[0], rules.Reader(admin)); d.Guarded() {
		t.Error("administrators are denied something")
	}
}

// TestTypesRule holds that a type's rule is that of its fields, that a field's own
// replaces it whole, and that who may read a field of an interface is not said by
// the type that has it.
func TestTypesRule(t *testing.T) {
	t.Parallel()
	rules, err := access.NewRules(parse(t, directives+`
type Query { t: T @access(staff: DESK) }
interface I @access(staff: BOSS, anyPartner: true) { a: Int }
type T implements I @access(staff: DESK, partner: [ORDERS_READ], customer: true) { a: Int b: String @pii c: Int @access(staff: BOSS) d: Int @access(staff: BOSS, anyPartner: true) }
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		field string
		who   *access.Principal
		want  access.Verdict
	}{
		{"T.a", support, access.Allowed},
		{"T.a", orders, access.Allowed},
		{"T.a", tickets, access.Denied},
		{"T.a", customer, access.Allowed},
		{"T.b", support, access.Allowed},
		{"T.b", sales, access.Masked},
		{"T.c", support, access.Denied},
		{"T.c", admin, access.Allowed},
		{"T.c", orders, access.Denied},
		{"T.c", customer, access.Denied},
		{"T.d", tickets, access.Allowed},
		{"T.d", customer, access.Denied},
		{"I.a", support, access.Denied},
		{"I.a", tickets, access.Allowed},
	} {
		object, field, _ := strings.Cut(test.field, ".")
		if got := rules.Field(rules.Reader(test.who), object, field); got != test.want {
			t.Errorf("%s for %s: %d, want %d", test.field, test.who.Class(), got, test.want)
		}
	}
}

// TestNewRulesRefuses holds what a schema must not have.
func TestNewRulesRefuses(t *testing.T) {
	t.Parallel()
	const query = `type Query { a: Int @access(staff: BOSS) } `
	for name, test := range map[string]struct{ schema, want string }{
		"no @access":            {`type Query { a: Int }`, "Query.a has no @access, and its type has none"},
		"none on an interface":  {`interface I { a: Int } type Query implements I { a: Int @access(staff: BOSS) }`, "I.a has no @access"},
		"one of an interface":   {query + `interface I @access(staff: BOSS) { a: Int } type T implements I { a: Int }`, "T.a has no @access"},
		"two on a type":         {query + `type T @access(staff: BOSS) { a: Int } extend type T @access(staff: DESK)`, "T has @access more than once"},
		"one on the root":       {`type Query @access(staff: BOSS) { a: Int }`, "Query has @access"},
		"a misspelt group":      {`type Query { a: Int @access(staff: BOS) }`, `Query.a: @access knows no group of staff "BOS"`},
		"one of a type":         {query + `type T @access(staff: BOS) { a: Int }`, `T: @access knows no group of staff "BOS"`},
		"a role for a group":    {`type Query { a: Int @access(staff: ADMIN) }`, `knows no group of staff "ADMIN"`},
		"a group without roles": {query + `extend enum StaffGroup { NEW }`, "StaffGroup.NEW has no @staffGroup"},
		"a misspelt role":       {query + `extend enum StaffGroup { NEW @staffGroup(roles: [ADMN]) }`, `StaffGroup.NEW: the access rules know no "ADMN"`},
		"a role without a list": {query + `extend enum StaffGroup { NEW @staffGroup(roles: ADMIN) }`, `StaffGroup.NEW: the access rules want a list`},
		"a misspelt scope":      {`type Query { a: Int @access(staff: BOSS, partner: [ORDERS]) }`, `Query.a: the access rules know no "ORDERS"`},
		"scopes and all scopes": {`type Query { a: Int @access(staff: BOSS, partner: [ORDERS_READ], anyPartner: true) }`, "anyPartner, too"},
		"an unmaskable value":   {`type Query { a: Int! @access(staff: BOSS) @pii }`, "nothing can be shown"},
		"one by its type":       {query + `type T @access(staff: BOSS) { a: Int! @pii }`, "T.a is @pii, but nothing can be shown"},
		"a guarded default":     {`type Query { a(b: Int = 1 @access(staff: BOSS)): Int @access(staff: BOSS) }`, "Query.a(b:) has @access and a default"},
		"a default that is not": {`enum E { X @access(staff: BOSS) } type Query { a(b: [E!] = [X]): Int @access(staff: BOSS) }`, "Query.a(b:) has a default"},
	} {
		if _, err := access.NewRules(parse(t, directives+test.schema)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: want an error with %q, got %v", name, test.want, err)
		}
	}
}
