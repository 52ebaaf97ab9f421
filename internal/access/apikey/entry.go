package apikey

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"sync/atomic"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/panics"
)

// entry is what the store said of a key. Nothing of it changes but noted.
type entry struct {
	// asked is when the store was asked: what it said holds from then on.
	asked     time.Time
	principal *access.Principal
	revoked   bool
	expires   time.Time // zero for never
	// noted is the last use that is noted, in Unix milliseconds; 0 for none.
	noted atomic.Int64
}

// expired says whether a key's time is over: the instant itself is outside.
func (e *entry) expired(now time.Time) bool { return !e.expires.IsZero() && !now.Before(e.expires) }

// load asks the store for a key and remembers what it says; nil is no such key.
func (k *Keys) load(d digest, known bool) (found *entry, err error) {
	defer func() {
		if thrown := recover(); thrown != nil { // Nobody else would catch it here.
			found, err = nil, panics.New(thrown)
		}
	}()
	if e, ok := k.known.Peek(d); ok && k.now().Sub(e.asked) < k.ttl {
		return e, nil // Somebody was quicker.
	}
	ctx, cancel := context.WithTimeout(k.ctx, askTime)
	defer cancel()
	if !known {
		select {
		case k.turns <- struct{}{}:
			defer func() { <-k.turns }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	asked := k.now()
	key, err := k.store.ByHash(ctx, d.text())
	switch {
	case err != nil && k.ctx.Err() != nil: // No caller has canceled anything.
		return nil, errClosed
	case err != nil:
		return nil, err
	}
	if key == nil || !d.is(key.Hash) {
		k.known.Remove(d)
		k.unknown.Add(d, asked)
		return nil, nil
	}
	found = newEntry(key, asked)
	if before, ok := k.known.Peek(d); ok {
		found.noted.Store(max(found.noted.Load(), before.noted.Load()))
	}
	k.known.Add(d, found)
	return found, nil
}

// is says whether a stored hash is the digest, in a time that does not depend on
// where they differ.
func (d digest) is(hash string) bool {
	stored, err := hex.DecodeString(hash)
	return err == nil && subtle.ConstantTimeCompare(stored, d[:]) == 1
}

func newEntry(key *crm.APIKey, asked time.Time) *entry {
	e := &entry{asked: asked, principal: principalOf(key), revoked: key.RevokedAt != nil}
	if key.ExpiresAt != nil {
		e.expires = *key.ExpiresAt
	}
	if key.LastUsedAt != nil {
		e.noted.Store(key.LastUsedAt.UnixMilli())
	}
	return e
}

// principalOf returns who a key speaks for. Scopes that this version does not know
// permit nothing and are left out.
func principalOf(key *crm.APIKey) *access.Principal {
	p := &access.Principal{
		Kind: access.KindPartner, ID: key.ID, Actor: key.PartnerApp,
		Rows: key.Rows, Rate: key.Rate, Scopes: []access.Scope{},
	}
	for _, scope := range access.Scopes() {
		if slices.Contains(key.Scopes, string(scope)) {
			p.Scopes = append(p.Scopes, scope)
		}
	}
	slices.Sort(p.Scopes)
	return p
}
