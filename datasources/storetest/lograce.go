package storetest

import (
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

func logRaceRules() []rule {
	return []rule{
		{"a reader who follows the log while others write misses nothing", followerMissesNothing},
	}
}

// rounds is how often each writer of followerMissesNothing writes.
const rounds = 12

// ofRound returns what writer i commits in a round: the next version of its own
// customer with a new order, and a version of a customer that all writers write,
// with a new interaction.
func ofRound(i, round int) []crm.Changes {
	n := 100 + 100*i + round
	own, shared := of(crm.KindCustomer).versioned(10+i, round), of(crm.KindCustomer).versioned(1, round+1)
	return []crm.Changes{
		crm.Put(crm.Change{Record: own, Expect: round - 1}, crm.Change{Record: order(n)}),
		crm.Put(crm.Change{Record: interaction(n)}, crm.Change{Record: shared, Expect: round}),
	}
}

// followerMissesNothing has a reader go on from the last number seen until the
// writers are done and the log is at its end.
func followerMissesNothing(t testing.TB, s crm.Store) {
	customerParents(t, s)
	start := end(t, s).Number
	done := make(chan struct{})
	seen := make(chan []crm.LogEntry, 1)
	go func() {
		defer close(seen)
		seen <- pursue(t, s, start, done)
	}()
	committed := atOnce(writers, func(i int) []crm.LogEntry { return writeRounds(t, s, i) })
	close(done)
	got, want := <-seen, []crm.LogEntry{}
	for _, entries := range committed {
		want = append(want, entries...)
	}
	wantLog(t, got, want...)
	last := map[crm.ID]int{}
	for _, e := range got {
		if e.Version != last[e.ID]+1 && (e.ID != customerID(1) || e.Version != 2) {
			t.Errorf("the log tells of version %d after %d", e.Version, last[e.ID])
		}
		last[e.ID] = e.Version
	}
	wantSame(t, "log read again", follow(t, s, start, 7), got)
}

// writeRounds writes all that one writer has and gives what the log must tell of it.
func writeRounds(t testing.TB, s crm.Store, i int) []crm.LogEntry {
	told := []crm.LogEntry{}
	for round := 1; round <= rounds; round++ {
		changes := ofRound(i, round)
		outcomes, err := s.Commit(t.Context(), changes)
		if err != nil || outcomes[0] != nil {
			t.Errorf("a writer of its own records: %v, %v", err, outcomes)
			return told
		}
		for j, err := range outcomes {
			if err != nil {
				wantCode(t, "writing what another writes", err, crm.CodeConflict)
				continue
			}
			for _, c := range changes[j].Records {
				told = append(told, stored(c.Record)...)
			}
		}
	}
	return told
}

// pursue reads the log from a number on until nothing more comes after done.
func pursue(t testing.TB, s crm.Store, after int64, done <-chan struct{}) []crm.LogEntry {
	all := []crm.LogEntry{}
	for ended := false; ; {
		entries, err := s.Log(t.Context(), after, 5)
		if err != nil {
			t.Errorf("Log beside writers: %v", err)
			return all
		}
		for _, e := range entries {
			if e.Number <= after {
				t.Errorf("Log gives number %d after %d", e.Number, after)
				return all
			}
			after = e.Number
		}
		all = append(all, entries...)
		if len(entries) > 0 {
			continue
		}
		if ended {
			return all
		}
		select {
		case <-done:
			ended = true
		default:
		}
	}
}
