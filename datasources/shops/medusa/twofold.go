package medusa

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// part is a record whose changes do not touch the record that it belongs to: an
// order's payment, a product's variant.
type part struct {
	id, of    string
	updatedAt time.Time
}

// twofold walks a list whose records have such parts: the list by change to its
// end, then the records of the parts that have changed.
type twofold[T any] struct {
	records feed[T]
	parts   feed[part]
	byID    func(ctx context.Context, ids []string) ([]T, error)
}

// progress is how far both lists have been read, beside the Mark's time, which is
// that of the records.
type progress struct {
	After      string    `json:"after,omitempty"` // the last record of the Mark's millisecond
	Parts      time.Time `json:"parts"`
	PartsAfter string    `json:"partsAfter,omitempty"`
	// AtParts says that the records have been read to their end and the parts come
	// next.
	AtParts bool `json:"atParts,omitempty"`
}

// page reads the next page of either list.
func (t twofold[T]) page(ctx context.Context, from crm.Mark, limit int) (records []T, next crm.Mark, more bool, err error) {
	so := progress{Parts: from.Time}
	switch {
	case from.Cursor != "":
		if json.Unmarshal([]byte(from.Cursor), &so) != nil {
			return nil, from, false, crm.Invalid("the mark is not one of this shop's")
		}
	case from.Time.IsZero(): // A walk that begins sees each record with its parts as they are.
		if so.Parts, err = t.latestPart(ctx); err != nil {
			return nil, from, false, err
		}
	}
	next = crm.Mark{Time: from.Time}
	var reached place
	if so.AtParts {
		records, reached, more, err = t.partPage(ctx, place{at: so.Parts, after: so.PartsAfter}, limit)
		so.Parts, so.PartsAfter, so.AtParts = reached.at, reached.after, more
	} else {
		records, reached, more, err = t.records.page(ctx, place{at: from.Time, after: so.After}, limit)
		next.Time, so.After, so.AtParts, more = reached.at, reached.after, !more, true
	}
	if err != nil {
		return nil, from, false, err
	}
	cursor, err := json.Marshal(so)
	next.Cursor = string(cursor)
	return records, next, more, err
}

// partPage returns the records of a page of parts.
func (t twofold[T]) partPage(ctx context.Context, from place, limit int) (records []T, next place, more bool, err error) {
	parts, next, more, err := t.parts.page(ctx, from, min(limit, keysPerCall))
	if err != nil {
		return nil, from, false, err
	}
	var ids []string
	seen := map[string]bool{}
	for _, p := range parts {
		if p.of != "" && !seen[p.of] { // The payment of a cart belongs to no order.
			seen[p.of] = true
			ids = append(ids, p.of)
		}
	}
	if len(ids) > 0 {
		records, err = t.byID(ctx, ids)
	}
	return records, next, more, err
}

// latestPart returns a time from which on parts change; the zero time if there are
// none yet.
func (t twofold[T]) latestPart(ctx context.Context) (time.Time, error) {
	parts, err := t.parts.list(ctx, url.Values{"order": {"-updated_at"}, "limit": {"1"}})
	if err != nil || len(parts) == 0 {
		return time.Time{}, err
	}
	return inUTC(parts[0].updatedAt).Add(-overlap), nil
}

// partFeed walks a list of parts; native is what they are decoded from.
func partFeed[N any](s *Shop, call, kind, fields string, convert func(*N) part) feed[part] {
	parts := func(ctx context.Context, query url.Values) ([]part, error) {
		query.Set("fields", fields)
		native, err := list[N](ctx, s, call, kind, query)
		converted := make([]part, len(native))
		for n := range native {
			converted[n] = convert(&native[n])
		}
		return converted, err
	}
	return feed[part]{
		list:   parts,
		at:     func(p *part) time.Time { return p.updatedAt },
		within: byIDs(s.allIDs(call, kind), parts),
	}
}
