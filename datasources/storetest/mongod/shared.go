package mongod

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
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

// kept is the database that all tests of a process read.
var kept struct {
	sync.Mutex
	uri  string
	drop []func() error
}

// Main runs a package's tests with one server for all that call URI, stops it
// and fails if goroutines were left running. It gives the exit code for TestMain.
func Main(m *testing.M) int {
	shared.Lock()
	shared.on = true
	shared.Unlock()
	code := m.Run()
	for _, drop := range kept.drop {
		if err := drop(); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, "drop the kept database:", err)
			code = 1
		}
	}
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
	d := newDatabase(t)
	t.Cleanup(func() {
		if err := d.drop(); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return d.uri, func(t testing.TB) { t.Helper(); empty(t, d.client, d.name) }
}

// Kept returns the connection string of a database that fill fills for the first test
// that asks, and that all tests of the package read: none may write into it. Main, which
// the package's TestMain must call, drops it.
func Kept(t testing.TB, fill func(uri string) error) string {
	t.Helper()
	kept.Lock()
	defer kept.Unlock()
	if kept.uri != "" {
		return kept.uri
	}
	d := newDatabase(t)
	kept.drop = append(kept.drop, d.drop)
	if err := fill(d.uri); err != nil {
		t.Fatalf("fill the kept database: %v", err)
	}
	kept.uri = d.uri
	return kept.uri
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

// database is one of the tests' own on some server.
type database struct {
	uri, name string
	client    *mongo.Client
	// drop removes it, and ends the client if that is its own.
	drop func() error
}

func newDatabase(t testing.TB) database {
	t.Helper()
	d := database{name: name(t)}
	remove := func() error { return d.client.Database(d.name).Drop(context.Background()) }
	if uri := os.Getenv("MONGODB_URI"); uri != "" {
		d.uri, d.client = given(t, uri, d.name)
		d.drop = func() error { return errors.Join(remove(), d.client.Disconnect(context.Background())) }
		return d
	}
	server := sharedServer(t)
	if server == nil {
		server = Start(t)
	}
	d.uri, d.client, d.drop = server.URI(d.name), server.Client(), remove
	return d
}

// given returns uri with the database's name in it, and a client.
func given(t testing.TB, uri, database string) (with string, client *mongo.Client) {
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
	client, err = mongo.Connect(options.Client().ApplyURI(u.String()))
	if err != nil {
		t.Fatal("MONGODB_URI is no connection string")
	}
	return u.String(), client
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
