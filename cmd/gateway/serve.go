package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops"
	"github.com/customer360/gateway/internal/bounded"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/explorer"
	"github.com/customer360/gateway/internal/plan"
	"github.com/customer360/gateway/internal/requestid"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/shopsync"
	"github.com/customer360/gateway/internal/sources"
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

// load gives the settings of a command that serves the store and the shops.
func (f listenFlags) load(m *Main, required ...string) (config.Config, error) {
	flags := f.flags()
	if f.Listen != nil {
		flags["listen"] = config.Flag{Name: "--listen", Value: *f.Listen}
	}
	if f.AdminListen != nil {
		flags["admin_listen"] = config.Flag{Name: "--admin-listen", Value: *f.AdminListen}
	}
	return m.load(f.configFlag, config.Sources{Flags: flags, Required: required, Shops: true})
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
	shop := &demoShop{}
	if cfg, err = shop.configure(cfg); err != nil {
		return err
	}
	cfg.Explorer = true
	g := &gateway{
		main: m, cfg: cfg, clock: demo.Now, json: c.JSON, prepare: shop.load,
		over: map[string]http.RoundTripper{demo.WebShop: m.wrapped(shop)},
	}
	return g.run(ctx)
}

// gateway is a store and shops served over HTTP.
type gateway struct {
	main    *Main
	cfg     config.Config
	clock   func() time.Time
	json    bool
	prepare func(ctx context.Context, store crm.Store) error // nil is nothing
	over    map[string]http.RoundTripper                     // what buildShops takes
}

// run serves until ctx ends. Being told to end, however early, is no failure.
func (g *gateway) run(ctx context.Context) (err error) {
	log, err := g.main.logger(g.cfg)
	if err != nil {
		return err
	}
	p := parts{log: log, metrics: telemetry.NewMetrics()}
	if p.shops, err = buildShops(g.cfg.Shops, p.metrics.SourceCalls, p.metrics.Shops(), g.over); err != nil {
		return err
	}
	defer p.shops.Close()
	if p.store, err = openStore(ctx, g.cfg.Store, p.metrics.SourceCalls(crm.SourceStore)); err != nil {
		return unlessEnded(ctx, err)
	}
	defer func() {
		if closing := p.store.Close(context.WithoutCancel(ctx)); closing != nil && err == nil {
			err = storeError("close the store", g.cfg.Store.URL, closing)
		}
	}()
	p.sources = g.openSources(p)
	s, err := g.start(ctx, p)
	if err != nil {
		return unlessEnded(ctx, err)
	}
	return g.serve(ctx, s, p)
}

// serve answers requests, and synchronizes the shops that are due, until ctx
// ends; then it waits for both.
func (g *gateway) serve(ctx context.Context, s *server.Server, p parts) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runJobs(ctx, syncJobs(g.cfg.Shops, p), p.log)
	}()
	err := s.Run(ctx)
	stop()
	<-done
	return err
}

// parts are what the server is made of.
type parts struct {
	store   crm.Store
	shops   *shops.Shops
	sources *sources.Sources
	log     *slog.Logger
	metrics *telemetry.Metrics
}

// reads is the store for whoever answers callers: no read takes for ever.
func (g *gateway) reads(p parts) crm.Store { return bounded.Store(p.store, g.cfg.Store.Timeout) }

// openSources makes one of the store and the shops.
func (g *gateway) openSources(p parts) *sources.Sources {
	reads := g.reads(p)
	list := make([]sources.Source, len(g.cfg.Shops))
	for i, shop := range p.shops.Guarded() {
		list[i] = sources.Source{Shop: shop, Mode: sources.Mode(g.cfg.Shops[i].Mode)}
	}
	return sources.New(reads, list, sources.Options{
		Clock: g.clock, Log: p.log,
		Synced: func(ctx context.Context, names []string) (map[string]time.Time, error) {
			return shopsync.Watermarks(ctx, reads, names)
		},
	})
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
func (g *gateway) start(ctx context.Context, p parts) (*server.Server, error) {
	customer := demo.ExampleCustomer()
	if g.prepare == nil {
		var err error
		if customer, err = exampleCustomer(ctx, p.store); err != nil {
			return nil, err
		}
	}
	s, err := g.server(ctx, p, customer)
	if err != nil {
		return nil, err
	}
	if g.prepare != nil {
		if err := g.prepare(ctx, p.store); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := g.announce(s, p.sources.Names(), customer); err != nil {
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

func (g *gateway) server(ctx context.Context, p parts, customer crm.ID) (*server.Server, error) {
	var pages http.Handler
	if g.cfg.Explorer {
		handler, err := explorer.New(string(customer))
		if err != nil {
			return nil, err
		}
		pages = handler
	}
	limits := g.cfg.Limits
	schema := resolvers.NewSchema(resolvers.Config{
		Store: g.reads(p), Sources: p.sources, Clock: g.clock,
	})
	planner, err := plan.New(schema.Schema(), planLimits(limits))
	if err != nil {
		return nil, err
	}
	return server.New(ctx, server.Config{
		Listen:      g.cfg.Listen,
		AdminListen: g.cfg.AdminListen,
		Schema:      schema,
		Install:     func(e *server.Executor) { resolvers.Errors{Log: p.log, RequestID: requestid.From}.Install(e) },
		Ready:       p.store.Ping,
		Explorer:    pages,
		Webhooks:    webhookHandler(g.cfg.Shops, p),
		CORS:        corsPolicies(g.cfg.CORS),
		Planner:     planner,
		Limits: server.Limits{
			BodyBytes: limits.BodyBytes, HeaderBytes: limits.HeaderBytes,
			RequestTimeout: limits.RequestTimeout, ReadTimeout: limits.ReadTimeout,
			IdleTimeout: limits.IdleTimeout, ShutdownTimeout: limits.ShutdownTimeout,
		},
		Log:     p.log,
		Metrics: p.metrics,
	})
}

// planLimits are the settings' limits on documents.
func planLimits(c config.Limits) plan.Limits {
	limits := plan.DefaultLimits()
	limits.Tokens, limits.CachedDocuments = c.QueryTokens, c.CachedQueries
	limits.Depth, limits.Fields, limits.Aliases, limits.RootFields = c.Depth, c.Fields, c.Aliases, c.RootFields
	limits.Directives, limits.VariableValues, limits.Cost = max(1, c.Directives), c.Values, c.Cost
	return limits
}

// corsPolicies lets the pages of the configured origins ask.
func corsPolicies(c config.CORS) []server.CORSPolicy {
	if len(c.AllowedOrigins) == 0 {
		return nil
	}
	return []server.CORSPolicy{{Origins: c.AllowedOrigins}}
}

// ready is the line that --json prints.
type ready struct {
	GraphQL  string   `json:"graphql"`
	Explorer string   `json:"explorer,omitempty"`
	Metrics  string   `json:"metrics"`
	Customer string   `json:"customer,omitempty"`
	Sources  []string `json:"sources"`
}

// announce says where everything is, once requests are taken.
func (g *gateway) announce(s *server.Server, sources []string, customer crm.ID) error {
	at := ready{GraphQL: s.URL() + "/graphql", Metrics: s.AdminURL() + "/metrics", Customer: string(customer), Sources: sources}
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
	lines = append(lines, "Metrics   "+r.Metrics, "Sources   "+strings.Join(r.Sources, ", "), "")
	if r.Customer != "" {
		lines = append(lines, "Ask from a shell:", "",
			"  curl -s "+r.GraphQL+` -H 'Content-Type: application/json' \`,
			`    -d '{"query": "{ customer(id: \"`+r.Customer+`\") { displayName loyaltyClass statistics { orderCount } } }"}'`, "")
	}
	return strings.Join(append(lines, "Only this machine can reach it: there is no access control yet. Ctrl-C ends it."), "\n")
}
