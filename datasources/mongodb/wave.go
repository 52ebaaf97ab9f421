package mongodb

import (
	"context"

	"golang.org/x/sync/errgroup"
)

const (
	// maxDocuments and maxBytes bound a transaction of several units, whose unique
	// values are among it: MongoDB advises at most 1,000 documents. A larger unit is
	// alone in its transaction.
	maxDocuments = 1000
	maxBytes     = 8 << 20
	// flushesAtOnce is how many transactions of one Commit run at the same time.
	flushesAtOnce = 2
)

// chunk is units that are stored in one transaction, one after another, so that
// they may depend on those before them.
type chunk struct {
	units            []*unit
	documents, bytes int
}

// takes says whether there is room for a unit.
func (c *chunk) takes(u *unit) bool {
	return len(c.units) == 0 || c.documents+u.documents <= maxDocuments && c.bytes+u.bytes <= maxBytes
}

func (c *chunk) add(u *unit) {
	c.units = append(c.units, u)
	c.documents += u.documents
	c.bytes += u.bytes
}

// wave is chunks that are stored while the next are made. None depends on
// another, so that it does not matter which comes first.
type wave struct {
	group *errgroup.Group
	flush func([]*unit) error
	// taken is what units under way have touched, by name: ids, unique values, and
	// what may have become of others.
	taken map[string]bool
	// shut says that one of them may remove a parent: then everything waits.
	shut bool
}

func (s *Store) newWave(ctx context.Context, outcomes []error) *wave {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(flushesAtOnce)
	return &wave{
		group: group, taken: map[string]bool{},
		flush: func(units []*unit) error { return s.flush(ctx, units, outcomes) },
	}
}

// Names of what a change touches. A record that is replaced or removed may give
// up unique values that nobody knows before it is looked up: it is kept apart from
// those that take some of its kind's.
func uniqueName(of *collection, value string) string { return "=" + of.Name + "=" + value }
func givesName(of *collection) string                { return "gives " + of.Name }
func takesName(of *collection) string                { return "takes " + of.Name }

// gives says whether a change may give up unique values.
func (c *change) gives() bool { return c.of.Unique != "" && c.expect != 0 }

// dependsOn says whether a unit must wait for those under way.
func (w *wave) dependsOn(u *unit) bool {
	if len(w.taken) == 0 {
		return false
	}
	for _, c := range u.changes {
		if w.shut || w.touches(c) {
			return true
		}
	}
	return false
}

func (w *wave) touches(c *change) bool {
	if c.refused != nil {
		return false
	}
	if w.taken[c.id] || c.removes() && len(c.of.children) > 0 || c.gives() && w.taken[takesName(c.of)] {
		return true
	}
	for _, value := range c.unique {
		if w.taken[uniqueName(c.of, value)] || w.taken[givesName(c.of)] {
			return true
		}
	}
	for _, id := range c.parents {
		if w.taken[id] {
			return true
		}
	}
	return false
}

// send stores a chunk; it waits while as many as may be are under way.
func (w *wave) send(c chunk) {
	if len(c.units) == 0 {
		return
	}
	for _, u := range c.units {
		for _, change := range u.changes {
			w.take(change)
		}
	}
	w.group.Go(func() error { return w.flush(c.units) })
}

func (w *wave) take(c *change) {
	if c.refused != nil {
		return
	}
	w.taken[c.id] = true
	w.shut = w.shut || c.removes() && len(c.of.children) > 0
	if c.gives() {
		w.taken[givesName(c.of)] = true
	}
	for _, value := range c.unique {
		w.taken[uniqueName(c.of, value)] = true
		w.taken[takesName(c.of)] = true
	}
}

// wait returns the first error of those under way, when all have ended.
func (w *wave) wait() error { return w.group.Wait() }
