package deadline

import (
	"context"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// apiKeys bounds the keys of partners' systems: each call is about one small
// thing, also if it writes, and the list of all is short.
type apiKeys struct {
	crm.APIKeys
	timeout time.Duration
}

// APIKeys is crm.Store's, in time.
func (b *bounded) APIKeys() crm.APIKeys { return apiKeys{b.Store.APIKeys(), b.timeout} }

// Add is crm.APIKeys's, in time.
func (a apiKeys) Add(ctx context.Context, key *crm.APIKey) error {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return a.APIKeys.Add(ctx, key)
}

// ByHash is crm.APIKeys's, in time.
func (a apiKeys) ByHash(ctx context.Context, hash string) (*crm.APIKey, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return a.APIKeys.ByHash(ctx, hash)
}

// List is crm.APIKeys's, in time.
func (a apiKeys) List(ctx context.Context) ([]*crm.APIKey, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return a.APIKeys.List(ctx)
}

// Revoke is crm.APIKeys's, in time.
func (a apiKeys) Revoke(ctx context.Context, id string, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return a.APIKeys.Revoke(ctx, id, at)
}

// Touch is crm.APIKeys's, in time.
func (a apiKeys) Touch(ctx context.Context, id string, at time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	return a.APIKeys.Touch(ctx, id, at)
}
