package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

const (
	// migratedVariable makes this program one that migrates the file of that name and
	// stops in the middle; stopVariable says after how many rewritten documents.
	migratedVariable = "SQLITE_TEST_MIGRATED"
	stopVariable     = "SQLITE_TEST_STOP"
)

// migrateAndStop migrates a file until it has sent a number of updates, says so, and
// waits to be killed.
func migrateAndStop(ctx context.Context) error {
	left, err := strconv.Atoi(os.Getenv(stopVariable))
	if err != nil {
		return err
	}
	s, err := sqlite.Open(ctx, os.Getenv(migratedVariable), sqlite.WithCallObserver(func(call string) {
		if call != "update" {
			return
		}
		if left--; left == 0 {
			fmt.Println("stopped")
			select {}
		}
	}))
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(ctx), errors.New("the migration was not stopped"))
}

// documents returns all documents of a file: by table and row.
func documents(t testing.TB, db *sql.DB) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, d := range crm.Descriptions() {
		rows, err := db.QueryContext(t.Context(), "SELECT row, doc FROM "+d.Name+" WHERE doc IS NOT NULL")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }() // what it could say, rows.Err says
		for rows.Next() {
			var row, doc string
			if err := rows.Scan(&row, &doc); err != nil {
				t.Fatal(err)
			}
			found[d.Name+" "+row] = doc
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// asVersion makes a file what it was in an earlier version, at most 4: with documents
// in JSON and without the tables that came later. It returns the documents.
func asVersion(t testing.TB, path string, version int) map[string]string {
	t.Helper()
	db := raw(t, path)
	now := documents(t, db)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	run := func(text string, args ...any) {
		t.Helper()
		if _, err := tx.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	was := map[string]string{}
	for place, doc := range now {
		table, row, _ := strings.Cut(place, " ")
		for _, d := range crm.Descriptions() {
			if d.Name != table {
				continue
			}
			form := record.FormOf(d.Kind)
			r, err := form.DecodeBSON([]byte(doc), nil)
			if err != nil {
				t.Fatal(err)
			}
			text, err := form.AppendJSON(nil, r)
			if err != nil {
				t.Fatal(err)
			}
			was[place] = string(text)
			run("UPDATE "+table+" SET doc = ? WHERE row = ?", text, row)
		}
	}
	for v, tables := range map[int][]string{2: {"checkpoints", "seen"}, 3: {"api_keys"}, 4: {"log"}} {
		for _, table := range tables {
			if v > version {
				run("DROP TABLE " + table)
			}
		}
	}
	run(fmt.Sprintf("PRAGMA user_version = %d", version))
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return was
}

// versionOf returns the version of a file.
func versionOf(t testing.TB, path string) (version int) {
	t.Helper()
	if err := raw(t, path).QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// filled makes a file with records of most kinds, one customer with entries in the
// timeline that have a document, and entries in the log.
func filled(t testing.TB, customers int) (path string, s *sqlite.Store) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	s = reopen(t, path)
	load(t, s, newCompany(customers), 1000)
	return path, s
}

// TestDocumentsBecomeBSON migrates a file of version 4: the records, keys, entries and
// the log are the same, and every document is the bytes that a new file would have.
func TestDocumentsBecomeBSON(t *testing.T) {
	path, s := filled(t, 100)
	want, logged := documents(t, raw(t, path)), readLog(t, s, 0, 10_000)
	if was := asVersion(t, path, 4); len(was) != len(want) || len(was) < 1000 {
		t.Fatalf("%d documents, then %d", len(was), len(want))
	} else if doc := was["customers 1"]; !json.Valid([]byte(doc)) {
		t.Fatalf("not yet of the version before: %q", doc)
	}
	for range 2 {
		again := reopen(t, path)
		if diff := cmp.Diff(want, documents(t, raw(t, path))); diff != "" {
			t.Errorf("documents (-new +migrated):\n%s", diff)
		}
		if diff := cmp.Diff(logged, readLog(t, again, 0, 10_000)); diff != "" {
			t.Errorf("log (-before +after):\n%s", diff)
		}
		for _, problem := range again.Integrity(t.Context()) {
			t.Error(problem)
		}
		compare(t, "timeline", crm.Read[crm.TimelineRecord](s), crm.Read[crm.TimelineRecord](again))
	}
	for place, doc := range want {
		if len(doc) < 5 || binary.LittleEndian.Uint32([]byte(doc)) != uint32(len(doc)) {
			t.Fatalf("%s is no BSON: %q", place, doc)
		}
	}
}

// A migration that is killed has changed nothing, and the next one does all of it.
func TestAKilledMigrationLeavesTheFileAsItWas(t *testing.T) {
	path, _ := filled(t, 100)
	want := documents(t, raw(t, path))
	was := asVersion(t, path, 4)
	for _, after := range []int{1, 150, len(was) - 1} {
		migrating := osexec.CommandContext(t.Context(), os.Args[0])
		migrating.Env = append(os.Environ(), migratedVariable+"="+path, stopVariable+"="+strconv.Itoa(after))
		migrating.Stderr = os.Stderr
		out, err := migrating.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := migrating.Start(); err != nil {
			t.Fatal(err)
		}
		said, _ := bufio.NewReader(out).ReadString('\n')
		if err := migrating.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := migrating.Wait(); err == nil || said != "stopped\n" {
			t.Fatalf("it was to be killed in the middle, said %q: %v", said, err)
		}
		if diff := cmp.Diff(was, documents(t, raw(t, path))); diff != "" || versionOf(t, path) != 4 {
			t.Errorf("killed after %d documents, version %d (-before +after):\n%s", after, versionOf(t, path), diff)
		}
	}
	reopen(t, path)
	if diff := cmp.Diff(want, documents(t, raw(t, path))); diff != "" {
		t.Errorf("documents (-new +migrated):\n%s", diff)
	}
}

func TestAMigrationThatCannotEndChangesNothing(t *testing.T) {
	path, _ := filled(t, 30)
	was := asVersion(t, path, 4)
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s, err := sqlite.Open(ctx, path, sqlite.WithCallObserver(func(call string) {
			if call == "update" {
				cancel()
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close(context.Background()) }()
		if err := s.Migrate(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that it was canceled", err)
		}
	})
	t.Run("a document is no JSON", func(t *testing.T) {
		exec(t, raw(t, path), `UPDATE tickets SET doc = CAST('{"subject":"secret",' AS BLOB) WHERE row = 7`)
		was["tickets 7"] = `{"subject":"secret",`
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close(context.Background()) }()
		err = s.Migrate(t.Context())
		if crm.CodeOf(err) != crm.CodeInternal || !strings.Contains(err.Error(), "tickets: row 7") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want INTERNAL that names the row, and nothing of the document", err)
		}
	})
	if diff := cmp.Diff(was, documents(t, raw(t, path))); diff != "" || versionOf(t, path) != 4 {
		t.Errorf("version %d (-before +after):\n%s", versionOf(t, path), diff)
	}
}

// Large documents are rewritten a few at a time, however many there are.
func TestAMigrationHoldsFewDocuments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	list, text := make([]*crm.Interaction, 40), strings.Repeat("long ", 20_000)
	for i := range list {
		list[i] = &crm.Interaction{
			ID: crm.DerivedID(crm.KindInteraction, "desk", strconv.Itoa(i)), Channel: crm.ChannelPhone, Direction: crm.DirectionInbound, OccurredAt: time.Unix(1, 0).UTC(),
			Summary: text, Outcome: &text,
		}
		list[i].Complete()
	}
	write(t, crm.Of[crm.Interaction](s), list, 10)
	want := documents(t, raw(t, path))
	asVersion(t, path, 4)
	updates, most := 0, 0
	again, err := sqlite.Open(t.Context(), path, sqlite.WithCallObserver(func(call string) {
		if call == "update" {
			updates++
			most = max(most, updates)
		} else {
			updates = 0
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close(context.Background()) }()
	if err := again.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if most < 2 || most > 6 { // of 200 kB each, one MiB at a time
		t.Errorf("%d documents were written after one reading", most)
	}
	for place, doc := range documents(t, raw(t, path)) {
		if doc != want[place] {
			t.Errorf("%s was not rewritten", place)
		}
	}
}
