package server

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// answer reads, plans and executes a request of somebody known. Its context, and with
// it its calls of the store, ends when its time is over.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.config.Limits.RequestTimeout)
	defer cancel()
	where := s.bodies.get()
	s.respond(ctx, w, r, where)
	s.bodies.put(where) // Not after a panic: who knows what still has hold of it.
}

func (s *Server) respond(ctx context.Context, w http.ResponseWriter, r *http.Request, where *body) {
	q, p := s.read(ctx, w, r, where)
	if p != nil {
		s.chargeCost(ctx, pointsOf(q.size))
		refuse(w, r, p)
		return
	}
	op, errs := s.prepare(ctx, q)
	if errs != nil {
		s.chargeCost(ctx, pointsOf(q.size))
		s.reject(w, r, given{Response: &graphql.Response{Errors: errs}})
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
	switch answer := s.execute(ctx, op); {
	case answer.problem != nil:
		refuse(w, r, answer.problem)
	case answer.Data == nil:
		s.reject(w, r, answer)
	default:
		writeAnswer(w, e, http.StatusOK, answer)
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
