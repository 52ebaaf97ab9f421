package server

import (
	"context"
	"net/http"

	"github.com/customer360/gateway/internal/access"
)

// exchange is one request and its answer: what the log and the metrics say about it,
// and what the steps that handle it pass on to each other.
type exchange struct {
	http.ResponseWriter
	status int
	bytes  int64
	// mediaType is that of the answer.
	mediaType string
	// operation is query, mutation, subscription or none.
	operation string
	// reason says why nothing was executed, "" if something was.
	reason string
	// principal is who asks, nil as long as nobody knows.
	principal *access.Principal
	// cost is what the operation costs in points, -1 if that was not computed.
	cost int
	// quotas are the limits that the request counts against.
	quotas quotas
}

type exchangeKey struct{}

// exchangeOf returns the exchange that ctx belongs to, nil outside one.
func exchangeOf(ctx context.Context) *exchange {
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	return e
}

// WriteHeader sends the status once; what comes after is ignored.
func (e *exchange) WriteHeader(status int) {
	if e.status != 0 {
		return
	}
	if status >= http.StatusOK { // What comes before it is no answer yet.
		e.status = status
		e.quotas.tell(e.Header())
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body, and the status 200 if none was sent.
func (e *exchange) Write(p []byte) (int, error) {
	e.WriteHeader(http.StatusOK)
	n, err := e.ResponseWriter.Write(p)
	e.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

func contextWith(ctx context.Context, e *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}
