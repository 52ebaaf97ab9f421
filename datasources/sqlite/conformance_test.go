package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) crm.Store { return open(t) })
}

// open returns a migrated store in a fresh file, closed at the test's end.
func open(t testing.TB, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	return reopen(t, filepath.Join(t.TempDir(), "store.db"), options...)
}

func reopen(t testing.TB, path string, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
