package woocommerce_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/customer360/gateway/datasources/shops/woocommerce"
	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		source, url, credentials string
		ok                       bool
	}{
		"https":            {source, "https://shop.example", credentials, true},
		"below a path":     {source, "https://shop.example/en/", credentials, true},
		"this machine":     {source, "http://127.0.0.1:8080", credentials, true},
		"this machine, v6": {source, "http://[::1]:8080", credentials, true},
		"localhost":        {source, "http://localhost", credentials + "\n", true},
		"plain http":       {source, "http://shop.example", credentials, false},
		"by its name":      {source, "http://localhost.shop.example", credentials, false},
		"no url":           {source, "shop.example", credentials, false},
		"no name":          {"", "https://shop.example", credentials, false},
		"no secret":        {source, "https://shop.example", "ck_a", false},
		"an empty key":     {source, "https://shop.example", ":cs_a", false},
		"turned round":     {source, "https://shop.example", "cs_a:ck_a", false},
	} {
		shop, err := woocommerce.New(woocommerce.Config{Source: c.source, URL: c.url, Credentials: c.credentials})
		if c.ok != (err == nil) || err != nil && crm.CodeOf(err) != crm.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
		if shop != nil {
			shop.Close()
		}
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		credentials string
		denied      []string
		want        []string
		code        crm.Code
	}{
		"good":           {credentials: credentials, want: []string{}},
		"some rights":    {credentials: credentials, denied: []string{"orders", "data"}, want: []string{"read orders", "read settings (the currency)"}},
		"no right":       {credentials: credentials, denied: []string{"orders", "customers", "products", "data"}, want: []string{"read orders", "read customers", "read products", "read settings (the currency)"}},
		"a wrong secret": {credentials: woocommercetest.Key + ":cs_wrong", code: crm.CodeUnauthenticated},
		"an unknown key": {credentials: "ck_wrong:cs_wrong", code: crm.CodeUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			server := woocommercetest.New(woocommercetest.Data{})
			server.Deny(c.denied...)
			got, err := openWith(t, server, c.credentials).Check(context.Background())
			if c.code != "" {
				if crm.CodeOf(err) != c.code {
					t.Errorf("%v, want %s", err, c.code)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v, missing (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Each failure is one of the port's codes, with the source.
func TestFailures(t *testing.T) {
	status := func(code int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		code   crm.Code
	}{
		"no WooCommerce":    {status(http.StatusNotFound, `{"code":"rest_no_route"}`), crm.CodeUnavailable},
		"an older version":  {status(http.StatusBadRequest, `{"code":"rest_invalid_param"}`), crm.CodeUnavailable},
		"not let in":        {status(http.StatusUnauthorized, `{}`), crm.CodeUnauthenticated},
		"without the right": {status(http.StatusForbidden, `{}`), crm.CodeForbidden},
		"too often":         {status(http.StatusTooManyRequests, ``), crm.CodeRateLimited},
		"broken":            {status(http.StatusInternalServerError, ``), crm.CodeUnavailable},
		"a page":            {status(http.StatusOK, `<html>`), crm.CodeUnavailable},
		"an object":         {status(http.StatusOK, `{}`), crm.CodeUnavailable},
		"half an answer":    {status(http.StatusOK, `[{"id": 1`), crm.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			server := woocommercetest.New(woocommercetest.Data{})
			server.Intercept(c.answer)
			shop := open(t, server)
			ctx, asked := context.Background(), []crm.Shopper{shopper("a", []string{"1"}, "a@example.test")}
			errs := map[string]error{}
			_, errs["OrdersOf"] = shop.OrdersOf(ctx, asked, crm.Stretch{Limit: 1})
			_, errs["CountOrders"] = shop.CountOrders(ctx, asked)
			_, errs["OrdersByID"] = shop.OrdersByID(ctx, []string{"1"})
			_, errs["OrderChanges"] = shop.OrderChanges(ctx, crm.Mark{}, 5)
			for call, err := range errs {
				var known *crm.Error
				if !errors.As(err, &known) || known.Code != c.code || known.Source != source {
					t.Errorf("%s: %v, want %s of %s", call, err, c.code, source)
				}
				if c.code == crm.CodeRateLimited && known.RetryAfter != 7*time.Second {
					t.Errorf("%s: to be left alone for %v", call, known.RetryAfter)
				}
			}
		})
	}
}

func TestCarts(t *testing.T) {
	shop := open(t, woocommercetest.New(woocommercetest.Data{}))
	if _, err := shop.CartsOf(context.Background(), nil); crm.CodeOf(err) != crm.CodeUnsupported || !shop.Capabilities().NoCarts {
		t.Errorf("CartsOf: %v", err)
	}
}
