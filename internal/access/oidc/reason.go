package oidc

import (
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// Reason is why a credential was refused, for the log.
type Reason = access.Reason

// The reasons.
const (
	// ReasonTooLarge is a credential of more bytes than a token may have.
	ReasonTooLarge Reason = "TOO_LARGE"
	// ReasonMalformed is what is no signed JWT in compact form, has a name twice in
	// one object, or text that is not UTF-8.
	ReasonMalformed Reason = "MALFORMED"
	// ReasonHeader is a header that brings its own key, or asks for an extension.
	ReasonHeader Reason = "HEADER"
	// ReasonIssuer is an issuer that is none of the known ones.
	ReasonIssuer Reason = "ISSUER"
	// ReasonAlgorithm is an algorithm that the issuer does not sign with, or that is
	// not its key's.
	ReasonAlgorithm Reason = "ALGORITHM"
	// ReasonType is a token for something else, such as a logout.
	ReasonType Reason = "TYPE"
	// ReasonUnknownKey is a key that the issuer does not have, or no longer has.
	ReasonUnknownKey Reason = "UNKNOWN_KEY"
	// ReasonSignature is a signature that is not the key's.
	ReasonSignature Reason = "SIGNATURE"
	// ReasonClaims is a claim that is missing or not of its type.
	ReasonClaims Reason = "CLAIMS"
	// ReasonExpired is a token whose time is over.
	ReasonExpired Reason = "EXPIRED"
	// ReasonNotYetValid is a token whose time has not come, or from the future.
	ReasonNotYetValid Reason = "NOT_YET_VALID"
	// ReasonAudience is a token for somebody else.
	ReasonAudience Reason = "AUDIENCE"
	// ReasonParty is a token that was given to a client that may not ask here.
	ReasonParty Reason = "AUTHORIZED_PARTY"
	// ReasonNobody is a token that fulfils the condition of no issuer with its iss, and
	// ReasonSeveral one that fulfils those of two: nobody knows what it stands for.
	ReasonNobody  Reason = "NO_PRINCIPAL"
	ReasonSeveral Reason = "SEVERAL_PRINCIPALS"
	// ReasonNoRole is a member of staff without any role of the gateway's.
	ReasonNoRole Reason = "NO_ROLE"
	// ReasonNotLinked is somebody who is linked to no customer.
	ReasonNotLinked Reason = "NOT_LINKED"
)

// What callers are told: the same for everything that is wrong with a token, but the
// one thing that they can help by themselves; and what is missing beside a token
// that is right, as they would otherwise go on signing in.
const (
	messageInvalid = "the credential is not valid: it must be a token of an issuer that is known here, for this service"
	messageExpired = "the credential is not valid: it has expired"
	messageNobody  = "you are signed in, but your account is not clearly one of staff or of a customer here: signing in again does not help"
	messageNoRole  = "you are signed in, but have no role that may ask here: signing in again does not help, somebody has to give you one"
	messageNoLink  = "you are signed in, but your account belongs to no customer here: signing in again does not help, somebody has to link it"
)

// refused is the error of a token, of an issuer by our name for it if it is known.
func refused(issuer string, reason Reason) error {
	e := &crm.Error{
		Code: crm.CodeUnauthenticated, Op: operation(issuer), Message: messageInvalid,
		Err: &access.Refusal{Issuer: issuer, Reason: reason},
	}
	switch reason {
	case ReasonExpired:
		e.Message = messageExpired
	case ReasonNobody, ReasonSeveral:
		e.Code, e.Message = crm.CodeForbidden, messageNobody
	case ReasonNoRole:
		e.Code, e.Message = access.CodeNoRole, messageNoRole
	case ReasonNotLinked:
		e.Code, e.Message = access.CodeNotLinked, messageNoLink
	default:
	}
	return e
}

// unavailable is the error of a token that cannot be checked now.
func unavailable(issuer string, cause error) error {
	return &crm.Error{
		Code: crm.CodeUnavailable, Op: operation(issuer), Err: cause, RetryAfter: time.Second,
		Message: "credentials cannot be checked at the moment",
	}
}

func operation(issuer string) string {
	if issuer == "" {
		return "check a token"
	}
	return "check a token of " + issuer
}
