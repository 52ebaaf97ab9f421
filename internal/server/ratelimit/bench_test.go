package ratelimit_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/customer360/gateway/internal/server/ratelimit"
)

func BenchmarkTake(b *testing.B) {
	// Once taken from, no bucket is full again while this runs, so that every key
	// stays remembered.
	rate := ratelimit.PerSecond(1, 2_000_000_000)
	for name, count := range map[string]int{"1key": 1, "100000keys": 100_000} {
		b.Run(name, func(b *testing.B) {
			// Twice the places: no shard is full, however the hash spreads the keys.
			m := ratelimit.NewMemory(ratelimit.Options{Keys: 2 * count})
			ctx := context.Background()
			keys := make([]string, count)
			for i := range keys {
				keys[i] = "staff:3f2a9c51d0b7e684" + strconv.Itoa(i)
				_, _ = m.Take(ctx, keys[i], rate, 1)
			}
			var at atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				i := int(at.Add(7919))
				for pb.Next() {
					i++
					_, _ = m.Take(ctx, keys[i%count], rate, 1)
				}
			})
		})
	}
}

// BenchmarkNewKeys is what somebody with endless addresses costs: every place is
// taken, and none can be given away.
func BenchmarkNewKeys(b *testing.B) {
	rate := ratelimit.PerMinute(1, 2_000)
	m := ratelimit.NewMemory(ratelimit.Options{})
	ctx := context.Background()
	keys := make([]string, 1<<18)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
		_, _ = m.Take(ctx, keys[i], rate, 1)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		_, _ = m.Take(ctx, keys[i%len(keys)], rate, 1)
	}
}

func BenchmarkHeaders(b *testing.B) {
	d := ratelimit.Decision{OK: true, Remaining: 19}
	b.ReportAllocs()
	for b.Loop() {
		_ = ratelimit.States(ratelimit.State{Name: "requests", Decision: d}, ratelimit.State{Name: "cost", Decision: d})
	}
}
