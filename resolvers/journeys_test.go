package resolvers_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// asked is a document that callers ask, with variables for the demo.
type asked struct {
	name      string
	variables map[string]any
	// want is part of the answer.
	want string
}

// journeys are the documents that need no access control, and whose answer does not
// depend on the store: a cursor of changes is good at one store alone.
func journeys() []asked {
	example := `"id":"` + string(demo.ExampleCustomer()) + `"`
	return []asked{
		{"dashboard/customer-360.graphql", map[string]any{"id": demo.ExampleCustomer()}, example},
		{"dashboard/customers.graphql", map[string]any{"first": 5}, example},
		{"dashboard/search.graphql", map[string]any{"text": "17850"}, example},
		{"partner/resolve.graphql", map[string]any{"source": demo.Source, "externalId": "17850"}, example},
		{"partner/changed.graphql", map[string]any{"since": "2011-12-10T00:00:00Z"}, `"pageInfo"`},
		{"probe/node.graphql", map[string]any{"id": demo.ExampleCustomer()}, example},
		{"probe/node.graphql", map[string]any{"id": "cus_00000000000000000000000000"}, `{"data":{"node":null}}`},
	}
}

// onDemo returns the graph over a store that holds the demo and nothing else: a copy of
// SQLite's file, and the one database of MongoDB, which is to be read alone.
func onDemo(t testing.TB, backend backends.Backend, observe backends.Observe) (*graphOn, crm.Store) {
	t.Helper()
	if backend.Name == "sqlite" {
		store := demoCopy(t, observe)
		return newGraph(store), store
	}
	store := backends.KeptMongoDB(t, observe, demo.Load)
	return newGraph(store), store
}

// loadedDemo is the demo in a file of SQLite's, loaded once for all tests.
var loadedDemo struct {
	once   sync.Once
	folder string
	err    error
}

// demoCopy opens a test's own copy of the demo.
func demoCopy(t testing.TB, observe backends.Observe) crm.Store {
	t.Helper()
	ctx := context.Background()
	loadedDemo.once.Do(func() { loadedDemo.folder, loadedDemo.err = loadDemo(ctx) })
	path := filepath.Join(t.TempDir(), "demo.db")
	content, err := os.ReadFile(filepath.Join(loadedDemo.folder, "demo.db"))
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err := errors.Join(loadedDemo.err, err); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, path, sqlite.WithCallObserver(observe))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return store
}

func loadDemo(ctx context.Context) (folder string, err error) {
	if folder, err = os.MkdirTemp("", "demo-"); err != nil {
		return "", err
	}
	store, err := sqlite.Open(ctx, filepath.Join(folder, "demo.db"))
	if err != nil {
		return folder, err
	}
	if err = store.Migrate(ctx); err == nil {
		err = demo.Load(ctx, store)
	}
	return folder, errors.Join(err, store.Close(ctx))
}

// TestJourneys asks what callers ask of the demo: on every store the same bytes.
func TestJourneys(t *testing.T) {
	var first map[string]string
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph, _ := onDemo(t, backend, nil)
		answers := map[string]string{}
		for _, j := range journeys() {
			answer := string(graph.ask(t, journey(t, j.name), j.variables))
			if !strings.Contains(answer, j.want) || strings.Contains(answer, `"errors"`) {
				t.Errorf("%s: want an answer with %s, got %.500s", j.name, j.want, answer)
			}
			answers[j.name] += answer
		}
		if first == nil {
			first = answers
		}
		if diff := cmp.Diff(first, answers); diff != "" {
			t.Errorf("the answers differ from the first store's:\n%s", diff)
		}
	})
}
