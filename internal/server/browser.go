package server

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"

	"github.com/customer360/gateway/internal/server/ratelimit"
)

// secured tells browsers to take an answer for nothing but what it says it is. The
// explorer sets other headers for its pages.
func secured(next http.Handler) http.Handler {
	always := map[string][]string{
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"Referrer-Policy":              {"no-referrer"},
		"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), always) // All answers share the values: who sets another one has a slice for it.
		next.ServeHTTP(w, r)
	})
}

// CORSPolicy says what pages of some origins may do.
type CORSPolicy struct {
	// Origins are like https://dashboard.example.com; "*" is every other.
	Origins []string
	// Headers may be sent in addition to those that the usual clients send.
	Headers []string
	// Credentials lets browsers send cookies and client certificates, for a proxy
	// that wants them; the gateway itself takes none. Never with "*".
	Credentials bool
	// MaxAge is how long browsers may keep the answer to a preflight; 0 is ten
	// minutes.
	MaxAge time.Duration
}

// defaultMaxAge is how long an answer to a preflight is kept.
const defaultMaxAge = 10 * time.Minute

// requestHeaders are what the usual clients of GraphQL send, and what tracing adds to
// every request of a page. None of them says who asks but Authorization, and none is
// one that proxies are told apart by.
func requestHeaders() []string {
	return append([]string{
		"Accept", "Authorization", "Content-Type", requestIDHeader, "X-Correlation-Id", "X-Requested-With",
		// Which app asks: Apollo's, Hive's, Relay's network layers.
		"Apollographql-Client-Name", "Apollographql-Client-Version", "X-Apollo-Operation-Id",
		"Graphql-Client-Name", "Graphql-Client-Version", "X-Graphql-Client-Name", "X-Graphql-Client-Version",
		// What only a page that was allowed to can send: Hot Chocolate's, Yoga's, axios's.
		"Graphql-Preflight", "Graphql-Require-Preflight", "X-Graphql-Yoga-Csrf",
		"X-Csrf-Prevention", "X-Csrf-Token", "X-Xsrf-Token",
		// Traces: W3C's Trace Context and Baggage, Sentry's, Zipkin's, Datadog's, New Relic's.
		"Traceparent", "Tracestate", "Baggage", "Sentry-Trace", "B3",
		"X-B3-Traceid", "X-B3-Spanid", "X-B3-Parentspanid", "X-B3-Sampled", "X-B3-Flags",
		"X-Datadog-Trace-Id", "X-Datadog-Parent-Id", "X-Datadog-Origin", "X-Datadog-Sampling-Priority", "X-Datadog-Tags",
		"Newrelic",
	}, preflightHeaders()...)
}

// exposedHeaders are what pages may read of an answer.
func exposedHeaders() []string {
	return []string{requestIDHeader, ratelimit.HeaderPolicy, ratelimit.HeaderLimit, ratelimit.HeaderRetryAfter, "WWW-Authenticate"}
}

// crossOrigin returns the handler that lets pages of the policies' origins ask. The
// first policy that names an origin decides; "*" comes after all names.
func crossOrigin(policies []CORSPolicy) (func(http.Handler) http.Handler, error) {
	byOrigin := map[string]*cors.Cors{}
	for _, policy := range policies {
		if policy.Credentials && slices.Contains(policy.Origins, "*") {
			return nil, errors.New("CORS: credentials must not be allowed to every origin: name the origins")
		}
		if len(policy.Origins) == 0 {
			return nil, errors.New("CORS: a policy must name origins")
		}
		maxAge := policy.MaxAge
		if maxAge == 0 {
			maxAge = defaultMaxAge
		}
		for _, origin := range policy.Origins {
			key := strings.ToLower(origin)
			if origin != "*" && strings.Contains(origin, "*") {
				return nil, fmt.Errorf("CORS: %q has a wildcard in it: name each origin", origin)
			}
			if byOrigin[key] != nil {
				continue
			}
			byOrigin[key] = cors.New(cors.Options{
				AllowedOrigins:   []string{origin},
				AllowedMethods:   []string{http.MethodGet, http.MethodPost},
				AllowedHeaders:   append(requestHeaders(), policy.Headers...),
				ExposedHeaders:   exposedHeaders(),
				AllowCredentials: policy.Credentials,
				MaxAge:           int(maxAge / time.Second),
			})
		}
	}
	return func(next http.Handler) http.Handler {
		handlers := map[string]http.Handler{}
		for origin, policy := range byOrigin {
			handlers[origin] = policy.Handler(next)
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var handler http.Handler
			if origin := r.Header.Get("Origin"); origin != "" {
				handler = handlers[strings.ToLower(origin)]
			}
			if handler == nil {
				handler = handlers["*"]
			}
			if handler == nil {
				w.Header().Add("Vary", "Origin")
				handler = next
			}
			handler.ServeHTTP(w, r)
		})
	}, nil
}

// preflightHeaders are those by which a client shows that a browser has asked
// before it sent the request: no page can send them to another origin unasked.
func preflightHeaders() []string {
	return []string{"X-Apollo-Operation-Name", "Apollo-Require-Preflight"}
}

// preflighted keeps other sites' pages from making a browser ask unasked (CSRF, and
// the timing attacks that need no answer): what a browser sends without a preflight
// is refused. A POST needs none of these headers, as its media type needs a
// preflight itself.
func preflighted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !needsPreflight(r.Header) {
			refuse(w, r, badRequest("a browser could have been made to send this request: send it with an Authorization or Apollo-Require-Preflight header, or as POST with Content-Type: application/json").because("CSRF"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// needsPreflight says whether a browser sends a request with such headers to
// another origin only if that allows it (Fetch, "CORS-safelisted request-header").
func needsPreflight(header http.Header) bool {
	// Browsers attach Basic and its like by themselves.
	if scheme, _, _ := strings.Cut(header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return true
	}
	for _, name := range preflightHeaders() {
		if header.Get(name) != "" {
			return true
		}
	}
	for name, values := range header {
		if strings.HasPrefix(name, "X-Csrf-") && len(values) > 0 && values[0] != "" {
			return true
		}
	}
	types := header.Values("Content-Type")
	if len(types) != 1 {
		return false
	}
	mediaType, _, err := mime.ParseMediaType(types[0])
	return err == nil && strings.Contains(mediaType, "/") && mediaType != "text/plain" && mediaType != "application/x-www-form-urlencoded" && mediaType != "multipart/form-data"
}

// asked lets through the methods that GraphQL is asked with.
func asked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			refuse(w, r, invalid(http.StatusMethodNotAllowed, "GraphQL is asked with GET or POST").because("METHOD").with("Allow", "GET, POST"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
