package resolvers

import (
	"context"
	"maps"
	"slices"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Messages for what a caller may not do.
const (
	unauthenticatedMessage = "nothing is answered to callers who do not say who they are"
	deniedMessage          = "this field may not be read by this caller"
	deniedInputMessage     = "an argument of this field may not be used by this caller"
)

// How many decisions are kept, and how large each may be: a larger one is made
// again for every request.
const (
	maxDecisions    = 1000
	maxDecisionSize = 100
)

// Access keeps every operation to the fields and inputs that its principal may
// read and use. Audit notes what was refused, and who reads personal data; nil
// notes nothing.
type Access struct {
	Rules *access.Rules
	Audit *access.Auditor
}

// Install makes a GraphQL server keep to the rules.
func (a Access) Install(s Server) {
	decisions, err := lru.New[decisionKey, *access.Decision](maxDecisions)
	if err != nil { // The size is positive.
		panic(err)
	}
	s.Use(&accessExtension{Access: a, decisions: decisions})
}

// accessName is what the extension is called, and what it calls its part of an
// operation.
const accessName = "Access"

// decisionKey is an operation, not held on to, and who asks for it.
type decisionKey struct {
	operation weak.Pointer[ast.OperationDefinition]
	reader    access.Reader
}

// accessExtension is the extension of a server.
type accessExtension struct {
	Access
	decisions *lru.Cache[decisionKey, *access.Decision]
}

var _ interface {
	graphql.OperationContextMutator
	graphql.OperationInterceptor
	graphql.ResponseInterceptor
} = (*accessExtension)(nil)

func (*accessExtension) ExtensionName() string { return accessName }

func (*accessExtension) Validate(graphql.ExecutableSchema) error { return nil }

// accessState is what access knows about one operation.
type accessState struct {
	rules     *access.Rules
	principal *access.Principal
	reader    access.Reader
	decision  *access.Decision
	audit     *access.Auditor
	// refused are fields that may not be read with the values of the variables.
	refused access.Refused

	mu             sync.Mutex
	masked, denied map[string]bool // coordinates
}

// MutateOperationContext decides an operation. Where nothing is denied or masked
// it leaves the operation as it is, and costs nothing for its fields.
func (x *accessExtension) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	principal := access.From(ctx)
	if principal == nil {
		return refusal(crm.CodeUnauthenticated, unauthenticatedMessage)
	}
	state := &accessState{
		rules: x.Rules, principal: principal, reader: x.Rules.Reader(principal),
		audit: x.Audit.Of(string(operation.Operation.Operation)),
	}
	state.decision = x.decide(operation.Operation, state.reader)
	state.refused = state.decision.Values(operation.Variables)
	operation.Stats.SetExtension(accessName, state)
	if state.decision.Guarded() || len(state.refused) > 0 {
		operation.ResolverMiddleware = state.guard(operation.ResolverMiddleware)
	}
	return nil
}

func refusal(code crm.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

// decide returns the decision for an operation and a reader, as a rule a kept one.
func (x *accessExtension) decide(operation *ast.OperationDefinition, reader access.Reader) *access.Decision {
	key := decisionKey{operation: weak.Make(operation), reader: reader}
	if decision, ok := x.decisions.Get(key); ok {
		return decision
	}
	decision := x.Rules.Decide(operation, reader)
	if decision.Size() <= maxDecisionSize {
		x.decisions.Add(key, decision)
	}
	return decision
}

// guard lets a field be resolved only if it may be read.
func (s *accessState) guard(next graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, resolve graphql.Resolver) (any, error) {
		field := graphql.GetFieldContext(ctx)
		bar := s.bar(field.Object, field.Field.Field)
		if bar == nil {
			return next(ctx, resolve)
		}
		if s.barred(bar); bar.Err != nil {
			return nil, bar.Err
		}
		return mask(field.Field.Definition.Type), nil
	}
}

// bar says what bars a field on an object type, nil if it may be read.
func (s *accessState) bar(object string, field *ast.Field) *exec.Bar {
	message := deniedInputMessage
	coordinate, refused := s.refused.Of(field)
	if !refused {
		var verdict access.Verdict
		switch verdict, coordinate = s.decision.Field(object, field); {
		case verdict == access.Allowed:
			return nil
		case verdict == access.Masked:
			return &exec.Bar{Coordinate: coordinate}
		case coordinate == object+"."+field.Name:
			message = deniedMessage
		}
	}
	return &exec.Bar{Coordinate: coordinate, Err: &crm.Error{Code: crm.CodeForbidden, Message: message}}
}

// barred notes that a field was barred.
func (s *accessState) barred(bar *exec.Bar) {
	if bar.Err != nil {
		s.note(&s.denied, bar.Coordinate)
	} else {
		s.note(&s.masked, bar.Coordinate)
	}
}

// note adds a coordinate to a set.
func (s *accessState) note(set *map[string]bool, coordinate string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *set == nil {
		*set = map[string]bool{}
	}
	(*set)[coordinate] = true
}

// mask returns what is shown in the place of a value of a type.
func mask(t *ast.Type) any {
	switch {
	case t.Elem != nil:
		return graphql.Array{}
	case t.NonNull:
		return graphql.MarshalString(exec.Masked)
	default:
		return nil
	}
}

// stateOf returns what access knows about the operation of a context, nil if
// nothing was decided about it.
func stateOf(ctx context.Context) *accessState {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	state, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(accessName).(*accessState)
	return state
}

// InterceptOperation notes who reads personal data.
func (*accessExtension) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if s := stateOf(ctx); s != nil && s.principal.Kind != access.KindCustomer && len(s.decision.PII()) > 0 {
		s.audit.ReadPII(ctx, s.principal, s.decision.PII())
	}
	return next(ctx)
}

// InterceptResponse tells the caller what was masked, and notes what was denied.
func (*accessExtension) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	s := stateOf(ctx)
	if s == nil {
		return response
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, coordinate := range slices.Sorted(maps.Keys(s.denied)) {
		s.audit.Denied(ctx, s.principal, coordinate, reason(s.principal.Kind))
	}
	if len(s.masked) > 0 && response != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions["masked"] = slices.Sorted(maps.Keys(s.masked))
	}
	s.masked, s.denied = nil, nil
	return response
}

// mayUse says whether the caller may use an input, by coordinate. Where nothing
// keeps to rules, everybody may.
func mayUse(ctx context.Context, coordinate string) bool {
	s := stateOf(ctx)
	return s == nil || s.rules.Input(s.reader, coordinate)
}

// mayRead says whether the caller may read a field's value. Where nothing keeps
// to rules, everybody may.
func mayRead(ctx context.Context, object, field string) bool {
	s := stateOf(ctx)
	return s == nil || s.rules.Field(s.reader, object, field) == access.Allowed
}

// reason says why the rules deny something, for the audit.
func reason(kind access.Kind) string {
	switch kind {
	case access.KindStaff:
		return "no role for it"
	case access.KindPartner:
		return "no scope for it"
	default:
		return "not for customers"
	}
}
