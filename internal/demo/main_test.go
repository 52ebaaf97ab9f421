package demo_test

import (
	"context"
	"flag"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/demo"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// generated is the demo, made once for all tests that only look at it.
var generated = sync.OnceValues(demo.Generate)

// generate returns the demo, which nobody may change.
func generate(t testing.TB) *demo.Data {
	t.Helper()
	d, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	return d
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
