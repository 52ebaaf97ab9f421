package resolvers_test

import (
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/deadline"
	"github.com/customer360/gateway/internal/demo"
)

// measured are queries whose cost is looked at: those that docs/benchmarks.md compares
// with what others answer them with.
func measured(t testing.TB) []struct {
	name, query string
	variables   map[string]any
} {
	t.Helper()
	example := map[string]any{"id": string(demo.ExampleCustomer())}
	return []struct {
		name, query string
		variables   map[string]any
	}{
		{"Q1", `query Q1($id: ID!) { customer(id: $id) { displayName emails { address verified primary } tier orders(first: 5) { nodes { number placedAt total { amount currencyCode } lines { title quantity unitPrice { amount } } } } } }`, example},
		{"Q2", `query Q2 { customers(first: 100) { nodes { id displayName orders(first: 5) { nodes { id number placedAt total { amount currencyCode } } } } } }`, nil},
		{"Q3", `query Q3 { customers(first: 20) { nodes { id displayName orders(first: 5) { nodes { id number lines { quantity product { id title } } } } } } }`, nil},
		{"customer-360", journey(t, "dashboard/customer-360.graphql"), example},
	}
}

// inTime is a store as it is served: reads have a time limit, without which MongoDB's
// driver makes one for every document.
func inTime(store crm.Store) crm.Store { return deadline.Store(store, time.Minute) }

// BenchmarkLevels executes operations on every store: CPU and allocations from the
// operation's context to the answer's data.
func BenchmarkLevels(b *testing.B) {
	for _, backend := range backends.Backends() {
		b.Run(backend.Name, func(b *testing.B) {
			_, store := onDemo(b, backend, nil)
			graph := newGraph(inTime(store))
			for _, q := range measured(b) {
				b.Run(q.name, func(b *testing.B) {
					b.ReportAllocs()
					answer := graph.executing(b, staffOf(access.RoleAdmin), true, q.query, q.variables)
					answer()
					before := cpu(b)
					for b.Loop() {
						answer()
					}
					b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
				})
			}
		})
	}
}
