package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A job starts at once and again so long after its end; it fails on its own, and
// the call that runs the jobs returns when the last has ended.
func TestRunJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 65*time.Second)
		defer cancel()
		begun := time.Now()
		var slow, failing []time.Duration
		ended := false
		runJobs(ctx, []job{
			{source: "slow", every: 10 * time.Second, do: func(ctx context.Context) error {
				slow = append(slow, time.Since(begun))
				defer func() { ended = time.Since(begun) > 65*time.Second }()
				<-time.After(20 * time.Second) // It does not heed its context.
				return ctx.Err()
			}},
			{source: "failing", every: 25 * time.Second, do: func(context.Context) error {
				failing = append(failing, time.Since(begun))
				return errors.New("no\nluck at https://u:canary@shop.example")
			}},
			{source: "never", do: func(context.Context) error {
				t.Error("a job without an interval ran")
				return nil
			}},
		}, slog.New(slog.NewTextHandler(&log, nil)))

		if diff := cmp.Diff([]time.Duration{0, 30 * time.Second, 60 * time.Second}, slow); diff != "" {
			t.Errorf("slow (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]time.Duration{0, 25 * time.Second, 50 * time.Second}, failing); diff != "" {
			t.Errorf("failing (-want +got):\n%s", diff)
		}
		if !ended {
			t.Error("runJobs came back before its last job")
		}
		if text := log.String(); strings.Count(text, "source=failing") != 3 || strings.Contains(text, "source=slow") || strings.Contains(text, "canary") {
			t.Errorf("log:\n%s", text)
		}
	})
}
