package admission

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrFull says that too much waits already.
var ErrFull = errors.New("too much is waiting to be let in")

// Options are what a Gate lets in. All but AsideEach must be positive.
type Options struct {
	// Most is the weight that may be inside at once, Each what one caller may have of
	// it. Work that weighs more than Each counts as Each, so that it gets in at all.
	Most, Each int
	// Queue is how many may wait or be aside, QueueEach how many of one caller.
	Queue, QueueEach int
	// AsideEach is the weight that one caller may have aside; here work counts as what it
	// weighs.
	AsideEach int
}

// passes is how often others may be let in before the one whose turn it is, because
// there is not yet room for it.
const passes = 16

// Gate lets work in. All methods may be called at once from any number of goroutines.
type Gate struct {
	options Options

	mu      sync.Mutex
	inside  int
	waiting int                // or aside
	callers map[string]*caller // with something inside, aside or waiting
	turns   []*caller          // who has something waiting, the next first
}

// caller is one whose work is inside, aside or waits.
type caller struct {
	id     string
	inside int
	aside  int       // how many
	away   int       // their weight
	queue  []*waiter // those that come back first
	passed int
}

type waiter struct {
	weight   int           // inside
	back     bool          // it was inside before
	admitted chan struct{} // closed once it is inside
}

// Place is the room that work has in a Gate. All methods may be called at once from any
// number of goroutines.
type Place struct {
	gate   *Gate
	caller *caller
	weight int
	where  where // The gate's mutex guards it.
}

// where is where work is.
type where int

const (
	inside where = iota
	aside
	returning
	gone
)

// New returns an empty Gate.
func New(options Options) *Gate {
	return &Gate{options: options, callers: map[string]*caller{}}
}

// Enter lets a caller's work in, or waits until there is room. It gives ErrFull if too
// much waits, and the context's error if that ends first. The work must leave its Place
// in the end.
func (g *Gate) Enter(ctx context.Context, id string, weight int) (*Place, error) {
	g.mu.Lock()
	c := g.callers[id]
	if c == nil {
		c = &caller{id: id}
		g.callers[id] = c
	}
	p := &Place{gate: g, caller: c, weight: weight}
	w := g.next(c, p.room(), false)
	switch {
	case w == nil:
		g.mu.Unlock()
		return p, nil
	case g.full(c):
		g.forget(c)
		g.mu.Unlock()
		return nil, ErrFull
	}
	g.waiting++
	g.line(c, w)
	g.mu.Unlock()
	if err := g.await(ctx, c, w); err != nil {
		return nil, err
	}
	return p, nil
}

// TryEnter is Enter for work that does not wait: false if there is no room.
func (g *Gate) TryEnter(id string, weight int) (p *Place, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.callers[id]
	if c == nil {
		c = &caller{id: id}
	}
	if p = (&Place{gate: g, caller: c, weight: weight}); !g.fits(c, p.room()) {
		return nil, false
	}
	g.callers[id] = c
	g.admit(c, p.room())
	return p, true
}

// room is what the work counts as inside.
func (p *Place) room() int { return min(p.weight, p.gate.options.Each) }

// StepAside gives the room to others while nothing is done with it. It counts as
// waiting, so that what is inside or comes back to it stays bounded; false if too much
// does so, if its caller has too much aside, or if the work is not inside.
func (p *Place) StepAside() bool {
	g, c := p.gate, p.caller
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.where != inside || g.full(c) || c.away+p.weight > g.options.AsideEach {
		return false
	}
	p.where = aside
	g.waiting++
	c.aside++
	c.away += p.weight
	g.release(c, p.room())
	return true
}

// StepBack waits until there is room again for what has stepped aside; it comes before
// the same caller's new work, and is never too much. If the context ends first it gives
// its error, and the work has left.
func (p *Place) StepBack(ctx context.Context) error {
	g, c := p.gate, p.caller
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.where != aside {
		return nil
	}
	c.aside--
	c.away -= p.weight
	w := g.next(c, p.room(), true)
	if w == nil {
		g.waiting--
		p.where = inside
		return nil
	}
	p.where = returning
	g.line(c, w)
	g.mu.Unlock()
	err := g.await(ctx, c, w)
	g.mu.Lock()
	switch {
	case err != nil:
		p.where = gone
	case p.where == gone: // It has left in the meantime.
		g.release(c, p.room())
	default:
		p.where = inside
	}
	return err
}

// Leave gives the room back, and may be called again.
func (p *Place) Leave() {
	g, c := p.gate, p.caller
	g.mu.Lock()
	defer g.mu.Unlock()
	switch p.where {
	case inside:
		g.release(c, p.room())
	case aside:
		c.aside--
		c.away -= p.weight
		g.waiting--
		g.forget(c)
	case returning, gone: // StepBack gives back what it gets.
	}
	p.where = gone
}

// next lets work in at once if it may, and returns nil; if not, what it is to wait as.
func (g *Gate) next(c *caller, weight int, back bool) *waiter {
	first := len(c.queue) == 0 || back && !c.queue[0].back
	if first && g.fits(c, weight) && !g.owed() {
		g.admit(c, weight)
		return nil
	}
	return &waiter{weight: weight, back: back, admitted: make(chan struct{})}
}

// line puts a waiter in its caller's queue.
func (g *Gate) line(c *caller, w *waiter) {
	if len(c.queue) == 0 {
		g.turns = append(g.turns, c)
	}
	at := len(c.queue)
	if w.back {
		for at > 0 && !c.queue[at-1].back {
			at--
		}
	}
	c.queue = slices.Insert(c.queue, at, w)
}

// await waits until a waiter is let in, or gives the context's error.
func (g *Gate) await(ctx context.Context, c *caller, w *waiter) error {
	select {
	case <-w.admitted:
		return nil
	case <-ctx.Done():
		if g.giveUp(c, w) {
			return ctx.Err()
		}
		return nil // It was let in at the same moment.
	}
}

// Load returns the weight inside and how many wait or are aside.
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

// full says whether no more may wait of a caller.
func (g *Gate) full(c *caller) bool {
	return g.waiting >= g.options.Queue || len(c.queue)+c.aside >= g.options.QueueEach
}

// release takes weight from inside, and lets in whom there is room for then.
func (g *Gate) release(c *caller, weight int) {
	g.inside -= weight
	c.inside -= weight
	g.forget(c)
	g.advance()
}

// forget lets go of a caller who has nothing here.
func (g *Gate) forget(c *caller) {
	if c.inside == 0 && c.aside == 0 && len(c.queue) == 0 {
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
