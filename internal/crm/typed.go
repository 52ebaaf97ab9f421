package crm

import "context"

// RecordOf is a pointer to a domain type that is stored.
type RecordOf[T any] interface {
	*T
	Record
}

// Of reads and writes the records of one kind of a store, as their own type:
// Of[Customer](store). It adds nothing to what the store does.
func Of[T any, P RecordOf[T]](store Store) Records[T] {
	return typed[T]{typedReader: typedReader[T]{kind: P(nil).RecordKind(), from: store}, store: store}
}

// Read reads the records of one kind, as their own type.
func Read[T any, P RecordOf[T]](from Reads) Reader[T] {
	return typedReader[T]{kind: P(nil).RecordKind(), from: from}
}

type typedReader[T any] struct {
	kind Kind
	from Reads
}

// ByID is Reads's, typed.
func (r typedReader[T]) ByID(ctx context.Context, ids []ID, want *Members) (map[ID]*T, error) {
	list, err := r.from.ByID(ctx, r.kind, ids, want)
	found := make(map[ID]*T, len(list))
	for _, record := range list {
		found[record.RecordID()] = any(record).(*T)
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// List is Reads's, typed.
func (r typedReader[T]) List(ctx context.Context, q Query) (Page[T], error) {
	page, err := r.from.List(ctx, r.kind, q)
	if err != nil {
		return Page[T]{}, err
	}
	return typedPage[T](page), nil
}

// Count is Reads's.
func (r typedReader[T]) Count(ctx context.Context, where []Predicate) (int, error) {
	return r.from.Count(ctx, r.kind, where)
}

// ListBy is Reads's, typed.
func (r typedReader[T]) ListBy(ctx context.Context, fields []Field, ids []ID, q Query) (map[ID]Page[T], error) {
	found, err := r.from.ListBy(ctx, r.kind, fields, ids, q)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, page := range found {
		n += len(page.Items)
	}
	all := make([]*T, 0, n) // one allocation for all
	pages := make(map[ID]Page[T], len(found))
	for id, page := range found {
		from := len(all)
		for _, record := range page.Items {
			all = append(all, any(record).(*T))
		}
		typed := Page[T]{More: page.More}
		if page.Items != nil {
			typed.Items = all[from:len(all):len(all)]
		}
		pages[id] = typed
	}
	return pages, nil
}

// CountBy is Reads's.
func (r typedReader[T]) CountBy(ctx context.Context, fields []Field, ids []ID, where []Predicate) (map[ID]int, error) {
	return r.from.CountBy(ctx, r.kind, fields, ids, where)
}

func typedPage[T any](page RecordPage) Page[T] {
	typed := Page[T]{More: page.More}
	if page.Items != nil {
		typed.Items = make([]*T, len(page.Items))
	}
	for i, record := range page.Items {
		typed.Items[i] = any(record).(*T)
	}
	return typed
}

type typed[T any] struct {
	typedReader[T]
	store Store
}

// Write is a Commit in which each record stands alone.
func (t typed[T]) Write(ctx context.Context, writes []Write[T]) ([]error, error) {
	changes := make([]Changes, len(writes))
	list := make([]Change, len(writes)) // one allocation for all
	for i, w := range writes {
		list[i] = Change{Record: any(w.Record).(Record), Expect: w.Expect}
		changes[i].Records = list[i : i+1 : i+1]
	}
	return t.store.Commit(ctx, changes)
}

// Untyped is a Reads of one kind made of a typed Reader.
func Untyped[T any, P RecordOf[T]](r Reader[T]) KindReads { return untyped[T, P]{r} }

// KindReads reads the records of one kind; its methods are those of Reads.
type KindReads interface {
	ByID(ctx context.Context, ids []ID, want *Members) ([]Record, error)
	List(ctx context.Context, q Query) (RecordPage, error)
	Count(ctx context.Context, where []Predicate) (int, error)
	ListBy(ctx context.Context, fields []Field, ids []ID, q Query) (map[ID]RecordPage, error)
	CountBy(ctx context.Context, fields []Field, ids []ID, where []Predicate) (map[ID]int, error)
}

type untyped[T any, P RecordOf[T]] struct{ Reader[T] }

// ByID is Reader's, untyped.
func (u untyped[T, P]) ByID(ctx context.Context, ids []ID, want *Members) ([]Record, error) {
	found, err := u.Reader.ByID(ctx, ids, want)
	list := make([]Record, 0, len(found))
	for _, record := range found {
		list = append(list, P(record))
	}
	return list, err
}

// List is Reader's, untyped.
func (u untyped[T, P]) List(ctx context.Context, q Query) (RecordPage, error) {
	page, err := u.Reader.List(ctx, q)
	return untypedPage[T, P](page), err
}

// ListBy is Reader's, untyped.
func (u untyped[T, P]) ListBy(ctx context.Context, fields []Field, ids []ID, q Query) (map[ID]RecordPage, error) {
	found, err := u.Reader.ListBy(ctx, fields, ids, q)
	n := 0
	for _, page := range found {
		n += len(page.Items)
	}
	all := make([]Record, 0, n) // one allocation for all
	pages := make(map[ID]RecordPage, len(found))
	for id, page := range found {
		from := len(all)
		for _, record := range page.Items {
			all = append(all, P(record))
		}
		made := RecordPage{More: page.More}
		if page.Items != nil {
			made.Items = all[from:len(all):len(all)]
		}
		pages[id] = made
	}
	return pages, err
}

func untypedPage[T any, P RecordOf[T]](page Page[T]) RecordPage {
	made := RecordPage{More: page.More}
	if page.Items != nil {
		made.Items = make([]Record, len(page.Items))
	}
	for i, record := range page.Items {
		made.Items[i] = P(record)
	}
	return made
}
