package resolvers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/graph/document"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

// otherCursor is a well-formed cursor of a list that nobody asks for here.
func otherCursor(t *testing.T) string {
	t.Helper()
	list := page.NewList("elsewhere", crm.Sort{Field: crm.FieldName}, nil)
	customer := &crm.Customer{ID: crm.NewID(crm.KindCustomer), DisplayName: "A"}
	connection := page.New(list, crm.PageRequest{}, crm.Page[crm.Customer]{Items: []*crm.Customer{customer}}, nil)
	return *connection.PageInfo().EndCursor
}

// badCase is a document that cannot be answered.
type badCase struct {
	name, query string
	variables   map[string]any
}

func badInput(t *testing.T) []badCase {
	long := strings.Repeat("x", 1_000_000)
	return []badCase{
		{"malformed cursor", `query Q($c: String) { customers(after: $c) { nodes { id } } }`, map[string]any{"c": "not a cursor"}},
		{"cursor of another list", `query Q($c: String) { customers(before: $c) { nodes { id } } }`, map[string]any{"c": otherCursor(t)}},
		{"cursor of another filter", `query Q($c: String) { customers(after: $c, filter: {kind: [PERSON]}) { nodes { id } } }`, map[string]any{"c": otherCursor(t)}},
		{"cursor that is too long", `query Q($c: String) { customers(after: $c) { nodes { id } } }`, map[string]any{"c": long}},
		{"cursor with an operator", `query Q($c: String) { customers(after: $c) { nodes { id } } }`, map[string]any{"c": `{"$gt": ""}`}},
		{"first below zero", `{ customers(first: -1) { nodes { id } } }`, nil},
		{"first too large", `{ orders(first: 100000) { nodes { id } } }`, nil},
		{"last too large", `{ tickets(last: 101) { nodes { id } } }`, nil},
		{"first and last", `{ products(first: 1, last: 1) { nodes { id } } }`, nil},
		{"first past an int", `{ products(first: 99999999999999999999) { nodes { id } } }`, nil},
		{"nested first", `{ customers(first: 2) { nodes { orders(first: -1) { nodes { id } } } } }`, nil},
		{"range that is empty", `{ customers(filter: {updatedAt: {after: "2026-01-02T00:00:00Z", before: "2026-01-01T00:00:00Z"}}) { nodes { id } } }`, nil},
		{"time without an offset", `{ orders(filter: {placedAt: {after: "2026-01-02"}}) { nodes { id } } }`, nil},
		{"list that is empty", `{ customers(filter: {status: []}) { nodes { id } } }`, nil},
		{"open tickets that are closed", `{ tickets(filter: {open: true, status: [CLOSED]}) { nodes { id } } }`, nil},
		{"time that is no time, in variables", `query Q($t: TimeRange) { orders(filter: {placedAt: $t}) { nodes { id } } }`, map[string]any{"t": map[string]any{"after": "2011-01-01"}}},
		{"status in small letters", `query Q($s: CustomerStatus!) { customers(filter: {status: [$s]}) { nodes { id } } }`, map[string]any{"s": "active"}},
		{"direction in small letters", `query Q($d: OrderDirection!) { orders(orderBy: {field: PLACED_AT, direction: $d}) { nodes { id } } }`, map[string]any{"d": "desc"}},
		{"null for a direction", `query Q($d: OrderDirection = ASC) { orders(orderBy: {field: PLACED_AT, direction: $d}) { nodes { id } } }`, map[string]any{"d": nil}},
		{"unknown enum value", `query Q($s: CustomerStatus!) { customers(filter: {status: [$s]}) { nodes { id } } }`, map[string]any{"s": "HAPPY"}},
		{"both identifiers in variables", `query Q($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }`, map[string]any{"by": map[string]any{"email": "a@example.com", "phone": "+441632960101"}}},
		{"no identifier in variables", `query Q($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }`, map[string]any{"by": map[string]any{}}},
		{"null identifier in variables", `query Q($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }`, map[string]any{"by": map[string]any{"email": nil}}},
		{"operator as an identifier", `query Q($by: CustomerIdentifier!) { customerByIdentifier(by: $by) { id } }`, map[string]any{"by": map[string]any{"email": map[string]any{"$gt": ""}}}},
		{"operator as an id", `query Q($id: ID!) { customer(id: $id) { id } }`, map[string]any{"id": map[string]any{"$ne": nil}}},
		{"text without a letter", `query Q($t: String!) { search(text: $t) { nodes { __typename } } }`, map[string]any{"t": "%_.*'\"\\ {}"}},
		{"text of a megabyte", `query Q($t: String!) { search(text: $t) { nodes { __typename } } }`, map[string]any{"t": long}},
		{"text of many words", `{ customers(text: "a b c d e f g h i") { nodes { id } } }`, nil},
		{"value of a megabyte", `query Q($t: String!) { customers(filter: {tag: [$t]}) { nodes { id } } }`, map[string]any{"t": long}},
		{"identifier of a megabyte", `query Q($t: String!) { customerByIdentifier(by: {email: $t}) { id } }`, map[string]any{"t": long}},
		{"too many ids", `query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make101()}},
		{"no kinds", `{ search(text: "a", kinds: []) { nodes { __typename } } }`, nil},
		{"unknown field", `{ customers { nodes { shoeSize } } }`, nil},
		{"deferred fragment", `{ customers(first: 1) { nodes { id ... @defer { displayName } } } }`, nil},
		{"syntax", `{ customers( }`, nil},
		{"no document", ``, nil},
	}
}

// TestBadInput returns bad input: always one clear error that echoes nothing, whose
// code says that it is the caller's, never an internal one.
func TestBadInput(t *testing.T) {
	cases := badInput(t)
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				raw := graph.ask(t, c.query, c.variables)
				var answer struct {
					Errors []struct {
						Message    string
						Extensions map[string]any
					}
				}
				if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Errors) == 0 {
					t.Fatalf("want errors, got %.500s", raw)
				}
				for _, e := range answer.Errors {
					switch e.Extensions["code"] {
					case string(crm.CodeInvalid), document.CodeParseFailed, document.CodeValidationFailed, document.CodeBadUserInput:
					default:
						t.Errorf("error = %+v; want the code of a mistake of the caller's", e)
					}
					if e.Message == "" {
						t.Errorf("error = %+v; want a message", e)
					}
					if strings.Contains(e.Message, "xxxxxxxxxxxxxxxx") || len(e.Message) > 300 {
						t.Errorf("the message echoes what was sent: %.300s", e.Message)
					}
				}
			})
		}
		if graph.log.Len() > 0 {
			t.Errorf("bad input must not cause an internal error:\n%s", graph.log)
		}
	})
}

func make101() []string {
	ids := make([]string, 101)
	for i := range ids {
		ids[i] = fmt.Sprintf("cus_%d", i)
	}
	return ids
}

// TestMissingIsNull asks for ids that are unknown, malformed or of another
// kind: null, and no error.
func TestMissingIsNull(t *testing.T) {
	ids := []any{
		json.Number("99999999999999999999"), "cus_00000000000000000000000000", "tkt_3gz1kbcg2thce8v1231mn9j8a1x", "ord_nowhere.1", "ord_", "prd_webshop.mug",
		"", "x", "cus_", "CUS_6CFGANETMBGBEBZGW87DN1GC4H", `{"$gt": ""}`, "' OR ''='", "\u0000", "cus_\u0000", "ord_webshop.\xff", "🙂",
		strings.Repeat("cus_", 100_000),
	}
	const query = `query Q($id: ID!) { node(id: $id) { __typename } customer(id: $id) { id } order(id: $id) { id } ticket(id: $id) { id } }`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph := filled(t, backend, nil)
		for _, id := range ids {
			want := `{"data":{"node":null,"customer":null,"order":null,"ticket":null}}`
			if id == "prd_webshop.mug" {
				want = strings.Replace(want, `"node":null`, `"node":{"__typename":"Product"}`, 1)
			}
			if diff := cmp.Diff(want, string(graph.ask(t, query, map[string]any{"id": id}))); diff != "" {
				t.Errorf("id %.60v: answer (-want +got):\n%s", id, diff)
			}
		}
		number := string(graph.ask(t, "{ node(id: 99999999999999999999) { id } nodes(ids: [1, -99999999999999999999]) { id } }", nil))
		if want := `{"data":{"node":null,"nodes":[null,null]}}`; number != want {
			t.Errorf("ids that are numbers in the document: got %s, want %s", number, want)
		}
	})
}
