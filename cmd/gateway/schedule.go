package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// job is something that is done again and again.
type job struct {
	source string
	every  time.Duration // from the end of one run to the start of the next; 0 is never
	do     func(ctx context.Context) error
}

// runJobs does each job at once and then every so often until ctx ends, and
// returns when the last of them has ended. A job never runs twice at once; one
// that fails is logged and tried again when its time has come.
func runJobs(ctx context.Context, jobs []job, log *slog.Logger) {
	var group sync.WaitGroup
	for _, j := range jobs {
		if j.every > 0 {
			group.Go(func() { j.repeat(ctx, log) })
		}
	}
	group.Wait()
}

func (j job) repeat(ctx context.Context, log *slog.Logger) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := j.do(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "a shop could not be synchronized; it is tried again",
				"source", j.source, "in", j.every.String(), "error", oneLine(err))
		}
		timer.Reset(j.every)
	}
}
