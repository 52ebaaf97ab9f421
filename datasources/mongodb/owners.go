package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// A value that only one record may have is kept as the id of a document that
// names its owner, in a collection beside the kind's. A unique index of the records
// would promise the same on one machine only: a sharded collection has no unique
// index but on its shard key, as each shard knows its own documents alone, whereas
// equal ids always are on one shard. The documents are written in the transaction
// of their records. Two that claim a value at the same time meet at its id.

// ownerField holds the id of the record that has the value.
const ownerField = "owner"

// owned says whose a unique value is.
type owned struct {
	Value string `bson:"_id"`
	Owner string `bson:"owner"`
}

// ownersName is the name of the collection that says whose the kind's unique
// values are, "" for a kind without.
func ownersName(d *crm.Description) string {
	if d.Unique == "" {
		return ""
	}
	return d.Name + "_" + string(d.Unique)
}

// claims is what becomes of a kind's unique values.
type claims struct {
	freed []string           // that nobody has any more
	moved []mongo.WriteModel // to another record
	taken []any              // that nobody had
}

// add adds what the change that has the last word on its record does.
func (l *claims) add(c *change, st *state) {
	for _, value := range st.initial[c.id].unique {
		if _, taken := st.owners[uniqueName(c.of, value)]; !taken {
			l.freed = append(l.freed, value)
		}
	}
	for _, value := range c.unique {
		switch st.former[uniqueName(c.of, value)] {
		case c.id:
		case "":
			l.taken = append(l.taken, owned{Value: value, Owner: c.id})
		default:
			l.move(value, c.id)
		}
	}
}

func (l *claims) move(value, owner string) {
	l.moved = append(l.moved, mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: value}}).
		SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: ownerField, Value: owner}}}}))
}

// putClaims writes what becomes of unique values.
func (c *collection) putClaims(ctx context.Context, l *claims) error {
	free := func(values []string) error { _, err := c.owners.DeleteMany(ctx, oneOf("_id", values)); return err }
	if err := inParts(l.freed, free); err != nil {
		return err
	}
	if len(l.moved) > 0 {
		if _, err := c.owners.BulkWrite(ctx, l.moved, options.BulkWrite().SetOrdered(false)); err != nil {
			return err
		}
	}
	if len(l.taken) > 0 {
		if _, err := c.owners.InsertMany(ctx, l.taken); err != nil {
			return err
		}
	}
	return nil
}

// loadOwners looks whose the unique values are.
func (c *collection) loadOwners(ctx context.Context, values []string, each func(owned)) error {
	return findParts(ctx, c.owners, "_id", values, bson.D{{Key: ownerField, Value: 1}}, each)
}
