package mongodb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/auth"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/customer360/gateway/internal/crm"
)

// errPlaintext is a connection that would have left this machine unprotected.
var errPlaintext = errors.New("a member of the MongoDB deployment is beyond this machine and TLS is off")

// What a caller is told, by kind of failure.
const (
	messageUnavailable = "the store cannot be reached right now: try again later"
	messageRefused     = "the store refused the gateway's credentials"
	messageConflict    = "the record was changed in the meantime, or something that names one record only is another's"
	messageTooLarge    = "a record is larger than the store can hold"
	messageTooMany     = "the changes are too many or too large to be stored together: make them in smaller parts"
	messageNoKind      = "there is no such kind of record"
	messageNoParent    = "a record must belong to records that are stored already"
	messageParent      = "a record that others belong to cannot be removed"
	messageShared      = "%s: %d values that name one record only are those of several: docs/operations.md says how to find these records"
	messageInternal    = "the store could not do this"
)

// Error codes of MongoDB's server (src/mongo/base/error_codes.yml).
func refusedCodes() []int { return []int{13, 18, 33, 8000} }

// unavailableCodes: host unreachable and not found, shutdown, network time-out,
// not (or no longer) primary, exceeded time limits, and their like.
func unavailableCodes() []int {
	return []int{6, 7, 24, 50, 89, 91, 112, 133, 189, 202, 246, 262, 384, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436, 46841}
}

// cause is what logs may know of a driver's error: its class and the server's
// code, never its words, which quote keys and values.
type cause struct {
	text string
	is   error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.is }

// translate returns a driver's error as the ports have it; op says what was being
// done. The end of the caller's context stays context.Canceled.
func translate(ctx context.Context, op string, err error) error {
	var known *crm.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(ctx.Err(), context.Canceled), errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", op, context.Canceled)
	}
	code, message, reason := classify(err)
	return &crm.Error{Code: code, Op: op, Message: message, Err: reason}
}

func classify(err error) (code crm.Code, message string, reason error) {
	codes := mongo.ErrorCodes(err)
	coded := func(class string) error { return &cause{text: fmt.Sprintf("mongodb: %s %v", class, codes)} }
	var login *auth.Error
	switch {
	case mongo.IsDuplicateKeyError(err):
		return crm.CodeConflict, messageConflict, coded("duplicate key")
	case errors.As(err, &login), anyOf(codes, refusedCodes()):
		return crm.CodeUnavailable, messageRefused, coded("not authorized")
	case mongo.IsTimeout(err), errors.Is(err, context.DeadlineExceeded):
		return crm.CodeUnavailable, messageUnavailable, &cause{text: "mongodb: timed out", is: context.DeadlineExceeded}
	case errors.Is(err, errPlaintext):
		return crm.CodeUnavailable, messageUnavailable, errPlaintext
	case unreachable(err), anyOf(codes, unavailableCodes()):
		return crm.CodeUnavailable, messageUnavailable, coded("not reachable")
	case errors.Is(err, driver.ErrDocumentTooLarge), anyOf(codes, []int{10334, 17419, 17420}):
		return crm.CodeInvalid, messageTooLarge, coded("document too large")
	}
	return crm.CodeInternal, messageInternal, &cause{text: fmt.Sprintf("mongodb: %T %v", err, codes)}
}

// tooMuch says whether a transaction was larger than the server can hold: its
// changes do not fit into the cache, or into the log of operations.
func tooMuch(err error) bool { return anyOf(mongo.ErrorCodes(err), []int{388, 257}) }

func anyOf(codes, list []int) bool {
	return slices.ContainsFunc(codes, func(code int) bool { return slices.Contains(list, code) })
}

// unreachable says whether err is about the way to the server.
func unreachable(err error) bool {
	var network net.Error
	var selection topology.ServerSelectionError
	var connection topology.ConnectionError
	var pool topology.PoolError
	return mongo.IsNetworkError(err) || errors.As(err, &network) || errors.As(err, &selection) ||
		errors.As(err, &connection) || errors.As(err, &pool) ||
		errors.Is(err, mongo.ErrClientDisconnected)
}
