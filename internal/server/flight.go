package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"runtime"

	"github.com/customer360/gateway/internal/admission"
	"github.com/customer360/gateway/internal/crm"
)

// Concurrency bounds what is under way at once; 0 is no limit.
type Concurrency struct {
	// Cost is how many points of operations may run at once, CostEach how many of one
	// caller. An operation that costs more than CostEach runs alone for its caller.
	Cost, CostEach int
	// Queue is how many operations may wait for their turn, QueueEach how many of one
	// caller. Further ones are refused.
	Queue, QueueEach int
	// AnswerBytes are those of answers that wait to be read by their clients, but for
	// small ones; AnswerBytesEach those of one caller's.
	AnswerBytes, AnswerBytesEach int
	// RequestBytes are those of bodies that have begun to come. Half of them may be one
	// caller's.
	RequestBytes int
}

// smallAnswer is how many bytes of an answer take up no room while they wait for the
// client: the connection's own buffers hold most of them.
const smallAnswer = 64 << 10

// leastPoints is what any operation counts as while it runs.
const leastPoints = 25

// asideTimes is how many times what a caller may have running may wait for shops besides,
// such as a dozen large dashboards. What waits keeps what it has made so far, so that
// what costs more, and may have made much, keeps its room too.
const asideTimes = 16

// gates let in what there is room for.
type gates struct {
	operations, overruns, dear, answers, bodies *admission.Gate
	largest                                     int // bytes of an answer
}

func newGates(c Concurrency) gates {
	bound := func(n int) int {
		if n == 0 {
			return math.MaxInt / 2 // Sums of it and a weight are numbers still.
		}
		return n
	}
	waiting := func(most, each int) *admission.Gate {
		return admission.New(admission.Options{
			Most: bound(most), Each: bound(each), Queue: bound(c.Queue), QueueEach: bound(c.QueueEach),
			AsideEach: bound(min(each, math.MaxInt32) * asideTimes),
		})
	}
	// What an operation gives beyond what its points say is made by few at once: all
	// others go on beside them.
	processors := runtime.GOMAXPROCS(0)
	half := max(1, processors/2)
	return gates{
		operations: waiting(c.Cost, c.CostEach),
		overruns:   waiting(half, 1),
		dear:       waiting(max(2, processors), half),
		answers:    waiting(c.AnswerBytes, c.AnswerBytesEach),
		largest:    c.AnswerBytesEach,
		bodies:     waiting(c.RequestBytes, c.RequestBytes/2),
	}
}

// flight is the room that one operation takes up, from when it may begin until its
// answer is with the client.
type flight struct {
	gates
	caller                   string
	running, overrun, answer *admission.Place
}

// takeOff waits until an operation may begin.
func (g gates) takeOff(ctx context.Context, caller string, points int) (*flight, error) {
	running, err := g.operations.Enter(ctx, caller, max(points, leastPoints))
	if err != nil {
		return nil, err
	}
	return &flight{gates: g, caller: caller, running: running}, nil
}

// outgrow waits until the operation may give more than was expected: until there is
// room for the largest answer there can be, and then for its turn. An answer that its
// client does not read keeps only the same caller's others from being made.
func (f *flight) outgrow(ctx context.Context) (err error) {
	if f.answer, err = f.answers.Enter(ctx, f.caller, f.largest); err != nil {
		return tooBusy(err)
	}
	if f.overrun, err = f.overruns.Enter(ctx, f.caller, 1); err != nil {
		return tooBusy(err)
	}
	return nil
}

// room is what a flight takes up while its operation works: see budget.Room.
type room struct {
	*flight
	ctx context.Context
}

// StepAside is budget.Room's.
func (r room) StepAside() bool { return r.running.StepAside() }

// StepBack is budget.Room's.
func (r room) StepBack() error {
	if err := r.running.StepBack(r.ctx); err != nil {
		return givenUp(err)
	}
	return nil
}

// turn waits until the operation may read something dear, such as what has a word in a
// text: as many do so as there are processors, two at least, and one caller leaves half of these
// to others.
func (f *flight) turn(ctx context.Context) (leave func(), err error) {
	place, err := f.dear.Enter(ctx, f.caller, 1)
	if err != nil {
		return nil, tooBusy(err)
	}
	return place.Leave, nil
}

// land says that the answer is made: only its bytes take up room now. It waits until
// there is room for them.
func (f *flight) land(ctx context.Context, bytes int) (err error) {
	if f.answer == nil && bytes > smallAnswer {
		if f.answer, err = f.answers.Enter(ctx, f.caller, bytes); err != nil {
			return err
		}
	}
	leave(f.overrun, f.running)
	return nil
}

// end gives back everything.
func (f *flight) end() { leave(f.overrun, f.running, f.answer) }

// leave leaves the places that were taken.
func leave(places ...*admission.Place) {
	for _, place := range places {
		if place != nil {
			place.Leave()
		}
	}
}

// tooBusy is the error for work that there is no room for.
func tooBusy(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &crm.Error{
		Code: crm.CodeOverloaded, Op: "wait for a turn", Err: err,
		Message: "the gateway has too much to do at the moment; try again later",
	}
}

// overloaded is the answer to a request that there was no room for.
func overloaded(err error) *problem {
	p := &problem{status: http.StatusServiceUnavailable, code: crm.CodeOverloaded, message: messageOf(tooBusy(err), "the request was given up before it was answered")}
	return p.with("Retry-After", "1")
}
