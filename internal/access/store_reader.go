package access

import (
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// Bounds on lists that conditions alone do not narrow to what a caller may see.
const (
	// maxRounds bounds how often such a list is asked for a page, each time for
	// four times as many records.
	maxRounds = 5
	// maxCounted bounds how many records of such a list are counted.
	maxCounted = 1000
	// spare is how many more records than a page has are asked for at first: so many
	// that what may not be seen shows in no further call.
	spare = 200
	// lookedUp is how many records are asked for where a caller names one by what
	// few have in common.
	lookedUp = 50
)

// reader reads one kind of record as the caller may see it.
type reader[T any] struct {
	// from is where records are read for somebody.
	from   func(v *view) crm.Reader[T]
	policy *Policy
	guard  guard[T]
	// holds says whether a record as it is shown fulfils conditions that it was
	// found by as it is stored; nil is always.
	holds func(shown *T, where []crm.Predicate) bool
}

// ByID returns those of the records that the caller may see.
func (r *reader[T]) ByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*T, error) {
	v, err := r.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.blind() || !v.all() && !r.guard.byID(ctx, v) {
		return map[crm.ID]*T{}, nil
	}
	if !v.all() {
		want = r.guard.wants(want, nil)
	}
	found, err := r.from(v).ByID(ctx, ids, want)
	if err != nil {
		return nil, err
	}
	return handOut(ctx, v, r.guard, found)
}

// handOut returns those of the records found by id that the caller may see.
func handOut[T any](ctx context.Context, v *view, g guard[T], found map[crm.ID]*T) (map[crm.ID]*T, error) {
	if v.all() {
		v.count(g.kind, len(found))
		return found, nil
	}
	records := make([]*T, 0, len(found))
	for _, record := range found {
		records = append(records, record)
	}
	a, err := g.around(ctx, v, records, nil)
	if err != nil {
		return nil, err
	}
	for id, record := range found {
		if shown := g.see(v, record, a); shown != nil {
			found[id] = shown
		} else {
			delete(found, id)
		}
	}
	v.count(g.kind, len(found))
	return found, nil
}

// List returns one page of the records that the caller may see.
func (r *reader[T]) List(ctx context.Context, q crm.Query) (crm.Page[T], error) {
	v, err := r.policy.view(ctx)
	if err != nil {
		return crm.Page[T]{}, err
	}
	if v.all() {
		page, err := r.from(v).List(ctx, q)
		v.count(r.guard.kind, len(page.Items))
		return page, err
	}
	narrowed, err := r.guard.list(v, q.Where)
	if err != nil || v.blind() {
		return crm.Page[T]{Items: []*T{}}, err
	}
	q.Members = r.guard.wants(q.Members, q.Where)
	pages, err := r.pages(ctx, v, nil, q, narrowed, func(q crm.Query, _ []crm.ID) (map[crm.ID]crm.Page[T], error) {
		page, err := r.from(v).List(ctx, q)
		return map[crm.ID]crm.Page[T]{"": page}, err
	})
	if page := pages[""]; page.Items != nil {
		return page, err
	}
	return crm.Page[T]{Items: []*T{}}, err
}

// Count counts the records that the caller may see.
func (r *reader[T]) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	v, err := r.policy.view(ctx)
	if err != nil {
		return 0, err
	}
	if v.all() {
		return r.from(v).Count(ctx, where)
	}
	narrowed, err := r.guard.list(v, where)
	if err != nil || v.blind() {
		return 0, err
	}
	if r.guard.exact(v, where) {
		return r.from(v).Count(ctx, append(slices.Clip(where), narrowed...))
	}
	page, err := r.List(ctx, countable[T](where))
	if err == nil && page.More {
		err = uncountable()
	}
	return len(page.Items), err
}

// countable asks for as many records as may be counted one by one.
func countable[T any](where []crm.Predicate) crm.Query {
	return crm.Query{
		Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: maxCounted},
		Members: crm.KeyMembers(any((*T)(nil)).(crm.Record).RecordKind(), crm.FieldID),
	}
}

func uncountable() error {
	return forbidden("this list is too long to be counted for this caller")
}

// ListBy returns one page for each parent that the caller may list under.
func (r *reader[T]) ListBy(ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[T], error) {
	v, err := r.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.all() {
		pages, err := r.from(v).ListBy(ctx, fields, ids, q)
		for _, page := range pages {
			v.count(r.guard.kind, len(page.Items))
		}
		return pages, err
	}
	branches, err := r.under(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	q.Members = r.guard.wants(q.Members, q.Where)
	all := map[crm.ID]crm.Page[T]{}
	for _, b := range branches {
		pages, err := r.pages(ctx, v, b.parents, q, b.where, func(q crm.Query, ids []crm.ID) (map[crm.ID]crm.Page[T], error) {
			return r.from(v).ListBy(ctx, fields, ids, q)
		})
		if err != nil {
			return nil, err
		}
		for id, page := range pages {
			all[id] = page
		}
	}
	return all, nil
}

// under returns the lists that the caller may ask for of those that hang on ids.
func (r *reader[T]) under(ctx context.Context, v *view, ids []crm.ID) ([]branch, error) {
	if v.blind() {
		return nil, nil
	}
	return r.guard.under(ctx, v, ids)
}

// CountBy counts for each parent the records that the caller may see.
func (r *reader[T]) CountBy(ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate) (map[crm.ID]int, error) {
	v, err := r.policy.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.all() {
		return r.from(v).CountBy(ctx, fields, ids, where)
	}
	counts := map[crm.ID]int{}
	if !r.guard.exact(v, where) {
		pages, err := r.ListBy(ctx, fields, ids, countable[T](where))
		for id, page := range pages {
			if counts[id] = len(page.Items); page.More {
				return nil, uncountable()
			}
		}
		return counts, err
	}
	branches, err := r.under(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	for _, b := range branches {
		part, err := r.from(v).CountBy(ctx, fields, b.parents, append(slices.Clip(where), b.where...))
		if err != nil {
			return nil, err
		}
		for id, n := range part {
			counts[id] = n
		}
	}
	return counts, nil
}

// pages returns the pages of lists, narrowed and with what the caller may see. If
// the conditions do not say exactly what that is, more is asked for until the
// pages are full.
func (r *reader[T]) pages(
	ctx context.Context, v *view, parents []crm.ID, q crm.Query, narrowed []crm.Predicate,
	read func(q crm.Query, parents []crm.ID) (map[crm.ID]crm.Page[T], error),
) (map[crm.ID]crm.Page[T], error) {
	exact, limit, where := r.guard.exact(v, q.Where), q.Page.Limit, q.Where
	q.Where = append(slices.Clip(where), narrowed...)
	rounds := maxRounds
	if !exact {
		q.Page.Limit += spare
		if parents == nil && lookup(where) {
			q.Page.Limit, rounds = max(q.Page.Limit, lookedUp), 1
		}
	}
	full := map[crm.ID]crm.Page[T]{}
	for round, pending := 1, parents; ; round++ {
		found, err := read(q, pending)
		if err != nil {
			return nil, err
		}
		if found, err = r.filter(ctx, v, found, where, parents); err != nil {
			return nil, err
		}
		pending = nil
		for id, page := range found {
			if !exact && page.More && len(page.Items) <= limit && round < rounds {
				pending = append(pending, id)
				continue
			}
			if page = cut(page, limit, q.Page.Backward, exact); len(page.Items) > 0 || page.More || parents == nil {
				full[id] = page
				v.count(r.guard.kind, len(page.Items))
			}
		}
		if len(pending) == 0 {
			return full, nil
		}
		slices.Sort(pending)
		q.Page.Limit *= 4
	}
}

// cut returns a page of at most limit records.
func cut[T any](page crm.Page[T], limit int, backward, exact bool) crm.Page[T] {
	if exact {
		return page
	}
	if len(page.Items) > limit {
		page.More = true
		if backward {
			page.Items = page.Items[len(page.Items)-limit:]
		} else {
			page.Items = page.Items[:limit]
		}
	}
	if len(page.Items) == 0 && limit > 0 {
		page.More = false // There is nothing to go on from.
	}
	return page
}

// filter returns pages with what the caller may see of them.
func (r *reader[T]) filter(ctx context.Context, v *view, pages map[crm.ID]crm.Page[T], where []crm.Predicate, parents []crm.ID) (map[crm.ID]crm.Page[T], error) {
	var records []*T
	for _, page := range pages {
		records = append(records, page.Items...)
	}
	a, err := r.guard.around(ctx, v, records, parents)
	if err != nil {
		return nil, err
	}
	for id, page := range pages {
		seen := make([]*T, 0, len(page.Items))
		for _, record := range page.Items {
			if shown := r.guard.see(v, record, a); shown != nil && (r.holds == nil || r.holds(shown, where)) {
				seen = append(seen, shown)
			}
		}
		page.Items = seen
		pages[id] = page
	}
	return pages, nil
}
