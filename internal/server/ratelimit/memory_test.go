package ratelimit_test

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/server/ratelimit"
)

// clock is a time that stands still until it is moved.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

func limiter(c *clock, keys int) *ratelimit.Memory {
	return ratelimit.NewMemory(ratelimit.Options{Keys: keys, Now: c.Now})
}

func take(t *testing.T, l ratelimit.Limiter, key string, rate ratelimit.Rate, n int) ratelimit.Decision {
	t.Helper()
	d, err := l.Take(t.Context(), key, rate, n)
	if err != nil {
		t.Fatalf("take %d of %s: %v", n, key, err)
	}
	return d
}

func charge(t *testing.T, l ratelimit.Limiter, key string, rate ratelimit.Rate, n int) ratelimit.Decision {
	t.Helper()
	d, err := l.Charge(t.Context(), key, rate, n)
	if err != nil {
		t.Fatalf("charge %d to %s: %v", n, key, err)
	}
	return d
}

// What a Take took can be put back, and never more than there was room for.
func TestReturn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := newClock()
		l := limiter(c, 10)
		rate := ratelimit.PerMinute(rapid.Int64Range(1, 1000).Draw(r, "points"), rapid.Int64Range(1, 1000).Draw(r, "burst"))
		charge(t, l, "a", rate, rapid.IntRange(0, 2000).Draw(r, "charged"))
		c.pass(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(r, "passed")))
		before := take(t, l, "a", rate, 0)
		n := rapid.IntRange(1, 1000).Draw(r, "n")
		if !take(t, l, "a", rate, n).OK {
			return
		}
		after, err := l.Return(t.Context(), "a", rate, n)
		if diff := cmp.Diff(before, after); err != nil || diff != "" {
			r.Errorf("taken and put back: %v, before and after:\n%s", err, diff)
		}
		full, err := l.Return(t.Context(), "a", rate, 1<<40)
		if err != nil || full.Remaining != rate.Burst || full.Reset != 0 || !full.OK {
			r.Errorf("more than there is room for: %+v, %v", full, err)
		}
	})
	if _, err := limiter(newClock(), 1).Return(t.Context(), "a", ratelimit.PerSecond(1, 1), -1); err == nil {
		t.Error("a negative number is put back")
	}
}

func TestBucket(t *testing.T) {
	type step struct {
		after  time.Duration
		charge bool
		n      int
		want   ratelimit.Decision
	}
	ms := time.Millisecond
	cases := map[string]struct {
		rate  ratelimit.Rate
		steps []step
	}{
		"full, empty, refilled": {ratelimit.PerSecond(10, 2), []step{
			{0, false, 1, ratelimit.Decision{OK: true, Limit: 2, Remaining: 1, Reset: 100 * ms}},
			{0, false, 1, ratelimit.Decision{OK: true, Limit: 2, Remaining: 0, Reset: 200 * ms}},
			{0, false, 1, ratelimit.Decision{Limit: 2, Reset: 200 * ms, RetryAfter: 100 * ms}},
			{99 * ms, false, 1, ratelimit.Decision{Limit: 2, Reset: 101 * ms, RetryAfter: 1 * ms}},
			{1 * ms, false, 1, ratelimit.Decision{OK: true, Limit: 2, Reset: 200 * ms}},
			{time.Hour, false, 2, ratelimit.Decision{OK: true, Limit: 2, Reset: 200 * ms}},
		}},
		"all or none": {ratelimit.PerSecond(10, 10), []step{
			{0, false, 7, ratelimit.Decision{OK: true, Limit: 10, Remaining: 3, Reset: 700 * ms}},
			{0, false, 4, ratelimit.Decision{Limit: 10, Remaining: 3, Reset: 700 * ms, RetryAfter: 100 * ms}},
			{0, false, 3, ratelimit.Decision{OK: true, Limit: 10, Reset: time.Second}},
		}},
		"more than the burst": {ratelimit.PerSecond(10, 10), []step{
			{0, false, 11, ratelimit.Decision{Limit: 10, Remaining: 10, RetryAfter: ratelimit.Never}},
			{0, false, 10, ratelimit.Decision{OK: true, Limit: 10, Reset: time.Second}},
		}},
		"only looking": {ratelimit.PerSecond(10, 1), []step{
			{0, false, 0, ratelimit.Decision{OK: true, Limit: 1, Remaining: 1}},
			{0, false, 1, ratelimit.Decision{OK: true, Limit: 1, Reset: 100 * ms}},
			{0, false, 0, ratelimit.Decision{OK: true, Limit: 1, Reset: 100 * ms}},
			{0, true, 1, ratelimit.Decision{Limit: 1, Reset: 200 * ms, RetryAfter: 100 * ms}},
			{0, false, 0, ratelimit.Decision{Limit: 1, Reset: 200 * ms, RetryAfter: 100 * ms}},
		}},
		"debt ends at one burst": {ratelimit.PerSecond(10, 10), []step{
			{0, true, 5, ratelimit.Decision{OK: true, Limit: 10, Remaining: 5, Reset: 500 * ms}},
			{0, true, 8, ratelimit.Decision{Limit: 10, Reset: 1300 * ms, RetryAfter: 300 * ms}},
			{0, false, 1, ratelimit.Decision{Limit: 10, Reset: 1300 * ms, RetryAfter: 400 * ms}},
			{0, true, 1 << 62, ratelimit.Decision{Limit: 10, Reset: 2 * time.Second, RetryAfter: time.Second}},
			{1100 * ms, false, 1, ratelimit.Decision{OK: true, Limit: 10, Reset: time.Second}},
		}},
		"time set back": {ratelimit.PerSecond(1, 2), []step{
			{time.Minute, false, 2, ratelimit.Decision{OK: true, Limit: 2, Reset: 2 * time.Second}},
			{-time.Minute, false, 1, ratelimit.Decision{Limit: 2, Reset: 2 * time.Second, RetryAfter: time.Second}},
			{time.Minute, false, 1, ratelimit.Decision{Limit: 2, Reset: 2 * time.Second, RetryAfter: time.Second}},
		}},
		"10 million points a minute": {ratelimit.PerMinute(10_000_000, 10_000_000), []step{
			{0, false, 10_000_000, ratelimit.Decision{OK: true, Limit: 10_000_000, Reset: time.Minute}},
			{6 * time.Microsecond, false, 2, ratelimit.Decision{Limit: 10_000_000, Remaining: 1, Reset: time.Minute - 6*time.Microsecond, RetryAfter: 6 * time.Microsecond}},
		}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			l := limiter(c, 10)
			for i, s := range test.steps {
				c.pass(s.after)
				call := take
				if s.charge {
					call = charge
				}
				s.want.Window = test.rate.Window()
				if diff := cmp.Diff(s.want, call(t, l, "key", test.rate, s.n)); diff != "" {
					t.Errorf("step %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

// A bucket is compared with fractions that know no rounding.
func TestNothingIsRounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := ratelimit.Rate{
			Points: rapid.Int64Range(1, 1_000).Draw(t, "points"),
			Per:    time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(t, "per")),
			Burst:  rapid.Int64Range(1, 1_000).Draw(t, "burst"),
		}
		c := newClock()
		l := limiter(c, 10)
		full := new(big.Rat).SetInt64(rate.Burst)
		speed := big.NewRat(rate.Points, int64(rate.Per))
		level := new(big.Rat).Set(full)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			passed := rapid.Int64Range(0, 2*int64(rate.Per)).Draw(t, "passed")
			c.pass(time.Duration(passed))
			level.Add(level, new(big.Rat).Mul(speed, new(big.Rat).SetInt64(passed)))
			if level.Cmp(full) > 0 {
				level.Set(full)
			}
			n := rapid.IntRange(0, int(rate.Burst)).Draw(t, "n")
			left := new(big.Rat).Sub(level, new(big.Rat).SetInt64(int64(n)))
			ok := left.Sign() >= 0
			var got ratelimit.Decision
			if rapid.Bool().Draw(t, "charge") {
				got, _ = l.Charge(context.Background(), "key", rate, n)
				if debt := new(big.Rat).Neg(full); left.Cmp(debt) < 0 {
					left = debt
				}
				level = left
			} else {
				got, _ = l.Take(context.Background(), "key", rate, n)
				if ok {
					level = left
				}
			}
			remaining := new(big.Int)
			if level.Sign() > 0 {
				remaining.Quo(level.Num(), level.Denom())
			}
			if got.OK != ok || got.Remaining != remaining.Int64() {
				t.Fatalf("n %d: got %+v, want OK %v with %s left", n, got, ok, level)
			}
		}
	})
}

// RetryAfter is neither too early nor too late, by the nanosecond.
func TestRetryAfterIsWhenItIsGranted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := ratelimit.Rate{
			Points: rapid.Int64Range(1, 1_000).Draw(t, "points"),
			Per:    time.Duration(rapid.Int64Range(1_000, int64(time.Hour)).Draw(t, "per")),
			Burst:  rapid.Int64Range(1, 1_000).Draw(t, "burst"),
		}
		n := rapid.IntRange(1, int(rate.Burst)).Draw(t, "n")
		c := newClock()
		l := limiter(c, 10)
		_, _ = l.Charge(context.Background(), "key", rate, rapid.IntRange(int(rate.Burst), 2*int(rate.Burst)).Draw(t, "spent"))
		first, _ := l.Take(context.Background(), "key", rate, n)
		if first.OK || first.RetryAfter <= 0 {
			t.Fatalf("an empty bucket gave %+v", first)
		}
		c.pass(first.RetryAfter - 1)
		if d, _ := l.Take(context.Background(), "key", rate, n); d.OK {
			t.Fatalf("granted a nanosecond before %s", first.RetryAfter)
		}
		c.pass(1)
		if d, _ := l.Take(context.Background(), "key", rate, n); !d.OK {
			t.Fatalf("refused after %s: %+v", first.RetryAfter, d)
		}
	})
}

func TestWindow(t *testing.T) {
	for want, rate := range map[time.Duration]ratelimit.Rate{
		2 * time.Second:  ratelimit.PerSecond(10, 20),
		time.Minute:      ratelimit.PerMinute(10_000_000, 10_000_000),
		333_333_334:      ratelimit.PerSecond(3, 1),
		13 * time.Second: {Points: 7, Per: 7 * time.Second, Burst: 13},
	} {
		if got := rate.Window(); got != want {
			t.Errorf("%+v: got %s, want %s", rate, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	l := limiter(newClock(), 10)
	take(t, l, "known", ratelimit.PerSecond(1, 1), 1)
	for name, rate := range map[string]ratelimit.Rate{
		"nothing":         {},
		"no points":       ratelimit.PerSecond(0, 1),
		"no burst":        ratelimit.PerSecond(1, 0),
		"negative":        ratelimit.PerSecond(-1, 1),
		"beyond counting": {Points: 1, Per: time.Hour, Burst: 1 << 40},
	} {
		for _, key := range []string{"known", "new"} {
			if _, err := l.Take(t.Context(), key, rate, 1); err == nil {
				t.Errorf("%s: a key that is %s was let in", name, key)
			}
		}
	}
	if _, err := l.Take(t.Context(), "known", ratelimit.PerSecond(1, 1), -1); err == nil {
		t.Error("a negative number was taken")
	}
	if _, err := l.Charge(t.Context(), "known", ratelimit.PerSecond(1, 1), -1); err == nil {
		t.Error("a negative number was charged")
	}
}

// A key whose rate changes neither gains points nor loses its debt.
func TestChangedRate(t *testing.T) {
	slow, fast := ratelimit.PerSecond(1, 10), ratelimit.PerSecond(100, 1000)
	cases := map[string]struct {
		from, to ratelimit.Rate
		spent    int
		want     int64
	}{
		"up":          {slow, fast, 4, 6},
		"down":        {fast, slow, 4, 10},
		"empty":       {slow, fast, 10, 0},
		"full stays":  {slow, fast, 0, 1000},
		"debt stays":  {slow, fast, 15, -5},
		"debt shrank": {fast, slow, 1500, -10},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			l := limiter(c, 10)
			charge(t, l, "key", test.from, test.spent)
			got := take(t, l, "key", test.to, 0)
			points := test.to.Burst - int64(got.Reset*time.Duration(test.to.Points)/test.to.Per)
			if points != test.want {
				t.Errorf("%d points after the change, want %d: %+v", points, test.want, got)
			}
		})
	}
}

func TestManyKeysRefillNobody(t *testing.T) {
	c := newClock()
	l := limiter(c, 100)
	rate := ratelimit.PerMinute(60, 10)
	if !take(t, l, "victim", rate, 10).OK {
		t.Fatal("a full bucket refused")
	}
	for i := range 10_000 {
		take(t, l, fmt.Sprint("address", i), rate, 1)
	}
	if d := take(t, l, "victim", rate, 1); d.OK {
		t.Errorf("an empty bucket was refilled by others: %+v", d)
	}
	stats := l.Stats()
	if stats.Keys != 100 {
		t.Errorf("%d keys are remembered, want 100", stats.Keys)
	}
	if want := uint64(10_000 - 99); stats.Shared != want {
		t.Errorf("%d were billed together, want %d", stats.Shared, want)
	}
}

func TestNewKeysShareWhenFull(t *testing.T) {
	c := newClock()
	l := limiter(c, 2)
	rate := ratelimit.PerSecond(1, 3)
	take(t, l, "a", rate, 3)
	take(t, l, "b", rate, 1)
	for i, want := range []bool{true, true, true, false, false} {
		if d := take(t, l, fmt.Sprint("new", i), rate, 1); d.OK != want {
			t.Errorf("new key %d: OK %v, want %v", i, d.OK, want)
		}
	}
	if !take(t, l, "b", rate, 2).OK {
		t.Error("who is remembered notices the new keys")
	}
	// After 2 seconds neither is full; after 3 both are, and make place.
	c.pass(2 * time.Second)
	take(t, l, "late", rate, 1)
	if got := l.Stats().Shared; got != 6 {
		t.Errorf("%d were billed together, want 6", got)
	}
	c.pass(time.Second)
	for _, key := range []string{"c", "d"} {
		if d := take(t, l, key, rate, 3); !d.OK {
			t.Errorf("%s has no bucket of its own: %+v", key, d)
		}
	}
	if stats := l.Stats(); stats.Keys != 2 || stats.Shared != 6 {
		t.Errorf("got %+v, want 2 keys and no more billed together", stats)
	}
}

// The queue of places is compared with a model that looks at all of them.
func TestOnlyFullBucketsAreForgotten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		const places = 5
		l := limiter(c, places)
		rate := ratelimit.PerSecond(1, 8)
		full := map[string]time.Time{}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			c.pass(time.Duration(rapid.IntRange(0, 3).Draw(t, "passed")) * time.Second)
			key := rapid.StringMatching(`[a-j]`).Draw(t, "key")
			used := 0
			for _, at := range full {
				if at.After(c.now) {
					used++
				}
			}
			known := full[key].After(c.now)
			before := l.Stats().Shared
			d, _ := l.Take(context.Background(), key, rate, rapid.IntRange(1, 8).Draw(t, "n"))
			shared := l.Stats().Shared > before
			if want := !known && used == places; shared != want {
				t.Fatalf("%s with %d of %d places in use, known %v: shared %v", key, used, places, known, shared)
			}
			if !shared {
				full[key] = c.now.Add(d.Reset)
			}
		}
	})
}

func TestLongKeysAreKept(t *testing.T) {
	l := limiter(newClock(), 10)
	rate := ratelimit.PerSecond(1, 1)
	long := strings.Repeat("x", 1<<20)
	if !take(t, l, long, rate, 1).OK || take(t, l, long, rate, 1).OK {
		t.Error("a long key has no bucket of its own")
	}
	if !take(t, l, long+"y", rate, 1).OK {
		t.Error("two long keys share a bucket")
	}
}

func TestTakingAtTheSameTime(t *testing.T) {
	l := limiter(newClock(), 1_000)
	rate := ratelimit.PerSecond(1, 100)
	var granted atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 1_000 {
				d, err := l.Take(context.Background(), "hot", rate, 1)
				if err != nil {
					t.Error(err)
				}
				if d.OK {
					granted.Add(1)
				}
				_, _ = l.Take(context.Background(), fmt.Sprint(i), rate, 1)
			}
		})
	}
	group.Wait()
	if granted.Load() != 100 {
		t.Errorf("%d points were granted of 100", granted.Load())
	}
}
