package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/customer360/gateway/datasources/shops"
	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/deadline"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/shopsync"
	"github.com/customer360/gateway/internal/telemetry"
)

// listenFlags are those of the commands that serve.
type listenFlags struct {
	storeFlags
	Listen      *string `placeholder:"HOST:PORT" help:"Where GraphQL is served (default 127.0.0.1:8080; port 0 takes a free one)."`
	AdminListen *string `placeholder:"HOST:PORT" help:"Where health and metrics are served (default a free loopback port)."`
	JSON        bool    `name:"json" help:"Print one line of JSON with the addresses once ready, and nothing else."`
}

// load returns the settings of a command that serves the store and the shops.
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
	InsecureLocal bool `help:"Serve without access control, to this machine alone: everybody on it sees everything."`
}

func (c *serveCommand) run(ctx context.Context, m *Main) error {
	cfg, err := c.load(m, "store.url")
	if err != nil {
		return err
	}
	if err := checkAccess(cfg, c.InsecureLocal); err != nil {
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
	callers, err := newDemoAccess()
	if err != nil {
		return err
	}
	if cfg, err = callers.configure(cfg); err != nil {
		return err
	}
	g := &gateway{
		main: m, cfg: cfg, clock: demo.Now, json: c.JSON, prepare: shop.load, callers: callers,
		over: map[string]http.RoundTripper{demo.WebShop: m.wrapped(shop)},
	}
	return g.run(ctx)
}

// logDelay is how long the lines of requests that were answered may wait to be written
// together.
const logDelay = 100 * time.Millisecond

// gateway is a store and shops served over HTTP.
type gateway struct {
	main    *Main
	cfg     config.Config
	clock   func() time.Time
	json    bool
	prepare func(ctx context.Context, store crm.Store) error // nil is nothing
	callers *demoAccess                                      // the demo's; nil is none
	over    map[string]http.RoundTripper                     // what buildShops takes
}

// run serves until ctx ends. Being told to end, however early, is no failure.
func (g *gateway) run(ctx context.Context) (err error) {
	lines := telemetry.NewLines(g.main.Stderr, logDelay)
	defer lines.Close() //nolint:errcheck // There is nobody to tell; whatever happens, what waits is written.
	log, err := g.main.logger(g.cfg, lines)
	if err != nil {
		return err
	}
	defer keepToMemory(log, g.main.variable("GOGC"))()
	p := parts{log: log, metrics: telemetry.NewMetrics()}
	if p.shops, err = buildShops(g.cfg.Shops, p.metrics.SourceCalls, p.metrics.Shops(), g.over); err != nil {
		return err
	}
	defer p.shops.Close()
	if p.store, err = openStore(ctx, g.cfg.Store, serving, p.metrics.SourceCalls(crm.SourceStore)); err != nil {
		return unlessEnded(ctx, err)
	}
	defer func() {
		if closing := p.store.Close(context.WithoutCancel(ctx)); closing != nil && err == nil {
			err = storeError("close the store", g.cfg.Store.URL, closing)
		}
	}()
	p.sources = g.openSources(p)
	if p.access, err = g.openAccess(p); err != nil {
		return err
	}
	defer p.access.Close()
	s, err := g.start(ctx, &p)
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
	var jobs sync.WaitGroup
	jobs.Go(func() { runJobs(ctx, syncJobs(g.cfg.Shops, p), p.log) })
	jobs.Go(func() { p.documents.Watch(ctx) })
	err := s.Run(ctx)
	stop()
	jobs.Wait()
	return err
}

// parts are what the server is made of.
type parts struct {
	store   crm.Store
	shops   *shops.Shops
	sources *purchases.Sources
	access  accessControl
	// documents are set by start.
	documents *persisted.Documents
	log       *slog.Logger
	metrics   *telemetry.Metrics
}

// reads is the store for what answers callers: no read takes for ever.
func (g *gateway) reads(p parts) crm.Store {
	return budget.Store(deadline.Store(p.store, g.cfg.Store.Timeout))
}

// openSources makes one of the store and the shops.
func (g *gateway) openSources(p parts) *purchases.Sources {
	reads := g.reads(p)
	list := make([]purchases.Source, len(g.cfg.Shops))
	for i, shop := range p.shops.Guarded() {
		list[i] = purchases.Source{Shop: budget.Shop(shop), Mode: purchases.Mode(g.cfg.Shops[i].Mode)}
	}
	return purchases.New(reads, list, purchases.Options{
		Clock: g.clock, Log: p.log,
		Synced: func(ctx context.Context, names []string) (map[string]time.Time, error) {
			return shopsync.Watermarks(ctx, reads, names)
		},
	})
}

// unlessEnded returns nil for what went wrong because the program was told to end.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// start binds the addresses, so that a port in use is told at once, fills the
// store if need be and says where everything is.
func (g *gateway) start(ctx context.Context, p *parts) (*server.Server, error) {
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
		debug.FreeOSMemory() // What loading has left behind is much more than serving needs.
	}
	at := ready{
		GraphQL: s.URL() + "/graphql", Metrics: s.AdminURL() + "/metrics", Customer: string(customer), Sources: p.sources.Names(),
		open: !g.cfg.Auth.Required() && g.callers == nil,
	}
	if g.cfg.Explorer {
		at.Explorer = s.URL() + "/"
	}
	if g.callers != nil {
		minted, err := g.callers.mint(ctx, p.store)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		at.Tokens, at.PortalCustomer = &minted, string(demo.PortalCustomer())
	}
	if err := g.announce(at); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// exampleCustomer returns the demo's customer to look at first, "" if the store
// does not hold the demo.
func exampleCustomer(ctx context.Context, store crm.Store) (crm.ID, error) {
	id := demo.ExampleCustomer()
	found, err := crm.Of[crm.Customer](store).ByID(ctx, []crm.ID{id}, nil)
	if err != nil {
		return "", fmt.Errorf("look for the example customer: %w", err)
	}
	if found[id] == nil {
		return "", nil
	}
	return id, nil
}
