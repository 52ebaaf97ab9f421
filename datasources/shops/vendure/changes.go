package vendure

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// walk reads all records of a kind, oldest change first, in one or more phases.
// Vendure sorts by one field alone and filters ids by equality alone, so there is
// no (time, id) to go on from. A page therefore ends with a whole group of equal
// times; a group that does not fit a page is read by its ids, with skip, and the
// last record of a page is asked for again to see that nothing has moved.
type walk[N, T any] struct {
	client  *upstream.Client
	overlap time.Duration
	phases  []phase[N] // Those after the first run only if the walk goes on from an earlier one.
	convert func(N) (*T, error)
}

// phase is a list, and the time by which it is read.
type phase[N any] struct {
	field  string
	timeOf func(N) time.Time // to the millisecond
	idOf   func(N) string
	filter func(rest crm.Mark) map[string]any
	read   func(ctx context.Context, variables map[string]any) (page[N], error)
}

type page[N any] struct {
	items  []N
	header http.Header
}

// place is how far a walk has come; Mark.Time stays where the walk began. Times
// are milliseconds since 1970.
type place struct {
	Phase int    `json:"p,omitempty"`
	Began int64  `json:"b,omitempty"` // by the shop's clock
	At    int64  `json:"a,omitempty"` // records before it have been read; 0 is the beginning
	Seen  int    `json:"n,omitempty"` // records of the group at At that have been read
	Last  string `json:"l,omitempty"` // the id of the last one
	Max   int64  `json:"m,omitempty"` // the latest time so far
}

// changes reads a page.
func (w walk[N, T]) changes(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[T], error) {
	limit = min(max(limit, 1), maxTake-2)
	rest := crm.Mark{Time: from.Time}
	at := place{At: floor(from.Time)}
	if from.Cursor != "" {
		if err := json.Unmarshal([]byte(from.Cursor), &at); err != nil || at.Phase < 0 || at.Phase >= len(w.phases) {
			return crm.ShopChanges[T]{}, w.client.Failed(crm.CodeInvalid, "read changes", errors.New("the mark is of another shop"))
		}
	}
	result := crm.ShopChanges[T]{Items: []*T{}}
	for len(result.Items)+len(result.Unreadable) == 0 {
		p := w.phases[at.Phase]
		began := at
		items, finished, err := p.step(ctx, &at, rest, limit)
		if err != nil {
			return crm.ShopChanges[T]{}, err
		}
		for _, item := range items {
			converted, err := w.convert(item)
			if err != nil {
				result.Unreadable = append(result.Unreadable, upstream.Unreadable(p.idOf(item), err))
				continue
			}
			result.Items = append(result.Items, converted)
		}
		switch {
		case finished && at.Phase+1 < len(w.phases) && !rest.Time.IsZero():
			at = place{Phase: at.Phase + 1, Began: at.Began, At: floor(rest.Time), Max: at.Max}
		case finished:
			result.Next = w.rest(rest, at)
			return result, nil
		case at == began:
			return crm.ShopChanges[T]{}, w.client.Failed(crm.CodeUnavailable, "read changes", errors.New("the shop's pages do not go on"))
		}
	}
	cursor, err := json.Marshal(at)
	if err != nil {
		return crm.ShopChanges[T]{}, w.client.Failed(crm.CodeInternal, "read changes", err)
	}
	result.More, result.Next = true, crm.Mark{Time: rest.Time, Cursor: string(cursor)}
	return result, nil
}

// rest returns the mark at the end of a walk: the overlap before the last record,
// or before the walk began, and never before where it began from.
func (w walk[N, T]) rest(from crm.Mark, at place) crm.Mark {
	if at.Max == 0 {
		return from
	}
	next := time.UnixMilli(min(at.Max, at.Began)).UTC().Add(-w.overlap)
	if next.Before(from.Time) {
		return from
	}
	return crm.Mark{Time: next}
}

// step reads a page of a phase and moves the place behind it.
func (p phase[N]) step(ctx context.Context, at *place, rest crm.Mark, limit int) (items []N, finished bool, err error) {
	if at.Seen > 0 {
		items, err = p.group(ctx, at, rest, limit)
		return items, false, err
	}
	bounds := map[string]any{}
	if at.At > 0 {
		bounds["after"] = stamp(time.UnixMilli(at.At - 1)) // Databases keep times finer than they say.
	}
	found, err := p.ask(ctx, at, rest, bounds, p.field, 0, limit+1)
	if err != nil {
		return nil, false, err
	}
	first, last := int64(0), int64(0)
	for _, item := range found {
		if p.timeOf(item).IsZero() { // It makes no sense; convert says so.
			items = append(items, item)
			continue
		}
		ms := p.timeOf(item).UnixMilli()
		if ms < at.At {
			continue // Read before.
		}
		if first == 0 || ms < first {
			first = ms
		}
		last = max(last, ms)
		items = append(items, item)
	}
	if len(found) <= limit {
		at.Max = max(at.Max, last)
		return items, true, nil
	}
	if first == last { // One group, which may be larger than a page.
		at.At = max(at.At, first)
		items, err = p.group(ctx, at, rest, limit)
		return items, false, err
	}
	whole := items[:0]
	for _, item := range items {
		if p.timeOf(item).UnixMilli() < last {
			whole = append(whole, item)
		}
	}
	at.At, at.Max = last, max(at.Max, last)
	return whole, false, nil
}

// group reads a page of the records of one time, by id.
func (p phase[N]) group(ctx context.Context, at *place, rest crm.Mark, limit int) ([]N, error) {
	bounds := map[string]any{"after": stamp(time.UnixMilli(at.At - 1)), "before": stamp(time.UnixMilli(at.At + 1))}
	again := min(at.Seen, 1) // The last record of the page before.
	items, err := p.ask(ctx, at, rest, bounds, "id", at.Seen-again, limit+again)
	if err != nil {
		return nil, err
	}
	if again == 1 && (len(items) == 0 || p.idOf(items[0]) != at.Last) { // Something has left the group: begin it again.
		at.Seen, at.Last, again = 0, "", 0
		if items, err = p.ask(ctx, at, rest, bounds, "id", 0, limit); err != nil {
			return nil, err
		}
	}
	full := len(items) >= limit+again
	items = items[again:]
	at.Max = max(at.Max, at.At)
	if !full {
		at.At, at.Seen, at.Last = at.At+1, 0, ""
		return items, nil
	}
	at.Seen, at.Last = at.Seen+len(items), p.idOf(items[len(items)-1])
	return items, nil
}

// ask reads the phase's records within bounds of its time.
func (p phase[N]) ask(ctx context.Context, at *place, rest crm.Mark, bounds map[string]any, sort string, skip, take int) ([]N, error) {
	filter := p.filter(rest)
	if own, ok := filter[p.field].(map[string]any); ok {
		maps.Copy(bounds, own)
	}
	if len(bounds) > 0 {
		filter[p.field] = bounds
	}
	found, err := p.read(ctx, options(filter, map[string]any{sort: "ASC"}, skip, take))
	if err != nil {
		return nil, err
	}
	if at.Began == 0 {
		at.Began = clock(found.header).UnixMilli()
	}
	return found.items, nil
}

// clock returns the shop's time of an answer; a shop that does not say has ours.
func clock(header http.Header) time.Time {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Now()
	}
	return at
}

// floor returns milliseconds since 1970, and 0 for what lies before.
func floor(t time.Time) int64 { return max(t.UnixMilli(), 0) }
