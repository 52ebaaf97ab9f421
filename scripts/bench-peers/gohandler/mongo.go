package main

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// inMongo reads plain collections: one find or aggregate a level.
type inMongo struct{ db *mongo.Database }

var customerFields = project("kind", "displayName", "tier", "emails")

func project(fields ...string) bson.D {
	d := make(bson.D, len(fields))
	for i, f := range fields {
		d[i] = bson.E{Key: f, Value: 1}
	}
	return d
}

func in(ids []string) bson.D { return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}} }

func newest(field string) bson.D { return bson.D{{Key: field, Value: -1}, {Key: "_id", Value: -1}} }

func (s *inMongo) customer(ctx context.Context, id string) (*customer, error) {
	c := new(customer)
	err := s.db.Collection("customers").FindOne(ctx, bson.D{{Key: "_id", Value: id}}, options.FindOne().SetProjection(customerFields)).Decode(c)
	return c, err
}

func (s *inMongo) customers(ctx context.Context, first int) ([]*customer, error) {
	cursor, err := s.db.Collection("customers").Find(ctx, bson.D{}, options.Find().
		SetSort(newest("updatedAt")).SetLimit(int64(first)).SetBatchSize(int32(first+1)).SetProjection(customerFields)) //nolint:gosec
	if err != nil {
		return nil, err
	}
	var list []*customer
	return list, cursor.All(ctx, &list)
}

func lookUp(ids []string, field string, limit int, fields bson.D) bson.A {
	return bson.A{
		bson.D{{Key: "$match", Value: in(ids)}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "_id", Value: 1}}}},
		bson.D{{Key: "$lookup", Value: bson.D{
			{Key: "from", Value: "orders"}, {Key: "localField", Value: "_id"}, {Key: "foreignField", Value: field}, {Key: "as", Value: "orders"},
			{Key: "pipeline", Value: bson.A{
				bson.D{{Key: "$sort", Value: newest("placedAt")}}, bson.D{{Key: "$limit", Value: limit}}, bson.D{{Key: "$project", Value: fields}},
			}},
		}}},
	}
}

// orders are those that a person placed, and those bought for an organization.
func (s *inMongo) orders(ctx context.Context, of []*customer, first int, fields ...string) (map[string][]*order, error) {
	shown := project(fields...)
	var people, others []string
	for _, c := range of {
		if c.Kind == "PERSON" {
			people = append(people, c.ID)
		} else {
			others = append(others, c.ID)
		}
	}
	var pipeline bson.A
	switch {
	case len(others) == 0:
		pipeline = lookUp(people, "customer", first, shown)
	case len(people) == 0:
		pipeline = lookUp(others, "organization", first, shown)
	default:
		pipeline = append(lookUp(people, "customer", first, shown), bson.D{{Key: "$unionWith", Value: bson.D{
			{Key: "coll", Value: "customers"}, {Key: "pipeline", Value: lookUp(others, "organization", first, shown)},
		}}})
	}
	cursor, err := s.db.Collection("customers").Aggregate(ctx, pipeline)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID     string   `bson:"_id"`
		Orders []*order `bson:"orders"`
	}
	err = cursor.All(ctx, &rows)
	found := make(map[string][]*order, len(rows))
	for _, r := range rows {
		found[r.ID] = r.Orders
	}
	return found, err
}

func (s *inMongo) products(ctx context.Context, ids []string) (map[string]*product, error) {
	cursor, err := s.db.Collection("products").Find(ctx, in(ids), options.Find().
		SetProjection(project("title")).SetBatchSize(int32(len(ids)+1))) //nolint:gosec
	if err != nil {
		return nil, err
	}
	var list []*product
	err = cursor.All(ctx, &list)
	found := make(map[string]*product, len(list))
	for _, p := range list {
		found[p.ID] = p
	}
	return found, err
}

func eq(field string, value any) bson.D { return bson.D{{Key: field, Value: value}} }

// one is the first record with an id, nil if there is none.
func one[T any](ctx context.Context, c *mongo.Collection, id string, fields bson.D) (*T, error) {
	found := new(T)
	err := c.FindOne(ctx, eq("_id", id), options.FindOne().SetProjection(fields)).Decode(found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return found, err
}

// find is one batch.
func find[T any](ctx context.Context, c *mongo.Collection, where, sort bson.D, limit int, fields bson.D) ([]T, error) {
	cursor, err := c.Find(ctx, where, options.Find().
		SetSort(sort).SetLimit(int64(limit)).SetBatchSize(int32(limit+1)).SetProjection(fields)) //nolint:gosec
	if err != nil {
		return nil, err
	}
	found := make([]T, 0, limit)
	return found, cursor.All(ctx, &found)
}

// byID are the records with ids, each of which may be named often; none asks nothing.
func byID[T any](ctx context.Context, c *mongo.Collection, ids []string, id func(*T) string, fields bson.D) (map[string]*T, error) {
	found := make(map[string]*T, len(ids))
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == "" {
		ids = ids[1:]
	}
	if len(ids) == 0 {
		return found, nil
	}
	list, err := find[T](ctx, c, in(ids), bson.D{}, len(ids), fields)
	for i := range list {
		found[id(&list[i])] = &list[i]
	}
	return found, err
}

// articlesOf are the first of each ticket, oldest first.
func articlesOf[T any](ctx context.Context, c *mongo.Collection, tickets []string, first int, fields ...string) (map[string][]T, error) {
	found := make(map[string][]T, len(tickets))
	if len(tickets) == 0 {
		return found, nil
	}
	cursor, err := c.Aggregate(ctx, bson.A{
		bson.D{{Key: "$match", Value: in(tickets)}},
		bson.D{{Key: "$project", Value: project("_id")}},
		bson.D{{Key: "$lookup", Value: bson.D{
			{Key: "from", Value: "articles"}, {Key: "localField", Value: "_id"}, {Key: "foreignField", Value: "ticket"}, {Key: "as", Value: "articles"},
			{Key: "pipeline", Value: bson.A{
				bson.D{{Key: "$sort", Value: bson.D{{Key: "createdAt", Value: 1}, {Key: "_id", Value: 1}}}},
				bson.D{{Key: "$limit", Value: first}}, bson.D{{Key: "$project", Value: project(fields...)}},
			}},
		}}},
	})
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID       string `bson:"_id"`
		Articles []T    `bson:"articles"`
	}
	err = cursor.All(ctx, &rows)
	for _, r := range rows {
		found[r.ID] = r.Articles
	}
	return found, err
}

// stamp writes an instant as the graph does; nil is null.
func stamp(t *bson.DateTime) *string {
	if t == nil {
		return nil
	}
	text := t.Time().UTC().Format(instant)
	return &text
}

// known is a list that is never null.
func known[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
