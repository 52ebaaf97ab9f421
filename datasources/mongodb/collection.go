package mongodb

import (
	"context"
	"fmt"
	"math"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// collection reads and writes one kind of record.
type collection[T, R any] struct {
	kind[T, R]
	shape shape
	store *Store
	docs  *mongo.Collection
	// text is the index that search terms are found by; it has no fields where
	// a kind has no terms.
	text index
}

func newCollection[T, R any](s *Store, k kind[T, R]) *collection[T, R] {
	c := &collection[T, R]{kind: k, shape: shapeOf(k.keys(new(T))), store: s, docs: s.database.Collection(k.name)}
	for _, of := range allIndexes() {
		for _, index := range of.indexes {
			if of.collection == k.name && index.fields[0] == crm.FieldTokens {
				c.text = index
			}
		}
	}
	return c
}

// ByID is one find.
func (c *collection[T, R]) ByID(ctx context.Context, ids []crm.ID) (map[crm.ID]*T, error) {
	if c.prefix != "" {
		ids = crm.Only(c.prefix, ids)
	}
	wanted := unique(ids)
	found := make(map[crm.ID]*T, len(wanted))
	if len(wanted) == 0 {
		return found, nil
	}
	op := fmt.Sprintf("load %d of %s", len(wanted), c.name)
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: wanted}}}}
	items, err := c.find(ctx, op, filter, options.Find().SetBatchSize(batch(len(wanted))))
	for _, item := range items {
		found[c.id(item)] = item
	}
	return found, err
}

// List is one find of one record more than asked for, which says whether more follow.
func (c *collection[T, R]) List(ctx context.Context, q crm.Query) (crm.Page[T], error) {
	limit := q.Page.Limit + 1
	opts := options.Find().SetSort(readingOrder(q).keys()).SetLimit(int64(limit)).SetBatchSize(batch(limit))
	if c.searches(q) {
		opts.SetHint(c.text.keys())
	}
	items, err := c.find(ctx, "list "+c.name, c.shape.page(q), opts)
	if err != nil {
		return crm.Page[T]{}, err
	}
	return cut(items, q.Page), nil
}

// sparseTerm is how long a search term is, in bytes, that few records have.
const sparseTerm = 2

// searches says whether a list is best read by the index of search terms, in
// which it is also sorted: then no document is read but the page's. The planner
// alone may think that a list in its order has the term soon enough. For a term
// that nearly every record has, that is right.
func (c *collection[T, R]) searches(q crm.Query) bool {
	return slices.Contains(c.text.fields, q.Sort.Field) && slices.ContainsFunc(q.Where, func(p crm.Predicate) bool {
		return p.Field == crm.FieldTokens && len(p.Prefix) >= sparseTerm
	})
}

// cut makes the page of what was read for it: in reading order, with one record
// more if there are more.
func cut[T any](items []*T, page crm.PageRequest) crm.Page[T] {
	more := len(items) > page.Limit
	if more {
		items = items[:page.Limit]
	}
	if page.Backward {
		slices.Reverse(items)
	}
	return crm.Page[T]{Items: items, More: more}
}

// batch gives the size of a first batch that holds n documents and knows that
// they are all: so a page is one command.
func batch(n int) int32 { return int32(min(n+1, math.MaxInt32)) } //nolint:gosec // Bounded the line before.

func (c *collection[T, R]) find(
	ctx context.Context, op string, filter bson.D, opts *options.FindOptionsBuilder,
) ([]*T, error) {
	cursor, err := c.docs.Find(ctx, filter, opts.SetProjection(withoutKeys()))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	defer closeCursor(ctx, cursor)
	items := []*T{}
	for cursor.Next(ctx) {
		item, err := c.decode(cursor.Current)
		if err != nil {
			return nil, translate(ctx, op, err)
		}
		items = append(items, item)
	}
	return items, translate(ctx, op, cursor.Err())
}

// closeCursor ends a cursor, also on the server if that still has it, where it
// would end by itself later. The caller's context may be over by now.
func closeCursor(ctx context.Context, cursor *mongo.Cursor) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_ = cursor.Close(ctx) // All was read, or the error of reading it is told.
}

// Count asks the collection's metadata if there is no condition (after a crash
// of the server that is an estimate), and otherwise counts index keys.
func (c *collection[T, R]) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	op := "count " + c.name
	if len(where) == 0 {
		n, err := c.docs.EstimatedDocumentCount(ctx)
		return int(n), translate(ctx, op, err)
	}
	n, err := c.docs.CountDocuments(ctx, c.shape.filter(where))
	return int(n), translate(ctx, op, err)
}
