// Package sqlitetest makes files for tests of what is opened as a store: it owns what is
// none. Tests alone import it.
package sqlitetest

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Names of files that differ from the others.
const (
	// Folder is none.
	Folder = "folder"
	// OpenElsewhere is a database that another program has open, which notes in its
	// -shm who reads.
	OpenElsewhere = "open"
)

// Foreign makes at a path what somebody may name as a store and is none, by what it is.
func Foreign() map[string]func(t *testing.T, path string) {
	return map[string]func(t *testing.T, path string){
		"text": func(t *testing.T, path string) { putFile(t, path, []byte("not a database at all\n")) },
		"long text": func(t *testing.T, path string) {
			putFile(t, path, bytes.Repeat([]byte("not a database at all\n"), 1000))
		},
		"zeroes": func(t *testing.T, path string) { putFile(t, path, make([]byte, 8192)) },
		"cut off": func(t *testing.T, path string) {
			putFile(t, path, []byte("SQLite format 3\x00"))
		},
		"damaged": func(t *testing.T, path string) {
			putFile(t, path, append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte{0xff}, 200)...))
		},
		Folder: func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o750); err != nil {
				t.Fatal(err)
			}
		},
		"database":               database("CREATE TABLE customers (id TEXT, name TEXT)"),
		"database of a version":  database("CREATE TABLE customers (id TEXT, name TEXT)", "PRAGMA user_version = 5"),
		"no table, of a version": database("PRAGMA user_version = 5"),
		"a table like ours":      database("CREATE TABLE notes (row INTEGER PRIMARY KEY, id TEXT, version INTEGER, doc BLOB)", "PRAGMA user_version = 5"),
		"of an application":      database("CREATE TABLE a (b)", "PRAGMA application_id = 7"),
		"in WAL mode":            database("PRAGMA journal_mode = WAL", "CREATE TABLE customers (id TEXT)", "PRAGMA user_version = 5"),
		OpenElsewhere: func(t *testing.T, path string) {
			db := openDatabase(t, path, "PRAGMA journal_mode = WAL", "CREATE TABLE customers (id TEXT)", "PRAGMA user_version = 5")
			t.Cleanup(func() { _ = db.Close() })
		},
		"left by a killed program":               left("-wal", "-shm"),
		"left by a killed program without index": left("-wal"),
	}
}

func putFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil { //nolint:gosec // The test names the path.
		t.Fatal(err)
	}
}

// openDatabase opens a database of another program and runs statements.
func openDatabase(t *testing.T, path string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, text := range statements {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return db
}

func database(statements ...string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		if err := openDatabase(t, path, statements...).Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// left makes a database whose tables stand in the log of writes alone, with the files
// beside it that are named.
func left(beside ...string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		other := filepath.Join(t.TempDir(), "other.db")
		db := openDatabase(t, other, "PRAGMA journal_mode = WAL", "CREATE TABLE customers (id TEXT)", "PRAGMA user_version = 5")
		defer func() { _ = db.Close() }()
		for _, name := range append(beside, "") {
			content, err := os.ReadFile(other + name)
			if err != nil {
				t.Fatal(err)
			}
			putFile(t, path+name, content)
		}
	}
}
