package resolvers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/customer360/gateway/graph/budget"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// Messages for what a caller can do nothing about.
const (
	internalMessage    = "something went wrong here; the request id names it in the logs"
	unavailableMessage = "the data cannot be reached at the moment; try again later"
	canceledMessage    = "the request was given up before it was answered"
)

// Errors makes errors what callers see: one code each (extensions.code), sorted
// by path, nothing of the inside. RequestID gives a request's id, shown in the
// body of INTERNAL errors only, and Log gets those once.
type Errors struct {
	Log       *slog.Logger
	RequestID func(ctx context.Context) string
}

// Server is what answers GraphQL: gqlgen's executor or its HTTP handler.
type Server interface {
	Use(extension graphql.HandlerExtension)
	AroundResponses(f graphql.ResponseMiddleware)
	SetErrorPresenter(f graphql.ErrorPresenterFunc)
	SetRecoverFunc(f graphql.RecoverFunc)
}

// Install makes a GraphQL server present errors so.
func (e Errors) Install(s Server) {
	s.SetErrorPresenter(e.present)
	s.SetRecoverFunc(e.recover)
	s.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(context.WithValue(ctx, loggedKey{}, &sync.Map{}))
		if response != nil {
			finish(response)
		}
		return response
	})
}

// errorBytes is about what an error has beside its path and what else is its own.
const errorBytes = 150

// present returns the error that callers see for err at its path; nil if the answer
// holds no more.
func (e Errors) present(ctx context.Context, err error) *gqlerror.Error {
	if limit := budget.From(ctx); limit.Ended() || !limit.Take(budget.ErrorValues, errorBytes) {
		return nil
	}
	shown := &gqlerror.Error{Path: graphql.GetPath(ctx), Extensions: map[string]any{}}
	var located *gqlerror.Error
	if errors.As(err, &located) {
		if located.Path != nil {
			shown.Path = located.Path
		}
		shown.Locations = located.Locations
		if located.Err == nil { // It comes from the parser or the executor, not from below.
			shown.Message = located.Message
			shown.Extensions = located.Extensions
			return shown
		}
	}
	code := codeOf(err)
	shown.Extensions["code"] = string(code)
	shown.Message = messageOf(err, code)
	var known *crm.Error
	if errors.As(err, &known) && known.Source != "" {
		shown.Extensions["source"] = known.Source
	}
	switch {
	case code == crm.CodeInternal:
		if id := e.RequestID(ctx); id != "" {
			shown.Extensions["requestId"] = id
		}
		e.log(ctx, slog.LevelError, "internal error", err)
	case code == crm.CodeUnavailable && !errors.Is(err, context.Canceled):
		e.log(ctx, slog.LevelWarn, "source unavailable", err)
	}
	return shown
}

// codeOf returns the code of an error.
func codeOf(err error) crm.Code {
	if errors.Is(err, context.Canceled) {
		return crm.CodeUnavailable
	}
	return crm.CodeOf(err)
}

func messageOf(err error, code crm.Code) string {
	var known *crm.Error
	switch {
	case code == crm.CodeInternal:
		return internalMessage
	case errors.As(err, &known) && known.Message != "":
		return known.Message
	case errors.Is(err, context.Canceled):
		return canceledMessage
	case code == crm.CodeInvalid:
		return "an argument does not fit its type"
	default:
		return unavailableMessage
	}
}

// loggedKey carries the errors of an operation that were logged already.
type loggedKey struct{}

// log writes an error that is not the caller's, once for an operation: the
// parents of a batch share one, at a path each.
func (e Errors) log(ctx context.Context, level slog.Level, message string, err error) {
	cause := err
	var located *gqlerror.Error
	if errors.As(err, &located) && located.Err != nil {
		cause = located.Err
	}
	if reflect.TypeOf(cause).Comparable() && !first(ctx, cause) {
		return
	}
	attributes := []any{"requestId", e.RequestID(ctx), "field", field(ctx), "error", cause.Error()}
	var panicked *panics.Error
	if errors.As(err, &panicked) && first(ctx, stackLogged{}) {
		attributes = append(attributes, "stack", string(panicked.Stack))
	}
	e.Log.Log(ctx, level, message, attributes...)
}

// stackLogged stands for the stack of an operation's first panic: that of every
// entry of a list would flood the log.
type stackLogged struct{}

// first says whether something is logged for the first time for an operation.
func first(ctx context.Context, what any) bool {
	logged, ok := ctx.Value(loggedKey{}).(*sync.Map)
	if !ok {
		return true
	}
	_, again := logged.LoadOrStore(what, true)
	return !again
}

// field names the field being resolved in the schema's words: a path has the
// caller's aliases.
func field(ctx context.Context) string {
	if f := graphql.GetFieldContext(ctx); f != nil && f.Field.Field != nil {
		return f.Object + "." + f.Field.Name
	}
	return ""
}

// recover turns a resolver's panic into an error at its path.
func (e Errors) recover(_ context.Context, value any) error {
	return &crm.Error{Code: crm.CodeInternal, Op: "resolve", Err: panics.New(value)}
}

// finish returns every error a code, in an order that does not depend on which
// resolver was done first.
func finish(response *graphql.Response) {
	for _, shown := range response.Errors {
		if shown.Extensions == nil {
			shown.Extensions = map[string]any{}
		}
		if shown.Extensions["code"] == nil {
			shown.Extensions["code"] = string(crm.CodeInvalid)
		}
	}
	slices.SortStableFunc(response.Errors, func(a, b *gqlerror.Error) int {
		if c := comparePaths(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
}

// comparePaths orders paths element by element, list indexes by number.
func comparePaths(a, b ast.Path) int {
	return slices.CompareFunc(a, b, func(x, y ast.PathElement) int {
		xi, xok := x.(ast.PathIndex)
		yi, yok := y.(ast.PathIndex)
		if xok && yok {
			return int(xi) - int(yi)
		}
		return strings.Compare(fmt.Sprint(x), fmt.Sprint(y))
	})
}
