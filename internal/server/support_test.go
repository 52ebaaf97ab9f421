package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a running server over a tiny schema whose answers a test chooses.
type fixture struct {
	*server.Server
	log     *buffer
	metrics *telemetry.Metrics
	stop    func() error
	client  *http.Client
}

// buffer is a log that may be read while it is written.
type buffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// schema answers every operation with what exec gives.
func schema(exec func(ctx context.Context) *graphql.Response) graphql.ExecutableSchema {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query {
			hello(name: String): String
			count(n: Int, f: Float, id: ID, kind: Kind, filter: Filter, many: [Filter!]): Int
			dear(first: Int): [Thing] @listSize(slicingArguments: ["first"])
		}
		type Mutation { change: String }
		type Subscription { changes: String }
		type Thing { name: String }
		enum Kind { GOOD BETTER }
		input Filter { name: String!, n: Int, kind: Kind! = GOOD, within: Filter }
		directive @listSize(slicingArguments: [String!]) on FIELD_DEFINITION`})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return parsed },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) {
			return 0, false
		},
		ExecFunc: func(context.Context) graphql.ResponseHandler { return exec },
	}
}

func hello(context.Context) *graphql.Response {
	return &graphql.Response{Data: []byte(`{"hello":"world"}`)}
}

// planner plans documents of the tiny schema, 200 tokens at most.
func planner(t testing.TB) *document.Planner {
	t.Helper()
	limits := document.DefaultLimits()
	limits.Tokens, limits.CachedDocuments, limits.Cost = 200, 10, 50
	p, err := document.New(schema(hello).Schema(), limits, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// start runs a server on free ports until the test ends.
func start(t testing.TB, exec func(ctx context.Context) *graphql.Response, change func(*server.Config)) *fixture {
	t.Helper()
	f := &fixture{log: &buffer{}, metrics: telemetry.NewMetrics()}
	cfg := server.Config{
		Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0",
		Schema:  schema(exec),
		Ready:   func(context.Context) error { return nil },
		Planner: planner(t),
		Limits: server.Limits{
			BodyBytes: 2048, HeaderBytes: 8192,
			RequestTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second, ShutdownTimeout: 5 * time.Second,
		},
		Log:     slog.New(slog.NewJSONHandler(f.log, nil)),
		Metrics: f.metrics,
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if f.Server, err = server.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	f.client = &http.Client{Transport: transport}
	f.stop = sync.OnceValue(func() error {
		transport.CloseIdleConnections()
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := f.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return f
}

// request is one request of a test; a zero field is left out.
type request struct {
	method, path, body, host string
	header                   map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (f *fixture) do(t testing.TB, r request) answer {
	t.Helper()
	return f.doAt(t, f.URL(), r)
}

func (f *fixture) doAt(t testing.TB, base string, r request) answer {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, base+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.method == http.MethodGet {
		req.Header.Set("Apollo-Require-Preflight", "true")
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	req.Host = r.host
	resp, err := f.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}
