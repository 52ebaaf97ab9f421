//go:build unix

package main_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	gateway "github.com/customer360/gateway/cmd/gateway"
	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/scalar"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/server"
	"github.com/customer360/gateway/internal/server/requestid"
	"github.com/customer360/gateway/internal/telemetry"
	"github.com/customer360/gateway/resolvers"
)

// BenchmarkGuards asks for the 360 view over HTTP: of the program as it serves
// partners and staff, with credentials, rules, policy, costs and rates, and of a
// server of the same store without any of them. They take turns, so that what else
// the machine does falls on both. The CPU time is that of the process, the asking
// included; ratio is that with guards by that without.
func BenchmarkGuards(b *testing.B) {
	guarded, bare := benchGuarded(b), benchBare(b)
	variables := map[string]any{"id": string(demo.ExampleCustomer())}
	document := journey(b, "dashboard/customer-360")
	ask := func(s served, authorization string) {
		if got := send(b, s, authorization, document, variables); got.status != 200 || strings.Contains(got.body, `"errors"`) {
			b.Fatalf("status %d: %.500s", got.status, got.body)
		}
	}
	var with, without time.Duration
	round := func(total *time.Duration, s served, authorization string) {
		before := processTime(b)
		for range 5 {
			ask(s, authorization)
		}
		*total += processTime(b) - before
	}
	for range 4 { // Both are warm then.
		ask(guarded, guarded.tokens.Staff)
		ask(bare, "")
	}
	n := 0
	for b.Loop() {
		round(&with, guarded, guarded.tokens.Staff)
		round(&without, bare, "")
		n += 5
	}
	b.ReportMetric(float64(with.Microseconds())/float64(n), "with-cpu-µs")
	b.ReportMetric(float64(without.Microseconds())/float64(n), "without-cpu-µs")
	b.ReportMetric(float64(with)/float64(without), "ratio")
}

// benchGuarded starts the program with a token of staff.
func benchGuarded(b *testing.B) served {
	b.Helper()
	company, staff := issuer(b, "gateway")
	settings := filepath.Join(b.TempDir(), "gateway.yaml")
	content := "auth:\n  issuers:\n    - {name: company, issuer: " + company + ", audience: gateway, principal: staff, roles_claim: roles, role_map: {all: ADMIN}}\n" +
		"limits: {requests_per_second: 100000, address_requests_per_second: 100000, cost_per_minute: 100000000}\nlog: {level: error}\n"
	if err := os.WriteFile(settings, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	s := start(b, &gateway.Main{}, "serve", "--store", demoStore(b), "--config", settings)
	s.tokens.Staff = staff(map[string]any{"sub": "bench", "roles": "all"})
	return s
}

// benchBare serves the same records without any guard.
func benchBare(b *testing.B) served {
	b.Helper()
	store, err := sqlite.Open(b.Context(), strings.TrimPrefix(demoStore(b), "sqlite:"))
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	schema := graph.NewExecutableSchema(graph.Config{Resolvers: &resolvers.Root{
		Store: store, Purchases: purchases.New(store, nil, purchases.Options{}).For(crm.Audience{}), Clock: time.Now,
	}})
	planner, err := document.New(schema.Schema(), document.DefaultLimits(), scalar.Checks())
	if err != nil {
		b.Fatal(err)
	}
	s, err := server.New(b.Context(), server.Config{
		Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0",
		Schema: schema, Planner: planner,
		Install: func(e *server.Executor) { resolvers.Errors{Log: log, RequestID: requestid.From}.Install(e) },
		Ready:   store.Ping, Log: log, Metrics: telemetry.NewMetrics(),
		Limits: server.Limits{BodyBytes: 1 << 20, HeaderBytes: 64 << 10, RequestTimeout: time.Minute, ReadTimeout: time.Minute, IdleTimeout: time.Minute},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := store.Close(context.WithoutCancel(b.Context())); err != nil {
			b.Error(err)
		}
	})
	return served{graphql: s.URL() + "/graphql"}
}

// processTime is the CPU time that the process has used.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
