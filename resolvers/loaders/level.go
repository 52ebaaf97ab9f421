package loaders

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// never is how long a batch would wait for more keys if it were not flushed.
const never = time.Hour

// level loads one field of the objects at one path.
type level[K comparable, V any] struct {
	loader *dataloader.Loader[K, V]
	prime  sync.Once
}

// Field is a field that is loaded for a whole cohort at once.
type Field[P any, K comparable, V any] struct {
	// Path is the field's path and Parents the path of its parents, both without
	// list indexes. Both are derived from the context if Path is empty.
	Path, Parents string
	// OfAbove says that the value depends on the field above alone: it is loaded once
	// for all fields there that want it, whatever their names in the answer.
	OfAbove bool
	// Key returns the key of a parent; ok is false if it has nothing to load.
	Key func(parent *P) (key K, ok bool)
	// Load loads the values of unique keys. A key without a value is missing; if
	// there is an error, it has failed with that error, or with its own of Errors,
	// and the other values are right nevertheless. It runs once for a cohort; it
	// announces what it loaded.
	Load func(ctx context.Context, path string, keys []K) (map[K]V, error)
	// Afar says that loading waits for something outside of this machine: it begins
	// before what computes here, which would otherwise hold every processor first.
	Afar bool
	// Missing returns the value of a key without one; nil gives V's zero value.
	Missing func(key K) V
}

// Resolve returns the field's value for each parent, in order, loading it for the
// parents' whole cohort at the first touch. The error is a
// graphql.BatchErrorList, as gqlgen's batch resolvers return it.
func (f Field[P, K, V]) Resolve(ctx context.Context, parents []*P) ([]V, error) {
	op := operation(ctx)
	if f.Path == "" {
		f.Path = Path(ctx)
		f.Parents = Above(f.Path)
	}
	l := levelAt(op, selected(ctx, place{path: f.Path, kind: reflect.TypeFor[P]()}, f.OfAbove), f.batch)
	l.prime.Do(func() {
		for _, parent := range cohort[P](op, f.Parents) {
			if parent == nil {
				continue
			}
			if key, ok := f.Key(parent); ok {
				l.loader.Load(ctx, key)
			}
		}
		l.loader.Flush()
	})

	thunks := make([]dataloader.Thunk[V], len(parents))
	for i, parent := range parents {
		if parent == nil {
			continue
		}
		if key, ok := f.Key(parent); ok {
			thunks[i] = l.loader.Load(ctx, key)
		}
	}
	l.loader.Flush() // Nothing waits here unless a parent was not announced.
	return collect(thunks)
}

// One returns the field's value for one parent.
func (f Field[P, K, V]) One(ctx context.Context, parent *P) (value V, err error) {
	values, err := f.Resolve(ctx, []*P{parent})
	if list, ok := err.(graphql.BatchErrorList); ok { //nolint:errorlint // Resolve returns it unwrapped.
		return values[0], list[0]
	}
	return values[0], err
}

func collect[V any](thunks []dataloader.Thunk[V]) ([]V, error) {
	values := make([]V, len(thunks))
	var failed graphql.BatchErrorList
	for i, thunk := range thunks {
		if thunk == nil {
			continue
		}
		value, err := thunk()
		if err != nil {
			if failed == nil {
				failed = make(graphql.BatchErrorList, len(thunks))
			}
			failed[i] = err
			continue
		}
		values[i] = value
	}
	if failed != nil {
		return values, failed
	}
	return values, nil
}

// batch is the loader's batch function: it matches values by key and turns a
// panic into an error of every key.
func (f Field[P, K, V]) batch(ctx context.Context, keys []K) (results []*dataloader.Result[V]) {
	results = make([]*dataloader.Result[V], len(keys))
	fail := func(err error) {
		for i := range results {
			results[i] = &dataloader.Result[V]{Error: err}
		}
	}
	defer func() {
		if r := recover(); r != nil {
			fail(&crm.Error{Code: crm.CodeInternal, Op: "load a level", Err: panics.New(r)})
		}
	}()
	if !f.Afar {
		runtime.Gosched()
	}
	values, err := f.Load(ctx, f.Path, keys)
	if err != nil {
		fail(fmt.Errorf("load %d keys of a level: %w", len(keys), err))
	}
	var own Errors[K]
	_ = errors.As(err, &own)
	for i, key := range keys {
		value, ok := values[key]
		switch {
		case ok:
			results[i] = &dataloader.Result[V]{Data: value}
		case own[key] != nil:
			results[i] = &dataloader.Result[V]{Error: own[key]}
		case err == nil && f.Missing != nil:
			results[i] = &dataloader.Result[V]{Data: f.Missing(key)}
		case err == nil:
			results[i] = &dataloader.Result[V]{}
		}
	}
	return results
}

// Errors are what some keys failed with, each with its own.
type Errors[K comparable] map[K]error

// Error says how many there are.
func (e Errors[K]) Error() string { return fmt.Sprintf("%d keys failed", len(e)) }

// levelAt returns the level of a selection, made by the first who asks.
func levelAt[K comparable, V any](op *Operation, at selection, batch dataloader.BatchFunc[K, V]) *level[K, V] {
	op.mu.Lock()
	defer op.mu.Unlock()
	if l, ok := op.levels[at].(*level[K, V]); ok {
		return l
	}
	l := &level[K, V]{loader: dataloader.NewBatchedLoader(batch, dataloader.WithWait[K, V](never))}
	op.levels[at] = l
	return l
}
