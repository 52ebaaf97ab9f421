package exec

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// Levels is what is generated for a schema.
type Levels interface {
	// Begin gathers the fields of the root.
	Begin(g *Gather, s *Selection)
	// Resolve resolves a field for all objects of its column.
	Resolve(ctx context.Context, f *Field)
	// Follow gathers what the objects lead to that the field has given.
	Follow(g *Gather, f *Field)
	// Write writes the answer; false if it is null.
	Write(w *Writer, s *Selection) bool
}

// Options are what a run needs to know of its operation. Those that are nil do nothing.
type Options struct {
	// Afar says that a field waits for something outside of this machine. What it leads
	// to goes on by itself, and nothing else waits for it.
	Afar func(f *Field) bool
	// Dear says that a field waits for a turn of its operation.
	Dear func(f *Field) bool
	// Barred is told what was barred: it is not called at once by several goroutines.
	Barred func(bar *Bar)
}

// Run is one execution of a plan.
type Run struct {
	Options
	plan    *Plan
	levels  Levels
	budget  *budget.Budget
	columns []any
	late    sync.WaitGroup
	// broken is the first panic of what is no resolver: of a method that computes a field
	// of its object alone. What was gathered or written is of no use then.
	broken atomic.Pointer[caught]
}

// NewRun returns a run of a plan within the budget of the context's operation.
func NewRun(ctx context.Context, plan *Plan, options Options) *Run {
	return &Run{Options: options, plan: plan, budget: budget.From(ctx), columns: make([]any, plan.slots)}
}

// Do executes the plan and returns the answer's data. Errors are added to the context's
// response. The answer is of no use if the budget has ended.
func (r *Run) Do(ctx context.Context, levels Levels) []byte {
	r.levels = levels
	r.whole(func() {
		g := &Gather{run: r}
		levels.Begin(g, r.plan.root)
		r.chain(ctx, g.next)
	})
	r.late.Wait()
	if r.broken.Load() == nil && !r.budget.Ended() {
		w := newWriter(ctx, r)
		r.whole(func() { levels.Write(w, r.plan.root) })
		if w.take(); !w.stopped && r.broken.Load() == nil {
			r.plan.learn(len(w.buf))
			return w.buf
		}
	}
	if err := r.broken.Load(); err != nil {
		graphql.AddError(ctx, *err)
	}
	return []byte("null")
}

// whole does something, and breaks the run if it panics.
func (r *Run) whole(do func()) {
	defer func() {
		if value := recover(); value != nil {
			r.broken.CompareAndSwap(nil, &caught{panicked(value)})
		}
	}()
	do()
}

// chain resolves fields, and then what they lead to, wave by wave.
func (r *Run) chain(ctx context.Context, fields []*Field) {
	for len(fields) > 0 && !r.budget.Ended() {
		near := r.apart(ctx, fields)
		r.wave(ctx, near)
		g := &Gather{run: r}
		for _, f := range near {
			r.levels.Follow(g, f)
		}
		if !r.take(g) {
			return
		}
		fields = g.next
	}
}

// apart begins to resolve the fields that wait for something afar, each in a chain of
// its own, and returns the others.
func (r *Run) apart(ctx context.Context, fields []*Field) []*Field {
	if r.Afar == nil {
		return fields
	}
	near, all := fields[:0], len(fields)
	for _, f := range fields {
		if !r.Afar(f) {
			near = append(near, f)
			continue
		}
		r.late.Go(func() {
			r.whole(func() {
				r.wave(ctx, []*Field{f})
				g := &Gather{run: r}
				if r.levels.Follow(g, f); r.take(g) {
					r.chain(ctx, g.next)
				}
			})
		})
	}
	if len(near) < all {
		runtime.Gosched() // They ask before anything is computed here.
	}
	return near
}

// take takes from the budget what was gathered.
func (r *Run) take(g *Gather) bool {
	r.budget.Spend(g.cost)
	return r.budget.Take(g.values, 0)
}

// wave resolves fields at the same time, and waits for all of them.
func (r *Run) wave(ctx context.Context, fields []*Field) {
	if len(fields) == 0 {
		return
	}
	w := newWave(len(fields))
	var others sync.WaitGroup
	for _, f := range fields[1:] {
		others.Go(func() { r.resolve(ctx, w, f) })
	}
	r.resolve(ctx, w, fields[0])
	others.Wait()
}

// resolve resolves a field, when its turn has come if it is dear.
func (r *Run) resolve(ctx context.Context, w *wave, f *Field) {
	defer w.done()
	defer func() {
		if value := recover(); value != nil {
			r.columns[f.Slot].(anyColumn).fail(caught{panicked(value)})
		}
	}()
	ctx = context.WithValue(ctx, resolvingKey{}, &resolving{wave: w, field: f, types: r.plan.types})
	ctx = graphql.WithFieldContext(ctx, f.context(nil))
	if r.Dear != nil && len(f.Arguments) > 0 && r.Dear(f) {
		turn, leave := r.budget.Turn(ctx)
		defer leave()
		ctx = turn
	}
	if err := r.budget.Err(); err != nil {
		r.columns[f.Slot].(anyColumn).fail(err)
		return
	}
	r.levels.Resolve(ctx, f)
}

type resolvingKey struct{}

// resolving is a field that is being resolved.
type resolving struct {
	wave  *wave
	field *Field
	types *Types
}

// Reads returns the members of records of a kind that are selected of what the field in
// the context gives, nil for all of them, as outside of a run. Of a kind of which nothing
// is selected that is the id, but all of one that the graph has no type for.
func Reads(ctx context.Context, kind crm.Kind) *crm.Members {
	if now, ok := ctx.Value(resolvingKey{}).(*resolving); ok {
		if members, selected := now.field.reads[kind]; selected {
			return members
		}
		return now.types.ids[kind]
	}
	return nil
}

// caught is the error that a panic has become which nobody has dealt with.
type caught struct{ error }

// Unwrap returns what is told of it.
func (c caught) Unwrap() error { return c.error }

// panicked is the error of a value that was recovered just now.
func panicked(value any) error {
	return &crm.Error{Code: crm.CodeInternal, Op: "resolve", Err: panics.New(value)}
}

// safely calls load, and makes an error of a panic.
func safely[Q, R any](ctx context.Context, asks []Q, load func(ctx context.Context, asks []Q) (R, error)) (answer R, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicked(value)
		}
	}()
	return load(ctx, asks)
}

// context returns the field's context for gqlgen, below another.
func (f *Field) context(args map[string]any) *graphql.FieldContext {
	fc := &graphql.FieldContext{Object: f.object, Field: f.CollectedField, Args: args}
	if f.Info != nil {
		fc.IsMethod, fc.IsResolver = f.Info.Way != Plain, f.Info.Way == Batch
	}
	return fc
}
