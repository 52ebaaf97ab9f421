package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// what is selected of a record by those who keep a copy.
const copied = `{ __typename id ... on Customer { version displayName updatedAt } ... on Order { number } ... on Note { text customer { id } } }`

// follower keeps a copy of a store by its changes.
type follower struct {
	graph  *graphOn
	who    *access.Principal
	cursor string
	copy   map[crm.ID]string
}

// follow begins to follow a store from now on.
func follow(t testing.TB, graph *graphOn) *follower {
	t.Helper()
	f := &follower{graph: graph, who: access.Local(), copy: map[crm.ID]string{}}
	if p := f.page(t, ""); len(p.Changes) > 0 || p.HasNextPage || p.EndCursor == "" {
		t.Errorf("without a cursor: %+v", p)
	}
	return f
}

// changesPage is a page as it is answered.
type changesPage struct {
	Changes []struct {
		RecordID crm.ID
		Kind     string
		Removed  bool
		Record   json.RawMessage
	}
	EndCursor   string
	HasNextPage bool
}

// told are the ids on a page; those of removed records with a minus before them.
func (p changesPage) told() []string {
	ids := []string{}
	for _, c := range p.Changes {
		if id := string(c.RecordID); c.Removed {
			ids = append(ids, "-"+id)
		} else {
			ids = append(ids, id)
		}
	}
	return ids
}

// ask asks for a page without keeping anything of it.
func (f *follower) ask(t testing.TB, arguments string) (page changesPage, codes []string) {
	t.Helper()
	after := "after: null"
	if f.cursor != "" {
		after = fmt.Sprintf("after: %q", f.cursor)
	}
	answer := f.graph.as(t, request{Query: "{ changes(" + after + " " + arguments + ") { changes { recordId kind removed record " + copied + " } endCursor hasNextPage } }"}, f.who)
	var got struct {
		Data   struct{ Changes *changesPage }
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	decode(t, answer, &got)
	for _, e := range got.Errors {
		codes = append(codes, e.Extensions.Code)
	}
	if got.Data.Changes == nil {
		return changesPage{}, codes
	}
	return *got.Data.Changes, codes
}

// page reads one page into the copy.
func (f *follower) page(t testing.TB, arguments string) changesPage {
	t.Helper()
	page, codes := f.ask(t, arguments)
	if codes != nil {
		t.Fatalf("changes: %v", codes)
	}
	for _, c := range page.Changes {
		if (string(c.Record) == "null") != c.Removed {
			t.Errorf("removed %t, and the record is %s", c.Removed, c.Record)
		}
		if delete(f.copy, c.RecordID); !c.Removed {
			f.copy[c.RecordID] = string(c.Record)
		}
	}
	f.cursor = page.EndCursor
	return page
}

// rest reads until there is no next page, and says what it was told.
func (f *follower) rest(t testing.TB, arguments string) (told []string) {
	t.Helper()
	for range 1000 {
		page := f.page(t, arguments)
		if told = append(told, page.told()...); !page.HasNextPage {
			return told
		}
	}
	t.Fatal("a thousand pages do not lead to the end")
	return nil
}

// wantCopy compares the copy with what the lists have of a store's records.
func (f *follower) wantCopy(t testing.TB) {
	t.Helper()
	want := map[crm.ID]string{}
	for chunk := range slices.Chunk(stored(t, f.graph.store, 5000), 100) {
		var answer struct {
			Data struct{ Nodes []json.RawMessage }
		}
		decode(t, f.graph.ask(t, "query Q($ids: [ID!]!) { nodes(ids: $ids) "+copied+" }", map[string]any{"ids": chunk}), &answer)
		for i, node := range answer.Data.Nodes {
			want[chunk[i]] = string(node)
		}
	}
	if diff := cmp.Diff(want, f.copy); diff != "" {
		t.Errorf("the copy is not the store (-store +copy):\n%.3000s", diff)
	}
}

// someone is a small customer, in one of its versions.
func someone(n, version int) *crm.Customer {
	c := &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, "feed", strconv.Itoa(n)), Version: version, Kind: crm.CustomerKindPerson,
		DisplayName: fmt.Sprintf("Person %d of %d", version, n), CreatedAt: fixture.Now, UpdatedAt: fixture.Now,
	}
	c.Complete()
	return c
}

// pinned is a note about someone; its kind has no versions.
func pinned(n int, text string) *crm.Note {
	return &crm.Note{
		ID: crm.DerivedID(crm.KindNote, "feed", strconv.Itoa(n)), CustomerID: someone(n, 1).ID, Text: text,
		CreatedAt: fixture.Now, UpdatedAt: fixture.Now,
	}
}

// commit makes changes, each by itself.
func commit(t testing.TB, store crm.Store, changes ...crm.Change) {
	t.Helper()
	for _, c := range changes {
		outcomes, err := store.Commit(t.Context(), []crm.Changes{crm.Put(c)})
		if err != nil || outcomes[0] != nil {
			t.Fatal(err, outcomes)
		}
	}
}

func asNew(r crm.Record) crm.Change { return crm.Change{Record: r} }
func asNext(r crm.Record) crm.Change {
	return crm.Change{Record: r, Expect: max(crm.VersionOf(r)-1, 1)}
}

func asGone(r crm.Record) crm.Change {
	return crm.Change{Remove: r.RecordID(), Expect: crm.VersionOf(r)}
}

func idsOf(records ...crm.Record) (list []string) {
	for _, r := range records {
		list = append(list, string(r.RecordID()))
	}
	return list
}

func wantTold(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), append([]string{}, got...)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// onEach runs a test on a fresh graph over every kind of store.
func onEach(t *testing.T, test func(t *testing.T, graph *graphOn)) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, nil)
		knownCursors(t, store)
		test(t, newGraph(store))
	})
}

// TestChangesTellEachOnce follows a store through what one record can go through.
func TestChangesTellEachOnce(t *testing.T) {
	onEach(t, func(t *testing.T, graph *graphOn) {
		f := follow(t, graph)
		if f.cursor != beginning {
			t.Errorf("the cursor of an empty log is %q", f.cursor)
		}
		wantTold(t, "an empty log", f.rest(t, ""))
		a, b, c := someone(1, 1), someone(2, 1), someone(3, 1)
		commit(t, graph.store, asNew(a), asNew(b), asNew(c), asNext(someone(1, 2)), asNew(pinned(2, "once")))
		wantTold(t, "stored", f.rest(t, ""), idsOf(b, c, a, pinned(2, ""))...)
		f.wantCopy(t)
		wantTold(t, "nothing new", f.rest(t, ""))

		// What is stored later is told of, whatever times it has.
		late := someone(4, 1)
		late.CreatedAt, late.UpdatedAt = fixture.Now.AddDate(-1, 0, 0), fixture.Now.AddDate(-1, 0, 0)
		commit(t, graph.store, asNew(late))
		wantTold(t, "stored late", f.rest(t, ""), idsOf(late)...)

		commit(t, graph.store, asGone(pinned(2, "once")), asGone(b))
		wantTold(t, "removed", f.rest(t, ""), "-"+string(pinned(2, "").ID), "-"+string(b.ID))
		f.wantCopy(t)
		commit(t, graph.store, asNew(b), asGone(c), asNew(c), asNext(someone(3, 2)), asGone(someone(3, 2)))
		wantTold(t, "stored again", f.rest(t, ""), string(b.ID), "-"+string(c.ID))
		f.wantCopy(t)

		// From the beginning and by pages of one, each that is there once, as it is now.
		f.cursor, f.copy = beginning, map[crm.ID]string{}
		wantTold(t, "whole pages", f.rest(t, "first: 100"), slices.Concat(idsOf(a, late), []string{"-" + string(pinned(2, "").ID)}, idsOf(b), []string{"-" + string(c.ID)})...)
		f.wantCopy(t)
		f.cursor, f.copy = beginning, map[crm.ID]string{}
		one := f.rest(t, "first: 1")
		f.wantCopy(t)
		for _, id := range idsOf(a, late, b) {
			// One that was stored again has the versions of before: it may come twice.
			if n := countOf(one, id); n < 1 || n > 2 || n > 1 && id != string(b.ID) {
				t.Errorf("%s is told of %d times: %v", id, n, one)
			}
		}
	})
}

func countOf(list []string, one string) (n int) {
	for _, s := range list {
		if s == one {
			n++
		}
	}
	return n
}

// TestChangesOfSomeKinds reads past many entries of a kind that is not asked for: pages
// may be empty then and have a next one, and each has read a bounded part of the log.
func TestChangesOfSomeKinds(t *testing.T) {
	onEach(t, func(t *testing.T, graph *graphOn) {
		f := follow(t, graph)
		team := &crm.Team{ID: crm.DerivedID(crm.KindTeam, "feed", "1"), Name: "Team", CreatedAt: fixture.Now, UpdatedAt: fixture.Now}
		const others = 2050
		many := make([]crm.Change, others)
		for n := range many {
			many[n] = asNew(someone(n, 1))
		}
		outcomes, err := graph.store.Commit(t.Context(), []crm.Changes{crm.Put(many...)})
		if err != nil || outcomes[0] != nil {
			t.Fatal(err, outcomes)
		}
		commit(t, graph.store, asNew(team))
		begin := f.cursor
		for i, want := range []changesPage{{HasNextPage: true}, {HasNextPage: true}, {}} {
			got := f.page(t, "first: 1 kinds: [TEAM]")
			if (len(got.Changes) == 0) != want.HasNextPage || got.HasNextPage != want.HasNextPage {
				t.Errorf("page %d: %v, next %t", i, got.told(), got.HasNextPage)
			}
		}
		f.cursor = begin
		first := f.page(t, "first: 3")
		if got, next := first.told(), first.HasNextPage; len(got) != 3 || !next {
			t.Errorf("three: %v, next %t", got, next)
		}
		wantTold(t, "all kinds", first.told()[2:], idsOf(someone(2, 1))...)
		f.rest(t, "first: 100")
		f.wantCopy(t)
		f.cursor = begin
		wantTold(t, "two kinds", f.rest(t, "kinds: [TEAM, NOTE]"), idsOf(team)...)
	})
}

// TestChangesRefuseCursors gives cursors that are none of this log's.
func TestChangesRefuseCursors(t *testing.T) {
	onEach(t, func(t *testing.T, graph *graphOn) {
		commit(t, graph.store, asNew(someone(1, 1)), asNew(someone(2, 1)), asNew(someone(3, 1)))
		end := follow(t, graph).cursor
		other := func(key bool, n ...int) string {
			store := backends.SQLite(t, nil)
			if key {
				knownCursors(t, store)
			}
			for _, n := range n {
				commit(t, store, asNew(someone(n, 1)))
			}
			return follow(t, newGraph(store)).cursor
		}
		for _, test := range []struct{ name, cursor, code string }{
			{"its own", end, ""},
			{"another store's, with the same log", other(false, 1, 2, 3), "CURSOR_EXPIRED"},
			{"another store's, with an empty log", other(false), "CURSOR_EXPIRED"},
			{"of the store before a backup was restored, further on", other(true, 1, 2, 3, 4), "CURSOR_EXPIRED"},
			{"of the store before a backup was restored, as far", other(true, 1, 2, 4), "CURSOR_EXPIRED"},
			{"made up", "AAAAAAAAAAAAAAAAAAAAAA", "CURSOR_EXPIRED"},
			{"of a list", otherCursor(t), "INVALID"},
			{"too short", end[1:], "INVALID"},
			{"not base64url", "!" + end[1:], "INVALID"},
			{"with bits too many", end[:len(end)-1] + "_", "INVALID"},
			{"long", strings.Repeat("A", 100_000), "INVALID"},
		} {
			f := &follower{graph: graph, who: access.Local(), cursor: test.cursor}
			_, codes := f.ask(t, "")
			want := []string{test.code}
			if test.code == "" {
				want = nil
			}
			if diff := cmp.Diff(want, codes); diff != "" {
				t.Errorf("a cursor that is %s (-want +got):\n%s", test.name, diff)
			}
		}
		// The end of an empty log is a place in the log that begins with its first entry.
		f := &follower{graph: graph, who: access.Local(), cursor: beginning, copy: map[crm.ID]string{}}
		f.rest(t, "")
		f.wantCopy(t)
		for _, arguments := range []string{"first: 0", "first: 101", "first: -1", "kinds: []"} {
			if _, codes := f.ask(t, arguments); !slices.Equal(codes, []string{"INVALID"}) {
				t.Errorf("%s: %v, want INVALID", arguments, codes)
			}
		}
	})
}

// trimmed is a store whose log begins behind some entries.
type trimmed struct {
	crm.Store
	upTo int64
}

func (s trimmed) Log(ctx context.Context, after int64, limit int) ([]crm.LogEntry, error) {
	return s.Store.Log(ctx, max(after, s.upTo), limit)
}

// TestChangesOfATrimmedLog follows from places that the log has and has not any more.
func TestChangesOfATrimmedLog(t *testing.T) {
	store := backends.SQLite(t, nil)
	knownCursors(t, store)
	whole := newGraph(store)
	cursors := []string{follow(t, whole).cursor}
	for n := 1; n <= 4; n++ {
		commit(t, store, asNew(someone(n, 1)))
		cursors = append(cursors, follow(t, whole).cursor)
	}
	cut := newGraph(trimmed{store, 2})
	for at, cursor := range cursors {
		f := &follower{graph: cut, who: access.Local(), cursor: cursor}
		page, codes := f.ask(t, "")
		if at <= 2 {
			wantTold(t, fmt.Sprint("from ", at), codes, "CURSOR_EXPIRED")
			continue
		}
		if codes != nil || len(page.Changes) != 4-at {
			t.Errorf("from %d: %v, %v", at, page.told(), codes)
		}
	}
}

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
		found, err := store.ByID(t.Context(), crm.KindCustomer, []crm.ID{shared.ID})
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

func (s *busy) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID) ([]crm.Record, error) {
	if slices.Contains(ids, someone(1, 1).ID) {
		s.next++
		commit(s.t, s.Store, asNext(someone(1, s.next)))
	}
	return s.Store.Latest(ctx, kind, ids)
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

// TestWhoFollowsChanges asks as everybody, for every kind and for each.
func TestWhoFollowsChanges(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		gone := fixture.Records().Notes[0]
		commit(t, graph.store, asGone(gone))
		partner := func(rows crm.RowLimits, scopes ...access.Scope) *access.Principal {
			return &access.Principal{Kind: access.KindPartner, ID: "key:test", Scopes: scopes, Rows: rows}
		}
		staff := func(roles ...access.Role) *access.Principal {
			return &access.Principal{Kind: access.KindStaff, ID: "staff:test", Roles: roles}
		}
		const yes, no = "", "FORBIDDEN"
		for _, test := range []struct {
			name  string
			who   *access.Principal
			kinds string // "" is all
			code  string
			told  []string // the kinds told of
		}{
			{"staff", access.Local(), "", yes, []string{"ARTICLE", "CUSTOMER", "EMPLOYEE", "INTERACTION", "NEED", "NEXT_BEST_ACTION", "NOTE", "ORDER", "PARTNER_APP", "PRODUCT", "RECOMMENDATION", "TEAM", "TICKET"}},
			{"an analyst", staff(access.RoleAnalyst), "", yes, []string{"CUSTOMER", "EMPLOYEE", "INTERACTION", "NEED", "NEXT_BEST_ACTION", "NOTE", "ORDER", "PARTNER_APP", "PRODUCT", "RECOMMENDATION", "TEAM", "TICKET"}},
			{"an analyst, articles", staff(access.RoleAnalyst), "[ARTICLE]", no, nil},
			{"a partner with every scope", partner(crm.RowLimits{}, access.Scopes()...), "", yes, []string{"CUSTOMER", "INTERACTION", "ORDER", "PRODUCT", "TICKET"}},
			{"a partner of orders", partner(crm.RowLimits{}, access.ScopeOrders), "", yes, []string{"ORDER"}},
			{"a partner of orders, customers", partner(crm.RowLimits{}, access.ScopeOrders), "[CUSTOMER]", no, nil},
			{"a partner of orders, both", partner(crm.RowLimits{}, access.ScopeOrders), "[CUSTOMER, ORDER]", no, nil},
			{"a partner of recommendations", partner(crm.RowLimits{}, access.ScopeRecommendations), "", no, nil},
			{"a partner, articles", partner(crm.RowLimits{}, access.Scopes()...), "[ARTICLE]", no, nil},
			{"a partner, notes", partner(crm.RowLimits{}, access.Scopes()...), "[NOTE]", no, nil},
			{"a key of some sources", partner(crm.RowLimits{Sources: []string{"webshop"}}, access.Scopes()...), "", no, nil},
			{"a key of some regions", partner(crm.RowLimits{Regions: []string{"GB"}}, access.Scopes()...), "[PRODUCT]", no, nil},
			{"a key of its own customers", partner(crm.RowLimits{Own: "erp"}, access.Scopes()...), "", no, nil},
			{"a customer", inPortal(fixture.ID(crm.KindCustomer, "zoe")), "", no, nil},
			{"a customer, products", inPortal(fixture.ID(crm.KindCustomer, "zoe")), "[PRODUCT]", no, nil},
		} {
			arguments := "first: 100"
			if test.kinds != "" {
				arguments += " kinds: " + test.kinds
			}
			f := &follower{graph: graph, who: test.who, cursor: beginning}
			told := map[string]bool{}
			var page changesPage
			var codes []string
			for more := true; more; more = page.HasNextPage {
				page, codes = f.ask(t, arguments)
				f.cursor = page.EndCursor
				for _, c := range page.Changes {
					told[c.Kind] = true
				}
			}
			var want []string
			if test.code != "" {
				want = []string{test.code}
			}
			if diff := cmp.Diff(want, codes); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
			wantTold(t, test.name, sortedKeys(told), test.told...)
		}
	})
}

func sortedKeys(set map[string]bool) (keys []string) {
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// TestChangesMaskWhatRecordsDo asks for names as somebody who may not read them.
func TestChangesMaskWhatRecordsDo(t *testing.T) {
	graph := filled(t, backends.Backends()[0], nil)
	analyst := &access.Principal{Kind: access.KindStaff, ID: "staff:test", Roles: []access.Role{access.RoleAnalyst}}
	var answer struct {
		Data struct {
			Changes struct {
				Changes []struct{ Record struct{ DisplayName string } }
			}
		}
		Extensions struct{ Masked []string }
	}
	decode(t, graph.as(t, request{Query: fmt.Sprintf("{ changes(after: %q, first: 100, kinds: [CUSTOMER]) { changes { record { ... on Customer { displayName } } } } }", beginning)}, analyst), &answer)
	if n := len(answer.Data.Changes.Changes); n != len(fixture.Records().Customers) {
		t.Errorf("%d customers", n)
	}
	for _, c := range answer.Data.Changes.Changes {
		if c.Record.DisplayName != "•••" {
			t.Errorf("an analyst reads %q", c.Record.DisplayName)
		}
	}
	wantTold(t, "masked", answer.Extensions.Masked, "Customer.displayName")
}

// TestFollowedKindsAreSeenWhole holds the feed against the policy: a partner who may
// follow a kind is given each of its records, with all that is stored.
func TestFollowedKindsAreSeenWhole(t *testing.T) {
	graph := filled(t, backends.Backends()[0], nil)
	policy := access.NewPolicy(graph.store, access.PolicyRules(), access.PolicyOptions{})
	guarded, feed := access.Store(graph.store, policy), access.NewFeed(graph.store, policy)
	ctx := access.With(t.Context(), &access.Principal{Kind: access.KindPartner, ID: "key:test", Scopes: access.Scopes()})
	followed := 0
	for _, d := range crm.Shown() {
		if follows, err := feed.Follows(ctx, d.Kind); err != nil || !follows {
			continue
		}
		followed++
		ids := []crm.ID{}
		for _, id := range stored(t, graph.store, 1000) {
			if id.Kind() == d.Kind {
				ids = append(ids, id)
			}
		}
		byID := func(a, b crm.Record) int { return strings.Compare(string(a.RecordID()), string(b.RecordID())) }
		want, err := graph.store.ByID(t.Context(), d.Kind, ids)
		got, guardedErr := guarded.ByID(ctx, d.Kind, ids)
		if err != nil || guardedErr != nil || len(want) == 0 {
			t.Fatal(err, guardedErr, len(want))
		}
		slices.SortFunc(want, byID)
		slices.SortFunc(got, byID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of %s a partner sees (-stored +seen):\n%.2000s", d.Name, diff)
		}
	}
	if followed == 0 {
		t.Error("a partner with every scope follows nothing")
	}
}

// TestDocumentedFollowing takes the steps of docs/following-changes.md with its document,
// as a partner.
func TestDocumentedFollowing(t *testing.T) {
	text, err := os.ReadFile("../docs/following-changes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```graphql\n")
	document, _, _ := strings.Cut(rest, "```")
	if diff := cmp.Diff(journey(t, "partner/follow.graphql"), document); diff != "" {
		t.Errorf("the document is not the journey's (-journey +docs):\n%s", diff)
	}
	onEach(t, func(t *testing.T, graph *graphOn) {
		partner := &access.Principal{Kind: access.KindPartner, ID: "key:test", Scopes: []access.Scope{access.ScopeCustomers, access.ScopeOrders}}
		ask := func(after *string) changesPage {
			variables, err := json.Marshal(map[string]any{"after": after})
			if err != nil {
				t.Fatal(err)
			}
			var answer struct {
				Data   struct{ Changes changesPage }
				Errors []any
			}
			decode(t, graph.as(t, request{Query: document, Variables: variables}, partner), &answer)
			if answer.Errors != nil {
				t.Fatal(answer.Errors)
			}
			return answer.Data.Changes
		}
		begin := ask(nil)
		commit(t, graph.store, asNew(someone(1, 1)), asNew(someone(2, 1)), asGone(someone(2, 1)))
		page := ask(&begin.EndCursor)
		wantTold(t, "followed", page.told(), string(someone(1, 1).ID), "-"+string(someone(2, 1).ID))
		if !strings.Contains(string(page.Changes[0].Record), "Person 1 of 1") || page.HasNextPage {
			t.Errorf("%s, next %t", page.Changes[0].Record, page.HasNextPage)
		}
	})
}
