package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// checkParents refuses writes whose parents are not there: one find for each
// collection of parents, answered by its index of ids.
func (c *collection[T, R]) checkParents(ctx context.Context, writes []*prepared, refused map[*prepared]error) error {
	wanted := map[string]map[crm.ID]bool{}
	for _, p := range writes {
		for _, parent := range p.parents {
			if parent.id == "" {
				continue
			}
			if wanted[parent.collection] == nil {
				wanted[parent.collection] = map[crm.ID]bool{}
			}
			wanted[parent.collection][parent.id] = false
		}
	}
	for name, ids := range wanted {
		if err := findIDs(ctx, c.store.database.Collection(name), ids); err != nil {
			return err
		}
	}
	for _, p := range writes {
		for _, parent := range p.parents {
			if parent.id != "" && !wanted[parent.collection][parent.id] {
				refused[p] = c.invalid("a record must refer to customers and tickets that are stored already", nil)
			}
		}
	}
	return nil
}

// findIDs sets those of the ids that are there.
func findIDs(ctx context.Context, docs *mongo.Collection, ids map[crm.ID]bool) error {
	list := make([]string, 0, len(ids))
	for id := range ids {
		list = append(list, string(id))
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: list}}}}
	var found []struct {
		ID crm.ID `bson:"_id"`
	}
	if err := read(ctx, docs, filter, bson.D{{Key: "_id", Value: 1}}, len(list), &found); err != nil {
		return err
	}
	for _, f := range found {
		ids[f.ID] = true
	}
	return nil
}

func read(ctx context.Context, docs *mongo.Collection, filter, projection bson.D, n int, into any) error {
	cursor, err := docs.Find(ctx, filter, options.Find().SetProjection(projection).SetBatchSize(batch(n)))
	if err != nil {
		return err
	}
	return cursor.All(ctx, into)
}

// checkExpected refuses writes that expect another version, a record that is not
// there, or none where there is one.
func (c *collection[T, R]) checkExpected(ctx context.Context, writes []*prepared, refused map[*prepared]error) error {
	ids := make([]string, len(writes))
	for i, p := range writes {
		ids[i] = p.id
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
	projection := bson.D{{Key: "_id", Value: 1}}
	if c.version != nil {
		projection = append(projection, bson.E{Key: "version", Value: 1})
	}
	var found []struct {
		ID      string `bson:"_id"`
		Version int    `bson:"version"`
	}
	if err := read(ctx, c.docs, filter, projection, len(ids), &found); err != nil {
		return err
	}
	stored := make(map[string]int, len(found))
	for _, f := range found {
		stored[f.ID] = f.Version
		if c.version == nil {
			stored[f.ID] = 1
		}
	}
	for _, p := range writes {
		version, there := stored[p.id]
		if there != (p.expect != 0) || version != p.expect {
			refused[p] = c.conflict()
		}
	}
	return nil
}

// checkUnique refuses writes with a unique value that is another record's. A
// value that a write before it in the same chunk gives up is free.
func (c *collection[T, R]) checkUnique(ctx context.Context, writes []*prepared, refused map[*prepared]error) error {
	values := []string{}
	for _, p := range writes {
		values = append(values, p.unique...)
	}
	if len(values) == 0 {
		return nil
	}
	filter := bson.D{{Key: path(c.unique), Value: bson.D{{Key: "$in", Value: values}}}}
	var found []struct {
		ID   string              `bson:"_id"`
		Keys map[string][]string `bson:"keys"`
	}
	projection := bson.D{{Key: path(c.unique), Value: 1}}
	if err := read(ctx, c.docs, filter, projection, len(values), &found); err != nil {
		return err
	}
	owners := map[string]string{}
	for _, f := range found {
		for _, value := range f.Keys[string(c.unique)] {
			owners[value] = f.ID
		}
	}
	for _, p := range writes {
		if refused[p] != nil {
			continue
		}
		for _, value := range p.unique {
			if owner, taken := owners[value]; taken && owner != p.id {
				refused[p] = c.conflict()
			}
		}
		if refused[p] == nil {
			p.take(owners)
		}
	}
	return nil
}

// take makes the write's record the owner of its values and of no others.
func (p *prepared) take(owners map[string]string) {
	for value, owner := range owners {
		if owner == p.id {
			delete(owners, value)
		}
	}
	for _, value := range p.unique {
		owners[value] = p.id
	}
}
