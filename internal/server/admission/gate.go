package admission

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrFull says that too much waits already.
var ErrFull = errors.New("too much is waiting to be let in")

// Options are what a Gate lets in. All must be positive.
type Options struct {
	// Most is the weight that may be inside at once, Each what one caller may have of
	// it. Work that weighs more than Each counts as Each, so that it gets in at all.
	Most, Each int
	// Queue is how many may wait, QueueEach how many of one caller.
	Queue, QueueEach int
}

// passes is how often others may be let in before the one whose turn it is, because
// there is not yet room for it.
const passes = 16

// Gate lets work in. All methods may be called at once from any number of goroutines.
type Gate struct {
	options Options

	mu      sync.Mutex
	inside  int
	waiting int
	callers map[string]*caller // with something inside or waiting
	turns   []*caller          // who has something waiting, the next first
}

// caller is one whose work is inside or waits.
type caller struct {
	id     string
	inside int
	queue  []*waiter
	passed int
}

type waiter struct {
	weight   int
	admitted chan struct{} // closed once it is inside
}

// New returns an empty Gate.
func New(options Options) *Gate {
	return &Gate{options: options, callers: map[string]*caller{}}
}

// Enter lets a caller's work in, or waits until there is room. It gives ErrFull if too
// much waits, and the context's error if that ends first. leave must be called once
// after the work, and may be called again.
func (g *Gate) Enter(ctx context.Context, id string, weight int) (leave func(), err error) {
	weight = min(weight, g.options.Each)
	g.mu.Lock()
	c := g.callers[id]
	if c == nil {
		c = &caller{id: id}
		g.callers[id] = c
	}
	if len(c.queue) == 0 && g.fits(c, weight) && !g.owed() {
		g.admit(c, weight)
		g.mu.Unlock()
		return g.leaving(c, weight), nil
	}
	if g.waiting >= g.options.Queue || len(c.queue) >= g.options.QueueEach {
		g.forget(c)
		g.mu.Unlock()
		return nil, ErrFull
	}
	w := &waiter{weight: weight, admitted: make(chan struct{})}
	if len(c.queue) == 0 {
		g.turns = append(g.turns, c)
	}
	c.queue = append(c.queue, w)
	g.waiting++
	g.mu.Unlock()

	select {
	case <-w.admitted:
		return g.leaving(c, weight), nil
	case <-ctx.Done():
		if g.giveUp(c, w) {
			return nil, ctx.Err()
		}
		return g.leaving(c, weight), nil // It was let in at the same moment.
	}
}

// TryEnter is Enter for work that does not wait: false if there is no room.
func (g *Gate) TryEnter(id string, weight int) (leave func(), ok bool) {
	weight = min(weight, g.options.Each)
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.callers[id]
	if c == nil {
		c = &caller{id: id}
	}
	if !g.fits(c, weight) {
		return nil, false
	}
	g.callers[id] = c
	g.admit(c, weight)
	return g.leaving(c, weight), true
}

// Load returns the weight inside and how many wait.
func (g *Gate) Load() (inside, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inside, g.waiting
}

func (g *Gate) fits(c *caller, weight int) bool {
	return g.inside+weight <= g.options.Most && c.inside+weight <= g.options.Each
}

// owed says whether somebody waits who has let enough others pass.
func (g *Gate) owed() bool {
	return slices.ContainsFunc(g.turns, func(c *caller) bool { return c.passed >= passes && g.mayHave(c) })
}

// mayHave says whether a caller who waits does so for others: that its own work is
// inside is its own affair.
func (g *Gate) mayHave(c *caller) bool { return c.inside+c.queue[0].weight <= g.options.Each }

func (g *Gate) admit(c *caller, weight int) {
	g.inside += weight
	c.inside += weight
	for _, other := range g.turns {
		if other == c {
			break
		}
		if g.mayHave(other) {
			other.passed++
		}
	}
}

func (g *Gate) leaving(c *caller, weight int) func() {
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.inside -= weight
		c.inside -= weight
		g.forget(c)
		g.advance()
	})
}

// forget lets go of a caller who has nothing here.
func (g *Gate) forget(c *caller) {
	if c.inside == 0 && len(c.queue) == 0 {
		delete(g.callers, c.id)
	}
}

// advance lets in whom there is room for, by turns.
func (g *Gate) advance() {
	for i := 0; i < len(g.turns); {
		c := g.turns[i]
		w := c.queue[0]
		if !g.fits(c, w.weight) {
			if c.passed >= passes && g.mayHave(c) {
				return
			}
			i++
			continue
		}
		g.admit(c, w.weight)
		c.queue, c.passed = c.queue[1:], 0
		g.waiting--
		g.turns = slices.Delete(g.turns, i, i+1)
		if len(c.queue) > 0 {
			g.turns = append(g.turns, c)
		}
		close(w.admitted)
		i = 0
	}
}

// giveUp takes a waiter out of its queue; false if it has been let in.
func (g *Gate) giveUp(c *caller, w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.Index(c.queue, w)
	if at < 0 {
		return false
	}
	c.queue = slices.Delete(c.queue, at, at+1)
	g.waiting--
	if len(c.queue) == 0 {
		g.turns = slices.DeleteFunc(g.turns, func(other *caller) bool { return other == c })
		c.passed = 0
	}
	g.forget(c)
	g.advance()
	return true
}
