package crm_test

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record/recordtest"
)

func BenchmarkCheck(b *testing.B) {
	order := recordtest.FullOrder()
	for len(order.Lines) < 20 {
		line := *order.Lines[0]
		line.ID += string(rune('a' + len(order.Lines)))
		order.Lines = append(order.Lines, &line)
	}
	for name, r := range map[string]crm.Record{"customer": recordtest.FullCustomer(), "order": order, "article": recordtest.FullArticle()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := crm.Check(r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/complete", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				crm.Complete(r)
			}
		})
	}
}
