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
	variables := coerced(b, p, doc, `{"id": "cus_1", "orders": 10}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Cost(doc, operation, variables); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCoerce reads the variables of a list with a full filter from JSON.
func BenchmarkCoerce(b *testing.B) {
	p := planner(b, document.DefaultLimits())
	const text = "query ($f: OrderFilter, $o: OrderOrder, $first: Int = 20, $after: String) { orders(filter: $f, orderBy: $o, first: $first, after: $after) { totalCount } }"
	doc, errs := p.Document(text, document.Options{})
	if len(errs) > 0 {
		b.Fatal(errs)
	}
	for name, variables := range map[string]string{
		"few":  `{"first": 50}`,
		"many": `{"f": {"source": ["store", "web-shop"], "status": ["OPEN", "COMPLETED"], "number": "1001", "placedAt": {"after": "2026-01-01T00:00:00Z", "before": "2026-02-01T00:00:00Z"}}, "o": {"field": "PLACED_AT", "direction": "DESC"}, "first": 50, "after": null}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, errs := p.Coerce(doc, doc.Query.Operations[0], []byte(variables), document.Options{}); len(errs) > 0 {
					b.Fatal(errs)
				}
			}
		})
	}
}
