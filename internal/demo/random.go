package demo

import "time"

// random is a stream of numbers that depends on nothing but its seed text:
// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
// generators", 2014) started from the text's FNV-1a hash. It makes records look
// different; it is not for secrets.
type random struct{ state uint64 }

// newRandom starts the stream of a seed text.
func newRandom(stream, key string) *random {
	const offset, prime = 14695981039346656037, 1099511628211
	hash := uint64(offset)
	for _, text := range [...]string{stream, "/", key} {
		for i := 0; i < len(text); i++ {
			hash = (hash ^ uint64(text[i])) * prime
		}
	}
	return &random{state: hash}
}

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1; n is at least 1.
func (r *random) below(n int) int {
	return int(r.next()>>33) % n //nolint:gosec // 31 bits fit an int.
}

// between returns a number from low to high, both included.
func (r *random) between(low, high int) int { return low + r.below(high-low+1) }

// percent is true n times in a hundred.
func (r *random) percent(n int) bool { return r.below(100) < n }

// pick returns one of list, which is not empty.
func pick[T any](r *random, list []T) T { return list[r.below(len(list))] }

// duration returns a time span from low to high, in whole milliseconds.
func (r *random) duration(low, high time.Duration) time.Duration {
	if high <= low {
		return low
	}
	span := uint64((high - low) / time.Millisecond)                //nolint:gosec // Positive here.
	return low + time.Duration(r.next()%(span+1))*time.Millisecond //nolint:gosec // At most span.
}

// ptr returns a pointer to a copy of value.
func ptr[T any](value T) *T { return &value }
