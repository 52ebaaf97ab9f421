package demo_test

import (
	"context"
	"testing"

	"github.com/customer360/gateway/internal/demo"
)

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := demo.Generate(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		store := emptyStore(b)
		if err := demo.Load(context.Background(), store); err != nil {
			b.Fatal(err)
		}
	}
}
