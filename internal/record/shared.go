package record

import (
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// shared is what the records of one reply are allocated from: they live and die
// together. Whoever keeps one of them keeps a few kilobytes more than that.
type shared struct {
	text   strings.Builder
	room   int // bytes of the next builder
	texts  slab[string]
	times  slab[time.Time]
	moneys slab[crm.Money]
}

// The bounds of what is allocated at once.
const (
	leastRoom = 256     // bytes
	mostRoom  = 8 << 10 // bytes
	mostAlone = 1 << 10 // bytes of a text that is worth an allocation of its own
	firstSlab = 16      // values
	mostSlab  = 64      // values
)

// keep returns a copy of a text.
func (s *shared) keep(text []byte) string {
	switch {
	case len(text) == 0:
		return ""
	case len(text) > mostAlone:
		return string(text)
	case s.text.Cap()-s.text.Len() < len(text):
		s.room = min(max(2*s.room, leastRoom), mostRoom)
		s.text.Reset() // What it holds stays with those who have it.
		s.text.Grow(max(s.room, len(text)))
	}
	at := s.text.Len()
	s.text.Write(text)
	return s.text.String()[at:]
}

// slab hands out pointers to values that are allocated together: size of them, if one
// knows how many there will be, and then always twice as many, up to mostSlab.
type slab[T any] struct {
	size int
	free []T
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.size = max(s.size, 1)
		s.free = make([]T, s.size)
		s.size = max(s.size, min(2*s.size, mostSlab))
	}
	v := &s.free[0]
	s.free = s.free[1:]
	return v
}
