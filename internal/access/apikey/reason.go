package apikey

import (
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Reason is why a credential was refused, for the log.
type Reason = access.Reason

// The reasons.
const (
	// ReasonMalformed is what has not the form of a key, or a checksum that is not
	// its own.
	ReasonMalformed Reason = "MALFORMED"
	// ReasonUnknownKey is a key that was never made here.
	ReasonUnknownKey Reason = "UNKNOWN_KEY"
	// ReasonRevoked is a key that was revoked.
	ReasonRevoked Reason = "REVOKED"
	// ReasonExpired is a key whose time is over.
	ReasonExpired Reason = "EXPIRED"
)

// What callers are told, whatever was wrong.
const (
	messageInvalid     = "the credential is not valid: it must be an API key that was made here and is neither revoked nor expired"
	messageUnavailable = "credentials cannot be checked at the moment"
)

// refused is the error of a key, of that with an id if it is known.
func refused(id string, reason Reason) error {
	op := "check an API key"
	if id != "" {
		op = "check the API key " + id
	}
	return &crm.Error{Code: crm.CodeUnauthenticated, Op: op, Message: messageInvalid, Err: reason}
}

// unavailable is the error of a key that cannot be checked now.
func unavailable(cause error) error {
	return &crm.Error{
		Code: crm.CodeUnavailable, Op: "check an API key", Err: cause, RetryAfter: time.Second,
		Message: messageUnavailable,
	}
}
