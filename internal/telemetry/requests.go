package telemetry

import (
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The labels of requests, but for other, which stands behind them.
func methods() []string {
	return []string{http.MethodGet, http.MethodPost, http.MethodOptions, http.MethodHead}
}

func operations() []string { return []string{"query", "mutation", "subscription", "none"} }

// classes are how many classes of status there are: 0xx to 9xx.
const classes = 10

// requests counts requests. Few labels can occur, so each counter is looked up once.
type requests struct {
	total     *prometheus.CounterVec
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge

	methods, operations []string
	counters            []child[prometheus.Counter] // by method, class and operation
	observers           []child[prometheus.Observer]
	ended               func(Request)
}

func newRequests() *requests {
	r := &requests{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
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
		methods: append(methods(), other), operations: append(operations(), other),
	}
	r.counters = make([]child[prometheus.Counter], len(r.methods)*classes*len(r.operations))
	r.observers = make([]child[prometheus.Observer], len(r.operations))
	r.ended = r.end
	return r
}

// collectors returns everything to be registered.
func (r *requests) collectors() []prometheus.Collector {
	return []prometheus.Collector{r.total, r.durations, r.inFlight}
}

// child is what a vector has for some labels, from when these occur first.
type child[T any] struct{ known atomic.Pointer[T] }

func (c *child[T]) get(find func() T) T {
	if known := c.known.Load(); known != nil {
		return *known
	}
	found := find()
	c.known.Store(&found)
	return found
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
	m.requests.inFlight.Inc()
	return m.requests.ended
}

func (r *requests) end(q Request) {
	r.inFlight.Dec()
	method, operation := indexOf(r.methods, q.Method), indexOf(r.operations, q.Operation)
	class := min(max(q.Status/100, 0), classes-1)
	r.counters[(method*classes+class)*len(r.operations)+operation].get(func() prometheus.Counter {
		return r.total.WithLabelValues(r.methods[method], strconv.Itoa(class)+"xx", r.operations[operation])
	}).Inc()
	r.observers[operation].get(func() prometheus.Observer {
		return r.durations.WithLabelValues(r.operations[operation])
	}).Observe(q.Duration.Seconds())
}

// indexOf returns where a word stands, and the last place for one that stands nowhere.
func indexOf(words []string, word string) int {
	if i := slices.Index(words, word); i >= 0 {
		return i
	}
	return len(words) - 1
}
