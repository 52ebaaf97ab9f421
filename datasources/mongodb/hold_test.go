package mongodb_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/internal/crm"
)

// hold keeps a store's command of a name back until it may pass: the first, or
// that after some others.
type hold struct {
	command string
	skip    atomic.Int32
	met     chan struct{} // closed when the store is about to send the command
	open    chan struct{}
	once    sync.Once
}

func newHold(command string, skip int32) *hold {
	h := &hold{command: command, met: make(chan struct{}), open: make(chan struct{})}
	h.skip.Store(skip)
	return h
}

func (h *hold) pass() { close(h.open) }

func (h *hold) option() mongodb.Option {
	return mongodb.WithCallObserver(func(call string) {
		if call == h.command && h.skip.Add(-1) < 0 {
			h.once.Do(func() {
				close(h.met)
				<-h.open
			})
		}
	})
}

// met waits until a store gives a transaction up because of another's, and fails
// if it ends without that.
func met(t *testing.T, aborted *hold, outcome chan []crm.Code) {
	t.Helper()
	select {
	case <-aborted.met:
	case codes := <-outcome:
		t.Errorf("two that exclude each other did not meet: the second is %v", codes)
		outcome <- codes
	}
}
