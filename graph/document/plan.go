package document

import (
	"errors"
	"math"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Planner plans the documents of one schema. It is safe for concurrent use.
type Planner struct {
	schema  *ast.Schema
	limits  Limits
	weights *weights
	inputs  inputs
	told    rules // with suggestions
	silent  rules // without
	cache   *cache

	decoders decoders
}

// Options say how to plan a document.
type Options struct {
	// Trusted says that the operator has put the document on a list: it is bound
	// by no limit on its form.
	Trusted bool
	// Suggest lets errors name similar fields of the schema, for callers who may
	// read it.
	Suggest bool
}

// Document is a document that may be executed. It is shared by every request with
// the same text and must not be changed.
type Document struct {
	// Query is the validated tree.
	Query *ast.QueryDocument

	programs map[*ast.OperationDefinition]*program
	bytes    int
}

// New makes a planner for a schema, with what checks the schema's own scalars. An
// error names a limit that is not positive, a @cost or @listSize in the schema that
// makes no sense, or a scalar that nothing checks.
func New(schema *ast.Schema, limits Limits, scalars Scalars) (*Planner, error) {
	if err := limits.Validate(); err != nil {
		return nil, err
	}
	w, err := newWeights(schema)
	if err != nil {
		return nil, err
	}
	in, err := newInputs(schema, scalars)
	if err != nil {
		return nil, err
	}
	c, err := newCache(limits.CachedDocuments, limits.CachedBytes)
	if err != nil {
		return nil, err
	}
	return &Planner{
		schema: schema, limits: limits, weights: w, inputs: in,
		told: newRules(true, in), silent: newRules(false, in), cache: c,
	}, nil
}

// Limits returns the limits that the planner holds to.
func (p *Planner) Limits() Limits { return p.limits }

// Document plans a text, or finds it in the cache. The errors, twenty at most, are
// request errors for the caller: each has a code of this package (CodeParseFailed and so on), and none repeats
// a value of the document, nor a name over 64 bytes. They belong to the caller of
// Document, who may change them.
func (p *Planner) Document(text string, options Options) (*Document, gqlerror.List) {
	if !options.Trusted && len(text) > p.limits.DocumentBytes {
		return nil, gqlerror.List{refuse(CodeLimitExceeded, "The document has more than %d bytes.", p.limits.DocumentBytes)}
	}
	key := cacheKey{text, options.Trusted}
	if doc := p.cache.get(key); doc != nil {
		return doc, nil
	}
	doc, errs := p.plan(text, options)
	if len(errs) > 0 {
		return nil, errs
	}
	p.cache.add(key, doc)
	return doc, nil
}

func (p *Planner) plan(text string, options Options) (*Document, gqlerror.List) {
	source := &ast.Source{Input: text}
	limits := p.limits
	visits, steps := times(visitsPerToken, limits.Tokens), min(times(stepsPerField, limits.Fields), maxSteps)
	tokens := len(text) / 4
	if options.Trusted {
		limits, visits, steps = unlimited(), math.MaxInt, maxTrustedSteps
	} else {
		var err *gqlerror.Error
		if tokens, err = scan(source, limits); err != nil {
			return nil, gqlerror.List{err}
		}
	}
	query, err := parse(source)
	if err == nil {
		err = halfPair(text)
	}
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if err := measure(query, limits, visits); err != nil {
		return nil, gqlerror.List{err}
	}
	rules := p.silent
	if options.Suggest {
		rules = p.told
	}
	used, errs := rules.validate(p.schema, query)
	if len(errs) > 0 {
		return nil, errs
	}
	if errs := mergeable(p.schema, query, steps); len(errs) > 0 {
		return nil, errs
	}
	used.settle()
	programs, err := p.compile(query, used.notNull, steps)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	return &Document{Query: query, programs: programs, bytes: footprint(len(text), tokens)}, nil
}

// footprint estimates the bytes that a planned document keeps: its text, which the
// tree refers to, and about 150 bytes for each token in tree and positions.
func footprint(text, tokens int) int { return 1024 + text + 150*tokens }

func unlimited() Limits {
	const n = math.MaxInt
	return Limits{
		DocumentBytes: n, Tokens: n, Depth: n, Aliases: n, RootFields: n, Directives: n,
		Operations: n, Fragments: n, Variables: n, Fields: n, ListValues: n, ValueDepth: n,
		IntrospectionDepth: n,
	}
}

// parse reads a source into a tree that has an operation.
func parse(source *ast.Source) (*ast.QueryDocument, *gqlerror.Error) {
	query, err := parser.ParseQuery(source)
	if err != nil {
		var told *gqlerror.Error
		if !errors.As(err, &told) {
			return nil, refuse(CodeParseFailed, "Syntax error: the document cannot be read.")
		}
		return nil, misplaced(told, source)
	}
	switch {
	case len(query.Operations) > 0:
		return query, nil
	case len(query.Fragments) > 0:
		return nil, refuse(CodeOperationUnresolved, "The document has no operation.")
	default:
		return nil, refuse(CodeParseFailed, "The document has no operation.")
	}
}

// Operation returns the operation with a name; "" is the only one there is.
func (d *Document) Operation(name string) (*ast.OperationDefinition, *gqlerror.Error) {
	operations := d.Query.Operations
	if name == "" {
		if len(operations) > 1 {
			return nil, refuse(CodeOperationUnresolved, "The document has several operations: the request must say which one with operationName.")
		}
		return operations[0], nil
	}
	for _, operation := range operations {
		if operation.Name == name {
			return operation, nil
		}
	}
	return nil, refuse(CodeOperationUnresolved, "The document has no operation with the request's operationName.")
}
