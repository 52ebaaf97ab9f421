package purchases

import (
	"context"
	"errors"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// canceled returns the error of a caller who went away, nil while it is there.
func canceled(ctx context.Context, op string) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// ask calls a source, and gives what it panics with as its error. Errors have
// the source's name.
func ask[T any](source, op string, call func() (T, error)) (answer T, err error) {
	defer func() {
		if value := recover(); value != nil {
			// The store is the gateway's own, and its panic a flaw here.
			code := crm.CodeUnavailable
			if source == crm.SourceStore {
				code = crm.CodeInternal
			}
			err = &crm.Error{Code: code, Op: op, Source: source, Err: panics.New(value)}
		}
	}()
	answer, err = call()
	return answer, named(err, source, op)
}

// named returns an error that has its source.
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
	var p *panics.Error
	if errors.As(err, &p) {
		attrs = append(attrs, "panic", p.Error(), "stack", string(p.Stack))
	}
	s.options.Log.WarnContext(ctx, "a source failed", attrs...)
}

// unreadable logs a record that makes no sense, an order or a cart, by the shop's own id.
func (s *Sources) unreadable(ctx context.Context, what, source string, u crm.Unreadable) {
	s.options.Log.WarnContext(ctx, "a record of a shop makes no sense", "record", what, "source", source,
		"externalId", u.ExternalID[:min(len(u.ExternalID), crm.MaxExternalID)], "reason", u.Reason)
}
