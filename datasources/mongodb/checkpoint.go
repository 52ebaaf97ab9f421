package mongodb

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/customer360/gateway/internal/crm"
)

// The collections of what processes share, and the field of the second whose
// time the server watches.
const (
	checkpointValues = "checkpoints"
	seenKeys         = "seen"
	seenUntil        = "until"
)

// checkpoints keeps what processes share. It is always read where it is
// written, wherever records are read.
type checkpoints struct {
	values, seen *mongo.Collection
}

// Checkpoints returns the small values that processes share.
func (s *Store) Checkpoints() crm.Checkpoints {
	primary := options.Collection().SetReadPreference(readpref.Primary())
	return checkpoints{s.database.Collection(checkpointValues, primary), s.database.Collection(seenKeys, primary)}
}

// Get returns the checkpoints that exist.
func (c checkpoints) Get(ctx context.Context, names []string) (map[string]crm.Checkpoint, error) {
	op := fmt.Sprintf("read %d checkpoints", len(names))
	list := make([]string, 0, len(names))
	for _, name := range names {
		if crm.ValidCheckpointName(name) {
			list = append(list, name)
		}
	}
	found := make(map[string]crm.Checkpoint, len(list))
	var documents []struct {
		Name    string `bson:"_id"`
		Version int    `bson:"version"`
		Value   []byte `bson:"value"`
	}
	cursor, err := c.values.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: list}}}},
		options.Find().SetBatchSize(batch(len(list))))
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	if err := cursor.All(ctx, &documents); err != nil {
		return nil, translate(ctx, op, err)
	}
	for _, d := range documents {
		found[d.Name] = crm.Checkpoint{Value: d.Value, Version: d.Version}
	}
	return found, nil
}

// Set stores a value if the checkpoint has the version expected, in one command.
func (c checkpoints) Set(ctx context.Context, name string, value []byte, expect int) error {
	const op = "write a checkpoint"
	if err := crm.CheckCheckpoint(name, value); err != nil {
		return err
	}
	if value == nil {
		value = []byte{} // nil would be null
	}
	stored, err := c.set(ctx, name, value, expect)
	switch {
	case mongo.IsDuplicateKeyError(err), err == nil && !stored:
		return &crm.Error{Code: crm.CodeConflict, Op: op, Message: messageConflict}
	default:
		return translate(ctx, op, err)
	}
}

func (c checkpoints) set(ctx context.Context, name string, value []byte, expect int) (stored bool, err error) {
	if expect == 0 {
		_, err := c.values.InsertOne(ctx, bson.D{
			{Key: "_id", Value: name}, {Key: "version", Value: 1}, {Key: "value", Value: value},
		})
		return err == nil, err
	}
	result, err := c.values.UpdateOne(
		ctx, bson.D{{Key: "_id", Value: name}, {Key: "version", Value: expect}},
		bson.D{
			{Key: "$set", Value: bson.D{{Key: "value", Value: value}}},
			{Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}},
		},
	)
	return err == nil && result.MatchedCount == 1, err
}

// Once remembers a key in one command: it takes over a document whose time has
// passed, or makes one, and meets its own id if there is one that counts still.
func (c checkpoints) Once(ctx context.Context, key string, until time.Time) (first bool, err error) {
	if err := crm.CheckCheckpoint(key, nil); err != nil {
		return false, err
	}
	_, err = c.seen.UpdateOne(
		ctx,
		bson.D{
			{Key: "_id", Value: key},
			{Key: seenUntil, Value: bson.D{{Key: "$lte", Value: bson.NewDateTimeFromTime(time.Now())}}},
		},
		bson.D{{Key: "$set", Value: bson.D{{Key: seenUntil, Value: bson.NewDateTimeFromTime(until)}}}},
		options.UpdateOne().SetUpsert(true),
	)
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, translate(ctx, "remember a key", err)
}

// Forget lets go of a key.
func (c checkpoints) Forget(ctx context.Context, key string) error {
	_, err := c.seen.DeleteOne(ctx, bson.D{{Key: "_id", Value: key}})
	return translate(ctx, "forget a key", err)
}
