package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/resolvers"
)

func TestMain(m *testing.M) {
	code := mongod.Main(m)
	_ = os.RemoveAll(loadedDemo.folder)
	os.Exit(code)
}

// graphOn is the graph over a store, asked through HTTP's own types.
type graphOn struct {
	store  crm.Store
	schema graphql.ExecutableSchema
	server *handler.Server
	log    *bytes.Buffer
	// principal is who asks; nil is staff with every role.
	principal *access.Principal
}

func newGraph(store crm.Store) *graphOn { return newGraphOver(store, nil) }

// newGraphOver returns the graph over a store and shops, at the fixture's time.
func newGraphOver(store crm.Store, shops []purchases.Source) *graphOn {
	return newGraphAt(fixture.Now, store, shops)
}

// newGraphAt returns the graph over a store and shops at a time.
func newGraphAt(now time.Time, store crm.Store, shops []purchases.Source) *graphOn {
	clock := func() time.Time { return now }
	g := &graphOn{store: store, log: &bytes.Buffer{}}
	g.schema = resolvers.NewSchema(resolvers.Config{
		Store:   store,
		Sources: purchases.New(store, shops, purchases.Options{Clock: clock}),
		Clock:   clock,
	})
	g.server = handler.New(g.schema)
	g.server.AddTransport(transport.POST{})
	g.server.Use(extension.Introspection{})
	g.server.SetQueryCache(lru.New[*ast.QueryDocument](100)) // As the program's own.
	log, requestID := slog.New(slog.NewTextHandler(g.log, nil)), func(context.Context) string { return "request-1" }
	resolvers.Errors{Log: log, RequestID: requestID}.Install(g.server)
	rules, err := access.NewRules(g.schema.Schema())
	if err != nil {
		panic(err)
	}
	resolvers.Access{Rules: rules}.Install(g.server)
	return g
}

// filled returns the graph over a fresh store that holds the fixture.
func filled(t testing.TB, backend backends.Backend, observe backends.Observe) *graphOn {
	t.Helper()
	store := backend.Open(t, observe)
	if err := fixture.Load(context.Background(), store); err != nil {
		t.Fatal(err)
	}
	return newGraph(store)
}

// request is what a caller posts.
type request struct {
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables,omitempty"`
}

// do answers a request of the customer viewer in the portal, or for "" of the
// graph's principal: the raw body.
func (g *graphOn) do(t testing.TB, r request, viewer crm.ID) []byte {
	t.Helper()
	switch {
	case viewer != "":
		return g.as(t, r, inPortal(viewer))
	case g.principal != nil:
		return g.as(t, r, g.principal)
	}
	return g.as(t, r, access.Local())
}

// inPortal is a customer in the portal.
func inPortal(id crm.ID) *access.Principal {
	return &access.Principal{Kind: access.KindCustomer, ID: "customer:test", Customer: id}
}

// as answers a request of a principal: the raw body.
func (g *graphOn) as(t testing.TB, r request, who *access.Principal) []byte {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	ctx := access.With(context.Background(), who)
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	g.server.ServeHTTP(w, req)
	return w.Body.Bytes()
}

// ask answers a query with variables.
func (g *graphOn) ask(t testing.TB, query string, variables map[string]any) []byte {
	t.Helper()
	raw, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	return g.do(t, request{Query: query, Variables: raw}, "")
}

// decode reads an answer.
func decode(t testing.TB, answer []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%.500s", err, answer)
	}
}
