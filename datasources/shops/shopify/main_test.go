package shopify_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/shops/shopify"
	"github.com/customer360/gateway/internal/crm"
)

var update = flag.Bool("update", false, "write the golden files; with SHOPIFY_URL, record the answers too")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asked is a query as it reaches the shop.
type asked struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
	Operation string         `json:"operationName"`
}

// schema is what the operations are generated from.
func schema(t testing.TB) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("internal/admin/schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// watch is a transport that computes what each query costs, as Shopify documents
// it, and fails the test if one costs more than 1000 points.
type watch struct {
	t      testing.TB
	schema *ast.Schema
	next   http.RoundTripper

	mu    sync.Mutex
	names []string
	costs map[string]int // the dearest of each operation
}

func newWatch(t testing.TB, next http.RoundTripper) *watch {
	return &watch{t: t, schema: schema(t), next: next, costs: map[string]int{}}
}

func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	var q asked
	if err := json.NewDecoder(body).Decode(&q); err != nil {
		return nil, err
	}
	document, errs := gqlparser.LoadQueryWithRules(w.schema, q.Query, nil)
	if errs != nil {
		w.t.Errorf("%s is not valid: %v", q.Operation, errs)
	}
	points := cost(document.Operations[0].SelectionSet, q.Variables)
	if points > 1000 {
		w.t.Errorf("%s costs %d points", q.Operation, points)
	}
	w.mu.Lock()
	w.costs[q.Operation] = max(w.costs[q.Operation], points)
	w.mu.Unlock()
	return w.next.RoundTrip(r)
}

// observe is told of each request.
func (w *watch) observe(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names = append(w.names, call)
}

// taken returns the names of the requests since it was asked last.
func (w *watch) taken() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := w.names
	w.names = nil
	return names
}

// cost computes what a selection costs: an object 1, a value 0, a connection 2 and
// its size times one of its nodes, a list of ids as many as there are.
func cost(set ast.SelectionSet, variables map[string]any) (sum int) {
	for _, s := range set {
		switch x := s.(type) {
		case *ast.FragmentSpread:
			sum += cost(x.Definition.SelectionSet, variables)
		case *ast.InlineFragment:
			sum += cost(x.SelectionSet, variables)
		case *ast.Field:
			sum += fieldCost(x, variables)
		}
	}
	return sum
}

func fieldCost(f *ast.Field, variables map[string]any) int {
	if len(f.SelectionSet) == 0 || f.Name == "pageInfo" {
		return 0
	}
	size := 1
	for _, a := range f.Arguments {
		value, err := a.Value.Value(variables)
		if err != nil {
			panic(err)
		}
		switch v := value.(type) {
		case []any:
			if a.Name == "ids" {
				size = len(v)
			}
		case float64:
			if a.Name == "first" {
				size = int(v)
			}
		case int64:
			if a.Name == "first" {
				size = int(v)
			}
		}
	}
	if strings.HasSuffix(f.Definition.Type.Name(), "Connection") {
		return 2 + size*cost(f.SelectionSet, variables)
	}
	return size * (1 + cost(f.SelectionSet, variables))
}

// fake is a shop whose answers a test writes: bodies by operation, or a function.
func fake(t testing.TB, answer func(q asked, w http.ResponseWriter)) (*shopify.Shop, *watch) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q asked
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		answer(q, w)
	}))
	t.Cleanup(server.Close)
	watched := newWatch(t, server.Client().Transport)
	return shop(t, server.URL, "shpat_test", watched), watched
}

func shop(t testing.TB, url, token string, transport http.RoundTripper) *shopify.Shop {
	t.Helper()
	config := shopify.Config{Source: "shopify", URL: url, Credentials: token, Transport: transport}
	if w, ok := transport.(*watch); ok {
		config.Observe = w.observe
	}
	s, err := shopify.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// shopper names somebody by an address.
func shopper(n int, emails ...string) crm.Shopper {
	return crm.Shopper{CustomerID: crm.ID(fmt.Sprintf("cus_%026d", n)), Emails: emails}
}
