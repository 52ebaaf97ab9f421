package budget

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/customer360/gateway/internal/crm"
)

// Limits are what one answer may hold; 0 is no limit.
type Limits struct {
	// Values are objects, entries of lists and fields, each counted as often as it
	// stands in the answer.
	Values int
	// Bytes are those of the answer's data and errors as JSON.
	Bytes int
}

// ErrorValues are how many values an error counts as: making one is dearer than
// making a field, and clients have no use for thousands.
const ErrorValues = 50

// A large answer is made in the time that smaller ones leave: beyond patientBytes its
// goroutines stand back after every yieldBytes, about 50 µs of work. Go takes the
// processor from a goroutine only after 10 ms, and a small operation, which waits for
// its sources many times, would wait that long each time.
const (
	patientBytes = 64 << 10
	yieldBytes   = 1 << 10
)

// Budget is what one operation may still add to its answer. All methods may be called
// at once from any number of goroutines, those of a nil Budget too: it has no bounds.
type Budget struct {
	limits        Limits
	values, bytes atomic.Int64
	spent, read   atomic.Int64
	ended         atomic.Bool
	cause         error // set before ended

	ending sync.Mutex

	expected   Limits
	unexpected sync.Once
	more       func() error
	turn       func() (leave func(), err error)

	waits waits
}

// New returns a Budget of limits.
func New(limits Limits) *Budget {
	unlimited := func(n int) int {
		if n <= 0 {
			return math.MaxInt
		}
		return n
	}
	limits = Limits{Values: unlimited(limits.Values), Bytes: unlimited(limits.Bytes)}
	return &Budget{limits: limits, expected: limits}
}

// Expect says how much the answer is taken to hold. The first that takes more calls
// more, and all who take wait until it has returned; its error ends the budget. It
// must be called before anything is taken.
func (b *Budget) Expect(expected Limits, more func() error) {
	b.expected, b.more = expected, more
}

// ByTurns says how to wait for the turn of what is dear to read. It must be called
// before anything is taken.
func (b *Budget) ByTurns(turn func() (leave func(), err error)) { b.turn = turn }

// Turn waits until the operation may read something dear, and must be left when that
// is read. What is read with the context that it returns has its turn. If there will be
// none the budget has ended.
func (b *Budget) Turn(ctx context.Context) (in context.Context, leave func()) {
	if held, _ := ctx.Value(turnKey{}).(*atomic.Bool); b == nil || b.turn == nil || held != nil && held.Load() {
		return ctx, func() {}
	}
	done := b.work() // What has its turn, or waits for it, keeps its room.
	end, err := b.turn()
	if err != nil {
		done()
		b.End(err)
		return ctx, func() {}
	}
	held := new(atomic.Bool) // What comes of the context later has none.
	held.Store(true)
	return context.WithValue(ctx, turnKey{}, held), func() {
		held.Store(false)
		end()
		done()
	}
}

type turnKey struct{}

// Take adds values and bytes to the answer; false if it must not have them, nor
// anything else.
func (b *Budget) Take(values, bytes int) bool {
	if b == nil {
		return true
	}
	v, y := b.values.Add(int64(values)), b.bytes.Add(int64(bytes))
	if y > patientBytes && y/yieldBytes != (y-int64(bytes))/yieldBytes {
		runtime.Gosched()
	}
	b.goOn()
	switch {
	case b.ended.Load():
		return false
	case v > int64(b.limits.Values):
		b.End(tooLarge(fmt.Sprintf("more than %d values", b.limits.Values)))
		return false
	case y > int64(b.limits.Bytes):
		b.End(tooLarge(fmt.Sprintf("more than %d bytes", b.limits.Bytes)))
		return false
	case b.more != nil && (v > int64(b.expected.Values) || y > int64(b.expected.Bytes)):
		b.unexpected.Do(func() {
			b.work() // From now on, as others wait for what it has been let into.
			if err := b.more(); err != nil {
				b.End(err)
			}
		})
		return !b.ended.Load()
	default:
		return true
	}
}

func tooLarge(what string) error {
	return &crm.Error{
		Code: crm.CodeTooLarge, Op: "answer an operation",
		Message: "the answer would hold " + what + ": ask for fewer entries, or for less of each",
	}
}

// End ends the budget: nothing can be taken any more. The first cause counts.
func (b *Budget) End(cause error) {
	b.ending.Lock()
	defer b.ending.Unlock()
	if b.ended.Load() {
		return
	}
	b.cause = cause
	b.ended.Store(true)
}

// Ended says whether nothing can be taken any more.
func (b *Budget) Ended() bool { return b != nil && b.ended.Load() }

// Err returns why the budget has ended, nil if it has not.
func (b *Budget) Err() error {
	if !b.Ended() {
		return nil
	}
	return b.cause
}

// Taken returns what was taken, and what could not be.
func (b *Budget) Taken() Limits {
	if b == nil {
		return Limits{}
	}
	return Limits{Values: int(b.values.Load()), Bytes: int(b.bytes.Load())}
}

// Spend adds to what the answer has cost so far, in whatever unit its price has.
// It is a count and has no bound.
func (b *Budget) Spend(n int) {
	if b != nil {
		b.spent.Add(int64(n))
	}
}

// Spent returns the sum of what was spent, 0 if nobody has counted.
func (b *Budget) Spent() int {
	if b == nil {
		return 0
	}
	return int(b.spent.Load())
}

// Read counts records that were read for the answer, whether it holds them or not.
func (b *Budget) Read(records int) {
	if b != nil {
		b.read.Add(int64(records))
	}
}

// HasRead returns how many records were read.
func (b *Budget) HasRead() int {
	if b == nil {
		return 0
	}
	return int(b.read.Load())
}

// EndWith ends the budget when ctx does, with what cause makes of the context's
// error. The function it returns lets go of ctx.
func (b *Budget) EndWith(ctx context.Context, cause func(error) error) (release func() bool) {
	return context.AfterFunc(ctx, func() { b.End(cause(ctx.Err())) })
}

type contextKey struct{}

// With returns a context with the budget of its operation.
func With(ctx context.Context, b *Budget) context.Context {
	return context.WithValue(ctx, contextKey{}, b)
}

// From returns the budget of the context's operation, nil if it has none.
func From(ctx context.Context) *Budget {
	b, _ := ctx.Value(contextKey{}).(*Budget)
	return b
}
