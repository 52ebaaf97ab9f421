package persisted

import "github.com/customer360/gateway/internal/crm"

// The codes that clients of persisted queries know, beside the domain's. They are
// Apollo Server's, with its messages: Apollo Client looks for either.
const (
	CodeNotFound     = "PERSISTED_QUERY_NOT_FOUND"
	CodeNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED"
)

// Error is an answer that clients of persisted queries act on: after NOT_FOUND they
// send the text with its hash, after NOT_SUPPORTED they send only texts from then on.
type Error struct {
	code, message string
}

// Code is the value of extensions.code.
func (e *Error) Code() string { return e.code }

// Error is the message for the caller.
func (e *Error) Error() string { return e.message }

func notFound() error { return &Error{CodeNotFound, "PersistedQueryNotFound"} }

func notSupported() error { return &Error{CodeNotSupported, "PersistedQueryNotSupported"} }

func forbidden(message string) error {
	return &crm.Error{Code: crm.CodeForbidden, Op: "resolve a trusted document", Message: message}
}

func noDocument() error {
	return &crm.Error{Code: crm.CodeInvalid, Op: "resolve a document", Message: "The request has no document: send a query, or the id of a persisted one."}
}
