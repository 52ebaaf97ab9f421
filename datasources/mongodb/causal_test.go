package mongodb_test

import (
	"context"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// causalReads notes of a store's commands what makes reads follow others: the time that
// each majority read waits for, and the latest time that a reply has.
type causalReads struct {
	mu     sync.Mutex
	waited []bson.Timestamp // zero for a read that waits for none
	latest bson.Timestamp
}

func (c *causalReads) option() mongodb.Option {
	return mongodb.WithMonitor(&event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			concern, _ := e.Command.Lookup("readConcern").DocumentOK()
			if level, _ := concern.Lookup("level").StringValueOK(); level != "majority" {
				return
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.waited = append(c.waited, timestamp(concern.Lookup("afterClusterTime")))
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if at := timestamp(e.Reply.Lookup("operationTime")); at.After(c.latest) {
				c.latest = at
			}
		},
	})
}

func timestamp(v bson.RawValue) (at bson.Timestamp) {
	at.T, at.I, _ = v.TimestampOK()
	return at
}

// since returns what reads have waited for since the last call, and the latest time so
// far.
func (c *causalReads) since() (waited []bson.Timestamp, latest bson.Timestamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waited, c.waited = c.waited, nil
	return waited, c.latest
}

// Whatever was read of the log or committed, what a follower reads next is no older.
// Another store writes in between, so that every step has a later time to hand on.
func TestFollowersReadNothingOlderThanTheyWereTold(t *testing.T) {
	uri := mongod.URI(t)
	other := opened(t, uri)
	var reads causalReads
	s := opened(t, uri, reads.option())
	commits := func(n int) func() error {
		return func() error {
			wantCodes(t, commit(t, s, store(customer(n))), "")
			return nil
		}
	}
	log := func() error {
		_, err := s.Log(t.Context(), 0, 10)
		return err
	}
	end := func() error {
		_, err := s.LogEnd(t.Context())
		return err
	}
	latest := func() error {
		_, err := s.Latest(t.Context(), crm.KindCustomer, ids(crm.KindCustomer, 1, 3), nil)
		return err
	}
	_, told := reads.since()
	for i, step := range []struct {
		name  string
		do    func() error
		reads int // at least
	}{
		{"a commit", commits(1), 0},
		{"the records after a commit", latest, 1},
		{"a commit", commits(2), 0},
		{"the log after a commit", log, 2},
		{"the records after the log", latest, 1},
		{"the log after records", log, 2},
		{"the log when nothing waits", log, 2},
		{"a commit", commits(3), 0},
		{"the log's end after a commit", end, 2},
		{"the records after the log's end", latest, 1},
	} {
		wantCodes(t, commit(t, other, store(customer(100+i))), "")
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		waited, now := reads.since()
		if len(waited) < step.reads {
			t.Errorf("%s: %d majority reads, want %d", step.name, len(waited), step.reads)
		}
		for _, after := range waited {
			if after.Before(told) {
				t.Errorf("%s: a read waits for %v, and %v was told", step.name, after, told)
			}
		}
		if !now.After(told) {
			t.Errorf("%s: has no later time to hand on", step.name)
		}
		told = now
	}
}

// Within one call of Log, what is read of it is no older than the numbers that were just
// given.
func TestLogIsReadAfterItsNumbers(t *testing.T) {
	var reads causalReads
	s := fresh(t, reads.option())
	wantCodes(t, commit(t, s, store(customer(1))), "")
	_, committed := reads.since()
	follow(t, s, 0, 10)
	waited, _ := reads.since()
	if len(waited) < 2 || !waited[1].After(committed) {
		t.Errorf("reads wait for %v; want the second to wait for numbers given after %v", waited, committed)
	}
}
