package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/cors"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/requestid"
	"github.com/customer360/gateway/internal/telemetry"
)

// requestIDHeader carries a request's id in both directions.
const requestIDHeader = "X-Request-Id"

// publicHandler is everything on the public listener.
func (s *Server) publicHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.withCORS(s.graphQL()))
	if s.config.Explorer != nil {
		mux.Handle("/{$}", s.config.Explorer)
		mux.Handle("/explorer/", s.config.Explorer)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, string(crm.CodeNotFound), "nothing is here; GraphQL is at /graphql")
	})
	whole := http.NewServeMux()
	whole.Handle("/", loopbackHost(mux))
	if s.config.Webhooks != nil {
		whole.Handle("/webhooks/{source}", s.config.Webhooks)
	}
	return s.observed(s.recovering(whole))
}

// observed gives each request its id, and its line in the log and in the
// metrics once it is answered.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ended := s.config.Metrics.Began()
		id := r.Header.Get(requestIDHeader)
		if !requestid.Valid(id) {
			id = requestid.New()
		}
		w.Header().Set(requestIDHeader, id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		e := &exchange{ResponseWriter: w, method: r.Method, operation: "none"}
		ctx := requestid.With(r.Context(), id)
		defer func() {
			took := time.Since(start)
			status := e.status
			if status == 0 {
				status = http.StatusOK
			}
			ended(telemetry.Request{Method: r.Method, Status: status, Operation: e.operation, Duration: took})
			s.config.Log.LogAttrs(ctx, slog.LevelInfo, "request",
				slog.String("method", knownMethod(r.Method)), slog.String("path", knownPath(r.URL.Path)),
				slog.Int("status", status), slog.Int64("bytes", e.bytes), slog.Float64("durationMs", float64(took.Microseconds())/1000),
				slog.String("operation", e.operation), slog.String("requestId", id))
		}()
		next.ServeHTTP(e, r.WithContext(contextWith(ctx, e)))
	})
}

// knownPath gives the path of a route, "other" for any other: paths are the
// client's text.
func knownPath(path string) string {
	switch {
	case path == "/", path == "/graphql":
		return path
	case strings.HasPrefix(path, "/explorer/"):
		return "/explorer/"
	case strings.HasPrefix(path, "/webhooks/"):
		return "/webhooks/"
	default:
		return "other"
	}
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodOptions, http.MethodHead:
		return method
	default:
		return "other"
	}
}

// recovering answers a request whose handler panicked and logs the panic once,
// with its stack and without its value, which may hold a client's text.
func (s *Server) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value)
			}
			ctx := r.Context()
			s.config.Log.ErrorContext(ctx, "panic", "kind", fmt.Sprintf("%T", value),
				"stack", string(debug.Stack()), "requestId", requestid.From(ctx))
			if e := exchangeOf(ctx); e != nil && e.status == 0 {
				writeRefusal(w, http.StatusInternalServerError, "something went wrong here; the request id names it in the logs",
					map[string]string{"code": string(crm.CodeInternal), "requestId": requestid.From(ctx)})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// loopbackHost answers only requests that name this machine by a loopback name.
// A page on the web could otherwise let its own name lead here (DNS rebinding)
// and read what comes back.
func loopbackHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopbackHost(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, string(crm.CodeForbidden),
				"the gateway has no access control yet and answers only to localhost and loopback addresses such as 127.0.0.1 as Host")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
		if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
			host = host[1 : len(host)-1]
		}
	}
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// withCORS lets pages of the configured origins ask; without any, no page of
// another origin can.
func (s *Server) withCORS(next http.Handler) http.Handler {
	if len(s.config.AllowedOrigins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.config.AllowedOrigins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Accept", "Content-Type", requestIDHeader},
		ExposedHeaders: []string{requestIDHeader},
		MaxAge:         600,
	}).Handler(next)
}
