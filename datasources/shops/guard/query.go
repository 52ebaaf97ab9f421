package guard

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// query describes one of the port's methods that gives records by key: A is what
// is asked by, K the key that it is answered under.
type query[A any, K comparable, V any] struct {
	method string
	// perCall bounds the keys of one call; 0 is any number.
	perCall int
	// every says that each key has an answer.
	every bool
	// standIn says that an old answer is better than none.
	standIn bool
	key     func(A) K
	// words tell this A from others, beside the method and the scope.
	words func(A) []string
	ask   func(context.Context, []A) (map[K]V, error)
	// copied returns a value that is the caller's own.
	copied func(V) V
	// aged says in a copy that it is of an earlier time; nil if it cannot be said.
	aged func(v V, asOf time.Time, stale bool) V
	size func(V) int
	// tags name what an answer is about.
	tags func(A, V) []string
}

// wanted is one key of a call.
type wanted[A any] struct {
	arg  A
	id   string
	old  *entry  // kept, and not fresh
	call *flight // nil if it is not asked for
	hit  *entry  // kept, and fresh
}

// get answers a call of the port's method.
func get[A any, K comparable, V any](ctx context.Context, s scoped, q query[A, K, V], args []A) (map[K]V, error) {
	if err := ctx.Err(); err != nil {
		return nil, ended(ctx, s.Source())
	}
	all := identify(s.scope, q, args)
	failed := make(map[*flight]error)
	for _, call := range take(ctx, s.Shop, q, all) {
		failed[call] = s.flights.wait(ctx, s.Source(), call)
	}
	answer := make(map[K]V, len(all))
	failures := failures{}
	stale := 0
	for _, w := range all {
		e, old := w.hit, true
		if e == nil {
			old = false
			var err error
			if e, err = w.answer(s.Source(), failed[w.call], q.every); err != nil {
				if !q.standIn || !mayStandIn(err) || !s.cache.usable(w.old) {
					failures.add(w.call, err)
					continue
				}
				stale++
				answer[q.key(w.arg)] = q.hand(w.old, true, true)
				continue
			}
		}
		if e.value != nil {
			answer[q.key(w.arg)] = q.hand(e, old, false)
		}
	}
	s.looked(q.method, crm.ShopLookupStale, stale)
	return answer, failures.join()
}

// failures are the errors of a call, one of each flight that has failed.
type failures struct {
	flights []*flight
	errs    []error
}

func (f *failures) add(call *flight, err error) {
	if !slices.Contains(f.flights, call) {
		f.flights, f.errs = append(f.flights, call), append(f.errs, err)
	}
}

// join returns the errors as one; nil if there is none. That a record makes no sense is
// behind the shop's failures, whose code and time to wait are those of the whole, and
// which are named once where they say the same.
func (f *failures) join() error {
	var failed, odd []error
	said := map[string]bool{}
	for _, err := range f.errs {
		switch text := err.Error(); {
		case crm.OnlyUnreadable(err): // Of other keys, though it says the same.
			odd = append(odd, err)
		case !said[text]:
			said[text] = true
			failed = append(failed, err)
		}
	}
	all := slices.Concat(failed, odd)
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}

// identify returns the keys of a call under a scope, without repeats.
func identify[A any, K comparable, V any](scope string, q query[A, K, V], args []A) []*wanted[A] {
	all := make([]*wanted[A], 0, len(args))
	seen := make(map[string]struct{}, len(args))
	for _, a := range args {
		id := identity(append([]string{q.method, scope}, q.words(a)...)...)
		if _, repeat := seen[id]; !repeat {
			seen[id] = struct{}{}
			all = append(all, &wanted[A]{arg: a, id: id})
		}
	}
	return all
}

// take finds what is kept, joins the calls that are under way for the rest and
// begins those that are missing. It gives the calls to wait for.
func take[A any, K comparable, V any](ctx context.Context, s *Shop, q query[A, K, V], all []*wanted[A]) []*flight {
	s.flights.mu.Lock()
	defer s.flights.mu.Unlock()
	var calls []*flight
	var missing []*wanted[A]
	hits, shared := 0, 0
	for _, w := range all {
		kept, fresh := s.cache.get(w.id)
		if fresh {
			w.hit = kept
			hits++
			continue
		}
		w.old = kept
		if w.call = s.flights.byID[w.id]; w.call == nil || s.changed.after(w.call.begun, q.tags(w.arg, *new(V))) {
			missing = append(missing, w)
			continue
		}
		shared++
		if !slices.Contains(calls, w.call) {
			w.call.waiting++
			calls = append(calls, w.call)
		}
	}
	size := max(len(missing), 1)
	if q.perCall > 0 {
		size = q.perCall
	}
	for part := range slices.Chunk(missing, size) {
		calls = append(calls, begin(ctx, s, q, part))
	}
	s.looked(q.method, crm.ShopLookupHit, hits)
	s.looked(q.method, crm.ShopLookupShared, shared)
	s.looked(q.method, crm.ShopLookupMiss, len(missing))
	return calls
}

// begin starts the call of a part.
func begin[A any, K comparable, V any](ctx context.Context, s *Shop, q query[A, K, V], part []*wanted[A]) *flight {
	args, ids := make([]A, len(part)), make([]string, len(part))
	for i, w := range part {
		args[i], ids[i] = w.arg, w.id
	}
	call := s.flights.start(ctx, ids, s.settings.Timeout, func(ctx context.Context) (map[string]*entry, error) {
		found, err := fetch(ctx, s, q, args, ids)
		s.cache.put(found)
		return found, err
	})
	for _, w := range part {
		w.call = call
	}
	return call
}

// fetch asks the shop for a part, and again for what has failed of it. An entry
// without a value is of a key that the shop does not have.
func fetch[A any, K comparable, V any](ctx context.Context, s *Shop, q query[A, K, V], args []A, ids []string) (map[string]*entry, error) {
	found := make(map[string]*entry, len(args))
	err := s.guard.do(ctx, q.method, func(ctx context.Context) error {
		asked := time.Now()
		var still []A
		var names []string
		for i, id := range ids {
			if found[id] == nil {
				still, names = append(still, args[i]), append(names, id)
			}
		}
		answer, err := q.ask(ctx, still)
		missing := func(k K) bool { // There is no such record.
			key, named := any(k).(string)
			return err == nil || named && !crm.Concerns(err, key)
		}
		for i, a := range still {
			if v, ok := answer[q.key(a)]; ok {
				found[names[i]] = &entry{value: v, asked: asked, tags: q.tags(a, v), size: q.size(v)}
			} else if !q.every && missing(q.key(a)) {
				found[names[i]] = &entry{asked: asked, tags: q.tags(a, *new(V))}
			}
		}
		return err
	})
	return found, err
}

// answer returns what the call for w has found, or why it has not. waited is the
// error of waiting for it.
func (w *wanted[A]) answer(source string, waited error, every bool) (*entry, error) {
	switch {
	case waited != nil:
		return nil, waited
	case w.call.found[w.id] != nil:
		return w.call.found[w.id], nil
	case w.call.err != nil:
		return nil, w.call.err
	case every:
		return nil, &crm.Error{
			Code: crm.CodeUnavailable, Source: source, Op: "ask the shop",
			Message: "the shop cannot be reached at the moment; try again later",
			Err:     errors.New("the shop's answer leaves out what was asked for"),
		}
	}
	return &entry{}, nil
}

// hand returns a caller's own copy of an entry's value.
func (q query[A, K, V]) hand(e *entry, old, stale bool) V {
	v := q.copied(e.value.(V))
	if old && q.aged != nil {
		return q.aged(v, e.asked.UTC().Truncate(time.Millisecond), stale)
	}
	return v
}

// mayStandIn says whether an old answer may stand in for an error: if the shop
// did not say anything, not if it refuses or somebody does not want to know.
func mayStandIn(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	code := crm.CodeOf(err)
	return code == crm.CodeUnavailable || code == crm.CodeRateLimited
}

// ended is the error of a context that has ended before anything was done.
func ended(ctx context.Context, source string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return late(source)
	}
	return canceled(source)
}
