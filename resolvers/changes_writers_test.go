package resolvers_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
)

// slowly holds back every fifth of a store's calls of a name, until three more were
// begun, a follower has read two pages, or those who write have ended.
type slowly struct {
	mu           sync.Mutex
	changed      *sync.Cond
	begun, pages int
	// over says that nobody writes: not yet, or not any more.
	over bool
}

func newSlowly() *slowly {
	s := &slowly{over: true}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *slowly) observe(call string) {
	if call != "transaction" && call != "commitTransaction" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	s.changed.Broadcast()
	begun, pages := s.begun, s.pages
	for begun%5 == 0 && !s.over && s.begun < begun+3 && s.pages < pages+2 {
		s.changed.Wait()
	}
}

// write says that others begin to write, or have ended.
func (s *slowly) write(begins bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = !begins
	s.changed.Broadcast()
}

// read says that the follower has read.
func (s *slowly) read() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages++
	s.changed.Broadcast()
}

// TestFollowerKeepsACopy has writers write their own and one shared record, with
// transactions that take long, while a follower reads on: in the end it has what the
// store has.
func TestFollowerKeepsACopy(t *testing.T) {
	const writers, rounds = 4, 8
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		slow := newSlowly()
		store := backend.Open(t, slow.observe)
		commit(t, store, asNew(someone(0, 1)))
		graph := newGraph(store)
		f := follow(t, graph)
		slow.write(true)
		var writing sync.WaitGroup
		for w := 1; w <= writers; w++ {
			writing.Go(func() { writeAway(t, store, w, rounds) })
		}
		done := make(chan struct{})
		go func() {
			writing.Wait()
			slow.write(false)
			close(done)
		}()
		for ended := false; !ended; {
			select {
			case <-done:
				ended = true
			default:
			}
			f.rest(t, "first: 3")
			slow.read()
		}
		f.wantCopy(t)
	})
}

// writeAway stores, changes, removes and stores again records of one writer, and
// changes the shared one.
func writeAway(t testing.TB, store crm.Store, w, rounds int) {
	for round := 1; round <= rounds; round++ {
		n := 100*w + round
		shared := someone(0, 0)
		found, err := store.ByID(t.Context(), crm.KindCustomer, []crm.ID{shared.ID}, nil)
		if err == nil && len(found) == 1 {
			shared = someone(0, crm.VersionOf(found[0])+1)
		}
		own := someone(w, round)
		note := pinned(n, "of its round")
		note.CustomerID = own.ID
		changes := []crm.Changes{
			crm.Put(crm.Change{Record: own, Expect: round - 1}, asNew(note)),
			crm.Put(asNext(shared)),
			crm.Put(asNew(someone(n, 1))),
			crm.Put(asGone(someone(n, 1))),
		}
		if round%2 == 0 {
			changes = append(changes, crm.Put(asNew(someone(n, 1))), crm.Put(asGone(note)))
		}
		for i, c := range changes {
			outcomes, err := store.Commit(t.Context(), []crm.Changes{c})
			if err != nil || outcomes[0] != nil && (i != 1 || crm.CodeOf(outcomes[0]) != crm.CodeConflict) {
				t.Errorf("change %d of writer %d in round %d: %v %v", i, w, round, err, outcomes)
				return
			}
		}
	}
}

// busy is a store in which a record is written anew whenever it is read.
type busy struct {
	crm.Store
	t    testing.TB
	next int
}

func (s *busy) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID, _ *crm.Members) ([]crm.Record, error) {
	if slices.Contains(ids, someone(1, 1).ID) {
		s.next++
		commit(s.t, s.Store, asNext(someone(1, s.next)))
	}
	return s.Store.Latest(ctx, kind, ids, nil)
}

// TestChangesOfABusyRecord wants a record that is never the same again to be told of
// as it was, and not to be put off to when it rests.
func TestChangesOfABusyRecord(t *testing.T) {
	store := backends.SQLite(t, nil)
	f := follow(t, newGraph(&busy{Store: store, t: t, next: 1}))
	commit(t, store, asNew(someone(1, 1)), asNew(someone(2, 1)))
	wantTold(t, "a page before the end", f.page(t, "first: 1").told())
	wantTold(t, "the last page", f.page(t, "").told(), idsOf(someone(2, 1), someone(1, 1))...)
	wantTold(t, "the next one", f.page(t, "").told(), idsOf(someone(1, 1))...)
}
