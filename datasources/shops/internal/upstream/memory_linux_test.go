package upstream_test

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/race"
)

// TestLargeAnswersTakeLittleMemory has many callers at once get answers of
// 100 MB, plain and compressed, and looks at the most memory that the process,
// with the server in it, ever had.
func TestLargeAnswersTakeLittleMemory(t *testing.T) {
	most, atOnce := 256<<20, race.Fewer(20, 2)
	if race.Enabled {
		most = 768 << 20 // It takes memory of its own.
	}
	settings := guard.Default()
	settings.BreakerCalls, settings.Retries, settings.Timeout = 0, 0, 30*time.Second
	for name, handler := range map[string]http.HandlerFunc{
		"plain": plain, "compressed": bomb,
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, handler)
			client := newClient(t, upstream.Options{URL: s.URL})
			kept := guard.Wrap(httpShop{shoptest.New("shop-one", nil), client}, settings, nil)
			defer kept.Close()
			shop := kept.Under("")
			resetPeak(t)
			var callers sync.WaitGroup
			for i := range atOnce {
				callers.Go(func() {
					if _, err := shop.OrdersByID(t.Context(), []string{strconv.Itoa(i)}); crm.CodeOf(err) != crm.CodeUnavailable {
						t.Errorf("error: %v, want %s", err, crm.CodeUnavailable)
					}
				})
			}
			callers.Wait()
			peak := peak(t)
			t.Logf("peak resident memory: %d MiB", peak>>20)
			if peak > most {
				t.Errorf("peak resident memory: %d MiB, want at most %d", peak>>20, most>>20)
			}
		})
	}
}

// resetPeak makes the system count the peak of the resident memory anew.
func resetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Fatalf("the system does not count the peak of a process's memory: %v", err)
	}
}

// peak returns the peak of the resident memory in bytes.
func peak(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatal("the system does not tell the peak")
	return 0
}
