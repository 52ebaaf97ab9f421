package telemetry_test

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/telemetry"
)

func TestSourceCallsHoldWordsOnly(t *testing.T) {
	m := telemetry.NewMetrics()
	count := m.SourceCalls("store")
	for _, call := range []string{"find", "getMore", "find", "SELECT * FROM customers WHERE email = 'canary'", "", strings.Repeat("a", 41), "a\nb"} {
		count(call)
	}
	want := `
# HELP customer360_source_calls_total Calls made to where data lives: one MongoDB command (getMore too), one SQL statement or one HTTP request each.
# TYPE customer360_source_calls_total counter
customer360_source_calls_total{call="find",source="store"} 2
customer360_source_calls_total{call="getMore",source="store"} 1
customer360_source_calls_total{call="other",source="store"} 4
`
	if err := testutil.GatherAndCompare(m.Gatherer(), strings.NewReader(want), "customer360_source_calls_total"); err != nil {
		t.Error(err)
	}
}

func TestRequests(t *testing.T) {
	m := telemetry.NewMetrics()
	ended := m.Began()
	m.Began()(telemetry.Request{Method: "BREW", Status: 405, Operation: "canary", Duration: time.Second})
	ended(telemetry.Request{Method: "POST", Status: 200, Operation: "query", Duration: time.Millisecond})
	want := `
# HELP customer360_http_requests_in_flight HTTP requests being answered on the public listener.
# TYPE customer360_http_requests_in_flight gauge
customer360_http_requests_in_flight 0
# HELP customer360_http_requests_total HTTP requests answered on the public listener, by method, class of status and type of GraphQL operation.
# TYPE customer360_http_requests_total counter
customer360_http_requests_total{method="POST",operation="query",status="2xx"} 1
customer360_http_requests_total{method="other",operation="other",status="4xx"} 1
`
	if err := testutil.GatherAndCompare(m.Gatherer(), strings.NewReader(want), "customer360_http_requests_total", "customer360_http_requests_in_flight"); err != nil {
		t.Error(err)
	}
}

func TestHandler(t *testing.T) {
	m := telemetry.NewMetrics()
	m.SourceCalls("store")("find")
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	for _, want := range []string{`customer360_source_calls_total{call="find",source="store"} 1`, "go_goroutines", "process_open_fds"} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}

func TestNewLogger(t *testing.T) {
	for _, test := range []struct{ level, format, want string }{
		{"info", "json", `"msg":"hello"`},
		{"warn", "text", ""},
		{"debug", "text", "msg=hello"},
		{"loud", "text", "error"},
		{"info", "xml", "error"},
	} {
		var out bytes.Buffer
		logger, err := telemetry.NewLogger(&out, test.level, test.format)
		if err != nil {
			if test.want != "error" {
				t.Errorf("%v: %v", test, err)
			}
			continue
		}
		logger.Info("hello")
		if got := out.String(); test.want == "error" || !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%v: logged %q", test, got)
		}
	}
}

func TestShops(t *testing.T) {
	m := telemetry.NewMetrics()
	shops := m.Shops()
	shops.Call("vendure-eu", "OrdersOf", crm.ShopOutcomeOK, 20*time.Millisecond)
	shops.Call("vendure-eu", "OrdersOf", crm.ShopOutcomeTimeout, 2*time.Second)
	shops.Retry("vendure-eu", "OrdersOf")
	shops.Refused("vendure-eu", "OrdersOf", crm.ShopRefusalBreaker)
	shops.Cache("vendure-eu", "OrdersOf", crm.ShopLookupHit, 20)
	shops.Breaker("vendure-eu", crm.BreakerOpen)
	shops.Breaker("medusa", crm.BreakerOpen)
	shops.Breaker("medusa", crm.BreakerClosed)
	m.Webhook("vendure-eu", "updated")
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	for _, want := range []string{
		`customer360_shop_calls_total{method="OrdersOf",outcome="OK",source="vendure-eu"} 1`,
		`customer360_shop_calls_total{method="OrdersOf",outcome="TIMEOUT",source="vendure-eu"} 1`,
		`customer360_shop_retries_total{method="OrdersOf",source="vendure-eu"} 1`,
		`customer360_shop_refused_total{method="OrdersOf",source="vendure-eu",why="BREAKER"} 1`,
		`customer360_shop_cache_lookups_total{method="OrdersOf",result="HIT",source="vendure-eu"} 20`,
		`customer360_shop_call_duration_seconds_bucket{method="OrdersOf",source="vendure-eu",le="0.025"} 1`,
		`customer360_shop_breaker_open{source="vendure-eu"} 1`,
		`customer360_shop_breaker_open{source="medusa"} 0`,
		`customer360_shop_webhooks_total{result="updated",source="vendure-eu"} 1`,
	} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}

// Counting a request allocates nothing: every request does it.
func BenchmarkRequests(b *testing.B) {
	m := telemetry.NewMetrics()
	b.ReportAllocs()
	for b.Loop() {
		m.Began()(telemetry.Request{Method: "POST", Status: 200, Operation: "query", Duration: time.Millisecond})
		m.Cost("staff", 20)
	}
}
