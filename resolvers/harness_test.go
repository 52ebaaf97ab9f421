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
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
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
	// planner plans the documents.
	planner *document.Planner
	log     *bytes.Buffer
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
	g.serve(resolvers.NewSchema(resolvers.Config{
		Store:   store,
		Sources: purchases.New(store, shops, purchases.Options{Clock: clock}),
		Clock:   clock,
	}))
	return g
}

// serve makes the graph answer from a schema, as internal/server does.
func (g *graphOn) serve(schema graphql.ExecutableSchema) {
	g.schema = schema
	g.server = handler.New(g.schema)
	g.server.AddTransport(transport.POST{})
	g.server.Use(extension.Introspection{})
	if g.planner == nil {
		var err error
		if g.planner, err = document.New(g.schema.Schema(), document.DefaultLimits(), scalar.Checks()); err != nil {
			panic(err)
		}
	}
	g.server.SetQueryCache(planning{g.planner})
	g.server.Use(planning{g.planner})
	log, requestID := slog.New(slog.NewTextHandler(g.log, nil)), func(context.Context) string { return "request-1" }
	resolvers.Errors{Log: log, RequestID: requestID}.Install(g.server)
	rules, err := access.NewRules(g.schema.Schema())
	if err != nil {
		panic(err)
	}
	resolvers.Access{Rules: rules}.Install(g.server)
}

// planning plans documents and coerces variables, as internal/server does.
type planning struct{ *document.Planner }

var (
	_ graphql.Cache[*ast.QueryDocument] = planning{}
	_ graphql.OperationContextMutator   = planning{}
)

// asTrusted plans without limits, as the cases ask for more than a caller may.
var asTrusted = document.Options{Trusted: true, Suggest: true}

// Get plans a document. What is not valid the executor finds out for itself.
func (p planning) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	doc, errs := p.Document(text, asTrusted)
	if len(errs) > 0 {
		return nil, false
	}
	bare := *doc.Query
	bare.Operations = nil
	for _, operation := range doc.Query.Operations {
		copied := *operation
		copied.VariableDefinitions = nil
		bare.Operations = append(bare.Operations, &copied)
	}
	return &bare, true
}

func (planning) Add(context.Context, string, *ast.QueryDocument) {}

// givenKey carries the JSON of a request's variables.
type givenKey struct{}

func (planning) ExtensionName() string { return "Planning" }

func (planning) Validate(graphql.ExecutableSchema) error { return nil }

func (p planning) MutateOperationContext(ctx context.Context, running *graphql.OperationContext) *gqlerror.Error {
	doc, errs := p.Document(running.RawQuery, asTrusted)
	if len(errs) > 0 {
		return errs[0]
	}
	operation, err := doc.Operation(running.OperationName)
	if err != nil {
		return err
	}
	given, _ := ctx.Value(givenKey{}).(json.RawMessage)
	if string(given) == "null" {
		given = nil
	}
	variables, errs := p.Coerce(doc, operation, given, asTrusted)
	if len(errs) > 0 {
		return errs[0]
	}
	running.Doc, running.Operation, running.Variables = doc.Query, operation, variables
	return nil
}

// filled returns the graph over a fresh store that holds the fixture.
func filled(t testing.TB, backend backends.Backend, observe backends.Observe) *graphOn {
	t.Helper()
	store := backend.Open(t, observe)
	knownCursors(t, store)
	if err := fixture.Load(context.Background(), store); err != nil {
		t.Fatal(err)
	}
	return newGraph(store)
}

// beginning is the cursor of changes of a store with known cursors that was empty.
const beginning = "tQw4VkSovile0Nn5JqFfKw"

// knownCursors gives an empty store the key of cursors of changes that the cases have
// them by; otherwise it would be random.
func knownCursors(t testing.TB, store crm.Store) {
	t.Helper()
	if err := store.Checkpoints().Set(context.Background(), "changes.key", make([]byte, 64), 0); err != nil {
		t.Fatal(err)
	}
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
	return g.in(context.Background(), t, r, who)
}

// in answers a request of a principal in a context.
func (g *graphOn) in(ctx context.Context, t testing.TB, r request, who *access.Principal) []byte {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	ctx = context.WithValue(access.With(ctx, who), givenKey{}, r.Variables)
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
