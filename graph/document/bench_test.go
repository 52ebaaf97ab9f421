package document_test

import (
	"testing"

	"github.com/customer360/gateway/graph/document"
)

func BenchmarkDocument(b *testing.B) {
	text := journeys(b)["dashboard/customer-360.graphql"]
	b.Run("cached", func(b *testing.B) {
		p := planner(b, document.DefaultLimits())
		b.ReportAllocs()
		for b.Loop() {
			if _, errs := p.Document(text, document.Options{}); len(errs) > 0 {
				b.Fatal(errs)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		limits := document.DefaultLimits()
		limits.CachedBytes = 1 // Nothing is worth keeping.
		p := planner(b, limits)
		b.ReportAllocs()
		for b.Loop() {
			if _, errs := p.Document(text, document.Options{}); len(errs) > 0 {
				b.Fatal(errs)
			}
		}
	})
}

func BenchmarkCost(b *testing.B) {
	p := planner(b, document.DefaultLimits())
	doc, errs := p.Document(journeys(b)["dashboard/customer-360.graphql"], document.Options{})
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	operation := doc.Query.Operations[0]
	variables := map[string]any{"id": "cus_1", "orders": 10}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Cost(doc, operation, variables); err != nil {
			b.Fatal(err)
		}
	}
}
