package mongodb

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// collection reads and writes one kind of record.
type collection struct {
	*crm.Description
	form  record.Form
	shape shape
	store *Store
	docs  *mongo.Collection
	// lasting reads the same documents where and as they were written for good.
	lasting *mongo.Collection
	// owners says whose the unique values are, nil for a kind without.
	owners *mongo.Collection
	// sorted are the kind's keys in the order in which they are stored.
	sorted []crm.KeyField
	// parents are the fields that hold the ids of parents.
	parents []crm.KeyField
	// children are the fields of other kinds that hold ids of this one as parent.
	children []childField
	// text is the index that search terms are found by; it has no fields where
	// a kind has no terms.
	text index
	// indexes are the kind's, and sweeps what lists by ids remember of its fields.
	indexes []index
	sweeps  sweeps
}

// childField is a field that holds the id of a parent.
type childField struct {
	of    *collection
	field crm.Field
}

// newKinds returns the collection of every kind that is described.
func newKinds(s *Store) map[crm.Kind]*collection {
	kinds := map[crm.Kind]*collection{}
	for _, d := range crm.Descriptions() {
		kinds[d.Kind] = newCollection(s, d)
	}
	for _, d := range crm.Descriptions() {
		for _, key := range kinds[d.Kind].parents {
			parent := kinds[key.Parent]
			parent.children = append(parent.children, childField{kinds[d.Kind], key.Field})
		}
	}
	return kinds
}

func newCollection(s *Store, d *crm.Description) *collection {
	c := &collection{
		Description: d, form: record.FormOf(d.Kind), shape: shapeOf(d), store: s,
		docs: s.database.Collection(d.Name), lasting: s.database.Collection(d.Name, lasting()), sorted: sortedKeys(d),
		indexes: indexesOf(d), sweeps: newSweeps(d),
	}
	if name := ownersName(d); name != "" {
		c.owners = s.database.Collection(name)
	}
	for _, key := range d.Keys {
		if key.Parent != "" {
			c.parents = append(c.parents, key)
		}
	}
	for _, index := range c.indexes {
		if index.fields[0] == crm.FieldTokens {
			c.text = index
		}
	}
	return c
}

// byID is one find in docs or lasting.
func (c *collection) byID(ctx context.Context, from *mongo.Collection, ids []crm.ID, want *crm.Members) (_ []crm.Record, err error) {
	wanted := unique(c.Only(ids))
	if len(wanted) == 0 {
		return []crm.Record{}, nil
	}
	if want, err = c.Reads(want); err != nil {
		return nil, err
	}
	op := fmt.Sprintf("load %d of %s", len(wanted), c.Name)
	return c.find(ctx, from, op, oneOf("_id", wanted), want, len(wanted), options.Find().SetBatchSize(batch(len(wanted))))
}

// oneOf is the condition that a field has one of the values.
func oneOf(field string, values []string) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: values}}}}
}

// list is one find of one record more than asked for, which says whether more follow.
func (c *collection) list(ctx context.Context, q crm.Query) (crm.RecordPage, error) {
	want, err := c.Reads(q.Members, q.Sort.Field)
	if err != nil {
		return crm.RecordPage{}, err
	}
	limit := q.Page.Limit + 1
	opts := options.Find().SetSort(readingOrder(q).keys()).SetLimit(int64(limit)).SetBatchSize(batch(limit))
	if c.searches(q) {
		opts.SetHint(c.text.keys())
	}
	items, err := c.find(ctx, c.docs, "list "+c.Name, c.shape.page(q), want, limit, opts)
	if err != nil {
		return crm.RecordPage{}, err
	}
	return cut(items, q.Page), nil
}

// sparseTerm is how long a search term is, in bytes, that few records have.
const sparseTerm = 2

// searches says whether a list is best read by the index of search terms, in
// which it is also sorted: then no document is read but the page's. The planner
// alone may think that a list in its order has the term soon enough. For a term
// that nearly every record has, that is right.
func (c *collection) searches(q crm.Query) bool {
	return slices.Contains(c.text.fields, q.Sort.Field) && slices.ContainsFunc(q.Where, func(p crm.Predicate) bool {
		return p.Field == crm.FieldTokens && len(p.Prefix) >= sparseTerm
	})
}

// cut makes the page of what was read for it: in reading order, with one record
// more if there are more.
func cut(items []crm.Record, page crm.PageRequest) crm.RecordPage {
	more := len(items) > page.Limit
	if more {
		items = items[:page.Limit]
	}
	if page.Backward {
		slices.Reverse(items)
	}
	return crm.RecordPage{Items: items, More: more}
}

// batch returns the size of a first batch that holds n documents and knows that
// they are all: so a page is one command.
func batch(n int) int32 { return int32(min(n+1, math.MaxInt32)) } //nolint:gosec // Bounded the line before.

// maxExpected bounds for how many records there is room before they come.
const maxExpected = 1024

// find reads about n documents.
func (c *collection) find(
	ctx context.Context, from *mongo.Collection, op string, filter bson.D, want *crm.Members, n int, opts *options.FindOptionsBuilder,
) ([]crm.Record, error) {
	cursor, err := from.Find(ctx, filter, opts.SetProjection(projection(want)))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	defer closeCursor(ctx, cursor)
	items := make([]crm.Record, 0, min(n, maxExpected))
	read := c.form.ReadBSON(want, n)
	for cursor.Next(ctx) {
		item, err := read(cursor.Current)
		if err != nil {
			return nil, translate(ctx, op, err)
		}
		items = append(items, item)
		yield(len(items))
	}
	return items, translate(ctx, op, cursor.Err())
}

// yield lets others go on after every 32 documents that were decoded, which takes some
// hundred microseconds: Go takes the processor from a goroutine only after 10 ms, and
// small reads would wait that long for large ones.
func yield(decoded int) {
	if decoded%32 == 0 {
		runtime.Gosched()
	}
}

// closeCursor ends a cursor, also on the server if that still has it, where it
// would end by itself later. The caller's context may be over by now.
func closeCursor(ctx context.Context, cursor *mongo.Cursor) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_ = cursor.Close(ctx) // All was read, or the error of reading it is told.
}

// count asks the collection's metadata if there is no condition (after a crash
// of the server that is an estimate), and otherwise counts index keys.
func (c *collection) count(ctx context.Context, where []crm.Predicate) (int, error) {
	op := "count " + c.Name
	if len(where) == 0 {
		n, err := c.docs.EstimatedDocumentCount(ctx)
		return int(n), translate(ctx, op, err)
	}
	n, err := c.docs.CountDocuments(ctx, c.shape.filter(where))
	return int(n), translate(ctx, op, err)
}
