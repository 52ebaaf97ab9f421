package shopsync

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// defaultBatch is how many records are asked for and stored at once.
const defaultBatch = 100

// Options says how shops are synced. The zero value is fine.
type Options struct {
	// Clock returns the time for watermarks; no record has it. nil is the system's.
	Clock func() time.Time
	// Log is told what could not be matched, and of each source at the end; nil
	// is told nothing.
	Log *slog.Logger
	// Progress is told after each batch; it may be nil.
	Progress func(Progress)
	// BatchSize is how many records are asked for at once; 0 is 100. It changes
	// nothing about what is stored.
	BatchSize int
	// Full reads everything anew instead of what has changed since the last run.
	Full bool
}

// Progress is how far a run has come with one kind of a source's records.
type Progress struct {
	Source string
	// Kind is "customers", "products" or "orders".
	Kind string
	// Read counts the records of the kind so far, in this run.
	Read int
}

// Report is what a run did with one source.
type Report struct {
	Source string
	// Read counts the records that the shop gave, Written those that were new or
	// different, Unmatched the customers that were left out because nobody can tell
	// who they are and the orders that were stored without a customer, Rejected the
	// records that make no sense or that the store does not take.
	Read, Written, Unmatched, Rejected int
	// Rejects are the first MaxRejects of those that were rejected.
	Rejects []Reject
	// Watermark is the time up to which the source is completely synced; zero if
	// it never was.
	Watermark time.Time
	// Err is why the shop could not be read to its end; nil if it was.
	Err error
}

// MaxRejects bounds the rejected records that a report names.
const MaxRejects = 20

// Reject is a record of a shop's that was not stored.
type Reject struct {
	// Kind is "customers", "products" or "orders".
	Kind string
	// ExternalID is the shop's own id; "" if the shop does not say it.
	ExternalID string
	// Reason says what is wrong, without a value.
	Reason string
}

// Run syncs the shops into the store: the customers of all of them, then their
// products, then their orders, a shop at a time in the order given, so that an
// order finds its customer whatever shop they come from. A shop that fails
// leaves the others alone; it is synced no further, and its Report says why.
//
// There is a report for each shop, in their order, also if the error is not nil:
// that is the store's, or the end of the context, or CodeInvalid for shops that
// have the same name. What was stored until then stays, and the next run goes on
// from there. Any number of runs may work at the same time.
func Run(ctx context.Context, store crm.Store, shops []crm.Shop, options Options) ([]Report, error) {
	runs := make([]*run, len(shops))
	names := make([]string, len(shops))
	seen := map[string]bool{}
	for i, shop := range shops {
		names[i] = shop.Source()
		if seen[names[i]] {
			return nil, crm.Invalid("two shops must not have the same name")
		}
		seen[names[i]] = true
		runs[i] = newRun(store, shop, options)
	}
	err := all(ctx, runs)
	marks, markErr := Watermarks(ctx, store, names)
	reports := make([]Report, len(runs))
	for i, r := range runs {
		reports[i] = r.report
		reports[i].Watermark = marks[r.source]
		if err == nil {
			r.finished(ctx, reports[i])
		}
	}
	if err == nil {
		err = markErr
	}
	return reports, err
}

// all takes every shop through every phase.
func all(ctx context.Context, runs []*run) error {
	for _, phase := range []func(*run, context.Context) error{(*run).customers, (*run).products, (*run).orders} {
		for _, r := range runs {
			if r.report.Err != nil {
				continue
			}
			err := phase(r, ctx)
			var failed *shopError
			switch {
			case err == nil:
			case ctx.Err() == nil && errors.As(err, &failed):
				r.report.Err = failed.err
			default:
				return err
			}
		}
	}
	return nil
}

// shopError is a failure of a shop, not of the store.
type shopError struct{ err error }

func (e *shopError) Error() string { return e.err.Error() }
func (e *shopError) Unwrap() error { return e.err }

// run is one shop in one run.
type run struct {
	store   crm.Store
	shop    crm.Shop
	source  string
	options Options
	report  Report
	notes   int // how many unmatched records the log was told of
	// looked are the shop's customers that orders asked for and who were not
	// there even after the latest of its customers had been read.
	looked map[string]bool
	// fresh says of the kinds that were begun anew in this run, with Full.
	fresh map[string]bool
	// again says of which kinds this run has asked once more for what was rejected.
	again map[string]bool
}

func newRun(store crm.Store, shop crm.Shop, options Options) *run {
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.BatchSize <= 0 {
		options.BatchSize = defaultBatch
	}
	return &run{
		store: store, shop: shop, source: shop.Source(), options: options,
		report: Report{Source: shop.Source()}, looked: map[string]bool{}, fresh: map[string]bool{}, again: map[string]bool{},
	}
}

func (r *run) customers(ctx context.Context) error {
	return pull(ctx, r, pulled[crm.ShopCustomer]{
		kind: kindCustomers, read: r.shop.CustomerChanges, write: r.storeCustomers,
		id: func(c *crm.ShopCustomer) string { return c.ExternalID },
	})
}

func (r *run) products(ctx context.Context) error {
	return pull(ctx, r, pulled[crm.Product]{
		kind: kindProducts, read: r.shop.ProductChanges, write: r.storeProducts,
		again: r.shop.ProductsByID, limit: r.shop.Capabilities().ProductsPerCall,
		id: func(p *crm.Product) string { return p.ExternalID },
	})
}

func (r *run) orders(ctx context.Context) error {
	return pull(ctx, r, pulled[crm.ShopOrder]{
		kind: kindOrders, read: r.shop.OrderChanges, write: r.storeOrders,
		again: r.shop.OrdersByID, limit: r.shop.Capabilities().OrdersPerCall,
		id: func(o *crm.ShopOrder) string { return o.Order.ExternalID },
	})
}

// maxNotes bounds what the log is told of one source's unmatched and rejected records.
const maxNotes = 100

// unmatched notes a record that could not be matched. The log gets the shop's
// own id and a reason, and never an email address or a phone number.
func (r *run) unmatched(ctx context.Context, n *tally, kind, externalID, reason string) {
	n.unmatched++
	r.note(ctx, slog.LevelInfo, "unmatched", kind, externalID, reason)
}

// reject notes a record that makes no sense or that the store does not take.
func (r *run) reject(ctx context.Context, n *tally, kind, externalID, reason string) {
	n.rejects = append(n.rejects, Reject{Kind: kind, ExternalID: clip(externalID), Reason: reason})
	r.note(ctx, slog.LevelWarn, "rejected", kind, externalID, reason)
}

func (r *run) note(ctx context.Context, level slog.Level, what, kind, externalID, reason string) {
	if r.notes++; r.notes > maxNotes {
		return
	}
	r.options.Log.LogAttrs(ctx, level, what,
		slog.String("source", r.source), slog.String("kind", kind),
		slog.String("externalId", clip(externalID)), slog.String("reason", reason))
}

// clip bounds what a log line holds of a shop's own words.
func clip(text string) string {
	const most = 128
	if len(text) > most {
		return text[:most]
	}
	return text
}

// finished tells the log what came of a source.
func (r *run) finished(ctx context.Context, report Report) {
	level, attributes := slog.LevelInfo, []slog.Attr{
		slog.String("source", report.Source), slog.Int("read", report.Read), slog.Int("written", report.Written),
		slog.Int("unmatched", report.Unmatched), slog.Int("rejected", report.Rejected), slog.Time("watermark", report.Watermark),
	}
	if report.Err != nil {
		level = slog.LevelWarn
		attributes = append(attributes, slog.String("error", report.Err.Error()))
	}
	r.options.Log.LogAttrs(ctx, level, "synced", attributes...)
}
