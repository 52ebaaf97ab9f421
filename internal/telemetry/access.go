package telemetry

import "github.com/prometheus/client_golang/prometheus"

// accessMetrics counts what is refused, and what callers ask for.
type accessMetrics struct {
	rejected, limited, failures *prometheus.CounterVec
	cost                        *prometheus.HistogramVec
	kinds                       []string
	costs                       []child[prometheus.Observer] // by kind
}

func newAccessMetrics() *accessMetrics {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "customer360_" + name, Help: help}, []string{label})
	}
	kinds := []string{"staff", "partner", "customer", other}
	return &accessMetrics{
		kinds: kinds, costs: make([]child[prometheus.Observer], len(kinds)),
		rejected: counter("graphql_rejected_total", "Requests of the GraphQL route that were answered without executing anything, by why.", "reason"),
		limited:  counter("rate_limited_total", "Requests refused because somebody asked too much: an address (ADDRESS), or a principal by its requests (REQUESTS) or their cost (COST).", "by"),
		failures: counter("authentication_failures_total", "Credentials that were refused, by what was wrong.", "reason"),
		cost: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "customer360_graphql_cost_points",
			Help:    "Points that operations cost, as computed before their execution, by the kind of caller.",
			Buckets: []float64{1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 1e6},
		}, []string{"kind"}),
	}
}

// collectors returns everything to be registered.
func (a *accessMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{a.rejected, a.limited, a.failures, a.cost}
}

// Rejected counts a request that was refused. The reason is a word of the
// program's; anything else is counted as "other".
func (m *Metrics) Rejected(reason string) { m.access.rejected.WithLabelValues(word(reason)).Inc() }

// RateLimited counts a request that came too soon: by is ADDRESS, REQUESTS or COST.
func (m *Metrics) RateLimited(by string) { m.access.limited.WithLabelValues(word(by)).Inc() }

// AuthenticationFailed counts a credential that was refused. The reason is a word
// of the program's; anything else is counted as "other".
func (m *Metrics) AuthenticationFailed(reason string) {
	m.access.failures.WithLabelValues(word(reason)).Inc()
}

// Cost counts the points of an operation, asked by a kind of caller.
func (m *Metrics) Cost(kind string, points int) {
	a := m.access
	i := indexOf(a.kinds, kind)
	a.costs[i].get(func() prometheus.Observer { return a.cost.WithLabelValues(a.kinds[i]) }).Observe(float64(points))
}

func word(name string) string {
	if isWord(name) {
		return name
	}
	return other
}
