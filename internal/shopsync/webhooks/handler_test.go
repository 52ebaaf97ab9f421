package webhooks_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/shopsync/webhooks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// memory remembers deliveries.
type memory struct {
	mu    sync.Mutex
	until map[string]time.Time
	fails error
}

func (m *memory) Once(_ context.Context, key string, until time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return false, m.fails
	}
	if _, known := m.until[key]; known {
		return false, nil
	}
	m.until[key] = until
	return true, nil
}

func (m *memory) Forget(ctx context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(m.until, key)
	return nil
}

// updates notes what was brought up to date.
type updates struct {
	mu   sync.Mutex
	seen []string
	do   func(context.Context) error
}

func (u *updates) Update(ctx context.Context, source string, ids []string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.seen = append(u.seen, source+":"+strings.Join(ids, ","))
	if u.do != nil {
		return u.do(ctx)
	}
	return nil
}

// stage is a handler with two shops: "signed", whose signatures hold for a minute,
// and "forever". The signature is the word "right" in a header; the body is the
// delivery and, behind a colon, the orders.
type stage struct {
	handler  http.Handler
	memory   *memory
	updates  *updates
	log      bytes.Buffer
	observed []string
}

func prove(expires time.Time) crm.Webhook {
	return func(header crm.WebhookHeader, body []byte, at time.Time) (crm.ShopEvent, error) {
		if header.Get("X-Signature") != "right" || !at.Equal(now) {
			return crm.ShopEvent{}, &crm.Error{Code: crm.CodeUnauthenticated}
		}
		delivery, orders, ok := strings.Cut(string(body), ":")
		if !ok {
			return crm.ShopEvent{}, crm.Invalid("no sense")
		}
		event := crm.ShopEvent{Delivery: delivery, Expires: expires}
		if orders != "" {
			event.OrderIDs = strings.Split(orders, ",")
		}
		return event, nil
	}
}

func set(change func(*webhooks.Config)) *stage {
	s := &stage{memory: &memory{until: map[string]time.Time{}}, updates: &updates{}}
	c := webhooks.Config{
		Sources:    map[string]crm.Webhook{"signed": prove(now.Add(time.Minute)), "forever": prove(time.Time{})},
		Deliveries: s.memory, Updater: s.updates, Now: func() time.Time { return now },
		Observe: func(source, result string) { s.observed = append(s.observed, source+" "+result) },
		Log:     slog.New(slog.NewTextHandler(&s.log, nil)),
	}
	if change != nil {
		change(&c)
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks/{source}", webhooks.New(c))
	s.handler = mux
	return s
}

func (s *stage) send(source, signature, body string) *httptest.ResponseRecorder {
	return s.sendBody(source, signature, strings.NewReader(body))
}

func (s *stage) sendBody(source, signature string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/webhooks/"+source, body)
	r.Header.Set("X-Signature", signature)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func (s *stage) check(t *testing.T, w *httptest.ResponseRecorder, status int, observed string) {
	t.Helper()
	if w.Code != status || len(s.observed) == 0 || s.observed[len(s.observed)-1] != observed {
		t.Errorf("status %d %q, observed %q; want %d, %q", w.Code, w.Body, s.observed, status, observed)
	}
}

func TestUpdate(t *testing.T) {
	s := set(nil)
	s.check(t, s.send("signed", "right", "d1:7,8"), http.StatusOK, "signed updated")
	s.check(t, s.send("forever", "right", "d1:9"), http.StatusOK, "forever updated")
	if diff := cmp.Diff([]string{"signed:7,8", "forever:9"}, s.updates.seen); diff != "" {
		t.Errorf("updates (-want +got):\n%s", diff)
	}
	want := map[string]time.Time{"webhook/signed/d1": now.Add(61 * time.Second), "webhook/forever/d1": now.Add(7 * 24 * time.Hour)}
	if diff := cmp.Diff(want, s.memory.until); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}

// The same delivery twice is one; the other source's of that name is another.
func TestRepeated(t *testing.T) {
	s := set(nil)
	s.check(t, s.send("signed", "right", "d1:7"), http.StatusOK, "signed updated")
	s.check(t, s.send("signed", "right", "d1:7"), http.StatusOK, "signed repeated")
	if len(s.updates.seen) != 1 {
		t.Errorf("updates %q", s.updates.seen)
	}
}

// A source that is none, one without a secret and a wrong signature are told the
// same, to the byte.
func TestRefusalsAreAlike(t *testing.T) {
	s := set(nil)
	wrong := s.send("signed", "wrong", "d1:7")
	s.check(t, wrong, http.StatusUnauthorized, "signed refused")
	for _, source := range []string{"unknown-shop", "store", "x%00y", strings.Repeat("a", 3000), "%2e"} {
		for _, signature := range []string{"right", "wrong", ""} {
			w := s.send(source, signature, "d1:7")
			s.check(t, w, http.StatusUnauthorized, "unknown refused")
			if diff := cmp.Diff(wrong.Body.String(), w.Body.String()); diff != "" {
				t.Errorf("%.20q: bodies differ:\n%s", source, diff)
			}
			if diff := cmp.Diff(wrong.Header(), w.Header()); diff != "" {
				t.Errorf("%.20q: headers differ:\n%s", source, diff)
			}
		}
	}
	if len(s.updates.seen)+len(s.memory.until) != 0 || s.log.Len() != 0 {
		t.Errorf("updates %q, remembered %v, log %s", s.updates.seen, s.memory.until, &s.log)
	}
}

// A delivery that failed may come again and is new then, also if who sent it did
// not wait for the end, and if the update panicked.
func TestFailures(t *testing.T) {
	for name, do := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return errors.New("the shop is away") },
		"too slow": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		},
	} {
		s := set(func(c *webhooks.Config) { c.Timeout = 20 * time.Millisecond })
		s.updates.do = do
		w := s.send("signed", "right", "d1:7")
		s.check(t, w, http.StatusServiceUnavailable, "signed failed")
		if w.Header().Get("Retry-After") == "" || len(s.memory.until) != 0 || s.log.Len() == 0 {
			t.Errorf("%s: %v, remembered %v, log %s", name, w.Header(), s.memory.until, &s.log)
		}
		s.updates.do = nil
		s.check(t, s.send("signed", "right", "d1:7"), http.StatusOK, "signed updated")
	}
}

func TestGoneCaller(t *testing.T) {
	s := set(nil)
	ctx, cancel := context.WithCancel(context.Background())
	s.updates.do = func(context.Context) error {
		cancel()
		return context.Canceled
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/webhooks/signed", strings.NewReader("d1:7"))
	r.Header.Set("X-Signature", "right")
	s.handler.ServeHTTP(httptest.NewRecorder(), r)
	if len(s.memory.until) != 0 {
		t.Errorf("remembered %v", s.memory.until)
	}
}

func TestPanic(t *testing.T) {
	s := set(nil)
	s.updates.do = func(context.Context) error { panic("a bug") }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is the server's to tell of")
			}
		}()
		s.send("signed", "right", "d1:7")
	}()
	if len(s.memory.until) != 0 {
		t.Errorf("remembered %v", s.memory.until)
	}
	s.updates.do = nil
	s.check(t, s.send("signed", "right", "d1:7"), http.StatusOK, "signed updated")
}

func TestMemoryFails(t *testing.T) {
	s := set(nil)
	s.memory.fails = errors.New("the store is away")
	s.check(t, s.send("signed", "right", "d1:7"), http.StatusServiceUnavailable, "signed failed")
	if len(s.updates.seen) != 0 {
		t.Errorf("updates %q", s.updates.seen)
	}
}

func TestOthers(t *testing.T) {
	s := set(nil)
	s.check(t, s.send("signed", "right", "d1:"), http.StatusOK, "signed ignored")
	s.check(t, s.send("signed", "right", "canary-body"), http.StatusBadRequest, "signed invalid")
	for _, source := range []string{"signed", "unknown-shop"} {
		label := strings.TrimSuffix(source, "-shop")
		s.check(t, s.send(source, "", "webhook_id=12"), http.StatusOK, label+" ping")
		s.check(t, s.send(source, "", "webhook_id=12 "), http.StatusUnauthorized, label+" refused")
		s.check(t, s.send(source, "right", strings.Repeat(" ", webhooks.MaxBytes+1)), http.StatusRequestEntityTooLarge, label+" invalid")
		s.check(t, s.sendBody(source, "right", brokenOff{}), http.StatusBadRequest, label+" invalid")
		r := httptest.NewRequest(http.MethodGet, "/webhooks/"+source, nil)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		s.check(t, w, http.StatusMethodNotAllowed, label+" invalid")
	}
	big := "d2:" + strings.Repeat("1,", webhooks.MaxBytes/2-2) + "1"
	s.check(t, s.send("signed", "right", big), http.StatusOK, "signed updated")
	if len(s.updates.seen) != 1 || strings.Contains(s.log.String(), "canary") {
		t.Errorf("%d updates, log %s", len(s.updates.seen), &s.log)
	}
}

type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// So many at once and no more: the rest may come again.
func TestBusy(t *testing.T) {
	var mu sync.Mutex
	results := []string{}
	s := set(func(c *webhooks.Config) {
		c.Observe = func(_, result string) {
			mu.Lock()
			defer mu.Unlock()
			results = append(results, result)
		}
	})
	var (
		waiting sync.WaitGroup
		writers []*io.PipeWriter
	)
	for range 16 {
		body, writer := io.Pipe()
		writers = append(writers, writer)
		waiting.Go(func() { s.sendBody("signed", "right", body) })
		if _, err := writer.Write([]byte("d1:7")); err != nil { // It is being read.
			t.Fatal(err)
		}
	}
	if w := s.send("signed", "right", "d2:8"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("the 17th: %d", w.Code)
	}
	for _, w := range writers {
		_ = w.Close()
	}
	waiting.Wait()
	if w := s.send("signed", "right", "d2:8"); w.Code != http.StatusOK {
		t.Errorf("after the others: %d", w.Code)
	}
	slices.Sort(results)
	if results[0] != "busy" || len(slices.Compact(results)) != 3 || len(s.updates.seen) != 2 {
		t.Errorf("results %q, updates %q", results, s.updates.seen)
	}
}

func TestNoSecretNoRoute(t *testing.T) {
	if h := webhooks.New(webhooks.Config{}); h != nil {
		t.Error("a route without a source")
	}
}

func FuzzHandler(f *testing.F) {
	f.Add("signed", "right", []byte("d1:7"))
	f.Add("unknown", "", []byte("webhook_id=1"))
	f.Add("..", "wrong", []byte{0xff})
	f.Fuzz(func(t *testing.T, source, signature string, body []byte) {
		s := set(nil)
		r := httptest.NewRequest(http.MethodPost, "/webhooks/x", bytes.NewReader(body))
		r.SetPathValue("source", source)
		r.Header.Set("X-Signature", signature)
		w := httptest.NewRecorder()
		webhooks.New(webhooks.Config{
			Sources: map[string]crm.Webhook{"signed": prove(time.Time{})}, Deliveries: s.memory, Updater: s.updates,
			Now: func() time.Time { return now },
		}).ServeHTTP(w, r)
		if (source != "signed" || signature != "right") && (len(s.updates.seen) > 0 || len(s.memory.until) > 0) {
			t.Errorf("%q, %q had an effect", source, signature)
		}
		if !slices.Contains([]int{200, 400, 401, 413}, w.Code) {
			t.Errorf("status %d", w.Code)
		}
	})
}

// A client that sends its body too slowly loses its place among those at once.
func TestASlowBody(t *testing.T) {
	s := set(func(c *webhooks.Config) { c.Timeout = 50 * time.Millisecond })
	mux := http.NewServeMux()
	mux.Handle("/webhooks/{source}", s.handler)
	server := httptest.NewServer(mux)
	defer server.Close()
	body, rest := io.Pipe()
	defer func() { _ = rest.Close() }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/webhooks/signed", body)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", response.StatusCode)
	}
}
