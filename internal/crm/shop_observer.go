package crm

import "time"

// ShopObserver is told what happens between the gateway and a shop, for metrics. Its
// methods are called from many goroutines and must not wait for anything. method
// is the port's word: "OrdersOf".
type ShopObserver interface {
	// Call is one request that reached the shop, and what came of it.
	Call(source, method string, outcome ShopOutcome, took time.Duration)
	// Retry is a request that is tried again.
	Retry(source, method string)
	// Refused is a request that was not made: the breaker was open, the shop had
	// asked to be left alone, or there was no place for it in time.
	Refused(source, method string, why ShopRefusal)
	// Cache is n keys that were looked up with the same result.
	Cache(source, method string, result ShopLookup, n int)
	// Unreadable is n records of one answer that make no sense.
	Unreadable(source, method string, n int)
	// Breaker is told of each state that the breaker takes.
	Breaker(source string, state BreakerState)
}

// ShopOutcome is what came of a request: one of those below or a Code.
type ShopOutcome string

// The outcomes that are no codes.
const (
	ShopOutcomeOK       ShopOutcome = "OK"
	ShopOutcomeTimeout  ShopOutcome = "TIMEOUT"
	ShopOutcomeCanceled ShopOutcome = "CANCELED" // the caller does not want to know any more
)

// ShopRefusal is why a request was not made.
type ShopRefusal string

// The refusals.
const (
	ShopRefusalBreaker ShopRefusal = "BREAKER" // the breaker is open
	ShopRefusalRest    ShopRefusal = "REST"    // the shop asked to be left alone
	ShopRefusalDenied  ShopRefusal = "DENIED"  // the shop has just forbidden the same
	ShopRefusalFull    ShopRefusal = "FULL"    // no place in time among those under way
	ShopRefusalRate    ShopRefusal = "RATE"    // no place in time within the rate
)

// ShopLookup is what the cache said of a key.
type ShopLookup string

// The results of a look-up. A miss is asked for, a shared one is being asked for
// by somebody else. A stale one was a miss first.
const (
	ShopLookupHit    ShopLookup = "HIT"
	ShopLookupMiss   ShopLookup = "MISS"
	ShopLookupShared ShopLookup = "SHARED"
	ShopLookupStale  ShopLookup = "STALE"
)

// BreakerState is a state of the circuit breaker.
type BreakerState string

// The states of the breaker: every request is made, none is, one is on trial.
const (
	BreakerClosed   BreakerState = "CLOSED"
	BreakerOpen     BreakerState = "OPEN"
	BreakerHalfOpen BreakerState = "HALF_OPEN"
)
