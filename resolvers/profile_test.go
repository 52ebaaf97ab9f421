package resolvers_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/test/fixture"
)

// onServer opens the store on a server of the test's own and loads it.
func onServer(t *testing.T, server *mongod.Server, database string, options ...mongodb.Option) crm.Store {
	t.Helper()
	ctx := context.Background()
	store, err := mongodb.Open(ctx, server.URI(database), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close(ctx) })
	if err := store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := fixture.Load(ctx, store); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestMongoDBReadsWhatItNeeds asks every case and the journeys of collections
// filled with the demo, on a server that refuses collection scans, and reads in
// its profile that no operation examined many more documents than it returned.
func TestMongoDBReadsWhatItNeeds(t *testing.T) {
	server := mongod.Start(t)
	store := onServer(t, server, "profiled")
	knownCursors(t, store)
	if err := demo.Load(context.Background(), store); err != nil {
		t.Fatal(err)
	}
	server.RefuseScans(t)
	graph := newGraph(store)
	profiler := mongod.Profile(t, server.Client(), "profiled")
	codes := func(answer []byte) (all []string) {
		var got struct {
			Errors []struct{ Extensions struct{ Code string } }
		}
		decode(t, answer, &got)
		for _, e := range got.Errors {
			all = append(all, e.Extensions.Code)
		}
		return all
	}
	check := func(name string, answer []byte, expected ...string) {
		t.Helper()
		ops := profiler.Ops(t)
		if len(ops) == 0 && name != "viewer/system" {
			t.Logf("%s: no operation", name)
		}
		for _, op := range ops {
			if op.Docs > 4*op.Returned+100 {
				t.Errorf("%s: %s on %s examined %d documents and returned %d (%s)",
					name, op.Command, op.Namespace, op.Docs, op.Returned, op.Plan)
			}
		}
		for _, code := range codes(answer) {
			if !slices.Contains(expected, code) {
				t.Errorf("%s: an error %s", name, code)
			}
		}
	}
	for _, c := range readCases(t) {
		expected := codes(read(t, filepath.Join(c.dir, "want.json")))
		check(c.dir, graph.do(t, c.ask, c.viewer), append(expected, string(crm.CodeAmbiguous))...)
	}
	for _, j := range journeys() {
		check(j.name, graph.ask(t, journey(t, j.name), j.variables))
	}
}
