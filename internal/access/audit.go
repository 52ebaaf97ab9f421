package access

import (
	"context"
	"log/slog"
	"time"
)

// auditMessage is the message of every line that an Auditor writes.
const auditMessage = "audit"

// Auditor writes down who was refused and who read personal data, as lines of a
// log with the message "audit": the principal, the coordinates of the schema and
// the reason, never data, ids of records, or words of the request. A nil Auditor
// writes nothing.
type Auditor struct {
	log       *slog.Logger
	requestID func(context.Context) string
	operation string
}

// NewAuditor returns an auditor that writes to log; requestID gives the id of the
// request that a context belongs to, "" if it has none.
func NewAuditor(log *slog.Logger, requestID func(context.Context) string) *Auditor {
	return &Auditor{log: log, requestID: requestID}
}

// Of returns an auditor of one operation: of its type, such as "query".
func (a *Auditor) Of(operation string) *Auditor {
	if a == nil {
		return nil
	}
	of := *a
	of.operation = operation
	return &of
}

// AuthenticationFailed notes that a credential was refused. The reason says what
// was wrong with it, and holds nothing of it; issuer is the gateway's name for who
// has issued it, "" if nobody known has.
func (a *Auditor) AuthenticationFailed(ctx context.Context, reason Reason, issuer string) {
	more := []slog.Attr{slog.String("reason", string(reason))}
	if issuer != "" {
		more = append(more, slog.String("issuer", issuer))
	}
	a.write(ctx, slog.LevelWarn, "AUTHENTICATION_FAILED", nil, more...)
}

// Denied notes that a principal was refused a field or an input, by coordinate.
func (a *Auditor) Denied(ctx context.Context, p *Principal, coordinate, reason string) {
	a.write(ctx, slog.LevelWarn, "DENIED", p, slog.Any("coordinates", []string{coordinate}), slog.String("reason", reason))
}

// ReadPII notes that an operation reads personal data, by coordinates, sorted.
func (a *Auditor) ReadPII(ctx context.Context, p *Principal, coordinates []string) {
	a.write(ctx, slog.LevelInfo, "READ_PII", p, slog.Any("coordinates", coordinates), slog.String("reason", "the operation asks for personal data"))
}

func (a *Auditor) write(ctx context.Context, level slog.Level, event string, p *Principal, more ...slog.Attr) {
	if a == nil || !a.log.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(time.Now(), level, auditMessage, 0)
	line.AddAttrs(slog.String("event", event))
	line.AddAttrs(more...)
	var whose [4]slog.Attr
	n := 0
	add := func(key, value string) {
		if value != "" {
			whose[n] = slog.String(key, value)
			n++
		}
	}
	if p != nil {
		whose[0], whose[1] = slog.String("principal", p.ID), slog.String("kind", string(p.Kind))
		n = 2
	}
	add("operation", a.operation)
	add("requestId", a.requestID(ctx))
	line.AddAttrs(whose[:n]...)
	_ = a.log.Handler().Handle(ctx, line) // As a Logger does: there is nobody to tell.
}
