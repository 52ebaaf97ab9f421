package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// response is what a test looks at of an answer.
type response struct {
	status int
	header http.Header
	body   string
}

// send posts a document with a whole Authorization header, "" for none.
func send(t testing.TB, s served, authorization, document string, variables map[string]any) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.graphql, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-Id", "one-for-all") // So that answers can be compared.
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return exchange(t, request)
}

func exchange(t testing.TB, request *http.Request) response {
	t.Helper()
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{status: got.StatusCode, header: got.Header, body: string(body)}
}

// journey reads one of the documents that callers ask.
func journey(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("../../internal/test/schema/testdata/journeys/" + name + ".graphql")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// answer returns an answer's data, and fails if there are errors in it.
func answer(t *testing.T, r response) map[string]any {
	t.Helper()
	var got struct {
		Data   map[string]any
		Errors []any
	}
	if err := json.Unmarshal([]byte(r.body), &got); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	if r.status != http.StatusOK || len(got.Errors) > 0 || got.Data == nil {
		t.Fatalf("status %d: %.2000s", r.status, r.body)
	}
	return got.Data
}

// at goes down into an answer: names into objects, numbers into lists.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("no object at %v: %v", path[:i], value)
			}
			value = object[step]
		case int:
			list, ok := value.([]any)
			if !ok || len(list) <= step {
				t.Fatalf("no list of %d at %v: %v", step+1, path[:i], value)
			}
			value = list[step]
		}
	}
	return value
}

// The demo's three callers get theirs, and nobody else gets anything.
func TestJourneysOfThreeCallers(t *testing.T) {
	s := serve(t, nil, "demo", "--store", demoStore(t))
	for name, token := range map[string]string{"staff": s.tokens.Staff, "partner": s.tokens.Partner, "portal": s.tokens.Portal} {
		if !strings.HasPrefix(token, "Bearer ") {
			t.Fatalf("tokens.%s = %q, want a whole Authorization header", name, token)
		}
	}
	if s.portalCustomer == "" {
		t.Fatal("portalCustomer is missing")
	}

	t.Run("nobody", func(t *testing.T) {
		for _, authorization := range []string{"", "Bearer", "Bearer x", "Basic Zm9vOmJhcg==", s.tokens.Staff + "x", "Bearer c360_0000000000000000000000000000000000000000000"} {
			r := send(t, s, authorization, "{ __typename }", nil)
			if r.status != http.StatusUnauthorized && authorization != "Bearer" || !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") || !strings.Contains(r.body, `"UNAUTHENTICATED"`) {
				t.Errorf("%.12q: status %d, %v: %s", authorization, r.status, r.header, r.body)
			}
		}
	})
	t.Run("dashboard", func(t *testing.T) {
		found := answer(t, send(t, s, s.tokens.Staff, journey(t, "dashboard/customers"), nil))
		if total, _ := at(t, found, "customers", "totalCount").(float64); total < 4338 {
			t.Errorf("customers: %v", total)
		}
		answer(t, send(t, s, s.tokens.Staff, journey(t, "dashboard/search"), map[string]any{"text": "ward"}))
		all := answer(t, send(t, s, s.tokens.Staff, journey(t, "dashboard/customer-360"), map[string]any{"id": s.customer}))
		if name := at(t, all, "customer", "displayName"); name != "Harriet Ward" {
			t.Errorf("displayName: %v", name)
		}
	})
	t.Run("partner", func(t *testing.T) {
		found := answer(t, send(t, s, s.tokens.Partner, journey(t, "partner/resolve"), map[string]any{"source": "online-retail", "externalId": "17850"}))
		if id := at(t, found, "customerByIdentifier", "id"); id != s.customer {
			t.Errorf("id: %v, want %s", id, s.customer)
		}
		changed := answer(t, send(t, s, s.tokens.Partner, journey(t, "partner/changed"), map[string]any{"since": "2010-01-01T00:00:00Z"}))
		at(t, changed, "customers", "nodes", 49, "orders", "sources", 0)
	})
	t.Run("portal", func(t *testing.T) { testPortal(t, s) })
	t.Run("probe", func(t *testing.T) { testProbe(t, s) })
}

// The portal shows its own customer, and of the tickets what customers may read.
func testPortal(t *testing.T, s served) {
	home := answer(t, send(t, s, s.tokens.Portal, journey(t, "portal/home"), nil))
	if id := at(t, home, "viewer", "customer", "id"); id != s.portalCustomer {
		t.Errorf("viewer.customer.id = %v, want %s", id, s.portalCustomer)
	}
	for _, list := range []string{"orders", "tickets", "recommendations"} {
		at(t, home, "viewer", "customer", list, "nodes", 0, "id")
	}
	tickets, _ := at(t, home, "viewer", "customer", "tickets", "nodes").([]any)
	for _, ticket := range tickets {
		articles, _ := at(t, ticket, "articles", "nodes").([]any)
		for _, article := range articles {
			if v := at(t, article, "visibility"); v != "PUBLIC" {
				t.Errorf("an article that is %v", v)
			}
		}
	}
	staff := answer(t, send(t, s, s.tokens.Staff,
		`query($id: ID!) { customer(id: $id) { tickets(first: 100) { nodes { articles(first: 100, filter: {visibility: [INTERNAL]}) { totalCount } } } } }`,
		map[string]any{"id": s.portalCustomer}))
	internal := 0.0
	tickets, _ = at(t, staff, "customer", "tickets", "nodes").([]any)
	for _, ticket := range tickets {
		n, _ := at(t, ticket, "articles", "totalCount").(float64)
		internal += n
	}
	if internal == 0 {
		t.Error("the portal's customer has no INTERNAL articles: there is nothing that could have been shown")
	}
}

// Somebody else's id and one that was made up are the same to a portal.
func testProbe(t *testing.T, s served) {
	others := answer(t, send(t, s, s.tokens.Staff, `{ customers(first: 20) { nodes { id orders(first: 1) { nodes { id } } } } }`, nil))
	ids := []string{}
	nodes, _ := at(t, others, "customers", "nodes").([]any)
	for _, node := range nodes {
		id, _ := at(t, node, "id").(string)
		if id == s.portalCustomer {
			continue
		}
		ids = append(ids, id)
		if orders, _ := at(t, node, "orders", "nodes").([]any); len(orders) > 0 {
			id, _ := at(t, orders[0], "id").(string)
			ids = append(ids, id)
		}
	}
	probe := journey(t, "probe/node")
	made := send(t, s, s.tokens.Portal, probe, map[string]any{"id": crm.NewID(crm.KindCustomer)})
	if made.body == "" || at(t, answer(t, made), "node") != nil {
		t.Errorf("a made-up id: %s", made.body)
	}
	for _, id := range append(ids, "nonsense", "cus_", "ord_store.x") {
		if got := send(t, s, s.tokens.Portal, probe, map[string]any{"id": id}); got.body != made.body || got.status != made.status {
			t.Errorf("%s: %s\nwant %s", id, got.body, made.body)
		}
	}
	own := answer(t, send(t, s, s.tokens.Portal, probe, map[string]any{"id": s.portalCustomer}))
	if id := at(t, own, "node", "id"); id != s.portalCustomer {
		t.Errorf("the portal's own customer: %v", id)
	}
}
