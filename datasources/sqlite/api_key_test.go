package sqlite_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// A file of the version before keys gets their table, and keeps what it has.
func TestAFileWithoutAPIKeysIsMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	if err := s.Checkpoints().Set(t.Context(), "name", nil, 0); err != nil {
		t.Fatal(err)
	}
	asVersion(t, path, 2)
	again := reopen(t, path)
	key := &crm.APIKey{ID: crm.NewAPIKeyID(), Hash: strings.Repeat("a", 64), CreatedAt: time.Now()}
	if err := again.APIKeys().Add(t.Context(), key); err != nil {
		t.Error(err)
	}
	points, err := again.Checkpoints().Get(t.Context(), []string{"name"})
	if n, counting := crm.Of[crm.Customer](again).Count(t.Context(), nil); n != 1 || counting != nil || len(points) != 1 || err != nil {
		t.Errorf("%d customers (%v) and %d checkpoints (%v), want one each", n, counting, len(points), err)
	}
}

// Each look-up of a key reads an index, and the whole table only to list it.
func TestAPIKeysAreFoundByIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	reopen(t, path)
	for _, text := range []string{
		"SELECT id FROM api_keys WHERE hash = ?1", "UPDATE api_keys SET revoked_at = 1 WHERE id = ?1", "UPDATE api_keys SET last_used_at = 1 WHERE id = ?1",
	} {
		var id, parent, unused int
		var detail string
		row := raw(t, path).QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+text, "x")
		if err := row.Scan(&id, &parent, &unused, &detail); err != nil || !strings.HasPrefix(detail, "SEARCH api_keys USING ") {
			t.Errorf("%s: %s (%v)", text, detail, err)
		}
	}
}
