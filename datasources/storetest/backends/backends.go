package backends

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// Observe is told of each call to a store, by a word of a small fixed set.
type Observe func(call string)

// Backend is a kind of store.
type Backend struct {
	Name string
	// Open returns a fresh, migrated, empty store that is closed with the test.
	// It skips the test if the store cannot be had, or fails it if it must be.
	Open func(t testing.TB, observe Observe) crm.Store
}

// Backends returns every kind of store.
func Backends() []Backend {
	return []Backend{{Name: "sqlite", Open: SQLite}, {Name: "mongodb", Open: MongoDB}}
}

// Each runs a test on every kind of store, as a subtest of its name.
func Each(t *testing.T, test func(t *testing.T, backend Backend)) {
	t.Helper()
	for _, backend := range Backends() {
		t.Run(backend.Name, func(t *testing.T) { test(t, backend) })
	}
}

// SQLite opens a fresh store in a file.
func SQLite(t testing.TB, observe Observe) crm.Store {
	t.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"), sqlite.WithCallObserver(observe))
	if err != nil {
		t.Fatal(err)
	}
	return ready(t, store)
}

// MongoDB opens a fresh database on a real server.
func MongoDB(t testing.TB, observe Observe) crm.Store {
	t.Helper()
	return ready(t, opened(t, mongod.URI(t), observe))
}

// patience is for filling a store on a machine that is busy with other tests.
const patience = time.Minute

// KeptMongoDB opens the one database that all tests of a package read, which fill fills
// for the first: to load the demo takes as long as all that is asked of it.
func KeptMongoDB(t testing.TB, observe Observe, fill func(ctx context.Context, store crm.Store) error) crm.Store {
	t.Helper()
	uri := mongod.Kept(t, func(uri string) error {
		ctx := context.Background()
		store, err := mongodb.Open(ctx, uri, mongodb.WithTimeout(patience))
		if err != nil {
			return err
		}
		if err = store.Migrate(ctx); err == nil {
			err = fill(ctx, store)
		}
		return errors.Join(err, store.Close(ctx))
	})
	return ready(t, opened(t, uri, observe))
}

func opened(t testing.TB, uri string, observe Observe) crm.Store {
	t.Helper()
	store, err := mongodb.Open(context.Background(), uri, mongodb.WithCallObserver(observe))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func ready(t testing.TB, store crm.Store) crm.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := store.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := store.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return store
}
