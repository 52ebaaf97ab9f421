package telemetry

import (
	"net/http"
	"strconv"
	"time"

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
	requests    *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	inFlight    prometheus.Gauge
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
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "customer360_http_requests_total",
			Help: "HTTP requests answered on the public listener, by method, class of status and type of GraphQL operation.",
		}, []string{"method", "status", "operation"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "customer360_http_request_duration_seconds",
			Help:    "Seconds from a request's headers to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "customer360_http_requests_in_flight",
			Help: "HTTP requests being answered on the public listener.",
		}),
		shops:   newShopMetrics(),
		objects: newObjects(),
		access:  newAccessMetrics(),
	}
	m.registry.MustRegister(m.objects.total)
	m.registry.MustRegister(m.shops.collectors()...)
	m.registry.MustRegister(m.access.collectors()...)
	m.registry.MustRegister(
		m.sourceCalls, m.requests, m.durations, m.inFlight,
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

// Request is what is counted of one HTTP request.
type Request struct {
	Method string
	Status int
	// Operation is the type of the GraphQL operation: query, mutation,
	// subscription, or "none".
	Operation string
	Duration  time.Duration
}

// Began counts a request under way; the function it gives ends that and counts
// the request.
func (m *Metrics) Began() (ended func(Request)) {
	m.inFlight.Inc()
	return func(r Request) {
		m.inFlight.Dec()
		method, operation := oneOf(r.Method, http.MethodGet, http.MethodPost, http.MethodOptions, http.MethodHead), oneOf(r.Operation, "query", "mutation", "subscription", "none")
		m.requests.WithLabelValues(method, strconv.Itoa(r.Status/100)+"xx", operation).Inc()
		m.durations.WithLabelValues(operation).Observe(r.Duration.Seconds())
	}
}

func oneOf(word string, words ...string) string {
	for _, w := range words {
		if w == word {
			return w
		}
	}
	return other
}

// Gatherer reads all metrics as they are at its call.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
