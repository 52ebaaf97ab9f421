package mongodb

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// migrateTime bounds Migrate for a caller without a deadline: an index of a
// large collection takes longer than any query may.
const migrateTime = time.Hour

// Migrate makes the collections and indexes that are missing, and drops a unique
// index of records that earlier versions have made, when what takes its place is
// there: no earlier version may write to the store from then on. What one has left
// wrong all the same is made good by a Migrate WithRepair.
// It may take as long as it needs, up to an hour if ctx has no deadline; a
// server that stops answering in the middle is noticed by the driver's
// heartbeat, within 10 s and the time-out.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil { // Within the usual time-out.
		return err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, migrateTime)
		defer cancel()
	}
	for _, d := range crm.Descriptions() {
		models := []mongo.IndexModel{}
		for _, index := range indexesOf(d) {
			models = append(models, index.model())
		}
		if _, err := s.kinds[d.Kind].docs.Indexes().CreateMany(ctx, models); err != nil {
			return translate(ctx, "make the indexes of "+d.Name, err)
		}
		if d.Unique != "" {
			if err := s.kinds[d.Kind].migrateOwners(ctx); err != nil {
				return err
			}
		}
	}
	for _, migrate := range []func(context.Context) error{s.migrateLog, s.migratePasses, s.migrateAPIKeys, s.migrateSeen} {
		if err := migrate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// migrateSeen has the server clear away keys whose time has passed; it looks
// about once a minute.
func (s *Store) migrateSeen(ctx context.Context) error {
	_, err := s.database.Collection(seenKeys).Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys: bson.D{{Key: seenUntil, Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0),
	})
	return translate(ctx, "make the index of "+seenKeys, err)
}
