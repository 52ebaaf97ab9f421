package main_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/demo"
)

// loadedDemo is the demo, loaded once for all tests that only need it to be there:
// loading takes seconds, most of a minute with the race detector.
var loadedDemo struct {
	once   sync.Once
	folder string
	err    error
}

func TestMain(m *testing.M) {
	code := mongod.Main(m)
	_ = os.RemoveAll(loadedDemo.folder)
	os.Exit(code)
}

// demoStore returns the URL of a store of the test's own that holds the demo.
func demoStore(t testing.TB) string {
	t.Helper()
	loadedDemo.once.Do(func() { loadedDemo.folder, loadedDemo.err = loadDemo() })
	path := filepath.Join(t.TempDir(), "demo.db")
	content, err := os.ReadFile(filepath.Join(loadedDemo.folder, "demo.db"))
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err := errors.Join(loadedDemo.err, err); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

func loadDemo() (folder string, err error) {
	if folder, err = os.MkdirTemp("", "demo-"); err != nil {
		return "", err
	}
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(folder, "demo.db"))
	if err != nil {
		return folder, err
	}
	if err = store.Migrate(ctx); err == nil {
		_, err = demo.LoadWithShop(ctx, store)
	}
	return folder, errors.Join(err, store.Close(ctx))
}
