package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/requestid"
)

const (
	newer  = "application/graphql-response+json"
	accept = newer + "; charset=utf-8"
	plain  = "application/json; charset=utf-8"

	badRequest       = `"code":"BAD_REQUEST"`
	badUserInput     = `"code":"BAD_USER_INPUT"`
	parseFailed      = `"code":"GRAPHQL_PARSE_FAILED"`
	validationFailed = `"code":"GRAPHQL_VALIDATION_FAILED"`
	unresolved       = `"code":"OPERATION_RESOLUTION_FAILURE"`
	limitExceeded    = `"code":"LIMIT_EXCEEDED"`
	costExceeded     = `"code":"COST_EXCEEDED"`

	worldAnswer = `{"data":{"hello":"world"},"extensions":{"cost":{"requestedQueryCost":1,"actualQueryCost":1}}}`
)

func post(query string) request {
	return request{path: "/graphql", body: `{"query": "` + query + `"}`}
}

func get(parameters url.Values) request {
	return request{method: http.MethodGet, path: "/graphql?" + parameters.Encode()}
}

func with(r request, name, value string) request {
	r.header = map[string]string{name: value}
	return r
}

func TestHost(t *testing.T) {
	f := start(t, hello, nil)
	for host, status := range map[string]int{
		"localhost":               200,
		"LOCALHOST:1":             200,
		"127.0.0.1":               200,
		"127.0.0.1:9":             200,
		"[::1]":                   200,
		"[::1]:80":                200,
		"127.0.0.2:80":            200,
		"127.1":                   421,
		"evil.example":            421,
		"localhost.evil.example":  421,
		"127.0.0.1.nip.example:1": 421,
		"0.0.0.0":                 421,
		"evil.example:8080":       421,
	} {
		r := post("{hello}")
		r.host = host
		got := f.do(t, r)
		if got.status != status {
			t.Errorf("Host %s: %d %s, want %d", host, got.status, got.body, status)
		}
		r = request{method: "GET", path: "/healthz", host: host}
		if got := f.doAt(t, f.AdminURL(), r); got.status != status {
			t.Errorf("admin, Host %s: %d, want %d", host, got.status, status)
		}
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		for _, change := range []func(*server.Config){
			func(c *server.Config) { c.Listen = address },
			func(c *server.Config) { c.AdminListen = address },
		} {
			cfg := server.Config{Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Schema: schema(hello)}
			change(&cfg)
			s, err := server.New(t.Context(), cfg)
			if err == nil {
				_ = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "access control") {
				t.Errorf("listening on %s: %v, want an error that says why not", address, err)
			}
		}
	}
}

func TestRequestID(t *testing.T) {
	var seen string
	f := start(t, func(ctx context.Context) *graphql.Response {
		seen = requestid.From(ctx)
		return hello(ctx)
	}, nil)
	for given, taken := range map[string]bool{
		"abc-123":                 true,
		"":                        false,
		"a b":                     false,
		"canary@example.com":      false,
		strings.Repeat("a", 65):   false,
		strings.Repeat("a", 64):   true,
		`{"canary": "injection"}`: false,
	} {
		got := f.do(t, with(post("{hello}"), "X-Request-Id", given)).header.Get("X-Request-Id")
		if (got == given) != taken || !requestid.Valid(got) || seen != got {
			t.Errorf("given %q: answered with %q, in the context %q", given, got, seen)
		}
	}
	if strings.Contains(f.log.String(), "canary") {
		t.Errorf("the log holds a client's text:\n%s", f.log)
	}
	if got := f.do(t, request{method: "GET", path: "/nowhere"}).header.Get("X-Request-Id"); got == "" {
		t.Error("no request id on 404")
	}
}

// What a log line says of a request, and what it never says.
func TestAccessLog(t *testing.T) {
	f := start(t, hello, nil)
	f.do(t, request{
		path:   "/graphql?canary-parameter",
		body:   `{"query": "query canaryOperation($n: String) {hello(name: $n) # canary\n}", "variables": {"n": "canary@example.com"}}`,
		header: map[string]string{"X-Request-Id": "the-id", "User-Agent": "canary", "Authorization": "Bearer canary", "Cookie": "canary"},
	})
	f.do(t, request{method: "CANARY", path: "/canary@example.com"})
	if err := f.stop(); err != nil {
		t.Fatal(err)
	}
	log := f.log.String()
	for _, want := range []string{
		`"method":"POST","path":"/graphql","status":200,"bytes":93,"durationMs":`, `"operation":"query","requestId":"the-id"`,
		`"method":"other","path":"other","status":404`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in\n%s", want, log)
		}
	}
	if strings.Contains(strings.ToLower(log), "canary") {
		t.Errorf("the log holds a client's text:\n%s", log)
	}
}

// A panic is one log line with a stack, and an INTERNAL error with the id.
func TestPanic(t *testing.T) {
	f := start(t, hello, func(c *server.Config) {
		c.Explorer = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary") })
	})
	got := f.do(t, request{method: "GET", path: "/", header: map[string]string{"X-Request-Id": "the-id"}})
	if got.status != 500 || !strings.Contains(got.body, `"code":"INTERNAL"`) || !strings.Contains(got.body, `"requestId":"the-id"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if err := f.stop(); err != nil {
		t.Fatal(err)
	}
	if log := f.log.String(); strings.Count(log, `"msg":"panic"`) != 1 || !strings.Contains(log, "TestPanic") || strings.Contains(log, "canary") || strings.Contains(got.body, "canary") {
		t.Errorf("log:\n%s\nbody: %s", log, got.body)
	}
}

func TestAdmin(t *testing.T) {
	var storeErr error
	f := start(t, hello, func(c *server.Config) {
		c.Ready = func(ctx context.Context) error {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("the store is asked without a time limit")
			}
			return storeErr
		}
	})
	admin := func(path string) answer { return f.doAt(t, f.AdminURL(), request{method: "GET", path: path}) }
	if got := admin("/readyz"); got.status != 200 || got.body != "{\"status\":\"ok\"}\n" {
		t.Errorf("/readyz: %d %s", got.status, got.body)
	}
	storeErr = errors.New("driver canary at 10.0.0.1")
	if got := admin("/readyz"); got.status != 503 || strings.Contains(got.body, "canary") {
		t.Errorf("/readyz without a store: %d %s", got.status, got.body)
	}
	if got := admin("/healthz"); got.status != 200 {
		t.Errorf("/healthz without a store: %d %s", got.status, got.body)
	}
	f.do(t, post("{hello}"))
	if got := admin("/metrics"); !strings.Contains(got.body, `customer360_http_requests_total{method="POST",operation="query",status="2xx"} 1`) {
		t.Errorf("/metrics: %d\n%s", got.status, got.body)
	}
	if got := admin("/graphql"); got.status != 404 {
		t.Errorf("/graphql on the admin listener: %d", got.status)
	}
	if got := f.do(t, request{method: "GET", path: "/metrics"}); got.status != 404 {
		t.Errorf("/metrics on the public listener: %d", got.status)
	}
}

// Shops reach their route by whatever name the gateway has outside; nothing
// else is let through by it.
func TestWebhooks(t *testing.T) {
	got := make(chan string, 1)
	f := start(t, hello, func(c *server.Config) {
		c.Webhooks = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got <- r.PathValue("source")
			w.WriteHeader(http.StatusNoContent)
		})
	})
	if a := f.do(t, request{method: http.MethodPost, path: "/webhooks/canary-shop", host: "gateway.example.com", body: "{}"}); a.status != http.StatusNoContent {
		t.Errorf("status %d, %s", a.status, a.body)
	}
	if source := <-got; source != "canary-shop" {
		t.Errorf("source %q", source)
	}
	for _, path := range []string{"/graphql", "/webhooks/", "/webhooks/a/b"} {
		if a := f.do(t, request{method: http.MethodPost, path: path, host: "gateway.example.com", body: "{}"}); a.status < 400 {
			t.Errorf("%s by another name: status %d", path, a.status)
		}
	}
	if log := f.log.String(); strings.Contains(log, "canary-shop") || !strings.Contains(log, `"path":"/webhooks/"`) {
		t.Errorf("log:\n%s", log)
	}
	without := start(t, hello, nil)
	if a := without.do(t, request{method: http.MethodPost, path: "/webhooks/shop", body: "{}"}); a.status != http.StatusNotFound {
		t.Errorf("without webhooks: status %d", a.status)
	}
}
