package demo_test

import (
	"context"
	"testing"

	"github.com/customer360/gateway/datasources/sqlite"
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

// emptyStore opens a fresh store that the test's end removes.
func emptyStore(t testing.TB) *sqlite.Store {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return store
}
