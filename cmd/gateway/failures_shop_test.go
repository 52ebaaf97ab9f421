package main_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fakeShop is a Medusa that knows every patron, and can be made to fail.
type fakeShop struct {
	name, address string
	handler       atomic.Pointer[http.HandlerFunc] // nil: it answers well
	asked         atomic.Int64                     // requests so far
	server        *httptest.Server                 // nil while it is stopped
}

func newFakeShop(t *testing.T, name string) *fakeShop {
	t.Helper()
	s := &fakeShop{name: name}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

// start listens, at the same address each time.
func (s *fakeShop) start(t *testing.T) {
	t.Helper()
	server := httptest.NewUnstartedServer(s)
	if s.address != "" {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = server.Listener.Close()
		server.Listener = listener
	}
	s.address = server.Listener.Addr().String()
	server.Start()
	s.server = server
}

func (s *fakeShop) stop() {
	if s.server != nil {
		s.server.CloseClientConnections()
		s.server.Close()
		s.server = nil
	}
}

// ServeHTTP answers well, or as the shop is made to.
func (s *fakeShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	if handler := s.handler.Load(); handler != nil {
		(*handler)(w, r)
		return
	}
	_, _ = io.WriteString(w, s.customers(r))
}

// customers returns the customers who have the addresses that are asked for, each
// with two orders.
func (s *fakeShop) customers(r *http.Request) string {
	var found []string
	for i := range patrons {
		if slices.Contains(r.URL.Query()["email[]"], patron(i)) {
			found = append(found, medusaCustomer(fmt.Sprintf("cus_%d", i), patron(i),
				medusaOrder(fmt.Sprintf("%s_%d_1", s.name, i), fmt.Sprintf("cus_%d", i), "Teapot", 1),
				medusaOrder(fmt.Sprintf("%s_%d_2", s.name, i), fmt.Sprintf("cus_%d", i), "Kettle", 2)))
		}
	}
	return medusaCustomers(found...)
}

func medusaCustomers(list ...string) string {
	return fmt.Sprintf(`{"customers":[%s],"count":%d,"offset":0,"limit":%d}`, strings.Join(list, ","), len(list), len(list))
}

func medusaCustomer(id, email string, orders ...string) string {
	return fmt.Sprintf(`{"id":%q,"email":%q,"orders":[%s]}`, id, email, strings.Join(orders, ","))
}

func medusaOrder(id, customer, title string, minute int) string {
	at := time.Date(2026, 5, 1, 12, minute, 0, 0, time.UTC).Format(time.RFC3339)
	return fmt.Sprintf(`{"id":%q,"version":1,"display_id":7,"status":"pending","customer_id":%q,"currency_code":"eur",
		"created_at":%q,"updated_at":%q,"items":[{"id":"item_1","title":%q,"variant_sku":"SKU-1","product_id":"prod_1",
		"product_title":%q,"unit_price":12.5,"detail":{"quantity":2}}]}`, id, customer, at, at, title, title)
}

// huge streams a text of 100 MB that begins like an answer.
func huge(w io.Writer, part []byte) {
	for range 100 {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

// megabyte is a part of an answer that is too large: an unfinished text.
func megabyte() []byte { return bytes.Repeat([]byte("x"), 1<<20) }

// beginning is how an answer begins whose text has no end.
const beginning = `{"count":1,"customers":[{"id":"`

func plain100MB() http.HandlerFunc {
	part := megabyte()
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, beginning)
		huge(w, part)
	}
}

// gzip100MB sends archives one after the other, which is one (RFC 1952, 2.2).
func gzip100MB(t *testing.T) http.HandlerFunc {
	t.Helper()
	head, part := packed(t, []byte(beginning)), packed(t, megabyte())
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(head)
		huge(w, part)
	}
}

func packed(t *testing.T, text []byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	z := gzip.NewWriter(&archive)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}
