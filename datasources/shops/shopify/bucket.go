package shopify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// longestWait bounds one wait for the bucket where no deadline does.
const longestWait = time.Minute

// clock tells the time and waits.
type clock struct {
	now  func() time.Time
	wait func(context.Context, time.Duration) error
}

func realClock() clock {
	return clock{now: time.Now, wait: func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// throttleStatus is what an answer says of the bucket.
type throttleStatus struct {
	MaximumAvailable   float64 `json:"maximumAvailable"`
	CurrentlyAvailable float64 `json:"currentlyAvailable"`
	RestoreRate        float64 `json:"restoreRate"` // points a second
}

// bucket is what the shop allows this app: points that queries take and that flow
// back with time. The shop keeps it; this is what its last answer said of it, less
// what was taken since.
type bucket struct {
	clock clock

	mu       sync.Mutex
	known    bool
	status   throttleStatus
	at       time.Time // when the shop said so
	reserved float64   // by queries that wait or are under way
}

// take reserves what a query costs and waits until the bucket holds it, in the
// order of the calls. It does not wait at all if that would take longer than the
// context lasts, but says how long it takes.
func (b *bucket) take(ctx context.Context, cost float64) error {
	wait, err := b.reserve(cost)
	if err == nil && wait > 0 {
		err = b.pause(ctx, wait)
	}
	if err != nil {
		b.release(cost)
	}
	return err
}

func (b *bucket) reserve(cost float64) (time.Duration, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reserved += cost
	if !b.known {
		return 0, nil
	}
	if cost > b.status.MaximumAvailable {
		return 0, &crm.Error{Code: crm.CodeUnavailable, Err: errors.New("the query costs more than the bucket can hold")}
	}
	lacking := b.reserved - b.level()
	switch {
	case lacking <= 0:
		return 0, nil
	case b.status.RestoreRate <= 0:
		return 0, limited(0)
	}
	return time.Duration(lacking / b.status.RestoreRate * float64(time.Second)), nil
}

// level returns what the bucket holds by now.
func (b *bucket) level() float64 {
	flown := b.clock.now().Sub(b.at).Seconds() * b.status.RestoreRate
	return min(b.status.MaximumAvailable, b.status.CurrentlyAvailable+max(0, flown))
}

func (b *bucket) pause(ctx context.Context, wait time.Duration) error {
	if ends, ok := ctx.Deadline(); wait > longestWait || ok && b.clock.now().Add(wait).After(ends) {
		return limited(wait)
	}
	return b.clock.wait(ctx, wait)
}

func (b *bucket) release(cost float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reserved -= cost
}

// settle ends a query: with what the answer says of the bucket, or, if it says
// nothing, as if the query had been paid for.
func (b *bucket) settle(cost float64, status *throttleStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reserved -= cost
	now := b.clock.now()
	switch {
	case status != nil:
		b.known, b.status = true, *status
	case b.known:
		b.status.CurrentlyAvailable = max(0, b.level()-cost)
	}
	b.at = now
}

func limited(wait time.Duration) *crm.Error {
	return &crm.Error{
		Code: crm.CodeRateLimited, RetryAfter: wait,
		Message: "the shop is asked too often at the moment; try again later",
		Err:     errors.New("the bucket does not hold what the query costs"),
	}
}
