package apikey_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/crm"
)

func TestMain(m *testing.M) { os.Exit(mongod.Main(m)) }

// keyring is a store of keys that can be slow, fail, and be asked what it was
// asked.
type keyring struct {
	mu      sync.Mutex
	keys    map[string]*crm.APIKey
	panics  bool
	wait    func(ctx context.Context) error // before a question is answered, after its answer is clear
	noting  func(ctx context.Context) error // before a use is noted
	asked   int
	asking  int
	most    int // at once
	touched []time.Time
}

func newKeyring() *keyring { return &keyring{keys: map[string]*crm.APIKey{}} }

func (k *keyring) ByHash(ctx context.Context, hash string) (*crm.APIKey, error) {
	k.mu.Lock()
	var found *crm.APIKey
	if key := k.keys[hash]; key != nil {
		c := *key
		found = &c
	}
	k.asked++
	k.asking++
	k.most = max(k.most, k.asking)
	panics, wait := k.panics, k.wait
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.asking--
		k.mu.Unlock()
	}()
	if panics {
		panic("a bug in the store")
	}
	if wait != nil {
		if err := wait(ctx); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (k *keyring) Touch(ctx context.Context, id string, at time.Time) error {
	k.mu.Lock()
	panics, wait := k.panics, k.noting
	k.mu.Unlock()
	if panics {
		panic("a bug in the store")
	}
	if wait != nil {
		if err := wait(ctx); err != nil {
			return err
		}
	}
	return k.change(id, func(key *crm.APIKey) {
		key.LastUsedAt = &at
		k.touched = append(k.touched, at)
	})
}

func (k *keyring) Revoke(_ context.Context, id string, at time.Time) error {
	return k.change(id, func(key *crm.APIKey) { key.RevokedAt = &at })
}

func (k *keyring) change(id string, change func(key *crm.APIKey)) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if key.ID == id {
			change(key)
		}
	}
	return nil
}

func (k *keyring) Add(_ context.Context, key *crm.APIKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[key.Hash] = key
	return nil
}

func (k *keyring) List(context.Context) ([]*crm.APIKey, error) { return nil, errors.ErrUnsupported }

// set changes how the store behaves.
func (k *keyring) set(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
}

// calls returns the questions since the last time.
func (k *keyring) calls() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := k.asked
	k.asked = 0
	return n
}

// uses returns how often a use was noted.
func (k *keyring) uses() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.touched)
}

// made adds a fresh key to a store and gives it with its secret.
func made(t testing.TB, store crm.APIKeys, change func(key *crm.APIKey)) (secret string, key *crm.APIKey) {
	t.Helper()
	secret, hash := apikey.Generate()
	key = &crm.APIKey{
		ID: crm.NewAPIKeyID(), Hash: hash, Scopes: []string{"CUSTOMERS_READ", "ORDERS_READ"},
		CreatedAt: time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	if change != nil {
		change(key)
	}
	if err := store.Add(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	return secret, key
}

// opened returns what checks keys, closed with the test.
func opened(t testing.TB, store crm.APIKeys, o apikey.Options) *apikey.Keys {
	t.Helper()
	keys := apikey.New(store, o)
	t.Cleanup(keys.Close)
	return keys
}

// verdict says in a word what becomes of a credential: "good", a Reason, or a code.
func verdict(ctx context.Context, keys access.Authenticator, credential string) string {
	p, err := keys.Authenticate(ctx, credential)
	var reason apikey.Reason
	switch {
	case err == nil && p != nil:
		return "good"
	case p != nil:
		return "a principal and an error"
	case errors.As(err, &reason):
		return string(reason)
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	return string(crm.CodeOf(err))
}

func want(t testing.TB, when string, keys access.Authenticator, credential, verdictWanted string) {
	t.Helper()
	if got := verdict(t.Context(), keys, credential); got != verdictWanted {
		t.Errorf("%s: %s, want %s", when, got, verdictWanted)
	}
}
