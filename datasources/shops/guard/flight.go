package guard

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// grace is how long after its deadline a call is waited for: it knows best what
// has failed, and what has not.
const grace = 100 * time.Millisecond

// flight is a call that is under way, for several keys and for all who wait for it.
type flight struct {
	ids      []string
	begun    time.Time
	deadline time.Time // zero for none
	cancel   context.CancelCauseFunc
	waiting  int // guarded by flights.mu
	done     chan struct{}
	// found and err are there when done is closed.
	found map[string]*entry
	err   error
}

// flights are the calls of a shop that are under way, by each of their keys.
type flights struct {
	mu      sync.Mutex
	byID    map[string]*flight
	running sync.WaitGroup
}

// start begins a call for ids that run makes. It is called with mu held; its caller
// is the first to wait.
func (f *flights) start(ctx context.Context, ids []string, timeout time.Duration, run func(context.Context) (map[string]*entry, error)) *flight {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.CancelFunc(func() {})
	call := &flight{ids: ids, begun: time.Now(), cancel: cancel, waiting: 1, done: make(chan struct{})}
	if timeout > 0 {
		call.deadline = time.Now().Add(timeout)
		ctx, stop = context.WithDeadline(ctx, call.deadline)
	}
	for _, id := range ids {
		f.byID[id] = call
	}
	f.running.Go(func() {
		defer stop()
		defer cancel(nil)
		call.found, call.err = run(ctx)
		f.mu.Lock()
		f.forget(call)
		f.mu.Unlock()
		close(call.done)
	})
	return call
}

// forget lets nobody else wait for a call. It is called with mu held.
func (f *flights) forget(call *flight) {
	for _, id := range call.ids {
		if f.byID[id] == call {
			delete(f.byID, id)
		}
	}
}

// wait waits for a call until ctx ends. What the call found may be looked at only
// if there is no error.
func (f *flights) wait(ctx context.Context, source string, call *flight) error {
	overdue := make(<-chan time.Time)
	if !call.deadline.IsZero() {
		timer := time.NewTimer(time.Until(call.deadline) + grace)
		defer timer.Stop()
		overdue = timer.C
	}
	select {
	case <-call.done:
		return nil
	case <-overdue:
		f.leave(call, context.DeadlineExceeded)
		return late(source)
	case <-ctx.Done():
		f.leave(call, ctx.Err())
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return late(source)
		}
		return canceled(source)
	}
}

// leave ends a call if nobody else waits for it.
func (f *flights) leave(call *flight, why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if call.waiting--; call.waiting == 0 {
		f.forget(call)
		call.cancel(why)
	}
}

// late is the error of a shop that did not answer in time.
func late(source string) error {
	return &crm.Error{
		Code: crm.CodeUnavailable, Source: source, Op: "ask the shop",
		Message: "the shop did not answer in time; try again later", Err: context.DeadlineExceeded,
	}
}
