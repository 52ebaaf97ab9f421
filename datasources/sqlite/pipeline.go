package sqlite

import (
	"context"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
)

// chunk is how many records go to the database together.
const chunk = 64

// chunks makes changes ready, some at a time, in order.
type chunks struct {
	kind    *kind
	changes []crm.Change
	made    int
}

// next returns the next chunk; an empty one is the end.
func (c *chunks) next() ([]*prepared, error) {
	list := make([]*prepared, 0, min(chunk, len(c.changes)-c.made))
	for ; c.made < len(c.changes) && len(list) < chunk; c.made++ {
		p, err := c.kind.prepare(c.made, c.changes[c.made])
		if err != nil {
			return nil, fmt.Errorf("make a record ready: %w", err)
		}
		list = append(list, p)
	}
	return list, nil
}

// each calls store for each chunk of changes. Of many, the next chunks are made
// ready while the database is busy with the one before; each waits for that to end.
func (k *kind) each(ctx context.Context, changes []crm.Change, store func([]*prepared) error) error {
	source := &chunks{kind: k, changes: changes}
	if len(changes) <= 2*chunk {
		return drain(ctx, source.next, store)
	}
	ctx, cancel := context.WithCancel(ctx)
	ready := make(chan []*prepared, 4)
	failed := make(chan error, 1)
	go func() {
		defer close(ready)
		failed <- drain(ctx, source.next, func(list []*prepared) error {
			select {
			case ready <- list:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err := drain(ctx, func() ([]*prepared, error) { return <-ready, nil }, store)
	cancel()
	for range ready { // until the maker has ended
	}
	if makerErr := <-failed; err == nil {
		err = makerErr
	}
	return err
}

// drain calls store for each chunk until the empty one.
func drain(ctx context.Context, next func() ([]*prepared, error), store func([]*prepared) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		list, err := next()
		if err != nil || len(list) == 0 {
			return err
		}
		if err := store(list); err != nil {
			return err
		}
	}
}
