package guard

import (
	"sync"
	"time"
)

// budgetSlots are the seconds over which retries are compared with requests.
const budgetSlots = 10

// budget bounds retries to a share of the requests of the last ten seconds, so
// that a shop that is down is not asked a multiple of what it cannot answer. A
// share of 0 is no bound.
type budget struct {
	share float64
	floor int

	mu    sync.Mutex
	slots [budgetSlots]budgetSlot
}

type budgetSlot struct {
	second            int64
	requests, retries int
}

// request counts a request that is no retry.
func (b *budget) request() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slot(time.Now()).requests++
}

// retry says whether there may be one, and counts it.
func (b *budget) retry() bool {
	if b.share <= 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	requests, retries := 0, 0
	for _, s := range b.slots {
		if s.second > now.Unix()-budgetSlots {
			requests += s.requests
			retries += s.retries
		}
	}
	if retries >= b.floor && float64(retries+1) > b.share*float64(requests+retries+1) {
		return false
	}
	b.slot(now).retries++
	return true
}

// slot returns the slot of a time's second. It is called with mu held.
func (b *budget) slot(at time.Time) *budgetSlot {
	s := &b.slots[at.Unix()%budgetSlots]
	if s.second != at.Unix() {
		*s = budgetSlot{second: at.Unix()}
	}
	return s
}
