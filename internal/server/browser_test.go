package server_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/customer360/gateway/internal/server"
)

// What a browser sends to another site unasked is refused; whatever makes it ask
// first is enough.
func TestCSRF(t *testing.T) {
	f := start(t, hello, nil)
	query := "/graphql?" + url.Values{"query": {"{hello}"}}.Encode()
	for name, test := range map[string]struct {
		method, contentType string
		header              map[string]string
		status              int
	}{
		"GET":                         {"GET", "", nil, 400},
		"GET, a safelisted header":    {"GET", "", map[string]string{"Accept-Language": "en", "X-Request-Id": "a"}, 400},
		"GET, cookies":                {"GET", "", map[string]string{"Cookie": "session=1"}, 400},
		"GET, empty header":           {"GET", "", map[string]string{"Apollo-Require-Preflight": ""}, 400},
		"GET, Apollo-Require":         {"GET", "", map[string]string{"Apollo-Require-Preflight": "1"}, 200},
		"GET, operation name":         {"GET", "", map[string]string{"X-Apollo-Operation-Name": "A"}, 200},
		"GET, X-CSRF":                 {"GET", "", map[string]string{"X-CSRF-Token": "1"}, 200},
		"GET, Authorization":          {"GET", "", map[string]string{"Authorization": "Bearer x"}, 200},
		"GET, what browsers attach":   {"GET", "", map[string]string{"Authorization": "Basic dTpw"}, 400},
		"GET, JSON":                   {"GET", "application/json", nil, 200},
		"GET, form":                   {"GET", "application/x-www-form-urlencoded", nil, 400},
		"GET, text and a parameter":   {"GET", "text/plain; charset=application/json", nil, 400},
		"GET, multipart":              {"GET", "multipart/form-data; boundary=x", nil, 400},
		"GET, no media type":          {"GET", "json", nil, 400},
		"POST, JSON":                  {"POST", "application/json", nil, 200},
		"POST, text":                  {"POST", "text/plain", nil, 400},
		"POST, text, but asked":       {"POST", "text/plain", map[string]string{"Apollo-Require-Preflight": "1"}, 415},
		"POST, form":                  {"POST", "application/x-www-form-urlencoded", nil, 400},
		"POST, multipart":             {"POST", "multipart/form-data; boundary=x", nil, 400},
		"POST, none":                  {"POST", "", nil, 400},
		"POST, none, but a principal": {"POST", "", map[string]string{"Authorization": "Bearer x"}, 415},
	} {
		t.Run(name, func(t *testing.T) {
			path, body := "/graphql", `{"query": "{hello}"}`
			if test.method == http.MethodGet {
				path, body = query, ""
			}
			req, err := http.NewRequestWithContext(t.Context(), test.method, f.URL()+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if test.contentType != "" {
				req.Header.Set("Content-Type", test.contentType)
			}
			for name, value := range test.header {
				req.Header.Set(name, value)
			}
			resp, err := f.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			got, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != test.status || test.status == 400 && !strings.Contains(string(got), badRequest) {
				t.Errorf("%d %s %v, want %d", resp.StatusCode, got, err, test.status)
			}
		})
	}
}

func preflight(origin, method, headers string) request {
	return request{method: "OPTIONS", path: "/graphql", header: map[string]string{
		"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers,
	}}
}

const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowHeaders     = "Access-Control-Allow-Headers"
	allowCredentials = "Access-Control-Allow-Credentials"
)

func TestCORS(t *testing.T) {
	t.Run("none by default", func(t *testing.T) {
		f := start(t, hello, nil)
		if got := f.do(t, preflight("https://dashboard.example", "POST", "content-type")); got.header.Get(allowOrigin) != "" || got.status != 405 {
			t.Errorf("%d %v", got.status, got.header)
		}
	})
	f := start(t, hello, func(c *server.Config) {
		c.CORS = []server.CORSPolicy{
			{Origins: []string{"https://dashboard.example"}, Headers: []string{"X-Team"}, Credentials: true},
			{Origins: []string{"https://portal.example", "https://dashboard.example"}},
			{Origins: []string{"*"}},
		}
	})
	const headers = "apollo-require-preflight,authorization,content-type,x-apollo-operation-name"
	for origin, want := range map[string]struct{ allowed, credentials, team string }{
		"https://dashboard.example":        {"https://dashboard.example", "true", "x-team"},
		"https://portal.example":           {"https://portal.example", "", ""},
		"https://evil.example":             {"*", "", ""},
		"https://dashboard.example.evil":   {"*", "", ""},
		"https://dashboard.example:443":    {"*", "", ""},
		"http://dashboard.example":         {"*", "", ""},
		"null":                             {"*", "", ""},
		"https://sub.dashboard.example":    {"*", "", ""},
		"https://dashboard.example/canary": {"*", "", ""},
	} {
		got := f.do(t, preflight(origin, "POST", headers))
		if got.status != 204 || got.header.Get(allowOrigin) != want.allowed || got.header.Get(allowHeaders) != headers || got.header.Get(allowCredentials) != want.credentials {
			t.Errorf("preflight from %s: %d %v", origin, got.status, got.header)
		}
		if got := f.do(t, preflight(origin, "POST", "x-team")).header.Get(allowHeaders); got != want.team {
			t.Errorf("preflight from %s for x-team: %q", origin, got)
		}
		if got := f.do(t, preflight(origin, "DELETE", headers)).header.Get("Access-Control-Allow-Methods"); got != "" {
			t.Errorf("preflight from %s for DELETE: %q", origin, got)
		}
		got = f.do(t, with(post("{hello}"), "Origin", origin))
		if got.header.Get(allowOrigin) != want.allowed || got.body != worldAnswer || got.header.Get(allowCredentials) != want.credentials {
			t.Errorf("request from %s: %v %s", origin, got.header, got.body)
		}
		exposed := got.header.Get("Access-Control-Expose-Headers")
		for _, name := range []string{"X-Request-Id", "Ratelimit", "Ratelimit-Policy", "Retry-After"} {
			if !slices.Contains(strings.Split(exposed, ", "), name) {
				t.Errorf("%s is not exposed: %s", name, exposed)
			}
		}
	}
	if got := f.do(t, post("{hello}")); got.header.Get(allowOrigin) == "https://dashboard.example" {
		t.Errorf("without an origin: %v", got.header)
	}
}

// Pages may send what the usual clients of GraphQL and of tracing add by themselves,
// asked for as browsers do it: in lower case, sorted, without spaces.
func TestCORSUsualHeaders(t *testing.T) {
	f := start(t, hello, func(c *server.Config) {
		c.CORS = []server.CORSPolicy{{Origins: []string{"https://dashboard.example"}, Headers: []string{"X-Team"}}}
	})
	for client, headers := range map[string]string{
		"Apollo Client":         "accept,apollo-require-preflight,apollographql-client-name,apollographql-client-version,authorization,content-type,x-apollo-operation-id,x-apollo-operation-name",
		"urql":                  "accept,authorization,content-type,graphql-client-name,graphql-client-version,x-requested-with",
		"Relay":                 "authorization,content-type,x-graphql-client-name,x-graphql-client-version",
		"Hot Chocolate's":       "content-type,graphql-preflight,graphql-require-preflight",
		"Yoga's":                "authorization,content-type,x-graphql-yoga-csrf",
		"OpenTelemetry":         "authorization,baggage,content-type,traceparent,tracestate",
		"Sentry":                "authorization,baggage,content-type,sentry-trace",
		"Zipkin":                "authorization,b3,content-type,x-b3-flags,x-b3-parentspanid,x-b3-sampled,x-b3-spanid,x-b3-traceid",
		"Datadog":               "authorization,content-type,traceparent,tracestate,x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,x-datadog-tags,x-datadog-trace-id",
		"New Relic":             "authorization,content-type,newrelic,traceparent,tracestate",
		"jQuery and axios":      "authorization,content-type,x-csrf-token,x-requested-with,x-xsrf-token",
		"a request's own id":    "authorization,content-type,x-correlation-id,x-request-id",
		"what the policy names": "authorization,content-type,x-team",
	} {
		got := f.do(t, preflight("https://dashboard.example", "POST", headers))
		if got.status != 204 || got.header.Get(allowHeaders) != headers || got.header.Get(allowOrigin) != "https://dashboard.example" {
			t.Errorf("%s: %d, allowed %q of %q", client, got.status, got.header.Get(allowHeaders), headers)
		}
	}
	for _, headers := range []string{"authorization,x-other", "cookie2", "x-forwarded-for", "x-http-method-override", "x-api-key"} {
		if got := f.do(t, preflight("https://dashboard.example", "POST", headers)); got.header.Get(allowHeaders) != "" {
			t.Errorf("%s is allowed: %v", headers, got.header)
		}
	}
	exposed := f.do(t, with(post("{hello}"), "Origin", "https://dashboard.example")).header.Get("Access-Control-Expose-Headers")
	if want := "X-Request-Id, Ratelimit-Policy, Ratelimit, Retry-After, Www-Authenticate"; exposed != want {
		t.Errorf("exposed %q, want %q", exposed, want)
	}
}

func TestCORSMistakes(t *testing.T) {
	for name, policy := range map[string]server.CORSPolicy{
		"credentials to everybody": {Origins: []string{"https://a.example", "*"}, Credentials: true},
		"wildcard":                 {Origins: []string{"https://*.example"}},
		"nobody":                   {},
	} {
		cfg := server.Config{Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", Schema: schema(hello), CORS: []server.CORSPolicy{policy}}
		s, err := server.New(t.Context(), cfg)
		if err == nil {
			_ = s.Close()
			t.Errorf("%s is taken", name)
		}
	}
}

// Every answer tells browsers and caches what it is, and what they must not do.
func TestSecurityHeaders(t *testing.T) {
	f := start(t, hello, nil)
	for name, r := range map[string]request{"answer": post("{hello}"), "rejected": post("{"), "refused": {method: "PUT", path: "/graphql"}, "elsewhere": {method: "GET", path: "/nowhere"}} {
		got := f.do(t, r).header
		for header, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control":                "no-store",
			"Set-Cookie":                   "",
			"Server":                       "",
		} {
			if got.Get(header) != want {
				t.Errorf("%s: %s: %q, want %q", name, header, got.Get(header), want)
			}
		}
	}
	vary := strings.Join(f.do(t, post("{hello}")).header.Values("Vary"), ", ")
	for _, name := range []string{"Accept", "Accept-Encoding", "Authorization", "Origin"} {
		if !slices.Contains(strings.Split(vary, ", "), name) {
			t.Errorf("Vary: %s lacks %s", vary, name)
		}
	}
}

// Long answers are compressed for who wants that, and are the same.
func TestCompression(t *testing.T) {
	long := `{"hello":"` + strings.Repeat("world ", 1000) + `"}`
	f := start(t, func(ctx context.Context) *graphql.Response {
		if strings.Contains(graphql.GetOperationContext(ctx).RawQuery, "long") {
			return &graphql.Response{Data: []byte(long)}
		}
		return hello(ctx)
	}, nil)
	for name, test := range map[string]struct{ query, accepted, want string }{
		"gzip":                  {"{long:hello}", "gzip", "gzip"},
		"zstd":                  {"{long:hello}", "zstd", "zstd"},
		"br":                    {"{long:hello}", "br", "br"},
		"any case":              {"{long:hello}", "BR", "br"},
		"a browser":             {"{long:hello}", "gzip, deflate, br, zstd", "gzip"},
		"zstd or br":            {"{long:hello}", "br, zstd", "zstd"},
		"br most":               {"{long:hello}", "br, gzip;q=0.5", "br"},
		"zstd most":             {"{long:hello}", "gzip;q=0.8,zstd;q=0.9, br; q=0.1", "zstd"},
		"gzip most":             {"{long:hello}", "br;q=0.9, gzip;q=0.95, zstd;q=0", "gzip"},
		"two headers' worth":    {"{long:hello}", "deflate;q=1.0, identity;q=0.5, br;q=0.6", "br"},
		"none most":             {"{long:hello}", "identity, gzip;q=0.5", ""},
		"ruled out":             {"{long:hello}", "gzip;q=0", ""},
		"ruled out, with zeros": {"{long:hello}", "br;q=0.000, zstd;q=0.0", ""},
		"identity":              {"{long:hello}", "identity", ""},
		"all":                   {"{long:hello}", "*", ""},
		"another":               {"{long:hello}", "deflate", ""},
		"a weight that is none": {"{long:hello}", "br;q=x, gzip;q=2, zstd;v=1", ""},
		"an empty entry":        {"{long:hello}", "gzip, ", "gzip"},
		"nothing":               {"{long:hello}", "", ""},
		"short, gzip":           {"{hello}", "gzip", ""},
		"short, br":             {"{hello}", "br", ""},
		"short, zstd":           {"{hello}", "zstd", ""},
		"a refusal, br":         {"{", "br", ""},
	} {
		got := f.do(t, with(post(test.query), "Accept-Encoding", test.accepted))
		if coding := got.header.Get("Content-Encoding"); coding != test.want || got.status != 200 {
			t.Errorf("%s: %d, Content-Encoding %q, want %q", name, got.status, coding, test.want)
		}
		if vary := got.header.Values("Vary"); !slices.Contains(vary, "Accept-Encoding") {
			t.Errorf("%s: Vary %q", name, vary)
		}
		if test.want != "" && len(got.body) > len(long)/5 {
			t.Errorf("%s: %d bytes of %d", name, len(got.body), len(long))
		}
		if length := got.header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(got.body)) {
			t.Errorf("%s: Content-Length %s of %d bytes", name, length, len(got.body))
		}
		body := decoded(t, got)
		if strings.Contains(test.query, "long") && !strings.HasPrefix(body, `{"data":`+long) {
			t.Errorf("%s: %.100s", name, body)
		}
	}
}

// decoded is the body of an answer, decompressed.
func decoded(t *testing.T, a answer) string {
	t.Helper()
	var reader io.Reader = strings.NewReader(a.body)
	var err error
	switch a.header.Get("Content-Encoding") {
	case "gzip":
		reader, err = gzip.NewReader(reader)
	case "br":
		reader = brotli.NewReader(reader)
	case "zstd":
		var decoder *zstd.Decoder
		if decoder, err = zstd.NewReader(reader, zstd.WithDecoderConcurrency(1)); err == nil {
			defer decoder.Close()
		}
		reader = decoder
	}
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
