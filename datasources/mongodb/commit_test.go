package mongodb_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/customer360/gateway/datasources/mongodb"
	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// commit makes some Changes and gives their codes, "" for those that are stored.
func commit(t testing.TB, s crm.Store, changes ...crm.Changes) []crm.Code {
	t.Helper()
	outcomes, err := s.Commit(t.Context(), changes)
	if err != nil {
		t.Fatalf("commit %d changes: %v", len(changes), err)
	}
	codes := make([]crm.Code, len(outcomes))
	for i, outcome := range outcomes {
		if outcome != nil {
			codes[i] = crm.CodeOf(outcome)
		}
	}
	return codes
}

func wantCodes(t testing.TB, got []crm.Code, want ...crm.Code) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// store makes the changes that store records which are new.
func store(records ...crm.Record) crm.Changes {
	changes := make([]crm.Change, len(records))
	for i, r := range records {
		changes[i].Record = r
	}
	return crm.Put(changes...)
}

func remove(ids ...crm.ID) crm.Changes {
	changes := make([]crm.Change, len(ids))
	for i, id := range ids {
		changes[i] = crm.Change{Remove: id, Expect: 1}
	}
	return crm.Put(changes...)
}

// counts returns how many records of each kind there are, where there are any.
func counts(t testing.TB, s crm.Store) map[crm.Kind]int {
	t.Helper()
	found := map[crm.Kind]int{}
	for _, d := range crm.Descriptions() {
		page, err := s.List(t.Context(), d.Kind, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 100_000}})
		if err != nil {
			t.Fatalf("list %s: %v", d.Name, err)
		}
		if len(page.Items) > 0 {
			found[d.Kind] = len(page.Items)
		}
	}
	return found
}

func wantCounts(t testing.TB, s crm.Store, want map[crm.Kind]int) {
	t.Helper()
	if diff := cmp.Diff(want, counts(t, s)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func article(n int) *crm.Article {
	a := &crm.Article{ID: id(crm.KindArticle, n), TicketID: id(crm.KindTicket, n), Body: "Hello", CreatedAt: at(n)}
	a.Complete()
	return a
}

// family is a customer and what belongs to it, parents first.
func family(n int) []crm.Record {
	return []crm.Record{customer(n), orderOf(n, 1, n, 1), ticketOf(n, n), article(n), interactionOf(n, n)}
}

func TestChangesOfSeveralKindsAreAllOrNothing(t *testing.T) {
	s := fresh(t)
	spoiled := append(family(20), orderOf(404, 1, 404, 1)) // Its customer is not there.
	wantCodes(t, commit(t, s, store(family(10)...), store(spoiled...), store(customer(30)), store(customer(10)), crm.Changes{}),
		"", crm.CodeInvalid, "", crm.CodeConflict, "")
	all := map[crm.Kind]int{
		crm.KindCustomer: 2, crm.KindOrder: 1, crm.KindTicket: 1, crm.KindArticle: 1, crm.KindInteraction: 1,
	}
	got := counts(t, s)
	delete(got, crm.KindTimeline)
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for _, r := range family(20) {
		found, err := s.List(t.Context(), crm.KindTimeline, crm.Query{
			Where: []crm.Predicate{is(crm.FieldRef, string(r.RecordID()))},
			Sort:  crm.Sort{Field: crm.FieldOccurredAt}, Page: crm.PageRequest{Limit: 10},
		})
		if err != nil || len(found.Items) != 0 {
			t.Errorf("%d timeline entries are left of a record that was refused (%v)", len(found.Items), err)
		}
	}
}

func TestTheFirstRecordThatCannotBeStoredIsTold(t *testing.T) {
	s := fresh(t)
	wantCodes(t, commit(t, s, store(customer(1))), "")
	malformed, orphan := customer(2), orderOf(404, 1, 404, 1)
	malformed.ID = "cus_"
	wantCodes(t, commit(t, s, store(customer(1), malformed), store(malformed, customer(1)), store(customer(3), malformed), store(orphan, customer(1))),
		crm.CodeConflict, crm.CodeInvalid, crm.CodeInvalid, crm.CodeInvalid)
	if n := counts(t, s)[crm.KindCustomer]; n != 1 {
		t.Errorf("there are %d customers, want 1", n)
	}
}

func TestRemoval(t *testing.T) {
	s := fresh(t)
	wantCodes(t, commit(t, s, store(family(10)...), store(customer(20))), "", "")
	ids := []crm.ID{}
	for _, r := range family(10) {
		ids = append([]crm.ID{r.RecordID()}, ids...) // Children first.
	}
	parentFirst := append([]crm.ID{id(crm.KindCustomer, 10)}, ids[:len(ids)-1]...)
	wantCodes(t, commit(t, s,
		remove(id(crm.KindCustomer, 10)), remove(id(crm.KindTicket, 10)), remove(parentFirst...),
		crm.Put(crm.Change{Remove: id(crm.KindCustomer, 20), Expect: 2}), remove(id(crm.KindCustomer, 30)), remove("cus_"),
	), crm.CodeInvalid, crm.CodeInvalid, crm.CodeInvalid, crm.CodeConflict, crm.CodeConflict, crm.CodeInvalid)
	wantCodes(t, commit(t, s, remove(ids...), remove(id(crm.KindCustomer, 20)), store(orderOf(20, 1, 20, 1)), store(customer(20))),
		"", "", crm.CodeInvalid, "")
	got := counts(t, s)
	if got[crm.KindCustomer] != 1 || len(got) != 2 { // The new customer, and its own timeline.
		t.Errorf("after the removals there are %v", got)
	}
}

// A customer whose orders all move to another may go, in the same Changes.
func TestParentGoesWhenItsChildrenHaveMoved(t *testing.T) {
	s := fresh(t)
	wantCodes(t, commit(t, s, store(customer(1), customer(2), orderOf(1, 1, 1, 1), orderOf(1, 1, 2, 1))), "")
	first := crm.Change{Record: orderOf(2, 1, 1, 1), Expect: 1}
	second := crm.Change{Record: orderOf(2, 1, 2, 1), Expect: 1}
	gone := crm.Change{Remove: id(crm.KindCustomer, 1), Expect: 1}
	wantCodes(t, commit(t, s, crm.Put(first, gone), crm.Put(gone, first, second)), crm.CodeInvalid, crm.CodeInvalid)
	wantCodes(t, commit(t, s, crm.Put(first, second, gone)), "")
	if got := counts(t, s); got[crm.KindCustomer] != 1 || got[crm.KindOrder] != 2 {
		t.Errorf("after the move there are %v", got)
	}
}

// Two customers exchange their identities: neither may ever seem to have both.
func TestUniqueValuesAreExchanged(t *testing.T) {
	s := fresh(t)
	wantCodes(t, commit(t, s, store(named(1, 1, "a"), named(2, 1, "b"))), "")
	direct := crm.Put(crm.Change{Record: named(1, 2, "b"), Expect: 1}, crm.Change{Record: named(2, 2, "a"), Expect: 1})
	around := crm.Put(
		crm.Change{Record: named(1, 2), Expect: 1}, crm.Change{Record: named(2, 2, "a"), Expect: 1},
		crm.Change{Record: named(1, 3, "b"), Expect: 2},
	)
	wantCodes(t, commit(t, s, direct, around), crm.CodeConflict, "")
	for identity, n := range map[string]int{"a": 2, "b": 1} {
		page, err := s.List(t.Context(), crm.KindCustomer, crm.Query{
			Where: []crm.Predicate{is(crm.FieldIdentity, source+":"+identity)}, Sort: crm.Sort{Field: crm.FieldName}, Page: crm.PageRequest{Limit: 5},
		})
		if err != nil || len(page.Items) != 1 || page.Items[0].RecordID() != id(crm.KindCustomer, n) {
			t.Errorf("an identity finds %d customers (%v), want the one that took it", len(page.Items), err)
		}
	}
}

// enlarge returns a server the cache of a small machine: changes that are not
// committed may take 15 % of it. That of tests is smaller.
func enlarge(t *testing.T, server *mongod.Server) {
	t.Helper()
	cache := bson.D{{Key: "setParameter", Value: 1}, {Key: "wiredTigerEngineRuntimeConfig", Value: "cache_size=2GB"}}
	if err := server.Client().Database("admin").RunCommand(context.Background(), cache).Err(); err != nil {
		t.Fatalf("enlarge the server's cache: %v", err)
	}
}

// A Changes that is too much for the server's cache is refused, and no other.
func TestChangesBeyondTheCacheAreRefused(t *testing.T) {
	server := mongod.Start(t)
	cache := bson.D{{Key: "setParameter", Value: 1}, {Key: "wiredTigerEngineRuntimeConfig", Value: "cache_size=64MB"}}
	s := opened(t, server.URI("crm"), mongodb.WithTimeout(time.Minute))
	if err := server.Client().Database("admin").RunCommand(context.Background(), cache).Err(); err != nil {
		t.Fatalf("make the server's cache smaller: %v", err)
	}
	records := []crm.Record{}
	for n := range 4000 {
		records = append(records, customer(n))
	}
	wantCodes(t, commit(t, s, store(records...), store(customer(1))), crm.CodeInvalid, "")
}

func TestLargeChangesAreStoredTogether(t *testing.T) {
	const orders = 10_000 // With a timeline entry each, and their customer.
	server := mongod.Start(t)
	enlarge(t, server)
	s := opened(t, server.URI("crm"))
	records := []crm.Record{customer(10)}
	for n := range orders {
		records = append(records, orderOf(10, 1, n, 1))
	}
	spoiled := store(append(records[:len(records):len(records)], orderOf(404, 1, orders, 1))...)
	wantCodes(t, commit(t, s, spoiled), crm.CodeInvalid)
	wantCounts(t, s, map[crm.Kind]int{})
	wantCodes(t, commit(t, s, store(records...)), "")
	got := counts(t, s)
	if got[crm.KindOrder] != orders || got[crm.KindTimeline] < orders {
		t.Fatalf("a large Changes has stored %v", got)
	}
	ids := make([]crm.ID, 0, orders+1)
	for n := range orders {
		ids = append(ids, id(crm.KindOrder, n))
	}
	wantCodes(t, commit(t, s, remove(append(ids[1:], records[0].RecordID())...)), crm.CodeInvalid)
	wantCodes(t, commit(t, s, remove(append(ids, records[0].RecordID())...)), "")
	wantCounts(t, s, map[crm.Kind]int{})
}

func TestChangesBeyondTheBoundsAreRefused(t *testing.T) {
	s := fresh(t)
	many := make([]crm.Record, crm.MaxChangeDocuments+1)
	for i := range many {
		many[i] = &crm.Team{ID: id(crm.KindTeam, i), Name: "Team", CreatedAt: at(i), UpdatedAt: at(i)}
	}
	large := make([]crm.Record, 9)
	for i := range large {
		large[i] = &crm.Team{ID: id(crm.KindTeam, i), Name: strings.Repeat("x", crm.MaxChangeBytes/8), CreatedAt: at(i), UpdatedAt: at(i)}
	}
	huge := &crm.Team{ID: id(crm.KindTeam, 1), Name: strings.Repeat("x", 17<<20), CreatedAt: at(1), UpdatedAt: at(1)}
	wantCodes(t, commit(t, s, store(many...), store(large...), store(huge)), crm.CodeInvalid, crm.CodeInvalid, crm.CodeInvalid)
	wantCounts(t, s, map[crm.Kind]int{})
}

// What says whose unique values are counts among the documents of a transaction.
func TestTransactionsAreBounded(t *testing.T) {
	const most = 1000
	var mu sync.Mutex
	written := map[string]int{} // by transaction
	s := fresh(t, mongodb.WithMonitor(&event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if e.CommandName != "insert" || !strings.HasPrefix(e.Command.Lookup("insert").StringValue(), customers) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		written[e.Command.Lookup("lsid").String()+e.Command.Lookup("txnNumber").String()] += len(documents(e.Command, "documents"))
	}}))
	var changes []crm.Changes
	for n := range 300 {
		c := named(n, 1, strconv.Itoa(n), "a"+strconv.Itoa(n), "b"+strconv.Itoa(n), "c"+strconv.Itoa(n))
		changes = append(changes, store(c))
	}
	commit(t, s, changes...)
	sum := 0
	for _, n := range written {
		if sum += n; n > most {
			t.Errorf("a transaction has %d documents, want at most %d", n, most)
		}
	}
	if sum != 5*len(changes) {
		t.Errorf("%d documents were written, want a customer and 4 identities for each of %d", sum, len(changes))
	}
}

func TestOneOfTwoWritersHasAConflict(t *testing.T) {
	uri := mongod.URI(t)
	held := newHold("commitTransaction", 0)
	first := opened(t, uri)
	wantCodes(t, commit(t, first, store(customer(1), customer(2))), "")
	late := opened(t, uri, held.option())
	version := func(n int, tag string) crm.Change {
		c := renewed(n)
		c.Tags = []string{tag}
		return crm.Change{Record: c, Expect: 1}
	}
	outcome := make(chan []crm.Code, 1)
	go func() { outcome <- commit(t, late, crm.Put(version(1, "late"), version(2, "late"))) }()
	<-held.met
	aborted := newHold("abortTransaction", 0)
	aborted.pass()
	second := opened(t, uri, aborted.option())
	other := make(chan []crm.Code, 1)
	go func() { other <- commit(t, second, crm.Put(version(2, "other"))) }()
	met(t, aborted, other)
	held.pass()
	wantCodes(t, <-outcome, "")
	wantCodes(t, <-other, crm.CodeConflict)
}

func TestUnknownKindsAreInvalid(t *testing.T) {
	s := fresh(t)
	_, byID := s.ByID(t.Context(), "nothing", nil, nil)
	_, list := s.List(t.Context(), "", crm.Query{})
	_, count := s.Count(t.Context(), "nothing", nil)
	_, listBy := s.ListBy(t.Context(), "nothing", nil, nil, crm.Query{})
	_, countBy := s.CountBy(t.Context(), "nothing", nil, nil, nil)
	for _, err := range []error{byID, list, count, listBy, countBy} {
		wantCode(t, err, crm.CodeInvalid)
	}
	entry := &crm.TimelineRecord{ID: "x", OccurredAt: at(1)}
	wantCodes(t, commit(t, s, store(entry), crm.Put(crm.Change{}), remove("x"+crm.ID(strconv.Itoa(1)))),
		crm.CodeInvalid, crm.CodeInvalid, crm.CodeInvalid)
}

// What is looked up to store, remove and log has an index: the server refuses to
// scan a collection for it.
func TestWritesUseIndexes(t *testing.T) {
	server := mongod.Start(t)
	s := opened(t, server.URI("crm"))
	server.RefuseScans(t)
	ids := []crm.ID{}
	for _, r := range family(10) {
		ids = append([]crm.ID{r.RecordID()}, ids...) // Children first.
	}
	wantCodes(t, commit(t, s, store(family(10)...)), "")
	wantCodes(t, commit(t, s, crm.Put(crm.Change{Record: renewed(10), Expect: 1})), "")
	gone := remove(ids...)
	gone.Records[len(ids)-1].Expect = 2
	wantCodes(t, commit(t, s, remove(id(crm.KindTicket, 10)), gone), crm.CodeInvalid, "")
	if log := follow(t, s, 0, 3); len(log) != 2*len(ids)+1 {
		t.Errorf("the log has %d entries, want %d", len(log), 2*len(ids)+1)
	}
}
