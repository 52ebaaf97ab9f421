package deadline

import (
	"context"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Store returns the store with every read, and every call of its checkpoints and API
// keys, bounded by timeout. Writes, Migrate and Close have as much time as their
// context: how long they take depends on how much they are given.
func Store(store crm.Store, timeout time.Duration) crm.Store {
	return &bounded{Store: store, timeout: timeout}
}

type bounded struct {
	crm.Store
	timeout time.Duration
}

// ByID is crm.Reads's, in time.
func (b *bounded) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.ByID(ctx, kind, ids, want)
}

// List is crm.Reads's, in time.
func (b *bounded) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.List(ctx, kind, q)
}

// Count is crm.Reads's, in time.
func (b *bounded) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.Count(ctx, kind, where)
}

// ListBy is crm.Reads's, in time.
func (b *bounded) ListBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.ListBy(ctx, kind, fields, ids, q)
}

// CountBy is crm.Reads's, in time.
func (b *bounded) CountBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.CountBy(ctx, kind, fields, ids, where)
}

// Log is crm.Store's, in time.
func (b *bounded) Log(ctx context.Context, after int64, limit int) ([]crm.LogEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.Log(ctx, after, limit)
}

// LogEnd is crm.Store's, in time.
func (b *bounded) LogEnd(ctx context.Context) (crm.LogEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.LogEnd(ctx)
}

// Latest is crm.Store's, in time.
func (b *bounded) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.Latest(ctx, kind, ids, want)
}

// Facts is crm.Store's, in time.
func (b *bounded) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.Facts(ctx, ids)
}

// Ping is crm.Store's, in time.
func (b *bounded) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	return b.Store.Ping(ctx)
}
