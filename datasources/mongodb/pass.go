package mongodb

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Passes keep the promise that a parent is stored as long as something belongs
// to it. A transaction reads as of its start, and two of them conflict only if
// both write one document. One that stores an order reads its customer; one that
// removes the customer reads that it has no orders; each could miss the other.
// To lock every parent that is read would make a bulk of orders far slower, and
// let orders of one customer conflict with each other.
//
// So a transaction that stores records with parents writes to a document of its own, its
// pass, which no transaction at the same time has, and one that removes a parent
// writes to all passes. Two that store never meet; one that stores and one that
// removes always do, and one of them starts again and sees what the other did.
// It costs those that store one small command.
//
// A pass that was made after the removal's transaction had started would be
// missing there. So making passes and removing parents both write to one more
// document, the gate: then a pass is made before such a transaction starts, or
// only when it has ended.
//
// A pass is used by one transaction at a time. If nobody knows how that ended,
// the pass is left, as the server may hold it for a while yet. The server clears
// away passes that were not used for a day; who has one of these makes another.

const (
	passDocuments = "passes"
	passGate      = "gate"
	passUses      = "uses"
	passUsed      = "used_at"
	// passLife is how long a pass is kept that nobody uses.
	passLife = 24 * time.Hour
	// passesAtOnce is how many are made together.
	passesAtOnce = 8
)

// errNoPass is a pass that was cleared away.
var errNoPass = errors.New("the pass is gone")

// pass is what a transaction writes to beside its records; the zero pass is none.
type pass struct {
	id  bson.ObjectID
	all bool // that of a removal: every pass, and the gate
}

// passes are those of this process that no transaction uses.
type passes struct {
	mu     sync.Mutex
	free   []bson.ObjectID
	making chan struct{} // has room for one who makes some
}

func newPasses() *passes { return &passes{making: make(chan struct{}, 1)} }

func (p *passes) take() (bson.ObjectID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return bson.ObjectID{}, false
	}
	last := len(p.free) - 1
	id := p.free[last]
	p.free = p.free[:last]
	return id, true
}

func (p *passes) give(ids ...bson.ObjectID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, ids...)
}

// withPass calls do with the pass that the units need, again if that is gone.
func (s *Store) withPass(ctx context.Context, units []*unit, do func(pass) error) error {
	parents, removals := false, false
	for _, u := range units {
		for _, c := range u.changes {
			parents = parents || len(c.parents) > 0
			removals = removals || c.refused == nil && c.removes() && len(c.of.children) > 0
		}
	}
	if removals || !parents {
		return do(pass{all: removals})
	}
	for {
		id, err := s.takePass(ctx)
		if err != nil {
			return err
		}
		err = do(pass{id: id})
		if err == nil || mongo.IsDuplicateKeyError(err) { // Either way it has ended.
			s.passes.give(id)
		}
		if !errors.Is(err, errNoPass) {
			return err
		}
	}
}

// takePass returns a pass that nobody uses, and makes some if there is none.
func (s *Store) takePass(ctx context.Context) (bson.ObjectID, error) {
	if id, ok := s.passes.take(); ok {
		return id, nil
	}
	select {
	case s.passes.making <- struct{}{}:
		defer func() { <-s.passes.making }()
	case <-ctx.Done():
		return bson.ObjectID{}, ctx.Err()
	}
	if id, ok := s.passes.take(); ok { // Somebody has made some in the meantime.
		return id, nil
	}
	ids := make([]bson.ObjectID, passesAtOnce)
	documents := make([]any, passesAtOnce)
	for i := range ids {
		ids[i] = bson.NewObjectID()
		documents[i] = bson.D{{Key: "_id", Value: ids[i]}, {Key: passUsed, Value: bson.NewDateTimeFromTime(time.Now())}}
	}
	err := s.transact(ctx, s.timeout, func(ctx context.Context) error {
		if err := s.passGate(ctx); err != nil {
			return err
		}
		_, err := s.database.Collection(passDocuments).InsertMany(ctx, documents)
		return err
	})
	if err != nil {
		return bson.ObjectID{}, err
	}
	s.passes.give(ids[1:]...)
	return ids[0], nil
}

// passGate writes to the gate, in a transaction.
func (s *Store) passGate(ctx context.Context) error {
	_, err := s.database.Collection(passDocuments).UpdateOne(ctx, bson.D{{Key: "_id", Value: passGate}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: passUses, Value: 1}}}}, options.UpdateOne().SetUpsert(true))
	return err
}

// use writes to the pass of a transaction, if that stored records with parents or
// may have removed a parent.
func (s *Store) use(ctx context.Context, p pass, parents bool) error {
	documents := s.database.Collection(passDocuments)
	if p.all {
		if err := s.passGate(ctx); err != nil {
			return err
		}
		_, err := documents.UpdateMany(ctx, bson.D{}, bson.D{{Key: "$inc", Value: bson.D{{Key: passUses, Value: 1}}}})
		return err
	}
	if !parents {
		return nil
	}
	result, err := documents.UpdateOne(ctx, bson.D{{Key: "_id", Value: p.id}}, bson.D{
		{Key: "$inc", Value: bson.D{{Key: passUses, Value: 1}}},
		{Key: "$currentDate", Value: bson.D{{Key: passUsed, Value: true}}},
	})
	if err == nil && result.MatchedCount == 0 {
		return errNoPass
	}
	return err
}

// migratePasses has the server clear away passes that nobody uses.
func (s *Store) migratePasses(ctx context.Context) error {
	_, err := s.database.Collection(passDocuments).Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys:    bson.D{{Key: passUsed, Value: 1}},
		Options: options.Index().SetExpireAfterSeconds(int32(passLife / time.Second)),
	})
	return translate(ctx, "make the index of "+passDocuments, err)
}
