package server

import (
	"context"
	"fmt"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Executor is gqlgen's: it runs what this package has read and planned. Only how an
// operation begins is this package's own, as it is parsed, validated and coerced then.
type Executor struct {
	*executor.Executor
	mutators []graphql.OperationContextMutator
	// template has what every operation has of the executor.
	template *graphql.OperationContext
}

// newExecutor makes the executor of the configured schema.
func newExecutor(ctx context.Context, cfg Config) (*Executor, error) {
	e := &Executor{Executor: executor.New(cfg.Schema)}
	e.SetQueryCache(probed{})
	e.Executor.Use(probe{}) // The first: it keeps the others from seeing the probe.
	if cfg.Install != nil {
		cfg.Install(e)
	}
	e.template, _ = e.CreateOperationContext(graphql.StartOperationTrace(ctx), &graphql.RawParams{})
	if e.template == nil || e.template.ResolverMiddleware == nil || e.template.RecoverFunc == nil {
		return nil, fmt.Errorf("set up the executor: gqlgen makes no context of an operation")
	}
	return e, nil
}

// Use adds an extension.
func (e *Executor) Use(extension graphql.HandlerExtension) {
	if _, ok := extension.(graphql.OperationParameterMutator); ok {
		panic(fmt.Sprintf("extension %s: a request is read before the executor sees it", extension.ExtensionName()))
	}
	e.Executor.Use(extension)
	if mutator, ok := extension.(graphql.OperationContextMutator); ok {
		e.mutators = append(e.mutators, mutator)
	}
}

// begin is what gqlgen's CreateOperationContext is for an operation that is planned and
// whose variables are coerced: the extensions look at it, and may refuse it.
func (e *Executor) begin(ctx context.Context, op *operation, now time.Time) (*graphql.OperationContext, *gqlerror.Error) {
	running := &graphql.OperationContext{
		RawQuery: op.text, OperationName: op.name,
		Doc: op.document.Query, Operation: op.definition, Variables: op.variables,
		DisableIntrospection:   true,
		RecoverFunc:            e.template.RecoverFunc,
		ResolverMiddleware:     e.template.ResolverMiddleware,
		RootResolverMiddleware: e.template.RootResolverMiddleware,
		Stats:                  graphql.Stats{OperationStart: now},
	}
	if len(e.mutators) == 0 {
		return running, nil
	}
	ctx = graphql.WithOperationContext(ctx, running)
	for _, mutator := range e.mutators {
		if err := mutator.MutateOperationContext(ctx, running); err != nil {
			return nil, err
		}
	}
	return running, nil
}

// probed is a cache of documents that has one for everything.
type probed struct{}

var _ graphql.Cache[*ast.QueryDocument] = probed{}

// Get returns a document with an operation.
func (probed) Get(context.Context, string) (*ast.QueryDocument, bool) {
	return &ast.QueryDocument{Operations: ast.OperationList{{Operation: ast.Query}}}, true
}

// Add keeps nothing.
func (probed) Add(context.Context, string, *ast.QueryDocument) {}

// probe is an extension that refuses every operation which gqlgen begins: the one with
// which the executor is set up is the only one.
type probe struct{}

var _ graphql.OperationContextMutator = probe{}

// ExtensionName names the extension.
func (probe) ExtensionName() string { return "Probe" }

// Validate finds nothing wrong with any schema.
func (probe) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation.
func (probe) MutateOperationContext(context.Context, *graphql.OperationContext) *gqlerror.Error {
	return gqlerror.Errorf("this operation was not planned")
}
