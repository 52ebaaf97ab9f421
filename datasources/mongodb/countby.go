package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// countBy is one aggregate however many ids and fields, over index keys. It
// counts id by id, as ListBy reads: of one match for all ids the planner may
// think that the index of another condition is the better one.
func (c *collection) countBy(
	ctx context.Context, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	wanted := unique(ids)
	counts := make(map[crm.ID]int, len(wanted))
	if len(wanted) == 0 || len(fields) == 0 {
		return counts, nil
	}
	op := fmt.Sprintf("count %s of %d records", c.Name, len(wanted))
	pipeline := c.forEach(fields, wanted, func(before []crm.Field) bson.A { return c.counting(before, where) })
	cursor, err := c.store.database.Aggregate(ctx, pipeline, options.Aggregate().SetBatchSize(batch(len(wanted)*len(fields))))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	var rows []struct {
		ID     string `bson:"_id"`
		Record struct {
			N int `bson:"n"`
		} `bson:"record"`
	}
	if err := cursor.All(ctx, &rows); err != nil {
		return nil, translate(ctx, op, err)
	}
	for _, row := range rows {
		counts[crm.ID(row.ID)] += row.Record.N
	}
	return counts, nil
}

// counting returns the stages that count one id's records, but for those that have
// the id in one of the fields before too: they are counted there.
func (c *collection) counting(before []crm.Field, where []crm.Predicate) bson.A {
	stages := bson.A{}
	if len(where) > 0 {
		stages = append(stages, bson.D{{Key: "$match", Value: c.shape.filter(where)}})
	}
	if len(before) > 0 {
		twice := bson.A{}
		for _, field := range before {
			twice = append(twice, c.has(field))
		}
		stages = append(stages, // A computed field, so that the index that has the fields answers it.
			bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 0}, {Key: "twice", Value: bson.D{{Key: "$or", Value: twice}}}}}},
			bson.D{{Key: "$match", Value: bson.D{{Key: "twice", Value: false}}}},
		)
	}
	return append(stages, bson.D{{Key: "$count", Value: "n"}})
}

// has returns the expression that a field has the id $$id.
func (c *collection) has(field crm.Field) bson.D {
	value := "$" + path(field)
	if c.shape[field] == crm.ClassMany {
		values := bson.D{{Key: "$ifNull", Value: bson.A{value, bson.A{}}}}
		return bson.D{{Key: "$in", Value: bson.A{"$$id", values}}}
	}
	return bson.D{{Key: "$eq", Value: bson.A{value, "$$id"}}}
}
