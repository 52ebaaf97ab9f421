package telemetry_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/customer360/gateway/internal/telemetry"
)

func TestObjectsTellAThousandPrincipalsApart(t *testing.T) {
	m := telemetry.NewMetrics()
	for range 2 {
		for n := range 1003 {
			m.Objects("key_"+strconv.Itoa(n), "order", 2)
		}
	}
	m.Objects("key_0", "ticket", 1)
	m.Objects("key_1002", "ticket", 1)
	n, err := testutil.GatherAndCount(m.Gatherer(), "customer360_objects_total")
	if err != nil || n != 1003 {
		t.Errorf("%d series, error %v; want a thousand principals, others, and two for tickets", n, err)
	}
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	text := recorder.Body.String()
	for _, want := range []string{
		`customer360_objects_total{kind="order",principal="key_0"} 4`,
		`customer360_objects_total{kind="order",principal="key_999"} 4`,
		`customer360_objects_total{kind="order",principal="other"} 12`,
		`customer360_objects_total{kind="ticket",principal="key_0"} 1`,
		`customer360_objects_total{kind="ticket",principal="other"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics have no %s", want)
		}
	}
}
