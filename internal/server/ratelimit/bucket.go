package ratelimit

import "math/bits"

// bucket is one key's level. Times are nanoseconds since the limiter was made.
type bucket struct {
	rate Rate
	// speed and units are the rate's, in lowest terms.
	speed, units int64
	// level is in units, between -full and full, as it was at the time last.
	level, full, last int64
}

func newBucket(rate Rate, now int64) bucket {
	b := bucket{rate: rate, last: now}
	b.speed, b.units = rate.reduced()
	b.full = rate.Burst * b.units
	b.level = b.full
	return b
}

// refill brings the level up to date. Time that seems to run backwards, between
// goroutines that read the clock in another order than they came, stands still.
func (b *bucket) refill(now int64) {
	elapsed := now - b.last
	if elapsed <= 0 {
		return
	}
	b.last = now
	if elapsed >= b.untilLevel(b.full) {
		b.level = b.full
		return
	}
	b.level += elapsed * b.speed
}

// change returns an up-to-date bucket another rate. Whole points and debts are kept
// as they are, a part of a point is lost; a full bucket stays full.
func (b *bucket) change(rate Rate) {
	old := *b
	*b = newBucket(rate, old.last)
	if old.level == old.full {
		return
	}
	points := min(old.level/old.units, rate.Burst)
	if old.level < 0 {
		points = max(-ceilDiv(-old.level, old.units), -rate.Burst)
	}
	b.level = points * b.units
}

// untilLevel is how long the level takes to reach another one, in nanoseconds
// rounded up; 0 if it is there.
func (b *bucket) untilLevel(level int64) int64 {
	if b.level >= level {
		return 0
	}
	return ceilDiv(level-b.level, b.speed)
}

// fullAt is when the bucket is full if nothing is taken.
func (b *bucket) fullAt() int64 { return b.last + b.untilLevel(b.full) }

// take takes n points or none.
func (b *bucket) take(n int64) (ok bool, wait int64) {
	if n > b.rate.Burst {
		return false, int64(Never)
	}
	if cost := n * b.units; b.level < cost {
		return false, b.untilLevel(cost)
	}
	b.level -= n * b.units
	return true, 0
}

// put puts n points back.
func (b *bucket) put(n int64) (ok bool, wait int64) {
	if missing := ceilDiv(b.full-b.level, b.units); n >= missing {
		b.level = b.full
	} else {
		b.level += n * b.units
	}
	return b.level >= 0, b.untilLevel(0)
}

// charge takes n points, down to a debt of one burst.
func (b *bucket) charge(n int64) (ok bool, wait int64) {
	room := uint64(b.full + b.level)
	if high, cost := bits.Mul64(uint64(n), uint64(b.units)); high != 0 || cost > room {
		b.level = -b.full
	} else {
		b.level -= int64(cost)
	}
	return b.level >= 0, b.untilLevel(0)
}
