package medusa_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/crm"
)

// Who asks chooses the ids, up to a hundred of 128 bytes: all of them at once would
// be refused, and a shop that refuses looks like one that is down.
func TestLongKeysAreCut(t *testing.T) {
	s, calls := fake(t, func(r *http.Request) (int, string) {
		if len(r.RequestURI) > 14<<10 {
			return http.StatusRequestHeaderFieldsTooLarge, ""
		}
		var orders, products []string
		for _, id := range r.URL.Query()["id[]"] {
			orders = append(orders, orderRecord(id, "cus_me", "me@example.test", noon))
			products = append(products, fmt.Sprintf(`{"id":%q}`, id))
		}
		for _, sku := range r.URL.Query()["variants[sku][]"] {
			products = append(products, fmt.Sprintf(`{"id":"prod_1","variants":[{"sku":%q}]}`, sku))
		}
		return http.StatusOK, fmt.Sprintf(`{"orders":[%s],"products":[%s]}`, strings.Join(orders, ","), strings.Join(products, ","))
	})
	keys := make([]string, 100)
	for n := range keys {
		keys[n] = fmt.Sprintf("%s%03d", strings.Repeat("%", 125), n)
	}
	orders, err := s.OrdersByID(t.Context(), keys)
	if err != nil || len(orders) != len(keys) {
		t.Errorf("%d orders, %v", len(orders), err)
	}
	products, err := s.ProductsByID(t.Context(), keys)
	if err != nil || len(products) != len(keys) {
		t.Errorf("%d products, %v", len(products), err)
	}
	bySKU, err := s.ProductsBySKU(t.Context(), keys)
	if err != nil || len(bySKU) != len(keys) {
		t.Errorf("%d products by SKU, %v", len(bySKU), err)
	}
	calls.take()
	if _, err := s.OrdersByID(t.Context(), keys[:20]); err != nil || calls.take() != 1 {
		t.Errorf("more requests than one for a few, %v", err)
	}
}

// Adding fractions without a common factor takes time by the third power of their
// number.
func TestAmountsThatCannotBeAdded(t *testing.T) {
	order := func(items int, rate func(n int) string) string {
		records := make([]string, items)
		for n := range records {
			records[n] = fmt.Sprintf(`{"id":"i%d","unit_price":1,"is_tax_inclusive":true,"detail":{"quantity":1},"tax_lines":[{"rate":%s}]}`,
				n, rate(n))
		}
		return strings.Replace(orderRecord("order_1", "cus_me", "me@example.test", noon), "{", `{"items":[`+strings.Join(records, ",")+`],`, 1)
	}
	whole := func(n int) string { return strconv.Itoa(n % 100) }
	long := func(n int) string { return fmt.Sprintf("19.%024d", 1000003*n+7) }
	for _, test := range []struct {
		name, order string
		ok          bool
	}{
		{"rates that there are", order(5000, whole), true},
		{"some with digits", order(40, long), true},
		{"very many with digits", order(5000, long), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := fake(t, func(*http.Request) (int, string) { return http.StatusOK, `{"orders":[` + test.order + `]}` })
			found, err := s.OrdersByID(t.Context(), []string{"order_1"})
			if test.ok != (err == nil) || test.ok != (found["order_1"] != nil) || !test.ok && crm.CodeOf(err) != crm.CodeUnavailable {
				t.Error(err)
			}
		})
	}
}
