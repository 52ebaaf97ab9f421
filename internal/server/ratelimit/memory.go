package ratelimit

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash/maphash"
	"time"
)

// DefaultKeys is how many keys a Memory remembers if it is not told.
const DefaultKeys = 100_000

const (
	// maxShards is how many locks there are at most.
	maxShards = 64
	// shardKeys is how many keys a shard has at least, so that the hash spreads
	// keys over the shards about evenly.
	shardKeys = 256
	// maxKeyLength bounds a key that is kept as it is, in bytes; of a longer one the
	// SHA-256 is.
	maxKeyLength = 128
)

// Options are what a Memory may be told.
type Options struct {
	// Keys is how many keys are remembered at most; 0 is DefaultKeys.
	Keys int
	// Now tells the time; nil is time.Now. A clock that is set back stops the
	// refilling until it is where it was.
	Now func() time.Time
}

// Memory is the Limiter of one process.
//
// It remembers a bounded number of keys. Only a full bucket is ever forgotten: a
// new one would be the same, so a client who uses many keys refills nobody's
// bucket, not even its own. If every bucket that is remembered has something
// taken from it, new keys share one more bucket with the other new keys of their
// shard: they are limited together, more than they would be alone, and nobody who
// is remembered notices. Keys that anybody can make (addresses) and keys that only
// some can (principals) therefore belong into two of these.
type Memory struct {
	now    func() time.Time
	start  time.Time
	seed   maphash.Seed
	shards []shard
}

// NewMemory makes a limiter in memory.
func NewMemory(o Options) *Memory {
	if o.Keys <= 0 {
		o.Keys = DefaultKeys
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	count := 1
	for count < maxShards && o.Keys/(count*2) >= shardKeys {
		count *= 2
	}
	m := &Memory{now: o.Now, start: o.Now(), seed: maphash.MakeSeed(), shards: make([]shard, count)}
	for i := range m.shards {
		m.shards[i].keys = make(map[string]int32)
		m.shards[i].max = o.Keys / count
	}
	return m
}

// Take implements Limiter.
func (m *Memory) Take(_ context.Context, key string, rate Rate, n int) (Decision, error) {
	return m.bill(key, rate, n, (*bucket).take)
}

// Charge implements Limiter.
func (m *Memory) Charge(_ context.Context, key string, rate Rate, n int) (Decision, error) {
	return m.bill(key, rate, n, (*bucket).charge)
}

// Return implements Limiter.
func (m *Memory) Return(_ context.Context, key string, rate Rate, n int) (Decision, error) {
	return m.bill(key, rate, n, (*bucket).put)
}

func (m *Memory) bill(key string, rate Rate, n int, how func(*bucket, int64) (bool, int64)) (Decision, error) {
	if n < 0 {
		return Decision{}, errors.New("take points: a negative number")
	}
	if len(key) > maxKeyLength {
		sum := sha256.Sum256([]byte(key))
		key = string(sum[:])
	}
	s := &m.shards[maphash.String(m.seed, key)&uint64(len(m.shards)-1)]
	now := int64(m.now().Sub(m.start))
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(key, rate, now)
	if err != nil {
		return Decision{}, err
	}
	ok, wait := how(b, int64(n))
	return Decision{
		OK: ok, RetryAfter: time.Duration(wait),
		Limit: rate.Burst, Window: time.Duration(ceilDiv(b.full, b.speed)), Remaining: max(b.level, 0) / b.units, Reset: time.Duration(b.untilLevel(b.full)),
	}, nil
}

// Stats are counts for metrics.
type Stats struct {
	// Keys is how many keys are remembered.
	Keys int
	// Shared is how often somebody was billed to a shared bucket since the start,
	// because every place was taken.
	Shared uint64
}

// Stats counts.
func (m *Memory) Stats() Stats {
	var stats Stats
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		stats.Keys += len(s.keys)
		stats.Shared += s.spilled
		s.mu.Unlock()
	}
	return stats
}
