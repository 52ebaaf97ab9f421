package server_test

import (
	"testing"

	"github.com/customer360/gateway/internal/test/race"
)

// mostFixed is how many allocations a request takes besides its execution, net/http's
// (33) included, and a twentieth more.
const mostFixed = 101

// What every request costs besides its execution stays what it is.
func TestFixedAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	w := dialFixed(t, startFixed(t, fixedOptions{}), fixedBody(t))
	ask := func() {
		if err := w.ask(); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 {
		ask()
	}
	if n := testing.AllocsPerRun(1000, ask); n > mostFixed {
		t.Errorf("%.0f allocations a request, want at most %d", n, mostFixed)
	} else {
		t.Logf("%.0f allocations a request", n)
	}
}

// BenchmarkFixed's requests are answered, each part of the server left out or not.
func TestFixedIsAnswered(t *testing.T) {
	body := fixedBody(t)
	for _, o := range []fixedOptions{{}, {noLog: true, noAudit: true, noAuth: true, noRates: true}} {
		if err := dialFixed(t, startFixed(t, o), body, "Accept-Encoding: gzip").ask(); err != nil {
			t.Error(err)
		}
	}
}
