package mongodb

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

const (
	// abortTime bounds the end of a transaction that failed, and of a cursor:
	// both also end by themselves, later.
	abortTime = 500 * time.Millisecond
	// firstWait and longestWait bound the wait before a transaction is tried again.
	firstWait   = 2 * time.Millisecond
	longestWait = 100 * time.Millisecond
)

// transact runs do in a transaction, again while the server says that it only
// met another one, until the time-out. do must put what it finds out into fresh
// variables each time.
//
// A server that stops answering in the middle cannot be told to end the
// transaction: its records stay locked until it does by itself
// (transactionLifetimeLimitSeconds, 60 s), and writing them is CodeUnavailable.
//
// The driver's own WithTransaction is not used: it ends a failed transaction
// without regard to the caller's context, which a server that stopped answering
// would turn into a second time-out.
func (s *Store) transact(ctx context.Context, timeout time.Duration, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	session, err := s.client.StartSession()
	if err != nil {
		return err
	}
	defer session.EndSession(ctx)
	wait := firstWait
	for {
		err := attempt(ctx, session, do)
		if err == nil {
			s.told.note(session)
			return nil
		}
		if !labeled(err, "TransientTransactionError") {
			return err
		}
		timer := time.NewTimer(wait/2 + rand.N(wait/2)) //nolint:gosec // A wait need not be a secret.
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		}
		wait = min(2*wait, longestWait)
	}
}

func attempt(ctx context.Context, session *mongo.Session, do func(ctx context.Context) error) error {
	opts := options.Transaction().SetReadConcern(readconcern.Snapshot()).
		SetReadPreference(readpref.Primary()).SetWriteConcern(writeconcern.Majority())
	if err := session.StartTransaction(opts); err != nil {
		return err
	}
	if err := do(mongo.NewSessionContext(ctx, session)); err != nil {
		abortCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
		defer cancel()
		_ = session.AbortTransaction(abortCtx) // The error that led here is the one to tell.
		return err
	}
	for {
		err := session.CommitTransaction(ctx)
		if err == nil || ctx.Err() != nil || !labeled(err, "UnknownTransactionCommitResult") {
			return err
		}
	}
}

// labeled says whether the driver or the server gave err a label.
func labeled(err error, label string) bool {
	var l mongo.LabeledError
	return errors.As(err, &l) && l.HasErrorLabel(label)
}
