package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/bounded"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/explorer"
	"github.com/customer360/gateway/internal/requestid"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/telemetry"
	"github.com/customer360/gateway/resolvers"
)

// listenFlags are those of the commands that serve.
type listenFlags struct {
	storeFlags
	Listen      *string `placeholder:"HOST:PORT" help:"Where GraphQL is served (default 127.0.0.1:8080; port 0 takes a free one). Loopback only: there is no access control yet."`
	AdminListen *string `placeholder:"HOST:PORT" help:"Where health and metrics are served (default a free loopback port)."`
	JSON        bool    `name:"json" help:"Print one line of JSON with the addresses once ready, and nothing else."`
}

func (f listenFlags) load(m *Main, required ...string) (config.Config, error) {
	flags := map[string]config.Flag{}
	if f.Listen != nil {
		flags["listen"] = config.Flag{Name: "--listen", Value: *f.Listen}
	}
	if f.AdminListen != nil {
		flags["admin_listen"] = config.Flag{Name: "--admin-listen", Value: *f.AdminListen}
	}
	return m.load(f.storeFlags, flags, required...)
}

type serveCommand struct {
	listenFlags
}

func (c *serveCommand) run(ctx context.Context, m *Main) error {
	cfg, err := c.load(m, "store.url")
	if err != nil {
		return err
	}
	g := &gateway{main: m, cfg: cfg, clock: time.Now, json: c.JSON}
	return g.run(ctx)
}

type demoCommand struct {
	listenFlags
}

func (c *demoCommand) run(ctx context.Context, m *Main) error {
	cfg, err := c.load(m)
	if err != nil {
		return err
	}
	cfg.Explorer = true
	g := &gateway{main: m, cfg: cfg, clock: demo.Now, json: c.JSON, prepare: loadDemo}
	return g.run(ctx)
}

// loadDemo fills an empty store with the demo and takes one that holds it as it
// is. Any other is refused: the demo does not mix with a company's records.
func loadDemo(ctx context.Context, store crm.Store) error {
	state, err := demo.Check(ctx, store)
	if err != nil {
		return fmt.Errorf("look into the store: %w", err)
	}
	switch state {
	case demo.StateEmpty:
		// Loading is one short burst of garbage: collecting it less often makes
		// it a seventh shorter for about 200 MB more while it lasts.
		defer debug.SetGCPercent(debug.SetGCPercent(400))
		if err := demo.Load(ctx, store); err != nil {
			return fmt.Errorf("load the demo: %w", err)
		}
	case demo.StateLoaded:
	case demo.StateOther:
		return usage("the store holds other data, or a demo that was not loaded to its end; give demo an empty store, or none for one of its own")
	}
	return nil
}

// gateway is a store served over HTTP.
type gateway struct {
	main    *Main
	cfg     config.Config
	clock   func() time.Time
	json    bool
	prepare func(ctx context.Context, store crm.Store) error // nil is nothing
}

// run serves until ctx ends. Being told to end, however early, is no failure.
func (g *gateway) run(ctx context.Context) (err error) {
	log, err := g.main.logger(g.cfg)
	if err != nil {
		return err
	}
	metrics := telemetry.NewMetrics()
	store, err := openStore(ctx, g.cfg.Store, metrics.SourceCalls("store"))
	if err != nil {
		return unlessEnded(ctx, err)
	}
	defer func() {
		if closing := store.Close(context.WithoutCancel(ctx)); closing != nil && err == nil {
			err = storeError("close the store", g.cfg.Store.URL, closing)
		}
	}()
	s, err := g.start(ctx, store, log, metrics)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	return s.Run(ctx)
}

// unlessEnded gives nil for what went wrong because the program was told to end.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// start binds the addresses, so that a port in use is told at once, fills the
// store if need be and says where everything is.
func (g *gateway) start(ctx context.Context, store crm.Store, log *slog.Logger, metrics *telemetry.Metrics) (*server.Server, error) {
	customer := demo.ExampleCustomer()
	if g.prepare == nil {
		var err error
		if customer, err = exampleCustomer(ctx, store); err != nil {
			return nil, err
		}
	}
	s, err := g.server(ctx, store, customer, log, metrics)
	if err != nil {
		return nil, err
	}
	if g.prepare != nil {
		if err := g.prepare(ctx, store); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := g.announce(s, customer); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// exampleCustomer gives the demo's customer to look at first, "" if the store
// does not hold the demo.
func exampleCustomer(ctx context.Context, store crm.Store) (crm.ID, error) {
	id := demo.ExampleCustomer()
	found, err := store.Customers().ByID(ctx, []crm.ID{id})
	if err != nil {
		return "", fmt.Errorf("look for the example customer: %w", err)
	}
	if found[id] == nil {
		return "", nil
	}
	return id, nil
}

func (g *gateway) server(ctx context.Context, store crm.Store, customer crm.ID, log *slog.Logger, metrics *telemetry.Metrics) (*server.Server, error) {
	var pages http.Handler
	if g.cfg.Explorer {
		handler, err := explorer.New(string(customer))
		if err != nil {
			return nil, err
		}
		pages = handler
	}
	limits := g.cfg.Limits
	return server.New(ctx, server.Config{
		Listen:      g.cfg.Listen,
		AdminListen: g.cfg.AdminListen,
		Schema: resolvers.NewSchema(resolvers.Config{
			Store: bounded.Store(store, g.cfg.Store.Timeout), Clock: g.clock, Viewer: localViewer,
		}),
		Install:        resolvers.Errors{Log: log, RequestID: requestid.From}.Install,
		Ready:          store.Ping,
		Explorer:       pages,
		AllowedOrigins: g.cfg.CORS.AllowedOrigins,
		Limits: server.Limits{
			BodyBytes: limits.BodyBytes, HeaderBytes: limits.HeaderBytes,
			QueryTokens: limits.QueryTokens, CachedQueries: limits.CachedQueries,
			RequestTimeout: limits.RequestTimeout, ReadTimeout: limits.ReadTimeout,
			IdleTimeout: limits.IdleTimeout, ShutdownTimeout: limits.ShutdownTimeout,
		},
		Log:     log,
		Metrics: metrics,
	})
}

// localViewer is who asks as long as only this machine can: the machine itself.
func localViewer(context.Context) crm.Viewer {
	return crm.Viewer{Actor: &crm.System{Name: "local"}}
}

// ready is the line that --json prints.
type ready struct {
	GraphQL  string `json:"graphql"`
	Explorer string `json:"explorer,omitempty"`
	Metrics  string `json:"metrics"`
	Customer string `json:"customer,omitempty"`
}

// announce says where everything is, once requests are taken.
func (g *gateway) announce(s *server.Server, customer crm.ID) error {
	at := ready{GraphQL: s.URL() + "/graphql", Metrics: s.AdminURL() + "/metrics", Customer: string(customer)}
	if g.cfg.Explorer {
		at.Explorer = s.URL() + "/"
	}
	if g.json {
		line, err := json.Marshal(at)
		if err != nil {
			return fmt.Errorf("write the addresses: %w", err)
		}
		return g.main.print("%s", line)
	}
	return g.main.print("%s", at.text())
}

// text says the same to a person.
func (r ready) text() string {
	lines := []string{"GraphQL   " + r.GraphQL}
	if r.Explorer != "" {
		lines = append(lines, "Explorer  "+r.Explorer+" (its tabs hold queries to try)")
	}
	lines = append(lines, "Metrics   "+r.Metrics, "")
	if r.Customer != "" {
		lines = append(lines, "Ask from a shell:", "",
			"  curl -s "+r.GraphQL+` -H 'Content-Type: application/json' \`,
			`    -d '{"query": "{ customer(id: \"`+r.Customer+`\") { displayName loyaltyClass statistics { orderCount } } }"}'`, "")
	}
	return strings.Join(append(lines, "Only this machine can reach it: there is no access control yet. Ctrl-C ends it."), "\n")
}
