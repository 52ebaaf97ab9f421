package apikey

import (
	"context"
	"log/slog"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

const (
	// noteEvery is how much later than the last noted use another one is noted.
	noteEvery = time.Minute
	// maxUses bounds the uses that wait to be noted. What finds no place is noted
	// with a later use.
	maxUses  = 1000
	noteTime = 2 * time.Second
	// closeTime bounds what Close waits for.
	closeTime = 2 * time.Second
)

// use is that of a key at a time.
type use struct {
	id string
	at time.Time
}

// uses notes when keys were last used, one after another, beside the requests.
type uses struct {
	store   crm.APIKeys
	log     *slog.Logger
	queue   chan use
	failing bool
}

// run notes uses until the queue is closed and empty.
func (u *uses) run(ctx context.Context) {
	for next := range u.queue {
		u.note(ctx, next)
	}
}

// note notes one use. A failure costs nobody anything: a later use is noted. The
// log is told of the first in a row.
func (u *uses) note(ctx context.Context, next use) {
	err := u.touch(ctx, next)
	if err != nil && !u.failing {
		u.log.WarnContext(ctx, "the use of API keys cannot be noted", "error", err)
	}
	u.failing = err != nil
}

func (u *uses) touch(ctx context.Context, next use) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil { // Nobody else would catch it here.
			err = panics.New(thrown)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	return u.store.Touch(ctx, next.id, next.at)
}

// note has the use of a key noted if the last noted one is a while ago. It waits
// for nothing.
func (k *Keys) note(e *entry, now time.Time) {
	at, noted := now.UnixMilli(), e.noted.Load()
	if at-noted < noteEvery.Milliseconds() || !e.noted.CompareAndSwap(noted, at) {
		return
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.closed {
		return
	}
	select {
	case k.uses.queue <- use{e.principal.ID, now}:
	default:
		e.noted.CompareAndSwap(at, noted)
	}
}
