package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/document/persisted"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/config"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/clientaddr"
	"github.com/customer360/gateway/internal/server/explorer"
	"github.com/customer360/gateway/internal/server/ratelimit"
	"github.com/customer360/gateway/internal/server/requestid"
	"github.com/customer360/gateway/resolvers"
)

// openAccess makes what checks credentials: the configured ones, or the demo's.
func (g *gateway) openAccess(p parts) (accessControl, error) {
	reads := g.reads(p)
	if g.callers != nil {
		return newAccessControl(config.Auth{APIKeys: true}, g.callers.issuers(), &g.callers.keys, reads, p.log)
	}
	return newAccessControl(g.cfg.Auth, nil, reads.APIKeys(), reads, p.log)
}

// server puts the parts together and binds the addresses.
func (g *gateway) server(ctx context.Context, p *parts, customer crm.ID) (*server.Server, error) {
	pages, err := g.explorer(customer)
	if err != nil {
		return nil, err
	}
	reads := g.reads(*p)
	policy := access.NewPolicy(reads, access.PolicyRules(), access.PolicyOptions{Clock: g.clock, Handed: p.metrics.Objects})
	schema := resolvers.NewSchema(resolvers.Config{Store: reads, Sources: p.sources, Clock: g.clock, Policy: policy})
	rules, err := access.NewRules(schema.Schema())
	if err != nil {
		return nil, fmt.Errorf("read the schema's rules of access: %w", err)
	}
	limits := g.cfg.Limits
	planner, err := document.New(schema.Schema(), planLimits(limits), scalar.Checks())
	if err != nil {
		return nil, fmt.Errorf("plan documents: %w", err)
	}
	if p.documents, err = openDocuments(g.cfg.Documents, planner, p); err != nil {
		return nil, err
	}
	audit := access.NewAuditor(p.log, requestid.From)
	return server.New(ctx, server.Config{
		Listen:        g.cfg.Listen,
		AdminListen:   g.cfg.AdminListen,
		AdminAnywhere: g.cfg.Auth.Required(),
		H2C:           g.cfg.H2C,
		Schema:        schema,
		Install: func(e *server.Executor) {
			resolvers.Errors{Log: p.log, RequestID: requestid.From}.Install(e)
			resolvers.Access{Rules: rules, Audit: audit}.Install(e)
			resolvers.Budget{Schema: schema.Schema(), Units: planner.Units, Dear: planner.Dear}.Install(e)
		},
		Planner:   planner,
		Persisted: p.documents,
		Auth:      p.access.Authenticator,
		Audit:     audit,
		Rates:     ratesOf(limits),
		Proxies:   clientaddr.New(networks(g.cfg.TrustedProxies)),
		Ready:     p.store.Ping,
		Explorer:  pages,
		Webhooks:  webhookHandler(g.cfg.Shops, *p),
		CORS:      corsPolicies(g.cfg.CORS),
		Limits: server.Limits{
			BodyBytes: limits.BodyBytes, HeaderBytes: limits.HeaderBytes,
			RequestTimeout: limits.RequestTimeout, ReadTimeout: limits.ReadTimeout,
			IdleTimeout: limits.IdleTimeout, ShutdownTimeout: limits.ShutdownTimeout, StallTimeout: limits.StallTimeout,
			Answer:      budget.Limits{Values: limits.AnswerValues, Bytes: limits.AnswerBytes},
			Concurrency: concurrencyOf(limits),
		},
		Log:     p.log,
		Metrics: p.metrics,
	})
}

// concurrencyOf are the settings' limits on what is under way at once. Answers that
// wait for their clients, and bodies on their way, may take up eight of the largest; a
// caller's answers as much as one.
func concurrencyOf(c config.Limits) server.Concurrency {
	return server.Concurrency{
		Cost: c.ConcurrentCost, CostEach: c.ConcurrentCostPerCaller, Queue: c.Queue, QueueEach: c.QueuePerCaller,
		AnswerBytes: 8 * c.AnswerBytes, AnswerBytesEach: c.AnswerBytes, RequestBytes: max(32<<20, 8*c.BodyBytes),
	}
}

// explorer returns the explorer's pages, nil for none.
func (g *gateway) explorer(customer crm.ID) (http.Handler, error) {
	if !g.cfg.Explorer {
		return nil, nil
	}
	options := explorer.Options{Customer: string(customer)}
	if g.callers != nil {
		options.Authorization = g.callers.staffHeader
	}
	return explorer.New(options)
}

// openDocuments makes what knows documents by their ids. Those of the manifest are
// planned as they are checked.
func openDocuments(cfg config.Documents, planner *document.Planner, p *parts) (*persisted.Documents, error) {
	documents := persisted.Config{
		Manifest: cfg.Manifest, Mode: persisted.Mode(cfg.Mode), Logger: p.log,
		Validate: func(text string) error {
			if _, errs := planner.Document(text, document.Options{Trusted: true, Suggest: true}); len(errs) > 0 {
				return errs
			}
			return nil
		},
	}
	if cfg.APQ {
		documents.APQ = persisted.DefaultAPQ()
	}
	opened, err := persisted.New(documents)
	if err != nil {
		return nil, &config.Error{Key: "documents.manifest", Problem: err.Error()}
	}
	return opened, nil
}

// planLimits are the settings' limits on documents.
func planLimits(c config.Limits) document.Limits {
	limits := document.DefaultLimits()
	limits.Tokens, limits.CachedDocuments = c.QueryTokens, c.CachedQueries
	limits.DocumentBytes = max(limits.DocumentBytes, 25*c.QueryTokens) // A token has less.
	limits.Depth, limits.Fields, limits.Aliases, limits.RootFields = c.Depth, c.Fields, c.Aliases, c.RootFields
	limits.Directives, limits.ListValues, limits.VariableValues, limits.Cost = c.Directives, c.Values, c.Values, c.Cost
	return limits
}

// ratesOf are the settings' rates: a second's requests and a minute's points may be
// used at once.
func ratesOf(c config.Limits) server.Rates {
	address, requests, points := int64(c.AddressRequestsPerSecond), int64(c.RequestsPerSecond), int64(c.CostPerMinute)
	return server.Rates{
		Addresses:  ratelimit.NewMemory(ratelimit.Options{}),
		Principals: ratelimit.NewMemory(ratelimit.Options{}),
		Address:    ratelimit.PerSecond(address, address),
		Requests:   ratelimit.PerSecond(requests, requests),
		Cost:       ratelimit.PerMinute(points, points),
	}
}

// networks returns the networks of a setting that was checked, an address as the
// network of it alone.
func networks(list []string) []netip.Prefix {
	prefixes := []netip.Prefix{}
	for _, text := range list {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix)
		} else if address, err := netip.ParseAddr(text); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
		}
	}
	return prefixes
}

// corsPolicies lets the pages of the configured origins ask.
func corsPolicies(c config.CORS) []server.CORSPolicy {
	var policies []server.CORSPolicy
	if len(c.AllowedOrigins) > 0 {
		policies = append(policies, server.CORSPolicy{Origins: c.AllowedOrigins, Headers: c.AllowedHeaders})
	}
	for _, p := range c.Policies {
		policies = append(policies, server.CORSPolicy{Origins: p.Origins, Headers: p.Headers, Credentials: p.Credentials, MaxAge: p.MaxAge})
	}
	return policies
}
