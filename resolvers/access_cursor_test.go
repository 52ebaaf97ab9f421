package resolvers_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// TestCursorsHoldNoScore pages through a customer's recommendations as the
// customer, whose cursors tell nothing of the score, to the same entries that
// staff see, and refuses a cursor made of somebody else's.
func TestCursorsHoldNoScore(t *testing.T) {
	t.Parallel()
	graph := filled(t, backends.Backends()[0], nil)
	best, others := mostRecommended(t)
	query := `query($first: Int, $after: String, $before: String) { viewer { customer { recommendations(first: $first, after: $after, before: $before) {
		edges { cursor node { id } } pageInfo { startCursor endCursor hasNextPage } } } } }`
	type edge struct {
		Cursor string
		Node   struct{ ID crm.ID }
	}
	type list struct {
		Viewer struct {
			Customer struct {
				Recommendations struct {
					Edges    []edge
					PageInfo struct {
						StartCursor, EndCursor string
						HasNextPage            bool
					}
				}
			}
		}
	}
	who := inPortal(best[0].CustomerID)
	var whole list
	decode(t, []byte(graph.asked(t, who, query, nil).data), &whole)
	var ids, want []crm.ID
	for _, r := range best { // Those that customers may see.
		if slices.ContainsFunc(whole.Viewer.Customer.Recommendations.Edges, func(e edge) bool { return e.Node.ID == r.ID }) {
			want = append(want, r.ID)
		}
	}
	if len(want) < 3 {
		t.Fatalf("%d recommendations are too few", len(want))
	}
	variables := map[string]any{"first": 1}
	for {
		got := graph.asked(t, who, query, variables)
		if len(got.errors) > 0 {
			t.Fatal(got.errors)
		}
		var page list
		decode(t, []byte(got.data), &page)
		found := page.Viewer.Customer.Recommendations
		for _, e := range found.Edges {
			ids = append(ids, e.Node.ID)
			for _, cursor := range []string{e.Cursor, found.PageInfo.StartCursor, found.PageInfo.EndCursor} {
				if held := held(t, cursor); held["n"] != nil || held["i"] != string(e.Node.ID) {
					t.Errorf("the cursor holds %v", held)
				}
			}
		}
		if !found.PageInfo.HasNextPage {
			break
		}
		variables["after"] = found.PageInfo.EndCursor
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("the entries are not those by score (-want +got):\n%s", diff)
	}
	first := held(t, variables["after"].(string))
	for name, forge := range map[string]map[string]any{
		"a score":              {"h": first["h"], "i": want[0], "n": 1},
		"somebody else's":      {"h": first["h"], "i": others[0].ID},
		"one that there isn't": {"h": first["h"], "i": "rec_00000000000000000000000000"},
	} {
		raw, err := json.Marshal(forge)
		if err != nil {
			t.Fatal(err)
		}
		got := graph.asked(t, who, query, map[string]any{"first": 100, "after": base64.RawURLEncoding.EncodeToString(raw)})
		if name == "a score" {
			var page list
			decode(t, []byte(got.data), &page)
			if n := len(page.Viewer.Customer.Recommendations.Edges); n != len(want)-1 {
				t.Errorf("a score in a cursor moves the page: %d entries after the first of %d", n, len(want))
			}
		} else if diff := cmp.Diff([]string{"INVALID viewer.customer.recommendations"}, got.errors); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

// held reads a cursor.
func held(t *testing.T, cursor string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	var content map[string]any
	decode(t, raw, &content)
	return content
}

// mostRecommended returns the recommendations of the customer with the most of
// them, the best first, and those of others.
func mostRecommended(t *testing.T) (best, others []*crm.Recommendation) {
	t.Helper()
	clock := fixture.Now
	of := map[crm.ID][]*crm.Recommendation{}
	for _, r := range fixture.Records().Recommendations {
		of[r.CustomerID] = append(of[r.CustomerID], r)
	}
	for _, c := range fixture.Records().Customers {
		if list := of[c.ID]; len(list) > len(best) && !c.PersonalizationWithheld(clock) {
			best = list
		}
	}
	for id, list := range of {
		if len(best) > 0 && id != best[0].CustomerID {
			others = append(others, list...)
		}
	}
	if len(best) < 2 || len(others) == 0 {
		t.Fatalf("%d recommendations of one customer and %d of others are too few", len(best), len(others))
	}
	slices.SortFunc(best, func(a, b *crm.Recommendation) int {
		if c := int(crm.Rank(b.Score) - crm.Rank(a.Score)); c != 0 {
			return c
		}
		return strings.Compare(string(b.ID), string(a.ID))
	})
	return best, others
}
