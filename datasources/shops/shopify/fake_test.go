package shopify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/internal/crm"
)

func TestErrors(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   crm.Code
	}{
		"401":               {401, `{"errors": "[API] Invalid API key or access token"}`, crm.CodeUnauthenticated},
		"403":               {403, `{"errors": "Forbidden"}`, crm.CodeForbidden},
		"429":               {429, `{}`, crm.CodeRateLimited},
		"500":               {500, `oops`, crm.CodeUnavailable},
		"denied":            {200, `{"data": null, "errors": [{"message": "m", "extensions": {"code": "ACCESS_DENIED"}}]}`, crm.CodeForbidden},
		"too dear":          {200, `{"errors": [{"message": "m", "extensions": {"code": "MAX_COST_EXCEEDED"}}]}`, crm.CodeUnavailable},
		"throttled, no say": {200, `{"errors": [{"message": "m", "extensions": {"code": "THROTTLED"}}]}`, crm.CodeRateLimited},
		"internal":          {200, `{"data": {"currentAppInstallation": null}, "errors": [{"message": "m", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}`, crm.CodeUnavailable},
		"text":              {200, `{"errors": "Not Found"}`, crm.CodeUnavailable},
		"no data":           {200, `{"data": null}`, crm.CodeUnavailable},
		"nothing":           {200, `{}`, crm.CodeUnavailable},
		"garbage":           {200, `<html>`, crm.CodeUnavailable},
		"another form":      {200, `{"data": {"currentAppInstallation": []}}`, crm.CodeUnavailable},
		"half":              {200, `{"data": {"currentApp`, crm.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := fake(t, func(_ asked, w http.ResponseWriter) {
				w.WriteHeader(test.status)
				say(w, "%s", test.body)
			})
			_, err := s.Check(t.Context())
			if crm.CodeOf(err) != test.want || !strings.Contains(fmt.Sprint(err), "shopify") {
				t.Errorf("error %v, want %s of shopify", err, test.want)
			}
		})
	}
}

// An error says which field it is about, but nothing that is no field's name.
func TestErrorsSayWhere(t *testing.T) {
	for body, want := range map[string]string{
		`{"message": "m", "path": ["customers", "nodes", 0, "state"]}`:                                        "reports an error at customers.nodes.0.state",
		`{"message": "m", "path": ["customers"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}`:            "reports an error INTERNAL_SERVER_ERROR at customers",
		`{"message": "m", "path": ["ann@example.test"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}`:     "reports an error INTERNAL_SERVER_ERROR",
		`{"message": "m", "path": ["` + strings.Repeat("a", 300) + `"], "extensions": {"code": "SOME_CODE"}}`: "reports an error SOME_CODE",
	} {
		s, _ := fake(t, func(_ asked, w http.ResponseWriter) { say(w, `{"data": null, "errors": [%s]}`, body) })
		if _, err := s.Check(t.Context()); !strings.HasSuffix(fmt.Sprint(err), want) {
			t.Errorf("error %v, want %q at the end", err, want)
		}
	}
}

func TestNewRefusesNonsense(t *testing.T) {
	for name, config := range map[string]shopify.Config{
		"name":  {Source: "Shop A", URL: "https://a.example.com", Credentials: "x"},
		"url":   {Source: "a", URL: "ftp://a.example.com", Credentials: "x"},
		"token": {Source: "a", URL: "https://a.example.com", Credentials: " "},
		"lines": {Source: "a", URL: "https://a.example.com", Credentials: "x\ny"},
	} {
		if _, err := shopify.New(config); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%s: error %v, want INVALID", name, err)
		}
	}
}

// store is a shop in a test: each customer's orders, as many seconds after each
// other as it says.
type store struct {
	t      *testing.T
	owners map[string]string // whom the details say an order belongs to, if not its customer
	orders []stored
	others []stored // of customer 2; nil gives them those of customer 1
	email  string
	size   int // of a page, if smaller than was asked for
}

type stored struct {
	id   int
	at   int // seconds
	test bool
}

func (s *store) head(o stored) string {
	return fmt.Sprintf(`{"__typename": "Order", "id": "gid://shopify/Order/%d", "name": "#%d", "test": %t, "processedAt": %q, "updatedAt": "2026-01-01T00:00:00Z",
		"displayFulfillmentStatus": "UNFULFILLED", "returnStatus": "NO_RETURN", "currencyCode": "USD", "totalPrice": "10.0", "totalShippingPrice": "0.0",
		"totalRefunded": "0.0", "subtotalLineItemsQuantity": 1, "transactions": [], "fulfillments": [],
		"customer": {"id": "gid://shopify/Customer/1", "defaultEmailAddress": {"emailAddress": %q}}}`,
		o.id, o.id, o.test, placedAt(o.at).Format(time.RFC3339), s.email)
}

func placedAt(seconds int) time.Time { return time.Date(2026, 1, 1, 0, 0, seconds, 0, time.UTC) }

// page answers as a connection does, the cursor being the place. It ignores the
// query: what comes back is not to be trusted.
func (s *store) page(q asked, orders []stored) string {
	from := 0
	if after, ok := q.Variables["after"].(string); ok {
		if _, err := fmt.Sscan(after, &from); err != nil {
			s.t.Error(err)
		}
	}
	n := int(q.Variables["orders"].(float64))
	if s.size > 0 {
		n = min(n, s.size)
	}
	to := min(from+n, len(orders))
	var nodes []string
	for _, o := range orders[from:to] {
		nodes = append(nodes, s.head(o))
	}
	return fmt.Sprintf(`{"pageInfo": {"hasNextPage": %t, "endCursor": "%d"}, "nodes": [%s]}`, to < len(orders), to, strings.Join(nodes, ","))
}

func (s *store) answer(q asked, w http.ResponseWriter) {
	switch q.Operation {
	case "CustomerOrders":
		from := q.Variables["after"]
		if from != nil {
			s.t.Error("the customers were all there")
		}
		say(w, `{"data": {"customers": {"pageInfo": {"hasNextPage": false}, "nodes": [
			{"id": "gid://shopify/Customer/1", "defaultEmailAddress": {"emailAddress": %q}, "orders": %s},
			{"id": "gid://shopify/Customer/2", "defaultEmailAddress": {"emailAddress": "somebody.else@example.test"}, "orders": %s}]}}}`, s.email, s.page(q, s.orders), s.page(q, s.ofSecond()))
	case "MoreOrders":
		orders := s.orders
		if q.Variables["customer"] == "gid://shopify/Customer/2" {
			orders = s.ofSecond()
		}
		say(w, `{"data": {"customer": {"orders": %s}}}`, s.page(q, orders))
	case "OrderDetails":
		var nodes []string
		for _, id := range q.Variables["bought"].([]any) {
			owner := s.owners[id.(string)]
			if owner == "" {
				owner = "gid://shopify/Customer/1"
			}
			nodes = append(nodes, fmt.Sprintf(`{"__typename": "Order", "id": %q, "customer": {"id": %q}, "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": []}}`, id, owner))
		}
		nodes = append(nodes, `{"__typename": "Order", "id": "gid://shopify/Order/666", "customer": {"id": "gid://shopify/Customer/1"}, "lineItems": {"pageInfo": {"hasNextPage": false}, "nodes": []}}`, "null")
		say(w, `{"data": {"bought": [%s], "shipped": [], "refunded": [], "returned": []}}`, strings.Join(nodes, ","))
	default:
		s.t.Errorf("unexpected operation %s", q.Operation)
	}
}

func (s *store) ofSecond() []stored {
	if s.others == nil {
		return s.orders
	}
	return s.others
}

func (s *store) shop() (*shopify.Shop, *watch) {
	if s.email == "" {
		s.email = "a@example.test"
	}
	return fake(s.t, s.answer)
}

func TestStretch(t *testing.T) {
	at := func(seconds, ms int) *time.Time {
		x := placedAt(seconds).Add(time.Duration(ms) * time.Millisecond)
		return &x
	}
	for name, test := range map[string]struct {
		orders  []stored
		size    int
		stretch crm.Stretch
		want    []string
		more    bool
		calls   int
	}{
		"a few of more":        {orders: rows(9, 8, 7, 6, 5), stretch: crm.Stretch{Limit: 2}, want: []string{"109", "108"}, more: true, calls: 2},
		"all":                  {orders: rows(9, 8), stretch: crm.Stretch{Limit: 2}, want: []string{"109", "108"}, calls: 2},
		"a whole group":        {orders: rows(9, 8, 8, 7, 6), stretch: crm.Stretch{Limit: 2}, want: []string{"109", "108", "108"}, more: true, calls: 2},
		"a long group":         {orders: rows(9, 8, 8, 8, 8, 8, 7), stretch: crm.Stretch{Limit: 2}, want: []string{"109", "108", "108", "108", "108", "108"}, more: true, calls: 3},
		"a group to the end":   {orders: rows(9, 8, 8, 8, 8, 8), stretch: crm.Stretch{Limit: 2}, want: []string{"109", "108", "108", "108", "108", "108"}, calls: 3},
		"small pages":          {orders: rows(9, 8, 8, 8, 7), size: 1, stretch: crm.Stretch{Limit: 2}, want: []string{"109", "108", "108", "108"}, more: true, calls: 6},
		"an ignored window":    {orders: rows(9, 8, 7, 6), stretch: crm.Stretch{Limit: 2, Latest: at(8, 999), Earliest: at(7, 0)}, want: []string{"108", "107"}, calls: 2},
		"between milliseconds": {orders: rows(9, 8, 7, 6), stretch: crm.Stretch{Limit: 2, Latest: at(8, -1)}, want: []string{"107", "106"}, calls: 2},
		"what is left is no order": {
			orders:  append(rows(9), stored{id: 5000, at: 8, test: true}, stored{id: 5001, at: 7, test: true}, stored{id: 5002, at: 6, test: true}, stored{id: 5003, at: 5, test: true}),
			stretch: crm.Stretch{Limit: 1}, want: []string{"109"}, calls: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fakeStore := &store{t: t, orders: test.orders, size: test.size}
			s, watched := fakeStore.shop()
			found := of(t, s, shopper(1, "a@example.test"), test.stretch)
			var got []string
			for _, o := range found.Items {
				got = append(got, o.ExternalID[:3])
				if o.CustomerID != shopper(1).CustomerID {
					t.Errorf("order %s belongs to %q", o.ID, o.CustomerID)
				}
			}
			if !cmp.Equal(got, test.want) || found.More != test.more {
				t.Errorf("orders %v, more %t; want %v, %t", got, found.More, test.want, test.more)
			}
			if calls := watched.taken(); len(calls) != test.calls {
				t.Errorf("requests %v, want %d", calls, test.calls)
			}
		})
	}
}

// TestStretchOfTwoCustomers has a shopper whom the shop knows as two customers. Of
// the one, a page holds but one order that counts, and what is behind it is later
// than all that is known of the other.
func TestStretchOfTwoCustomers(t *testing.T) {
	fakeStore := &store{t: t, orders: rows(59, 58, 58, 57, 56, 55), others: rows(52, 51, 50, 49, 48), owners: map[string]string{}}
	for i := 1; i < 4; i++ {
		fakeStore.orders[i].test = true
	}
	for _, o := range fakeStore.others {
		fakeStore.owners[fmt.Sprintf("gid://shopify/Order/%d", o.id)] = "gid://shopify/Customer/2"
	}
	who := shopper(1, "a@example.test", "somebody.else@example.test")
	for limit, want := range map[int][]string{2: {"156", "159"}, 4: {"152", "155", "156", "159"}, 20: {"148", "149", "150", "151", "152", "155", "156", "159"}} {
		s, _ := fakeStore.shop()
		var got []string
		for _, id := range ids(t, s, who, crm.Stretch{Limit: limit}) {
			got = append(got, id[:3])
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%d at least: orders %v, want %v", limit, got, want)
		}
	}
}

// rows makes orders whose ids begin with 100 and the seconds.
func rows(seconds ...int) []stored {
	orders := make([]stored, len(seconds))
	for i, s := range seconds {
		orders[i] = stored{id: (100+s)*100 + i, at: s}
	}
	return orders
}

func TestForeignOrdersAreDropped(t *testing.T) {
	fakeStore := &store{t: t, orders: rows(9, 8, 7), owners: map[string]string{"gid://shopify/Order/10801": "gid://shopify/Customer/2"}}
	s, _ := fakeStore.shop()
	if got := ids(t, s, shopper(1, "a@example.test"), crm.Stretch{Limit: 10}); !cmp.Equal(got, []string{"10702", "10900"}) {
		t.Errorf("orders %v: the one that its details give to somebody else is to be dropped", got)
	}
	if got := ids(t, s, shopper(1, "b@example.test"), crm.Stretch{Limit: 10}); got != nil {
		t.Errorf("orders %v: the search found others", got)
	}
	known := crm.Shopper{CustomerID: "cus_1", ExternalIDs: []string{"1"}}
	if got := ids(t, s, known, crm.Stretch{Limit: 10}); len(got) != 2 {
		t.Errorf("orders %v by the shop's own id, want 2", got)
	}
}

func TestShoppersThatCannotBeAskedFor(t *testing.T) {
	s, watched := fake(t, func(q asked, _ http.ResponseWriter) { t.Errorf("asked %s", q.Operation) })
	who := []crm.Shopper{{CustomerID: "cus_1", ExternalIDs: []string{"x OR id:2"}}}
	orders, err := s.OrdersOf(t.Context(), who, crm.Stretch{Limit: 1})
	if err != nil || len(orders) != 1 {
		t.Errorf("orders %v, error %v", orders, err)
	}
	counts, err := s.CountOrders(t.Context(), who)
	if err != nil || len(counts) != 1 {
		t.Errorf("counts %v, error %v", counts, err)
	}
	carts, err := s.CartsOf(t.Context(), who)
	if err != nil || len(carts) != 1 || len(watched.taken()) != 0 {
		t.Errorf("carts %v, error %v", carts, err)
	}
}

func TestSearchIsQuoted(t *testing.T) {
	var query any
	s, _ := fake(t, func(q asked, w http.ResponseWriter) {
		query = q.Variables["query"]
		say(w, `{"data": {"customers": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}`)
	})
	if _, err := s.CountOrders(t.Context(), []crm.Shopper{{CustomerID: "cus_1", ExternalIDs: []string{"7"}, Emails: []string{`a" OR id:1 OR "b\@example.test`}}}); err != nil {
		t.Fatal(err)
	}
	if want := `id:7 OR email:"a\" OR id:1 OR \"b\\@example.test"`; query != want {
		t.Errorf("query %s, want %s", query, want)
	}
}

func TestMarksOfOthersAreRefused(t *testing.T) {
	s, _ := fake(t, func(q asked, _ http.ResponseWriter) { t.Errorf("asked %s", q.Operation) })
	for _, cursor := range []string{"x", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z ", "yesterday abc"} {
		if _, err := s.OrderChanges(t.Context(), crm.Mark{Cursor: cursor}, 1); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("cursor %q: error %v, want INVALID", cursor, err)
		}
	}
}

// TestLargestBatches asks for as much as Capabilities allow; the transport fails
// the test if a query costs more than 1000 points.
func TestLargestBatches(t *testing.T) {
	empty, _ := json.Marshal(map[string]any{"pageInfo": map[string]any{"hasNextPage": false}, "nodes": []any{}})
	s, watched := fake(t, func(_ asked, w http.ResponseWriter) {
		say(w, `{"data": {"customers": %[1]s, "orders": %[1]s, "products": %[1]s, "productVariants": %[1]s, "abandonedCheckouts": %[1]s, "nodes": [], "shop": {"currencyCode": "USD"}}}`, empty)
	})
	ctx, can := t.Context(), s.Capabilities()
	who := make([]crm.Shopper, can.ShoppersPerCall)
	numbers := make([]string, max(can.OrdersPerCall, can.ProductsPerCall))
	for i := range numbers {
		numbers[i] = fmt.Sprint(i + 1)
	}
	for i := range who { // Six names each.
		who[i] = crm.Shopper{CustomerID: crm.ID(fmt.Sprint(i)), ExternalIDs: []string{fmt.Sprint(i), fmt.Sprint(i + 100)}, Emails: []string{"a", "b", "c", fmt.Sprintf("%d@example.test", i)}}
	}
	try := func(_ any, err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for _, limit := range []int{1, 2, 5, 20, 50, 100, 500} {
		try(s.OrdersOf(ctx, who, crm.Stretch{Limit: limit}))
	}
	try(s.CountOrders(ctx, who))
	try(s.CartsOf(ctx, who))
	try(s.OrdersByID(ctx, numbers[:can.OrdersPerCall]))
	try(s.ProductsByID(ctx, numbers[:can.ProductsPerCall]))
	try(s.ProductsBySKU(ctx, numbers[:can.ProductsPerCall]))
	try(s.OrderChanges(ctx, crm.Mark{}, 10000))
	try(s.CustomerChanges(ctx, crm.Mark{}, 10000))
	try(s.ProductChanges(ctx, crm.Mark{}, 10000))
	t.Log(watched.costs)
}
