package medusa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// overlap is how far behind the last change a finished walk goes on later: a
// transaction that was still open may commit an earlier one.
const overlap = 10 * time.Second

// place is how far a list has been read in the order of its changes. Without
// after, all before at has been; with it, also what was changed in the same
// millisecond and has an id up to after.
type place struct {
	at    time.Time
	after string
}

// feed is a list that can be walked by change. Medusa sorts by one field alone,
// so nothing is known of the order within a millisecond: a page ends before the
// millisecond of its first left-over record, and one that all of a page share is
// read by id.
type feed[T any] struct {
	list func(ctx context.Context, query url.Values) ([]T, error)
	at   func(*T) time.Time
	// within returns records of the query, whose ids are behind after, and the last
	// one's id; "" if there are no more.
	within func(ctx context.Context, query url.Values, after string, limit int) (records []T, last string, err error)
}

var (
	errOrder   = errors.New("changes came in another order than was asked for")
	errEndless = errors.New("a page of changes has more records than were asked for")
)

// page reads the next page.
func (f feed[T]) page(ctx context.Context, from place, limit int) (records []T, next place, more bool, err error) {
	if from.after != "" {
		return f.millisecond(ctx, from, limit)
	}
	query := url.Values{"order": {"updated_at"}, "limit": {strconv.Itoa(limit + 1)}}
	if !from.at.IsZero() {
		query.Set("updated_at[$gte]", stamp(from.at))
	}
	records, err = f.list(ctx, query)
	if err != nil {
		return nil, from, false, err
	}
	if len(records) > limit+1 {
		return nil, from, false, errEndless
	}
	last := from.at.Add(-time.Millisecond) // Medusa cuts what the database has finer.
	for n := range records {
		at := inUTC(f.at(&records[n]))
		if at.IsZero() { // It makes no sense; whoever converts it says so.
			continue
		}
		if at.Before(last) {
			return nil, from, false, errOrder
		}
		last = at
	}
	switch {
	case len(records) == 0:
		return nil, from, false, nil
	case len(records) <= limit:
		return records, place{at: last.Add(-overlap)}, false, nil
	}
	whole := slices.IndexFunc(records, func(r T) bool { return inUTC(f.at(&r)).Equal(last) })
	if whole == 0 {
		return f.millisecond(ctx, place{at: last}, limit)
	}
	return records[:whole], place{at: last}, true, nil
}

// millisecond reads on among the records that were changed in the same one.
func (f feed[T]) millisecond(ctx context.Context, from place, limit int) (records []T, next place, more bool, err error) {
	query := url.Values{
		"updated_at[$gte]": {stamp(from.at.Add(-time.Millisecond))},
		"updated_at[$lt]":  {stamp(from.at.Add(2 * time.Millisecond))},
	}
	records, last, err := f.within(ctx, query, from.after, limit)
	if err != nil {
		return nil, from, false, err
	}
	next = place{at: from.at, after: last}
	if last == "" {
		next = place{at: from.at.Add(time.Millisecond)}
	}
	others := func(r T) bool { at := inUTC(f.at(&r)); return !at.IsZero() && !at.Equal(from.at) }
	return slices.DeleteFunc(records, others), next, true, nil
}

// keyset reads by id a list that can be asked for the ids behind one.
func keyset[T any](list func(context.Context, url.Values) ([]T, error), id func(*T) string) func(context.Context, url.Values, string, int) ([]T, string, error) {
	return func(ctx context.Context, query url.Values, after string, limit int) ([]T, string, error) {
		query.Set("order", "id")
		query.Set("limit", strconv.Itoa(limit))
		if after != "" {
			query.Set("id[$gt]", after)
		}
		records, err := list(ctx, query)
		if err != nil || len(records) < limit {
			return records, "", err
		}
		last := id(&records[len(records)-1])
		if len(records) > limit || last == after {
			return nil, "", errEndless
		}
		return records, last, nil
	}
}

// byIDs reads by id a list that cannot: all the ids first, then the records.
func byIDs[T any](ids func(context.Context, url.Values) ([]string, error), list func(context.Context, url.Values) ([]T, error)) func(context.Context, url.Values, string, int) ([]T, string, error) {
	return func(ctx context.Context, query url.Values, after string, limit int) ([]T, string, error) {
		all, err := ids(ctx, query)
		if err != nil {
			return nil, "", err
		}
		all = slices.DeleteFunc(all, func(id string) bool { return id <= after })
		slices.Sort(all)
		last, limit := "", min(limit, keysPerCall)
		if len(all) > limit {
			all = all[:limit]
			last = all[limit-1]
		}
		if len(all) == 0 {
			return nil, "", nil
		}
		records, err := list(ctx, url.Values{"id[]": all, "limit": {strconv.Itoa(len(all))}})
		return records, last, err
	}
}

// allIDs returns the ids of a list whole; Medusa does not bound a list's length.
func (s *Shop) allIDs(call, kind string) func(context.Context, url.Values) ([]string, error) {
	return func(ctx context.Context, query url.Values) ([]string, error) {
		query.Set("fields", "id")
		query.Set("limit", "1000000")
		records, err := list[struct {
			ID string `json:"id"`
		}](ctx, s, call, kind, query)
		ids := make([]string, len(records))
		for n, r := range records {
			ids[n] = r.ID
		}
		return ids, err
	}
}

// list asks for a list of the Admin API, which is in the answer under its own name.
func list[N any](ctx context.Context, s *Shop, call, kind string, query url.Values) ([]N, error) {
	var answer map[string]json.RawMessage
	if err := s.get(ctx, call, "/admin/"+kind, query, &answer); err != nil {
		return nil, err
	}
	var records []N
	name := strings.TrimPrefix(kind, "product-")
	if err := json.Unmarshal(answer[name], &records); err != nil {
		return nil, s.nonsense(call, fmt.Errorf("decode the %s: %w", name, err))
	}
	return records, nil
}

// stamp writes a time as Medusa reads it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// understand returns the port's error of a page that could not be read.
func (s *Shop) understand(call string, err error) error {
	if errors.Is(err, errOrder) || errors.Is(err, errEndless) {
		return s.nonsense(call, err)
	}
	return err
}
