package medusa_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

// customers is an answer of /admin/customers.
func customers(records ...string) string {
	return fmt.Sprintf(`{"customers":[%s],"count":%d}`, strings.Join(records, ","), len(records))
}

func customerRecord(id, email string, orders ...string) string {
	return fmt.Sprintf(`{"id":%q,"email":%q,"orders":[%s]}`, id, email, strings.Join(orders, ","))
}

func orderRecord(id, customerID, email, created string) string {
	return fmt.Sprintf(`{"id":%q,"customer_id":%q,"email":%q,"created_at":%q,"updated_at":%q,"currency_code":"eur","status":"pending"}`,
		id, customerID, email, created, created)
}

const noon = "2026-01-01T12:00:00.000Z"

func externalIDs(found map[crm.ID]crm.ShopOrders) map[crm.ID][]string {
	ids := map[crm.ID][]string{}
	for id, orders := range found {
		ids[id] = []string{}
		for _, o := range orders.Items {
			ids[id] = append(ids[id], o.ExternalID)
		}
	}
	return ids
}

// A shop that does not know a filter answers with everybody.
func TestForeignOrdersAreDropped(t *testing.T) {
	everybody := customers(
		customerRecord("cus_victim", "victim@example.test", orderRecord("order_victim", "cus_victim", "victim@example.test", noon)),
		customerRecord("cus_me", "me@example.test",
			orderRecord("order_mine", "cus_me", "me@example.test", noon),
			orderRecord("order_elsewhere", "cus_victim", "victim@example.test", noon),
			strings.Replace(orderRecord("order_draft", "cus_me", "me@example.test", noon), "{", `{"is_draft_order":true,`, 1)),
		customerRecord("cus_account", "me@example.test", orderRecord("order_account", "cus_account", "other@example.test", noon)),
	)
	orders := fmt.Sprintf(`{"orders":[%s,%s]}`, orderRecord("order_victim", "cus_victim", "victim@example.test", noon),
		orderRecord("order_mine", "cus_me", "me@example.test", noon))
	products := `{"products":[{"id":"prod_1","variants":[{"sku":"A"}]},{"id":"prod_2","variants":[{"sku":"B"}]}]}`
	s, _ := fake(t, func(r *http.Request) (int, string) {
		return http.StatusOK, map[string]string{"customers": everybody, "orders": orders, "products": products}[r.URL.Path[len("/admin/"):]]
	})
	shoppers := []crm.Shopper{shopper("me", "me@example.test"), shopper("nobody", "nobody@example.test"), {CustomerID: "nameless"}}
	found, err := s.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	// The guest's order and the account's: whatever address was typed at the checkout.
	want := map[crm.ID][]string{"me": {"order_mine", "order_account"}, "nobody": {}, "nameless": {}}
	if diff := cmp.Diff(want, externalIDs(found)); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	for _, o := range found["me"].Items {
		if o.CustomerID != "me" {
			t.Errorf("customer %q", o.CustomerID)
		}
	}
	counts, err := s.CountOrders(t.Context(), shoppers)
	if diff := cmp.Diff(map[crm.ID]int{"me": 2, "nobody": 0, "nameless": 0}, counts); diff != "" || err != nil {
		t.Errorf("counts (-want +got), %v:\n%s", err, diff)
	}
	byID, err := s.OrdersByID(t.Context(), []string{"order_mine", "order_none"})
	if err != nil || len(byID) != 1 || byID["order_mine"] == nil {
		t.Errorf("orders by id: %v, %v", byID, err)
	}
	if bought, err := s.ProductsByID(t.Context(), []string{"prod_2"}); err != nil || len(bought) != 1 || bought["prod_2"] == nil {
		t.Errorf("products by id: %v, %v", bought, err)
	}
	if bought, err := s.ProductsBySKU(t.Context(), []string{"A"}); err != nil || len(bought) != 1 || bought["A"] == nil {
		t.Errorf("products by SKU: %v, %v", bought, err)
	}
}

// An omitted filter would be no filter.
func TestNothingIsAskedForNobody(t *testing.T) {
	s, calls := fake(t, func(*http.Request) (int, string) { return http.StatusInternalServerError, "" })
	ctx := t.Context()
	found, err := s.OrdersOf(ctx, []crm.Shopper{{CustomerID: "nameless"}}, crm.Stretch{Limit: 1})
	if err != nil || found["nameless"].Items == nil {
		t.Errorf("orders of nobody: %v, %v", found, err)
	}
	for name, err := range map[string]error{
		"OrdersByID":    second(s.OrdersByID(ctx, nil)),
		"ProductsByID":  second(s.ProductsByID(ctx, nil)),
		"ProductsBySKU": second(s.ProductsBySKU(ctx, nil)),
	} {
		if err != nil {
			t.Errorf("%s of none: %v", name, err)
		}
	}
	if n := calls.take(); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func second[T any](_ T, err error) error { return err }

func TestStretch(t *testing.T) {
	var records []string
	// Two groups of one millisecond each, whose orders differ by microseconds.
	for n, created := range []string{
		"2026-01-01T12:00:00.001Z", "2026-01-01T12:00:00.002100Z", "2026-01-01T12:00:00.002999Z",
		"2026-01-01T12:00:00.003Z", "2026-01-01T12:00:00.003500Z", "2026-01-01T12:00:00.003900Z", "2026-01-01T12:00:00.004Z",
	} {
		records = append(records, orderRecord(fmt.Sprintf("order_%d", n), "cus_me", "me@example.test", created))
	}
	s, _ := fake(t, func(*http.Request) (int, string) {
		return http.StatusOK, customers(customerRecord("cus_me", "me@example.test", records...))
	})
	for _, test := range []struct {
		name    string
		stretch crm.Stretch
		want    string
		more    bool
	}{
		{"all", crm.Stretch{Limit: 10}, "6543210", false},
		{"exactly all", crm.Stretch{Limit: 7}, "6543210", false},
		{"the newest", crm.Stretch{Limit: 1}, "6", true},
		{"a whole group", crm.Stretch{Limit: 2}, "6543", true},
		{"two groups", crm.Stretch{Limit: 5}, "654321", true},
		{"the oldest", crm.Stretch{Limit: 1, OldestFirst: true}, "0", true},
		{"the oldest group", crm.Stretch{Limit: 2, OldestFirst: true}, "012", true},
		{"up to a millisecond", crm.Stretch{Limit: 9, Latest: at("2026-01-01T12:00:00.002Z")}, "210", false},
		{"up to within one", crm.Stretch{Limit: 9, Latest: at("2026-01-01T12:00:00.002050Z")}, "210", false},
		{"from a millisecond", crm.Stretch{Limit: 9, Earliest: at("2026-01-01T12:00:00.003Z")}, "6543", false},
		{"from within one", crm.Stretch{Limit: 9, Earliest: at("2026-01-01T12:00:00.003700Z"), OldestFirst: true}, "3456", false},
		{"one millisecond", crm.Stretch{Limit: 1, Earliest: at("2026-01-01T12:00:00.002Z"), Latest: at("2026-01-01T12:00:00.002Z")}, "21", false},
		{"before all", crm.Stretch{Limit: 1, Latest: at("2026-01-01T11:00:00Z")}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := s.OrdersOf(t.Context(), []crm.Shopper{shopper("me", "me@example.test")}, test.stretch)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, o := range found["me"].Items {
				got += strings.TrimPrefix(o.ExternalID, "order_")
				if o.PlacedAt.Nanosecond()%int(time.Millisecond) != 0 || o.PlacedAt.Location() != time.UTC {
					t.Errorf("placed at %v", o.PlacedAt)
				}
			}
			if got != test.want || found["me"].More != test.more {
				t.Errorf("got %q, more %v; want %q, %v", got, found["me"].More, test.want, test.more)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	many := func(ids, emails, length int) []crm.Shopper {
		shoppers := make([]crm.Shopper, max(ids, emails))
		for n := range shoppers {
			shoppers[n].CustomerID = crm.ID(fmt.Sprint(n))
			if n < ids {
				shoppers[n].ExternalIDs = []string{fmt.Sprintf("cus_01M81QHSA0GXQ7ARD5A95F%04d", n)}
			}
			if n < emails {
				shoppers[n].Emails = []string{fmt.Sprintf("%0*d@example.test", length, n)}
			}
		}
		return shoppers
	}
	for _, test := range []struct {
		name     string
		shoppers []crm.Shopper
		calls    int
	}{
		{"an email", many(0, 1, 11), 1},
		{"20 emails", many(0, 20, 11), 1},
		{"100 emails", many(0, 100, 11), 1},
		{"100 ids", many(100, 0, 0), 1},
		{"100 of both", many(100, 100, 8), 1},
		{"100 of both, 60 bytes each", many(100, 100, 48), 2},
		{"100 emails of 250 bytes", many(0, 100, 237), 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := map[string]bool{}
			s, calls := fake(t, func(r *http.Request) (int, string) {
				if size := len(r.RequestURI); size > 15<<10 {
					t.Errorf("an address of %d bytes", size)
				}
				query, err := url.ParseQuery(r.URL.RawQuery)
				if err != nil {
					t.Error(err)
				}
				for _, name := range []string{"id[]", "email[]", "$or[0][id]", "$or[1][email]"} {
					for _, key := range query[name] {
						asked[key] = true
					}
				}
				return http.StatusOK, customers()
			})
			found, err := s.OrdersOf(t.Context(), test.shoppers, crm.Stretch{Limit: 20})
			if err != nil || len(found) != len(test.shoppers) {
				t.Errorf("%d of %d shoppers, %v", len(found), len(test.shoppers), err)
			}
			for _, shopper := range test.shoppers {
				for _, key := range slices.Concat(shopper.ExternalIDs, shopper.Emails) {
					if !asked[key] {
						t.Errorf("%s was not asked for", key)
					}
				}
			}
			if n := calls.take(); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
		})
	}
}

// One of two requests fails: the other's shoppers have their orders.
func TestPartOfACallFails(t *testing.T) {
	shoppers := make([]crm.Shopper, 60)
	for n := range shoppers {
		shoppers[n] = shopper(crm.ID(fmt.Sprint(n)), fmt.Sprintf("%0237d@example.test", n))
	}
	s, calls := fake(t, func(r *http.Request) (int, string) {
		if strings.Contains(r.URL.RawQuery, "00059") {
			return http.StatusServiceUnavailable, ""
		}
		return http.StatusOK, customers()
	})
	found, err := s.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 20})
	if crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	_, first := found["0"]
	_, last := found["59"]
	if !first || last || calls.take() != 2 {
		t.Errorf("first %v, last %v", first, last)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   crm.Code
	}{
		{"bad key", http.StatusUnauthorized, `{"message":"Unauthorized"}`, crm.CodeUnauthenticated},
		{"no permission", http.StatusForbidden, `{}`, crm.CodeForbidden},
		{"too many", http.StatusTooManyRequests, `{}`, crm.CodeRateLimited},
		{"an unknown filter", http.StatusBadRequest, `{"type":"invalid_data"}`, crm.CodeUnavailable},
		{"no Medusa", http.StatusNotFound, `nothing here`, crm.CodeUnavailable},
		{"broken", http.StatusInternalServerError, `{}`, crm.CodeUnavailable},
		{"garbage", http.StatusOK, `<html>`, crm.CodeUnavailable},
		{"half", http.StatusOK, `{"customers":[`, crm.CodeUnavailable},
		{"something else", http.StatusOK, `{"hello":"world"}`, crm.CodeUnavailable},
		{"not all customers", http.StatusOK, `{"customers":[],"count":1}`, crm.CodeUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := fake(t, func(*http.Request) (int, string) { return test.status, test.body })
			found, err := s.OrdersOf(t.Context(), []crm.Shopper{shopper("me", "me@example.test")}, crm.Stretch{Limit: 20})
			var known *crm.Error
			if !errors.As(err, &known) || known.Code != test.want || known.Source != "medusa" || len(found) != 0 {
				t.Errorf("got %v, %v; want %s", found, err, test.want)
			}
		})
	}
	s, _ := fake(t, func(*http.Request) (int, string) { return http.StatusOK, "" })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.OrdersOf(ctx, []crm.Shopper{shopper("me", "me@example.test")}, crm.Stretch{Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if _, err := s.CartsOf(t.Context(), nil); crm.CodeOf(err) != crm.CodeUnsupported || !s.Capabilities().NoCarts {
		t.Errorf("carts: %v", err)
	}
}
