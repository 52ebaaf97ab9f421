package mongodb

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// told is the latest operation time of what a store has told of: of its transactions,
// and of its reads of the log. A read that has to be no older waits on the server until
// that time is there (readConcern.afterClusterTime). To read from the primary and by
// majority is not enough: in a cluster one shard may not have ended yet what another
// has, and a member that was the primary may answer after the next one has written.
//
// The cluster time, which servers need to wait for a time that is ahead of theirs, is
// not kept here: the driver sends the latest that any of a client's sessions was sent.
type told struct {
	mu     sync.Mutex
	latest bson.Timestamp
}

// heed has a session's reads be no older than what was told.
func (t *told) heed(session *mongo.Session) error {
	t.mu.Lock()
	latest := t.latest
	t.mu.Unlock()
	if latest.IsZero() {
		return nil
	}
	return session.AdvanceOperationTime(&latest)
}

// note tells what a session has read or written.
func (t *told) note(session *mongo.Session) {
	latest := session.OperationTime()
	if latest == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if latest.After(t.latest) {
		t.latest = *latest
	}
}

// afterTold runs reads that are no older than what the store has told of, and lets
// later ones be no older than these. Their collections are lasting.
func (s *Store) afterTold(ctx context.Context, read func(ctx context.Context) error) error {
	session, err := s.client.StartSession(options.Session().SetCausalConsistency(true))
	if err != nil {
		return err
	}
	defer session.EndSession(ctx)
	if err := s.told.heed(session); err != nil {
		return err
	}
	if err := read(mongo.NewSessionContext(ctx, session)); err != nil {
		return err // It told nothing.
	}
	s.told.note(session)
	return nil
}
