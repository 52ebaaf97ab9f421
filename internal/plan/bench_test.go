package plan_test

import (
	"testing"

	"github.com/customer360/gateway/internal/plan"
)

func BenchmarkDocument(b *testing.B) {
	text := journeys(b)["dashboard/customer-360.graphql"]
	b.Run("cached", func(b *testing.B) {
		p := planner(b, plan.DefaultLimits())
		b.ReportAllocs()
		for b.Loop() {
			if _, errs := p.Document(text, plan.Options{}); len(errs) > 0 {
				b.Fatal(errs)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		limits := plan.DefaultLimits()
		limits.CachedBytes = 1 // Nothing is worth keeping.
		p := planner(b, limits)
		b.ReportAllocs()
		for b.Loop() {
			if _, errs := p.Document(text, plan.Options{}); len(errs) > 0 {
				b.Fatal(errs)
			}
		}
	})
}

func BenchmarkCost(b *testing.B) {
	p := planner(b, plan.DefaultLimits())
	doc, errs := p.Document(journeys(b)["dashboard/customer-360.graphql"], plan.Options{})
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
