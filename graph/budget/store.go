package budget

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// Store returns a store whose reads count for the budgets of the operations that make
// them: the records that were read, whether they are given or not. An operation that
// reads works, see Budget.Wait. A count, which may have to look at everything there is,
// waits for a turn of its operation.
func Store(store crm.Store) crm.Store { return counted{store} }

type counted struct{ crm.Store }

// ByID is crm.Reads'.
func (c counted) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	defer From(ctx).work()()
	records, err := c.Store.ByID(ctx, kind, ids, want)
	From(ctx).Read(len(records))
	return records, err
}

// List is crm.Reads'.
func (c counted) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	defer From(ctx).work()()
	page, err := c.Store.List(ctx, kind, q)
	From(ctx).Read(len(page.Items))
	return page, err
}

// Count is crm.Reads'.
func (c counted) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	b := From(ctx)
	ctx, leave := b.Turn(ctx)
	defer leave()
	if err := b.Err(); err != nil {
		return 0, err
	}
	return c.Store.Count(ctx, kind, where)
}

// ListBy is crm.Reads'.
func (c counted) ListBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.RecordPage, error) {
	defer From(ctx).work()()
	pages, err := c.Store.ListBy(ctx, kind, fields, ids, q)
	n := 0
	for _, page := range pages {
		n += len(page.Items)
	}
	From(ctx).Read(n)
	return pages, err
}

// Latest is crm.Store's.
func (c counted) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	defer From(ctx).work()()
	records, err := c.Store.Latest(ctx, kind, ids, want)
	From(ctx).Read(len(records))
	return records, err
}

// CountBy is crm.Reads'.
func (c counted) CountBy(ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	defer From(ctx).work()()
	return c.Store.CountBy(ctx, kind, fields, ids, where)
}

// Facts is crm.Store's.
func (c counted) Facts(ctx context.Context, ids []crm.ID) (map[crm.ID]*crm.CustomerFacts, error) {
	defer From(ctx).work()()
	return c.Store.Facts(ctx, ids)
}

// Log is crm.Store's. Its entries are no records.
func (c counted) Log(ctx context.Context, after int64, limit int) ([]crm.LogEntry, error) {
	defer From(ctx).work()()
	return c.Store.Log(ctx, after, limit)
}

// LogEnd is crm.Store's.
func (c counted) LogEnd(ctx context.Context) (crm.LogEntry, error) {
	defer From(ctx).work()()
	return c.Store.LogEnd(ctx)
}
