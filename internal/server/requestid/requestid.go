package requestid

import (
	"context"

	"github.com/google/uuid"
)

// MaxLength bounds an id in bytes.
const MaxLength = 64

type contextKey struct{}

// New makes a fresh id: a UUIDv7, so that ids sort by time.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Valid says whether a caller's id can be taken over: 1 to 64 of A-Z, a-z, 0-9
// and "-", which is harmless in a header, a log line and a page.
func Valid(id string) bool {
	if len(id) == 0 || len(id) > MaxLength {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// carrying is a context with an id.
type carrying struct {
	context.Context
	id string
}

// Value gives the context itself for the key of this package.
func (c *carrying) Value(key any) any {
	if key == (contextKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// With returns a context that carries id.
func With(ctx context.Context, id string) context.Context {
	return &carrying{Context: ctx, id: id}
}

// From returns the id that ctx carries, or "" outside a request.
func From(ctx context.Context) string {
	if c, ok := ctx.Value(contextKey{}).(*carrying); ok {
		return c.id
	}
	return ""
}
