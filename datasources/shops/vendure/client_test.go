package vendure_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/vendure"
	"github.com/customer360/gateway/internal/crm"
)

func TestNew(t *testing.T) {
	good := vendure.Config{Source: "vendure-eu", URL: "https://shop.example.com", Credentials: "lookup:secret"}
	if _, err := vendure.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*vendure.Config){
		"no source":                 func(c *vendure.Config) { c.Source = "" },
		"the store's name":          func(c *vendure.Config) { c.Source = crm.SourceStore },
		"no URL":                    func(c *vendure.Config) { c.URL = "" },
		"another scheme":            func(c *vendure.Config) { c.URL = "ftp://shop.example.com" },
		"no credentials":            func(c *vendure.Config) { c.Credentials = " " },
		"a key without a secret":    func(c *vendure.Config) { c.Credentials = "lookup:" },
		"another scheme of theirs":  func(c *vendure.Config) { c.Credentials = "Basic abc" },
		"a line break in the token": func(c *vendure.Config) { c.Credentials = "Bearer a\nb" },
	} {
		c := good
		change(&c)
		if _, err := vendure.New(c); crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "abc") {
			t.Errorf("%s: the error tells the credentials: %v", name, err)
		}
	}
}

// TestRequests: where the calls go, with which credentials, and that they are
// counted.
func TestRequests(t *testing.T) {
	for _, test := range []struct{ path, credentials, wantPath, header, value string }{
		{"", "lookup:secret\n", "/admin-api", "vendure-api-key", "lookup:secret"},
		{"/", "bearer token ", "/admin-api", "Authorization", "Bearer token"},
		{"/shop/eu/admin", "Bearer token", "/shop/eu/admin", "Authorization", "Bearer token"},
	} {
		var got *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			_, _ = io.WriteString(w, `{"data":{"orders":{"items":[]}}}`)
		}))
		var calls []string
		shop := newShop(t, vendure.Config{
			Source: "v", URL: server.URL + test.path, Credentials: test.credentials,
			Observe: func(call string) { calls = append(calls, call) },
		})
		if _, err := shop.OrdersByID(t.Context(), []string{"1"}); err != nil {
			t.Fatal(err)
		}
		server.Close()
		if got.URL.Path != test.wantPath || got.Header.Get(test.header) != test.value {
			t.Errorf("asked %s with %q, want %s with %q", got.URL.Path, got.Header.Get(test.header), test.wantPath, test.value)
		}
		if diff := cmp.Diff([]string{"OrdersByID"}, calls); diff != "" {
			t.Error(diff)
		}
	}
}

// TestFailures: what a shop can say instead of an answer.
func TestFailures(t *testing.T) {
	graphQL := func(code string) string {
		return `{"errors":[{"message":"m","extensions":{"code":"` + code + `"}}],"data":null}`
	}
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		want   crm.Code
		retry  time.Duration
	}{
		"refused, in the body":      {200, nil, graphQL("FORBIDDEN"), crm.CodeForbidden, 0},
		"a broken shop":             {200, nil, graphQL("INTERNAL_SERVER_ERROR"), crm.CodeUnavailable, 0},
		"an input it does not like": {200, nil, graphQL("USER_INPUT_ERROR"), crm.CodeUnavailable, 0},
		"a schema without a field":  {200, nil, graphQL("GRAPHQL_VALIDATION_FAILED"), crm.CodeUnsupported, 0},
		"a limit, in the body":      {200, nil, graphQL("TOO_MANY_REQUESTS"), crm.CodeRateLimited, 0},
		"an error without a code":   {200, nil, `{"errors":[{"message":"m"}],"data":{"orders":{"items":[]}}}`, crm.CodeUnavailable, 0},
		"a refused document":        {400, nil, graphQL("GRAPHQL_VALIDATION_FAILED"), crm.CodeUnavailable, 0},
		"another address":           {404, nil, `nothing`, crm.CodeUnavailable, 0},
		"a proxy's 401":             {401, nil, ``, crm.CodeUnauthenticated, 0},
		"a proxy's limit":           {429, http.Header{"Retry-After": {"7"}}, ``, crm.CodeRateLimited, 7 * time.Second},
		"garbage":                   {200, nil, `<html>`, crm.CodeUnavailable, 0},
		"half a body":               {200, nil, `{"data":{"orders":{"items":[`, crm.CodeUnavailable, 0},
		"no data":                   {200, nil, `{"data":null}`, crm.CodeUnavailable, 0},
		"data of another shape":     {200, nil, `{"data":{"orders":7,"customers":7}}`, crm.CodeUnavailable, 0},
		"data with a long word":     {200, nil, graphQL(strings.Repeat("x", 1<<20)), crm.CodeUnavailable, 0},
		"an order in no currency":   {200, nil, `{"data":{"orders":{"items":[{"id":"1","orderPlacedAt":"2026-01-01T00:00:00Z","currencyCode":"?"}]}}}`, crm.CodeUnavailable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for key, values := range test.header {
					w.Header()[key] = values
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			shop := newShop(t, vendure.Config{Source: "v", URL: server.URL, Credentials: "a:b"})
			_, err := shop.OrdersByID(t.Context(), []string{"1"})
			var known *crm.Error
			if !errors.As(err, &known) || known.Code != test.want || known.Source != "v" || known.RetryAfter != test.retry {
				t.Errorf("%#v (%v), want %s", known, err, test.want)
			}
			if len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
	_, shop := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := shop.OrdersOf(ctx, []crm.Shopper{sam}, crm.Stretch{Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestCheck(t *testing.T) {
	f, shop := newFake(t)
	for _, test := range []struct {
		forbidden, want []string
	}{
		{nil, []string{}},
		{[]string{"orders"}, []string{"ReadOrder"}},
		{[]string{"customers", "productVariants"}, []string{"ReadCustomer", "ReadCatalog"}},
	} {
		clear(f.forbidden)
		for _, field := range test.forbidden {
			f.forbidden[field] = true
		}
		missing, err := shop.Check(t.Context())
		if diff := cmp.Diff(test.want, missing); diff != "" || err != nil {
			t.Errorf("without %v: %v\n%s", test.forbidden, err, diff)
		}
	}
	f.forbidden["activeChannel"] = true
	if _, err := shop.Check(t.Context()); crm.CodeOf(err) != crm.CodeUnauthenticated {
		t.Errorf("credentials that are no good: %v", err)
	}
}
