package ratelimit

import (
	"strings"
	"sync"
)

// shard is a part of the keys with a lock of its own.
type shard struct {
	mu   sync.Mutex
	keys map[string]int32
	// places hold the buckets; a place whose key was forgotten is given to the next.
	places []place
	// queue is a binary heap of places, the smallest due first.
	queue []int32
	max   int
	spill bucket
	// spilled counts what was billed to spill.
	spilled uint64
	_       [64]byte // Keeps the locks of two shards out of one cache line.
}

// place is a remembered key. Its bucket is not full before due, except after its
// rate was raised: then it is forgotten later than it could be.
type place struct {
	bucket

	key string
	due int64
}

// bucket returns the key's bucket, up to date and with the given rate.
func (s *shard) bucket(key string, rate Rate, now int64) (*bucket, error) {
	b := &s.spill
	if at, ok := s.keys[key]; ok {
		b = &s.places[at].bucket
	} else if err := rate.Valid(); err != nil {
		return nil, err
	} else if at, ok := s.place(now); ok {
		p := &s.places[at]
		p.bucket, p.key = newBucket(rate, now), strings.Clone(key)
		s.keys[p.key] = at
		return &p.bucket, nil
	} else {
		s.spilled++
	}
	b.refill(now)
	if b.rate == rate {
		return b, nil
	}
	if err := rate.Valid(); err != nil {
		return nil, err
	}
	if b.units == 0 {
		*b = newBucket(rate, now)
	} else {
		b.change(rate)
	}
	return b, nil
}

// place finds a place for a new key: one whose bucket is full, else a new one if
// there may be more. It stands in the queue as due now.
func (s *shard) place(now int64) (int32, bool) {
	for len(s.queue) > 0 {
		at := s.queue[0]
		first := &s.places[at]
		if first.due > now {
			break
		}
		if full := first.fullAt(); full > now {
			first.due = full
			s.sink(0)
			continue
		}
		delete(s.keys, first.key)
		first.due = now
		return at, true
	}
	if len(s.places) >= s.max {
		return 0, false
	}
	at := int32(len(s.places))
	s.places = append(s.places, place{due: now})
	s.queue = append(s.queue, at)
	s.rise(len(s.queue) - 1)
	return at, true
}

// rise moves a place of the queue up to where it belongs.
func (s *shard) rise(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if s.places[s.queue[parent]].due <= s.places[s.queue[i]].due {
			return
		}
		s.queue[parent], s.queue[i] = s.queue[i], s.queue[parent]
		i = parent
	}
}

// sink moves a place of the queue down to where it belongs.
func (s *shard) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(s.queue) {
			return
		}
		if child+1 < len(s.queue) && s.places[s.queue[child+1]].due < s.places[s.queue[child]].due {
			child++
		}
		if s.places[s.queue[i]].due <= s.places[s.queue[child]].due {
			return
		}
		s.queue[child], s.queue[i] = s.queue[i], s.queue[child]
		i = child
	}
}
