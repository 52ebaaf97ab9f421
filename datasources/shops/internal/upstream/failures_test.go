package upstream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
)

// httpShop is a small adapter: a shop whose orders come over HTTP, by id.
type httpShop struct {
	*shoptest.Shop
	client *upstream.Client
}

func (s httpShop) OrdersByID(ctx context.Context, ids []string) (map[string]*crm.ShopOrder, error) {
	var answer struct {
		Orders []struct{ ID, Title string }
	}
	if _, err := s.client.Get(ctx, "orders", "/orders", url.Values{"id": ids}, &answer); err != nil {
		return nil, err
	}
	found := map[string]*crm.ShopOrder{}
	for _, o := range answer.Orders {
		found[o.ID] = &crm.ShopOrder{Order: &crm.Order{ExternalID: o.ID, Number: o.Title}}
	}
	return found, nil
}

// well answers as a shop does that has every order.
func well(w http.ResponseWriter, r *http.Request) {
	var orders []string
	for _, id := range r.URL.Query()["id"] {
		orders = append(orders, fmt.Sprintf(`{"id":%q,"title":"teapot"}`, id))
	}
	_, _ = fmt.Fprintf(w, `{"orders":[%s]}`, strings.Join(orders, ","))
}

// brief returns settings for tests that wait in earnest.
func brief() guard.Settings {
	s := guard.Default()
	s.Timeout, s.BreakerDelay = 150*time.Millisecond, 100*time.Millisecond
	s.RetryDelay, s.RetryDelayMax = time.Millisecond, 5*time.Millisecond
	s.CacheTTL = time.Nanosecond
	return s
}

// large streams a JSON text of 100 MB, as it is or, by a function that packs a
// part of it, compressed.
func large(w io.Writer, packed func([]byte) []byte) {
	part := packed([]byte(strings.Repeat("x", 64<<10)))
	if _, err := w.Write(packed([]byte(`{"orders":[{"id":"`))); err != nil {
		return
	}
	for range 1600 {
		if _, err := w.Write(part); err != nil {
			return
		}
	}
	_, _ = w.Write(packed([]byte(`"}]}`)))
}

func plain(w http.ResponseWriter, _ *http.Request) {
	large(w, func(part []byte) []byte { return part })
}

// bomb packs each part by itself: archives may follow each other (RFC 1952, 2.2).
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	large(w, func(part []byte) []byte {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(part)
		_ = z.Close()
		return packed.Bytes()
	})
}

// flaw is a way for a shop to fail.
type flaw struct {
	name    string
	handler http.HandlerFunc // nil: nobody listens
	code    crm.Code
	late    bool // the deadline ends it
	retried bool
	stale   bool // an old answer stands in
}

func flaws(elsewhere string) []flaw {
	return []flaw{
		{name: "stopped", code: crm.CodeUnavailable, retried: true, stale: true},
		{
			name: "slow", code: crm.CodeUnavailable, late: true, stale: true,
			handler: func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Second):
				}
			},
		},
		{name: "garbage", handler: text("<html>\x00\xff garbage"), code: crm.CodeUnavailable, retried: true, stale: true},
		{name: "401", handler: status(http.StatusUnauthorized), code: crm.CodeUnauthenticated},
		{name: "403", handler: status(http.StatusForbidden), code: crm.CodeForbidden},
		{name: "429", handler: status(http.StatusTooManyRequests, "Retry-After", "30"), code: crm.CodeRateLimited, stale: true},
		{name: "500", handler: status(http.StatusInternalServerError), code: crm.CodeUnavailable, retried: true, stale: true},
		{
			name: "half a body", code: crm.CodeUnavailable, retried: true, stale: true,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, `{"orders":[{"id":"1"}`)
				panic(http.ErrAbortHandler)
			},
		},
		{name: "100 MB", handler: plain, code: crm.CodeUnavailable, stale: true},
		{name: "100 MB, compressed", handler: bomb, code: crm.CodeUnavailable, stale: true},
		{name: "a redirect to another host", handler: status(http.StatusFound, "Location", elsewhere+"/orders"), code: crm.CodeUnavailable, stale: true},
		{name: "an endless redirect", handler: status(http.StatusFound, "Location", "/orders"), code: crm.CodeUnavailable, stale: true},
	}
}

// TestFailures breaks a shop in each way: the call ends in time with the right
// error, an old answer stands in for what was known, the breaker opens, and when
// the shop is well again it closes.
func TestFailures(t *testing.T) {
	t.Parallel()
	elsewhere := newServer(t, well)
	for _, f := range flaws(elsewhere.URL) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, well)
			var down downable
			settings := brief()
			if !f.late {
				settings.Timeout = 5 * time.Second // Of a busy machine.
			}
			if f.code == crm.CodeRateLimited {
				settings.Timeout = time.Second // It has to be waited for once.
			}
			settings.RestAtMost = settings.Timeout + 200*time.Millisecond // Too long to be waited for.
			client := newClient(t, upstream.Options{URL: s.URL, MaxBytes: 1 << 20, Transport: &down})
			t.Cleanup(down.CloseIdleConnections)
			seen := &states{}
			kept := guard.Wrap(httpShop{shoptest.New("shop-one", nil), client}, settings, seen)
			defer kept.Close()
			shop := kept.Under("")
			if found, err := shop.OrdersByID(t.Context(), []string{"old"}); err != nil || found["old"] == nil {
				t.Fatalf("while it is well: %v, %v", found, err)
			}

			fail(t, s, &down, f)
			before := down.count()
			begin := time.Now()
			_, err := shop.OrdersByID(t.Context(), []string{"new"})
			if took := time.Since(begin); crm.CodeOf(err) != f.code || f.late != errors.Is(err, context.DeadlineExceeded) || f.late && took > time.Second {
				t.Errorf("%v after %v; want %s, late: %v", err, took, f.code, f.late)
			}
			if retried := seen.retries() > 0; retried != f.retried {
				t.Errorf("retried: %v, want %v (%d requests)", retried, f.retried, down.count()-before)
			}
			old, err := shop.OrdersByID(t.Context(), []string{"old"})
			if stood := err == nil && old["old"] != nil && old["old"].Stale; stood != f.stale {
				t.Errorf("the old answer stands in: %v, want %v (%v)", stood, f.stale, err)
			}
			for i := range 8 {
				_, _ = shop.OrdersByID(t.Context(), []string{fmt.Sprint(i)})
			}
			if f.code == crm.CodeUnavailable && !seen.has(crm.BreakerOpen) {
				t.Error("the breaker did not open")
			}

			down.set(false)
			s.answer(well)
			eventually(t, func() error {
				found, err := shop.OrdersByID(t.Context(), []string{"new"})
				if err == nil && (found["new"] == nil || found["new"].Stale) {
					err = errors.New("no fresh answer")
				}
				return err
			})
			if seen.has(crm.BreakerOpen) && seen.last() != crm.BreakerClosed {
				t.Errorf("the breaker is %s", seen.last())
			}
		})
	}
	t.Cleanup(func() {
		if n := elsewhere.count(); n != 0 {
			t.Errorf("the other host was asked %d times", n)
		}
	})
}

// fail makes a shop fail.
func fail(t *testing.T, s *server, down *downable, f flaw) {
	t.Helper()
	if f.handler == nil {
		down.set(true)
		return
	}
	s.answer(f.handler)
}

// downable is a transport to a server that can be stopped and come back: while it
// is down, requests go to a port where nobody listens.
type downable struct {
	http.Transport
	mu       sync.Mutex
	down     bool
	requests int
}

func (d *downable) set(down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = down
}

func (d *downable) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.requests
}

func (d *downable) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	down := d.down
	d.requests++
	d.mu.Unlock()
	if down {
		r = r.Clone(r.Context())
		r.URL.Host = "127.0.0.1:1"
	}
	return d.Transport.RoundTrip(r)
}

// states remembers the breaker's states and counts retries.
type states struct {
	mu      sync.Mutex
	all     []crm.BreakerState
	retried int
}

func (s *states) Call(string, string, crm.ShopOutcome, time.Duration) {}
func (s *states) Refused(string, string, crm.ShopRefusal)             {}
func (s *states) Cache(string, string, crm.ShopLookup, int)           {}

func (s *states) Retry(string, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retried++
}

func (s *states) Unreadable(string, string, int) {}

func (s *states) Breaker(_ string, state crm.BreakerState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, state)
}

func (s *states) retries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.retried
}

func (s *states) has(state crm.BreakerState) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		if one == state {
			return true
		}
	}
	return false
}

func (s *states) last() crm.BreakerState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[len(s.all)-1]
}

// eventually tries until there is no error, for ten seconds at most.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	ticks := time.NewTicker(5 * time.Millisecond)
	defer ticks.Stop()
	for end := time.Now().Add(10 * time.Second); ; <-ticks.C {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func TestARetryOverHTTP(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	first := true
	s.answer(func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		well(w, r)
	})
	client := newClient(t, upstream.Options{URL: s.URL})
	kept := guard.Wrap(httpShop{shoptest.New("shop-one", nil), client}, guard.Default(), nil)
	defer kept.Close()
	shop := kept.Under("")
	found, err := shop.OrdersByID(t.Context(), []string{"1", "2"})
	if err != nil || s.count() != 2 {
		t.Errorf("%v after %d requests, want none after 2", err, s.count())
	}
	titles := map[string]string{}
	for id, o := range found {
		titles[id] = o.Order.Number
	}
	if diff := cmp.Diff(map[string]string{"1": "teapot", "2": "teapot"}, titles); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}
