package ratelimit

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"time"
)

// Never is the RetryAfter of what will be refused however long a caller waits: more
// points at once than the bucket holds.
const Never = time.Duration(math.MaxInt64)

// Limiter bills keys. Implementations may be used by many goroutines at once.
type Limiter interface {
	// Take takes n points from the key's bucket, all of them or none; a refusal
	// costs nothing. With more points than the burst it is refused for good, with
	// RetryAfter Never. With n = 0 it only looks: OK says that the key is not in debt.
	//
	// An error says that the limiter does not know: a rate that is not Valid, a
	// negative n, or a shared limiter that cannot be reached. A refusal is no error.
	Take(ctx context.Context, key string, rate Rate, n int) (Decision, error)
	// Charge bills n points for what has been done already, such as a document that
	// was refused. It goes below zero, but never deeper than one burst: what goes
	// beyond is forgiven. OK says that the key is not in debt; if it is, every Take
	// is refused until RetryAfter. The errors are Take's.
	Charge(ctx context.Context, key string, rate Rate, n int) (Decision, error)
	// Return puts back n points of those that a Take took, or fewer: a bucket is never
	// more than full. OK and the errors are Charge's.
	Return(ctx context.Context, key string, rate Rate, n int) (Decision, error)
}

// Rate is how fast a bucket fills, Points in each Per, and how many it holds,
// Burst. A new bucket is full.
type Rate struct {
	Points int64
	Per    time.Duration
	Burst  int64
}

// PerSecond returns a rate of n points a second.
func PerSecond(n, burst int64) Rate { return Rate{Points: n, Per: time.Second, Burst: burst} }

// PerMinute returns a rate of n points a minute.
func PerMinute(n, burst int64) Rate { return Rate{Points: n, Per: time.Minute, Burst: burst} }

// maxLevel bounds a bucket's capacity in units, so that the distance from the
// deepest debt to a full bucket, and the time that it takes, fit an int64.
const maxLevel = 1 << 61

// Valid says what is wrong with a rate; nil if it can be counted exactly.
func (r Rate) Valid() error {
	if r.Points <= 0 || r.Per <= 0 || r.Burst <= 0 {
		return errors.New("a rate's points, period and burst must be more than 0")
	}
	_, units := r.reduced()
	if high, low := bits.Mul64(uint64(r.Burst), uint64(units)); high != 0 || low > maxLevel {
		return errors.New("a rate's burst is too large for its period to be counted exactly")
	}
	return nil
}

// Window is how long an empty bucket takes to be full, rounded up to a nanosecond.
// The rate must be Valid.
func (r Rate) Window() time.Duration {
	speed, units := r.reduced()
	return time.Duration(ceilDiv(r.Burst*units, speed))
}

// reduced returns the rate as a fraction in lowest terms: speed is how many units
// one nanosecond puts back, units how many make a point.
func (r Rate) reduced() (speed, units int64) {
	a, b := r.Points, int64(r.Per)
	for b != 0 {
		a, b = b, a%b
	}
	return r.Points / a, int64(r.Per) / a
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

// Decision says where a key stands after it was asked for.
type Decision struct {
	OK bool
	// Limit is the most that the bucket holds: its burst.
	Limit int64
	// Window is how long an empty bucket takes to be full: the rate's Window.
	Window time.Duration
	// Remaining is how many whole points are left; 0 in debt.
	Remaining int64
	// Reset is how long the bucket takes to be full if nothing is taken, rounded up
	// to a nanosecond.
	Reset time.Duration
	// RetryAfter is 0 if OK, else how long to wait for the same to be granted if
	// nothing else is taken, or Never.
	RetryAfter time.Duration
}
