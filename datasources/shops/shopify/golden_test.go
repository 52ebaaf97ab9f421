package shopify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/internal/crm"
)

// exchange is a question and what the mock of scripts/shops/shopify-mock answered.
type exchange struct {
	Operation string          `json:"operation"`
	Variables json.RawMessage `json:"variables"`
	Answer    json.RawMessage `json:"answer"`
}

// tape plays recorded answers, or records them.
type tape struct {
	record    http.RoundTripper // nil plays
	exchanges []exchange
	at        int
}

func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var q struct {
		Operation string          `json:"operationName"`
		Variables json.RawMessage `json:"variables"`
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	if err := json.NewDecoder(body).Decode(&q); err != nil {
		return nil, err
	}
	if p.record != nil {
		return p.recorded(r, exchange{Operation: q.Operation, Variables: q.Variables})
	}
	if p.at == len(p.exchanges) {
		return nil, errors.New("nothing more was recorded")
	}
	e := p.exchanges[p.at]
	p.at++
	if diff := cmp.Diff(compact(e.Variables), compact(q.Variables)); e.Operation != q.Operation || diff != "" {
		return nil, errors.New(q.Operation + " is not what was recorded: " + diff)
	}
	return response(e.Answer), nil
}

func (p *tape) recorded(r *http.Request, e exchange) (*http.Response, error) {
	answer, err := p.record.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if e.Answer, err = io.ReadAll(answer.Body); err != nil {
		return nil, err
	}
	p.exchanges = append(p.exchanges, e)
	return response(e.Answer), nil
}

func response(body []byte) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body))}
}

func compact(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}

// owned is what an adapter says of an order.
type owned struct {
	Order *crm.Order
	Buyer crm.Buyer
}

func ownedOf(o *crm.ShopOrder) owned { return owned{o.Order, o.Buyer} }

// TestGolden converts recorded answers to records.
func TestGolden(t *testing.T) {
	long := shopper(1, "shopper0001@example.test", "shopper0011@example.test", "shopper0012@example.test")
	for name, ask := range map[string]func(context.Context, *shopify.Shop) (any, error){
		"orders_of": func(ctx context.Context, s *shopify.Shop) (any, error) {
			found, err := s.OrdersOf(ctx, []crm.Shopper{long, shopper(2, "shopper0003@example.test")}, crm.Stretch{Limit: 5})
			return [][]*crm.Order{found[long.CustomerID].Items, found[shopper(2).CustomerID].Items}, err
		},
		"orders_by_id": func(ctx context.Context, s *shopify.Shop) (any, error) {
			found, err := s.OrdersByID(ctx, []string{"4001", "4002", "4201", "1033"})
			return []owned{ownedOf(found["1033"]), ownedOf(found["4001"]), ownedOf(found["4002"]), ownedOf(found["4201"])}, err
		},
		"order_changes": func(ctx context.Context, s *shopify.Shop) (any, error) {
			page, err := s.OrderChanges(ctx, crm.Mark{}, 2)
			var orders []owned
			for _, o := range page.Items {
				orders = append(orders, ownedOf(o))
			}
			return orders, err
		},
		"customer_changes": func(ctx context.Context, s *shopify.Shop) (any, error) {
			return s.CustomerChanges(ctx, crm.Mark{}, 3)
		},
		"product_changes": func(ctx context.Context, s *shopify.Shop) (any, error) {
			return s.ProductChanges(ctx, crm.Mark{}, 3)
		},
		"products_by_sku": func(ctx context.Context, s *shopify.Shop) (any, error) {
			return s.ProductsBySKU(ctx, []string{"SKU-2-1", "SKU-11-0"})
		},
		"carts_of": func(ctx context.Context, s *shopify.Shop) (any, error) {
			return s.CartsOf(ctx, []crm.Shopper{shopper(3, "shopper0003@example.test"), shopper(4, "shopper0004@example.test")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			recording := filepath.Join("testdata", name+".json")
			url, token, p := "https://mock.example.test", "shpat_test", &tape{}
			if *update && os.Getenv("SHOPIFY_URL") != "" {
				transport := &http.Transport{}
				t.Cleanup(transport.CloseIdleConnections)
				url, token = mockAt(t)
				p.record = transport
			} else {
				text, err := os.ReadFile(recording)
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(text, &p.exchanges); err != nil {
					t.Fatal(err)
				}
			}
			got, err := ask(t.Context(), shop(t, url, token, p))
			if err != nil {
				t.Fatal(err)
			}
			if p.record == nil && p.at != len(p.exchanges) {
				t.Errorf("%d requests, %d were recorded", p.at, len(p.exchanges))
			}
			if p.record != nil {
				write(t, recording, p.exchanges)
			}
			golden(t, recording+".golden", got)
		})
	}
}

func golden(t *testing.T, file string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		write(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)+"\n"); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func write(t *testing.T, file string, value any) {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}
