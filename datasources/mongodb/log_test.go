package mongodb_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// follow reads the log to its end.
func follow(t testing.TB, s crm.Store, after int64, limit int) []crm.LogEntry {
	t.Helper()
	all := []crm.LogEntry{}
	for {
		entries, err := s.Log(t.Context(), after, limit)
		if err != nil {
			t.Fatalf("read the log: %v", err)
		}
		if len(entries) == 0 {
			return all
		}
		for _, e := range entries {
			if e.Number <= after {
				t.Fatalf("number %d follows %d", e.Number, after)
			}
			after = e.Number
		}
		all = append(all, entries...)
	}
}

// What began before others and is committed after them has been read gets the
// larger number.
func TestLogHasWhatIsCommittedLate(t *testing.T) {
	uri := mongod.URI(t)
	s := opened(t, uri)
	held := newHold("commitTransaction", 0)
	late := opened(t, uri, held.option())
	outcome := make(chan []crm.Code, 1)
	go func() { outcome <- commit(t, late, store(customer(1))) }()
	<-held.met
	wantCodes(t, commit(t, s, store(customer(2))), "")
	seen := follow(t, s, 0, 10)
	held.pass()
	wantCodes(t, <-outcome, "")
	seen = append(seen, follow(t, s, seen[len(seen)-1].Number, 10)...)
	want := []crm.LogEntry{
		{Number: 1, ID: id(crm.KindCustomer, 2), Version: 1}, {Number: 2, ID: id(crm.KindCustomer, 1), Version: 1},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, follow(t, s, 0, 1)); diff != "" {
		t.Errorf("the log when it is read again (-want +got):\n%s", diff)
	}
}

// Several read and number the log while one record is written again and again by
// several: every entry is there once, and its versions are in order.
func TestLogIsInOrderForEveryReader(t *testing.T) {
	const writers, readers, versions = 3, 3, 30
	uri := mongod.URI(t)
	s := opened(t, uri)
	wantCodes(t, commit(t, s, store(customer(1))), "")
	var writing, reading sync.WaitGroup
	for range writers {
		other := opened(t, uri)
		writing.Go(func() {
			for {
				found, err := other.ByID(t.Context(), crm.KindCustomer, ids(crm.KindCustomer, 1, 1), nil)
				if err != nil || len(found) != 1 {
					t.Errorf("read the customer: %v", err)
					return
				}
				c := found[0].(*crm.Customer)
				if c.Version >= versions {
					return
				}
				c.Version++
				if _, err := other.Commit(t.Context(), []crm.Changes{crm.Put(crm.Change{Record: c, Expect: c.Version - 1})}); err != nil {
					t.Errorf("write the customer: %v", err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	logs := make([][]crm.LogEntry, readers)
	for i := range readers {
		other := opened(t, uri)
		reading.Go(func() {
			after := int64(0)
			for last := false; !last; {
				select {
				case <-done:
					last = true
				default:
				}
				entries, err := other.Log(t.Context(), after, 1000)
				if err != nil {
					t.Errorf("read the log: %v", err)
					return
				}
				if logs[i] = append(logs[i], entries...); len(entries) > 0 {
					after = entries[len(entries)-1].Number
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	want := make([]crm.LogEntry, versions)
	for i := range want {
		want[i] = crm.LogEntry{Number: int64(i) + 1, ID: id(crm.KindCustomer, 1), Version: i + 1}
	}
	for _, log := range logs {
		if diff := cmp.Diff(want, log); diff != "" {
			t.Errorf("a reader's log (-want +got):\n%s", diff)
		}
	}
}

// Without anybody who reads in between, the order of one record's writes comes
// from their stamps alone, whatever ids the documents have.
func TestNumbersFollowTheOrderOfWrites(t *testing.T) {
	uri := mongod.URI(t)
	a, b := opened(t, uri), opened(t, uri)
	want := []crm.LogEntry{{Number: 1, ID: id(crm.KindCustomer, 1), Version: 1}}
	wantCodes(t, commit(t, a, store(customer(1))), "")
	for version := 2; version <= 20; version++ {
		c := customer(1)
		c.Version = version
		wantCodes(t, commit(t, []crm.Store{a, b}[version%2], crm.Put(crm.Change{Record: c, Expect: version - 1})), "")
		want = append(want, crm.LogEntry{Number: int64(version), ID: c.ID, Version: version})
	}
	wantCodes(t, commit(t, b, crm.Put(crm.Change{Remove: id(crm.KindCustomer, 1), Expect: 20})), "")
	want = append(want, crm.LogEntry{Number: 21, ID: id(crm.KindCustomer, 1), Version: 20, Removed: true})

	log := raw(t, uri).Collection("log")
	cursor, err := log.Find(t.Context(), bson.D{{Key: "stamp", Value: bson.D{{Key: "$gt", Value: bson.Timestamp{}}}}})
	if err != nil {
		t.Fatal(err)
	}
	stamps := map[bson.Timestamp]bool{}
	for cursor.Next(t.Context()) {
		seconds, n := cursor.Current.Lookup("stamp").Timestamp()
		stamps[bson.Timestamp{T: seconds, I: n}] = true
	}
	if len(stamps) != len(want) {
		t.Errorf("%d documents have %d stamps", len(want), len(stamps))
	}
	if diff := cmp.Diff(want, follow(t, a, 0, 7)); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}

// The log of a large Changes is several documents, and is read in parts of any size.
func TestLogIsReadInParts(t *testing.T) {
	const teams = 2030 // two documents of a thousand, and what is left
	s := fresh(t)
	records := make([]crm.Record, teams)
	want := make([]crm.LogEntry, teams)
	for n := range records {
		records[n] = &crm.Team{ID: id(crm.KindTeam, n), Name: "Team", CreatedAt: at(n), UpdatedAt: at(n)}
		want[n] = crm.LogEntry{Number: int64(n) + 1, ID: id(crm.KindTeam, n), Version: 1}
	}
	wantCodes(t, commit(t, s, store(records...)), "")
	for _, limit := range []int{700, teams, 10 * teams} {
		if diff := cmp.Diff(want, follow(t, s, 0, limit)); diff != "" {
			t.Errorf("the log by %d (-want +got):\n%s", limit, diff)
		}
	}
	for _, after := range []int64{1999, 2000, 2001, teams} {
		if diff := cmp.Diff(want[after:], follow(t, s, after, 1)[:], cmp.Transformer("", func(e []crm.LogEntry) int { return len(e) })); diff != "" {
			t.Errorf("the log after %d (-want +got):\n%s", after, diff)
		}
	}
}

// More documents wait for numbers than one transaction gives: the end is behind all of
// them nevertheless.
func TestLogEndIsBehindAllThatWaits(t *testing.T) {
	const waiting = 2500
	server := mongod.Start(t)
	s := opened(t, server.URI("crm"))
	wantCodes(t, commit(t, s, store(customer(1))), "")
	documents := make([]any, waiting)
	for n := range documents {
		documents[n] = bson.D{
			{Key: "stamp", Value: bson.Timestamp{}},
			{Key: "n", Value: 1},
			{Key: "entries", Value: bson.A{bson.D{{Key: "id", Value: id(crm.KindCustomer, n)}, {Key: "version", Value: 1}}}},
		}
	}
	if _, err := server.Client().Database("crm").Collection("log").InsertMany(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
	end, err := s.LogEnd(t.Context())
	if err != nil || end.Number != waiting+1 {
		t.Errorf("the end is %d (%v), want %d", end.Number, err, waiting+1)
	}
	all := follow(t, s, 0, 1000)
	if diff := cmp.Diff(end, all[len(all)-1]); diff != "" {
		t.Errorf("the end (-LogEnd +Log):\n%s", diff)
	}
}

// The log and the latest records are read from the primary, wherever the URI sends
// other reads: here nowhere, for there is no secondary.
func TestFollowersReadThePrimary(t *testing.T) {
	server := mongod.Start(t)
	wantCodes(t, commit(t, opened(t, server.URI("crm")), store(customer(1))), "")
	uri := server.URI("crm") + "&readPreference=secondary"
	s, err := mongodb.Open(t.Context(), uri, mongodb.WithTimeout(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.WithoutCancel(t.Context())) })
	if _, err := s.ByID(t.Context(), crm.KindCustomer, ids(crm.KindCustomer, 1, 1), nil); crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("ByID gives %v, want %s: the URI is not heeded", err, crm.CodeUnavailable)
	}
	found, err := s.Latest(t.Context(), crm.KindCustomer, ids(crm.KindCustomer, 1, 1), nil)
	if err != nil || len(found) != 1 {
		t.Errorf("Latest gives %d records and %v", len(found), err)
	}
	end, err := s.LogEnd(t.Context())
	if diff := cmp.Diff(crm.LogEntry{Number: 1, ID: id(crm.KindCustomer, 1), Version: 1}, end); diff != "" || err != nil {
		t.Errorf("LogEnd gives %v (-want +got):\n%s", err, diff)
	}
}
