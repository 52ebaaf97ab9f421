package server

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/internal/crm"
)

// How many values and bytes of an answer, records that were read for it, and bytes of a
// request, are worth a point.
const (
	recordsPerPoint      = 5
	valuesPerPoint       = document.UnitsPerPoint
	bytesPerPoint        = 1000
	requestBytesPerPoint = 1000
)

// How many times what its points are worth an answer is expected to hold, and what
// any may.
const (
	expectedTimes  = 2
	expectedValues = 5_000
	expectedBytes  = 256 << 10
)

// execute runs an operation.
func (s *Server) execute(ctx context.Context, op *operation) given {
	variables, errs := s.planner.Coerce(op.document, op.definition, op.given, op.options)
	if len(errs) > 0 {
		s.chargeCost(ctx, pointsOf(op.size))
		return given{Response: &graphql.Response{Errors: errs}}
	}
	op.variables = variables
	limit := budget.New(s.config.Limits.Answer)
	ctx = budget.With(ctx, limit)
	e := exchangeOf(ctx)
	running, refused := s.executor.begin(ctx, op, e.begun)
	if refused != nil {
		s.chargeCost(ctx, pointsOf(op.size))
		return given{Response: &graphql.Response{Errors: gqlerror.List{refused}}}
	}
	points, failure := s.planner.Cost(op.document, op.definition, op.variables)
	e.cost = points
	if failure != nil {
		s.chargeCost(ctx, max(min(points, s.planner.Limits().Cost), pointsOf(op.size)))
		return given{Response: &graphql.Response{Errors: gqlerror.List{failure}}, cost: s.queryCost(points, 0)}
	}
	points += op.size / requestBytesPerPoint
	e.cost = points
	s.config.Metrics.Cost(string(e.principal.Kind), points)
	if p := s.takeCost(ctx, points); p != nil {
		return given{problem: p}
	}
	running.DisableIntrospection = !s.mayIntrospect(e.principal)
	return s.run(ctx, op, running, limit, points)
}

// run makes the answer of an operation that is paid for, as soon as there is room.
func (s *Server) run(ctx context.Context, op *operation, running *graphql.OperationContext, limit *budget.Budget, points int) given {
	e := exchangeOf(ctx)
	flight, err := s.gates.takeOff(ctx, e.principal.ID, points)
	if err != nil { // It cost no more than what is refused.
		e.cost = min(points, pointsOf(op.size))
		s.chargeCost(ctx, e.cost-points)
		return given{problem: overloaded(err)}
	}
	e.ended = append(e.ended, flight.end) // However the request ends.
	limit.Expect(budget.Limits{
		Values: expectedValues + expectedTimes*valuesPerPoint*points,
		Bytes:  expectedBytes + expectedTimes*bytesPerPoint*points,
	}, func() error { return flight.outgrow(ctx) })
	limit.ByTurns(func() (func(), error) { return flight.turn(ctx) })
	limit.WhileWaiting(room{flight, ctx})
	release := limit.EndWith(ctx, givenUp)

	responses, within := s.executor.DispatchOperation(ctx, running)
	response := responses(within)
	if response != nil && s.config.Limits.Answer.Bytes > 0 && len(response.Data) > s.config.Limits.Answer.Bytes {
		limit.Take(0, len(response.Data))
	}
	release()
	if err := ctx.Err(); err != nil { // What has noticed it may have left out anything.
		limit.End(givenUp(err))
	}
	made := s.made(op, limit, points)
	s.chargeCost(ctx, made-points)
	e.cost = made
	if err := limit.Err(); err != nil || response == nil {
		return s.cutShort(err, points, made)
	}
	if err := flight.land(ctx, len(response.Data)); err != nil {
		return given{problem: overloaded(err)}
	}
	return given{Response: response, cost: s.queryCost(points, made)}
}

// made returns the points that an operation's answer has cost: by the objects and
// fields that it holds, and at least by its values and bytes, and by what was read. One
// that was ended costs its price, and what it held beyond.
func (s *Server) made(op *operation, limit *budget.Budget, points int) int {
	taken, read, made := limit.Taken(), limit.HasRead(), points
	switch spent, bound := limit.Spent(), s.config.Limits.Answer; {
	case limit.Ended(): // How far it came is chance.
		taken.Values, taken.Bytes, read = atMost(taken.Values, bound.Values), atMost(taken.Bytes, bound.Bytes), 0
	case spent > 0:
		made = (s.planner.Base(op.document, op.definition)+spent)/document.UnitsPerPoint + op.size/requestBytesPerPoint
	}
	return max(made, taken.Values/valuesPerPoint+taken.Bytes/bytesPerPoint, read/recordsPerPoint)
}

// atMost returns n, but not more than most if that is a limit.
func atMost(n, most int) int {
	if most > 0 {
		return min(n, most)
	}
	return n
}

// cutShort is the answer of an operation that was ended before it was done.
func (s *Server) cutShort(err error, points, made int) given {
	if err == nil { // The executor has noticed first that nobody waits any more.
		err = givenUp(context.DeadlineExceeded)
	}
	if crm.CodeOf(err) == crm.CodeOverloaded {
		return given{problem: overloaded(err)}
	}
	failure := requestError(string(crm.CodeOf(err)), messageOf(err, "the request was given up before it was answered"))
	if crm.CodeOf(err) != crm.CodeTooLarge { // Nothing but the time has been in the way.
		return given{Response: &graphql.Response{Errors: gqlerror.List{failure}}}
	}
	return given{
		Response: &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{failure}},
		cost:     s.queryCost(points, made),
	}
}

// givenUp says why an operation ended with its context.
func givenUp(err error) error {
	message := "the request was given up before it was answered"
	if errors.Is(err, context.DeadlineExceeded) {
		message = "the request took longer than the gateway lets it"
	}
	return &crm.Error{Code: crm.CodeUnavailable, Op: "answer an operation", Message: message, Err: err}
}
