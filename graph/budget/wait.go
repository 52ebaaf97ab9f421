package budget

import (
	"sync"
	"sync/atomic"
	"time"
)

// Room is what an operation takes up while it works.
type Room interface {
	// StepAside gives it to others; false if it must be kept.
	StepAside() bool
	// StepBack waits until the operation has it again.
	StepBack() error
}

// idleFor is how long an operation keeps its room while all that it does is wait.
const idleFor = 5 * time.Millisecond

// waits give back the room of an operation while it does nothing but wait for others.
type waits struct {
	room  Room
	aside atomic.Bool
	busy  atomic.Int64 // what is under way and is no waiting, but for making the answer

	mu    sync.Mutex // held while the operation steps back: whatever it does then waits
	on    int        // waits that have begun and not ended
	tick  *time.Timer
	taken int64 // when it was looked at last
}

// WhileWaiting says what the operation gives back while it does nothing but wait for
// others. It must be called before anything is taken.
func (b *Budget) WhileWaiting(room Room) { b.waits.room = room }

// Wait says that the caller begins to wait for somebody else's work, such as a shop's,
// and must call done when that is there. An operation that does nothing but wait steps
// aside after a while, and nothing of it goes on until it has stepped back: neither
// what was waited for, nor an answer that is made meanwhile, nor a read. If there will
// be no room the budget has ended.
func (b *Budget) Wait() (done func()) {
	if b == nil || b.waits.room == nil {
		return func() {}
	}
	w := &b.waits
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on++; w.on == 1 && !w.aside.Load() {
		b.look()
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.on--
		b.stepBack()
	}
}

// look looks again after idleFor whether the operation only waits. waits.mu is held.
func (b *Budget) look() {
	b.waits.taken = b.progress()
	if b.waits.tick == nil {
		b.waits.tick = time.AfterFunc(idleFor, b.stepAside)
	} else {
		b.waits.tick.Reset(idleFor)
	}
}

// progress grows with whatever the operation does.
func (b *Budget) progress() int64 { return b.values.Load() + b.bytes.Load() + b.read.Load() }

// stepAside gives the room back if nothing was done since it was looked at last, and
// looks again later if something was.
func (b *Budget) stepAside() {
	w := &b.waits
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on == 0 || w.aside.Load() {
		return
	}
	w.aside.Store(true) // Before it is looked: what begins now stands still at waits.mu.
	if w.busy.Load() == 0 && b.progress() == w.taken && w.room.StepAside() {
		return
	}
	w.aside.Store(false)
	b.look()
}

// stepBack waits until the operation has its room again. waits.mu is held.
func (b *Budget) stepBack() {
	w := &b.waits
	if !w.aside.Load() {
		return
	}
	if err := w.room.StepBack(); err != nil {
		b.End(err)
	}
	w.aside.Store(false)
	if w.on > 0 {
		b.look()
	}
}

// goOn lets nothing be done while the operation is aside.
func (b *Budget) goOn() {
	if b.waits.aside.Load() {
		b.waits.mu.Lock()
		defer b.waits.mu.Unlock()
		b.stepBack()
	}
}

// work says that something is under way which is no waiting.
func (b *Budget) work() (done func()) {
	if b == nil {
		return func() {}
	}
	b.waits.busy.Add(1)
	b.goOn()
	return func() { b.waits.busy.Add(-1) }
}
