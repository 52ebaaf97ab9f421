package document

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// cacheKey is a text as it was planned: one that is trusted was held to no limit.
type cacheKey struct {
	text    string
	trusted bool
}

// cache keeps the planned documents that were used last, bounded in number and in
// bytes. Documents that are refused are not kept: refusing one again costs less
// than planning a good one once, and an attacker sends another each time.
type cache struct {
	maxBytes int

	mu    sync.Mutex
	bytes int
	lru   *simplelru.LRU[cacheKey, *Document]
}

func newCache(documents, bytes int) (*cache, error) {
	c := &cache{maxBytes: bytes}
	var err error
	c.lru, err = simplelru.NewLRU(documents, func(_ cacheKey, doc *Document) { c.bytes -= doc.bytes })
	return c, err
}

func (c *cache) get(key cacheKey) *Document {
	c.mu.Lock()
	defer c.mu.Unlock()
	doc, _ := c.lru.Get(key)
	return doc
}

// add keeps doc unless it alone would take more than an eighth of the cache: a few
// giants must not drive everything else out.
func (c *cache) add(key cacheKey, doc *Document) {
	if doc.bytes > c.maxBytes/8 && !key.trusted {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(key) {
		return
	}
	c.bytes += doc.bytes
	c.lru.Add(key, doc)
	for c.bytes > c.maxBytes && c.lru.Len() > 1 {
		c.lru.RemoveOldest()
	}
}
