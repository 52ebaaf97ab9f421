package main

import (
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// How much the heap may grow beyond what is in use before the garbage collector runs, in
// percent of it: Go's default, and what costs a quarter less CPU for a gateway, most of
// whose memory is a request's and gone with it.
const (
	leastGrowth = 100
	mostGrowth  = 400
)

// roomyHeap is up to where the heap may grow by more than leastGrowth if nobody knows how
// much memory there is.
const roomyHeap = 128 << 20

// keepToMemory lets the garbage collector keep to nine tenths of what the process's
// container may have (cgroup), and run as seldom as that permits. GOMEMLIMIT and GOGC, if
// they are set, hold instead. restore ends what it does in the background.
func keepToMemory(log *slog.Logger, gogc string) (restore func()) {
	limit, err := memlimit.Set(memlimit.WithRatio(0.9), memlimit.WithProvider(memlimit.FromCgroup))
	limited := err == nil && limit > 0 && limit != math.MaxInt64 // There may be no container, or one without a limit.
	if limited {
		log.Info("memory is limited", "bytes", limit)
	}
	if gogc != "" {
		return func() {}
	}
	g := &growth{}
	g.before = debug.SetGCPercent(growthFor(0, limited))
	if !limited {
		g.watch()
	}
	return g.restore
}

// growthFor is by how much the heap may grow with so many bytes in use. A limit is kept
// to by the collector itself, which runs as often as it must near it. Without one the
// heap grows as Go's default has it as soon as it is large: nobody has said that there
// is room for more.
func growthFor(live uint64, limited bool) int {
	if limited || live <= roomyHeap*100/(100+mostGrowth) {
		return mostGrowth
	}
	if live >= roomyHeap {
		return leastGrowth
	}
	return max(leastGrowth, int((roomyHeap-live)*100/live))
}

// growth sets how much the heap may grow after each collection, until it is restored.
type growth struct {
	before int

	mu    sync.Mutex
	ended bool
}

// watch adjusts the growth after the next collection, and then again.
func (g *growth) watch() {
	// What nothing refers to is gone with the next collection.
	runtime.AddCleanup(&struct{ some [16]byte }{}, func(g *growth) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.ended {
			return
		}
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		if sample[0].Value.Kind() == metrics.KindUint64 {
			debug.SetGCPercent(growthFor(sample[0].Value.Uint64(), false))
		}
		g.watch()
	}, g)
}

func (g *growth) restore() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	debug.SetGCPercent(g.before)
}
