// Package guard stands between the gateway and a shop, so that a shop that
// is slow, broken or asked too often costs its own records and nothing else.
// Wrap puts these around a crm.Shop, outermost first:
//
//   - the cache: one entry for each key of a call, not for each call, so that a
//     page of twenty customers and a page of one of them share. What is fresh is
//     not asked for; what is older is kept for when the shop fails.
//   - single flight: a key that is being asked for is not asked for twice. A caller
//     that stops waiting leaves; the last to leave ends the call.
//   - batches: the keys that are left are cut into parts that one call may hold, and
//     the parts are asked for at the same time.
//   - the deadline: of a whole part, with its waiting and its retries.
//   - retries: of what failed in a part, within the deadline and a budget.
//   - the circuit breaker: each request that reaches the shop counts. It stands
//     inside the retries, so that it opens by what the shop does and a retry
//     against an open breaker ends at once; and before the waiting, so that
//     nobody queues for a shop that is known to be down.
//   - the bulkhead, and within it the rate limit: both bound the requests
//     themselves, retries too. A retry that waits holds no place. Callers get their
//     places by turns, and one leaves a quarter of them to others.
//
// The breaker and the rate limit are failsafe-go's. Its bulkhead knows no callers, so
// that it is internal/admission; its retries know neither a deadline ahead, nor a
// budget over time, nor full jitter, so they are a loop here.
//
// Time is time.Now, as failsafe-go has it; tests fake it as a whole
// (testing/synctest).
//
// What is cached was answered by the shop under the scope of who asked (see
// Shop.Under); what a caller may see of it is decided by what calls this
// package, never in it.
//
// It imports internal/crm and internal/admission; datasources/shops and the composition
// of the program import it.
package guard
