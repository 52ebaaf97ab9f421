package storetest_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// shared is the plainest crm.Checkpoints there is.
type shared struct {
	mu     sync.Mutex
	flaws  flaws
	values map[string]crm.Checkpoint
	seen   map[string]time.Time
}

func newShared(f flaws) *shared {
	return &shared{flaws: f, values: map[string]crm.Checkpoint{}, seen: map[string]time.Time{}}
}

func (s *shared) canceled(ctx context.Context) error {
	if s.flaws.deafToCancel {
		return nil
	}
	return ctx.Err()
}

func (s *shared) name(name string) string {
	if s.flaws.foldsNames {
		return strings.ToLower(name)
	}
	return name
}

func (s *shared) Get(ctx context.Context, names []string) (map[string]crm.Checkpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]crm.Checkpoint{}
	for _, name := range names {
		if c, ok := s.values[s.name(name)]; ok {
			found[name] = crm.Checkpoint{Value: bytes.Clone(c.Value), Version: c.Version}
		}
	}
	return found, s.canceled(ctx)
}

func (s *shared) Set(ctx context.Context, name string, value []byte, expect int) error {
	if err := s.canceled(ctx); err != nil {
		return err
	}
	if err := crm.CheckCheckpoint(name, value); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	version := s.values[s.name(name)].Version
	if version != expect && !s.flaws.setsAnyway {
		return &crm.Error{Code: crm.CodeConflict, Message: "the checkpoint was changed by somebody else"}
	}
	s.values[s.name(name)] = crm.Checkpoint{Value: bytes.Clone(value), Version: version + 1}
	return nil
}

func (s *shared) Once(ctx context.Context, key string, until time.Time) (bool, error) {
	if err := s.canceled(ctx); err != nil {
		return false, err
	}
	if err := crm.CheckCheckpoint(key, nil); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.seen[key]; ok && !s.flaws.alwaysFirst && (s.flaws.remembersForEver || at.After(time.Now())) {
		return false, nil
	}
	s.seen[key] = until
	return true, nil
}

func (s *shared) Forget(ctx context.Context, key string) error {
	if err := s.canceled(ctx); err != nil || s.flaws.neverForgets {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, key)
	return nil
}
