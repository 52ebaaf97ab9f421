package server

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Executor is gqlgen's: it runs what this package has read and planned.
type Executor = executor.Executor

// newExecutor makes the executor of the configured schema. It parses nothing and
// coerces nothing: it finds each operation with its variables in its context.
func newExecutor(cfg Config) *Executor {
	e := executor.New(cfg.Schema)
	e.SetQueryCache(planned{})
	e.Use(planned{})
	if cfg.Install != nil {
		cfg.Install(e)
	}
	return e
}

// plannedKey carries the operation of a request to the executor.
type plannedKey struct{}

// planned is the executor's cache of documents, which always holds the one that was
// planned for the request, and its first extension, which puts the operation's
// variables where the executor would have coerced them itself, by looser rules.
type planned struct{}

var (
	_ graphql.Cache[*ast.QueryDocument] = planned{}
	_ graphql.OperationContextMutator   = planned{}
)

// Get returns a document with the operation of the context's request alone. It defines
// no variables, so that the executor finds none to coerce.
func (planned) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	op, ok := ctx.Value(plannedKey{}).(*operation)
	if !ok {
		return nil, false
	}
	bare := *op.definition
	bare.VariableDefinitions = nil
	return &ast.QueryDocument{Operations: ast.OperationList{&bare}}, true
}

// Add keeps nothing.
func (planned) Add(context.Context, string, *ast.QueryDocument) {}

// ExtensionName names the extension.
func (planned) ExtensionName() string { return "Planned" }

// Validate finds nothing wrong with any schema.
func (planned) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext gives the operation as it was planned, and its variables.
func (planned) MutateOperationContext(ctx context.Context, running *graphql.OperationContext) *gqlerror.Error {
	if op, ok := ctx.Value(plannedKey{}).(*operation); ok {
		running.Doc, running.Operation, running.Variables = op.document.Query, op.definition, op.variables
	}
	return nil
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

// answer reads, plans and executes a request of somebody known.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	q, p := s.read(w, r)
	if p != nil {
		s.chargeCost(ctx, pointsOf(q.size))
		refuse(w, r, p)
		return
	}
	op, errs := s.prepare(ctx, q)
	if errs != nil {
		s.chargeCost(ctx, pointsOf(q.size))
		s.reject(w, r, &graphql.Response{Errors: errs})
		return
	}
	e := exchangeOf(ctx)
	e.operation = string(op.definition.Operation)
	if p := s.permitted(r, op); p != nil {
		s.chargeCost(ctx, pointsOf(q.size))
		refuse(w, r, p)
		return
	}
	op.size = q.size
	switch answer := s.execute(r, op); {
	case answer.problem != nil:
		refuse(w, r, answer.problem)
	case answer.Data == nil:
		s.reject(w, r, answer.Response)
	default:
		writeAnswer(w, e.mediaType, http.StatusOK, answer.Response)
	}
}

// pointsOf bills a request that was refused once it was read: by its size, as that
// is what it has cost.
func pointsOf(bytes int) int { return 10 + bytes/100 }

// operation is one that is about to be executed.
type operation struct {
	text       string
	document   *document.Document
	definition *ast.OperationDefinition
	name       string
	options    document.Options
	given      []byte         // the variables' JSON
	variables  map[string]any // coerced, once it is executed
	size       int            // of the request, in bytes
}

// prepare finds and plans the document of a request, and chooses the operation.
func (s *Server) prepare(ctx context.Context, q question) (*operation, gqlerror.List) {
	if err := s.planner.Variables(q.variables); err != nil {
		return nil, gqlerror.List{err}
	}
	found, err := s.persisted.Resolve(q.query, q.hash)
	if err != nil {
		return nil, gqlerror.List{unresolved(err)}
	}
	who := access.From(ctx)
	options := document.Options{Trusted: found.Trusted, Suggest: s.mayIntrospect(who)}
	doc, errs := s.planner.Document(found.Text, options)
	if len(errs) > 0 {
		return nil, errs
	}
	definition, failure := doc.Operation(q.operationName)
	if failure != nil {
		return nil, gqlerror.List{failure}
	}
	s.persisted.Accepted(ctx, found, who.ID, definition.Name)
	return &operation{
		text: found.Text, document: doc, definition: definition, name: q.operationName, options: options, given: q.variables,
	}, nil
}

// permitted says what is wrong with asking for an operation in this way.
func (s *Server) permitted(r *http.Request, op *operation) *problem {
	switch {
	case r.Method == http.MethodGet && op.definition.Operation != ast.Query:
		return invalid(http.StatusMethodNotAllowed, "GET is for queries only: send this operation with POST").because("METHOD").with("Allow", http.MethodPost)
	case op.definition.Operation == ast.Subscription:
		return &problem{status: http.StatusBadRequest, code: crm.CodeUnsupported, message: "subscriptions are not served over plain HTTP"}
	case !s.mayIntrospect(access.From(r.Context())) && asksSchema(op.definition.SelectionSet, map[string]bool{}):
		return (&problem{status: http.StatusForbidden, code: crm.CodeForbidden, message: "the schema may not be read by this caller"}).because("INTROSPECTION")
	default:
		return nil
	}
}

// mayIntrospect says whether somebody may read the schema.
func (s *Server) mayIntrospect(who *access.Principal) bool {
	if s.config.Introspect != nil {
		return s.config.Introspect(who)
	}
	return who.Kind == access.KindStaff || who.Kind == access.KindPartner
}

// asksSchema says whether the selections of a root have __schema or __type.
func asksSchema(set ast.SelectionSet, seen map[string]bool) bool {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if selection.Name == "__schema" || selection.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if asksSchema(selection.SelectionSet, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if !seen[selection.Name] {
				seen[selection.Name] = true
				if selection.Definition != nil && asksSchema(selection.Definition.SelectionSet, seen) {
					return true
				}
			}
		}
	}
	return false
}

// queryCost is extensions.cost: what an operation was expected to cost, what it has
// cost, and what its caller may spend, by Shopify's names. How much is left changes
// with the time and stands in the RateLimit header: the same request has the same
// answer.
type queryCost struct {
	Requested int             `json:"requestedQueryCost"`
	Actual    int             `json:"actualQueryCost,omitempty"`
	Throttle  *throttleStatus `json:"throttleStatus,omitempty"`
}

// throttleStatus is the caller's bucket of points, and the whole points that come
// back in a second.
type throttleStatus struct {
	Maximum     int64 `json:"maximumAvailable"`
	RestoreRate int64 `json:"restoreRate"`
}

func (s *Server) costExtension(extensions map[string]any, requested, actual int) map[string]any {
	cost := queryCost{Requested: requested, Actual: actual}
	if rates := s.config.Rates; rates.Principals != nil {
		cost.Throttle = &throttleStatus{
			Maximum: rates.Cost.Burst, RestoreRate: int64(float64(rates.Cost.Points) / rates.Cost.Per.Seconds()),
		}
	}
	if extensions == nil {
		extensions = map[string]any{}
	}
	extensions["cost"] = cost
	return extensions
}
