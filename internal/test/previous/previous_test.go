package previous_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
)

func TestMain(m *testing.M) { os.Exit(mongod.Main(m)) }

// versions returns the folders of testdata that have a file of this name.
func versions(t *testing.T, name string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", "*", name))
	if err != nil || len(found) == 0 {
		t.Fatalf("there is no %s of an earlier version: %v", name, err)
	}
	for i, path := range found {
		found[i] = filepath.Dir(path)
	}
	return found
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func dump(t *testing.T, store crm.Store) string {
	t.Helper()
	var out bytes.Buffer
	if err := files.DumpRecords(t.Context(), store, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestDumpsComeBack imports a dump into an empty store of each kind and dumps it.
func TestDumpsComeBack(t *testing.T) {
	for _, folder := range versions(t, "dump.ndjson.gz") {
		want := string(read(t, folder, "dump.ndjson.gz"))
		backends.Each(t, func(t *testing.T, backend backends.Backend) {
			store := backend.Open(t, nil)
			summary, err := files.Import(t.Context(), store, strings.NewReader(want), files.Options{})
			if err != nil || summary.Rejected != 0 {
				t.Fatalf("%v, %+v", err, summary)
			}
			if diff := cmp.Diff(want, dump(t, store)); diff != "" {
				t.Errorf("%s (-then +now):\n%s", folder, diff)
			}
		})
	}
}

// TestSQLiteFilesMigrate opens a file, twice, and finds all that was in it.
func TestSQLiteFilesMigrate(t *testing.T) {
	for _, folder := range versions(t, "store.db.gz") {
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, read(t, folder, "store.db.gz"), 0o600); err != nil {
			t.Fatal(err)
		}
		toReadIsRefused(t, folder, path)
		for range 2 {
			store, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, folder, store)
		}
		store, err := sqlite.Open(t.Context(), path, sqlite.ReadOnly())
		if err != nil {
			t.Fatalf("%s: open to read what was migrated: %v", folder, err)
		}
		if err := store.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if mark := readFile(t, path)[68:72]; string(mark) != "C360" { // application_id in SQLite's header
			t.Errorf("%s: migrating left the mark %q in the file", folder, mark)
		}
	}
}

// TestFilesAreOfTheirVersions holds that each file is still what it stands for: at the
// step that its version had come to (user_version in SQLite's header), and not marked.
func TestFilesAreOfTheirVersions(t *testing.T) {
	got := map[string]string{}
	for _, folder := range versions(t, "store.db.gz") {
		header := read(t, folder, "store.db.gz")[:100]
		got[filepath.Base(folder)] = fmt.Sprintf("step %d, mark %q", binary.BigEndian.Uint32(header[60:64]), header[68:72])
	}
	const none = `, mark "\x00\x00\x00\x00"`
	want := map[string]string{"0.1": "step 3" + none, "0.2": "step 4" + none, "0.3": "step 5" + none}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// toReadIsRefused finds that a store of an earlier version is known for one, and left as
// it is by who only wants to read.
func toReadIsRefused(t *testing.T, folder, path string) {
	t.Helper()
	before := readFile(t, path)
	_, err := sqlite.Open(t.Context(), path, sqlite.ReadOnly())
	if crm.CodeOf(err) != crm.CodeUnsupported || !strings.Contains(err.Error(), "gateway migrate") {
		t.Errorf("%s: open to read: %v, want Unsupported that says what to do", folder, err)
	}
	beside, err := filepath.Glob(path + "*")
	if err != nil || len(beside) != 1 || !bytes.Equal(before, readFile(t, path)) {
		t.Errorf("%s: opening to read changed the file, or left some of %v (%v)", folder, beside, err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestMongoDBDatabasesMigrate puts a database back, documents and indexes, and
// finds all that was in it, twice.
func TestMongoDBDatabasesMigrate(t *testing.T) {
	for _, folder := range versions(t, "mongodb.ndjson.gz") {
		uri := mongod.URI(t)
		restore(t, uri, read(t, folder, "mongodb.ndjson.gz"))
		for range 2 {
			store, err := mongodb.Open(t.Context(), uri)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, folder, store)
		}
		if unique := uniqueIndexes(t, uri, "customers"); len(unique) > 0 {
			t.Errorf("%s: the customers still have the unique indexes %v", folder, unique)
		}
	}
}

// uniqueIndexes are the names of a collection's unique indexes.
func uniqueIndexes(t *testing.T, uri, collection string) (names []string) {
	t.Helper()
	onDatabase(t, uri, func(database *mongo.Database) {
		indexes, err := database.Collection(collection).Indexes().ListSpecifications(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range indexes {
			if index.Unique != nil && *index.Unique {
				names = append(names, index.Name)
			}
		}
	})
	return names
}

// onDatabase calls do with a database as the driver has it.
func onDatabase(t *testing.T, uri string, do func(*mongo.Database)) {
	t.Helper()
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(context.Background()) }()
	do(client.Database(parsed.Database))
}

// holds migrates a store, compares what it holds with the dump of that version,
// writes to it, undoes that, and closes it.
func holds(t *testing.T, folder string, store crm.Store) {
	t.Helper()
	ctx := t.Context()
	defer func() {
		if err := store.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if err := store.Migrate(ctx); err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	if diff := cmp.Diff(string(read(t, folder, "dump.ndjson.gz")), dump(t, store)); diff != "" {
		t.Errorf("%s (-then +now):\n%s", folder, diff)
	}
	marks, err := store.Checkpoints().Get(ctx, []string{"sync/webshop"})
	if err != nil || !strings.Contains(string(marks["sync/webshop"].Value), "2024-01-01") {
		t.Errorf("%s: checkpoint %v, %v", folder, marks, err)
	}
	keys, err := store.APIKeys().List(ctx)
	if err != nil || len(keys) != 1 || keys[0].Name != "till" {
		t.Errorf("%s: API keys %v, %v", folder, keys, err)
	}
	keepsUniqueValues(t, folder, store)
	keepsLog(t, folder, store)
	now := time.Now()
	team := &crm.Team{ID: crm.NewID(crm.KindTeam), Name: "New", CreatedAt: now, UpdatedAt: now}
	changes := []crm.Changes{crm.Put(crm.Change{Record: team}), crm.Put(crm.Change{Remove: team.ID, Expect: 1})}
	outcomes, err := store.Commit(ctx, changes)
	if err != nil || outcomes[0] != nil || outcomes[1] != nil {
		t.Errorf("%s: write and remove: %v, %v", folder, outcomes, err)
	}
}

// keepsUniqueValues returns a new customer an identity that another has.
func keepsUniqueValues(t *testing.T, folder string, store crm.Store) {
	t.Helper()
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 100}}
	page, err := crm.Of[crm.Customer](store).List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, c := range page.Items {
		for _, identity := range c.ExternalIdentities {
			other := &crm.Customer{
				ID: crm.NewID(crm.KindCustomer), DisplayName: "Other", Version: 1,
				CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ExternalIdentities: []crm.ExternalIdentity{identity},
			}
			other.Complete()
			outcomes, err := store.Commit(t.Context(), []crm.Changes{crm.Put(crm.Change{Record: other})})
			if err != nil || crm.CodeOf(outcomes[0]) != crm.CodeConflict {
				t.Errorf("%s: an identity of somebody else's: %v, %v", folder, outcomes, err)
			}
			tried++
		}
	}
	if tried == 0 {
		t.Errorf("%s: no customer has an identity", folder)
	}
}

// keepsLog finds every record of the dump in the log, of a version that had one.
func keepsLog(t *testing.T, folder string, store crm.Store) {
	t.Helper()
	if filepath.Base(folder) == "0.1" {
		return
	}
	log, err := store.Log(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	logged := map[crm.ID]bool{}
	for _, entry := range log {
		logged[entry.ID] = true
	}
	for line := range strings.Lines(string(read(t, folder, "dump.ndjson.gz"))) {
		records := map[string]struct{ ID crm.ID }{} // one, by kind
		if err := json.Unmarshal([]byte(line), &records); err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			if !logged[record.ID] {
				t.Errorf("%s: %s is not in the log", folder, record.ID)
			}
		}
	}
}

// restore puts documents and indexes into an empty database.
func restore(t *testing.T, uri string, content []byte) {
	t.Helper()
	documents, indexes := map[string][]any{}, map[string]bson.A{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var line struct {
			Collection      string
			Document, Index bson.D
		}
		if err := bson.UnmarshalExtJSON(lines.Bytes(), true, &line); err != nil {
			t.Fatal(err)
		}
		if line.Document != nil {
			documents[line.Collection] = append(documents[line.Collection], line.Document)
			continue
		}
		indexes[line.Collection] = append(indexes[line.Collection], line.Index)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	onDatabase(t, uri, func(database *mongo.Database) {
		for name, list := range indexes {
			if err := database.RunCommand(t.Context(), bson.D{{Key: "createIndexes", Value: name}, {Key: "indexes", Value: list}}).Err(); err != nil {
				t.Fatal(err)
			}
		}
		for name, list := range documents {
			if _, err := database.Collection(name).InsertMany(t.Context(), list); err != nil {
				t.Fatal(err)
			}
		}
	})
}
