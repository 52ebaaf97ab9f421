package server

import (
	"context"
	"net/http"
	"strings"
)

// exchange is one request and its answer: it notes what the log and the metrics
// say of it, and sets the statuses that gqlgen has otherwise.
type exchange struct {
	http.ResponseWriter
	status    int
	bytes     int64
	method    string
	operation string // query, mutation, subscription or none
	override  int    // the status to send instead of the next, 0 for none
}

type exchangeKey struct{}

// exchangeOf gives the exchange that ctx belongs to, nil outside one.
func exchangeOf(ctx context.Context) *exchange {
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	return e
}

// WriteHeader sends the status once; what comes after is ignored.
func (e *exchange) WriteHeader(status int) {
	if e.status != 0 {
		return
	}
	switch {
	case e.override != 0:
		status = e.override
	case status == http.StatusUnprocessableEntity && strings.HasPrefix(e.Header().Get("Content-Type"), "application/json"):
		// GraphQL over HTTP, 6.4.1: a well-formed request is 200 in this media
		// type, whatever became of it.
		status = http.StatusOK
	}
	e.status = status
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
