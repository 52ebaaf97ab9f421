//go:build unix

package server_test

import (
	"bytes"
	"syscall"
	"testing"
	"time"
)

// BenchmarkFixed is what every request costs besides its execution: a token of RS256,
// rates, the log on a file, the audit, metrics, a document that is planned already.
// "bare" is a handler of net/http that only reads the body and writes an answer; what
// the others take beyond it is the gateway's. cpu-µs is the process's, the asking
// included, which takes the same everywhere.
func BenchmarkFixed(b *testing.B) {
	body := fixedBody(b)
	large := append(append([]byte(`{"hello":"`), bytes.Repeat([]byte("x"), 90_000)...), `"}`...)
	run := func(name string, open func(b *testing.B) fixed, more ...string) {
		b.Run(name, func(b *testing.B) {
			w := dialFixed(b, open(b), body, more...)
			for range 100 {
				if err := w.ask(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			before := processTime(b)
			for b.Loop() {
				if err := w.ask(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((processTime(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
		})
	}
	run("bare", func(b *testing.B) fixed { return startBare(b) })
	for _, part := range []struct {
		name    string
		options fixedOptions
	}{
		{"all", fixedOptions{}},
		{"no log", fixedOptions{noLog: true}},
		{"no audit", fixedOptions{noAudit: true}},
		{"no token", fixedOptions{noAuth: true}},
		{"no rates", fixedOptions{noRates: true}},
		{"none of them", fixedOptions{noLog: true, noAudit: true, noAuth: true, noRates: true}},
		{"90 kB", fixedOptions{data: large}},
	} {
		run(part.name, func(b *testing.B) fixed { return startFixed(b, part.options) })
	}
	run("compressed if it were large", func(b *testing.B) fixed { return startFixed(b, fixedOptions{}) }, "Accept-Encoding: gzip, deflate, br")
}

// processTime is the CPU time that the process has used.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
