// Package requestid owns the id by which one request is found again: in the
// response's header, in the log and in the body of an internal error. It knows
// nothing of HTTP or GraphQL. internal/server and cmd/gateway may import it.
package requestid
