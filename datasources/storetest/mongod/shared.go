package mongod

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"
)

// shared is the server that all tests of a process use, started by the first
// that asks for it; Main makes it possible and stops it.
var shared struct {
	sync.Mutex
	on     bool
	server *Server
}

// Main runs a package's tests with one server for all that call URI, stops it
// and fails if goroutines were left running. It gives the exit code for TestMain.
func Main(m *testing.M) int {
	shared.Lock()
	shared.on = true
	shared.Unlock()
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		shared.server.stop()
		shared.server = nil
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, "goroutines were left running:", err)
		return 1
	}
	return code
}

// URI returns the connection string of an empty database, which is dropped when
// the test ends: on the server that MONGODB_URI names, or else on one that the
// package's tests share if its TestMain calls Main, and on one of the test's own
// if it does not. Without any it skips the test, or fails it if
// REQUIRE_MONGODB is 1.
func URI(t testing.TB) string {
	t.Helper()
	uri, _ := Emptied(t)
	return uri
}

// Emptied is URI with a function that removes the database's documents again
// and keeps its collections and indexes.
func Emptied(t testing.TB) (uri string, again func(t testing.TB)) {
	t.Helper()
	database := name(t)
	if uri := os.Getenv("MONGODB_URI"); uri != "" {
		return given(t, uri, database)
	}
	server := sharedServer(t)
	if server == nil {
		server = Start(t)
	}
	t.Cleanup(func() { drop(t, server.Client(), database) })
	return server.URI(database), func(t testing.TB) { t.Helper(); server.Empty(t, database) }
}

// sharedServer returns the process's server, or nil if there is no Main to stop it.
func sharedServer(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.on || shared.server != nil {
		return shared.server
	}
	path := binary()
	if path == "" {
		missing(t)
	}
	server, err := launch(path)
	if err != nil {
		t.Fatalf("start mongod: %v", err)
	}
	shared.server = server
	return server
}

// given returns uri with the database's name in it.
func given(t testing.TB, uri, database string) (with string, again func(t testing.TB)) {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal("MONGODB_URI is not a URL")
	}
	query := u.Query()
	if u.User != nil && query.Get("authSource") == "" {
		query.Set("authSource", cmp.Or(strings.TrimPrefix(u.Path, "/"), "admin"))
		u.RawQuery = query.Encode()
	}
	u.Path = "/" + database
	client, err := mongo.Connect(options.Client().ApplyURI(u.String()))
	if err != nil {
		t.Fatal("MONGODB_URI is no connection string")
	}
	t.Cleanup(func() {
		drop(t, client, database)
		_ = client.Disconnect(context.Background())
	})
	return u.String(), func(t testing.TB) { t.Helper(); empty(t, client, database) }
}

func drop(t testing.TB, client *mongo.Client, database string) {
	t.Helper()
	if err := client.Database(database).Drop(context.Background()); err != nil {
		t.Errorf("drop the test's database: %v", err)
	}
}

// name returns a fresh name for a database.
func name(t testing.TB) string {
	t.Helper()
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		t.Fatalf("make a database name: %v", err)
	}
	return "test_" + hex.EncodeToString(random[:])
}
