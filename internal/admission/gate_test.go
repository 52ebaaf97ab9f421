package admission_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/customer360/gateway/internal/admission"
)

func options(most, each int) admission.Options {
	return admission.Options{Most: most, Each: each, Queue: 100, QueueEach: 50}
}

func enter(t *testing.T, g *admission.Gate, id string, weight int) func() {
	t.Helper()
	p, err := g.Enter(t.Context(), id, weight)
	if err != nil {
		t.Fatal(err)
	}
	return p.Leave
}

// arrivals are who has been let in, in their order.
type arrivals struct {
	mu  sync.Mutex
	ids []string
}

func (a *arrivals) add(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids = append(a.ids, id)
}

func (a *arrivals) want(t *testing.T, want string) {
	t.Helper()
	if got := fmt.Sprint(a.ids); got != want {
		t.Errorf("let in as %s, want %s", got, want)
	}
}

// Never is more inside than may be, of nobody; all get in; and in the end nothing is.
func TestGateHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, each = 20, 10
		g := admission.New(admission.Options{Most: most, Each: each, Queue: 1000, QueueEach: 1000, AsideEach: 10_000})
		var inside atomic.Int64
		var of [5]atomic.Int64
		var all sync.WaitGroup
		for i := range 400 {
			all.Go(func() {
				who, weight := i%len(of), 1+rand.IntN(each)
				p, err := g.Enter(t.Context(), fmt.Sprint(who), weight)
				if err != nil {
					t.Error(err)
					return
				}
				for range 1 + rand.IntN(3) {
					if n := inside.Add(int64(weight)); n > most {
						t.Errorf("%d inside", n)
					}
					if n := of[who].Add(int64(weight)); n > each {
						t.Errorf("%d of one caller inside", n)
					}
					time.Sleep(time.Microsecond) // Until all others wait.
					of[who].Add(-int64(weight))
					inside.Add(-int64(weight))
					if !p.StepAside() {
						t.Error("it may not step aside")
					}
					time.Sleep(time.Microsecond)
					if rand.IntN(5) == 0 { // It may leave from there.
						break
					}
					if err := p.StepBack(t.Context()); err != nil {
						t.Error(err)
					}
				}
				p.Leave()
				p.Leave()
			})
		}
		all.Wait()
		if in, waiting := g.Load(); in != 0 || waiting != 0 {
			t.Errorf("%d inside and %d waiting when all have left", in, waiting)
		}
	})
}

// One caller's queue does not stand before another's.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(options(1, 1))
		leave := enter(t, g, "first", 1)
		var inside arrivals
		var all sync.WaitGroup
		wait := func(id string) {
			all.Go(func() { defer enter(t, g, id, 1)(); inside.add(id) })
			synctest.Wait()
		}
		for range 3 {
			wait("many")
		}
		wait("one")
		wait("two")
		leave()
		all.Wait()
		inside.want(t, "[many one two many many]")
	})
}

// What is heavy is passed by what is light only so often.
func TestHeavyGetsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(options(10, 10))
		var inside []func()
		for i := range 10 {
			inside = append(inside, enter(t, g, fmt.Sprint("light", i), 1))
		}
		heavy := false
		var all sync.WaitGroup
		all.Go(func() { defer enter(t, g, "heavy", 10)(); heavy = true })
		synctest.Wait()
		passed := 0
		for ; !heavy && passed < 100; passed++ {
			inside[0]()
			inside = inside[1:]
			synctest.Wait()
			if p, err := g.Enter(deadline(t), fmt.Sprint("next", passed), 1); err == nil {
				inside = append(inside, p.Leave)
			} else if len(inside) == 0 {
				break
			}
		}
		for _, leave := range inside {
			leave()
		}
		all.Wait()
		if !heavy || passed > 40 {
			t.Errorf("heavy let in: %v, after %d others", heavy, passed)
		}
	})
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// A caller's own work inside keeps nobody else waiting.
func TestOwnAffair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(options(20, 10))
		defer enter(t, g, "busy", 10)()
		var all sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		for range 40 {
			all.Go(func() {
				if _, err := g.Enter(ctx, "busy", 10); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		for range 100 {
			p, err := g.Enter(deadline(t), "other", 10)
			if err != nil {
				t.Fatalf("another caller is kept waiting: %v", err)
			}
			p.Leave()
		}
		cancel()
		all.Wait()
		if _, waiting := g.Load(); waiting != 0 {
			t.Errorf("%d are waiting when all have given up", waiting)
		}
	})
}

func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(admission.Options{Most: 1, Each: 1, Queue: 3, QueueEach: 2})
		leave := enter(t, g, "a", 5) // It counts as one.
		var all sync.WaitGroup
		for _, id := range []string{"a", "a", "b"} {
			all.Go(func() { enter(t, g, id, 1)() })
			synctest.Wait()
		}
		for _, id := range []string{"a", "b", "c"} {
			if _, err := g.Enter(t.Context(), id, 1); !errors.Is(err, admission.ErrFull) {
				t.Errorf("%s: %v", id, err)
			}
		}
		leave()
		all.Wait()
		enter(t, g, "c", 1)()
	})
}

// Who has stepped aside leaves the room to others, comes back before the caller's new
// work, and is not refused however much waits.
func TestAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(admission.Options{Most: 1, Each: 1, Queue: 100, QueueEach: 3, AsideEach: 10})
		first, err := g.Enter(t.Context(), "a", 1)
		if err != nil {
			t.Fatal(err)
		}
		if !first.StepAside() || first.StepAside() {
			t.Error("it must step aside, and once")
		}
		leave := enter(t, g, "a", 1)
		var inside arrivals
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { defer enter(t, g, "a", 1)(); inside.add("new") })
		}
		synctest.Wait()
		if _, err := g.Enter(t.Context(), "a", 1); !errors.Is(err, admission.ErrFull) {
			t.Errorf("it does not count as waiting: %v", err)
		}
		all.Go(func() {
			defer first.Leave()
			if err := first.StepBack(t.Context()); err != nil {
				t.Error(err)
			}
			inside.add("back")
		})
		synctest.Wait()
		leave()
		all.Wait()
		inside.want(t, "[back new new]")
	})
}

// As many may be aside as may wait. What leaves, or is given up, while it is aside or
// steps back leaves nothing behind.
func TestAsideIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := admission.New(admission.Options{Most: 10, Each: 10, Queue: 3, QueueEach: 3, AsideEach: 10})
		var places []*admission.Place
		for i := range 4 {
			p, err := g.Enter(t.Context(), "a", 1)
			if err != nil {
				t.Fatal(err)
			}
			if places = append(places, p); p.StepAside() != (i < 3) {
				t.Errorf("%d have stepped aside", i+1)
			}
		}
		leave := enter(t, g, "a", 9)
		places[0].Leave()
		given := make(chan error, 2)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { given <- places[1].StepBack(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) || places[1].StepAside() {
			t.Errorf("stepped back into nothing: %v", err)
		}
		go func() { given <- places[2].StepBack(t.Context()) }()
		synctest.Wait()
		places[2].Leave()
		leave()
		if err := <-given; err != nil {
			t.Error(err)
		}
		places[3].Leave()
		if in, waiting := g.Load(); in != 0 || waiting != 0 {
			t.Errorf("%d inside and %d waiting when all have left", in, waiting)
		}
	})
}

// What is aside is still something: its weight is bounded for each caller.
func TestWeightAsideIsBounded(t *testing.T) {
	g := admission.New(admission.Options{Most: 10, Each: 4, Queue: 100, QueueEach: 100, AsideEach: 8})
	aside := func(id string, weight int) (*admission.Place, bool) {
		p, err := g.Enter(deadline(t), id, weight)
		if err != nil {
			t.Fatal(err) // There is room always.
		}
		return p, p.StepAside()
	}
	if p, ok := aside("a", 9); ok {
		t.Error("9 are aside of 8, though they count as 4 inside")
	} else {
		p.Leave()
	}
	first, ok := aside("a", 5)
	if _, second := aside("a", 3); !ok || !second {
		t.Error("what fits must step aside")
	}
	if p, ok := aside("a", 2); ok {
		t.Error("9 are aside of 8")
	} else {
		p.Leave()
	}
	if _, ok := aside("b", 4); !ok {
		t.Error("another caller's weight counts")
	}
	first.Leave()
	if p, ok := aside("a", 4); !ok {
		t.Error("what has left counts")
	} else if err := p.StepBack(t.Context()); err != nil {
		t.Error(err)
	} else {
		p.Leave()
	}
	if _, ok := aside("a", 1); !ok {
		t.Error("what has stepped back and left counts")
	}
}

func TestTryEnter(t *testing.T) {
	g := admission.New(options(10, 5))
	p, ok := g.TryEnter("a", 5)
	if !ok {
		t.Fatal("there is room")
	}
	if _, ok := g.TryEnter("a", 1); ok {
		t.Error("more than a caller may have")
	}
	if _, ok := g.TryEnter("b", 5); !ok {
		t.Error("there is room for another")
	}
	p.Leave()
	if _, ok := g.TryEnter("a", 5); !ok {
		t.Error("what has left takes up room")
	}
}

func BenchmarkEnter(b *testing.B) {
	g := admission.New(admission.Options{Most: 60_000, Each: 30_000, Queue: 1000, QueueEach: 100})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		ctx := context.Background()
		for pb.Next() {
			if p, err := g.Enter(ctx, "caller", 300); err == nil {
				p.Leave()
			}
		}
	})
}
