package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// other stands in a label for a value that is none of the expected ones.
const other = "other"

// Metrics counts what the gateway does.
type Metrics struct {
	registry    *prometheus.Registry
	sourceCalls *prometheus.CounterVec
	requests    *requests
	shops       *shopMetrics
	objects     *objects
	access      *accessMetrics
}

// NewMetrics makes the metrics with a registry of their own, and those of the
// Go runtime and the process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		sourceCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "customer360_source_calls_total",
			Help: "Calls made to where data lives: one MongoDB command (getMore too), one SQL statement or one HTTP request each.",
		}, []string{"source", "call"}),
		requests: newRequests(),
		shops:    newShopMetrics(),
		objects:  newObjects(),
		access:   newAccessMetrics(),
	}
	m.registry.MustRegister(m.objects.total)
	m.registry.MustRegister(m.shops.collectors()...)
	m.registry.MustRegister(m.access.collectors()...)
	m.registry.MustRegister(m.requests.collectors()...)
	m.registry.MustRegister(
		m.sourceCalls,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// SourceCalls returns an observer that counts one call of a source for each time
// it is called. The call is a word of the program's or of a protocol's, such as
// "find"; anything else is counted as "other".
func (m *Metrics) SourceCalls(source string) func(call string) {
	calls := m.sourceCalls.MustCurryWith(prometheus.Labels{"source": source})
	return func(call string) {
		if !isWord(call) {
			call = other
		}
		calls.WithLabelValues(call).Inc()
	}
}

// isWord says whether a call's name looks like one: letters, digits, "_", "."
// and "-", at most 40. A statement or a value does not.
func isWord(name string) bool {
	if name == "" || len(name) > 40 {
		return false
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if (c < 'a' || c > 'z') && (name[i] < '0' || name[i] > '9') && name[i] != '_' && name[i] != '.' && name[i] != '-' {
			return false
		}
	}
	return true
}

// Gatherer reads all metrics as they are at its call.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
