package server

import (
	"context"
	"net/http"
	"time"

	"github.com/customer360/gateway/internal/access"
)

// exchange is one request and its answer: what the log and the metrics say about it,
// and what the steps that handle it pass on to each other.
type exchange struct {
	http.ResponseWriter
	status int
	bytes  int64
	// begun is when the request began; whole is how long it may take until its answer
	// is with the client, stall how long the client may take to read a part of that.
	begun        time.Time
	whole, stall time.Duration
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
	// ended are called once the request has been answered.
	ended []func()
	// quotas are the limits that the request counts against.
	quotas quotas
	// lines and vary are the values of headers, so that none has a slice of its own.
	lines [6]string
	used  int
	vary  [4]string
	// text is for what stands round the data of a small answer.
	text [192]byte
	// told is how many bytes may follow before the client's time starts again.
	told int
}

// set sets a header of the answer, by its canonical name. There are as many of them as
// there is room in lines; e may be nil.
func (e *exchange) set(header http.Header, name, value string) {
	if e == nil || e.used == len(e.lines) {
		header[name] = []string{value}
		return
	}
	e.lines[e.used] = value
	e.used++
	header[name] = e.lines[e.used-1 : e.used : e.used]
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
		e.quotas.tell(e)
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body, and the status 200 if none was sent.
func (e *exchange) Write(p []byte) (int, error) {
	e.WriteHeader(http.StatusOK)
	if e.told -= len(p); e.told < 0 {
		e.extend()
		e.told = chunkBytes - len(p)
	}
	n, err := e.ResponseWriter.Write(p)
	e.bytes += int64(n)
	return n, err
}

// extend gives the client time to read what is written next, chunkBytes at most. Of the kinds of writers
// only tests have one without deadlines.
func (e *exchange) extend() {
	if e.stall <= 0 {
		return
	}
	deadline := time.Now().Add(e.stall)
	if last := e.begun.Add(e.whole); last.Before(deadline) {
		deadline = last
	}
	_ = http.NewResponseController(e.ResponseWriter).SetWriteDeadline(deadline)
}

// Unwrap lets http.ResponseController reach the connection.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

func contextWith(ctx context.Context, e *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}
