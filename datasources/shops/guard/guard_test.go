package guard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// failing returns a hook whose first n calls fail.
func failing(n int, err error) func(context.Context, shoptest.Call) error {
	var mu sync.Mutex
	return func(context.Context, shoptest.Call) error {
		mu.Lock()
		defer mu.Unlock()
		if n--; n >= 0 {
			return err
		}
		return nil
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration) *crm.Error {
		e := failure(crm.CodeRateLimited)
		e.RetryAfter = d
		return e
	}
	for _, c := range []struct {
		name   string
		err    error
		times  int           // how often it fails
		delay  time.Duration // how long each call takes
		calls  int
		ok     bool
		within [2]time.Duration
	}{
		{"once", failure(crm.CodeUnavailable), 1, 0, 2, true, [2]time.Duration{0, 50 * time.Millisecond}},
		{"twice", failure(crm.CodeUnavailable), 2, 0, 3, true, [2]time.Duration{0, 150 * time.Millisecond}},
		{"too often", failure(crm.CodeUnavailable), 3, 0, 3, false, [2]time.Duration{0, 150 * time.Millisecond}},
		{"rate limited", failure(crm.CodeRateLimited), 1, 0, 2, true, [2]time.Duration{0, 50 * time.Millisecond}},
		{"as it asks", after(time.Second), 1, 0, 2, true, [2]time.Duration{time.Second, 1100 * time.Millisecond}},
		{"it asks for too long", after(3 * time.Second), 1, 0, 1, false, [2]time.Duration{0, 0}},
		{"no time left", failure(crm.CodeUnavailable), 1, 1100 * time.Millisecond, 1, false, [2]time.Duration{1100 * time.Millisecond, 1100 * time.Millisecond}},
		{"unauthenticated", failure(crm.CodeUnauthenticated), 1, 0, 1, false, [2]time.Duration{}},
		{"forbidden", failure(crm.CodeForbidden), 1, 0, 1, false, [2]time.Duration{}},
		{"unsupported", failure(crm.CodeUnsupported), 1, 0, 1, false, [2]time.Duration{}},
		{"not found", failure(crm.CodeNotFound), 1, 0, 1, false, [2]time.Duration{}},
		{"invalid", failure(crm.CodeInvalid), 1, 0, 1, false, [2]time.Duration{}},
		{"internal", failure(crm.CodeInternal), 1, 0, 1, false, [2]time.Duration{}},
		{"lasting", &crm.Error{Code: crm.CodeUnavailable, Err: lasting{}}, 1, 0, 1, false, [2]time.Duration{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				raw, seen := newShop(shoptest.WithDelay(c.delay)), &recorder{}
				raw.SetHook(failing(c.times, c.err))
				s := plain()
				s.Retries = 2
				shop := wrap(raw, s, seen)
				defer shop.Close()
				begin := time.Now()
				_, err := title(t, shop, "00-00")
				if (err == nil) != c.ok || raw.Calls() != c.calls || seen.count("retry") != c.calls-1 {
					t.Errorf("%v after %d calls, %d retries observed; want %v after %d", err, raw.Calls(), seen.count("retry"), c.ok, c.calls)
				}
				if err != nil && !errors.Is(err, c.err) {
					t.Errorf("error: %v, want %v", err, c.err)
				}
				if took := time.Since(begin); took < c.within[0] || took > c.within[1] {
					t.Errorf("it took %v, want %v", took, c.within)
				}
			})
		})
	}
}

type lasting struct{}

func (lasting) Error() string   { return "too large" }
func (lasting) Permanent() bool { return true }

func TestOnlyWhatHasFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop()
		raw.FailKeys(failure(crm.CodeUnavailable), "cus_01")
		s := plain()
		s.Retries = 1
		shop := wrap(raw, s, nil)
		defer shop.Close()
		if found, err := shop.OrdersOf(t.Context(), shoppers(3), crm.Stretch{Limit: 1}); len(found) != 2 || err == nil {
			t.Errorf("%d entries, %v; want 2 and an error", len(found), err)
		}
		want := []shoptest.Call{
			{Method: "OrdersOf", Keys: []string{"cus_00", "cus_01", "cus_02"}},
			{Method: "OrdersOf", Keys: []string{"cus_01"}},
		}
		if diff := cmp.Diff(want, raw.Log()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAnOutageDoesNotMultiplyTheLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(shoptest.WithErr(failure(crm.CodeUnavailable))), &recorder{}
		s := plain()
		s.Retries, s.BreakerCalls = 2, 0
		shop := wrap(raw, s, seen)
		defer shop.Close()
		for i := range 200 {
			_, _ = title(t, shop, fmt.Sprint(i))
			time.Sleep(10 * time.Millisecond)
		}
		if n := seen.count("retry"); n < 10 || n > 25 {
			t.Errorf("retries of 200 calls: %d, want about 20", n)
		}
		time.Sleep(11 * time.Second)
		before := seen.count("retry")
		_, _ = title(t, shop, "later")
		if n := seen.count("retry") - before; n != 2 {
			t.Errorf("retries of one call later: %d, want the 2 that are always allowed", n)
		}
	})
}

func TestTheDeadlineHoldsForEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw := newShop(shoptest.WithDelay(10 * time.Second))
		s := plain()
		s.Retries, s.Concurrency, s.BreakerCalls = 2, 1, 0
		shop := wrap(raw, s, nil)
		defer shop.Close()
		begin := time.Now()
		var callers sync.WaitGroup
		for i := range 5 {
			callers.Go(func() {
				_, err := title(t, shop, fmt.Sprint(i))
				if !errors.Is(err, context.DeadlineExceeded) || crm.CodeOf(err) != crm.CodeUnavailable {
					t.Errorf("error: %v, want the deadline", err)
				}
			})
		}
		callers.Wait()
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("it took %v, want 2s", took)
		}
		if n := raw.Calls(); n != 1 {
			t.Errorf("calls: %d, want 1: the others had no place", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		begin = time.Now()
		_, err := shop.OrdersByID(ctx, []string{"1"})
		if took := time.Since(begin); took != 300*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller's own deadline: %v after %v", err, took)
		}
		begin = time.Now()
		_, err = shop.OrderChanges(t.Context(), crm.Mark{}, 10)
		if took := time.Since(begin); took != 10*time.Second || err != nil {
			t.Errorf("changes: %v after %v, want none after 10s", err, took)
		}
	})
}

func TestBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(shoptest.WithDelay(900*time.Millisecond)), &recorder{}
		s := plain()
		s.Concurrency = 3
		shop := wrap(raw, s, seen)
		defer shop.Close()
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() { _, _ = title(t, shop, fmt.Sprint(i)) })
		}
		callers.Wait()
		// Two rounds of three fit, a third has begun and does not end in time, and the
		// last caller's time ends in the instant in which the third's places are free.
		late, refused := seen.count("call TIMEOUT"), seen.count("refused FULL")
		if raw.Most() != 3 || seen.count("call OK") != 6 || late != 3 || refused != 1 || raw.Calls() != 9 {
			t.Errorf("%d at once, %d in time, %d late, %d refused, %d calls; want 3 at once, 6 in time, 3 late and 1 refused", raw.Most(), seen.count("call OK"), late, refused, raw.Calls())
		}
	})
}

// One caller who asks for very much stands in line before nobody else, and what waits for
// its place until there is no time left says nothing of a shop that always answers.
func TestOneCallersQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(shoptest.WithDelay(300*time.Millisecond)), &recorder{}
		s := plain()
		s.Concurrency, s.BreakerCalls, s.BreakerRatio, s.BreakerWindow, s.BreakerDelay = 8, 5, 0.5, 30*time.Second, 5*time.Second
		shop := wrap(raw, s, seen)
		defer shop.Close()
		as := func(caller, order string) (time.Duration, error) {
			begin := time.Now()
			_, err := shop.OrdersByID(crm.WithCaller(t.Context(), caller), []string{order})
			return time.Since(begin), err
		}
		var flood sync.WaitGroup
		flood.Go(func() { // Half as much again as six places can do.
			for i := range 600 {
				flood.Go(func() { _, _ = as("many", fmt.Sprint("many-", i)) })
				time.Sleep(33 * time.Millisecond)
			}
		})
		for i := range 20 {
			time.Sleep(time.Second)
			if took, err := as("one", fmt.Sprint("one-", i)); err != nil || took > 400*time.Millisecond {
				t.Errorf("another caller after %v: %v, want an answer as soon as the shop gives it", took, err)
			}
		}
		flood.Wait()
		if n := seen.count("refused BREAKER"); n != 0 || seen.count("call TIMEOUT") == 0 || raw.Most() > 8 {
			t.Errorf("%d requests refused by the breaker, %d late, %d at once", n, seen.count("call TIMEOUT"), raw.Most())
		}
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newShop(), &recorder{}
		s := plain()
		s.Rate, s.Burst, s.Timeout = 2, 2, 3500*time.Millisecond
		shop := wrap(raw, s, seen)
		defer shop.Close()
		begin := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		raw.SetHook(func(context.Context, shoptest.Call) error {
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Since(begin))
			return nil
		})
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() { _, _ = title(t, shop, fmt.Sprint(i)) })
		}
		callers.Wait()
		slices.Sort(at)
		want := []time.Duration{0, 0, time.Second, time.Second, 2 * time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("times of the calls (-want +got):\n%s", diff)
		}
		if n := seen.count("refused RATE"); n != 2 {
			t.Errorf("refused: %d, want 2", n)
		}
	})
}

func TestAShopIsLeftAloneAsItAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := failure(crm.CodeRateLimited)
		limited.RetryAfter = 10 * time.Second
		raw, seen := newShop(), &recorder{}
		raw.SetHook(failing(1, limited))
		shop := wrap(raw, plain(), seen)
		defer shop.Close()
		if _, err := title(t, shop, "00-00"); !errors.Is(err, limited) {
			t.Errorf("first: %v", err)
		}
		time.Sleep(2 * time.Second)
		_, err := title(t, shop, "00-00")
		var told *crm.Error
		if !errors.As(err, &told) || told.Code != crm.CodeRateLimited || told.Source != "shop-one" ||
			told.RetryAfter < 8*time.Second || told.RetryAfter > 8100*time.Millisecond {
			t.Errorf("meanwhile: %+v", told)
		}
		if raw.Calls() != 1 || seen.count("refused REST") != 1 {
			t.Errorf("meanwhile %d calls, %d refused; want 1 and 1", raw.Calls(), seen.count("refused REST"))
		}
		time.Sleep(7 * time.Second) // Now it fits: callers wait.
		begin := time.Now()
		if _, err := title(t, shop, "00-00"); err != nil || time.Since(begin) < time.Second || time.Since(begin) > 1100*time.Millisecond {
			t.Errorf("shortly before: %v after %v", err, time.Since(begin))
		}
		limited.RetryAfter = 24 * time.Hour
		raw.SetHook(failing(1, limited))
		_, _ = title(t, shop, "00-01")
		time.Sleep(5 * time.Minute)
		if _, err := title(t, shop, "00-01"); err != nil {
			t.Errorf("after the longest rest: %v", err)
		}
	})
}
