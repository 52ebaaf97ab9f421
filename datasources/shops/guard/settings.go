package guard

import "time"

// Settings say how a shop is guarded. Default has the values that are meant for
// most shops. A zero is no bound: no deadline, any number at once, no breaker;
// for Retries no retry, for CacheBytes nothing kept.
type Settings struct {
	// Timeout bounds a call with its waiting and its retries.
	Timeout time.Duration
	// SyncTimeout does for the calls that read changes, and for Check: they read
	// much at once, and nobody waits for them with a page.
	SyncTimeout time.Duration

	// Concurrency is how many requests are under way at once at most.
	Concurrency int
	// Rate is how many requests are begun in a second at most, on average; Burst
	// is how many of them may begin together, at least 1.
	Rate  float64
	Burst int

	// Retries is how often a request is tried again at most. Before the nth retry
	// is a random time of up to RetryDelay doubled n-1 times, RetryDelayMax at most.
	Retries                   int
	RetryDelay, RetryDelayMax time.Duration
	// RetryBudget is which share of the requests of the last ten seconds may be
	// retries; RetryFloor of them are allowed in any case.
	RetryBudget float64
	RetryFloor  int
	// RestAtMost bounds how long a shop is left alone because it asks for it.
	RestAtMost time.Duration

	// The breaker opens if there were at least BreakerCalls requests in the last
	// BreakerWindow and at least the share BreakerRatio of them has failed. A
	// request is let through again after BreakerDelay; if it succeeds, all are.
	BreakerCalls  int
	BreakerRatio  float64
	BreakerWindow time.Duration
	BreakerDelay  time.Duration

	// CacheTTL is how long an answer is as good as the shop's, StaleFor how long it
	// is better than nothing.
	CacheTTL, StaleFor time.Duration
	// CacheBytes and CacheEntries bound what is kept, the bytes approximately.
	CacheBytes   int
	CacheEntries int
}

// Default returns the settings that are meant for most shops.
func Default() Settings {
	return Settings{
		Timeout:       2 * time.Second,
		SyncTimeout:   30 * time.Second,
		Concurrency:   16,
		Burst:         1,
		Retries:       2,
		RetryDelay:    50 * time.Millisecond,
		RetryDelayMax: 500 * time.Millisecond,
		RetryBudget:   0.1,
		RetryFloor:    3,
		RestAtMost:    5 * time.Minute,
		BreakerCalls:  5,
		BreakerRatio:  0.5,
		BreakerWindow: 30 * time.Second,
		BreakerDelay:  5 * time.Second,
		CacheTTL:      5 * time.Second,
		StaleFor:      time.Hour,
		CacheBytes:    32 << 20,
		CacheEntries:  65536,
	}
}
