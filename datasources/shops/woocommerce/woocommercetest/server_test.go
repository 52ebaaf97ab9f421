package woocommercetest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
)

func ask(server http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/wp-json/wc/v3/"+path, nil)
	r.SetBasicAuth(woocommercetest.Key, woocommercetest.Secret)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

func shop() *woocommercetest.Server {
	order := func(id, customer int, at, status, email string) woocommercetest.Object {
		return woocommercetest.Object{
			"id": id, "customer_id": customer, "date_created_gmt": at, "date_modified_gmt": at, "status": status,
			"billing": woocommercetest.Object{"email": email},
		}
	}
	return woocommercetest.New(woocommercetest.Data{
		Orders: []woocommercetest.Object{
			order(1, 5, "2026-01-01T10:00:00", "completed", "a@example.test"),
			order(2, 5, "2026-01-01T10:00:00", "checkout-draft", "a@example.test"),
			order(3, 0, "2026-01-01T10:00:01", "a-plugins-own", "b+x@example.test"),
			order(4, 0, "2026-01-01T10:00:02", "trash", "b@example.test"),
		},
		Customers: []woocommercetest.Object{
			{"id": 5, "email": "A@example.test"},
			{"id": 6, "email": "boss@example.test", "role": "administrator"},
		},
		Products:   []woocommercetest.Object{{"id": 7, "sku": "S", "status": "publish"}},
		Variations: map[int64][]woocommercetest.Object{7: {{"id": 8, "sku": "S-1", "status": "publish"}}},
		Refunds:    map[int64][]woocommercetest.Object{1: {{"id": 9}}},
	})
}

// What the simulator takes from the documentation and the source, line by line.
func TestLists(t *testing.T) {
	server := shop()
	for _, c := range []struct {
		path string
		want []int
	}{
		{"orders", []int{3, 2, 1}}, // the newest first; any status but trash
		{"orders?order=asc", []int{1, 2, 3}},
		{"orders?status=trash", []int{4}},
		{"orders?customer=5", []int{2, 1}},
		{"orders?customer=0", []int{3}},
		{"orders?email=a@example.test&nonsense=1", []int{3, 2, 1}}, // ignored: no such filters
		{"orders?include=", []int{3, 2, 1}},
		{"orders?include=1,3,99", []int{3, 1}},
		{"orders?search=A@Example", []int{2, 1}},
		{"orders?search=x@example.test", []int{3}},
		{"orders?search=b%2Bx@example.test", []int{}}, // "+" is read as a space
		{"orders?after=2026-01-01T10:00:00&dates_are_gmt=true", []int{3}},
		{"orders?before=2026-01-01T10:00:01&dates_are_gmt=true", []int{2, 1}},
		{"orders?after=2026-01-01T11:00:00", []int{3}}, // the site's own time
		{"orders?modified_after=2026-01-01T10:00:00&dates_are_gmt=true&orderby=modified&order=asc", []int{3}},
		{"orders?per_page=1&page=2", []int{2}},
		{"orders?per_page=2&offset=2", []int{1}},
		{"orders?page=9", []int{}},
		{"customers", []int{5}}, // of the role customer
		{"customers?role=all&orderby=id", []int{5, 6}},
		{"customers?email=a@example.test", []int{5}},
		{"customers?role=all&modified_after=2030-01-01T00:00:00", []int{5, 6}}, // ignored
		{"products", []int{7}},
		{"products?sku=S,S-1&order=asc", []int{7, 8}},
		{"products/7/variations", []int{8}},
		{"orders/1/refunds", []int{9}},
		{"orders/2/refunds", []int{}},
	} {
		w := ask(server, c.path)
		var got []struct {
			ID int `json:"id"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Errorf("%s: %v: %s", c.path, err, w.Body)
			continue
		}
		ids := []int{}
		for _, o := range got {
			ids = append(ids, o.ID)
		}
		if diff := cmp.Diff(c.want, ids); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.path, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	server := shop()
	server.Deny("products")
	for _, c := range []struct {
		path   string
		status int
		code   string
	}{
		{"orders?per_page=101", http.StatusBadRequest, "rest_invalid_param"},
		{"orders?per_page=0", http.StatusBadRequest, "rest_invalid_param"},
		{"orders?customer=1,2", http.StatusBadRequest, "rest_invalid_param"},
		{"orders?orderby=email", http.StatusBadRequest, "rest_invalid_param"},
		{"orders?order=up", http.StatusBadRequest, "rest_invalid_param"},
		{"orders?after=yesterday", http.StatusBadRequest, "rest_invalid_param"},
		{"customers?email=a", http.StatusBadRequest, "rest_invalid_param"},
		{"customers?orderby=modified", http.StatusBadRequest, "rest_invalid_param"},
		{"carts", http.StatusNotFound, "rest_no_route"},
		{"products", http.StatusForbidden, "woocommerce_rest_cannot_view"},
	} {
		w := ask(server, c.path)
		var body struct {
			Code string `json:"code"`
			Data struct {
				Status int `json:"status"`
			} `json:"data"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != c.status || body.Code != c.code || body.Data.Status != c.status {
			t.Errorf("%s: %d %s, want %d %s", c.path, w.Code, w.Body, c.status, c.code)
		}
	}
}

func TestPaging(t *testing.T) {
	w := ask(shop(), "orders?per_page=2&_fields=id")
	want := http.Header{
		"Content-Type": {"application/json; charset=UTF-8"}, "X-Wp-Total": {"3"}, "X-Wp-Totalpages": {"2"},
		"Link": {`<http://example.com/wp-json/wc/v3/orders?_fields=id&page=2&per_page=2>; rel="next"`},
	}
	if diff := cmp.Diff(want, w.Header()); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if got := w.Body.String(); got != `[{"id":3},{"id":2}]`+"\n" {
		t.Errorf("fields: %s", got)
	}
}
