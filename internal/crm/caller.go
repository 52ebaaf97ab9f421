package crm

import "context"

type callerKey struct{}

// WithCaller returns a context in which somebody asks, by an id that tells callers apart.
// Sources share what they have among them.
func WithCaller(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, callerKey{}, id)
}

// CallerOf returns the id of who asks, "" if nobody is known: the gateway itself.
func CallerOf(ctx context.Context) string {
	id, _ := ctx.Value(callerKey{}).(string)
	return id
}
