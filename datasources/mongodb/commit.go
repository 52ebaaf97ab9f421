package mongodb

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/customer360/gateway/internal/crm"
)

// longestTransaction bounds the time of a large one: the server ends what has
// taken a minute (transactionLifetimeLimitSeconds).
const longestTransaction = 55 * time.Second

// Commit stores and removes records in transactions of bounded size, a few at a
// time: when one fails, the others stay stored. A Changes is never divided.
func (s *Store) Commit(ctx context.Context, changes []crm.Changes) ([]error, error) {
	outcomes := make([]error, len(changes))
	op := fmt.Sprintf("store %d changes", len(changes))
	wave := s.newWave(ctx, outcomes)
	var next chunk
	for i := range changes {
		u, err := s.prepare(i, changes[i])
		if err != nil || len(u.changes) == 0 {
			outcomes[i] = err
			continue
		}
		if !next.takes(u) {
			wave.send(next)
			next = chunk{}
		}
		if wave.dependsOn(u) {
			if err := wave.wait(); err != nil {
				return outcomes, translate(ctx, op, err)
			}
			wave = s.newWave(ctx, outcomes)
		}
		next.add(u)
	}
	wave.send(next)
	return outcomes, translate(ctx, op, wave.wait())
}

// flush stores a chunk. New records are inserted without asking first; if that
// meets a duplicate, or if records are replaced or removed, it is looked up what
// holds. A duplicate even then lies in one of the units, as does what is too much
// for the server's cache: each goes by itself.
func (s *Store) flush(ctx context.Context, units []*unit, outcomes []error) error {
	if allNew(units) {
		if err := s.store(ctx, units, outcomes, false); !mongo.IsDuplicateKeyError(err) && !tooMuch(err) {
			return err
		}
	}
	err := s.store(ctx, units, outcomes, true)
	if !mongo.IsDuplicateKeyError(err) && !tooMuch(err) {
		return err
	}
	for i, u := range units {
		if len(units) > 1 {
			err = s.store(ctx, units[i:i+1], outcomes, true)
		}
		switch {
		case mongo.IsDuplicateKeyError(err):
			outcomes[u.at] = u.changes[0].conflict()
		case tooMuch(err):
			outcomes[u.at] = u.changes[0].invalid(messageTooMany, nil)
		case err != nil:
			return err
		}
	}
	return nil
}

// allNew says whether units only store records that shall not be there yet, each
// once: then the server itself notices what is.
func allNew(units []*unit) bool {
	seen := map[string]bool{}
	for _, u := range units {
		for _, c := range u.changes {
			if c.expect != 0 || c.doc == nil || c.refused != nil || seen[c.id] {
				return false
			}
			seen[c.id] = true
		}
	}
	return true
}

// store stores the units that can be in one transaction and sets the outcomes of
// all of them. With look, or if one of them must be refused anyhow, it looks
// first what is stored.
func (s *Store) store(ctx context.Context, units []*unit, outcomes []error, look bool) error {
	timeout := s.timeFor(units)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var refused map[*unit]error
	err := s.withPass(ctx, units, func(pass pass) error {
		return s.transact(ctx, timeout, func(ctx context.Context) error {
			state, err := s.judge(ctx, units, look)
			if err != nil {
				return err
			}
			refused = state.refused
			return s.put(ctx, units, state, pass)
		})
	})
	if err != nil {
		return err
	}
	for _, u := range units {
		outcomes[u.at] = refused[u]
	}
	return nil
}

// timeFor is how long the transaction of some units may take.
func (s *Store) timeFor(units []*unit) time.Duration {
	documents := 0
	for _, u := range units {
		documents += u.documents
	}
	more := time.Duration(documents/(maxDocuments+1)) * s.timeout
	return max(s.timeout, min(s.timeout+more, longestTransaction))
}

// judge decides which units can be stored.
func (s *Store) judge(ctx context.Context, units []*unit, look bool) (*state, error) {
	state := newState(units)
	if err := s.loadParents(ctx, state, units); err != nil {
		return nil, err
	}
	if !look {
		if state.judge(units); len(state.refused) == 0 {
			return state, nil
		}
		state.reset()
	}
	if err := s.load(ctx, state, units); err != nil {
		return nil, err
	}
	state.judge(units)
	return state, nil
}
