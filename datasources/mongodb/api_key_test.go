package mongodb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

// Each call for an API key is one command that scans nothing, however many keys
// there are.
func TestAPIKeysAreOneCommandEach(t *testing.T) {
	store, profiler := scanned(t, people{})
	keys := store.APIKeys()
	hash := func(i int) string { return fmt.Sprintf("%064x", i) }
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = crm.NewAPIKeyID()
		if err := keys.Add(t.Context(), &crm.APIKey{ID: ids[i], Hash: hash(i), CreatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	profiler.Ops(t)
	profiler.calls.drain()
	for name, call := range map[string]func() (int, error){
		"by hash": func() (int, error) { _, err := keys.ByHash(t.Context(), hash(77)); return 1, err },
		"list":    func() (int, error) { list, err := keys.List(t.Context()); return len(list), err },
		"revoke":  func() (int, error) { return 1, keys.Revoke(t.Context(), ids[3], time.Now()) },
		"touch":   func() (int, error) { return 1, keys.Touch(t.Context(), ids[4], time.Now()) },
	} {
		returned, err := call()
		if err != nil {
			t.Fatal(err)
		}
		ops := profiler.Ops(t)
		profiler.wantOne(t, name, ops)
		for _, op := range ops {
			if op.Docs > returned || strings.Contains(op.Plan, "COLLSCAN") {
				t.Errorf("%s examines %d documents for %d: %+v", name, op.Docs, returned, op)
			}
		}
	}
}

// A database that an older version has filled gets what keys need, and keeps what
// it has.
func TestADatabaseWithoutAPIKeysIsMigrated(t *testing.T) {
	uri := mongod.URI(t)
	store := opened(t, uri)
	documents := raw(t, uri).Collection("api_keys")
	if err := documents.Drop(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := store.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	key := &crm.APIKey{ID: crm.NewAPIKeyID(), Hash: strings.Repeat("a", 64), CreatedAt: time.Now()}
	if err := store.APIKeys().Add(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	key.ID = crm.NewAPIKeyID()
	if err := store.APIKeys().Add(t.Context(), key); crm.CodeOf(err) != crm.CodeConflict {
		t.Errorf("a second key with one hash gives %v, want a conflict", err)
	}
	// No secret, nor room for one.
	var stored bson.M
	if err := documents.FindOne(t.Context(), bson.D{}).Decode(&stored); err != nil || len(stored) != 10 {
		t.Errorf("stored is %v (%v)", stored, err)
	}
}
