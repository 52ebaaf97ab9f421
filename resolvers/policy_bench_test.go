package resolvers_test

import (
	"context"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/resolvers"
)

// BenchmarkPolicy answers the customer-360 journey to staff with and without the
// policy round the store and the sources.
func BenchmarkPolicy(b *testing.B) {
	store := demoCopy(b, nil)
	cfg := resolvers.Config{Store: store, Clock: demo.Now, Sources: purchases.New(store, nil, purchases.Options{Clock: demo.Now})}
	without := graph.NewExecutableSchema(graph.Config{Resolvers: &resolvers.Root{
		Store: store, Purchases: cfg.Sources.For(crm.Audience{}), Clock: demo.Now,
	}})
	cfg.Policy = access.NewPolicy(store, access.PolicyRules(), access.PolicyOptions{Clock: demo.Now, Handed: func(string, string, int) {}})
	for _, test := range []struct {
		name   string
		schema graphql.ExecutableSchema
	}{{"without", without}, {"with", resolvers.NewSchema(cfg)}} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			exec := executor.New(test.schema)
			exec.SetQueryCache(lru.New[*ast.QueryDocument](10))
			resolvers.Errors{RequestID: func(context.Context) string { return "" }}.Install(exec)
			query, variables := journey(b, "dashboard/customer-360.graphql"), map[string]any{"id": string(demo.ExampleCustomer())}
			for b.Loop() {
				ctx := graphql.StartOperationTrace(access.With(context.Background(), access.Local()))
				operation, errs := exec.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
				if errs != nil {
					b.Fatal(errs)
				}
				responses, ctx := exec.DispatchOperation(ctx, operation)
				if response := responses(ctx); len(response.Data) == 0 || len(response.Errors) > 0 {
					b.Fatal("no answer")
				}
			}
		})
	}
}
