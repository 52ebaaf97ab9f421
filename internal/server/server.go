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
	"github.com/99designs/gqlgen/graphql/handler"
	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/telemetry"
)

// Config is what a server is made of.
type Config struct {
	// Listen and AdminListen are HOST:PORT on loopback; port 0 takes a free one.
	Listen, AdminListen string
	// Schema answers GraphQL. Install sets what belongs to it on gqlgen's
	// server: the presenting of errors, the loaders. nil sets nothing.
	Schema  graphql.ExecutableSchema
	Install func(*handler.Server)
	// Ready asks what the gateway depends on for a sign of life.
	Ready func(ctx context.Context) error
	// Explorer serves the pages at / and below /explorer/; nil is none.
	Explorer http.Handler
	// Webhooks takes what shops send to /webhooks/{source}, with the path value
	// "source"; nil is no such route. It checks signatures itself, so it is the
	// one route that may be asked for by any host name.
	Webhooks http.Handler
	// AllowedOrigins are the origins whose pages may ask; none by default.
	AllowedOrigins []string
	Limits         Limits
	Log            *slog.Logger
	Metrics        *telemetry.Metrics
}

// Limits bound what a request may cost. All must be positive, but for
// ShutdownTimeout: 0 waits for nobody.
type Limits struct {
	BodyBytes, HeaderBytes, QueryTokens, CachedQueries        int
	RequestTimeout, ReadTimeout, IdleTimeout, ShutdownTimeout time.Duration
}

// Server listens from New on and answers during Run.
type Server struct {
	config          Config
	public, admin   *http.Server
	publicL, adminL net.Listener
	draining        atomic.Bool
}

// New binds both listeners. An address that is not loopback is refused: there
// is no access control yet.
func New(ctx context.Context, cfg Config) (*Server, error) {
	s := &Server{config: cfg}
	var err error
	if s.publicL, err = listen(ctx, cfg.Listen); err != nil {
		return nil, err
	}
	if s.adminL, err = listen(ctx, cfg.AdminListen); err != nil {
		_ = s.publicL.Close()
		return nil, err
	}
	s.public = s.httpServer(s.publicHandler())
	s.admin = s.httpServer(s.adminHandler())
	return s, nil
}

// listen binds address and refuses what turns out not to be loopback.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		_ = l.Close()
		return nil, fmt.Errorf("listen on %s: not a loopback address: the gateway has no access control yet, so whoever reached it would see every customer", address)
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

// URL gives the public listener's address, such as http://127.0.0.1:8080.
func (s *Server) URL() string { return "http://" + s.publicL.Addr().String() }

// AdminURL gives the admin listener's address.
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
