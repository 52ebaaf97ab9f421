package server

import lru "github.com/hashicorp/golang-lru/v2"

// What is remembered of headers: clients send the same few again and again.
const (
	memoHeaders = 256
	memoBytes   = 256 // of a header; a longer one is read each time
)

// memo remembers what was read out of headers. It is bounded, whatever clients send.
type memo[V any] struct {
	known *lru.Cache[string, V]
	read  func(lines []string) V
}

func newMemo[V any](read func(lines []string) V) memo[V] {
	known, err := lru.New[string, V](memoHeaders)
	if err != nil { // The size is positive.
		panic(err)
	}
	return memo[V]{known, read}
}

// of returns what the lines of a header say.
func (m memo[V]) of(lines []string) V {
	if len(lines) != 1 || len(lines[0]) > memoBytes {
		return m.read(lines)
	}
	if value, ok := m.known.Get(lines[0]); ok {
		return value
	}
	value := m.read(lines)
	m.known.Add(lines[0], value)
	return value
}
