package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The server's codes for what another has done already.
const (
	codeNamespaceExists = 48
	codeIndexNotFound   = 27
)

// migrateOwners makes the collection that says whose the kind's unique values are.
// Stores of earlier versions had a unique index of the records in place of it. Such
// a store is filled from the records, and the index, which has kept the values
// unique until then, is dropped at the end: whether it is there says whether
// anything is left to do. A migration that was stopped half-way is run again, and
// writes what is missing. Two may run at once.
func (c *collection) migrateOwners(ctx context.Context) error {
	op := "make " + c.owners.Name()
	err := c.store.database.CreateCollection(ctx, c.owners.Name())
	if err != nil && !anyOf(mongo.ErrorCodes(err), []int{codeNamespaceExists}) {
		return translate(ctx, op, err)
	}
	index, err := c.formerUniqueIndex(ctx)
	if err != nil || index == "" {
		return translate(ctx, op, err)
	}
	for _, part := range []func(context.Context, string) (string, error){c.fillOwners, c.correctOwners} {
		if err := c.store.inSteps(ctx, part); err != nil {
			return translate(ctx, op, err)
		}
	}
	err = c.docs.Indexes().DropOne(ctx, index)
	if anyOf(mongo.ErrorCodes(err), []int{codeIndexNotFound}) {
		err = nil
	}
	return translate(ctx, op, err)
}

// formerUniqueIndex is the name of the unique index that earlier versions have made
// of the records, "" if there is none.
func (c *collection) formerUniqueIndex(ctx context.Context) (string, error) {
	indexes, err := c.docs.Indexes().ListSpecifications(ctx)
	if err != nil {
		return "", err
	}
	for _, index := range indexes {
		keys, err := index.KeysDocument.Elements()
		if err == nil && len(keys) == 1 && keys[0].Key() == path(c.Unique) && index.Unique != nil && *index.Unique {
			return index.Name, nil
		}
	}
	return "", nil
}

// migrateStep is how many documents one transaction of a migration goes through.
const migrateStep = 1000

// inSteps goes through a collection by id, each step a transaction of its own. A
// step is told the id to go on after, and returns the last that it has seen, ""
// when there was no more.
func (s *Store) inSteps(ctx context.Context, step func(ctx context.Context, after string) (string, error)) error {
	for after := ""; ; {
		var last string
		err := s.transact(ctx, s.timeout, func(ctx context.Context) (err error) {
			last, err = step(ctx, after)
			return err
		})
		if err != nil || last == "" {
			return err
		}
		after = last
	}
}

// following reads the documents of a step.
func following[R any](ctx context.Context, docs *mongo.Collection, after string, projection bson.D) ([]R, error) {
	cursor, err := docs.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(migrateStep).
			SetProjection(projection).SetBatchSize(batch(migrateStep)))
	if err != nil {
		return nil, err
	}
	var rows []R
	return rows, cursor.All(ctx, &rows)
}

// fillOwners goes through the records and writes whose their values are.
func (c *collection) fillOwners(ctx context.Context, after string) (last string, err error) {
	rows, err := following[row](ctx, c.docs, after, bson.D{{Key: path(c.Unique), Value: 1}})
	if err != nil || len(rows) == 0 {
		return "", err
	}
	var values []string
	for _, r := range rows {
		values = append(values, r.many(c.Unique)...)
	}
	known := map[string]string{}
	if err := c.loadOwners(ctx, values, func(o owned) { known[o.Value] = o.Owner }); err != nil {
		return "", err
	}
	var found claims
	for _, r := range rows {
		for _, value := range r.many(c.Unique) {
			switch owner, there := known[value]; {
			case !there:
				found.taken = append(found.taken, owned{Value: value, Owner: r.ID})
			case owner != r.ID:
				found.move(value, r.ID)
			}
			known[value] = r.ID
		}
	}
	return rows[len(rows)-1].ID, c.putClaims(ctx, &found)
}

// correctOwners goes through the values and removes those that their owner does not
// have: an earlier version may have gone on writing after a migration that was
// given up.
func (c *collection) correctOwners(ctx context.Context, after string) (last string, err error) {
	rows, err := following[owned](ctx, c.owners, after, bson.D{{Key: ownerField, Value: 1}})
	if err != nil || len(rows) == 0 {
		return "", err
	}
	owners := make([]string, len(rows))
	for i, o := range rows {
		owners[i] = o.Owner
	}
	slices.Sort(owners)
	has := map[owned]bool{}
	err = findParts(ctx, c.docs, "_id", slices.Compact(owners), bson.D{{Key: path(c.Unique), Value: 1}}, func(r row) {
		for _, value := range r.many(c.Unique) {
			has[owned{Value: value, Owner: r.ID}] = true
		}
	})
	if err != nil {
		return "", err
	}
	var wrong claims
	for _, o := range rows {
		if !has[o] {
			wrong.freed = append(wrong.freed, o.Value)
		}
	}
	return rows[len(rows)-1].Value, c.putClaims(ctx, &wrong)
}
