package shopify_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/internal/crm"
)

// times is a clock that waiting moves.
type times struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func drive(s *shopify.Shop) *times {
	c := &times{now: time.Now()}
	s.SetClock(
		func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now },
		func(ctx context.Context, d time.Duration) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.now, c.waits = c.now.Add(d), append(c.waits, d)
			return ctx.Err()
		})
	return c
}

const (
	installed = `{"data": {"currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}, {"handle": "write_products"}]}}, ` +
		`"extensions": {"cost": {"requestedQueryCost": 2, "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": %v, "restoreRate": 50}}}}`
	throttled = `{"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], ` +
		`"extensions": {"cost": {"requestedQueryCost": 102, "actualQueryCost": null, "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": %v, "restoreRate": %v}}}}`
)

func TestWaitsForTheBucket(t *testing.T) {
	s, watched := fake(t, func(_ asked, w http.ResponseWriter) { say(w, installed, 1) })
	c := drive(s)
	for range 3 { // Each costs 2, and leaves 1, says the shop.
		if _, err := s.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []time.Duration{20 * time.Millisecond, 20 * time.Millisecond}; !cmp.Equal(c.waits, want) {
		t.Errorf("waited %v, want %v", c.waits, want)
	}
	if n := len(watched.taken()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestAsksAgainWhenThrottled(t *testing.T) {
	n := 0
	s, _ := fake(t, func(_ asked, w http.ResponseWriter) {
		if n++; n == 1 {
			say(w, throttled, 2, 50)
			return
		}
		say(w, installed, 900)
	})
	c := drive(s)
	missing, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The query costs more than was computed: 102 points, of which 2 are there.
	if want := []time.Duration{2 * time.Second}; !cmp.Equal(c.waits, want) {
		t.Errorf("waited %v, want %v", c.waits, want)
	}
	if want := []string{"read_all_orders", "read_customers", "read_returns"}; !cmp.Equal(missing, want) {
		t.Errorf("missing %v, want %v", missing, want)
	}
}

func TestGivesUpWhenThrottled(t *testing.T) {
	for name, test := range map[string]struct {
		rate     int
		within   time.Duration
		requests int
		after    time.Duration
	}{
		"always":                {rate: 50, within: time.Hour, requests: 3, after: 2 * time.Second},
		"no time to wait":       {rate: 50, within: time.Second, requests: 1, after: 2 * time.Second},
		"nothing flows back":    {rate: 0, within: time.Hour, requests: 1, after: 0},
		"longer than is waited": {rate: 1, within: time.Hour, requests: 1, after: 100 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s, watched := fake(t, func(_ asked, w http.ResponseWriter) { say(w, throttled, 2, test.rate) })
			drive(s)
			ctx, cancel := context.WithTimeout(t.Context(), test.within)
			defer cancel()
			_, err := s.Check(ctx)
			var known *crm.Error
			if !errors.As(err, &known) || known.Code != crm.CodeRateLimited || known.RetryAfter != test.after || known.Source != "shopify" {
				t.Errorf("error %v after %v, want RATE_LIMITED after %v", err, known, test.after)
			}
			if n := len(watched.taken()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

// TestBucketIsShared has two queries at once that the bucket holds one after the
// other only: the second waits for its own points.
func TestBucketIsShared(t *testing.T) {
	first, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	n := 0
	s, _ := fake(t, func(_ asked, w http.ResponseWriter) {
		if n++; n == 2 { // The first at once: it holds its points until it is answered.
			once.Do(func() { close(first) })
			<-free
		}
		say(w, installed, 3)
	})
	c := drive(s)
	if _, err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { _, err := s.Check(t.Context()); done <- err }()
	<-first
	if _, err := s.Check(t.Context()); err != nil { // 3 are there, 2 are taken.
		t.Fatal(err)
	}
	close(free)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{20 * time.Millisecond}; !cmp.Equal(c.waits, want) {
		t.Errorf("waited %v, want %v", c.waits, want)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	s, _ := fake(t, func(_ asked, w http.ResponseWriter) { say(w, installed, 0) })
	drive(s)
	if _, err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want one of the cancellation", err)
	}
}
