package resolvers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
	// kinds are what the variable $kinds has, for arguments that name it.
	kinds []string
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
	asked := request{Query: "{ changes(" + after + " " + arguments + ") { changes { recordId kind removed record " + copied + " } endCursor hasNextPage } }"}
	if strings.Contains(arguments, "$kinds") {
		variables, err := json.Marshal(map[string]any{"kinds": f.kinds})
		if err != nil {
			t.Fatal(err)
		}
		asked = request{Query: "query Follow($kinds: [ChangeKind!]) " + asked.Query, Variables: variables}
	}
	answer := f.graph.as(t, asked, f.who)
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
