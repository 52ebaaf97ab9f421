package document_test

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/test/attacks"
	"github.com/customer360/gateway/internal/test/race"
	"github.com/customer360/gateway/internal/test/sdl"
)

// FuzzPlan plans whatever there is: no panic, no long time, few and short errors;
// and what is refused as invalid is what the library's own rules refuse, which
// compare every pair of fields.
func FuzzPlan(f *testing.F) {
	for _, a := range attacks.All(1000) {
		f.Add(a.Document, true, 1)
	}
	for _, text := range journeys(f) {
		f.Add(text, true, 100)
	}
	for _, text := range []string{
		"{ one { x: text x: scalar } }",
		"{ box { x: text ... on One { x: scalar } ...A } } fragment A on Two { deep { x: list other { text } } }",
		"query ($o: In!) { one { args(o: $o) a: args(o: {a: 1, b: [1, null]}) } list { self { args(a: 1) } } }",
		"query Q($a: Int = 1, $c: Boolean!) { any { ... on One @include(if: $c) { args(a: $a) } ... on Three @skip(if: true) { number } } }",
	} {
		f.Add(text, false, 3)
	}
	own := sdl.Load(f)
	other, err := gqlparser.LoadSchema(&ast.Source{Input: boxes})
	if err != nil {
		f.Fatal(err)
	}
	limits := document.DefaultLimits()
	limits.CachedBytes = 1 // Nothing is kept.
	ownPlanner, otherPlanner := planner(f, limits), boxPlanner(f, limits)
	f.Fuzz(func(t *testing.T, text string, first bool, n int) {
		s, p := other, otherPlanner
		if first {
			s, p = own, ownPlanner
		}
		start := time.Now()
		doc, errs := p.Document(text, document.Options{Suggest: true})
		if took := time.Since(start); took > race.Slower*time.Second {
			t.Errorf("takes %v", took)
		}
		checkErrors(t, errs)
		if doc != nil {
			checkCosts(t, p, doc, n)
		}
		if canCompare(text) && (doc != nil || errs[0].Rule != "" && !ofOwnScalar(errs)) {
			compare(t, s, text, errs)
		}
	})
}

func checkErrors(t *testing.T, errs gqlerror.List) {
	t.Helper()
	if len(errs) > 20 {
		t.Errorf("%d errors", len(errs))
	}
	for _, err := range errs {
		known := false
		switch err.Extensions["code"] {
		case document.CodeParseFailed, document.CodeValidationFailed, document.CodeOperationUnresolved, document.CodeLimitExceeded, document.CodeBadUserInput:
			known = true
		}
		if len(err.Message) == 0 || len(err.Message) > 500 || !known {
			t.Errorf("error %q with %v", err.Message, err.Extensions)
		}
	}
}

func checkCosts(t *testing.T, p *document.Planner, doc *document.Document, n int) {
	t.Helper()
	for _, operation := range doc.Query.Operations {
		variables := map[string]any{}
		low, _ := p.Cost(doc, operation, variables)
		for _, v := range operation.VariableDefinitions {
			variables[v.Variable] = n
		}
		points, err := p.Cost(doc, operation, variables)
		if points < 1 || low < 1 || points > p.Limits().Cost && err == nil || points == math.MaxInt && err == nil {
			t.Errorf("costs %d and %d points, %v", low, points, err)
		}
	}
}

// canCompare says whether the library can be asked: in time, and without knowing
// that Int has 32 bits.
func canCompare(text string) bool {
	return len(text) < 2_000 && !regexp.MustCompile(`\d{10}`).MatchString(text)
}

// ofOwnScalar says whether an error is about a value of one of the schema's own scalars,
// which the library takes for right.
func ofOwnScalar(errs gqlerror.List) bool {
	return slices.ContainsFunc(errs, func(err *gqlerror.Error) bool { return strings.Contains(err.Message, "found one that is no ") })
}

// FuzzCoerce coerces whatever there is for each type of the corpus: no panic, few and
// short errors, and what comes out is coerced to itself.
func FuzzCoerce(f *testing.F) {
	schema, groups, _ := corpusSchema(f)
	p, err := document.New(schema, document.DefaultLimits(), scalar.Checks())
	if err != nil {
		f.Fatal(err)
	}
	docs := make([]*document.Document, len(groups))
	for i, group := range groups {
		var errs gqlerror.List
		if docs[i], errs = p.Document(group.Query, document.Options{}); len(errs) > 0 {
			f.Fatal(errs)
		}
		for _, text := range group.Texts[:20] {
			f.Add(uint8(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, of uint8, text string) {
		doc := docs[int(of)%len(docs)]
		values, errs := p.Coerce(doc, doc.Query.Operations[0], []byte(text), document.Options{Suggest: true})
		checkErrors(t, errs)
		if len(errs) > 0 || len(values) == 0 {
			return
		}
		again, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(values, coerced(t, p, doc, string(again))); diff != "" {
			t.Errorf("coerced again it is another (-once +twice):\n%s", diff)
		}
	})
}

func compare(t *testing.T, s *ast.Schema, text string, errs gqlerror.List) {
	t.Helper()
	query, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("the library cannot read it: %v", err)
	}
	want := validator.ValidateWithRules(s, query, rules.NewDefaultRules())
	if (len(want) > 0) != (len(errs) > 0) {
		t.Errorf("the library says %v, the planner %v", want, errs)
	}
}
