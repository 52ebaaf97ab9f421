package resolvers_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/customer360/gateway/datasources/storetest/backends"
)

// TestForgedCursors changes the position in cursors that lists gave to times,
// numbers, texts and ids that no record has: a page, never an internal error.
func TestForgedCursors(t *testing.T) {
	lists := map[string]string{
		"time":   `query Q($after: String, $before: String) { list: customers(first: 3, after: $after, before: $before) { edges { cursor } } }`,
		"name":   `query Q($after: String, $before: String) { list: customers(first: 3, after: $after, before: $before, orderBy: {field: NAME, direction: ASC}) { edges { cursor } } }`,
		"search": `query Q($after: String, $before: String) { unused: customers(first: 0, before: $before) { edges { cursor } } list: search(text: "o", first: 3, after: $after) { edges { cursor } } }`,
	}
	type page struct {
		Data struct {
			List struct{ Edges []struct{ Cursor string } }
		}
	}
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		for name, query := range lists {
			var first page
			decode(t, graph.ask(t, query, nil), &first)
			raw, err := base64.RawURLEncoding.DecodeString(first.Data.List.Edges[0].Cursor)
			if err != nil {
				t.Fatal(err)
			}
			for key, values := range map[string][]any{
				"t": {int64(math.MaxInt64), int64(math.MinInt64), -62135596800001, 253402300800000, 0, -1},
				"n": {int64(math.MaxInt64), int64(math.MinInt64), -1, 4},
				"s": {"", "\u0000", "\uffff", strings.Repeat("z", 1000), `{"$gt": ""}`},
				"i": {"\u0000", "x", "'", "\U0010ffff", "tkt_zzzz"},
			} {
				for _, value := range values {
					var position map[string]any
					decode(t, raw, &position)
					position[key] = value
					forged, err := json.Marshal(position)
					if err != nil {
						t.Fatal(err)
					}
					cursor := base64.RawURLEncoding.EncodeToString(forged)
					for _, side := range []string{"after", "before"} {
						if side == "before" && name == "search" {
							continue
						}
						answer := string(graph.ask(t, query, map[string]any{side: cursor}))
						if strings.Contains(answer, `"errors"`) {
							t.Errorf("%s, %s %s %v: %s", name, side, key, value, answer)
						}
					}
				}
			}
		}
		if graph.log.Len() > 0 {
			t.Errorf("internal errors:\n%s", graph.log)
		}
	})
}
