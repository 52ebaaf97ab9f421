package guard

import (
	"context"
	"strconv"
	"strings"
)

type scopeKey struct{}

// WithScope names under which credentials and row limits shops are asked within
// a context: what was answered under one scope is never an answer under another.
// Without it the scope is "".
func WithScope(ctx context.Context, scope string) context.Context {
	return context.WithValue(ctx, scopeKey{}, scope)
}

func scopeOf(ctx context.Context) string {
	scope, _ := ctx.Value(scopeKey{}).(string)
	return scope
}

// identity joins words so that different words give different texts.
func identity(words ...string) string {
	var text strings.Builder
	for _, w := range words {
		text.WriteString(strconv.Itoa(len(w)))
		text.WriteByte(':')
		text.WriteString(w)
	}
	return text.String()
}
