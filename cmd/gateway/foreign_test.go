package main_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite/sqlitetest"
)

// storeCommands are the commands that take a store, without it.
func storeCommands(t *testing.T) map[string][]string {
	t.Helper()
	credentials := write(t, "credentials", []byte("sk_x\n"))
	config := write(t, "gateway.yaml", []byte("shops:\n- {name: shop, kind: medusa, url: 'http://127.0.0.1:1', credentials_file: "+credentials+", mode: synced}\n"))
	return map[string][]string{
		"serve":       {"serve", "--insecure-local", "--listen", "127.0.0.1:0"},
		"demo":        {"demo", "--listen", "127.0.0.1:0"},
		"import":      {"import", "--kind", "customers", write(t, "customers.ndjson", []byte(ann))},
		"sync":        {"sync", "--config", config},
		"migrate":     {"migrate"},
		"dump":        {"dump"},
		"keys list":   {"keys", "list"},
		"keys create": {"keys", "create", "--name", "x", "--scopes", "orders:read"},
		"keys revoke": {"keys", "revoke", "key_01h455vb4pex5vsknk084sn02q"},
	}
}

// state is the mode and the bytes of every file of a folder.
func state(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content := []byte{}
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		if name == sqlitetest.OpenElsewhere+".db-shm" {
			return nil // programs that have it open note in it what they read
		}
		files[strings.TrimPrefix(path, folder)] = info.Mode().String() + " " + string(content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// No command takes a file that is no store of this program, or changes anything of it
// or beside it.
func TestForeignFilesStayAsTheyAre(t *testing.T) {
	commands := storeCommands(t)
	for kind, prepare := range sqlitetest.Foreign() {
		t.Run(kind, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "other.db")
			if kind == sqlitetest.OpenElsewhere {
				path = filepath.Join(folder, sqlitetest.OpenElsewhere+".db")
			}
			prepare(t, path)
			if kind != sqlitetest.Folder {
				if err := os.Chmod(path, 0o664); err != nil { //nolint:gosec // It must stay so.
					t.Fatal(err)
				}
			}
			before := state(t, folder)
			for _, name := range slices.Sorted(maps.Keys(commands)) {
				code, stdout, stderr := run(t, "", append(commands[name], "--store", "sqlite:"+path)...)
				if code != 2 || stdout != "" || !strings.Contains(stderr, "not a store of this program") || strings.Count(stderr, "\n") != 1 {
					t.Errorf("%s: %d %q %q, want 2 and one line that says what is wrong", name, code, stdout, stderr)
				}
				if diff := cmp.Diff(before, state(t, folder)); diff != "" {
					t.Fatalf("%s changed it (-before +after):\n%.2000s", name, diff)
				}
			}
		})
	}
}

// A file that is missing, or has no byte, is nothing to read; what writes makes it a
// store.
func TestEmptyAndMissingFiles(t *testing.T) {
	commands := storeCommands(t)
	for kind, prepare := range map[string]func(path string){
		"missing": func(string) {},
		"empty": func(path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, name := range []string{"dump", "keys list", "keys revoke"} {
			folder := t.TempDir()
			path := filepath.Join(folder, "store.db")
			prepare(path)
			before := state(t, folder)
			code, stdout, stderr := run(t, "", append(commands[name], "--store", "sqlite:"+path)...)
			if code != 2 || stdout != "" || kind == "missing" && !strings.Contains(stderr, "there is no such file") {
				t.Errorf("%s of a file that is %s: %d %q %q", name, kind, code, stdout, stderr)
			}
			if diff := cmp.Diff(before, state(t, folder)); diff != "" {
				t.Errorf("%s of a file that is %s changed it (-before +after):\n%s", name, kind, diff)
			}
		}
		path := filepath.Join(t.TempDir(), "store.db")
		prepare(path)
		for _, want := range []string{"is a new store", "is up to date"} {
			if code, stdout, stderr := run(t, "", "migrate", "--store", "sqlite:"+path); code != 0 || stdout != "sqlite:"+path+" "+want+"\n" {
				t.Errorf("migrate of a file that was %s: %d %q %q, want %s", kind, code, stdout, stderr, want)
			}
		}
		if code, stdout, stderr := run(t, "", "dump", "--store", "sqlite:"+path); code != 0 || stdout != "" {
			t.Errorf("dump of a store without records: %d %q %q", code, stdout, stderr)
		}
	}
}

// What would be gone when the command ends is refused.
func TestNothingIsWrittenIntoMemory(t *testing.T) {
	commands := storeCommands(t)
	for _, name := range []string{"import", "sync", "migrate", "dump", "keys list", "keys create", "keys revoke"} {
		code, stdout, stderr := run(t, "", append(commands[name], "--store", "sqlite::memory:")...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, "is gone when this command ends: name a file") {
			t.Errorf("%s: %d %q %q", name, code, stdout, stderr)
		}
	}
}

// What only reads changes no byte of a store.
func TestReadingChangesNoStore(t *testing.T) {
	commands := storeCommands(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "store.db")
	if code, _, stderr := run(t, "", append(commands["import"], "--store", "sqlite:"+path)...); code != 0 {
		t.Fatal(stderr)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dump", "keys list"} {
		if code, stdout, stderr := run(t, "", append(commands[name], "--store", "sqlite:"+path)...); code != 0 || stdout == "" {
			t.Errorf("%s: %d %q %q", name, code, stdout, stderr)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the store has changed: %v", err)
	}
}
