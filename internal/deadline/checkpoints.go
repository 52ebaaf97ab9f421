package deadline

import (
	"context"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// checkpoints bounds what processes share: each call is about one small thing,
// also if it writes.
type checkpoints struct {
	crm.Checkpoints
	timeout time.Duration
}

// Checkpoints is crm.Store's, in time.
func (b *bounded) Checkpoints() crm.Checkpoints {
	return checkpoints{b.Store.Checkpoints(), b.timeout}
}

// Get is crm.Checkpoints's, in time.
func (c checkpoints) Get(ctx context.Context, names []string) (map[string]crm.Checkpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return c.Checkpoints.Get(ctx, names)
}

// Set is crm.Checkpoints's, in time.
func (c checkpoints) Set(ctx context.Context, name string, value []byte, expect int) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return c.Checkpoints.Set(ctx, name, value, expect)
}

// Once is crm.Checkpoints's, in time.
func (c checkpoints) Once(ctx context.Context, key string, until time.Time) (first bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return c.Checkpoints.Once(ctx, key, until)
}

// Forget is crm.Checkpoints's, in time.
func (c checkpoints) Forget(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return c.Checkpoints.Forget(ctx, key)
}
