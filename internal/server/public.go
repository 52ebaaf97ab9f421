package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server/clientaddr"
	"github.com/customer360/gateway/internal/server/requestid"
	"github.com/customer360/gateway/internal/telemetry"
)

// requestIDHeader carries a request's id in both directions.
const requestIDHeader = "X-Request-Id"

// graphQLPath is where GraphQL is served.
const graphQLPath = "/graphql"

// internalMessage is the message of errors that a caller can do nothing about.
const internalMessage = "something went wrong here; the request id names it in the logs"

// publicHandler is everything on the public listener.
func (s *Server) publicHandler() (http.Handler, error) {
	graphQL, err := s.graphQL()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(graphQLPath, graphQL)
	if s.config.Explorer != nil {
		mux.Handle("/{$}", s.config.Explorer)
		mux.Handle("/explorer/", s.config.Explorer)
	}
	if s.config.Explorer == nil {
		mux.HandleFunc("GET /{$}", s.welcome)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, &problem{status: http.StatusNotFound, code: crm.CodeNotFound, message: "nothing is here; GraphQL is at /graphql"})
	})
	whole := http.NewServeMux()
	if s.config.Auth == nil {
		whole.Handle("/", loopbackHost(mux))
	} else {
		whole.Handle("/", mux)
	}
	if s.config.Webhooks != nil {
		whole.Handle("/webhooks/{source}", s.limitedByAddress(s.config.Webhooks))
	}
	if s.config.Auth == nil {
		graphQL = loopbackHost(graphQL)
	}
	return s.observed(s.recovering(secured(directly(graphQLPath, graphQL, whole)))), nil
}

// directly leads to the one path that nearly all requests have, and by way of a mux to
// all others.
func directly(path string, to, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path && r.RequestURI != "*" {
			to.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// welcome says where things are to somebody who came with a browser or by chance.
func (s *Server) welcome(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, welcomeText)
}

// welcomeText holds nothing that depends on the settings or on who asks.
const welcomeText = `This is a customer-360 gateway.

GraphQL     /graphql, by POST with Content-Type: application/json, or by GET
Explorer    not served here: the setting "explorer" puts it at this address
Health      /healthz, /readyz and /metrics, at the address that "admin_listen" sets
Documents   README.md, docs/access.md (who may ask) and docs/errors.md come with the program
`

// graphQL is the way of a request of /graphql. What is cheap and keeps many out
// comes first.
func (s *Server) graphQL() (http.Handler, error) {
	withCORS, err := crossOrigin(s.config.CORS)
	if err != nil {
		return nil, err
	}
	compressed, err := compression()
	if err != nil {
		return nil, err
	}
	known := s.limitedByAddress(s.authenticated(s.limitedByPrincipal(http.HandlerFunc(s.answer))))
	return compressed(withCORS(acceptable(asked(preflighted(known))))), nil
}

// observed returns each request its id, and its line in the log and in the
// metrics once it is answered.
func (s *Server) observed(next http.Handler) http.Handler {
	usual := newUsualPolicies(s.config.Rates)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ended := s.config.Metrics.Began()
		id := r.Header.Get(requestIDHeader)
		if !requestid.Valid(id) {
			id = requestid.New()
		}
		e := &exchange{ResponseWriter: w, mediaType: mediaJSON, operation: "none", cost: -1, begun: start, stall: s.config.Limits.StallTimeout, whole: s.public.WriteTimeout}
		e.quotas.usual = usual
		header := w.Header()
		e.set(header, requestIDHeader, id)
		header["Vary"] = e.vary[:0]
		ctx := requestid.With(r.Context(), id)
		defer func() {
			took := time.Since(start)
			for _, f := range e.ended {
				f()
			}
			if e.status == 0 {
				e.status = http.StatusOK
			}
			ended(telemetry.Request{Method: r.Method, Status: e.status, Operation: e.operation, Duration: took})
			if e.reason != "" && r.URL.Path == graphQLPath {
				s.config.Metrics.Rejected(e.reason)
			}
			e.log(ctx, s.config.Log.Handler(), r, start.Add(took), took, id)
		}()
		next.ServeHTTP(e, r.WithContext(contextWith(ctx, e)))
	})
}

// log writes the request's line, at the time now. It asks the handler itself: a Logger
// would find out who has called it, which nobody reads.
func (e *exchange) log(ctx context.Context, to slog.Handler, r *http.Request, now time.Time, took time.Duration, id string) {
	if !to.Enabled(ctx, slog.LevelInfo) {
		return
	}
	attributes := [10]slog.Attr{
		slog.String("method", knownMethod(r.Method)), slog.String("path", knownPath(r.URL.Path)),
		slog.Int(telemetry.StatusKey, e.status), slog.Int64("bytes", e.bytes), slog.Float64("durationMs", float64(took.Microseconds())/1000),
		slog.String("operation", e.operation), slog.String("requestId", id),
	}
	n := 7
	if e.principal != nil {
		attributes[n] = slog.String("principal", e.principal.ID)
		n++
	}
	if e.cost >= 0 {
		attributes[n] = slog.Int("cost", e.cost)
		n++
	}
	if e.reason != "" {
		attributes[n] = slog.String(telemetry.ReasonKey, e.reason)
		n++
	}
	line := slog.NewRecord(now, slog.LevelInfo, telemetry.RequestMessage, 0)
	line.AddAttrs(attributes[:n]...)
	_ = to.Handle(ctx, line) // As a Logger does: there is nobody to tell.
}

// knownPath returns the path of a route, "other" for any other: paths are the
// client's text.
func knownPath(path string) string {
	switch {
	case path == "/", path == graphQLPath:
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
				refuse(w, r, &problem{status: http.StatusInternalServerError, code: crm.CodeInternal, message: internalMessage})
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
		if !clientaddr.IsLoopbackHost(r.Host) {
			refuse(w, r, (&problem{
				status: http.StatusMisdirectedRequest, code: crm.CodeForbidden,
				message: "without access control the gateway answers only to localhost and loopback addresses such as 127.0.0.1 as Host",
			}).because("HOST"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
