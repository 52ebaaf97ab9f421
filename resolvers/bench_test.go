package resolvers_test

import (
	"sync/atomic"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/demo"
)

// BenchmarkGraph answers the customer-360 journey and lists of customers with
// the same selection, on every store: time, allocations, store calls, bytes.
func BenchmarkGraph(b *testing.B) {
	for _, backend := range backends.Backends() {
		b.Run(backend.Name, func(b *testing.B) {
			var calls atomic.Int64
			graph, _ := onDemo(b, backend, func(string) { calls.Add(1) })
			list := "query Q($n: Int, $orders: Int = 5, $after: String) { customers(first: $n) { nodes " + selection360(b) + " } }"
			for _, q := range []struct {
				name, query string
				variables   map[string]any
			}{
				{"customer-360", journey(b, "dashboard/customer-360.graphql"), map[string]any{"id": demo.ExampleCustomer()}},
				{"50 rows", journey(b, "dashboard/customers.graphql"), map[string]any{"first": 50}},
				{"50 × 360", list, map[string]any{"n": 50}},
			} {
				b.Run(q.name, func(b *testing.B) {
					b.ReportAllocs()
					calls.Store(0)
					size := 0
					for b.Loop() {
						size = len(graph.ask(b, q.query, q.variables))
					}
					b.ReportMetric(float64(calls.Load())/float64(b.N), "calls/op")
					b.ReportMetric(float64(size), "bytes/op")
				})
			}
		})
	}
}
