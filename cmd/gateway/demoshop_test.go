package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	gateway "github.com/customer360/gateway/cmd/gateway"
)

// purchased is what the demo's example customer has bought, newest first.
type purchased struct {
	// Sources say what each gave, "store OK"; Covered say it of the statistics.
	Sources, Covered []string
	// Orders are their sources and numbers.
	Orders []string
	Count  int
}

// exampleHistory asks for the example customer's newest two orders.
func exampleHistory(t *testing.T, s served) purchased {
	t.Helper()
	body, err := json.Marshal(map[string]any{"variables": map[string]string{"id": s.customer}, "query": `query($id: ID!) {
		customer(id: $id) {
			statistics { orderCount sources { source state asOf } }
			orders(first: 2) { totalCount sources { source state } nodes { source number } }
		}
	}`})
	if err != nil {
		t.Fatal(err)
	}
	_, text := fetch(t, s.graphql, string(body))
	type source struct{ Source, State, AsOf string }
	var answer struct {
		Errors any
		Data   struct {
			Customer struct {
				Statistics struct {
					OrderCount int
					Sources    []source
				}
				Orders struct {
					Sources []source
					Nodes   []struct{ Source, Number string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Errors != nil {
		t.Fatalf("%v: %s", err, text)
	}
	h := purchased{Count: answer.Data.Customer.Statistics.OrderCount}
	for _, from := range answer.Data.Customer.Orders.Sources {
		h.Sources = append(h.Sources, from.Source+" "+from.State)
	}
	for _, from := range answer.Data.Customer.Statistics.Sources {
		h.Covered = append(h.Covered, from.Source+" "+from.State+" "+from.AsOf)
	}
	for _, o := range answer.Data.Customer.Orders.Nodes {
		h.Orders = append(h.Orders, o.Source+" "+o.Number)
	}
	return h
}

func wantHistory(t *testing.T, s served, webShop string) {
	t.Helper()
	want := purchased{
		Sources: []string{"store OK", "web-shop " + webShop},
		Covered: []string{"store OK 2011-12-10T09:00:00.000Z", "web-shop STALE 2011-12-10T09:00:00.000Z"},
		Orders:  []string{"web-shop 536614", "online-retail 536791"},
		Count:   34,
	}
	if diff := cmp.Diff(want, exampleHistory(t, s)); diff != "" {
		t.Errorf("the example customer's history (-want +got):\n%s", diff)
	}
}

// The demo shows the orders of two sources as one list, from a store of its own
// as from one that holds it already.
func TestDemoMergesTwoSources(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	for _, when := range []string{"fresh", "again"} {
		said := &buffer{}
		m := &gateway.Main{}
		m.OverDemoShop(func(shop http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				answer, err := shop.RoundTrip(r)
				if err == nil {
					answer.Body = io.NopCloser(io.TeeReader(answer.Body, said))
				}
				return answer, err
			})
		})
		s := start(t, m, "demo", "--store", path)
		if diff := cmp.Diff([]string{"store", "web-shop"}, s.sources); diff != "" {
			t.Errorf("%s: sources (-want +got):\n%s", when, diff)
		}
		wantHistory(t, s, "OK")
		if !strings.Contains(said.String(), `"display_id":536614`) {
			t.Errorf("%s: the web shop itself does not have the order: %.300s", when, said)
		}
		if _, metrics := fetch(t, s.metrics, ""); !strings.Contains(metrics, `customer360_source_calls_total{call="OrdersOf",source="web-shop"} 1`) {
			t.Errorf("%s: not one call of the web shop's orders in the metrics:\n%s", when, metrics)
		}
		_, live := fetch(t, s.graphql, `{"query": "{ product(id: \"prd_web-shop.22632\") { title source } order(id: \"ord_web-shop.536614\") { source sourceStatus customer { id } } }"}`)
		want := `{"data":{"product":{"title":"HAND WARMER RED RETROSPOT","source":"web-shop"},"order":{"source":"web-shop","sourceStatus":"completed","customer":{"id":"` + s.customer + `"}}}}`
		if live != want {
			t.Errorf("%s: %s\nwant %s", when, live, want)
		}
		if code := s.end(); code != 0 {
			t.Errorf("%s: exit code %d, log:\n%s", when, code, s.log)
		}
	}
}

// roundTrip is a function as http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// When the web shop fails, the store's copies fill in and the sources say so.
func TestDemoWithoutItsShop(t *testing.T) {
	var broken atomic.Bool
	m := &gateway.Main{}
	m.OverDemoShop(func(shop http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if broken.Load() {
				return nil, errors.New("broken for a test")
			}
			return shop.RoundTrip(r)
		})
	})
	s := start(t, m, "demo", "--store", demoStore(t))
	wantHistory(t, s, "OK")
	broken.Store(true)
	wantHistory(t, s, "UNAVAILABLE")
}

// Configured shops come beside the web shop; none may have its name.
func TestDemoWithConfiguredShops(t *testing.T) {
	configured := func(name string) (file string, environ []string) {
		file = filepath.Join(t.TempDir(), "gateway.yaml")
		text := "shops:\n  - name: " + name + "\n    kind: medusa\n    url: http://127.0.0.1:1\n    retries: 0\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		return file, []string{"GATEWAY_SHOPS_" + variable + "_CREDENTIALS=sk_test"}
	}
	file, environ := configured("another")
	s := serve(t, environ, "demo", "--config", file, "--store", demoStore(t))
	if diff := cmp.Diff([]string{"store", "another", "web-shop"}, s.sources); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	file, environ = configured("web-shop")
	var out, errs buffer
	m := &gateway.Main{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: environ}
	code := m.Run(t.Context(), []string{"demo", "--config", file, "--listen", "127.0.0.1:0"})
	if code != 2 || out.String() != "" || !strings.Contains(errs.String(), "shop web-shop: the demo has a shop of this name") {
		t.Errorf("exit code %d, %q, %q", code, out.String(), errs.String())
	}
}
