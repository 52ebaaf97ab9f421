package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

func customer(n int) *crm.Customer {
	return benchCustomer(n, time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC))
}

// team is a record that hangs on nothing.
func team(name string) *crm.Team {
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	return &crm.Team{ID: crm.NewID(crm.KindTeam), Name: name, CreatedAt: at, UpdatedAt: at}
}

// raw opens the file behind the store's back.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	s := reopen(t, filepath.Join(folder, "store.db"))
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]fs.FileMode{}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		modes[f.Name()] = info.Mode()
	}
	want := map[string]fs.FileMode{"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
	if diff := cmp.Diff(want, modes); diff != "" {
		t.Errorf("modes (-want +got):\n%s", diff)
	}
}

func TestAnOpenFileIsMadePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // That is what the store has to mend.
		t.Fatal(err)
	}
	reopen(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
}

func TestPathsAreTakenAsTheyAre(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=ro.db", "a#b.db", "100%.db", "%41.db", "ü.db", "a&_x=1.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := reopen(t, path)
		write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: the store is in another file: %v", name, err)
		}
	}
}

func TestATemporaryStoreLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := sqlite.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	other, err := sqlite.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	for _, store := range []*sqlite.Store{s, other} {
		if err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	if n, err := crm.Of[crm.Customer](other).Count(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("another store has %d customers (%v), want its own: none", n, err)
	}
	if err := errors.Join(s.Close(t.Context()), other.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestMigrateTwiceLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	before, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again := reopen(t, path)
	after, err := again.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("schema (-before +after):\n%s", diff)
	}
	if n, err := crm.Of[crm.Customer](again).Count(t.Context(), nil); n != 1 || err != nil {
		t.Errorf("%d customers (%v), want the one", n, err)
	}
}

func TestMigrateByManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	failures := make([]error, 8)
	var wait sync.WaitGroup
	for i := range failures {
		wait.Go(func() {
			s, err := sqlite.Open(t.Context(), path)
			if err != nil {
				failures[i] = err
				return
			}
			failures[i] = errors.Join(s.Migrate(t.Context()), s.Close(t.Context()))
		})
	}
	wait.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	write(t, crm.Of[crm.Customer](reopen(t, path)), []*crm.Customer{customer(1)}, 1)
}

func TestAFileOfANewerVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	if _, err := raw(t, path).ExecContext(t.Context(), "PRAGMA user_version = 1000"); err != nil {
		t.Fatal(err)
	}
	_, opened := sqlite.Open(t.Context(), path)
	for what, err := range map[string]error{"Open": opened, "Migrate": s.Migrate(t.Context())} {
		var known *crm.Error
		if !errors.As(err, &known) || known.Code != crm.CodeUnsupported || !strings.Contains(known.Message, "newer version") {
			t.Errorf("%s: %v, want Unsupported that names the newer version", what, err)
		}
	}
}

func TestFilesThatAreNoStore(t *testing.T) {
	folder := t.TempDir()
	garbage := filepath.Join(folder, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database at all ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path string
		want crm.Code
	}{
		"a folder":            {folder, crm.CodeUnavailable},
		"a folder is missing": {filepath.Join(folder, "missing", "store.db"), crm.CodeUnavailable},
		"another kind":        {garbage, crm.CodeInternal},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := sqlite.Open(t.Context(), test.path)
			var known *crm.Error
			if !errors.As(err, &known) || known.Code != test.want || strings.Contains(known.Message, folder) {
				t.Errorf("%v, want %s without the path in the message", err, test.want)
			}
		})
	}
}

func TestAnotherProcessThatWritesIsWaitedForNoLongerThanTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	tx, err := raw(t, path+"?_txlock=immediate").BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err = crm.Of[crm.Customer](s).Write(ctx, []crm.Write[crm.Customer]{{Record: customer(1)}})
	if crm.CodeOf(err) != crm.CodeUnavailable || time.Since(started) > 2*time.Second {
		t.Errorf("after %v: %v, want Unavailable soon", time.Since(started), err)
	}
	if n, err := crm.Of[crm.Customer](s).Count(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("reading meanwhile: %d, %v", n, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
}
