package resolvers

import (
	"context"
	"errors"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
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
	found, err := from.from.List(ctx, crm.Query{Where: from.where, Sort: from.sort, Page: request})
	if err != nil {
		return nil, err
	}
	announce(ctx, loaders.Path(ctx), found.Items)
	// However many names an operation asks for it by, the list is counted once.
	counted := sync.OnceValues(func() (*int, error) {
		n, err := from.from.Count(ctx, from.where)
		if err != nil {
			return nil, err
		}
		return &n, nil
	})
	return page.New[T, P](l, request, found, func(context.Context) (*int, error) { return counted() }), nil
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

// listBy returns a connection for each parent: one call for all pages of the
// cohort, one more if totalCount is selected.
func listBy[P, T any, R record[T]](ctx context.Context, parents []*P, from hanging[P, T]) ([]*page.Connection[*T], error) {
	return hangingPages(ctx, parents, from, func(ctx context.Context, path string, found map[crm.ID]crm.Page[T], ids []crm.ID) (toConnection[T, *T], error) {
		var items []*T
		for _, id := range ids {
			items = append(items, found[id].Items...)
		}
		announce(ctx, path, items)
		return func(l page.List, request crm.PageRequest, p crm.Page[T], count page.Count) *page.Connection[*T] {
			return page.New[T, R](l, request, p, count)
		}, nil
	})
}

// toConnection makes a connection of N of one page of T.
type toConnection[T, N any] func(page.List, crm.PageRequest, crm.Page[T], page.Count) *page.Connection[N]

// hangingPages loads the pages of a cohort; loaded is called once with all of
// them, announces what it must and says how a page becomes a connection.
func hangingPages[P, T, N any](
	ctx context.Context, parents []*P, from hanging[P, T],
	loaded func(ctx context.Context, path string, found map[crm.ID]crm.Page[T], ids []crm.ID) (toConnection[T, N], error),
) ([]*page.Connection[N], error) {
	list := from.list()
	at := loaders.Path(ctx)
	connections, err := loaders.Field[P, *P, *page.Connection[N]]{
		Key: func(parent *P) (*P, bool) {
			id := from.id(parent)
			return parent, id != "" && from.refused(list, id) == nil
		},
		Load: func(ctx context.Context, path string, parents []*P) (map[*P]*page.Connection[N], error) {
			ids := make([]crm.ID, len(parents))
			for i, p := range parents {
				ids[i] = from.id(p)
			}
			// All parents here have the same positions: a cursor belongs to one parent.
			request, err := from.args.Request(list.Of(ids[0]))
			if err != nil {
				return nil, err
			}
			q := crm.Query{Where: from.where, Sort: from.sort, Page: request}
			unique := distinct(ids)
			found, err := from.from.ListBy(ctx, from.by, unique, q)
			if err != nil {
				return nil, err
			}
			convert, err := loaded(ctx, path, found, unique)
			if err != nil {
				return nil, err
			}
			connections := make(map[*P]*page.Connection[N], len(parents))
			for i, p := range parents {
				count := func(ctx context.Context) (*int, error) { return countBy(ctx, at, p, from.count) }
				connections[p] = convert(list.Of(ids[i]), request, found[ids[i]], count)
			}
			return connections, nil
		},
	}.Resolve(ctx, parents)
	return connections, from.refuse(list, parents, err)
}

// refused says what is wrong with the paging arguments for the list of one
// parent: a cursor is good for the parent whose list gave it.
func (h hanging[P, T]) refused(list page.List, id crm.ID) error {
	_, err := h.args.Request(list.Of(id))
	return err
}

// refuse adds what is wrong with the paging arguments to the errors of loading.
func (h hanging[P, T]) refuse(list page.List, parents []*P, err error) error {
	errs, loaded := err.(graphql.BatchErrorList) //nolint:errorlint // Resolve returns it unwrapped.
	if err != nil && !loaded {
		return err
	}
	for i, parent := range parents {
		if parent == nil || h.id(parent) == "" {
			continue
		}
		if refused := h.refused(list, h.id(parent)); refused != nil {
			if errs == nil {
				errs = make(graphql.BatchErrorList, len(parents))
			}
			errs[i] = refused
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

// parentKey stands for a parent of a list that is counted. Its type tells parents
// of several types at one path apart.
type parentKey[P any] struct{ parent *P }

// countBy counts the list at a path for one parent, in one call of count for the
// whole cohort of parents, by however many names an operation asks for it.
func countBy[P any](ctx context.Context, at string, parent *P, count func(ctx context.Context, parents []*P) (map[*P]*int, error)) (*int, error) {
	loaders.AnnounceFrom(ctx, at, loaders.Above(at), func(parents []*P) []*parentKey[P] {
		keys := make([]*parentKey[P], len(parents))
		for i, p := range parents {
			keys[i] = &parentKey[P]{p}
		}
		return keys
	})
	return loaders.Field[parentKey[P], *P, *int]{
		Path: at, Parents: at, OfAbove: true,
		Key:  func(k *parentKey[P]) (*P, bool) { return k.parent, k.parent != nil },
		Load: func(ctx context.Context, _ string, parents []*P) (map[*P]*int, error) { return count(ctx, parents) },
	}.One(ctx, &parentKey[P]{parent})
}

// count counts a parent's list in the port that it is read from.
func (h hanging[P, T]) count(ctx context.Context, parents []*P) (map[*P]*int, error) {
	ids := make([]crm.ID, 0, len(parents))
	for _, p := range parents {
		if id := h.id(p); id != "" {
			ids = append(ids, id)
		}
	}
	found, err := h.from.CountBy(ctx, h.by, distinct(ids), h.where)
	if err != nil {
		return nil, err
	}
	counts := make(map[*P]*int, len(parents))
	for _, p := range parents {
		n := found[h.id(p)]
		counts[p] = &n
	}
	return counts, nil
}

// byID returns the records that exist, by id, as crm.Reader's ByID does.
type byID[T any] func(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*T, error)

// related returns for each parent the record that its reference names: one call
// for the whole cohort.
func related[P, T any](ctx context.Context, parents []*P, from byID[T], ref func(*P) crm.ID) ([]*T, error) {
	return loaders.Field[P, crm.ID, *T]{
		Key: func(parent *P) (crm.ID, bool) {
			id := ref(parent)
			return id, id != ""
		},
		Load: func(ctx context.Context, path string, ids []crm.ID) (map[crm.ID]*T, error) {
			found, err := from(access.Referred(ctx), ids, nil)
			announce(ctx, path, inOrder(found, ids))
			return found, perKey(err, func(id crm.ID) []crm.ID { return []crm.ID{id} })
		},
	}.Resolve(ctx, parents)
}

// perKey makes the errors that sources give for records those of a level's keys;
// keys returns the keys that want a record.
func perKey[K comparable](err error, keys func(crm.ID) []K) error {
	var partial crm.PartialError
	if !errors.As(err, &partial) {
		return err
	}
	own := loaders.Errors[K]{}
	for id, cause := range partial {
		for _, key := range keys(id) {
			own[key] = cause
		}
	}
	return own
}

// one returns the record of an id at the root, nil if there is none.
func one[T any](ctx context.Context, from byID[T], id crm.ID) (*T, error) {
	found, err := from(ctx, []crm.ID{id}, nil)
	if err != nil {
		return nil, err
	}
	announce(ctx, loaders.Path(ctx), inOrder(found, []crm.ID{id}))
	return found[id], nil
}

// distinct returns the ids without repeats, in the order of their first.
func distinct(ids []crm.ID) []crm.ID {
	seen := make(map[crm.ID]bool, len(ids))
	kept := make([]crm.ID, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// inOrder returns the records found, in the order of the ids.
func inOrder[T any](found map[crm.ID]*T, ids []crm.ID) []*T {
	records := make([]*T, 0, len(found))
	for _, id := range ids {
		if r, ok := found[id]; ok {
			records = append(records, r)
		}
	}
	return records
}
