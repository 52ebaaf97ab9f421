package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/customer360/gateway/internal/crm"
)

// shopMetrics counts what happens between the gateway and the shops.
type shopMetrics struct {
	calls, retries, refused, cache, unreadable, deliveries *prometheus.CounterVec
	durations                                              *prometheus.HistogramVec
	breaker                                                *prometheus.GaugeVec
}

func newShopMetrics() *shopMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "customer360_shop_" + name, Help: help}, labels)
	}
	return &shopMetrics{
		calls:      counter("calls_total", "Calls that reached a shop, by the port's method and what came of them: OK, TIMEOUT, CANCELED or an error's code.", "source", "method", "outcome"),
		retries:    counter("retries_total", "Calls of a shop that were tried again.", "source", "method"),
		refused:    counter("refused_total", "Calls of a shop that were not made: its breaker was open (BREAKER), it had asked to be left alone (REST), it had just forbidden the same (DENIED), or there was no place in time (FULL, RATE).", "source", "method", "why"),
		cache:      counter("cache_lookups_total", "Keys looked up before a shop was asked: HIT, MISS, SHARED with somebody who asks already, or STALE when the shop failed.", "source", "method", "result"),
		unreadable: counter("unreadable_total", "Records of a shop that make no sense and were left out, by the port's method.", "source", "method"),
		deliveries: counter("webhooks_total", "Webhooks that came in, by what became of them.", "source", "result"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "customer360_shop_call_duration_seconds",
			Help:    "Seconds that a call of a shop took, by the port's method.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"source", "method"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "customer360_shop_breaker_open",
			Help: "Whether a shop is left alone because its calls fail: 1 is left alone, 0.5 is one call on trial, 0 is asked.",
		}, []string{"source"}),
	}
}

// collectors returns everything to be registered.
func (s *shopMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{s.calls, s.retries, s.refused, s.cache, s.unreadable, s.deliveries, s.durations, s.breaker}
}

// Shops returns the observer that counts what happens between the gateway and the
// shops.
func (m *Metrics) Shops() crm.ShopObserver { return m.shops }

// Webhook counts a webhook that came in. Both words are the program's: the source
// is a configured one or "unknown".
func (m *Metrics) Webhook(source, result string) {
	m.shops.deliveries.WithLabelValues(source, result).Inc()
}

// Call counts a call that reached a shop.
func (s *shopMetrics) Call(source, method string, outcome crm.ShopOutcome, took time.Duration) {
	s.calls.WithLabelValues(source, method, string(outcome)).Inc()
	s.durations.WithLabelValues(source, method).Observe(took.Seconds())
}

// Retry counts a call that is tried again.
func (s *shopMetrics) Retry(source, method string) { s.retries.WithLabelValues(source, method).Inc() }

// Refused counts a call that was not made.
func (s *shopMetrics) Refused(source, method string, why crm.ShopRefusal) {
	s.refused.WithLabelValues(source, method, string(why)).Inc()
}

// Cache counts keys that were looked up.
func (s *shopMetrics) Cache(source, method string, result crm.ShopLookup, n int) {
	s.cache.WithLabelValues(source, method, string(result)).Add(float64(n))
}

// Unreadable counts records that make no sense.
func (s *shopMetrics) Unreadable(source, method string, n int) {
	s.unreadable.WithLabelValues(source, method).Add(float64(n))
}

// Breaker notes the state that a shop's breaker takes.
func (s *shopMetrics) Breaker(source string, state crm.BreakerState) {
	open := map[crm.BreakerState]float64{crm.BreakerOpen: 1, crm.BreakerHalfOpen: 0.5}
	s.breaker.WithLabelValues(source).Set(open[state])
}
