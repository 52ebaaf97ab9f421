package medusa_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// row is a record of a fake shop.
type row struct {
	id, of string
	at     time.Time // to the microsecond, as the database has it
}

// table answers a list as Medusa does: one field sorts it, nothing breaks ties,
// and what is finer than a millisecond is cut.
type table struct {
	kind     string
	rows     []row
	unsorted bool
}

func (t *table) answer(query url.Values) string {
	rows := slices.Clone(t.rows)
	moment := func(name string) time.Time {
		parsed, _ := time.Parse(time.RFC3339Nano, query.Get(name))
		return parsed
	}
	from, to, after := moment("updated_at[$gte]"), moment("updated_at[$lt]"), query.Get("id[$gt]")
	rows = slices.DeleteFunc(rows, func(r row) bool {
		return r.at.Before(from) || !to.IsZero() && !r.at.Before(to) || r.id <= after ||
			query.Has("id[]") && !slices.Contains(query["id[]"], r.id)
	})
	// Ties come in an order that nobody can rely on.
	slices.SortStableFunc(rows, func(a, b row) int { return int(a.id[len(a.id)-1]) - int(b.id[len(b.id)-1]) })
	switch query.Get("order") {
	case "id":
		slices.SortFunc(rows, func(a, b row) int { return cmpStrings(a.id, b.id) })
	case "updated_at":
		slices.SortStableFunc(rows, func(a, b row) int { return a.at.Compare(b.at) })
	case "-updated_at":
		slices.SortStableFunc(rows, func(a, b row) int { return b.at.Compare(a.at) })
	}
	if t.unsorted {
		slices.Reverse(rows)
	}
	if limit, err := strconv.Atoi(query.Get("limit")); err == nil && limit < len(rows) {
		rows = rows[:limit]
	}
	records := make([]map[string]any, len(rows))
	for n, r := range rows {
		at := r.at.Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
		records[n] = map[string]any{
			"id": r.id, "updated_at": at, "created_at": at, "currency_code": "eur", "product_id": r.of,
			"payment_collection": map[string]any{"order": map[string]string{"id": r.of}},
		}
	}
	text, err := json.Marshal(map[string]any{t.kind: records})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func cmpStrings(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// rows makes n records, of which every group has the same millisecond but not
// the same microsecond.
func rows(prefix string, n, group int) []row {
	made := make([]row, n)
	for i := range made {
		made[i] = row{
			id: fmt.Sprintf("%s_%04d", prefix, (i*7919)%n),
			at: at(noon).Add(time.Duration(i/group)*time.Millisecond + time.Duration(i%group)*time.Microsecond),
		}
	}
	return made
}

func idsOf(rows []row) []string {
	ids := make([]string, len(rows))
	for n, r := range rows {
		ids[n] = r.id
	}
	slices.Sort(ids)
	return ids
}

func TestWalkSeesEverything(t *testing.T) {
	for _, n := range []int{0, 1, 5, 40} {
		for _, group := range []int{1, 3, 40} {
			for _, limit := range []int{1, 2, 4, 39, 40, 41, 500} {
				t.Run(fmt.Sprintf("%d in groups of %d by %d", n, group, limit), func(t *testing.T) {
					tables := map[string]*table{
						"/admin/customers":        {kind: "customers", rows: rows("cus", n, group)},
						"/admin/products":         {kind: "products", rows: rows("prod", n, group)},
						"/admin/orders":           {kind: "orders", rows: rows("order", n, group)},
						"/admin/payments":         {kind: "payments"},
						"/admin/product-variants": {kind: "variants"},
					}
					s, _ := fake(t, func(r *http.Request) (int, string) {
						return http.StatusOK, tables[r.URL.Path].answer(r.URL.Query())
					})
					ctx := t.Context()
					customers, _ := walkAll(t, func(m crm.Mark) (crm.ShopChanges[crm.ShopCustomer], error) {
						return s.CustomerChanges(ctx, m, limit)
					}, func(c *crm.ShopCustomer) string { return c.ExternalID })
					products, _ := walkAll(t, func(m crm.Mark) (crm.ShopChanges[crm.Product], error) {
						return s.ProductChanges(ctx, m, limit)
					}, func(p *crm.Product) string { return p.ExternalID })
					orders, _ := walkAll(t, func(m crm.Mark) (crm.ShopChanges[crm.ShopOrder], error) {
						return s.OrderChanges(ctx, m, limit)
					}, func(o *crm.ShopOrder) string { return o.Order.ExternalID })
					for kind, got := range map[string][]string{"customers": customers, "products": products, "orders": orders} {
						want := idsOf(tables["/admin/"+kind].rows)
						if len(want)+len(got) > 0 && !slices.Equal(want, got) {
							t.Errorf("%s (-want +got):\n%s", kind, cmp.Diff(want, got))
						}
					}
				})
			}
		}
	}
}

// A capture touches its payment, not its order.
func TestOrderOfAPayment(t *testing.T) {
	orders := &table{kind: "orders", rows: rows("order", 9, 1)}
	payments := &table{kind: "payments", rows: rows("pay", 9, 1)}
	for n := range payments.rows {
		payments.rows[n].of = orders.rows[n].id
	}
	s, _ := fake(t, func(r *http.Request) (int, string) {
		answer := map[string]*table{"/admin/orders": orders, "/admin/payments": payments}[r.URL.Path]
		return http.StatusOK, answer.answer(r.URL.Query())
	})
	walk := func(from crm.Mark) ([]string, crm.Mark) {
		return walkFrom(t, from, func(m crm.Mark) (crm.ShopChanges[crm.ShopOrder], error) {
			return s.OrderChanges(t.Context(), m, 4)
		}, func(o *crm.ShopOrder) string { return o.Order.ExternalID })
	}
	_, end := walk(crm.Mark{})
	for i := range payments.rows { // So that the overlap has nothing of before.
		payments.rows[i].at = payments.rows[i].at.Add(-time.Hour)
		orders.rows[i].at = orders.rows[i].at.Add(-time.Hour)
	}
	payments.rows[3].at = at(noon).Add(time.Minute)
	if got, _ := walk(end); len(got) != 1 || got[0] != orders.rows[3].id {
		t.Errorf("changed: %v, want %s", got, orders.rows[3].id)
	}
	if _, err := s.OrderChanges(t.Context(), crm.Mark{Cursor: "elsewhere"}, 4); crm.CodeOf(err) != crm.CodeInvalid {
		t.Errorf("a mark of another shop: %v", err)
	}
}

// An order that makes no sense does not keep those behind it from being read.
func TestUnreadableOrder(t *testing.T) {
	orders := &table{kind: "orders", rows: rows("order", 3, 1)}
	bad := orders.rows[1].id
	s, _ := fake(t, func(r *http.Request) (int, string) {
		if r.URL.Path == "/admin/payments" {
			return http.StatusOK, (&table{kind: "payments"}).answer(r.URL.Query())
		}
		answer := orders.answer(r.URL.Query())
		at := strings.Index(answer, `"id":"`+bad)
		begin := strings.LastIndex(answer[:max(at, 0)], `"currency_code":"eur"`)
		if at < 0 || begin < 0 {
			return http.StatusOK, answer
		}
		return http.StatusOK, answer[:begin] + `"currency_code":"???"` + answer[begin+len(`"currency_code":"eur"`):]
	})
	page, err := s.OrderChanges(t.Context(), crm.Mark{}, 50)
	if err != nil || len(page.Items) != 2 || len(page.Unreadable) != 1 || page.Unreadable[0].ExternalID != bad {
		t.Errorf("%d orders, unreadable %v, %v; want 2 and %s", len(page.Items), page.Unreadable, err, bad)
	}
}

// A shop that sorts or filters otherwise than it was asked must not end the walk
// early, nor make it go round in circles.
func TestWalkOfAnotherOrder(t *testing.T) {
	unsorted := &table{kind: "customers", rows: rows("cus", 9, 1), unsorted: true}
	ignoring := &table{kind: "customers", rows: rows("cus", 9, 1)}
	for name, answer := range map[string]func(url.Values) string{
		"unsorted":     unsorted.answer,
		"no bounds":    func(q url.Values) string { q.Del("limit"); return ignoring.answer(q) },
		"other times":  func(q url.Values) string { q.Del("updated_at[$gte]"); return ignoring.answer(q) },
		"another list": func(url.Values) string { return `{"orders":[]}` },
	} {
		s, _ := fake(t, func(r *http.Request) (int, string) { return http.StatusOK, answer(r.URL.Query()) })
		_, err := s.CustomerChanges(t.Context(), crm.Mark{Time: at(noon).Add(3 * time.Millisecond)}, 3)
		if crm.CodeOf(err) != crm.CodeUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}
