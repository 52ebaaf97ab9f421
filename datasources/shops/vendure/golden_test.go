package vendure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/vendure"
	"github.com/customer360/gateway/internal/crm"
)

var (
	update    = flag.Bool("update", false, "write the golden files")
	recording = flag.Bool("record", false, "ask the shop of VENDURE_URL and write its answers")
)

// goldenCalls are the calls whose answers of a real Vendure are kept, each one
// request.
func goldenCalls() map[string]func(context.Context, crm.Shop) (any, error) {
	shoppers := []crm.Shopper{
		{CustomerID: "cus_1", Emails: []string{"shopper0000@example.test"}},
		{CustomerID: "cus_2", ExternalIDs: []string{"2"}},
		{CustomerID: "cus_3", Emails: []string{"shopper0002@example.test"}, ExternalIDs: []string{"3"}},
		{CustomerID: "cus_4", Emails: []string{"shopper0003@example.test"}},
		{CustomerID: "cus_nobody", Emails: []string{"nobody@example.test"}},
	}
	return map[string]func(context.Context, crm.Shop) (any, error){
		"orders_of": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersOf(ctx, shoppers, crm.Stretch{Limit: 2})
		},
		"count_orders": func(ctx context.Context, s crm.Shop) (any, error) { return s.CountOrders(ctx, shoppers) },
		"carts_of":     func(ctx context.Context, s crm.Shop) (any, error) { return s.CartsOf(ctx, shoppers) },
		"orders_by_id": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.OrdersByID(ctx, []string{"1", "3", "5", "6", "404"})
		},
		"products_by_id": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.ProductsByID(ctx, []string{"1", "2", "404"})
		},
		"products_by_sku": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.ProductsBySKU(ctx, []string{"L2201308", "L2201508", "834444", "NONE"})
		},
		"customer_changes": func(ctx context.Context, s crm.Shop) (any, error) {
			return s.CustomerChanges(ctx, crm.Mark{}, 50)
		},
	}
}

// TestGolden converts recorded answers of a Vendure 3.7.3 (scripts/shops/vendure).
func TestGolden(t *testing.T) {
	for name, call := range goldenCalls() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".json")
			if *recording {
				config := realShop(t)
				config.Transport = recorder{t, file}
				if _, err := call(t.Context(), newShop(t, config)); err != nil {
					t.Fatal(err)
				}
			}
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", "Sun, 22 Nov 2026 14:00:00 GMT")
				_, _ = w.Write(body)
			}))
			defer server.Close()
			result, err := call(t.Context(), newShop(t, vendure.Config{Source: "vendure-eu", URL: server.URL, Credentials: "a:b"}))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(result, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join("testdata", name+".golden.json"), append(got, '\n'))
		})
	}
}

func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// recorder keeps the answer of a real shop, indented.
type recorder struct {
	t    *testing.T
	file string
}

func (r recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", " "); err != nil {
		return nil, err
	}
	indented.WriteByte('\n')
	if err := os.WriteFile(r.file, indented.Bytes(), 0o600); err != nil {
		r.t.Error(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
