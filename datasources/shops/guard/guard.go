package guard

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/ratelimiter"

	"github.com/customer360/gateway/internal/admission"
	"github.com/customer360/gateway/internal/crm"
)

// sharedPart is the part of a shop's places that one caller leaves to others: a quarter,
// none of fewer than four.
const sharedPart = 4

// guard makes requests of one shop: it waits for their turn, tries them again
// and keeps them from a shop that cannot answer.
type guard struct {
	source   string
	settings Settings
	observer crm.ShopObserver
	breaker  circuitbreaker.CircuitBreaker[any] // nil for none
	places   *admission.Gate                    // nil for any number
	rate     ratelimiter.RateLimiter[any]       // nil for any
	retries  budget

	mu     sync.Mutex
	rest   time.Time            // the shop wants to be left alone until then
	denied map[string]time.Time // until when a method counts as forbidden
}

func newGuard(source string, s Settings, o crm.ShopObserver) *guard {
	g := &guard{
		source: source, settings: s, observer: o,
		retries: budget{share: s.RetryBudget, floor: s.RetryFloor},
		denied:  map[string]time.Time{},
	}
	if s.BreakerCalls > 0 {
		g.breaker = circuitbreaker.NewBuilder[any]().
			WithFailureRateThreshold(min(max(s.BreakerRatio, 0.01), 1), uint(s.BreakerCalls), max(s.BreakerWindow, time.Second)).
			WithSuccessThreshold(1).
			WithDelay(s.BreakerDelay).
			OnStateChanged(func(e circuitbreaker.StateChangedEvent) { o.Breaker(source, stateOf(e.NewState)) }).
			Build()
	}
	if s.Concurrency > 0 {
		g.places = admission.New(admission.Options{
			Most: s.Concurrency, Each: s.Concurrency - s.Concurrency/sharedPart,
			Queue: math.MaxInt, QueueEach: math.MaxInt, // A request waits as long as its time lasts.
		})
	}
	if s.Rate > 0 {
		burst := max(s.Burst, 1)
		g.rate = ratelimiter.NewBursty[any](uint(burst), time.Duration(float64(burst)/s.Rate*float64(time.Second)))
	}
	return g
}

func stateOf(s circuitbreaker.State) crm.BreakerState {
	switch s {
	case circuitbreaker.OpenState:
		return crm.BreakerOpen
	case circuitbreaker.HalfOpenState:
		return crm.BreakerHalfOpen
	case circuitbreaker.ClosedState:
	}
	return crm.BreakerClosed
}

// do makes a request, and again while that may help. ctx has the deadline of it
// all.
func (g *guard) do(ctx context.Context, method string, request func(context.Context) error) error {
	g.retries.request()
	for retry := 0; ; retry++ {
		begin := time.Now()
		made, err := g.once(ctx, method, request)
		if err == nil || !made || retry == g.settings.Retries || !mayHelp(ctx, err) {
			return err
		}
		delay := max(g.backoff(retry), g.resting())
		if !fits(ctx, delay+time.Since(begin)) || !g.retries.retry() || !wait(ctx, delay) {
			return err
		}
		g.observer.Retry(g.source, method)
	}
}

// mayHelp says whether the same request may succeed a little later.
func mayHelp(ctx context.Context, err error) bool {
	var lasting interface{ Permanent() bool }
	if ctx.Err() != nil || crm.OnlyUnreadable(err) || errors.As(err, &lasting) && lasting.Permanent() {
		return false
	}
	code := crm.CodeOf(err)
	return code == crm.CodeUnavailable || code == crm.CodeRateLimited
}

// backoff returns a random time before the retry of that number, from 0.
func (g *guard) backoff(retry int) time.Duration {
	most := min(g.settings.RetryDelay<<min(retry, 20), g.settings.RetryDelayMax)
	return rand.N(max(most, 0) + 1) //nolint:gosec // Nothing is secret about it.
}

// once makes a request if it may be made; made is false if it was not.
func (g *guard) once(ctx context.Context, method string, request func(context.Context) error) (made bool, err error) {
	if err := g.admit(ctx, method); err != nil { // Before the queue: nobody waits in vain.
		return false, err
	}
	if g.places != nil {
		place, err := g.places.Enter(ctx, crm.CallerOf(ctx), 1)
		if err != nil {
			return false, g.refuse(ctx, method, crm.ShopRefusalFull, err)
		}
		defer place.Leave()
		if !fits(ctx, 0) { // A place came free in the instant in which the time was over.
			return false, g.refuse(ctx, method, crm.ShopRefusalFull, ctx.Err())
		}
		if err := g.admit(ctx, method); err != nil { // It may have taken a while.
			return false, err
		}
	}
	if g.rate != nil {
		if err := g.rate.AcquirePermitWithMaxWait(ctx, remaining(ctx)); err != nil {
			return false, g.refuse(ctx, method, crm.ShopRefusalRate, err)
		}
	}
	if g.breaker != nil && !g.breaker.TryAcquirePermit() {
		return false, g.open(method)
	}
	begin := time.Now()
	err = g.protect(ctx, request)
	g.record(ctx, method, err, time.Since(begin))
	return true, err
}

// protect turns a panic over what a shop has answered into an error.
func (g *guard) protect(ctx context.Context, request func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &crm.Error{
				Code: crm.CodeInternal, Source: g.source, Op: "read the shop's answer",
				Err: fmt.Errorf("panic: %v\n%s", cause, debug.Stack()),
			}
		}
	}()
	return request(ctx)
}

// admit fails if the shop is not to be asked now. It waits while the shop wants
// to be left alone, if that is over in time.
func (g *guard) admit(ctx context.Context, method string) error {
	if g.breaker != nil && g.breaker.RemainingDelay() > 0 {
		return g.open(method)
	}
	if left := g.until(method); left > 0 {
		g.observer.Refused(g.source, method, crm.ShopRefusalDenied)
		err := g.failed(crm.CodeForbidden, "the shop does not let the gateway in; its credentials or their permissions must be mended",
			errors.New("the shop has just forbidden it"))
		err.RetryAfter = left
		return err
	}
	rest := g.resting()
	if rest == 0 {
		return nil
	}
	rest += rand.N(g.settings.RetryDelay + 1) //nolint:gosec // So that not all who wait ask at the same instant.
	if !fits(ctx, rest) || !wait(ctx, rest) {
		g.observer.Refused(g.source, method, crm.ShopRefusalRest)
		err := g.failed(crm.CodeRateLimited, "the shop is asked too often at the moment; try again later",
			errors.New("the shop has asked to be left alone"))
		err.RetryAfter = rest
		return err
	}
	return nil
}

// record remembers what came of a request.
func (g *guard) record(ctx context.Context, method string, err error, took time.Duration) {
	outcome := outcomeOf(ctx, err)
	g.observer.Call(g.source, method, outcome, took)
	var told *crm.Error
	if errors.As(err, &told) && told.RetryAfter > 0 && !errors.Is(err, context.Canceled) {
		g.leaveAlone(told.RetryAfter)
	}
	switch {
	case outcome == crm.ShopOutcome(crm.CodeForbidden):
		g.deny(method)
	case outcome == crm.ShopOutcomeTimeout && ctx.Err() != nil && took < g.settings.Timeout/2:
		// That a caller waits less long than a shop may take, or that a request has waited
		// for its place until there was little time left, says nothing about the shop.
		outcome = crm.ShopOutcomeCanceled
	}
	if g.breaker == nil {
		return
	}
	switch outcome {
	case crm.ShopOutcomeTimeout, crm.ShopOutcome(crm.CodeUnavailable), crm.ShopOutcome(crm.CodeRateLimited), crm.ShopOutcome(crm.CodeUnauthenticated):
		g.breaker.RecordFailure()
	case crm.ShopOutcomeCanceled:
		// It counts neither way. But a request on trial must end in one, else the
		// breaker waits for it for ever.
		if g.breaker.IsHalfOpen() {
			g.breaker.RecordFailure()
		}
	default:
		g.breaker.RecordSuccess()
	}
}

// leaveAlone notes that the shop wants no requests for a while.
func (g *guard) leaveAlone(d time.Duration) {
	if g.settings.RestAtMost > 0 {
		d = min(d, g.settings.RestAtMost)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.rest) {
		g.rest = until
	}
}

// resting returns for how long the shop wants no requests.
func (g *guard) resting() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.rest), 0)
}

// deny notes that the shop forbids a method. Another may be allowed, so that a
// permission that is missing costs what it is for, and not the whole shop.
func (g *guard) deny(method string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.denied[method] = time.Now().Add(g.settings.BreakerDelay)
}

// until returns for how long a method counts as forbidden.
func (g *guard) until(method string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Until(g.denied[method]), 0)
}

// open returns the error of a breaker that is open.
func (g *guard) open(method string) error {
	g.observer.Refused(g.source, method, crm.ShopRefusalBreaker)
	err := g.failed(crm.CodeUnavailable, "the shop cannot be reached at the moment; try again later", circuitbreaker.ErrOpen)
	err.RetryAfter = g.breaker.RemainingDelay()
	return err
}

// refuse returns the error of a request that did not get its turn in time.
func (g *guard) refuse(ctx context.Context, method string, why crm.ShopRefusal, cause error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return canceled(g.source)
	}
	g.observer.Refused(g.source, method, why)
	return g.failed(crm.CodeUnavailable, "too much is asked of the shop at the moment; try again later",
		errors.Join(cause, context.DeadlineExceeded))
}

func (g *guard) failed(code crm.Code, message string, cause error) *crm.Error {
	return &crm.Error{Code: code, Source: g.source, Op: "ask the shop", Message: message, Err: cause}
}

// canceled is the error of a caller who does not wait any more.
func canceled(source string) error { return fmt.Errorf("ask %s: %w", source, context.Canceled) }

// remaining returns the time that ctx has left; a day if it has no deadline.
func remaining(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 24 * time.Hour
	}
	return max(time.Until(deadline), 0)
}

// fits says whether d is over before ctx is. The clock counts beside ctx: a
// deadline that has just passed may not have ended ctx yet.
func fits(ctx context.Context, d time.Duration) bool { return ctx.Err() == nil && d < remaining(ctx) }

// wait lets time pass; false if ctx ended before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
