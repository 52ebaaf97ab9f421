package roundtrip_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

// rounds is how many times a property is tried, and seed what is drawn: the same every
// time. The flags -rapid.checks and -rapid.seed say otherwise; make roundtrip draws
// anew.
const rounds, seed = "10", "1"

func TestMain(m *testing.M) {
	if err := errors.Join(flag.Set("rapid.checks", rounds), flag.Set("rapid.seed", seed)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(mongod.Main(m))
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Cleanup(f func())
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// kindOfStore makes fresh stores of one kind.
type kindOfStore struct {
	name string
	// fresh opens an empty store, which is closed with t; in place of the one that
	// was opened before in the same place, which must not be used any more.
	fresh func(t tester, place int) crm.Store
}

// places is how many stores of a kind there may be at once.
const places = 3

// kindsOfStores are SQLite and, if there is a server, MongoDB.
func kindsOfStores(t *testing.T) []kindOfStore {
	t.Helper()
	return []kindOfStore{{"sqlite", freshSQLite(t)}, {"mongodb", freshMongoDB(t)}}
}

// freshSQLite copies a file that was made once.
func freshSQLite(t *testing.T) func(t tester, place int) crm.Store {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.db")
	store, err := sqlite.Open(t.Context(), empty)
	if err == nil {
		err = store.Migrate(t.Context())
	}
	if err == nil {
		err = store.Close(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(empty)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	return func(t tester, place int) crm.Store {
		count++
		path := filepath.Join(folder, fmt.Sprintf("%d-%d.db", place, count))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatalf("copy the empty store: %v", err)
		}
		store, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatalf("open the empty store: %v", err)
		}
		t.Cleanup(func() {
			if err := store.Close(context.Background()); err != nil {
				t.Errorf("close the store: %v", err)
			}
			files, _ := filepath.Glob(path + "*")
			for _, name := range files {
				_ = os.Remove(name)
			}
		})
		return store
	}
}

// freshMongoDB empties a database of each place.
func freshMongoDB(t *testing.T) func(t tester, place int) crm.Store {
	var stores [places]crm.Store
	var empty [places]func(testing.TB)
	for i := range stores {
		var uri string
		uri, empty[i] = mongod.Emptied(t)
		store, err := mongodb.Open(t.Context(), uri)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := store.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		if err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		stores[i] = store
	}
	return func(_ tester, place int) crm.Store {
		empty[place](t)
		return stores[place]
	}
}

// dump is all that a store holds, as it is exported.
func dump(t tester, store crm.Store) string {
	t.Helper()
	var text bytes.Buffer
	if err := files.Dump(t.Context(), store, &text); err != nil {
		t.Fatalf("dump: %v", err)
	}
	return text.String()
}

// linesOf cuts a dump into its lines.
func linesOf(dump string) []string {
	if dump == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(dump, "\n"), "\n")
}

// wantBack imports a dump into an empty store: nothing is rejected, and the store
// has the same dump.
func wantBack(t tester, empty crm.Store, dumped string) {
	t.Helper()
	lines := linesOf(dumped)
	for i, why := range importLines(t, empty, lines) {
		t.Errorf("an import of the dump refuses what was stored: %s\nof %s", why, short(lines[i]))
	}
	wantSame(t, "what comes back of the dump", dumped, dump(t, empty))
}

// wantSame compares two dumps and shows the lines that differ.
func wantSame(t tester, what, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	a, b := linesOf(want), linesOf(got)
	keep := func(lines, others []string) []string {
		known := make(map[string]bool, len(others))
		for _, line := range others {
			known[line] = true
		}
		kept := []string{}
		for _, line := range lines {
			if !known[line] {
				kept = append(kept, line)
			}
		}
		return kept
	}
	a, b = keep(a, b), keep(b, a)
	var report strings.Builder
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b):
			fmt.Fprintf(&report, "\n- %s", short(a[i]))
		case i >= len(a):
			fmt.Fprintf(&report, "\n+ %s", short(b[i]))
		default:
			from, to := around(a[i], b[i])
			fmt.Fprintf(&report, "\n- %s\n+ %s", from, to)
		}
	}
	if report.Len() == 0 {
		report.WriteString("\nthe same lines in another order, or another number of times")
	}
	t.Errorf("%s is not the same (-want +got):%s", what, report.String())
}

// around cuts two lines to their beginning and to where they begin to differ.
func around(a, b string) (string, string) {
	const head, before, after = 40, 30, 130
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	cut := func(line string) string {
		from, to := max(0, i-before), min(len(line), i+after)
		if from <= head {
			return strings.ToValidUTF8(line[:to], "?")
		}
		return strings.ToValidUTF8(line[:head]+" … "+line[from:to], "?")
	}
	return cut(a), cut(b)
}

// short is a text that fits a report.
func short(text string) string {
	const most = 400
	if len(text) > most {
		return fmt.Sprintf("%s … (%d bytes)", strings.ToValidUTF8(text[:most], "?"), len(text))
	}
	return text
}

// sorted lists the keys of a map in their order.
func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
