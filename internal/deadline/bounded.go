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

// reader bounds the reads of one kind.
type reader[T any] struct {
	crm.Reader[T]
	timeout time.Duration
}

// ByID is crm.Reader's, in time.
func (r reader[T]) ByID(ctx context.Context, ids []crm.ID) (map[crm.ID]*T, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.Reader.ByID(ctx, ids)
}

// List is crm.Reader's, in time.
func (r reader[T]) List(ctx context.Context, q crm.Query) (crm.Page[T], error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.Reader.List(ctx, q)
}

// Count is crm.Reader's, in time.
func (r reader[T]) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.Reader.Count(ctx, where)
}

// ListBy is crm.Reader's, in time.
func (r reader[T]) ListBy(ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[T], error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.Reader.ListBy(ctx, fields, ids, q)
}

// CountBy is crm.Reader's, in time.
func (r reader[T]) CountBy(ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.Reader.CountBy(ctx, fields, ids, where)
}

// records bounds the reads of one kind and leaves its writes alone.
type records[T any] struct {
	reader[T]
	crm.Writer[T]
}

func limit[T any](of crm.Records[T], timeout time.Duration) crm.Records[T] {
	return records[T]{reader[T]{of, timeout}, of}
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

// Teams is crm.Store's, its reads in time.
func (b *bounded) Teams() crm.Records[crm.Team] { return limit(b.Store.Teams(), b.timeout) }

// Employees is crm.Store's, its reads in time.
func (b *bounded) Employees() crm.Records[crm.Employee] { return limit(b.Store.Employees(), b.timeout) }

// PartnerApps is crm.Store's, its reads in time.
func (b *bounded) PartnerApps() crm.Records[crm.PartnerApp] {
	return limit(b.Store.PartnerApps(), b.timeout)
}

// Customers is crm.Store's, its reads in time.
func (b *bounded) Customers() crm.Records[crm.Customer] { return limit(b.Store.Customers(), b.timeout) }

// Products is crm.Store's, its reads in time.
func (b *bounded) Products() crm.Records[crm.Product] { return limit(b.Store.Products(), b.timeout) }

// Orders is crm.Store's, its reads in time.
func (b *bounded) Orders() crm.Records[crm.Order] { return limit(b.Store.Orders(), b.timeout) }

// Tickets is crm.Store's, its reads in time.
func (b *bounded) Tickets() crm.Records[crm.Ticket] { return limit(b.Store.Tickets(), b.timeout) }

// Articles is crm.Store's, its reads in time.
func (b *bounded) Articles() crm.Records[crm.Article] { return limit(b.Store.Articles(), b.timeout) }

// Interactions is crm.Store's, its reads in time.
func (b *bounded) Interactions() crm.Records[crm.Interaction] {
	return limit(b.Store.Interactions(), b.timeout)
}

// Recommendations is crm.Store's, its reads in time.
func (b *bounded) Recommendations() crm.Records[crm.Recommendation] {
	return limit(b.Store.Recommendations(), b.timeout)
}

// NextBestActions is crm.Store's, its reads in time.
func (b *bounded) NextBestActions() crm.Records[crm.NextBestAction] {
	return limit(b.Store.NextBestActions(), b.timeout)
}

// Timeline is crm.Store's, in time.
func (b *bounded) Timeline() crm.Reader[crm.TimelineRecord] {
	return reader[crm.TimelineRecord]{b.Store.Timeline(), b.timeout}
}
