package resolvers_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/resolvers"
)

// answering returns what answers the customer-360 journey as somebody, with or
// without rules.
func (g *graphOn) answering(t testing.TB, who *access.Principal, withRules bool) func() {
	t.Helper()
	return g.executing(t, who, withRules, journey(t, "dashboard/customer-360.graphql"), map[string]any{"id": string(demo.ExampleCustomer())})
}

// executing returns what answers a query as somebody, with or without rules, from the
// context of the operation on: neither HTTP nor planning is part of it.
func (g *graphOn) executing(t testing.TB, who *access.Principal, withRules bool, query string, variables map[string]any) func() {
	t.Helper()
	exec := executor.New(g.schema)
	exec.SetQueryCache(lru.New[*ast.QueryDocument](10))
	resolvers.Errors{RequestID: func(context.Context) string { return "" }}.Install(exec)
	if withRules {
		rules, err := access.NewRules(g.schema.Schema())
		if err != nil {
			t.Fatal(err)
		}
		resolvers.Access{Rules: rules}.Install(exec)
	}
	return func() {
		ctx := graphql.StartOperationTrace(access.With(context.Background(), who))
		operation, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
		if errs != nil {
			t.Fatal(errs)
		}
		responses, ctx := exec.DispatchOperation(ctx, operation)
		response := responses(ctx)
		if len(response.Data) < 500 {
			t.Fatalf("the answer is %s, %v", response.Data, response.Errors)
		}
		for _, err := range response.Errors { // Some of who asks may not read all of it.
			if err.Extensions["code"] != string(crm.CodeForbidden) {
				t.Fatal(err)
			}
		}
	}
}

// cpu returns the CPU time that this process has used.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkAccess answers the customer-360 journey without rules, with rules
// that allow all of it, and with rules that mask parts of it.
func BenchmarkAccess(b *testing.B) {
	graph, _ := onDemo(b, backends.Backends()[0], nil)
	for _, test := range []struct {
		name string
		who  *access.Principal
		on   bool
	}{
		{"none", staffOf(access.RoleSupport), false},
		{"allowed", staffOf(access.RoleSupport), true},
		{"masked", staffOf(access.RoleAnalyst), true},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			answer := graph.answering(b, test.who, test.on)
			answer()
			before := cpu(b)
			for b.Loop() {
				answer()
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
