package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/customer360/gateway/internal/telemetry"
)

// writes keeps what each Write brought.
type writes struct {
	mu  sync.Mutex
	all []string
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, string(p))
	return len(p), nil
}

func (w *writes) have() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.all)
}

func (w *writes) want(t *testing.T, all ...string) {
	t.Helper()
	if got := w.have(); !slices.Equal(got, all) {
		t.Errorf("written: %q, want %q", got, all)
	}
}

// What may wait is written together after the delay; what may not takes it along.
func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writes{}
		l := telemetry.NewLines(w, time.Second)
		line := func(write func([]byte) (int, error), text string) {
			if n, err := write([]byte(text)); n != len(text) || err != nil {
				t.Errorf("%q: %d bytes, error %v", text, n, err)
			}
		}
		line(l.Hold, "a\n")
		time.Sleep(time.Second / 2)
		line(l.Hold, "b\n")
		w.want(t)
		time.Sleep(time.Second/2 + 1)
		w.want(t, "a\nb\n")
		line(l.Hold, "c\n")
		line(l.Write, "refused\n")
		w.want(t, "a\nb\n", "c\nrefused\n")
		time.Sleep(time.Minute)
		line(l.Write, "d\n")
		w.want(t, "a\nb\n", "c\nrefused\n", "d\n")
		line(l.Hold, "e\n")
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		line(l.Hold, "f\n")
		w.want(t, "a\nb\n", "c\nrefused\n", "d\n", "e\n", "f\n")
	})
}

// What waits is bounded, whatever the delay.
func TestLinesAreBounded(t *testing.T) {
	w := &writes{}
	l := telemetry.NewLines(w, time.Hour)
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range 1000 {
		_, _ = l.Hold(line)
	}
	if len(w.have()) != 15 {
		t.Errorf("%d writes of 1,000 lines of a kilobyte, want one for each 64", len(w.have()))
	}
	_ = l.Close()
	if total := len(strings.Join(w.have(), "")); total != 1000*len(line) {
		t.Errorf("%d bytes written, want %d", total, 1000*len(line))
	}
}

// Many goroutines lose nothing and tear no line.
func TestLinesOfMany(t *testing.T) {
	w := &writes{}
	l := telemetry.NewLines(w, time.Microsecond)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 500 {
				write := l.Hold
				if i%7 == 0 {
					write = l.Write
				}
				_, _ = fmt.Fprintf(writer(write), "%d-%d\n", g, i)
			}
		})
	}
	all.Wait()
	_ = l.Close()
	next := map[string]int{}
	for line := range strings.Lines(strings.Join(w.have(), "")) {
		var g, i int
		if _, err := fmt.Sscanf(line, "%d-%d\n", &g, &i); err != nil || next[fmt.Sprint(g)] != i {
			t.Fatalf("line %q, want the %dth of its goroutine: %v", line, next[fmt.Sprint(g)], err)
		}
		next[fmt.Sprint(g)]++
	}
	for g := range 8 {
		if next[fmt.Sprint(g)] != 500 {
			t.Errorf("%d lines of goroutine %d", next[fmt.Sprint(g)], g)
		}
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// A request that was answered may wait. One that was refused, or answered with an
// error, and whatever else is logged, may not.
func TestWhichLinesWait(t *testing.T) {
	w := &writes{}
	l := telemetry.NewLines(w, time.Hour)
	log, err := telemetry.NewLogger(l, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, test := range map[string]struct {
		level   slog.Level
		message string
		attrs   []slog.Attr
		waits   bool
	}{
		"answered":      {slog.LevelInfo, "request", []slog.Attr{slog.Int("status", 200), slog.String("path", "/graphql")}, true},
		"refused":       {slog.LevelInfo, "request", []slog.Attr{slog.Int("status", 200), slog.String("reason", "INVALID")}, false},
		"not found":     {slog.LevelInfo, "request", []slog.Attr{slog.Int("status", 404)}, false},
		"failed":        {slog.LevelInfo, "request", []slog.Attr{slog.Int("status", 500)}, false},
		"no status":     {slog.LevelInfo, "request", nil, false},
		"a warning":     {slog.LevelWarn, "request", []slog.Attr{slog.Int("status", 200)}, false},
		"an audit":      {slog.LevelInfo, "audit", []slog.Attr{slog.String("event", "READ_PII")}, false},
		"shutting down": {slog.LevelInfo, "shutting down", nil, false},
		"no ASCII":      {slog.LevelInfo, "request", []slog.Attr{slog.Int("status", 200), slog.String("path", "é")}, false},
	} {
		before := len(w.have())
		log.LogAttrs(ctx, test.level, test.message, test.attrs...)
		if waits := len(w.have()) == before; waits != test.waits {
			t.Errorf("%s: waits %t", name, waits)
		}
		_ = l.Flush()
	}
}

// Every line is, byte for byte, what slog's own handler writes.
func TestLinesAreThoseOfSlog(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[ -~]{0,20}`), rapid.String(), rapid.SampledFrom([]string{"", "a<b>&c", "\x7f", "\u2028", "\xff", `"\`}))
	value := rapid.Custom(func(t *rapid.T) slog.Value {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return slog.IntValue(rapid.Int().Draw(t, "int"))
		case 1:
			f := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-2, 2), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e-6, 1e-7, 1e21, 1e20, 0.001, 12.345, math.Inf(1), math.NaN()}))
			return slog.Float64Value(f.Draw(t, "float"))
		case 2:
			return slog.BoolValue(rapid.Bool().Draw(t, "bool"))
		case 3:
			return slog.AnyValue(rapid.SliceOfN(text, 0, 4).Draw(t, "list"))
		case 4:
			return slog.AnyValue([]string(nil))
		case 5:
			return slog.AnyValue(errors.New(text.Draw(t, "error")))
		case 6:
			return slog.GroupValue(slog.String("a", text.Draw(t, "in a group")))
		case 7:
			return slog.DurationValue(time.Second)
		default:
			return slog.StringValue(text.Draw(t, "text"))
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-1<<33, 1<<36).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).
			In(time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*1800))
		if rapid.IntRange(0, 20).Draw(t, "no time") == 0 {
			at = time.Time{}
		}
		record := slog.NewRecord(at, slog.Level(rapid.IntRange(-6, 10).Draw(t, "level")), text.Draw(t, "message"), 0)
		for range rapid.IntRange(0, 12).Draw(t, "attributes") {
			record.AddAttrs(slog.Attr{Key: text.Draw(t, "key"), Value: value.Draw(t, "value")})
		}
		var got, want bytes.Buffer
		handle := func(h slog.Handler) {
			if err := h.Handle(context.Background(), record); err != nil {
				t.Fatal(err)
			}
		}
		log, err := telemetry.NewLogger(&got, "debug", "json")
		if err != nil {
			t.Fatal(err)
		}
		handle(log.Handler())
		handle(slog.NewJSONHandler(&want, nil))
		if got.String() != want.String() {
			t.Fatalf("got  %s\nwant %s", got.String(), want.String())
		}
	})
}

// BenchmarkLine writes the line of a request.
func BenchmarkLine(b *testing.B) {
	log, err := telemetry.NewLogger(telemetry.NewLines(io.Discard, time.Hour), "info", "json")
	if err != nil {
		b.Fatal(err)
	}
	for name, log := range map[string]*slog.Logger{"here": log, "slog": slog.New(slog.NewJSONHandler(io.Discard, nil))} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				log.LogAttrs(b.Context(), slog.LevelInfo, "request",
					slog.String("method", "POST"), slog.String("path", "/graphql"), slog.Int("status", 200), slog.Int64("bytes", 12345),
					slog.Float64("durationMs", 12.345), slog.String("operation", "query"), slog.String("requestId", "019b3c9e-7c3e-7f00-8000-0123456789ab"),
					slog.String("principal", "staff:3f2a9c51d0b7e684"), slog.Int("cost", 42))
			}
		})
	}
}
