package mongodb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// grouped is a record found for an id.
type grouped struct {
	ID     string   `bson:"_id"`
	Record bson.Raw `bson:"record"`
}

// ListBy is one aggregate however many ids and fields: the ids are its input
// ($documents), and for each the first records are looked up by index. Every
// record is a document of the reply, so no number of them meets the limit of
// 16 MB that one document has.
func (c *collection[T, R]) ListBy(
	ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.Page[T], error) {
	wanted := unique(ids)
	pages := make(map[crm.ID]crm.Page[T], len(wanted))
	if len(wanted) == 0 || len(fields) == 0 {
		return pages, nil
	}
	op := fmt.Sprintf("list %s of %d records", c.name, len(wanted))
	size := batch(len(wanted) * len(fields) * (q.Page.Limit + 1))
	found, err := c.lookUp(ctx, op, c.lookUps(fields, wanted, q), size)
	if err != nil {
		return nil, err
	}
	for id, items := range found {
		if len(fields) > 1 {
			items = c.merge(items, q)
		}
		pages[id] = cut(items, q.Page)
	}
	return pages, nil
}

// lookUps gives the pipeline: one $lookup for each field, one after the other.
func (c *collection[T, R]) lookUps(fields []crm.Field, ids []string, q crm.Query) bson.A {
	inner := bson.A{}
	if where := c.shape.page(q); len(where) > 0 {
		inner = append(inner, bson.D{{Key: "$match", Value: where}})
	}
	inner = append(inner,
		bson.D{{Key: "$sort", Value: readingOrder(q).keys()}},
		bson.D{{Key: "$limit", Value: int64(q.Page.Limit) + 1}},
		bson.D{{Key: "$project", Value: withoutKeys()}},
	)
	input := make(bson.A, len(ids))
	for i, id := range ids {
		input[i] = bson.D{{Key: "_id", Value: id}}
	}
	var pipeline bson.A
	for i, field := range fields {
		stages := bson.A{
			bson.D{{Key: "$documents", Value: input}},
			bson.D{{Key: "$lookup", Value: bson.D{
				{Key: "from", Value: c.name}, {Key: "localField", Value: "_id"}, {Key: "foreignField", Value: path(field)},
				{Key: "pipeline", Value: inner}, {Key: "as", Value: "record"},
			}}},
			bson.D{{Key: "$unwind", Value: "$record"}},
		}
		if i == 0 {
			pipeline = stages
			continue
		}
		pipeline = append(pipeline, bson.D{{Key: "$unionWith", Value: bson.D{{Key: "pipeline", Value: stages}}}})
	}
	return pipeline
}

func (c *collection[T, R]) lookUp(
	ctx context.Context, op string, pipeline bson.A, size int32,
) (map[crm.ID][]*T, error) {
	cursor, err := c.store.database.Aggregate(ctx, pipeline, options.Aggregate().SetBatchSize(size))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // All was read, or the read's error is told.
	found := map[crm.ID][]*T{}
	for cursor.Next(ctx) {
		var row grouped
		if err := bson.Unmarshal(cursor.Current, &row); err != nil {
			return nil, translate(ctx, op, err)
		}
		item, err := c.decode(row.Record)
		if err != nil {
			return nil, translate(ctx, op, err)
		}
		id := crm.ID(row.ID)
		found[id] = append(found[id], item)
	}
	return found, translate(ctx, op, cursor.Err())
}

// merge puts what was found by several fields into reading order, each record once.
func (c *collection[T, R]) merge(items []*T, q crm.Query) []*T {
	reading := readingOrder(q)
	places := make(map[*T]crm.Position, len(items))
	for _, item := range items {
		places[item] = c.position(item, reading.field)
	}
	slices.SortFunc(items, func(a, b *T) int {
		order := compare(places[a], places[b])
		if reading.desc {
			return -order
		}
		return order
	})
	return slices.CompactFunc(items, func(a, b *T) bool { return c.id(a) == c.id(b) })
}

// position gives a record's place in a list sorted by field.
func (c *collection[T, R]) position(item *T, field crm.Field) crm.Position {
	if field == crm.FieldID {
		return crm.Position{ID: c.id(item)}
	}
	keys := c.keys(item)
	return crm.Position{Time: keys.Time[field], Text: keys.Text[field], Number: keys.Number[field], ID: c.id(item)}
}

// compare orders two places in a list; of time, text and number one is set.
func compare(a, b crm.Position) int {
	return cmp.Or(
		a.Time.Compare(b.Time), strings.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number),
		strings.Compare(string(a.ID), string(b.ID)),
	)
}

// CountBy is one aggregate over index keys.
func (c *collection[T, R]) CountBy(
	ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	wanted := unique(ids)
	counts := make(map[crm.ID]int, len(wanted))
	if len(wanted) == 0 || len(fields) == 0 {
		return counts, nil
	}
	op := fmt.Sprintf("count %s of %d records", c.name, len(wanted))
	var pipeline bson.A
	for i := range fields {
		stages := c.counting(fields[:i+1], wanted, where)
		if i == 0 {
			pipeline = stages
			continue
		}
		pipeline = append(pipeline, unionWith(c.name, stages))
	}
	cursor, err := c.docs.Aggregate(ctx, pipeline, options.Aggregate().SetBatchSize(batch(len(wanted)*len(fields))))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	var rows []struct {
		ID string `bson:"_id"`
		N  int    `bson:"n"`
	}
	if err := cursor.All(ctx, &rows); err != nil {
		return nil, translate(ctx, op, err)
	}
	for _, row := range rows {
		counts[crm.ID(row.ID)] += row.N
	}
	return counts, nil
}

// counting gives the stages that count, for each id, the records that have it in
// the last of the fields and in none of those before.
func (c *collection[T, R]) counting(fields []crm.Field, ids []string, where []crm.Predicate) bson.A {
	field, before := fields[len(fields)-1], fields[:len(fields)-1]
	asked := bson.D{{Key: path(field), Value: bson.D{{Key: "$in", Value: ids}}}}
	conditions := bson.A{asked}
	if len(where) > 0 {
		conditions = append(conditions, c.shape.filter(where))
	}
	others := bson.A{}
	for _, other := range before {
		others = append(others, "$"+path(other))
	}
	stages := bson.A{
		bson.D{{Key: "$match", Value: conjunction(conditions)}},
		bson.D{{Key: "$project", Value: bson.D{
			{Key: "_id", Value: 0}, {Key: "id", Value: "$" + path(field)}, {Key: "others", Value: others},
		}}},
	}
	if c.shape.many[field] {
		stages = append(stages,
			bson.D{{Key: "$project", Value: bson.D{{Key: "id", Value: bson.D{{Key: "$setUnion", Value: bson.A{"$id"}}}}, {Key: "others", Value: 1}}}},
			bson.D{{Key: "$unwind", Value: "$id"}},
			bson.D{{Key: "$match", Value: bson.D{{Key: "id", Value: bson.D{{Key: "$in", Value: ids}}}}}},
		)
	}
	if len(before) > 0 {
		counted := bson.D{{Key: "$in", Value: bson.A{"$id", "$others"}}}
		stages = append(stages, bson.D{{Key: "$match", Value: bson.D{
			{Key: "$expr", Value: bson.D{{Key: "$not", Value: counted}}},
		}}})
	}
	return append(stages, bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: "$id"}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}},
	}}})
}

func unionWith(collection string, stages bson.A) bson.D {
	return bson.D{{Key: "$unionWith", Value: bson.D{{Key: "coll", Value: collection}, {Key: "pipeline", Value: stages}}}}
}
