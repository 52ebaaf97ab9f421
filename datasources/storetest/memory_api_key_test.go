package storetest_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// keyring is the plainest crm.APIKeys there is.
type keyring struct {
	mu    sync.Mutex
	flaws flaws
	keys  []*crm.APIKey
}

func (k *keyring) canceled(ctx context.Context) error {
	if k.flaws.deafToCancel {
		return nil
	}
	return ctx.Err()
}

// settled returns a key's copy as a store hands it out.
func (k *keyring) settled(key *crm.APIKey) *crm.APIKey {
	if k.flaws.lentKeys {
		return key
	}
	c := *key
	at := func(t *time.Time) *time.Time {
		if t == nil {
			return nil
		}
		utc := t.UTC().Truncate(time.Millisecond)
		return &utc
	}
	list := func(s []string) []string { return append([]string{}, s...) }
	c.Scopes, c.Rows.Sources, c.Rows.Regions = list(key.Scopes), list(key.Rows.Sources), list(key.Rows.Regions)
	c.CreatedAt, c.ExpiresAt, c.RevokedAt, c.LastUsedAt = *at(&key.CreatedAt), at(key.ExpiresAt), at(key.RevokedAt), at(key.LastUsedAt)
	return &c
}

func (k *keyring) Add(ctx context.Context, key *crm.APIKey) error {
	if err := k.canceled(ctx); err != nil {
		return err
	}
	if err := crm.CheckAPIKey(key); err != nil && !k.flaws.anyKey {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if slices.ContainsFunc(k.keys, func(o *crm.APIKey) bool {
		return o.ID == key.ID || o.Hash == key.Hash && !k.flaws.sharedSecret
	}) {
		return &crm.Error{Code: crm.CodeConflict, Message: "the key is there already"}
	}
	k.keys = append(k.keys, k.settled(key))
	return nil
}

func (k *keyring) ByHash(ctx context.Context, hash string) (*crm.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		hidden := k.flaws.hidesRevoked && key.RevokedAt != nil || k.flaws.hidesExpired && key.ExpiresAt != nil
		if key.Hash == hash && !hidden {
			return k.settled(key), k.canceled(ctx)
		}
	}
	return nil, k.canceled(ctx)
}

func (k *keyring) List(ctx context.Context) ([]*crm.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]*crm.APIKey, len(k.keys))
	for i, key := range k.keys {
		list[i] = k.settled(key)
	}
	if !k.flaws.unsortedKeys {
		slices.SortFunc(list, func(a, b *crm.APIKey) int { return strings.Compare(a.ID, b.ID) })
	}
	return list, k.canceled(ctx)
}

// change calls change with the key that has an id.
func (k *keyring) change(ctx context.Context, id string, change func(*crm.APIKey)) (found bool, err error) {
	if err := k.canceled(ctx); err != nil {
		return false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if key.ID == id {
			change(key)
			return true, nil
		}
	}
	return false, nil
}

func (k *keyring) Revoke(ctx context.Context, id string, at time.Time) error {
	found, err := k.change(ctx, id, func(key *crm.APIKey) {
		if key.RevokedAt == nil || k.flaws.revokesAgain {
			key.RevokedAt = &at
		}
	})
	if err == nil && !found && !k.flaws.revokesNone {
		return &crm.Error{Code: crm.CodeNotFound, Message: "there is no such key"}
	}
	return err
}

func (k *keyring) Touch(ctx context.Context, id string, at time.Time) error {
	_, err := k.change(ctx, id, func(key *crm.APIKey) {
		if key.LastUsedAt == nil || key.LastUsedAt.Before(at) || k.flaws.touchesBack {
			key.LastUsedAt = &at
		}
	})
	return err
}
