package purchases

import (
	"cmp"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// place is where an order stands in the merged list.
type place struct {
	at int64 // in milliseconds
	id crm.ID
}

func placeOf(o *crm.Order) place { return place{at: o.PlacedAt.UnixMilli(), id: o.ID} }

// compare returns the order of two places in the list, newest first, or in the
// direction in which the list is read if that is backward.
func compare(a, b place, backward bool) int {
	c := cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.id, a.id))
	if backward {
		return -c
	}
	return c
}

// between says whether an order stands strictly between the page's positions.
func between(o *crm.Order, p crm.PageRequest) bool {
	at := placeOf(o)
	after := p.After == nil || compare(at, place{p.After.Time.UnixMilli(), p.After.ID}, false) > 0
	before := p.Before == nil || compare(at, place{p.Before.Time.UnixMilli(), p.Before.ID}, false) < 0
	return after && before
}

// scope is what conditions say about which orders are wanted.
type scope struct {
	where []crm.Predicate
	// sources are the names that the conditions allow; nil is any.
	sources []string
	// earliest and latest bound placedAt, both included, in milliseconds; nil is
	// unbounded.
	earliest, latest *int64
	// selective says that conditions on more than the source and placedAt are set.
	selective bool
}

func scopeOf(where []crm.Predicate) scope {
	s := scope{where: where}
	for _, p := range where {
		switch {
		case p.Field == crm.FieldSource && p.In != nil:
			if s.sources == nil {
				s.sources = p.In
			}
			s.sources = slices.DeleteFunc(slices.Clone(s.sources), func(name string) bool { return !slices.Contains(p.In, name) })
		case p.Field == crm.FieldPlacedAt && (p.After != nil || p.Before != nil):
			if p.After != nil {
				s.from(p.After.UnixMilli() + 1)
			}
			if p.Before != nil {
				s.to(p.Before.UnixMilli() - 1)
			}
		default:
			s.selective = true
		}
	}
	return s
}

func (s *scope) from(at int64) {
	if s.earliest == nil || *s.earliest < at {
		s.earliest = &at
	}
}

func (s *scope) to(at int64) {
	if s.latest == nil || *s.latest > at {
		s.latest = &at
	}
}

// has says whether orders of a source can be wanted.
func (s scope) has(source string) bool {
	return s.sources == nil || slices.Contains(s.sources, source)
}

// holds says whether an order is wanted.
func (s scope) holds(o *crm.Order) bool {
	if len(s.where) == 0 {
		return true
	}
	keys := o.Keys()
	return !slices.ContainsFunc(s.where, func(p crm.Predicate) bool { return !p.Holds(keys) })
}

// stretch returns what to ask a shop for a page; ok is false if there is nothing
// that could be on it.
func (s scope) stretch(p crm.PageRequest) (stretch crm.Stretch, ok bool) {
	limit := p.Limit + 1
	if p.After != nil {
		s.to(p.After.Time.UnixMilli())
	}
	if p.Before != nil {
		s.from(p.Before.Time.UnixMilli())
	}
	if p.After != nil || p.Before != nil {
		limit++ // The order at the cursor comes again.
	}
	ok = s.earliest == nil || s.latest == nil || *s.earliest <= *s.latest
	s.widen()
	return crm.Stretch{OldestFirst: p.Backward, Earliest: instant(s.earliest), Latest: instant(s.latest), Limit: limit}, ok
}

// Times that shops are asked with, in milliseconds: the years 1970 to 9998. A
// shop whose database or language cannot write another fails, and a caller's odd
// time would look like a shop that is down.
const (
	least = 0
	most  = 253370764799999
)

// widen moves bounds into the times that shops are asked with, so that nothing
// wanted is lost: what is given beside it is dropped here.
func (s *scope) widen() {
	switch {
	case s.earliest != nil && *s.earliest < least:
		s.earliest = nil
	case s.earliest != nil && *s.earliest > most:
		at := int64(most)
		s.earliest = &at
	}
	switch {
	case s.latest != nil && *s.latest > most:
		s.latest = nil
	case s.latest != nil && *s.latest < least:
		at := int64(least)
		s.latest = &at
	}
}

func instant(ms *int64) *time.Time {
	if ms == nil {
		return nil
	}
	t := time.UnixMilli(*ms).UTC()
	return &t
}
