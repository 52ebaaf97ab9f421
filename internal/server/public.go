package server

import (
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
	return s.observed(s.recovering(secured(whole))), nil
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
	answer := s.inTime(http.HandlerFunc(s.answer))
	known := s.limitedByAddress(s.authenticated(s.limitedByPrincipal(answer)))
	return compressed(withCORS(acceptable(asked(preflighted(known))))), nil
}

// observed returns each request its id, and its line in the log and in the
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
		e := &exchange{ResponseWriter: w, mediaType: mediaJSON, operation: "none", cost: -1, begun: start, stall: s.config.Limits.StallTimeout, whole: s.public.WriteTimeout}
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
			s.config.Log.LogAttrs(ctx, slog.LevelInfo, "request", e.attributes(r, took, id)...)
		}()
		next.ServeHTTP(e, r.WithContext(contextWith(ctx, e)))
	})
}

// attributes are what the log says of a request.
func (e *exchange) attributes(r *http.Request, took time.Duration, id string) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("method", knownMethod(r.Method)), slog.String("path", knownPath(r.URL.Path)),
		slog.Int("status", e.status), slog.Int64("bytes", e.bytes), slog.Float64("durationMs", float64(took.Microseconds())/1000),
		slog.String("operation", e.operation), slog.String("requestId", id),
	}
	if e.principal != nil {
		attributes = append(attributes, slog.String("principal", e.principal.ID))
	}
	if e.cost >= 0 {
		attributes = append(attributes, slog.Int("cost", e.cost))
	}
	if e.reason != "" {
		attributes = append(attributes, slog.String("reason", e.reason))
	}
	return attributes
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
