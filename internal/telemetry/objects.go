package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// maxPrincipals bounds how many principals are told apart: those that come after
// are counted as "other".
const maxPrincipals = 1000

// objects counts what was handed out to whom.
type objects struct {
	total *prometheus.CounterVec

	mu         sync.RWMutex
	counters   map[handed]prometheus.Counter
	principals map[string]bool
}

type handed struct{ principal, kind string }

func newObjects() *objects {
	return &objects{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "customer360_objects_total",
			Help: "Objects handed out to callers, by principal and kind of object; the portal's customers are one principal.",
		}, []string{"principal", "kind"}),
		counters: map[handed]prometheus.Counter{}, principals: map[string]bool{},
	}
}

// Objects counts objects of a kind that were handed out to a principal. The kind
// is the program's word, and the principal nothing personal. The first 1,000
// principals are told apart.
func (m *Metrics) Objects(principal, kind string, n int) {
	o := m.objects
	key := handed{principal, kind}
	o.mu.RLock()
	counter := o.counters[key]
	o.mu.RUnlock()
	if counter == nil {
		counter = o.counter(key)
	}
	counter.Add(float64(n))
}

// counter returns the counter of a principal that has none yet for a kind.
func (o *objects) counter(key handed) prometheus.Counter {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.principals[key.principal] {
		if len(o.principals) >= maxPrincipals {
			return o.total.WithLabelValues(other, key.kind)
		}
		o.principals[key.principal] = true
	}
	counter := o.total.WithLabelValues(key.principal, key.kind)
	o.counters[key] = counter
	return counter
}
