package mongodb_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// patience is for a machine that is busy with other tests.
const patience = time.Minute

func TestMain(m *testing.M) { os.Exit(mongod.Main(m)) }

// TestConformance runs the suite, and watches where each command would go if the
// server were a sharded cluster.
func TestConformance(t *testing.T) {
	uri, again := mongod.Emptied(t)
	watched := newWatched()
	storetest.Run(t, func(t *testing.T) crm.Store {
		again(t)
		return opened(t, uri, watched.option())
	})
	watched.check(t)
}

// fresh returns an empty store, closed when the test ends.
func fresh(t testing.TB, opts ...mongodb.Option) *mongodb.Store {
	t.Helper()
	return opened(t, mongod.URI(t), opts...)
}

func opened(t testing.TB, uri string, opts ...mongodb.Option) *mongodb.Store {
	t.Helper()
	store, err := mongodb.Open(t.Context(), uri, append([]mongodb.Option{mongodb.WithTimeout(patience)}, opts...)...)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(context.Background()); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate the store: %v", err)
	}
	return store
}
