package budget_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/crm"
)

func TestTake(t *testing.T) {
	for name, c := range map[string]struct {
		limits        budget.Limits
		values, bytes int
		ok            bool
	}{
		"all of it":       {budget.Limits{Values: 3, Bytes: 5}, 3, 5, true},
		"too many values": {budget.Limits{Values: 3, Bytes: 5}, 4, 0, false},
		"too many bytes":  {budget.Limits{Values: 3, Bytes: 5}, 0, 6, false},
		"no limits":       {budget.Limits{}, 1 << 40, 1 << 40, true},
	} {
		b := budget.New(c.limits)
		if got := b.Take(c.values, c.bytes); got != c.ok || b.Ended() == c.ok {
			t.Errorf("%s: %v, ended: %v", name, got, b.Ended())
		}
		if want := crm.CodeTooLarge; !c.ok && (crm.CodeOf(b.Err()) != want || b.Take(0, 0)) {
			t.Errorf("%s: %v, or more can be taken; want %s for good", name, b.Err(), want)
		}
		if got := b.Taken(); got.Values != c.values || got.Bytes != c.bytes {
			t.Errorf("%s: %+v was taken", name, got)
		}
	}
	var none *budget.Budget
	if !none.Take(1<<40, 1<<40) || none.Ended() || none.Err() != nil {
		t.Error("without a budget something is bounded")
	}
}

// The first cause counts, whatever ends a budget after it.
func TestEnd(t *testing.T) {
	b := budget.New(budget.Limits{Values: 1})
	first := errors.New("first")
	b.End(first)
	b.End(errors.New("second"))
	if b.Take(5, 5) || !errors.Is(b.Err(), first) {
		t.Errorf("ended by %v", b.Err())
	}
}

func TestEndWith(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b, ended := budget.New(budget.Limits{}), make(chan struct{})
	b.EndWith(ctx, func(err error) error {
		defer close(ended)
		return err
	})
	if b.Ended() {
		t.Fatal("it has ended before its context")
	}
	cancel()
	<-ended
	for !b.Ended() { // The cause is made just before.
		continue
	}
	if !errors.Is(b.Err(), context.Canceled) {
		t.Error(b.Err())
	}
}

// More is asked for once, by the first that needs it, and all others wait for it.
func TestExpect(t *testing.T) {
	b := budget.New(budget.Limits{Values: 1000, Bytes: 1000})
	var asked atomic.Int32
	release := make(chan struct{})
	b.Expect(budget.Limits{Values: 10, Bytes: 10}, func() error {
		asked.Add(1)
		<-release
		return nil
	})
	if !b.Take(10, 10) || asked.Load() != 0 {
		t.Fatal("what was expected is not given, or more is asked for")
	}
	var all sync.WaitGroup
	var given atomic.Int32
	for range 8 {
		all.Go(func() {
			if b.Take(1, 0) {
				given.Add(1)
			}
		})
	}
	for asked.Load() == 0 {
		continue
	}
	if given.Load() != 0 {
		t.Error("somebody has not waited")
	}
	close(release)
	all.Wait()
	if asked.Load() != 1 || given.Load() != 8 {
		t.Errorf("asked %d times, given to %d of 8", asked.Load(), given.Load())
	}
	refused := budget.New(budget.Limits{})
	no := errors.New("no")
	refused.Expect(budget.Limits{Values: 1, Bytes: 1}, func() error { return no })
	if refused.Take(0, 2) || !errors.Is(refused.Err(), no) {
		t.Errorf("refused by %v", refused.Err())
	}
}
