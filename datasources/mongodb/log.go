package mongodb

import (
	"context"
	"errors"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"github.com/customer360/gateway/internal/crm"
)

// The log is a collection to which every transaction adds its entries, at most
// maxLogged in a document, without numbers: to give them out, writers would have
// to wait for each other. Whoever reads the log gives the numbers, to what is
// committed and has none, in a transaction that advances a counter. Two who do so
// conflict and one starts again, so numbers only grow, and an entry that is
// committed late gets one above all that anybody has seen. In a cluster the log is
// not sharded: of numbers written to several shards a reader could see one before a
// lower one.
//
// What gets numbers together gets them in the order of stamps. A stamp is a
// timestamp of zero, which the server replaces when it inserts the document, by a
// tick of its logical clock: it differs from all others, and the time of a commit
// is a later tick. Of two writes of one record the second reads what the first
// has committed, else they conflict; it is stamped after its own reads and
// writes, so its stamp is above the time of the first one's commit, which is above
// the first one's stamp. A new primary and the shards of a cluster go on from the
// clock values that they are sent with what they apply and read. Nothing else has
// that: an ObjectID is made by the gateway's clock, and those of two processes, as
// those of two servers, need not agree.

const (
	logDocuments = "log"
	// logCounter is the id of the document that holds the last number given.
	logCounter = "counter"
	logGiven   = "given"
	// logStamp is there while a document's entries have no numbers; logLast is
	// the number of its last entry when they have.
	logStamp  = "stamp"
	logFirst  = "first"
	logLast   = "last"
	logLength = "n"
	// maxLogged bounds the entries of one document.
	maxLogged = 1000
	// maxNumbered bounds the documents that get numbers in one transaction.
	maxNumbered = 1000
)

// logEntry is an entry as it is stored.
type logEntry struct {
	ID      string `bson:"id"`
	Version int    `bson:"version"`
	Removed bool   `bson:"removed,omitempty"`
}

func (e logEntry) numbered(n int64) crm.LogEntry {
	return crm.LogEntry{Number: n, ID: crm.ID(e.ID), Version: e.Version, Removed: e.Removed}
}

// append adds entries to the log, as the last statement of a transaction.
func (s *Store) append(ctx context.Context, entries []logEntry) error {
	var documents []any
	for len(entries) > 0 {
		n := min(len(entries), maxLogged)
		documents = append(documents, bson.D{
			{Key: logStamp, Value: bson.Timestamp{}}, // The server puts its own.
			{Key: logLength, Value: n},
			{Key: "entries", Value: entries[:n]},
		})
		entries = entries[n:]
	}
	_, err := s.database.Collection(logDocuments).InsertMany(ctx, documents)
	return err
}

// Log returns entries of what was stored and removed, when all that waits for a
// number has one.
func (s *Store) Log(ctx context.Context, after int64, limit int) ([]crm.LogEntry, error) {
	const op = "read the log"
	if limit <= 0 {
		return []crm.LogEntry{}, nil
	}
	log := s.database.Collection(logDocuments, lasting())
	err := s.number(ctx, log, limit)
	if err != nil {
		return nil, translate(ctx, op, err)
	}
	var entries []crm.LogEntry
	err = s.afterTold(ctx, func(ctx context.Context) (err error) {
		entries, err = readLog(ctx, log, after, limit)
		return err
	})
	return entries, translate(ctx, op, err)
}

// LogEnd returns the last entry, when all that waits for a number has one.
func (s *Store) LogEnd(ctx context.Context) (crm.LogEntry, error) {
	const op = "read the log's end"
	log := s.database.Collection(logDocuments, lasting())
	if err := s.number(ctx, log, math.MaxInt); err != nil {
		return crm.LogEntry{}, translate(ctx, op, err)
	}
	var last struct {
		Number  int64      `bson:"last"`
		Entries []logEntry `bson:"entries"`
	}
	err := s.afterTold(ctx, func(ctx context.Context) error {
		return log.FindOne(ctx, bson.D{{Key: logLast, Value: bson.D{{Key: "$gt", Value: 0}}}}, options.FindOne().
			SetSort(bson.D{{Key: logLast, Value: -1}}).
			SetProjection(bson.D{{Key: logLast, Value: 1}, {Key: "entries", Value: bson.D{{Key: "$slice", Value: -1}}}})).Decode(&last)
	})
	if errors.Is(err, mongo.ErrNoDocuments) || err == nil && len(last.Entries) == 0 {
		return crm.LogEntry{}, nil
	}
	if err != nil {
		return crm.LogEntry{}, translate(ctx, op, err)
	}
	return last.Entries[0].numbered(last.Number), nil
}

// lasting has reads see all that was committed, and nothing that could be taken
// back: whatever the URI says about reads.
func lasting() *options.CollectionOptionsBuilder {
	return options.Collection().SetReadPreference(readpref.Primary()).SetReadConcern(readconcern.Majority())
}

// number returns numbers to entries that have none, until at least so many have got
// one, or all that were there at the beginning.
func (s *Store) number(ctx context.Context, log *mongo.Collection, least int) error {
	waiting := bson.D{{Key: logStamp, Value: bson.D{{Key: "$gt", Value: bson.Timestamp{}}}}}
	for numbered, more := 0, true; more && numbered < least; {
		// Most often nothing waits, and no transaction has to find that out.
		some, err := s.waits(ctx, log, waiting)
		if err != nil || !some {
			return err
		}
		var n int
		if n, more, err = s.numberSome(ctx, waiting); err != nil {
			return err
		}
		numbered += n
	}
	return nil
}

// waits says whether any entry has no number.
func (s *Store) waits(ctx context.Context, log *mongo.Collection, waiting bson.D) (some bool, err error) {
	err = s.afterTold(ctx, func(ctx context.Context) error {
		err := log.FindOne(ctx, waiting, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
		if errors.Is(err, mongo.ErrNoDocuments) {
			return nil
		}
		some = err == nil
		return err
	})
	return some, err
}

// numberSome gives numbers to what waits, as far as one transaction may, and says to
// how many entries, and whether more may have waited when it began.
func (s *Store) numberSome(ctx context.Context, waiting bson.D) (numbered int, more bool, err error) {
	log := s.database.Collection(logDocuments)
	err = s.transact(ctx, s.timeout, func(ctx context.Context) error {
		numbered, more = 0, false
		cursor, err := log.Find(ctx, waiting, options.Find().SetSort(bson.D{{Key: logStamp, Value: 1}}).
			SetProjection(bson.D{{Key: logLength, Value: 1}}).SetLimit(maxNumbered).SetBatchSize(batch(maxNumbered)))
		if err != nil {
			return err
		}
		var documents []struct {
			ID bson.ObjectID `bson:"_id"`
			N  int           `bson:"n"`
		}
		if err := cursor.All(ctx, &documents); err != nil || len(documents) == 0 {
			return err
		}
		more = len(documents) == maxNumbered
		for _, d := range documents {
			numbered += d.N
		}
		last, err := advance(ctx, log, numbered)
		if err != nil {
			return err
		}
		first := last - int64(numbered) + 1
		updates := make([]mongo.WriteModel, len(documents))
		for i, d := range documents {
			updates[i] = mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: d.ID}}).SetUpdate(bson.D{
				{Key: "$set", Value: bson.D{{Key: logFirst, Value: first}, {Key: logLast, Value: first + int64(d.N) - 1}}},
				{Key: "$unset", Value: bson.D{{Key: logStamp, Value: ""}}},
			})
			first += int64(d.N)
		}
		_, err = log.BulkWrite(ctx, updates, options.BulkWrite().SetOrdered(false))
		return err
	})
	return numbered, more, err
}

// advance takes n numbers from the counter and gives the last of them.
func advance(ctx context.Context, log *mongo.Collection, n int) (int64, error) {
	var counter struct {
		Given int64 `bson:"given"`
	}
	err := log.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: logCounter}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: logGiven, Value: int64(n)}}}},
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&counter)
	return counter.Given, err
}

// readLog reads numbered entries: one aggregate, that reads few more than it gives.
func readLog(ctx context.Context, log *mongo.Collection, after int64, limit int) ([]crm.LogEntry, error) {
	cursor, err := log.Aggregate(ctx, bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: logLast, Value: bson.D{{Key: "$gt", Value: after}}}}}},
		bson.D{{Key: "$sort", Value: bson.D{{Key: logLast, Value: 1}}}},
		bson.D{{Key: "$limit", Value: int64(limit)}},
		bson.D{{Key: "$unwind", Value: bson.D{{Key: "path", Value: "$entries"}, {Key: "includeArrayIndex", Value: "place"}}}},
		bson.D{{Key: "$project", Value: bson.D{
			{Key: "_id", Value: 0},
			{Key: "number", Value: bson.D{{Key: "$add", Value: bson.A{"$" + logFirst, "$place"}}}},
			{Key: "entry", Value: "$entries"},
		}}},
		bson.D{{Key: "$match", Value: bson.D{{Key: "number", Value: bson.D{{Key: "$gt", Value: after}}}}}},
		bson.D{{Key: "$limit", Value: int64(limit)}},
	}, options.Aggregate().SetBatchSize(batch(limit)))
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Number int64    `bson:"number"`
		Entry  logEntry `bson:"entry"`
	}
	if err := cursor.All(ctx, &rows); err != nil {
		return nil, err
	}
	entries := make([]crm.LogEntry, len(rows))
	for i, r := range rows {
		entries[i] = r.Entry.numbered(r.Number)
	}
	return entries, nil
}

// migrateLog has the server find what has no number, and what has one by it.
func (s *Store) migrateLog(ctx context.Context) error {
	_, err := s.database.Collection(logDocuments).Indexes().CreateMany(ctx, []mongo.IndexModel{
		{Keys: bson.D{{Key: logStamp, Value: 1}}, Options: options.Index().SetSparse(true)},
		{Keys: bson.D{{Key: logLast, Value: 1}}, Options: options.Index().SetSparse(true)},
	})
	return translate(ctx, "make the indexes of "+logDocuments, err)
}
