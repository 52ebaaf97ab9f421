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
	freed []mongo.WriteModel // that nobody has any more
	moved []mongo.WriteModel // to another record
	taken []any              // that nobody had
}

// formerOwners are the ids of the records touched that had unique values before, by
// uniqueName.
func formerOwners(units []*unit, st *state) map[string]string {
	former := map[string]string{}
	for _, u := range units {
		for _, c := range u.changes {
			for _, value := range st.initial[c.id].unique {
				former[uniqueName(c.of, value)] = c.id
			}
		}
	}
	return former
}

// add adds what the change that has the last word on its record does.
func (l *claims) add(c *change, st *state, formerOwners map[string]string) {
	for _, value := range st.initial[c.id].unique {
		if _, taken := st.owners[uniqueName(c.of, value)]; !taken {
			l.free(owned{Value: value, Owner: c.id})
		}
	}
	for _, value := range c.unique {
		switch former := formerOwners[uniqueName(c.of, value)]; former {
		case c.id:
		case "":
			l.take(owned{Value: value, Owner: c.id})
		default:
			l.move(owned{Value: value, Owner: former}, c.id)
		}
	}
}

// free removes what says whose a value is. If that is another by now, it stays.
func (l *claims) free(was owned) {
	l.freed = append(l.freed, mongo.NewDeleteOneModel().SetFilter(was.filter()))
}

// move has a value be another's. If nothing says whose it was, that is made good; if
// it says another than was thought, the values meet at the id: a duplicate.
func (l *claims) move(was owned, owner string) {
	l.moved = append(l.moved, mongo.NewUpdateOneModel().SetFilter(was.filter()).SetUpsert(true).
		SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: ownerField, Value: owner}}}}))
}

func (l *claims) take(is owned) { l.taken = append(l.taken, is) }

func (o owned) filter() bson.D {
	return bson.D{{Key: "_id", Value: o.Value}, {Key: ownerField, Value: o.Owner}}
}

// putClaims writes what becomes of unique values.
func (c *collection) putClaims(ctx context.Context, l *claims) error {
	for _, models := range [][]mongo.WriteModel{l.freed, l.moved} {
		if len(models) == 0 {
			continue
		}
		if _, err := c.owners.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false)); err != nil {
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
