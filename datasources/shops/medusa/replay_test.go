package medusa_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/medusa"
	"github.com/customer360/gateway/internal/crm"
)

var update = flag.Bool("update", false, "write the golden files of what the recorded answers are converted to")

// golden are the recorded answers of a real shop, each with what is asked of it.
func golden() map[string]func(*testing.T, *medusa.Shop) (any, error) {
	return map[string]func(*testing.T, *medusa.Shop) (any, error){
		"orders_of": func(t *testing.T, s *medusa.Shop) (any, error) {
			return s.OrdersOf(t.Context(), recordedShoppers(), crm.Stretch{Limit: 20})
		},
		"customers": func(t *testing.T, s *medusa.Shop) (any, error) {
			return s.CustomerChanges(t.Context(), crm.Mark{}, 20)
		},
		"orders": func(t *testing.T, s *medusa.Shop) (any, error) {
			return s.OrderChanges(t.Context(), crm.Mark{Cursor: `{}`}, 4)
		},
		"products": func(t *testing.T, s *medusa.Shop) (any, error) {
			return s.ProductsBySKU(t.Context(), []string{"SKU-0-S", "SKU-1-M", "SKU-OUT-S", "SKU-NONE"})
		},
	}
}

func recordedShoppers() []crm.Shopper {
	return []crm.Shopper{
		shopper("refunded", "shopper0001@example.test"),
		shopper("discounted", "shopper0002@example.test"),
		shopper("returned", "shopper0003@example.test"),
		shopper("nobody", "nobody@example.test"),
	}
}

func shopper(id crm.ID, emails ...string) crm.Shopper {
	return crm.Shopper{CustomerID: id, Emails: emails}
}

func TestRecordedAnswers(t *testing.T) {
	for name, ask := range golden() {
		t.Run(name, func(t *testing.T) {
			answer, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			s, _ := fake(t, func(*http.Request) (int, string) { return http.StatusOK, string(answer) })
			got, err := ask(t, s)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, name, got)
		})
	}
}

func compareGolden(t *testing.T, name string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	path := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("%s (-want +got, -update writes it):\n%s", path, diff)
	}
}

// counter counts a shop's calls by name.
type counter struct {
	mu    sync.Mutex
	calls []string
}

func (c *counter) observe(call string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
}

// take returns the number of calls since it was asked last.
func (c *counter) take() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.calls)
	c.calls = nil
	return n
}

// fake starts a shop that answers as told.
func fake(t *testing.T, answer func(*http.Request) (status int, body string)) (*medusa.Shop, *counter) {
	t.Helper()
	return shopAt(t, serve(t, answer), "sk_test", nil)
}

// serve starts a server and gives its address.
func serve(t *testing.T, answer func(*http.Request) (status int, body string)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(r)
		w.WriteHeader(status)
		_, _ = bytes.NewBufferString(body).WriteTo(w)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func shopAt(t *testing.T, url, credentials string, transport http.RoundTripper) (*medusa.Shop, *counter) {
	t.Helper()
	calls := &counter{}
	s, err := medusa.New(medusa.Config{
		Source: "medusa", URL: url, Credentials: credentials, Observe: calls.observe, Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, calls
}

func at(text string) *time.Time {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return &parsed
}
