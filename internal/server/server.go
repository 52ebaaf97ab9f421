package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/server/clientaddr"
	"github.com/customer360/gateway/internal/telemetry"
)

// Config is what a server is made of.
type Config struct {
	// Listen and AdminListen are HOST:PORT; port 0 takes a free one. Without Auth the
	// first, and without AdminAnywhere the second, must be on loopback.
	Listen, AdminListen string
	// AdminAnywhere lets the admin listener be on any address, and be asked for by any
	// name: whatever stands round it then keeps strangers out.
	AdminAnywhere bool
	// H2C lets the public listener speak HTTP/2 without TLS (RFC 9113, section 3.3,
	// with prior knowledge) beside HTTP/1.1, for a proxy that does.
	H2C bool
	// Schema answers GraphQL. Install sets what belongs to it on gqlgen's executor:
	// the presenting of errors, the loaders. nil sets nothing.
	Schema  graphql.ExecutableSchema
	Install func(*Executor)
	// Planner plans documents of the schema; nil is one with document.DefaultLimits, for
	// a schema without scalars of its own.
	Planner *document.Planner
	// Persisted finds documents by their ids; nil knows none.
	Persisted *persisted.Documents
	// Auth finds out who asks; nil takes everybody for the machine itself. Audit notes
	// who was refused; nil notes nothing.
	Auth  access.Authenticator
	Audit *access.Auditor
	// Introspect says who may read the schema; nil is staff and partners.
	Introspect func(*access.Principal) bool
	// Rates are how much callers may ask; Proxies says from which address one does,
	// nil takes the connection's.
	Rates   Rates
	Proxies *clientaddr.Proxies
	// Ready asks what the gateway depends on for a sign of life.
	Ready func(ctx context.Context) error
	// Explorer serves the pages at / and below /explorer/; nil is none.
	Explorer http.Handler
	// Webhooks takes what shops send to /webhooks/{source}, with the path value
	// "source"; nil is no such route. It checks signatures itself, so it may always be
	// asked for by any host name.
	Webhooks http.Handler
	// CORS says which other origins' pages may ask; none by default.
	CORS    []CORSPolicy
	Limits  Limits
	Log     *slog.Logger
	Metrics *telemetry.Metrics
}

// Limits bound what a request may cost. All must be positive, but for
// ShutdownTimeout: 0 waits for nobody.
type Limits struct {
	BodyBytes, HeaderBytes                                    int
	RequestTimeout, ReadTimeout, IdleTimeout, ShutdownTimeout time.Duration
	// StallTimeout is how long a client may take to read the next part of an answer.
	StallTimeout time.Duration
	// Answer bounds one answer, Concurrency what is under way at once.
	Answer      budget.Limits
	Concurrency Concurrency
}

// Server listens from New on and answers during Run.
type Server struct {
	config          Config
	executor        *Executor
	planner         *document.Planner
	persisted       *persisted.Documents
	local           *access.Principal
	gates           gates
	bodies          bodies
	public, admin   *http.Server
	publicL, adminL net.Listener
	draining        atomic.Bool
	limiterWarned   atomic.Bool
}

// New binds both listeners. Without access control an address that is not loopback
// is refused.
func New(ctx context.Context, cfg Config) (*Server, error) {
	s := &Server{config: cfg, planner: cfg.Planner, persisted: cfg.Persisted, local: access.Local()}
	if err := s.complete(ctx); err != nil {
		return nil, err
	}
	public, err := s.publicHandler()
	if err != nil {
		return nil, err
	}
	if s.publicL, err = listen(ctx, cfg.Listen, cfg.Auth != nil); err != nil {
		return nil, err
	}
	if s.adminL, err = listen(ctx, cfg.AdminListen, cfg.AdminAnywhere); err != nil {
		_ = s.publicL.Close()
		return nil, err
	}
	s.public = s.httpServer(public)
	if cfg.H2C {
		speakHTTP2(s.public)
	}
	s.admin = s.httpServer(s.adminHandler())
	return s, nil
}

// complete makes what the configuration leaves out.
func (s *Server) complete(ctx context.Context) (err error) {
	if err := s.config.Rates.validate(); err != nil {
		return fmt.Errorf("rates: %w", err)
	}
	if s.planner == nil {
		if s.planner, err = document.New(s.config.Schema.Schema(), document.DefaultLimits(), nil); err != nil {
			return fmt.Errorf("plan documents: %w", err)
		}
	}
	if s.persisted == nil {
		if s.persisted, err = persisted.New(persisted.Config{}); err != nil {
			return err
		}
	}
	if s.config.Proxies == nil {
		s.config.Proxies = clientaddr.New(nil)
	}
	s.gates = newGates(s.config.Limits.Concurrency)
	s.executor, err = newExecutor(ctx, s.config)
	return err
}

// listen binds address and refuses what turns out not to be loopback, unless it
// may be anywhere.
func listen(ctx context.Context, address string, anywhere bool) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); !anywhere && (!ok || !tcp.IP.IsLoopback()) {
		_ = l.Close()
		return nil, fmt.Errorf("listen on %s: not a loopback address: there is no access control on it, so everybody who reached it would see everything", address)
	}
	return l, nil
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	limits := s.config.Limits
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: min(limits.ReadTimeout, 5*time.Second),
		ReadTimeout:       limits.ReadTimeout,
		// The answer's time starts with the request's: reading, answering, and
		// some time to write it.
		WriteTimeout:   limits.ReadTimeout + limits.RequestTimeout + 10*time.Second,
		IdleTimeout:    limits.IdleTimeout,
		MaxHeaderBytes: limits.HeaderBytes,
		ErrorLog:       slog.NewLogLogger(s.config.Log.Handler(), slog.LevelWarn),
	}
}

// URL returns the public listener's address, such as http://127.0.0.1:8080.
func (s *Server) URL() string { return "http://" + s.publicL.Addr().String() }

// AdminURL returns the admin listener's address.
func (s *Server) AdminURL() string { return "http://" + s.adminL.Addr().String() }

// Close lets go of the listeners of a server that never ran.
func (s *Server) Close() error { return errors.Join(s.publicL.Close(), s.adminL.Close()) }

// Run answers until ctx ends; then it takes no more requests, waits for those
// under way as long as ShutdownTimeout permits, and cuts off the rest. It gives
// nil after an orderly end, and an error if a listener failed.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for server, listener := range map[*http.Server]net.Listener{s.public: s.publicL, s.admin: s.adminL} {
		group.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		s.shutdown(context.WithoutCancel(ctx))
		return nil
	})
	return group.Wait()
}

// shutdown drains the public listener first, so that the admin listener tells
// of it until the end.
func (s *Server) shutdown(ctx context.Context) {
	s.draining.Store(true)
	s.config.Log.InfoContext(ctx, "shutting down")
	ctx, cancel := context.WithTimeout(ctx, s.config.Limits.ShutdownTimeout)
	defer cancel()
	for _, server := range []*http.Server{s.public, s.admin} {
		if err := server.Shutdown(ctx); err != nil {
			s.config.Log.WarnContext(ctx, "requests were cut off at shutdown")
			_ = server.Close()
		}
	}
}
