package mongodb_test

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// BenchmarkLoad stores about what the demo has: 4,300 customers, 17,200 orders
// of eight lines, 60,000 timeline entries and 35,000 other records.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		store := fresh(b)
		b.StartTimer()
		people{customers: 4300, orders: 4, lines: 8, others: 2}.fill(b, store)
	}
}

// BenchmarkListBy lists the first 5 of 50 orders of 100 customers.
func BenchmarkListBy(b *testing.B) {
	store := fresh(b)
	people{customers: 200, orders: 50, lines: 8, others: 1}.fill(b, store)
	asked := ids(crm.KindCustomer, 50, 100)
	q := crm.Query{Sort: (*crm.OrderOrder)(nil).Sort(), Page: crm.PageRequest{Limit: 5}}
	b.ReportAllocs()
	for b.Loop() {
		pages, err := crm.Of[crm.Order](store).ListBy(b.Context(), []crm.Field{crm.FieldCustomer}, asked, q)
		if err != nil || len(pages) != 100 {
			b.Fatalf("list orders of 100 customers: %d pages, %v", len(pages), err)
		}
	}
}
