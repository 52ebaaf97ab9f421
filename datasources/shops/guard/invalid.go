package guard

import (
	"slices"
	"sync"
	"time"
)

// maxInvalid bounds how many tags are remembered.
const maxInvalid = 8192

// invalid remembers what was said to have changed and when: by tags, each the
// name of an order or a shopper that an answer is about. It is bounded: if there
// are too many, the older half is forgotten, and every answer of that time
// counts as changed.
type invalid struct {
	mu    sync.RWMutex
	since map[string]time.Time
	floor time.Time
}

// add says that what has one of the tags changed now.
func (i *invalid) add(tags ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	if i.since == nil {
		i.since = map[string]time.Time{}
	}
	for _, t := range tags {
		i.since[t] = now
	}
	if len(i.since) <= maxInvalid {
		return
	}
	times := make([]time.Time, 0, len(i.since))
	for _, at := range i.since {
		times = append(times, at)
	}
	slices.SortFunc(times, time.Time.Compare)
	i.floor = times[len(times)/2]
	for t, at := range i.since {
		if !at.After(i.floor) {
			delete(i.since, t)
		}
	}
}

// after says whether something with one of the tags changed at that time or
// later.
func (i *invalid) after(at time.Time, tags []string) bool {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if !i.floor.IsZero() && !at.After(i.floor) {
		return true
	}
	for _, t := range tags {
		if since, ok := i.since[t]; ok && !at.After(since) {
			return true
		}
	}
	return false
}
