package telemetry_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/customer360/gateway/internal/telemetry"
)

// What is refused is counted by words of the program's alone.
func TestAccess(t *testing.T) {
	m := telemetry.NewMetrics()
	for _, reason := range []string{"expired", "expired", "the token of canary@example.com"} {
		m.AuthenticationFailed(reason)
	}
	m.Rejected("INVALID")
	m.Rejected("query { canary }")
	m.RateLimited("ADDRESS")
	m.Cost("staff", 20)
	m.Cost("canary", 4)
	const names = "customer360_"
	want := `
# HELP customer360_authentication_failures_total Credentials that were refused, by what was wrong.
# TYPE customer360_authentication_failures_total counter
customer360_authentication_failures_total{reason="expired"} 2
customer360_authentication_failures_total{reason="other"} 1
# HELP customer360_graphql_rejected_total Requests of the GraphQL route that were answered without executing anything, by why.
# TYPE customer360_graphql_rejected_total counter
customer360_graphql_rejected_total{reason="INVALID"} 1
customer360_graphql_rejected_total{reason="other"} 1
# HELP customer360_rate_limited_total Requests refused because somebody asked too much: an address (ADDRESS), or a principal by its requests (REQUESTS) or their cost (COST).
# TYPE customer360_rate_limited_total counter
customer360_rate_limited_total{by="ADDRESS"} 1
`
	if err := testutil.GatherAndCompare(m.Gatherer(), strings.NewReader(want),
		names+"authentication_failures_total", names+"graphql_rejected_total", names+"rate_limited_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(m.Gatherer(), names+"graphql_cost_points"); err != nil || n != 2 {
		t.Errorf("%d kinds have a cost, want 2: %v", n, err)
	}
}
