package resolvers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

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
