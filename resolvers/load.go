package resolvers

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph/exec"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// record is a pointer to a domain type that stands in sorted lists.
type record[T any] interface {
	*T
	crm.Positioned
}

// listing is a list that a connection pages through: where it is read from,
// what it is called in cursors, which records and in which order.
type listing[T any] struct {
	from  crm.Reader[T]
	kind  string
	where []crm.Predicate
	sort  crm.Sort
	// byID says that cursors hold an id alone.
	byID bool
}

// list returns what the listing is to its cursors.
func (l listing[T]) list() page.List {
	list := page.NewList(l.kind, l.sort, l.where)
	if l.byID {
		return list.ByID()
	}
	return list
}

// list returns a connection at the root: one call for the page, one more if
// totalCount is selected.
func list[T any, P record[T]](ctx context.Context, from listing[T], args page.Args) (*page.Connection[*T], error) {
	l := from.list()
	request, err := args.Request(l)
	if err != nil {
		return nil, err
	}
	found, err := from.from.List(ctx, crm.Query{Where: from.where, Sort: from.sort, Page: request, Members: selected[T](ctx)})
	if err != nil {
		return nil, err
	}
	counts := &whole{count: func(ctx context.Context) (int, error) { return from.from.Count(ctx, from.where) }}
	return page.New[T, P](l, request, found, counts), nil
}

// whole counts a list once, however many names an operation asks for that by.
type whole struct {
	count func(ctx context.Context) (int, error)
	once  sync.Once
	n     int
	err   error
}

// Count is page.Counter's.
func (w *whole) Count(ctx context.Context, _ crm.ID) (*int, error) {
	w.once.Do(func() { w.n, w.err = attempt(func() (int, error) { return w.count(ctx) }) })
	if w.err != nil {
		return nil, w.err
	}
	return &w.n, nil
}

// counts count the lists of many parents at once, when the first of them is counted.
type counts struct {
	count func(ctx context.Context) (map[crm.ID]*int, error)
	once  sync.Once
	found map[crm.ID]*int
	causes
}

// Count is page.Counter's.
func (c *counts) Count(ctx context.Context, of crm.ID) (*int, error) {
	c.once.Do(func() {
		var err error
		c.found, err = attempt(func() (map[crm.ID]*int, error) { return c.count(ctx) })
		c.causes = causesOf(err)
	})
	if n, ok := c.found[of]; ok {
		return n, nil
	}
	return nil, c.of(of)
}

// attempt reads for many at once. A panic is an error like any other: it costs those
// that something is read for, not whoever else is resolved with them or asks first.
func attempt[T any](read func() (T, error)) (answer T, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &crm.Error{Code: crm.CodeInternal, Op: "read for a level", Err: panics.New(value)}
		}
	}()
	return read()
}

// hanging is a list that hangs on parents: its records have a parent's id in
// one of the fields.
type hanging[P, T any] struct {
	listing[T]
	by []crm.Field
	// id returns a parent's id, "" if nothing can hang on it.
	id func(*P) crm.ID
	// args are the paging arguments, the same for all parents.
	args page.Args
}

// listBy returns a connection for each parent: one call for all pages, one more if
// totalCount is selected.
func listBy[P, T any, R record[T]](ctx context.Context, parents []*P, from hanging[P, T]) ([]*page.Connection[*T], error) {
	return hangingPages(ctx, parents, from, func(context.Context, map[crm.ID]crm.Page[T]) (toConnection[T, *T], error) {
		return page.Make[T, R], nil
	})
}

// toConnection makes a connection of N of one page of T.
type toConnection[T, N any] func(page.List, crm.PageRequest, crm.Page[T], page.Counter) page.Connection[N]

// hangingPages loads the pages of the parents; loaded is called once with all of
// them and says how a page becomes a connection, beside which its error may be one of
// some parents.
func hangingPages[P, T, N any](
	ctx context.Context, parents []*P, from hanging[P, T],
	loaded func(ctx context.Context, found map[crm.ID]crm.Page[T]) (toConnection[T, N], error),
) ([]*page.Connection[N], error) {
	list := from.list()
	ids, request, failed := from.asked(list, parents)
	results := make([]*page.Connection[N], len(parents))
	if len(ids) == 0 {
		return results, failed.err()
	}
	found, err := attempt(func() (map[crm.ID]crm.Page[T], error) {
		return from.from.ListBy(ctx, from.by, ids, crm.Query{Where: from.where, Sort: from.sort, Page: request, Members: selected[T](ctx)})
	})
	var convert toConnection[T, N]
	why := causes{all: err}
	if err == nil {
		convert, err = loaded(ctx, found)
		why = causesOf(err)
	}
	counts := &counts{count: func(ctx context.Context) (map[crm.ID]*int, error) { return from.count(ctx, ids) }}
	made := make([]page.Connection[N], len(parents)) // one allocation for all
	for i, parent := range parents {
		switch {
		case parent == nil || from.id(parent) == "" || failed.at(i):
		case why.of(from.id(parent)) != nil:
			failed.add(i, len(parents), why.of(from.id(parent)))
		default:
			id := from.id(parent)
			made[i] = convert(list.Of(id), request, found[id], counts)
			results[i] = &made[i]
		}
	}
	return results, failed.err()
}

// asked returns the parents whose lists can be read, each once, and what to ask for: the
// same of all, as a cursor belongs to one parent. The others that have a list fail.
func (h hanging[P, T]) asked(list page.List, parents []*P) (ids []crm.ID, request crm.PageRequest, failed failures) {
	ids = make([]crm.ID, 0, len(parents))
	for i, parent := range parents {
		if parent == nil {
			continue
		}
		id := h.id(parent)
		if id == "" {
			continue
		}
		if len(ids) == 0 || h.args.After != nil || h.args.Before != nil {
			one, err := h.args.Request(list.Of(id))
			if err != nil {
				failed.add(i, len(parents), err)
				continue
			}
			request = one
		}
		ids = append(ids, id)
	}
	return distinct(ids), request, failed
}

// count counts the parents' lists in the port that they are read from.
func (h hanging[P, T]) count(ctx context.Context, ids []crm.ID) (map[crm.ID]*int, error) {
	found, err := h.from.CountBy(ctx, h.by, ids, h.where)
	if err != nil {
		return nil, err
	}
	counts := make(map[crm.ID]*int, len(ids))
	for _, id := range ids {
		n := found[id]
		counts[id] = &n
	}
	return counts, nil
}

// failures are the errors of some of many parents.
type failures struct{ list graphql.BatchErrorList }

// add adds the error of the parent in a place, of so many.
func (f *failures) add(place, of int, err error) {
	if f.list == nil {
		f.list = make(graphql.BatchErrorList, of)
	}
	f.list[place] = err
}

// at says whether the parent in a place has failed.
func (f *failures) at(place int) bool { return f.list != nil && f.list[place] != nil }

// err returns the errors as batch resolvers do.
func (f *failures) err() error {
	if f.list == nil {
		return nil
	}
	return f.list
}

// causes are why something was not given.
type causes struct {
	all  error
	some crm.PartialError
}

// causesOf reads the error of a call that answers for many.
func causesOf(err error) causes {
	var partial crm.PartialError
	if errors.As(err, &partial) {
		return causes{some: partial}
	}
	return causes{all: err}
}

// of returns why nothing was given for an id, nil if there is nothing.
func (c causes) of(id crm.ID) error {
	if c.all != nil {
		return c.all
	}
	return c.some[id]
}

// byID returns the records that exist, by id, as crm.Reader's ByID does.
type byID[T any] func(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*T, error)

// source is where records of a kind are read by id. Those that fields of a level want of
// one source, for the same reason, are read in one call.
type source[T any] struct {
	key  any
	read byID[T]
}

// stored is where records of a kind are read from the store.
func stored[T any, P crm.RecordOf[T]](store crm.Store) source[T] {
	return source[T]{key: P(nil).RecordKind(), read: crm.Of[T, P](store).ByID}
}

func (r *Root) orders() source[crm.Order] { return source[crm.Order]{"orders", r.Purchases.OrdersByID} }

func (r *Root) products() source[crm.Product] {
	return source[crm.Product]{"products", r.Purchases.ProductsByID}
}

// purpose is why records are read: what a caller may have depends on it (access).
type purpose string

// The purposes.
const (
	finding  purpose = "finding"
	referred purpose = "referred"
	acting   purpose = "acting"
)

func (r purpose) in(ctx context.Context) context.Context {
	switch r {
	case referred:
		return access.Referred(ctx)
	case acting:
		return access.Acting(ctx)
	default:
		return ctx
	}
}

// wanted is what fields that want it together have in common.
type wanted struct {
	source  any
	purpose purpose
}

// asking are records that a field wants, and what of them.
type asking struct {
	ids  []crm.ID
	want *crm.Members
}

// load returns the records of ids with what is selected of them. Others may share the
// map, which must not be changed.
func (s source[T]) load(ctx context.Context, why purpose, ids []crm.ID) (map[crm.ID]*T, error) {
	return s.loadWith(ctx, why, ids, selected[T](ctx))
}

// loadWith is load with other members than those that are selected.
func (s source[T]) loadWith(ctx context.Context, why purpose, ids []crm.ID, want *crm.Members) (map[crm.ID]*T, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return exec.Together(ctx, wanted{s.key, why}, asking{ids, want}, func(ctx context.Context, asks []asking) (map[crm.ID]*T, error) {
		all := asks[0]
		for _, one := range asks[1:] {
			all.ids, all.want = slices.Concat(all.ids, one.ids), all.want.With(one.want)
		}
		return s.read(why.in(ctx), distinct(all.ids), all.want)
	})
}

// selected returns the members of a kind that are selected of what the field in the
// context gives, nil for all.
func selected[T any](ctx context.Context) *crm.Members {
	return exec.Reads(ctx, any((*T)(nil)).(crm.Record).RecordKind())
}

// related returns for each parent the record that its reference names, "" for none.
func related[P, T any](ctx context.Context, parents []*P, from source[T], ref func(*P) crm.ID) ([]*T, error) {
	return relatedWith(ctx, parents, from, ref, selected[T](ctx))
}

// relatedWith is related with other members than those that are selected.
func relatedWith[P, T any](ctx context.Context, parents []*P, from source[T], ref func(*P) crm.ID, want *crm.Members) ([]*T, error) {
	ids := make([]crm.ID, 0, len(parents))
	for _, parent := range parents {
		if parent != nil {
			if id := ref(parent); id != "" {
				ids = append(ids, id)
			}
		}
	}
	found, err := from.loadWith(ctx, referred, ids, want)
	why, results := causesOf(err), make([]*T, len(parents))
	var failed failures
	for i, parent := range parents {
		if parent == nil || ref(parent) == "" {
			continue
		}
		id := ref(parent)
		if results[i] = found[id]; results[i] == nil {
			if cause := why.of(id); cause != nil {
				failed.add(i, len(parents), cause)
			}
		}
	}
	return results, failed.err()
}

// one returns the record of an id at the root, nil if there is none.
func one[T any](ctx context.Context, from source[T], why purpose, id crm.ID) (*T, error) {
	records, err := from.load(ctx, why, []crm.ID{id})
	if r := records[id]; r != nil {
		return r, nil
	}
	return nil, causesOf(err).of(id)
}

// distinct returns the ids without repeats, in the order of their first.
func distinct(ids []crm.ID) []crm.ID {
	if len(ids) < 2 {
		return ids
	}
	seen := make(map[crm.ID]struct{}, len(ids))
	kept := make([]crm.ID, 0, len(ids))
	for _, id := range ids {
		if _, repeat := seen[id]; !repeat {
			seen[id] = struct{}{}
			kept = append(kept, id)
		}
	}
	return kept
}

// inOrder returns the records found, in the order of the ids.
func inOrder[T any](found map[crm.ID]*T, ids []crm.ID) []*T {
	records := make([]*T, 0, len(ids))
	for _, id := range ids {
		if r, ok := found[id]; ok {
			records = append(records, r)
		}
	}
	return records
}
