package sqlite_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/internal/crm"
)

// contract is a kind that no migration knows; "from" and "order" are words of SQL.
func contract() *crm.Description {
	return &crm.Description{
		Kind: "con", Name: "contracts", Unique: "reference",
		Keys: []crm.KeyField{
			{Field: "customer", Class: crm.ClassText, Parent: crm.KindCustomer},
			{Field: "order", Class: crm.ClassText},
			{Field: "name", Class: crm.ClassSortable},
			{Field: "from", Class: crm.ClassTime},
			{Field: "fee", Class: crm.ClassNumber},
			{Field: "reference", Class: crm.ClassMany},
		},
	}
}

func described(more ...*crm.Description) []*crm.Description {
	return append(slices.Clone(crm.Descriptions()), more...)
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, text := range statements {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func TestADescribedKindGetsItsTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	before, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.MigrateTo(t.Context(), described(contract())); err != nil {
			t.Fatal(err)
		}
	}
	after, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	for name, text := range after {
		if before[name] == "" {
			made[name] = text
		}
	}
	want := map[string]string{
		"contracts": `CREATE TABLE "contracts" (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,` +
			` "customer" TEXT REFERENCES "customers" (id), "order" TEXT, "name" TEXT NOT NULL DEFAULT '',` +
			` "from" INTEGER NOT NULL DEFAULT 0, "fee" INTEGER, doc BLOB NOT NULL) STRICT`,
		"contracts_customer": `CREATE INDEX "contracts_customer" ON "contracts" ("customer", "from", id) WHERE "customer" IS NOT NULL`,
		"contracts_order":    `CREATE INDEX "contracts_order" ON "contracts" ("order", "from", id) WHERE "order" IS NOT NULL`,
		"contracts_name":     `CREATE INDEX "contracts_name" ON "contracts" ("name", id)`,
		"contracts_from":     `CREATE INDEX "contracts_from" ON "contracts" ("from", id)`,
		"contracts_keys": `CREATE TABLE "contracts_keys" (field TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL` +
			` REFERENCES "contracts" (row) ON DELETE CASCADE, PRIMARY KEY (field, value, row)) STRICT, WITHOUT ROWID`,
		"contracts_keys_row":       `CREATE INDEX "contracts_keys_row" ON "contracts_keys" (row)`,
		"contracts_keys_reference": `CREATE UNIQUE INDEX "contracts_keys_reference" ON "contracts_keys" (value) WHERE field = 'reference'`,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	// What a newer program has made, this one leaves alone.
	_, opened := sqlite.Open(t.Context(), path)
	for what, err := range map[string]error{"Open": opened, "Migrate": s.Migrate(t.Context())} {
		if err == nil || crm.CodeOf(err) != crm.CodeUnsupported {
			t.Errorf("%s: %v, want Unsupported", what, err)
		}
	}
}

func TestANewKeyGetsItsColumn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	first := contract()
	first.Keys, first.Unique = first.Keys[1:3], ""
	if err := s.MigrateTo(t.Context(), described(first)); err != nil {
		t.Fatal(err)
	}
	exec(t, raw(t, path), `INSERT INTO contracts (id, version, "order", "name", doc) VALUES ('con_1', 1, 'o', 'n', x'7b7d')`)
	if err := s.MigrateTo(t.Context(), described(contract())); err != nil {
		t.Fatal(err)
	}
	other := open(t)
	if err := other.MigrateTo(t.Context(), described(contract())); err != nil {
		t.Fatal(err)
	}
	grown, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := other.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The text of a table that grew is another, and an index of the first key was
	// made when there was no time to sort by.
	differ := cmpopts.IgnoreMapEntries(func(name, _ string) bool { return name == "contracts" || name == "contracts_order" })
	if diff := cmp.Diff(fresh, grown, differ); diff != "" {
		t.Errorf("schema (-fresh +grown):\n%s", diff)
	}
	if diff := cmp.Diff(columns(t, raw(t, path), "contracts"), []string{
		"customer TEXT", "doc BLOB", "fee INTEGER", "from INTEGER", "id TEXT", "name TEXT", "order TEXT", "row INTEGER 1", "version INTEGER",
	}); diff != "" {
		t.Errorf("columns (-got +want):\n%s", diff)
	}
	for _, problem := range s.Integrity(t.Context()) {
		t.Error(problem)
	}
	var kept string
	if err := raw(t, path).QueryRowContext(t.Context(), `SELECT "order" || "name" || "from" FROM contracts`).Scan(&kept); err != nil || kept != "on0" {
		t.Errorf("the record has %q (%v)", kept, err)
	}
}

// columns returns the names and types of a table's columns, by name, and their places in
// the primary key.
func columns(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	return texts(t, db, "SELECT name || ' ' || type || iif(pk > 0, ' ' || pk, '') FROM pragma_table_info(?) ORDER BY name", table)
}

func texts(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// The tables that migrations made by hand are those that the descriptions tell of:
// with the same columns, and indexes for the queries that every kind has.
func TestTheTablesAreThoseOfTheDescriptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	reopen(t, path)
	db := raw(t, path)
	indexes := map[string][]string{} // the beginnings of what each table's indexes hold
	for _, line := range texts(t, db, "SELECT s.tbl_name || '|' || group_concat(c.name, ',') FROM"+
		" (SELECT * FROM sqlite_schema WHERE type = 'index') s, pragma_index_info(s.name) c GROUP BY s.name ORDER BY c.seqno") {
		table, held, _ := strings.Cut(line, "|")
		indexes[table] = append(indexes[table], held)
	}
	for _, d := range crm.Descriptions() {
		if d.Derived {
			continue
		}
		described := raw(t, filepath.Join(t.TempDir(), "described.db"))
		exec(t, described, sqlite.Tables(d)...)
		for _, table := range []string{d.Name, d.Name + "_keys"} {
			if diff := cmp.Diff(columns(t, described, table), columns(t, db, table)); diff != "" {
				t.Errorf("columns of %s (-described +made):\n%s", table, diff)
			}
		}
		indexed := func(table, fields string) {
			if !slices.ContainsFunc(indexes[table], func(held string) bool { return strings.HasPrefix(held+",", fields+",") }) {
				t.Errorf("no index of %s begins with %s: %v", table, fields, indexes[table])
			}
		}
		indexed(d.Name, "id")
		for _, key := range d.Keys {
			switch {
			case key.Parent != "": // also to find the children of one that is removed
				indexed(d.Name, string(key.Field))
			case key.Class == crm.ClassMany:
				indexed(d.Name+"_keys", "row")
			case key.Field == crm.FieldUpdatedAt || key.Class == crm.ClassSortable:
				indexed(d.Name, string(key.Field)+",id")
			}
		}
		if d.Unique != "" && len(texts(t, db, "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE UNIQUE INDEX%' AND name = ?",
			d.Name+"_keys_"+string(d.Unique))) != 1 {
			t.Errorf("no rule that the %s of %s are unique", d.Unique, d.Name)
		}
	}
}

// A file of the version before the log gets one, and its records stay as they are.
func TestAFileWithoutALogIsMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	asVersion(t, path, 3)
	again := reopen(t, path)
	write(t, crm.Of[crm.Customer](again), []*crm.Customer{customer(2)}, 1)
	if diff := cmp.Diff([]crm.LogEntry{{Number: 1, ID: customer(2).ID, Version: 1}}, readLog(t, again, 0, 10)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if n, err := again.Count(t.Context(), crm.KindCustomer, nil); n != 2 || err != nil {
		t.Errorf("%d customers (%v), want both", n, err)
	}
}

func TestAnUnknownColumnIsOfANewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	exec(t, raw(t, path), "ALTER TABLE teams ADD COLUMN motto TEXT")
	var known *crm.Error
	if err := s.Migrate(t.Context()); !errors.As(err, &known) || known.Code != crm.CodeUnsupported {
		t.Errorf("%v, want Unsupported", err)
	}
}
