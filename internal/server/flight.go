package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"runtime"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/server/admission"
)

// Concurrency bounds what is under way at once; 0 is no limit.
type Concurrency struct {
	// Cost is how many points of operations may run at once, CostEach how many of one
	// caller. An operation that costs more than CostEach runs alone for its caller.
	Cost, CostEach int
	// Queue is how many operations may wait for their turn, QueueEach how many of one
	// caller. Further ones are refused.
	Queue, QueueEach int
	// AnswerBytes are those of answers that wait to be read by their clients.
	AnswerBytes int
	// RequestBytes are those of bodies that have begun to come. Half of them, and of
	// AnswerBytes, may be one caller's.
	RequestBytes int
}

// leastPoints is what any operation counts as while it runs.
const leastPoints = 25

// gates let in what there is room for.
type gates struct {
	operations, overruns, answers, bodies *admission.Gate
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
		})
	}
	// What an operation gives beyond what its points say is made by few at once, one of
	// each caller: all others go on beside them.
	overruns := max(1, runtime.GOMAXPROCS(0)/2)
	return gates{
		operations: waiting(c.Cost, c.CostEach),
		overruns:   waiting(overruns, 1),
		answers:    waiting(c.AnswerBytes, c.AnswerBytes/2),
		bodies:     waiting(c.RequestBytes, c.RequestBytes/2),
	}
}

// flight is the room that one operation takes up, from when it may begin until its
// answer is with the client.
type flight struct {
	gates
	caller                   string
	running, overrun, answer func()
}

// takeOff waits until an operation may begin.
func (g gates) takeOff(ctx context.Context, caller string, points int) (*flight, error) {
	running, err := g.operations.Enter(ctx, caller, max(points, leastPoints))
	if err != nil {
		return nil, err
	}
	return &flight{gates: g, caller: caller, running: running}, nil
}

// outgrow waits until the operation may give more than was expected.
func (f *flight) outgrow(ctx context.Context) error {
	overrun, err := f.overruns.Enter(ctx, f.caller, 1)
	if err != nil {
		return tooBusy(err)
	}
	f.overrun = overrun
	return nil
}

// land says that the answer is made: only its bytes take up room now. It waits until
// there is room for them.
func (f *flight) land(ctx context.Context, bytes int) error {
	answer, err := f.answers.Enter(ctx, f.caller, bytes)
	if err != nil {
		return err
	}
	f.answer = answer
	f.leave()
	return nil
}

// leave gives back what an operation took up while it ran.
func (f *flight) leave() {
	if f.overrun != nil {
		f.overrun()
	}
	f.running()
}

// end gives back everything.
func (f *flight) end() {
	f.leave()
	if f.answer != nil {
		f.answer()
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
