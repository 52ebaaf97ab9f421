package resilience

import (
	"context"
	"errors"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Observer is told what happens between the gateway and a shop, for metrics. Its
// methods are called from many goroutines and must not wait for anything. method
// is the port's word: "OrdersOf".
type Observer interface {
	// Call is one request that reached the shop, and what came of it.
	Call(source, method string, outcome Outcome, took time.Duration)
	// Retry is a request that is tried again.
	Retry(source, method string)
	// Refused is a request that was not made: the breaker was open, the shop had
	// asked to be left alone, or there was no place for it in time.
	Refused(source, method string, why Refusal)
	// Cache is n keys that were looked up with the same result.
	Cache(source, method string, result Lookup, n int)
	// Breaker is told of each state that the breaker takes.
	Breaker(source string, state BreakerState)
}

// Outcome is what came of a request: one of those below or a crm.Code.
type Outcome string

// The outcomes that are no codes.
const (
	OutcomeOK       Outcome = "OK"
	OutcomeTimeout  Outcome = "TIMEOUT"
	OutcomeCanceled Outcome = "CANCELED" // whoever asked does not want to know any more
)

// Refusal is why a request was not made.
type Refusal string

// The refusals.
const (
	RefusalBreaker Refusal = "BREAKER" // the breaker is open
	RefusalRest    Refusal = "REST"    // the shop asked to be left alone
	RefusalDenied  Refusal = "DENIED"  // the shop has just forbidden the same
	RefusalFull    Refusal = "FULL"    // no place in time among those under way
	RefusalRate    Refusal = "RATE"    // no place in time within the rate
)

// Lookup is what the cache said of a key.
type Lookup string

// The results of a look-up. A miss is asked for, a shared one is being asked for
// by somebody else. A stale one was a miss first.
const (
	LookupHit    Lookup = "HIT"
	LookupMiss   Lookup = "MISS"
	LookupShared Lookup = "SHARED"
	LookupStale  Lookup = "STALE"
)

// BreakerState is a state of the circuit breaker.
type BreakerState string

// The states of the breaker: every request is made, none is, one is on trial.
const (
	BreakerClosed   BreakerState = "CLOSED"
	BreakerOpen     BreakerState = "OPEN"
	BreakerHalfOpen BreakerState = "HALF_OPEN"
)

// outcomeOf says what came of a request whose context was ctx.
func outcomeOf(ctx context.Context, err error) Outcome {
	switch {
	case err == nil:
		return OutcomeOK
	case errors.Is(err, context.DeadlineExceeded):
		return OutcomeTimeout
	case ctx.Err() != nil:
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			return OutcomeTimeout
		}
		return OutcomeCanceled
	case errors.Is(err, context.Canceled):
		return OutcomeCanceled
	}
	return Outcome(crm.CodeOf(err))
}

// nobody is the observer of those who give none.
type nobody struct{}

func (nobody) Call(string, string, Outcome, time.Duration) {}
func (nobody) Retry(string, string)                        {}
func (nobody) Refused(string, string, Refusal)             {}
func (nobody) Cache(string, string, Lookup, int)           {}
func (nobody) Breaker(string, BreakerState)                {}
