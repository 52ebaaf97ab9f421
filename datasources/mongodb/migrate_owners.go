package mongodb

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
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
//
// An earlier version that still runs then writes records and says nothing here.
// Nothing small tells that it has: counts of values can be the same though they are
// others'. So a Migrate that is asked to look at all records does it again.
func (c *collection) migrateOwners(ctx context.Context) error {
	op := "make " + c.owners.Name()
	err := c.store.database.CreateCollection(ctx, c.owners.Name())
	if err != nil && !anyOf(mongo.ErrorCodes(err), []int{codeNamespaceExists}) {
		return translate(ctx, op, err)
	}
	index, err := c.formerUniqueIndex(ctx)
	if err != nil || index == "" && !c.store.repairs {
		return translate(ctx, op, err)
	}
	shared := 0
	for _, part := range []step{c.fillOwners, c.correctOwners} {
		found, err := c.store.inSteps(ctx, part)
		if err != nil {
			return translate(ctx, op, err)
		}
		shared += found
	}
	if index != "" {
		err = c.docs.Indexes().DropOne(ctx, index)
		if err != nil && !anyOf(mongo.ErrorCodes(err), []int{codeIndexNotFound}) {
			return translate(ctx, op, err)
		}
	}
	if shared > 0 {
		return &crm.Error{Code: crm.CodeConflict, Op: op, Message: fmt.Sprintf(messageShared, c.Name, shared)}
	}
	return nil
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
		if err != nil {
			return "", err
		}
		if len(keys) == 1 && keys[0].Key() == path(c.Unique) && index.Unique != nil && *index.Unique {
			return index.Name, nil
		}
	}
	return "", nil
}

// migrateStep is how many documents one transaction of a migration goes through.
const migrateStep = 1000

// step goes through some documents of a collection, from the id to go on after, in a
// transaction. It returns the last that it has seen, "" when there was no more, and how
// many values it has found to be several records'.
type step func(ctx context.Context, after string) (last string, shared int, err error)

// inSteps goes through a collection by id, each step a transaction of its own, and adds
// up what they found.
func (s *Store) inSteps(ctx context.Context, do step) (shared int, err error) {
	for after := ""; ; {
		var last string
		var found int
		err := s.transact(ctx, s.timeout, func(ctx context.Context) (err error) {
			last, found, err = do(ctx, after)
			return err
		})
		if err != nil || last == "" {
			return shared, err
		}
		after, shared = last, shared+found
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

// fillOwners goes through the records and writes whose their values are. What two
// records have stays that of the one which it is said to be, and is counted.
func (c *collection) fillOwners(ctx context.Context, after string) (last string, shared int, err error) {
	rows, err := following[row](ctx, c.docs, after, bson.D{{Key: path(c.Unique), Value: 1}})
	if err != nil || len(rows) == 0 {
		return "", 0, err
	}
	said, has, err := c.loadClaims(ctx, rows)
	if err != nil {
		return "", 0, err
	}
	var found claims
	var written []string
	for _, r := range rows {
		for _, value := range r.many(c.Unique) {
			is, was := owned{Value: value, Owner: r.ID}, owned{Value: value, Owner: said[value]}
			switch {
			case was == is:
				continue
			case has[was]:
				shared++
				continue
			case was.Owner == "":
				found.take(is)
			default:
				found.move(was, r.ID)
			}
			said[value] = r.ID
			written = append(written, r.ID)
		}
	}
	if err := inParts(slices.Compact(written), func(part []string) error { return c.lock(ctx, part) }); err != nil {
		return "", 0, err
	}
	return rows[len(rows)-1].ID, shared, c.putClaims(ctx, &found)
}

// loadClaims looks whose the records' values are said to be, and which values these
// records have, and those that are said to have one of theirs.
func (c *collection) loadClaims(ctx context.Context, rows []row) (said map[string]string, has map[owned]bool, err error) {
	said, has = map[string]string{}, map[owned]bool{}
	var values, others []string
	for i := range rows {
		values = append(values, rows[i].many(c.Unique)...)
		c.note(has, &rows[i])
	}
	if err := c.loadOwners(ctx, values, func(o owned) { said[o.Value] = o.Owner }); err != nil {
		return nil, nil, err
	}
	for value, owner := range said {
		if !has[owned{Value: value, Owner: owner}] {
			others = append(others, owner)
		}
	}
	return said, has, c.loadValues(ctx, others, has)
}

// loadValues notes the unique values that some records have.
func (c *collection) loadValues(ctx context.Context, ids []string, has map[owned]bool) error {
	slices.Sort(ids)
	return findParts(ctx, c.docs, "_id", slices.Compact(ids), bson.D{{Key: path(c.Unique), Value: 1}}, func(r row) { c.note(has, &r) })
}

func (c *collection) note(has map[owned]bool, r *row) {
	for _, value := range r.many(c.Unique) {
		has[owned{Value: value, Owner: r.ID}] = true
	}
}

// lock writes to records and undoes it, so that a transaction at the same time which
// takes one of their values away meets this one. It does not meet it at the value, as it
// found nothing there to remove.
func (c *collection) lock(ctx context.Context, ids []string) error {
	field := bson.D{{Key: "locked", Value: true}}
	for _, operator := range []string{"$set", "$unset"} {
		if _, err := c.docs.UpdateMany(ctx, oneOf("_id", ids), bson.D{{Key: operator, Value: field}}); err != nil {
			return err
		}
	}
	return nil
}

// correctOwners goes through the values and removes those that their owner does not
// have: an earlier version may have gone on writing.
func (c *collection) correctOwners(ctx context.Context, after string) (last string, _ int, err error) {
	rows, err := following[owned](ctx, c.owners, after, bson.D{{Key: ownerField, Value: 1}})
	if err != nil || len(rows) == 0 {
		return "", 0, err
	}
	owners := make([]string, len(rows))
	for i, o := range rows {
		owners[i] = o.Owner
	}
	has := map[owned]bool{}
	if err := c.loadValues(ctx, owners, has); err != nil {
		return "", 0, err
	}
	var wrong claims
	for _, o := range rows {
		if !has[o] {
			wrong.free(o)
		}
	}
	return rows[len(rows)-1].Value, 0, c.putClaims(ctx, &wrong)
}
