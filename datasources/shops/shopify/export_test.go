package shopify

import (
	"context"
	"time"
)

// SetClock returns the shop another clock.
func (s *Shop) SetClock(now func() time.Time, wait func(context.Context, time.Duration) error) {
	s.bucket.clock = clock{now: now, wait: wait}
}
