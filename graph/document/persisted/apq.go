package persisted

import (
	"container/list"
	"strings"
	"sync"
)

// APQ bounds the documents that callers register.
type APQ struct {
	// Entries is how many are kept at most; 0 turns APQ off.
	Entries int
	// Bytes is how long they may be together, EntryBytes each of them. What is longer
	// than EntryBytes runs but is not kept.
	Bytes, EntryBytes int
}

// DefaultAPQ returns the default bounds.
func DefaultAPQ() APQ { return APQ{Entries: 1_000, Bytes: 8 << 20, EntryBytes: 32 << 10} }

// apq is the cache of registered documents. When it is full, the caller who holds the most
// of what there is too much of loses what they used longest ago: a caller who
// registers without end pushes out their own documents.
type apq struct {
	bounds APQ

	mu sync.Mutex
	// entries holds elements whose values are *entry, by hash.
	entries map[string]*list.Element
	owners  map[string]*holding
	bytes   int
	// uses counts, to tell what was used longest ago.
	uses uint64
}

// holding is what one caller has registered, used last first.
type holding struct {
	entries list.List
	bytes   int
}

// oldest is when the caller's oldest document was used.
func (h *holding) oldest() uint64 { return h.entries.Back().Value.(*entry).used }

type entry struct {
	hash, text, owner string
	used              uint64
}

func newAPQ(bounds APQ) *apq {
	defaults := DefaultAPQ()
	if bounds.Bytes <= 0 {
		bounds.Bytes = defaults.Bytes
	}
	if bounds.EntryBytes <= 0 {
		bounds.EntryBytes = defaults.EntryBytes
	}
	bounds.EntryBytes = min(bounds.EntryBytes, bounds.Bytes)
	return &apq{bounds: bounds, entries: make(map[string]*list.Element), owners: make(map[string]*holding)}
}

// get returns the text with a hash.
func (a *apq) get(hash string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	element, ok := a.entries[hash]
	if !ok {
		return "", false
	}
	e := element.Value.(*entry)
	a.uses++
	e.used = a.uses
	a.owners[e.owner].entries.MoveToFront(element)
	return e.text, true
}

// add keeps a text for its owner, unless it is too long. One that is there stays
// its first owner's.
func (a *apq) add(hash, text, owner string) {
	if len(text) > a.bounds.EntryBytes {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.entries[hash]; ok {
		return
	}
	h := a.owners[owner]
	if h == nil {
		h = &holding{}
		a.owners[owner] = h
	}
	a.uses++
	a.entries[hash] = h.entries.PushFront(&entry{hash: hash, text: strings.Clone(text), owner: owner, used: a.uses})
	h.bytes += len(text)
	a.bytes += len(text)
	for len(a.entries) > a.bounds.Entries {
		a.drop(a.largest(func(h *holding) int { return h.entries.Len() }))
	}
	for a.bytes > a.bounds.Bytes {
		a.drop(a.largest(func(h *holding) int { return h.bytes }))
	}
}

// largest returns who holds the most; of several, whose oldest document was used
// longest ago. There are no more callers than entries, and it is only asked when
// something new is registered.
func (a *apq) largest(size func(*holding) int) string {
	owner, most := "", -1
	for name, h := range a.owners {
		n := size(h)
		if n > most || n == most && h.oldest() < a.owners[owner].oldest() {
			owner, most = name, n
		}
	}
	return owner
}

// drop forgets what a caller used longest ago.
func (a *apq) drop(owner string) {
	h := a.owners[owner]
	e := h.entries.Remove(h.entries.Back()).(*entry)
	delete(a.entries, e.hash)
	h.bytes -= len(e.text)
	a.bytes -= len(e.text)
	if h.entries.Len() == 0 {
		delete(a.owners, owner)
	}
}

// maxSeen is how many hashes are remembered as logged.
const maxSeen = 10_000

// seen remembers what was logged, so that a document is logged once and not each
// time. When it is full it starts again.
type seen struct {
	mu     sync.Mutex
	hashes map[string]struct{}
}

func newSeen() *seen { return &seen{hashes: make(map[string]struct{})} }

// first says whether a hash is seen for the first time.
func (s *seen) first(hash string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.hashes[hash]; ok {
		return false
	}
	if len(s.hashes) >= maxSeen {
		clear(s.hashes)
	}
	s.hashes[hash] = struct{}{}
	return true
}
