package document_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/test/sdl"
)

func planner(tb testing.TB, limits document.Limits) *document.Planner {
	tb.Helper()
	p, err := document.New(sdl.Load(tb), limits)
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

func TestJourneys(t *testing.T) {
	p := planner(t, document.DefaultLimits())
	for name, text := range journeys(t) {
		doc, errs := p.Document(text, document.Options{})
		if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		points, err := p.Cost(doc, doc.Query.Operations[0], nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d points", name, points)
	}
}
