package mongodb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// listBy is a sweep, and one aggregate for the ids that it does not come to, or for
// all of what is not swept, however many ids and fields: the ids are its input
// ($documents), and for each the first records are looked up by index. Every
// record is a document of the reply, so no number of them meets the limit of
// 16 MB that one document has.
func (c *collection) listBy(
	ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query,
) (_ map[crm.ID]crm.RecordPage, err error) {
	wanted := unique(ids)
	pages := make(map[crm.ID]crm.RecordPage, len(wanted))
	if len(wanted) == 0 || len(fields) == 0 {
		return pages, nil
	}
	if q.Members, err = c.Reads(q.Members, q.Sort.Field); err != nil {
		return nil, err
	}
	op := fmt.Sprintf("list %s of %d records", c.Name, len(wanted))
	var found map[crm.ID][]crm.Record
	if along, ok := c.sweeping(fields, len(wanted), q); ok {
		if found, wanted, err = c.sweep(ctx, op, fields, along, wanted, q); err != nil {
			return nil, err
		}
	}
	if len(wanted) > 0 {
		size := batch(len(wanted) * len(fields) * (q.Page.Limit + 1))
		others, err := c.lookUp(ctx, op, c.lookUps(fields, wanted, q), q.Members, size)
		if err != nil {
			return nil, err
		}
		if found == nil {
			found = others
		} else {
			maps.Copy(found, others)
		}
	}
	for id, items := range found {
		if len(fields) > 1 {
			items = merge(items, q)
		}
		pages[id] = cut(items, q.Page)
	}
	return pages, nil
}

// lookUps returns the pipeline: for each field the first records of every id.
func (c *collection) lookUps(fields []crm.Field, ids []string, q crm.Query) bson.A {
	inner := bson.A{}
	if where := c.shape.page(q); len(where) > 0 {
		inner = append(inner, bson.D{{Key: "$match", Value: where}})
	}
	inner = append(inner,
		bson.D{{Key: "$sort", Value: readingOrder(q).keys()}},
		bson.D{{Key: "$limit", Value: int64(q.Page.Limit) + 1}},
		bson.D{{Key: "$project", Value: projection(q.Members)}},
	)
	return c.forEach(fields, ids, func([]crm.Field) bson.A { return inner })
}

// forEach returns a pipeline that runs an inner one for every id and field, on the
// records that have the id in the field, and gives a row {_id, record} for each
// result. The inner pipeline is told the fields before its own, and knows the id
// as $$id.
func (c *collection) forEach(fields []crm.Field, ids []string, inner func(before []crm.Field) bson.A) bson.A {
	input := make(bson.A, len(ids))
	for i, id := range ids {
		input[i] = bson.D{{Key: "_id", Value: id}}
	}
	var pipeline bson.A
	for i, field := range fields {
		stages := bson.A{
			bson.D{{Key: "$documents", Value: input}},
			bson.D{{Key: "$lookup", Value: bson.D{
				{Key: "from", Value: c.Name},
				{Key: "localField", Value: "_id"},
				{Key: "foreignField", Value: path(field)},
				{Key: "let", Value: bson.D{{Key: "id", Value: "$_id"}}},
				{Key: "pipeline", Value: inner(fields[:i])},
				{Key: "as", Value: "record"},
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

func (c *collection) lookUp(
	ctx context.Context, op string, pipeline bson.A, want *crm.Members, size int32,
) (map[crm.ID][]crm.Record, error) {
	cursor, err := c.store.database.Aggregate(ctx, pipeline, options.Aggregate().SetBatchSize(size))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	defer closeCursor(ctx, cursor)
	found := map[crm.ID][]crm.Record{}
	read := c.form.ReadBSON(want, int(size))
	for n := 1; cursor.Next(ctx); n++ {
		by, _ := member(cursor.Current, "_id")
		text, _ := by.StringValueOK()
		row, _ := member(cursor.Current, "record")
		item, err := read(row.Data)
		if err != nil {
			return nil, translate(ctx, op, err)
		}
		id := crm.ID(text)
		found[id] = append(found[id], item)
		yield(n)
	}
	return found, translate(ctx, op, cursor.Err())
}

// merge puts what was found by several fields into reading order, each record once.
func merge(items []crm.Record, q crm.Query) []crm.Record {
	reading := readingOrder(q)
	if inOrder(items, reading) {
		return items
	}
	places := make(map[crm.Record]crm.Position, len(items))
	for _, item := range items {
		places[item] = position(item, reading.field)
	}
	slices.SortFunc(items, func(a, b crm.Record) int {
		order := compare(places[a], places[b])
		if reading.desc {
			return -order
		}
		return order
	})
	return slices.CompactFunc(items, func(a, b crm.Record) bool { return a.RecordID() == b.RecordID() })
}

// inOrder says whether items are in reading order, each once: one field has found them.
func inOrder(items []crm.Record, reading order) bool {
	for i := range items[1:] {
		order := compare(position(items[i], reading.field), position(items[i+1], reading.field))
		if order == 0 || (order > 0) != reading.desc {
			return false
		}
	}
	return true
}

// position returns a record's place in a list sorted by field. All keys are
// computed only for a kind that cannot say it without: tokens take their time.
func position(item crm.Record, field crm.Field) crm.Position {
	if field == crm.FieldID {
		return crm.Position{ID: item.RecordID()}
	}
	if p, ok := item.(crm.Positioned); ok {
		return p.Position(field)
	}
	keys := item.Keys()
	return crm.Position{Time: keys.Time[field], Text: keys.Text[field], Number: keys.Number[field], ID: item.RecordID()}
}

// compare orders two places in a list; of time, text and number one is set.
func compare(a, b crm.Position) int {
	return cmp.Or(
		a.Time.Compare(b.Time), strings.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number),
		strings.Compare(string(a.ID), string(b.ID)),
	)
}
