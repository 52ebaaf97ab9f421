package kinds_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	graphql "github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/internal/test/sdl"
)

// typeOf is the name of a kind's type, in Go and in the graph.
func typeOf(d *crm.Description) string { return reflect.TypeOf(d.New()).Elem().Name() }

// TestEveryRecordIsDescribed reads the source of internal/crm: a type that is a
// record and not described is known to nothing.
func TestEveryRecordIsDescribed(t *testing.T) {
	t.Parallel()
	described := map[string]bool{}
	for _, d := range crm.Descriptions() {
		described[typeOf(d)] = true
	}
	found := declared(t, "../../crm/*.go", "RecordKind")
	for name := range found {
		if !described[name] {
			t.Errorf("crm.%s is a record that nothing knows: add the function that describes it to descriptions in "+
				"internal/crm/record.go, behind the kinds it hangs on", name)
		}
	}
	if len(found) != len(described) {
		t.Errorf("found %d records in the source and %d descriptions", len(found), len(described))
	}
}

// TestEveryKindIsInTheGraph wants a type that is a node, and what search and timelines
// need of it.
func TestEveryKindIsInTheGraph(t *testing.T) {
	t.Parallel()
	schema := sdl.Load(t)
	for _, d := range crm.Shown() {
		name, record := typeOf(d), d.New()
		typ := schema.Types[name]
		if typ == nil {
			t.Errorf("the graph has no type %s: write it into graph/schema/%s.graphqls with its @access, then make generate", name, d.Name)
			continue
		}
		if _, is := record.(crm.Node); !is || !slices.Contains(typ.Interfaces, "Node") {
			t.Errorf("%s is no node: say `implements Node` in the schema and `func (*%s) isNode() {}` in internal/crm", name, name)
		}
		if d.Entry && !slices.Contains(typ.Interfaces, "TimelineEntry") {
			t.Errorf("%s is an entry of timelines in internal/crm: say `implements TimelineEntry` in the schema", name)
		}
		if !d.Entry && slices.Contains(typ.Interfaces, "TimelineEntry") {
			t.Errorf("%s is an entry of timelines in the schema alone, and they would leave it out: write `func (*%s) begin(…)`, OccurredAt and isTimelineEntry in internal/crm, as crm.Note has them", name, name)
		}
		following(t, schema, d, typ)
		if d.Search == "" {
			continue
		}
		if schema.Types["SearchKind"].EnumValues.ForName(string(d.Search)) == nil || !slices.Contains(schema.Types["SearchResult"].Types, name) {
			t.Errorf("search looks through %s: say `extend enum SearchKind { %s @access(…) }` and `extend union SearchResult = %s` in its schema",
				d.Name, d.Search, name)
		}
		if _, is := record.(crm.SearchResult); !is {
			t.Errorf("search looks through %s: say `func (*%s) isSearchResult() {}` in internal/crm", d.Name, name)
		}
		if _, has := d.Key(crm.FieldTokens); !has {
			t.Errorf("search looks through %s: give them FieldTokens, in their Keys and in their description", d.Name)
		}
	}
	for _, typ := range schema.Types {
		if typ.Kind == graphql.Object && slices.Contains(typ.Interfaces, "Node") &&
			!slices.ContainsFunc(crm.Shown(), func(d *crm.Description) bool { return typeOf(d) == typ.Name }) {
			t.Errorf("%s is a node of the schema and no kind that the graph shows", typ.Name)
		}
	}
}

// following wants a kind to be one whose changes can be followed, by the same staff who
// may read its type, and by no partner or customer who may not.
func following(t *testing.T, schema *graphql.Schema, d *crm.Description, typ *graphql.Definition) {
	t.Helper()
	value := schema.Types["ChangeKind"].EnumValues.ForName(string(d.Change))
	if value == nil {
		t.Errorf("who follows changes misses %s: say what they are called there, `const ChangeKind%s`, and `Change: ChangeKind%s` in the description in internal/crm, "+
			"and `extend enum ChangeKind { … @access(…) }` in the schema", d.Name, typ.Name, typ.Name)
		return
	}
	may, who := value.Directives.ForName("access"), typ.Directives.ForName("access")
	if may == nil || may.Arguments.ForName("staff").Value.Raw != who.Arguments.ForName("staff").Value.Raw {
		t.Errorf("ChangeKind.%s must have an @access for the staff who may read %s", d.Change, typ.Name)
		return
	}
	if may.Arguments.ForName("customer") != nil || may.Arguments.ForName("anyPartner") != nil {
		t.Errorf("ChangeKind.%s is for staff, and for partners with a scope for %s: nobody else may be told what was removed", d.Change, typ.Name)
	}
	if scopes := may.Arguments.ForName("partner"); scopes != nil && scopes.Value.String() != who.Arguments.ForName("partner").Value.String() {
		t.Errorf("ChangeKind.%s is for other partners than those who may read %s", d.Change, typ.Name)
	}
}

// TestEveryKindHasAGuard asks for each kind as staff: what nobody has decided about
// is refused to them too.
func TestEveryKindHasAGuard(t *testing.T) {
	t.Parallel()
	store := backends.SQLite(t, func(string) {})
	guarded := access.Store(store, access.NewPolicy(store, access.PolicyRules(), access.PolicyOptions{}))
	ctx := access.With(t.Context(), access.Local())
	for _, d := range crm.Descriptions() {
		_, err := guarded.List(ctx, d.Kind, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}})
		switch {
		case d.Internal && crm.CodeOf(err) != crm.CodeForbidden:
			t.Errorf("staff may list %s, which are the program's own: %v", d.Name, err)
		case !d.Internal && err != nil:
			t.Errorf("nobody may read %s (%v): say who may in guardedKinds in internal/access/store.go, with no[crm.%s] for staff alone",
				d.Name, err, typeOf(d))
		}
	}
}

// TestEveryKindHasRecords wants some in the records that tests share and in the demo.
func TestEveryKindHasRecords(t *testing.T) {
	t.Parallel()
	data, err := demo.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for place, records := range map[string][]crm.Record{
		"internal/test/fixture: a field of Set, and a file that makes them": fixture.Records().All(),
		"internal/demo: a field of Data, and a stage that makes them":       data.Records(),
	} {
		has := map[crm.Kind]bool{}
		for _, r := range records {
			has[r.RecordKind()] = true
		}
		for _, d := range crm.Shown() {
			if !has[d.Kind] {
				t.Errorf("there are no %s in %s", d.Name, place)
			}
		}
	}
}

// TestEveryKindHasACase wants a GraphQL case in which the kind's type is selected
// by name or through a field that gives it.
func TestEveryKindHasACase(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../../resolvers/testdata/*/*/want.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases of resolvers: %v", err)
	}
	var answers strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		answers.Write(text)
	}
	for _, d := range crm.Shown() {
		if !strings.Contains(answers.String(), `"`+string(d.Kind)+"_") {
			t.Errorf("no case under resolvers/testdata gives the id of one of %s: write one, then go test ./resolvers -run TestCases/sqlite -update", d.Name)
		}
	}
}

// TestEveryKindIsInTheDocs wants each kind named where a reader looks for what the demo
// has of it, and for what is there.
func TestEveryKindIsInTheDocs(t *testing.T) {
	t.Parallel()
	for page, what := range map[string]string{
		"docs/demo-data.md": "say what the demo has of them",
		"CHANGELOG.md":      "say that they are there",
	} {
		content, err := os.ReadFile(filepath.Join("../../..", page))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(strings.ToLower(string(content)), "-", " ")
		for _, d := range crm.Shown() {
			one := strings.ToLower(typeOf(d))
			if name := strings.NewReplacer("-", " ", "_", " ").Replace(d.Name); !strings.Contains(text, name) && !strings.Contains(text, "`"+one+"`") {
				t.Errorf("%s does not name %s: %s", page, name, what)
			}
		}
	}
}

// TestEveryRuleHasATest wants a test that checks records of each kind with a rule over
// several members. What it holds them to is the test's own affair.
func TestEveryRuleHasATest(t *testing.T) {
	t.Parallel()
	tests, err := filepath.Glob("../../crm/*_test.go")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests of internal/crm: %v", err)
	}
	var checking []string
	for _, path := range tests {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "crm.Check(") {
			checking = append(checking, string(text))
		}
	}
	rules, checked := 0, declared(t, "../../crm/*.go", "check")
	for _, d := range crm.Shown() {
		name := typeOf(d)
		if !checked[name] {
			continue
		}
		rules++
		if !slices.ContainsFunc(checking, func(text string) bool { return strings.Contains(text, "crm."+name+"{") }) {
			t.Errorf("no test in internal/crm checks a %s, which has rules over several members: write internal/crm/%s_test.go", name, strings.ToLower(name))
		}
	}
	if rules == 0 {
		t.Error("no kind has a rule over several members; is their method named otherwise?")
	}
}

// declared returns the types that have a method, in the files of a pattern.
func declared(t *testing.T, pattern, method string) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source at %s: %v", pattern, err)
	}
	types := map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			f, is := declaration.(*ast.FuncDecl)
			if !is || f.Recv == nil || f.Name.Name != method {
				continue
			}
			if pointer, is := f.Recv.List[0].Type.(*ast.StarExpr); is {
				types[pointer.X.(*ast.Ident).Name] = true
			}
		}
	}
	return types
}
