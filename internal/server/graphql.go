package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/internal/crm"
)

// maxCachedQuery bounds a query document that is kept for the next time, in
// bytes: the number of documents alone would not bound the memory.
const maxCachedQuery = 16 << 10

// graphQL serves /graphql.
func (s *Server) graphQL() http.Handler {
	gql := handler.New(s.config.Schema)
	gql.AddTransport(transport.GET{UseGrapQLResponseJsonByDefault: true})
	gql.AddTransport(transport.POST{UseGrapQLResponseJsonByDefault: true})
	gql.SetQueryCache(shortQueries{lru.New[*ast.QueryDocument](s.config.Limits.CachedQueries)})
	gql.SetParserTokenLimit(s.config.Limits.QueryTokens)
	gql.Use(extension.Introspection{})
	gql.Use(operationTypes{})
	gql.AroundOperations(timedOut)
	if s.config.Install != nil {
		s.config.Install(gql)
	}
	return s.wellFormed(s.inTime(gql))
}

// inTime ends a request's context, and with it its calls of the store, when its
// time is over.
func (s *Server) inTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.config.Limits.RequestTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// shortQueries caches documents that are not too long.
type shortQueries struct {
	graphql.Cache[*ast.QueryDocument]
}

// Add keeps a document for its query, if that is short enough.
func (c shortQueries) Add(ctx context.Context, query string, document *ast.QueryDocument) {
	if len(query) <= maxCachedQuery {
		c.Cache.Add(ctx, query, document)
	}
}

// operationTypes notes the type of each operation and keeps GET read-only.
type operationTypes struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = operationTypes{}

// ExtensionName names the extension for gqlgen.
func (operationTypes) ExtensionName() string { return "OperationTypes" }

// Validate accepts any schema.
func (operationTypes) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses whatever is no query over GET.
func (operationTypes) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	e := exchangeOf(ctx)
	if e == nil {
		return nil
	}
	e.operation = string(op.Operation.Operation)
	if e.method == http.MethodGet && op.Operation.Operation != ast.Query {
		e.override = http.StatusMethodNotAllowed
		e.Header().Set("Allow", http.MethodPost)
		return &gqlerror.Error{
			Message:    "GET is for queries only: send this operation with POST",
			Extensions: map[string]any{"code": string(crm.CodeInvalid)},
		}
	}
	return nil
}

// timedOut answers an operation that ran out of time before it began; gqlgen
// itself would answer null.
func timedOut(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	respond := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		response := respond(ctx)
		if response == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return &graphql.Response{Errors: gqlerror.List{{
				Message:    "the request took longer than the gateway lets it",
				Extensions: map[string]any{"code": string(crm.CodeUnavailable)},
			}}}
		}
		return response
	}
}
