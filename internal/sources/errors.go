package sources

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// PartialError says which keys of a call failed, and why. What the call gave
// besides it is right. errors.Is and errors.As look into every key's error, in
// the order of the keys.
type PartialError map[crm.ID]error

// Error gives how many keys failed, and of what, each cause once.
func (e PartialError) Error() string {
	var causes []string
	for _, err := range e.Unwrap() {
		if text := err.Error(); !slices.Contains(causes, text) {
			causes = append(causes, text)
		}
	}
	return fmt.Sprintf("%d keys failed: %s", len(e), strings.Join(causes, "; "))
}

// Unwrap gives the keys' errors, in the order of the keys.
func (e PartialError) Unwrap() []error {
	errs := make([]error, 0, len(e))
	for _, id := range slices.Sorted(maps.Keys(e)) {
		errs = append(errs, e[id])
	}
	return errs
}

// orNil gives the error if any key failed.
func (e PartialError) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// canceled gives the error of a caller who went away, nil while it is there.
func canceled(ctx context.Context, op string) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// panicked is what a source panicked with. Of the value only what the runtime
// itself says is kept: anything else could be somebody's data.
type panicked struct {
	text  string
	stack string
}

func (p *panicked) Error() string { return "panic: " + p.text }

// ask calls a source, and gives what it panics with as its error. Errors have
// the source's name.
func ask[T any](source, op string, call func() (T, error)) (answer T, err error) {
	defer func() {
		if value := recover(); value != nil {
			p := &panicked{text: fmt.Sprintf("%T", value), stack: string(debug.Stack())}
			if e, ok := value.(runtime.Error); ok {
				p.text = e.Error()
			}
			err = &crm.Error{Code: crm.CodeUnavailable, Op: op, Source: source, Err: p}
		}
	}()
	answer, err = call()
	return answer, named(err, source, op)
}

// named gives an error that has its source.
func named(err error, source, op string) error {
	var e *crm.Error
	if err == nil || (errors.As(err, &e) && e.Source != "") {
		return err
	}
	named := &crm.Error{Code: crm.CodeOf(err), Op: op, Source: source, Err: err}
	if errors.Is(err, context.Canceled) { // Somebody else's: the caller's own ends the whole call.
		named.Code = crm.CodeUnavailable
	}
	if e != nil {
		named.Message, named.RetryAfter = e.Message, e.RetryAfter
	}
	return named
}

// unanswered is the error of a source that left out what it was asked for.
func unanswered(source, op string) error {
	return &crm.Error{Code: crm.CodeUnavailable, Op: op, Source: source, Err: errors.New("the answer lacks what was asked for")}
}

// stateOf says what an error of a source means for its part of an answer.
func stateOf(err error) crm.SourceState {
	if errors.Is(err, context.DeadlineExceeded) {
		return crm.SourceStateTimeout
	}
	if code := crm.CodeOf(err); code == crm.CodeUnauthenticated || code == crm.CodeForbidden {
		return crm.SourceStateDenied
	}
	return crm.SourceStateUnavailable
}

// failed logs that a source failed. Whom it was asked for, and what it answered,
// is left out: codes and counts say enough.
func (s *Sources) failed(ctx context.Context, source, op string, err error) {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return
	}
	attrs := []any{"source", source, "op", op, "code", crm.CodeOf(err), "state", stateOf(err)}
	var p *panicked
	if errors.As(err, &p) {
		attrs = append(attrs, "panic", p.text, "stack", p.stack)
	}
	s.options.Log.WarnContext(ctx, "a source failed", attrs...)
}
