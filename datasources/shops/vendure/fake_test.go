package vendure_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/shops/vendure"
)

// record is an object of the fake shop, as its API shows it.
type record = map[string]any

// fake answers lists as Vendure does: filters, one sort field with ties in no
// order, skip and take. It knows nothing of documents but their root field.
type fake struct {
	t                                     *testing.T
	mu                                    sync.Mutex
	customers, orders, products, variants []record
	liesAboutCustomers                    bool // Answers with every customer whatever the filter.
	ignoresSkip                           bool
	forbidden                             map[string]bool // root fields
	requests                              int
	served                                int                // customers in the last answer
	date                                  time.Time          // of the answers; zero is now
	before                                func(requests int) // is called before each answer
	rand                                  *rand.Rand
}

var rootField = regexp.MustCompile(`\{\s*(\w+)`)

func newFake(t *testing.T) (*fake, *vendure.Shop) {
	t.Helper()
	f := &fake{t: t, rand: rand.New(rand.NewPCG(1, 2)), forbidden: map[string]bool{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, newShop(t, vendure.Config{Source: "vendure-eu", URL: server.URL, Credentials: "a:b"})
}

func newShop(t *testing.T, c vendure.Config) *vendure.Shop {
	t.Helper()
	shop, err := vendure.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	return shop
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	if !f.date.IsZero() {
		w.Header().Set("Date", f.date.UTC().Format(http.TimeFormat))
	}
	if f.before != nil {
		f.before(f.requests)
	}
	var ask struct {
		Query     string
		Variables map[string]record
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || r.URL.Path != "/admin-api" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	root := rootField.FindStringSubmatch(ask.Query)[1]
	if f.forbidden[root] {
		_, _ = w.Write([]byte(`{"errors":[{"message":"no","path":["` + root + `"],"extensions":{"code":"FORBIDDEN"}}],"data":null}`))
		return
	}
	var data any
	switch options := ask.Variables["options"]; root {
	case "activeChannel":
		data = record{"code": "__default_channel__"}
	case "orders":
		data = f.list(f.orders, options)
	case "products":
		data = f.list(f.products, options)
	case "productVariants":
		data = f.list(f.variants, options)
	case "customers":
		if ask.Variables["customers"] == nil {
			data = f.list(f.customers, options)
			break
		}
		data = f.customersWithOrders(ask.Variables["customers"], ask.Variables["orders"])
	}
	if err := json.NewEncoder(w).Encode(record{"data": record{root: data}}); err != nil {
		f.t.Error(err)
	}
}

func (f *fake) customersWithOrders(customers, orders record) record {
	if f.liesAboutCustomers {
		delete(customers, "filter")
	}
	result := f.list(f.customers, customers)
	items := []record{}
	for _, c := range result["items"].([]record) {
		c = maps.Clone(c)
		var own []record
		for _, o := range f.orders {
			if o["of"] == c["id"] {
				own = append(own, o)
			}
		}
		c["orders"] = f.list(own, orders)
		items = append(items, c)
	}
	result["items"], f.served = items, len(items)
	return result
}

func (f *fake) list(records []record, options record) record {
	found := []record{}
	filter, _ := options["filter"].(record)
	for _, r := range records {
		if matches(r, filter) {
			found = append(found, r)
		}
	}
	f.rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	sort, _ := options["sort"].(record)
	if len(sort) > 1 {
		f.t.Errorf("Vendure sorts by one field alone: %v", sort)
	}
	for field, direction := range sort {
		slices.SortStableFunc(found, func(a, b record) int {
			order := compare(a[field], b[field])
			if direction == "DESC" {
				order = -order
			}
			return order
		})
	}
	total := len(found)
	skip, take := number(options["skip"]), number(options["take"])
	if f.ignoresSkip {
		skip = 0
	}
	if take > 1000 {
		f.t.Errorf("take is %d", take)
	}
	found = found[min(skip, total):]
	if take > 0 {
		found = found[:min(take, len(found))]
	}
	return record{"totalItems": total, "items": found}
}

func number(v any) int {
	n, _ := v.(float64)
	return int(n)
}

func matches(r, filter record) bool {
	for field, condition := range filter {
		if field == "_or" {
			if !slices.ContainsFunc(condition.([]any), func(c any) bool { return matches(r, c.(record)) }) {
				return false
			}
			continue
		}
		for operator, operand := range condition.(record) {
			if !holds(r[field], operator, operand) {
				return false
			}
		}
	}
	return true
}

func holds(value any, operator string, operand any) bool {
	switch operator {
	case "eq":
		return value == operand
	case "notEq":
		return value != operand
	case "in":
		return slices.Contains(operand.([]any), value)
	case "isNull":
		return (value == nil) == operand
	case "after":
		return value != nil && compare(value, operand) > 0
	case "before":
		return value != nil && compare(value, operand) < 0
	}
	panic("unknown operator " + operator)
}

// compare compares times, and text.
func compare(a, b any) int {
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	s, errS := time.Parse(time.RFC3339Nano, x)
	t, errT := time.Parse(time.RFC3339Nano, y)
	if errS == nil && errT == nil {
		return s.Compare(t)
	}
	return cmp.Compare(x, y)
}

func (f *fake) customer(id, email string) {
	f.customers = append(f.customers, record{"id": id, "emailAddress": email, "updatedAt": day(0), "createdAt": day(0)})
}

// order adds an order of a customer.
func (f *fake) order(id, customer, email string, placed time.Time) record {
	o := record{
		"id": id, "code": "C" + id, "state": "PaymentSettled", "active": false, "type": "Regular", "currencyCode": "USD",
		"createdAt": text(placed), "updatedAt": text(placed), "orderPlacedAt": text(placed), "of": customer,
		"customer": record{"id": customer, "emailAddress": email},
		"lines":    []record{{"id": "l" + id, "quantity": 1}},
	}
	f.orders = append(f.orders, o)
	return o
}

func text(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func day(n int) string { return text(start.AddDate(0, 0, n)) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func padded(n int) string { return strings.Repeat("0", 5-len(fmt.Sprint(n))) + fmt.Sprint(n) }
