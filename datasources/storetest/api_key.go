package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

func apiKeyRules() []rule {
	return []rule{
		{"an API key is read back by hash and in a list, and a hash that nobody has gives none", apiKeysReadBack},
		{"an API key whose id or hash is there already is a conflict and changes nothing", apiKeysAreUnique},
		{"of several who add one API key at once exactly one does", oneAdderWins},
		{"a malformed API key is invalid", apiKeysAreChecked},
		{"API keys are listed by id", apiKeysAreSorted},
		{"API keys that are revoked and expired are found as before", endedAPIKeysAreFound},
		{"an API key is revoked for good, at the first time", apiKeysStayRevoked},
		{"the last use of an API key goes forwards only, also for many at once", apiKeysAreTouched},
	}
}

// apiKey returns key i, with nothing in it that need not be.
func apiKey(i int) *crm.APIKey {
	sum := sha256.Sum256(fmt.Append(nil, "secret ", i))
	_, rest, _ := strings.Cut(string(customerID(i)), "_")
	return &crm.APIKey{
		ID: "key_" + rest, Hash: hex.EncodeToString(sum[:]), Scopes: []string{"ORDERS_READ"}, CreatedAt: epoch(),
	}
}

// fullAPIKey returns key i with all there can be.
func fullAPIKey(i int) *crm.APIKey {
	key, at := apiKey(i), epoch().Add(123456789)
	later, zoned := at.Add(time.Hour), at.In(time.FixedZone("east", 3600))
	key.Name, key.PartnerApp, key.Rate = "Logistik „Nord“ 🚚' OR 1=1", idOf(crm.KindPartnerApp, 1), 250
	key.Scopes = []string{"CUSTOMERS_READ", "ORDERS_READ"}
	key.Rows = crm.RowLimits{Sources: []string{"shop-eu", "crm"}, Regions: []string{"DE", "FR"}, Own: "crm"}
	key.CreatedAt, key.ExpiresAt, key.RevokedAt, key.LastUsedAt = zoned, &later, &zoned, &at
	return key
}

func addAPIKey(t testing.TB, s crm.Store, keys ...*crm.APIKey) {
	t.Helper()
	for i, key := range keys {
		if err := s.APIKeys().Add(t.Context(), key); err != nil {
			t.Fatalf("add key %d of %d: %v", i+1, len(keys), err)
		}
	}
}

func apiKeyByHash(t testing.TB, s crm.Store, hash string) *crm.APIKey {
	t.Helper()
	key, err := s.APIKeys().ByHash(t.Context(), hash)
	if err != nil {
		t.Fatalf("ByHash: %v", err)
	}
	return key
}

// wantAPIKeys compares the keys there are, in a list and one by one.
func wantAPIKeys(t testing.TB, s crm.Store, want ...*crm.APIKey) {
	t.Helper()
	slices.SortFunc(want, func(a, b *crm.APIKey) int { return strings.Compare(a.ID, b.ID) })
	got, err := s.APIKeys().List(t.Context())
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	if len(got) != len(want) {
		t.Fatalf("List gives %d keys, want %d", len(got), len(want))
	}
	for i, key := range want {
		wantSettled(t, "listed key", got[i], key)
		if found := apiKeyByHash(t, s, key.Hash); found == nil {
			t.Errorf("key %d is not found by its hash", i)
		} else {
			wantSettled(t, "key found", found, key)
		}
	}
}

func apiKeysReadBack(t testing.TB, s crm.Store) {
	wantAPIKeys(t, s)
	plain, full := apiKey(1), fullAPIKey(2)
	addAPIKey(t, s, plain, full)
	wantAPIKeys(t, s, plain, full)
	for _, hash := range []string{apiKey(3).Hash, strings.ToUpper(plain.Hash), plain.Hash[:63], plain.ID, "", "'", "\x00", "\xff"} {
		if found := apiKeyByHash(t, s, hash); found != nil {
			t.Errorf("a hash that no key has (%d bytes) gives one", len(hash))
		}
	}
	// What is handed out, and what was handed in, is the caller's own.
	written := fullAPIKey(2)
	for _, key := range []*crm.APIKey{full, apiKeyByHash(t, s, full.Hash)} {
		key.Name, key.Scopes[0], key.Rows.Sources[0], *key.ExpiresAt, key.RevokedAt = "x", "X", "x", epoch(), nil
	}
	wantAPIKeys(t, s, plain, written)
	for _, k := range []int{count(t, s, crm.KindCustomer), count(t, s, crm.KindPartnerApp), count(t, s, crm.KindTimeline)} {
		if k != 0 {
			t.Errorf("API keys are records: Count is %d", k)
		}
	}
}

// wantCode wants an error with a code.
func wantCode(t testing.TB, what string, err error, code crm.Code) {
	t.Helper()
	if err == nil || crm.CodeOf(err) != code {
		t.Errorf("%s gives %v, want %s", what, err, code)
	}
}

func apiKeysAreUnique(t testing.TB, s crm.Store) {
	first := fullAPIKey(1)
	addAPIKey(t, s, first)
	sameID, sameHash := apiKey(2), apiKey(3)
	sameID.ID, sameHash.Hash = first.ID, first.Hash
	for what, key := range map[string]*crm.APIKey{"the same key": first, "its id": sameID, "its hash": sameHash} {
		wantCode(t, "adding "+what+" again", s.APIKeys().Add(t.Context(), key), crm.CodeConflict)
	}
	wantAPIKeys(t, s, first)
}

func oneAdderWins(t testing.TB, s crm.Store) {
	stored := 0
	for _, err := range atOnce(writers, func(i int) error {
		key := apiKey(i)
		key.Hash = apiKey(0).Hash // each with an id of its own
		return s.APIKeys().Add(t.Context(), key)
	}) {
		if err == nil {
			stored++
		} else {
			wantCode(t, "adding what another adds", err, crm.CodeConflict)
		}
	}
	if keys, err := s.APIKeys().List(t.Context()); stored != 1 || len(keys) != 1 {
		t.Errorf("%d of %d adders were told that their key is stored, and %d keys are (%v), want 1", stored, writers, len(keys), err)
	}
}

func apiKeysAreChecked(t testing.TB, s crm.Store) {
	long := slices.Repeat([]string{"crm"}, crm.MaxAPIKeyList+1)
	for what, change := range map[string]func(*crm.APIKey){
		"no id":                  func(k *crm.APIKey) { k.ID = "" },
		"a record's id":          func(k *crm.APIKey) { k.ID = string(customerID(1)) },
		"no hash":                func(k *crm.APIKey) { k.Hash = "" },
		"a hash in capitals":     func(k *crm.APIKey) { k.Hash = strings.ToUpper(k.Hash) },
		"a key for a hash":       func(k *crm.APIKey) { k.Hash = "c360_" + k.Hash[5:] },
		"a long name":            func(k *crm.APIKey) { k.Name = strings.Repeat("n", crm.MaxAPIKeyName+1) },
		"a name of two lines":    func(k *crm.APIKey) { k.Name = "a\nb" },
		"a name that turns":      func(k *crm.APIKey) { k.Name = "a\u202eb" },
		"a name that is no text": func(k *crm.APIKey) { k.Name = "a\xff" },
		"another kind of app":    func(k *crm.APIKey) { k.PartnerApp = customerID(1) },
		"a scope of no form":     func(k *crm.APIKey) { k.Scopes = []string{"orders:read"} },
		"an empty source":        func(k *crm.APIKey) { k.Rows.Sources = []string{""} },
		"too many sources":       func(k *crm.APIKey) { k.Rows.Sources = long },
		"a source's own spaces":  func(k *crm.APIKey) { k.Rows.Own = "a b" },
		"a region of no form":    func(k *crm.APIKey) { k.Rows.Regions = []string{"Germany"} },
		"a rate below 0":         func(k *crm.APIKey) { k.Rate = -1 },
		"a rate beyond counting": func(k *crm.APIKey) { k.Rate = crm.MaxAPIKeyRate + 1 },
		"no time of creation":    func(k *crm.APIKey) { k.CreatedAt = time.Time{} },
	} {
		key := fullAPIKey(1)
		change(key)
		wantCode(t, what, s.APIKeys().Add(t.Context(), key), crm.CodeInvalid)
	}
	wantAPIKeys(t, s)
}

func apiKeysAreSorted(t testing.TB, s crm.Store) {
	keys := []*crm.APIKey{}
	for i := range 40 {
		key := apiKey(i)
		key.CreatedAt = epoch().Add(-time.Duration(i) * time.Hour)
		keys = append(keys, key)
	}
	for i := range keys {
		addAPIKey(t, s, keys[i*7%len(keys)])
	}
	wantAPIKeys(t, s, keys...)
}

func endedAPIKeysAreFound(t testing.TB, s crm.Store) {
	revoked, valid, expired, past := apiKey(1), apiKey(2), apiKey(3), epoch()
	expired.ExpiresAt = &past
	addAPIKey(t, s, revoked, valid, expired)
	if err := s.APIKeys().Revoke(t.Context(), revoked.ID, epoch()); err != nil {
		t.Fatalf("Revoke: %v", err)
	}
	revoked.RevokedAt = &past
	wantAPIKeys(t, s, revoked, valid, expired)
}

func apiKeysStayRevoked(t testing.TB, s crm.Store) {
	key, other := apiKey(1), apiKey(2)
	addAPIKey(t, s, key, other)
	at := epoch().Add(time.Hour)
	for _, again := range []time.Time{at, at.Add(time.Minute), at.Add(-time.Minute)} {
		if err := s.APIKeys().Revoke(t.Context(), key.ID, again); err != nil {
			t.Errorf("Revoke: %v", err)
		}
		revoked := apiKeyByHash(t, s, key.Hash)
		if revoked.RevokedAt == nil || !revoked.RevokedAt.Equal(at) {
			t.Fatalf("revoked at %v, want %v", revoked.RevokedAt, at)
		}
	}
	if found := apiKeyByHash(t, s, other.Hash); found.RevokedAt != nil {
		t.Error("another key was revoked too")
	}
	for _, id := range []string{apiKey(3).ID, key.Hash, "", "'", "\x00", "\xff", "key_"} {
		wantCode(t, "revoking an unknown key", s.APIKeys().Revoke(t.Context(), id, at), crm.CodeNotFound)
	}
	wantCode(t, "adding a revoked key again", s.APIKeys().Add(t.Context(), apiKey(1)), crm.CodeConflict)
}

func apiKeysAreTouched(t testing.TB, s crm.Store) {
	key, other := apiKey(1), apiKey(2)
	addAPIKey(t, s, key, other)
	touch := func(id string, at time.Time) error { return s.APIKeys().Touch(t.Context(), id, at) }
	want := func(at time.Time) {
		t.Helper()
		if used := apiKeyByHash(t, s, key.Hash).LastUsedAt; used == nil || !used.Equal(at) {
			t.Errorf("last used at %v, want %v", used, at)
		}
	}
	for _, step := range []struct{ at, want time.Duration }{{0, 0}, {time.Minute, time.Minute}, {time.Second, time.Minute}} {
		if err := touch(key.ID, epoch().Add(step.at)); err != nil {
			t.Errorf("Touch: %v", err)
		}
		want(epoch().Add(step.want))
	}
	const many = 5 * writers
	for _, err := range atOnce(many, func(i int) error { return touch(key.ID, epoch().Add(time.Duration(i*13%many+1)*time.Hour)) }) {
		if err != nil {
			t.Errorf("one of many Touches: %v", err)
		}
	}
	want(epoch().Add(many * time.Hour))
	for _, id := range []string{apiKey(3).ID, "", "\x00", "\xff"} {
		if err := touch(id, epoch()); err != nil {
			t.Errorf("Touch of an unknown id: %v", err)
		}
	}
	if apiKeyByHash(t, s, other.Hash).LastUsedAt != nil {
		t.Error("another key was used too")
	}
}
