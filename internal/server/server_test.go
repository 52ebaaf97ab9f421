package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/internal/requestid"
	"github.com/customer360/gateway/internal/server"
)

const (
	accept      = "application/graphql-response+json"
	invalid     = `"code":"INVALID"`
	worldAnswer = `{"data":{"hello":"world"}}`
)

func post(query string) request {
	return request{path: "/graphql", body: `{"query": "` + query + `"}`}
}

func get(parameters url.Values) request {
	return request{method: http.MethodGet, path: "/graphql?" + parameters.Encode()}
}

func TestGraphQLOverHTTP(t *testing.T) {
	f := start(t, hello, nil)
	tests := map[string]struct {
		request   request
		status    int
		mediaType string
		want      string
	}{
		"POST":                      {post("{hello}"), 200, accept, worldAnswer},
		"POST, any media type":      {with(post("{hello}"), "Accept", "*/*"), 200, accept, worldAnswer},
		"POST, application/json":    {with(post("{hello}"), "Accept", "application/json"), 200, "application/json", worldAnswer},
		"POST, charset":             {with(post("{hello}"), "Content-Type", "application/json; charset=UTF-8"), 200, accept, worldAnswer},
		"GET":                       {get(url.Values{"query": {"{hello}"}}), 200, accept, worldAnswer},
		"GET, operation":            {get(url.Values{"query": {"query A {hello} query B {hello}"}, "operationName": {"B"}}), 200, accept, worldAnswer},
		"GET, variables":            {get(url.Values{"query": {"query($n: String) {hello(name: $n)}"}, "variables": {`{"n": "x"}`}}), 200, accept, worldAnswer},
		"mutation by POST":          {post("mutation {change}"), 200, accept, worldAnswer},
		"mutation by GET":           {get(url.Values{"query": {"mutation {change}"}}), 405, accept, invalid},
		"mutation by GET, JSON":     {with(get(url.Values{"query": {"mutation {change}"}}), "Accept", "application/json"), 405, "application/json", invalid},
		"syntax":                    {post("{"), 400, accept, `"errors":[`},
		"syntax, application/json":  {with(post("{"), "Accept", "application/json"), 200, "application/json", `"errors":[`},
		"unknown field":             {post("{nope}"), 400, accept, `"errors":[`},
		"too many tokens":           {post("{" + strings.Repeat("a:hello ", 100) + "}"), 400, accept, `"errors":[`},
		"form":                      {with(post("{hello}"), "Content-Type", "application/x-www-form-urlencoded"), 415, "application/json", invalid},
		"text":                      {with(post("{hello}"), "Content-Type", "text/plain"), 415, "application/json", invalid},
		"UTF-16":                    {with(post("{hello}"), "Content-Type", "application/json; charset=utf-16"), 415, "application/json", invalid},
		"compressed":                {with(post("{hello}"), "Content-Encoding", "gzip"), 415, "application/json", invalid},
		"PUT":                       {request{method: "PUT", path: "/graphql"}, 405, "application/json", invalid},
		"HEAD":                      {request{method: "HEAD", path: "/graphql?query={hello}"}, 405, "application/json", ""},
		"OPTIONS":                   {request{method: "OPTIONS", path: "/graphql"}, 405, "application/json", invalid},
		"empty body":                {request{path: "/graphql"}, 400, "application/json", "not valid JSON"},
		"broken JSON":               {request{path: "/graphql", body: `{"query": "canary`}, 400, "application/json", "not valid JSON"},
		"two values":                {request{path: "/graphql", body: `{"query": "{hello}"}{}`}, 400, "application/json", "not valid JSON"},
		"batch":                     {request{path: "/graphql", body: `[{"query": "{hello}"}]`}, 400, "application/json", "must be one JSON object"},
		"null":                      {request{path: "/graphql", body: `null`}, 400, "application/json", "query is missing"},
		"no query":                  {request{path: "/graphql", body: `{}`}, 400, "application/json", "query is missing"},
		"query of another type":     {request{path: "/graphql", body: `{"query": {"canary": 1}}`}, 400, "application/json", "query must be a string"},
		"operation of another type": {request{path: "/graphql", body: `{"query": "{hello}", "operationName": 1}`}, 400, "application/json", "operationName must be a string"},
		"variables of another type": {request{path: "/graphql", body: `{"query": "{hello}", "variables": ["canary"]}`}, 400, "application/json", "variables must be a JSON object"},
		"too large":                 {post("{hello}" + strings.Repeat(" ", 2048)), 413, "application/json", invalid},
		"not UTF-8":                 {post("{hello(name: \\\"\xff\\\")}"), 400, "application/json", "not valid UTF-8"},
		"GET, no query":             {get(nil), 400, "application/json", "query is missing"},
		"GET, not UTF-8":            {request{method: "GET", path: "/graphql?query=%7Bhello%7D&variables=%ff"}, 400, "application/json", "not valid UTF-8"},
		"GET, broken":               {request{method: "GET", path: "/graphql?query=a;b"}, 400, "application/json", "percent-encoded"},
		"GET, broken variables":     {get(url.Values{"query": {"{hello}"}, "variables": {"canary"}}), 400, "application/json", "variables must be a JSON object"},
		"GET, variables of a list":  {get(url.Values{"query": {"{hello}"}, "variables": {"[]"}}), 400, "application/json", "variables must be a JSON object"},
		"GET, broken extensions":    {get(url.Values{"query": {"{hello}"}, "extensions": {"{"}}), 400, "application/json", "extensions must be a JSON object"},
		"websocket":                 {with(get(url.Values{"query": {"{hello}"}}), "Upgrade", "websocket"), 400, "application/json", "Upgrade"},
		"POST, offering HTTP/2":     {with(post("{hello}"), "Upgrade", "h2c"), 200, accept, worldAnswer},
		"GET, offering HTTP/2":      {with(get(url.Values{"query": {"{hello}"}}), "Upgrade", "h2c"), 200, accept, worldAnswer},
		"another page":              {request{method: "GET", path: "/canary"}, 404, "application/json", "GraphQL is at /graphql"},
		"no explorer":               {request{method: "GET", path: "/"}, 404, "application/json", "NOT_FOUND"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := f.do(t, test.request)
			if got.status != test.status || !strings.Contains(got.body, test.want) {
				t.Errorf("%d %s\nwant %d with %s", got.status, got.body, test.status, test.want)
			}
			if mediaType := got.header.Get("Content-Type"); mediaType != test.mediaType {
				t.Errorf("Content-Type %q, want %q", mediaType, test.mediaType)
			}
			if strings.Contains(got.body, "canary") {
				t.Errorf("the answer repeats the request: %s", got.body)
			}
			if got.status == 405 && got.header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
	if strings.Contains(f.log.String(), "canary") {
		t.Errorf("the log holds a client's text:\n%s", f.log)
	}
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
			cfg := server.Config{Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0"}
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

func TestCORS(t *testing.T) {
	preflight := request{method: "OPTIONS", path: "/graphql", header: map[string]string{
		"Origin": "https://dashboard.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type",
	}}
	const allow = "Access-Control-Allow-Origin"
	t.Run("none by default", func(t *testing.T) {
		f := start(t, hello, nil)
		if got := f.do(t, preflight); got.header.Get(allow) != "" || got.status != 405 {
			t.Errorf("%d %v", got.status, got.header)
		}
	})
	t.Run("configured", func(t *testing.T) {
		f := start(t, hello, func(c *server.Config) { c.AllowedOrigins = []string{"https://dashboard.example"} })
		if got := f.do(t, preflight); got.header.Get(allow) != "https://dashboard.example" || got.status != 204 {
			t.Errorf("preflight: %d %v", got.status, got.header)
		}
		if got := f.do(t, with(post("{hello}"), "Origin", "https://dashboard.example")); got.header.Get(allow) != "https://dashboard.example" || got.body != worldAnswer {
			t.Errorf("request: %v %s", got.header, got.body)
		}
		preflight.header["Origin"] = "https://evil.example"
		if got := f.do(t, preflight); got.header.Get(allow) != "" {
			t.Errorf("another origin: %v", got.header)
		}
	})
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
		`"method":"POST","path":"/graphql","status":200,"bytes":26,"durationMs":`, `"operation":"query","requestId":"the-id"`,
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
