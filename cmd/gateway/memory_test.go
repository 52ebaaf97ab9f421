package main_test

import (
	"bytes"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"testing"

	gateway "github.com/customer360/gateway/cmd/gateway"
)

// With a limit the heap may always grow; without one it may as long as it is small, and
// never ends up larger than by Go's default for that.
func TestGrowthFor(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct {
		live    uint64
		limited bool
		want    int
	}{
		{0, false, 400},
		{10 * mib, false, 400},
		{25 * mib, false, 400},
		{32 * mib, false, 300},
		{40 * mib, false, 220},
		{64 * mib, false, 100},
		{100 * mib, false, 100},
		{128 * mib, false, 100},
		{10 << 30, false, 100},
		{0, true, 400},
		{64 * mib, true, 400},
		{10 << 30, true, 400},
	} {
		if got := gateway.GrowthFor(test.live, test.limited); got != test.want {
			t.Errorf("%d MiB in use, limited %t: %d, want %d", test.live/mib, test.limited, got, test.want)
		}
	}
	for live := uint64(mib); live < 512*mib; live += mib {
		goal := live + live*uint64(gateway.GrowthFor(live, false))/100
		if goal > max(128*mib, 2*live) {
			t.Errorf("%d MiB in use become %d", live/mib, goal/mib)
		}
	}
}

// The growth follows what is in use, and is what it was at the end. GOGC is left alone.
func TestKeepToMemory(t *testing.T) {
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	percent := func() int {
		now := debug.SetGCPercent(50)
		debug.SetGCPercent(now)
		return now
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	gateway.KeepToMemory(log, "77")()
	if got := percent(); got != 77 {
		t.Errorf("with GOGC=77 it is %d", got)
	}
	restore := gateway.KeepToMemory(log, "")
	if got := percent(); got != 400 {
		t.Errorf("at first it is %d, want 400", got)
	}
	if debug.SetMemoryLimit(-1) > 1<<50 { // There is no limit here.
		large := bytes.Repeat([]byte("x"), 100<<20)
		for range 1000 { // What adjusts it runs some time after a collection.
			runtime.GC()
			if percent() == 100 {
				break
			}
			runtime.Gosched()
		}
		if got := percent(); got != 100 {
			t.Errorf("with %d bytes in use it is %d, want 100", len(large), got)
		}
		runtime.KeepAlive(large)
	}
	restore()
	runtime.GC()
	if got := percent(); got != 77 {
		t.Errorf("at the end it is %d, want 77", got)
	}
}
