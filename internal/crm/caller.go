package crm

import "context"

type callerKey struct{}

// called is a context with the id of who asks.
type called struct {
	context.Context
	id string
}

// Value gives the context itself for the key of callers.
func (c *called) Value(key any) any {
	if key == (callerKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// WithCaller returns a context in which somebody asks, by an id that tells callers apart.
// Sources share what they have among them.
func WithCaller(ctx context.Context, id string) context.Context {
	return &called{Context: ctx, id: id}
}

// CallerOf returns the id of who asks, "" if nobody is known: the gateway itself.
func CallerOf(ctx context.Context) string {
	if c, ok := ctx.Value(callerKey{}).(*called); ok {
		return c.id
	}
	return ""
}
