package document_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/test/sdl"
)

func planner(tb testing.TB, limits document.Limits) *document.Planner {
	tb.Helper()
	p, err := document.New(sdl.Load(tb), limits, scalar.Checks())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// journeys returns the documents of the graph's journeys by name.
func journeys(tb testing.TB) map[string]string {
	tb.Helper()
	files, err := filepath.Glob("../../internal/test/schema/testdata/journeys/*/*.graphql")
	if err != nil || len(files) == 0 {
		tb.Fatalf("found no journeys: %v", err)
	}
	documents := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		documents[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = string(text)
	}
	return documents
}

// journeyVariables are what the journeys need of variables.
const journeyVariables = `{"id": "cus_1", "text": "a", "source": "s", "externalId": "1", "by": {"email": "a@example.com"}, "since": "2026-01-01T00:00:00Z"}`

// coerced returns the variables of a document's first operation from JSON.
func coerced(tb testing.TB, p *document.Planner, doc *document.Document, text string) map[string]any {
	tb.Helper()
	values, errs := p.Coerce(doc, doc.Query.Operations[0], []byte(text), document.Options{Suggest: true})
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	return values
}

func TestJourneys(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	for name, text := range journeys(t) {
		doc, errs := p.Document(text, document.Options{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		points, err := p.Cost(doc, doc.Query.Operations[0], coerced(t, p, doc, journeyVariables))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d points", name, points)
	}
}
