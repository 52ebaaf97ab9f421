package crm

import (
	"context"
	"errors"
	"time"
)

// Code classifies an error for those who have to act on it. The set is closed;
// the graph shows the same words in upper snake case (extensions.code).
type Code string

// The codes.
const (
	CodeNotFound        Code = "NOT_FOUND"
	CodeConflict        Code = "CONFLICT"
	CodeAmbiguous       Code = "AMBIGUOUS"
	CodeInvalid         Code = "INVALID"
	CodeUnauthenticated Code = "UNAUTHENTICATED"
	CodeForbidden       Code = "FORBIDDEN"
	CodeUnavailable     Code = "UNAVAILABLE"
	CodeTooLarge        Code = "TOO_LARGE"
	CodeOverloaded      Code = "OVERLOADED"
	CodeRateLimited     Code = "RATE_LIMITED"
	CodeCursorExpired   Code = "CURSOR_EXPIRED"
	CodeUnsupported     Code = "UNSUPPORTED"
	CodeInternal        Code = "INTERNAL"
)

// Error is the one error type that crosses a port.
type Error struct {
	Code Code
	// Op says what was being done, for logs: "load orders of 20 customers".
	Op string
	// Message is for the caller: what is wrong and what would be right. It
	// never holds a caller's value, an id or a database's words.
	Message string
	// Field is the member of a record that is wrong, as files name it, such as
	// lines[2].quantity; "" if it is none in particular.
	Field string
	// Err is the cause, for logs only.
	Err error
	// Source names the source that failed; "" if it is none in particular.
	Source string
	// RetryAfter is how long a source asks to be left alone; 0 if it does not say.
	RetryAfter time.Duration
}

// Error returns operation, field, message and cause, for logs.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Source != "" {
		text = e.Source + ": " + text
	}
	if e.Op != "" {
		text = e.Op + ": " + text
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Invalid is an error about the caller's input: message says what is wrong and
// what would be right.
func Invalid(message string) *Error { return &Error{Code: CodeInvalid, Message: message} }

// CodeOf returns the code of err: that of the first Error in its chain,
// CodeUnavailable for an expired deadline, CodeInternal for anything else.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.DeadlineExceeded):
		return CodeUnavailable
	default:
		return CodeInternal
	}
}
