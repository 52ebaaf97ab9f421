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
func raw(t testing.TB, path string) *sql.DB {
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
	killed := filepath.Join(t.TempDir(), "store.db")
	for _, beside := range []string{"", "-wal", "-shm"} {
		copyFile(t, path+beside, killed+beside)
	}
	if err := os.Chmod(killed, 0o640); err != nil { //nolint:gosec // It must stay so.
		t.Fatal(err)
	}
	before := filesOf(t, killed)
	_, opened := sqlite.Open(t.Context(), killed)
	_, toRead := sqlite.Open(t.Context(), killed, sqlite.ReadOnly())
	if diff := cmp.Diff(before, filesOf(t, killed)); diff != "" {
		t.Errorf("the file that was refused has changed (-before +after):\n%.1000s", diff)
	}
	for what, err := range map[string]error{"Open": opened, "Open to read": toRead, "Migrate": s.Migrate(t.Context())} {
		var known *crm.Error
		if !errors.As(err, &known) || known.Code != crm.CodeUnsupported || !strings.Contains(known.Message, "newer version") {
			t.Errorf("%s: %v, want Unsupported that names the newer version", what, err)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Clean(from))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// filesOf are the mode and the bytes of a store's file and of those beside it.
func filesOf(t *testing.T, path string) map[string]string {
	t.Helper()
	found, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range found {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = info.Mode().String() + string(content)
	}
	return all
}

// A program that is killed while it makes a store leaves one that can be opened again.
func TestAStoreThatWasKilledAtItsBeginningIsOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := sqlite.Open(t.Context(), path) // the tables are not made
	if err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(t.TempDir(), "store.db")
	copyFile(t, path, killed)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, crm.Of[crm.Customer](reopen(t, killed)), []*crm.Customer{customer(1)}, 1)
}

// A program that is killed while it writes its first to a log of writes leaves a log's
// header, or also what was not committed: the store is opened again all the same.
func TestAStoreThatWasKilledWhileItWroteIsOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	if err := s.Close(t.Context()); err != nil { // The log is gone with it.
		t.Fatal(err)
	}
	db := raw(t, path)
	for _, statement := range []string{
		"PRAGMA cache_size = 1", "BEGIN IMMEDIATE", "CREATE TABLE more (text TEXT)",
		"INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT hex(randomblob(500)) FROM n",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for name, size := range map[string]int64{"header": 32, "uncommitted": -1} {
		t.Run(name, func(t *testing.T) {
			killed := filepath.Join(t.TempDir(), "store.db")
			for _, beside := range []string{"", "-wal", "-shm"} {
				copyFile(t, path+beside, killed+beside)
			}
			if log, err := os.Stat(killed + "-wal"); err != nil || log.Size() <= 32 {
				t.Fatalf("the log is %v, %v; want one with frames", log, err)
			}
			if size >= 0 {
				if err := os.Truncate(killed+"-wal", size); err != nil {
					t.Fatal(err)
				}
			}
			begun := time.Now()
			for _, options := range [][]sqlite.Option{{sqlite.ReadOnly()}, nil} { // To write mends it.
				s, err := sqlite.Open(t.Context(), killed, options...)
				if err != nil {
					t.Errorf("%d options, after %v: %v", len(options), time.Since(begun), err)
					continue
				}
				if n, err := crm.Of[crm.Customer](s).Count(t.Context(), nil); n != 1 || err != nil {
					t.Errorf("%d options: %d customers (%v), want the one", len(options), n, err)
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestWhatIsOpenedToReadIsNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	write(t, crm.Of[crm.Customer](reopen(t, path)), []*crm.Customer{customer(1)}, 1)
	s, err := sqlite.Open(t.Context(), path, sqlite.ReadOnly())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := crm.Of[crm.Customer](s).Count(t.Context(), nil); n != 1 || err != nil {
		t.Errorf("%d customers (%v), want the one", n, err)
	}
	_, err = crm.Of[crm.Customer](s).Write(t.Context(), []crm.Write[crm.Customer]{{Record: customer(2)}})
	for what, err := range map[string]error{"Write": err, "Migrate": s.Migrate(t.Context())} {
		if crm.CodeOf(err) != crm.CodeUnavailable {
			t.Errorf("%s: %v, want Unavailable", what, err)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
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
		"a folder":            {folder, crm.CodeInvalid},
		"a folder is missing": {filepath.Join(folder, "missing", "store.db"), crm.CodeUnavailable},
		"another kind":        {garbage, crm.CodeInvalid},
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
