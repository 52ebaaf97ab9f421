package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/apikey"
	"github.com/customer360/gateway/internal/crm"
)

// A key speaks for the partner that the store says, on every store.
func TestPrincipal(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, func(string) {}).APIKeys()
		app := crm.DerivedID(crm.KindPartnerApp, "crm", "1")
		secret, key := made(t, store, func(key *crm.APIKey) {
			later := time.Now().Add(time.Hour)
			key.Name, key.PartnerApp, key.Rate, key.ExpiresAt = "Logistics", app, 25, &later
			key.Scopes = []string{"ORDERS_READ", "CUSTOMERS_READ", "SCOPE_OF_A_LATER_VERSION"}
			key.Rows = crm.RowLimits{Sources: []string{"shop-eu"}, Regions: []string{"DE", "FR"}, Own: "shop-eu"}
		})
		keys := opened(t, store, apikey.Options{})
		for range 2 { // asked, then remembered
			got, err := keys.Authenticate(t.Context(), secret)
			if err != nil {
				t.Fatal(err)
			}
			wanted := &access.Principal{
				Kind: access.KindPartner, ID: key.ID, Actor: app, Rate: 25,
				Scopes: []access.Scope{access.ScopeCustomers, access.ScopeOrders}, Rows: key.Rows,
			}
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Errorf("principal (-want +got):\n%s", diff)
			}
		}
		keys.Close() // What is not noted yet is.
		if stored, err := store.ByHash(t.Context(), key.Hash); err != nil || stored.LastUsedAt == nil {
			t.Errorf("the use was not noted (%v)", err)
		}
	})
}

// Whatever is wrong with a key, its bearer is told the same, the log why, and
// neither the key.
func TestRefusals(t *testing.T) {
	store := newKeyring()
	past := time.Now().Add(-time.Second)
	good, _ := made(t, store, nil)
	revoked, revokedKey := made(t, store, func(key *crm.APIKey) { key.RevokedAt = &past })
	expired, expiredKey := made(t, store, func(key *crm.APIKey) { key.ExpiresAt = &past })
	both, _ := made(t, store, func(key *crm.APIKey) { key.RevokedAt, key.ExpiresAt = &past, &past })
	unknown, _ := apikey.Generate()
	messages := map[string]bool{}
	keys := opened(t, store, apikey.Options{})
	for _, test := range []struct{ credential, id, reason string }{
		{revoked, revokedKey.ID, "REVOKED"},
		{expired, expiredKey.ID, "EXPIRED"},
		{both, "", "REVOKED"},
		{unknown, "", "UNKNOWN_KEY"},
		{good[:53], "", "MALFORMED"},
	} {
		for range 2 { // asked, then remembered
			_, err := keys.Authenticate(t.Context(), test.credential)
			var known *crm.Error
			if !errors.As(err, &known) || known.Code != crm.CodeUnauthenticated {
				t.Fatalf("%s: %v, want UNAUTHENTICATED", test.reason, err)
			}
			messages[known.Message] = true
			if !strings.Contains(err.Error(), test.reason) || !strings.Contains(err.Error(), test.id) {
				t.Errorf("the log is told %q, want %s of %q", err, test.reason, test.id)
			}
			if strings.Contains(err.Error(), test.credential[5:20]) || strings.Contains(err.Error(), hashOf(test.credential)) {
				t.Errorf("%s: the error holds the key or its hash", test.reason)
			}
			want(t, test.reason, keys, test.credential, test.reason)
		}
	}
	if len(messages) != 1 {
		t.Errorf("callers can tell what was wrong: %v", messages)
	}
	want(t, "another key", keys, good, "good")
	keys.Close()
	if n := store.uses(); n != 1 {
		t.Errorf("%d uses were noted, want that of the good key", n)
	}
}

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Two gateways over one store: what is revoked through it is refused by both as
// soon as what they remember is too old, although the key is in use.
func TestRevocationOnEveryStore(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, func(string) {}).APIKeys()
		secret, key := made(t, store, nil)
		c := &clock{at: time.Now()}
		first, second := opened(t, store, apikey.Options{Clock: c.now}), opened(t, store, apikey.Options{Clock: c.now})
		want(t, "before", first, secret, "good")
		c.add(time.Second)
		want(t, "before", second, secret, "good")
		if err := store.Revoke(t.Context(), key.ID, c.now()); err != nil {
			t.Fatal(err)
		}
		c.add(1999 * time.Millisecond)
		want(t, "remembered", first, secret, "good")
		want(t, "remembered", second, secret, "good")
		c.add(time.Millisecond)
		want(t, "3 s after it was asked", first, secret, "REVOKED")
		want(t, "2 s after it was asked", second, secret, "good")
		c.add(time.Second)
		want(t, "3 s after it was asked", second, secret, "REVOKED")
		c.add(time.Hour)
		want(t, "later", first, secret, "REVOKED")
	})
}

// The same by the real clock, with a shorter memory.
func TestRevocationByTheRealClock(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, func(string) {}).APIKeys()
		secret, key := made(t, store, nil)
		gateways := []*apikey.Keys{}
		for range 2 {
			keys := opened(t, store, apikey.Options{TTL: 100 * time.Millisecond})
			gateways = append(gateways, keys)
			want(t, "before", keys, secret, "good")
		}
		if err := store.Revoke(t.Context(), key.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		revoked := time.Now()
		for i, keys := range gateways {
			for verdict(t.Context(), keys, secret) == "good" {
				if took := time.Since(revoked); took > 5*time.Second {
					t.Fatalf("gateway %d takes the key %v after it was revoked", i, took)
				}
			}
			want(t, "after", keys, secret, "REVOKED")
		}
	})
}

// A bug in the store is no bug of a key, and no end of the program.
func TestPanicOfTheStore(t *testing.T) {
	store := newKeyring()
	secret, _ := made(t, store, nil)
	keys := opened(t, store, apikey.Options{})
	store.set(func() { store.panics = true })
	want(t, "in a question", keys, secret, "UNAVAILABLE")
	store.set(func() {
		store.panics = false
		store.wait = func(context.Context) error { store.set(func() { store.panics = true }); return nil }
	})
	want(t, "then in noting the use", keys, secret, "good")
	keys.Close()
	if n := store.uses(); n != 0 {
		t.Errorf("%d uses were noted", n)
	}
}

// A store that gives another key than was asked for gives nobody its rights; and
// a key that is taken out of the store is nobody's.
func TestAnotherKeyThanAskedFor(t *testing.T) {
	store := newKeyring()
	c := &clock{at: time.Now()}
	keys := opened(t, store, apikey.Options{Clock: c.now})
	secret, hash := apikey.Generate()
	other, key := made(t, store, nil)
	store.set(func() { store.keys[hash] = key })
	want(t, "given another's", keys, secret, "UNKNOWN_KEY")
	want(t, "the other", keys, other, "good")
	store.set(func() { delete(store.keys, key.Hash) })
	c.add(3 * time.Second)
	want(t, "taken out", keys, other, "UNKNOWN_KEY")
}

// However small the memory is, the answers are right.
func TestSmallMemory(t *testing.T) {
	store := newKeyring()
	keys := opened(t, store, apikey.Options{MaxCached: 2})
	past := time.Now()
	secrets := map[string]string{}
	for range 10 {
		good, _ := made(t, store, nil)
		bad, _ := made(t, store, func(key *crm.APIKey) { key.RevokedAt = &past })
		unknown, _ := apikey.Generate()
		secrets[good], secrets[bad], secrets[unknown] = "good", "REVOKED", "UNKNOWN_KEY"
	}
	for round := range 3 {
		for secret, verdict := range secrets {
			want(t, fmt.Sprint("round ", round), keys, secret, verdict)
		}
	}
}
