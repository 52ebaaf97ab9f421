package shopsync

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// The kinds of record that a shop has, as checkpoints and reports name them.
const (
	kindCustomers = "customers"
	kindProducts  = "products"
	kindOrders    = "orders"
)

func checkpointName(source, kind string) string { return "sync/" + source + "/" + kind }

// progress is what a checkpoint says: how far a kind was read.
type progress struct {
	// Time and Cursor are the shop's mark.
	Time   time.Time `json:"time,omitzero"`
	Cursor string    `json:"cursor,omitempty"`
	// SyncedTo is when the last reading that came to its end was begun: every
	// change before it is stored.
	SyncedTo time.Time `json:"syncedTo,omitzero"`
	// Rejected are the shop's own ids of records that could not be stored, those that
	// came first in front: they are asked for again with the next run.
	Rejected []string `json:"rejected,omitempty"`
}

func (p progress) mark() crm.Mark { return crm.Mark{Time: p.Time, Cursor: p.Cursor} }

func decode(c crm.Checkpoint) (p progress, err error) {
	if c.Version == 0 {
		return p, nil
	}
	if err := json.Unmarshal(c.Value, &p); err != nil {
		return p, &crm.Error{Code: crm.CodeInternal, Op: "read how far a shop was synced", Err: err}
	}
	return p, nil
}

// Watermarks gives, for each source that was completely synced, the time up to
// which it is: every change that the shop made before it is stored.
func Watermarks(ctx context.Context, store crm.Store, sources []string) (map[string]time.Time, error) {
	kinds := []string{kindCustomers, kindProducts, kindOrders}
	names := make([]string, 0, len(kinds)*len(sources))
	for _, source := range sources {
		for _, kind := range kinds {
			names = append(names, checkpointName(source, kind))
		}
	}
	found, err := store.Checkpoints().Get(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("read how far %d shops were synced: %w", len(sources), err)
	}
	marks := make(map[string]time.Time, len(sources))
	for _, source := range sources {
		var least time.Time
		complete := true
		for i, kind := range kinds {
			p, err := decode(found[checkpointName(source, kind)])
			if err != nil {
				return nil, err
			}
			complete = complete && !p.SyncedTo.IsZero()
			if i == 0 || p.SyncedTo.Before(least) {
				least = p.SyncedTo
			}
		}
		if complete {
			marks[source] = least
		}
	}
	return marks, nil
}

// place is where a run is in one kind of a shop's changes.
type place struct {
	name string
	from crm.Mark
	// stored is what the checkpoint says, in its version.
	stored  progress
	version int
	// anew says that this run reads everything, whatever others have read.
	anew bool
	// contested says that somebody else moved the checkpoint on while a batch
	// was read and written here: some of its records may be older than theirs.
	contested bool
}

// load reads the checkpoint.
func (p *place) load(ctx context.Context, store crm.Store) error {
	found, err := store.Checkpoints().Get(ctx, []string{p.name})
	if err != nil {
		return fmt.Errorf("read how far a shop was synced: %w", err)
	}
	c := found[p.name]
	p.version = c.Version
	p.stored, err = decode(c)
	return err
}

// advance moves the checkpoint on to where the batch ends, once its records are
// stored; ok says whether the run may go on behind the batch.
//
// If another run moved it in the meantime, what was written here may be older
// than what they wrote. So the same batch is read and written again, until
// nobody else moved the checkpoint meanwhile; then the run goes on from theirs,
// which is further. Nobody goes back, and nothing old stays. A run that reads
// everything anew goes on from its own place instead, and takes the others along.
func (p *place) advance(ctx context.Context, store crm.Store, next progress) (ok bool, err error) {
	if p.contested && !p.anew {
		version := p.version
		if err := p.load(ctx, store); err != nil || p.version != version {
			return false, err
		}
		p.contested, p.from = false, p.stored.mark()
		return false, nil
	}
	value, err := json.Marshal(next)
	if err != nil {
		return false, fmt.Errorf("write how far a shop was synced: %w", err)
	}
	err = store.Checkpoints().Set(ctx, p.name, value, p.version)
	switch {
	case err == nil:
		p.stored, p.from, p.contested = next, next.mark(), false
		p.version++
		return true, nil
	case crm.CodeOf(err) == crm.CodeConflict:
		p.contested = true
		return false, p.load(ctx, store)
	}
	return false, fmt.Errorf("write how far a shop was synced: %w", err)
}

// tally counts what came of a batch.
type tally struct {
	written, unmatched int
	rejects            []Reject
}

// pulled is how one kind of a shop's records is read and stored.
type pulled[T any] struct {
	kind string
	read func(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[T], error)
	// again asks for single records, a limited number of them; nil if the shop
	// cannot be asked so.
	again func(ctx context.Context, ids []string) (map[string]*T, error)
	limit int // of again; 0 is none
	id    func(*T) string
	write func(ctx context.Context, items []*T) (tally, error)
}

// pull reads one kind of the shop's changes to their end, batch by batch: the
// records first, then the mark, so that a run that is stopped between the two
// repeats one batch, which changes nothing. What was rejected before is asked for
// again first.
func pull[T any](ctx context.Context, r *run, k pulled[T]) error {
	p := &place{name: checkpointName(r.source, k.kind)}
	if err := p.load(ctx, r.store); err != nil {
		return err
	}
	done := 0
	if p.from = p.stored.mark(); r.options.Full && !r.fresh[k.kind] {
		p.from, p.anew, r.fresh[k.kind] = crm.Mark{}, true, true
		p.stored.Rejected = nil
	} else if !r.again[k.kind] {
		r.again[k.kind] = true
		if err := retry(ctx, r, k, p, &done); err != nil {
			return err
		}
	}
	for {
		began := r.options.Clock().UTC()
		page, err := k.read(ctx, p.from, r.options.BatchSize)
		if err != nil {
			return &shopError{fmt.Errorf("read %s of %s: %w", k.kind, r.source, err)}
		}
		if page.More && page.Next.Cursor == p.from.Cursor && page.Next.Time.Equal(p.from.Time) {
			return &shopError{&crm.Error{
				Code: crm.CodeUnavailable, Source: r.source, Op: "read " + k.kind, Message: "the shop's changes do not come to an end",
			}}
		}
		n, err := k.write(ctx, page.Items)
		r.report.Written += n.written
		if err != nil {
			return err
		}
		for _, odd := range page.Unreadable {
			r.reject(ctx, &n, k.kind, odd.ExternalID, reasonUnreadable+": "+odd.Reason)
		}
		next := progress{
			Time: page.Next.Time, Cursor: page.Next.Cursor, SyncedTo: p.stored.SyncedTo,
			Rejected: outstanding(p.stored.Rejected, idsOf(page.Items, k.id), n.rejects),
		}
		if !page.More && began.After(next.SyncedTo) {
			next.SyncedTo = began
		}
		ok, err := p.advance(ctx, r.store, next)
		switch {
		case err != nil:
			return err
		case !ok:
			continue
		}
		r.count(k.kind, len(page.Items)+len(page.Unreadable), n, &done)
		if !page.More {
			return nil
		}
	}
}

// retry asks again for what was rejected: it may be mended in the shop, or read by a
// newer version of this program. What the shop does not have any more is forgotten.
func retry[T any](ctx context.Context, r *run, k pulled[T], p *place, done *int) error {
	if k.again == nil || len(p.stored.Rejected) == 0 {
		return nil
	}
	size := r.options.BatchSize
	if k.limit > 0 {
		size = min(size, k.limit)
	}
	for ids := range slices.Chunk(slices.Clone(p.stored.Rejected), size) {
		found, err := k.again(ctx, ids)
		if err != nil && !crm.OnlyUnreadable(err) {
			return &shopError{fmt.Errorf("read %s of %s again: %w", k.kind, r.source, err)}
		}
		items := make([]*T, 0, len(found))
		var odd []string
		for _, id := range ids {
			if item := found[id]; item != nil {
				items = append(items, item)
			} else if crm.Concerns(err, id) {
				odd = append(odd, id)
			}
		}
		n, failed := k.write(ctx, items)
		r.report.Written += n.written
		if failed != nil {
			return failed
		}
		for _, id := range odd {
			r.reject(ctx, &n, k.kind, id, reasonUnreadable)
		}
		next := p.stored
		next.Rejected = outstanding(p.stored.Rejected, ids, n.rejects)
		ok, failed := p.advance(ctx, r.store, next)
		if failed != nil {
			return failed
		}
		r.count(k.kind, len(items)+len(odd), n, done)
		if !ok {
			return nil // Somebody else is at it.
		}
	}
	return nil
}

// maxRejected bounds the records of one kind that are asked for again.
const maxRejected = 1000

// outstanding returns the ids of what was rejected before, without what has been
// looked at since, and those of what was rejected now.
func outstanding(before, seen []string, rejects []Reject) []string {
	left := slices.DeleteFunc(slices.Clone(before), func(id string) bool { return slices.Contains(seen, id) })
	for _, reject := range rejects {
		if named(reject.ExternalID) && !slices.Contains(left, reject.ExternalID) {
			left = append(left, reject.ExternalID)
		}
	}
	return left[max(len(left)-maxRejected, 0):]
}

func idsOf[T any](items []*T, id func(*T) string) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = id(item)
	}
	return ids
}

// count adds what came of a batch to the report.
func (r *run) count(kind string, seen int, n tally, done *int) {
	*done += seen
	r.report.Read += seen
	r.report.Unmatched += n.unmatched
	r.report.Rejected += len(n.rejects)
	r.report.Rejects = append(r.report.Rejects, n.rejects...)
	r.report.Rejects = r.report.Rejects[:min(len(r.report.Rejects), MaxRejects)]
	if r.options.Progress != nil {
		r.options.Progress(Progress{Source: r.source, Kind: kind, Read: *done})
	}
}
