package loaders

import (
	"context"
	"reflect"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Operation holds the cohorts and loaders of one GraphQL operation. All methods
// may be called at once from any number of goroutines.
type Operation struct {
	mu      sync.Mutex
	cohorts map[place][]func() any // each returns a []*T, by the path they were loaded at
	levels  map[selection]any      // *level[K, V], by the field they load
}

// place is a response path without list indexes and the type of the objects
// there: under one path an interface may have objects of several types.
type place struct {
	path string
	kind reflect.Type
}

// selection is a field as a document selects it. Its place alone does not tell
// which it is: fragments on different types may give one response name to
// different fields, or to one field with different arguments, and so may the
// fields above them. A value depends on the field's own arguments and, if it
// counts a list, on the list's.
type selection struct {
	place
	field, above *ast.Field
}

// selected returns the selection that is being resolved at a place, or the one above.
func selected(ctx context.Context, at place, above bool) selection {
	s := selection{place: at}
	fc := graphql.GetFieldContext(ctx)
	if above && fc != nil {
		fc = fc.Parent
	}
	for ; fc != nil && s.above == nil; fc = fc.Parent {
		switch {
		case fc.Field.Field == nil: // an element of a list
		case s.field == nil:
			s.field = fc.Field.Field
		default:
			s.above = fc.Field.Field
		}
	}
	return s
}

type contextKey struct{}

// With returns a context with a fresh Operation.
func With(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, &Operation{cohorts: map[place][]func() any{}, levels: map[selection]any{}})
}

func operation(ctx context.Context) *Operation {
	op, ok := ctx.Value(contextKey{}).(*Operation)
	if !ok {
		panic("loaders: no operation in the context: With must wrap every operation")
	}
	return op
}

// Path returns the response path of the field being resolved, without list
// indexes: "customers.edges.node.orders".
func Path(ctx context.Context) string { return Names(graphql.GetPath(ctx)) }

// Names returns a path's names, without list indexes.
func Names(path ast.Path) string {
	var b strings.Builder
	for _, element := range path {
		if name, ok := element.(ast.PathName); ok {
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(string(name))
		}
	}
	return b.String()
}

// Above returns the path of the object that a path's last field belongs to.
func Above(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}

// Announce says that the objects were loaded at a path: a field of any of them
// will be loaded for all of them. Objects announced at the same path add up.
func Announce[T any](ctx context.Context, path string, objects []*T) {
	AnnounceLazily(ctx, path, func() []*T { return objects })
}

// AnnounceLazily announces objects that are put together only when a field of
// theirs is touched.
func AnnounceLazily[T any](ctx context.Context, path string, objects func() []*T) {
	operation(ctx).announce(place{path: path, kind: reflect.TypeFor[T]()}, func() any { return objects() })
}

// AnnounceAny is Announce for objects whose type is known when it runs: a []*T.
func AnnounceAny(ctx context.Context, path string, objects any) {
	operation(ctx).announce(place{path: path, kind: reflect.TypeOf(objects).Elem().Elem()}, func() any { return objects })
}

func (op *Operation) announce(at place, objects func() any) {
	op.mu.Lock()
	defer op.mu.Unlock()
	op.cohorts[at] = append(op.cohorts[at], objects)
}

// cohort returns the objects that were loaded together with those at a path: the
// announcement at the path or the nearest above it.
func cohort[T any](op *Operation, path string) []*T {
	kind := reflect.TypeFor[T]()
	for {
		op.mu.Lock()
		parts, ok := op.cohorts[place{path: path, kind: kind}]
		op.mu.Unlock()
		if ok {
			var objects []*T
			for _, part := range parts {
				objects = append(objects, part().([]*T)...)
			}
			return objects
		}
		if path == "" {
			return nil
		}
		path = Above(path)
	}
}

// AnnounceFrom announces, once for each path, objects derived from the cohort
// at or above another path.
func AnnounceFrom[P, T any](ctx context.Context, path, from string, derive func([]*P) []*T) {
	op := operation(ctx)
	at := place{path: path, kind: reflect.TypeFor[T]()}
	op.mu.Lock()
	defer op.mu.Unlock()
	if _, ok := op.cohorts[at]; !ok {
		op.cohorts[at] = []func() any{func() any { return derive(cohort[P](op, from)) }}
	}
}
