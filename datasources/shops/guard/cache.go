package guard

import (
	"time"

	"github.com/maypok86/otter/v2"
)

// entry is what a shop said of one key. It is never changed, and what it holds
// is handed out in copies.
type entry struct {
	// value is nil if the shop does not have what was asked for.
	value any
	// asked is when the shop was asked.
	asked time.Time
	// tags name what the value is about.
	tags []string
	// size is about how many bytes it takes.
	size int
}

// cache keeps entries by the identity of the call that they answer. It is
// bounded in their number and, about, in bytes. A nil cache keeps nothing.
type cache struct {
	entries  *otter.Cache[string, *entry]
	changed  *invalid
	ttl      time.Duration
	staleFor time.Duration
}

// newCache makes the cache of a shop, nil if nothing is to be kept.
func newCache(s Settings, changed *invalid) *cache {
	if s.CacheBytes <= 0 || max(s.CacheTTL, s.StaleFor) <= 0 {
		return nil
	}
	least := 1
	if s.CacheEntries > 0 {
		least = max(s.CacheBytes/s.CacheEntries, 1) // So that no more than these fit.
	}
	return &cache{
		changed: changed, ttl: s.CacheTTL, staleFor: s.StaleFor,
		entries: otter.Must(&otter.Options[string, *entry]{
			MaximumWeight: uint64(s.CacheBytes),
			Weigher:       func(id string, e *entry) uint32 { return uint32(min(max(len(id)+e.size, least), 1<<30)) },
			// Age is looked at when an entry is read, and the work is done by the
			// call that writes: the cache has no goroutine.
			Executor: func(work func()) { work() },
		}),
	}
}

// get returns what is kept under an id, and whether it is as good as the shop's
// answer. What is too old for anything is not given.
func (c *cache) get(id string) (e *entry, fresh bool) {
	if c == nil {
		return nil, false
	}
	e, ok := c.entries.GetIfPresent(id)
	if !ok {
		return nil, false
	}
	age := time.Since(e.asked)
	if age >= max(c.ttl, c.staleFor) {
		c.entries.Invalidate(id)
		return nil, false
	}
	return e, age < c.ttl && !c.changed.after(e.asked, e.tags)
}

// put keeps what was found.
func (c *cache) put(found map[string]*entry) {
	if c == nil {
		return
	}
	for id, e := range found {
		if kept, ok := c.entries.GetIfPresent(id); ok && kept.asked.After(e.asked) {
			continue // A call that began later was quicker.
		}
		c.entries.Set(id, e)
	}
}

// usable says whether an entry may stand in for a shop that fails.
func (c *cache) usable(e *entry) bool {
	return e != nil && e.value != nil && time.Since(e.asked) < c.staleFor
}
