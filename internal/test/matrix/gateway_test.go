package matrix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/test/fixture"
	"github.com/customer360/gateway/resolvers"
)

// gateway answers over one world, one request at a time.
type gateway struct {
	raw   crm.Store
	shops []*shoptest.Shop
	http  http.Handler

	mu    sync.Mutex
	calls []string
	log   bytes.Buffer
}

// beginning is the cursor of changes at which everything of a world comes after it.
const beginning = "tQw4VkSovile0Nn5JqFfKw"

// guards are what keeps callers from what is not theirs.
type guards struct {
	// rules are the field rules; nil is none.
	rules *access.Rules
	// without are the rules that the policy is made without.
	without []access.Rule
}

// answer is everything that a caller, or a reader of the logs, gets.
type answer struct {
	status int
	header http.Header
	body   []byte
	log    string
	// calls are those of the store and the shops, sorted.
	calls []string
}

// now is the time at which all is asked: after every time in the world but those
// that say otherwise.
var now = time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// open returns a gateway over a world, with an empty store that the world is
// written to.
func open(t testing.TB, w *world) *gateway {
	t.Helper()
	g := &gateway{}
	g.raw = backends.SQLite(t, g.observe)
	// With a key that is known, one cursor is the beginning of every world's log.
	if err := g.raw.Checkpoints().Set(context.Background(), "changes.key", make([]byte, 64), 0); err != nil {
		t.Fatal(err)
	}
	if err := fixture.Write(context.Background(), g.raw, &w.set); err != nil {
		t.Fatal(err)
	}
	g.shops = []*shoptest.Shop{
		shoptest.New(sourceOne, nil, shoptest.WithCarts(w.carts[sourceOne]...)),
		shoptest.New(sourceLive, w.orders, shoptest.WithCarts(w.carts[sourceLive]...)),
	}
	for _, s := range g.shops {
		s.SetHook(func(_ context.Context, c shoptest.Call) error {
			slices.Sort(c.Keys)
			g.observe(fmt.Sprint(s.Source(), " ", c.Method))
			return nil
		})
	}
	return g
}

func (g *gateway) observe(call string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, call)
}

// Write collects the log.
func (g *gateway) Write(line []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.log.Write(line)
}

// with puts guards before the world.
func (g *gateway) with(guards guards) *gateway {
	rules := slices.DeleteFunc(access.PolicyRules(), func(r access.Rule) bool { return slices.Contains(guards.without, r) })
	policy := access.NewPolicy(g.raw, rules, access.PolicyOptions{Clock: clock})
	logger := slog.New(slog.NewTextHandler(g, &slog.HandlerOptions{Level: slog.LevelDebug}))
	shops := []purchases.Source{{Shop: shoptest.Shared(g.shops[0]), Mode: purchases.ModeBoth}, {Shop: shoptest.Shared(g.shops[1]), Mode: purchases.ModeLive}}
	schema := resolvers.NewSchema(resolvers.Config{
		Store:   g.raw,
		Sources: purchases.New(g.raw, shops, purchases.Options{Clock: clock, Log: logger}),
		Clock:   clock,
		Policy:  policy,
	})
	g.http = serve(schema, guards.rules, logger)
	return g
}

func serve(schema graphql.ExecutableSchema, rules *access.Rules, logger *slog.Logger) http.Handler {
	server := handler.New(schema)
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](100))
	requestID := func(context.Context) string { return "request-1" }
	resolvers.Errors{Log: logger, RequestID: requestID}.Install(server)
	if rules != nil {
		resolvers.Access{Rules: rules, Audit: access.NewAuditor(logger, requestID)}.Install(server)
	}
	return server
}

// ask asks a question as a principal; nil is nobody.
func (g *gateway) ask(t testing.TB, p *access.Principal, q question) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": q.document, "variables": q.variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if p != nil {
		ctx = access.With(ctx, p)
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	g.mu.Lock()
	g.calls, g.log = nil, bytes.Buffer{}
	g.mu.Unlock()
	recorder := httptest.NewRecorder()
	g.http.ServeHTTP(recorder, request)
	g.mu.Lock()
	defer g.mu.Unlock()
	slices.Sort(g.calls)
	return answer{
		status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes(), log: g.log.String(), calls: g.calls,
	}
}
