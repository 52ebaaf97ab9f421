package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Keys whose time has passed do not pile up: each call clears more than it adds.
func TestExpiredKeysAreClearedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	past := time.Now().Add(-time.Hour)
	for i := range 300 {
		if _, err := raw(t, path).ExecContext(t.Context(), "INSERT INTO seen (key, until) VALUES (?, ?)", fmt.Sprint(i), past.UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	if first, err := s.Checkpoints().Once(t.Context(), "kept", time.Now().Add(time.Hour)); !first || err != nil {
		t.Fatalf("first %v, %v", first, err)
	}
	for i, most := range []int{201, 102, 3, 2, 2} {
		var n int
		if err := raw(t, path).QueryRowContext(t.Context(), "SELECT count(*) FROM seen").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > most {
			t.Errorf("after %d calls there are %d keys, want at most %d", i+1, n, most)
		}
		if _, err := s.Checkpoints().Once(t.Context(), "passed", past); err != nil {
			t.Fatal(err)
		}
	}
	if first, err := s.Checkpoints().Once(t.Context(), "kept", time.Now()); first || err != nil {
		t.Errorf("a key whose time has not passed was cleared away (%v)", err)
	}
}

// A file of the first version gets what it lacks, and keeps what it has.
func TestAFileOfTheFirstVersionIsMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := reopen(t, path)
	write(t, crm.Of[crm.Customer](s), []*crm.Customer{customer(1)}, 1)
	asVersion(t, path, 1)
	again := reopen(t, path)
	if err := again.Checkpoints().Set(t.Context(), "name", nil, 0); err != nil {
		t.Error(err)
	}
	if n, err := crm.Of[crm.Customer](again).Count(t.Context(), nil); n != 1 || err != nil {
		t.Errorf("%d customers (%v), want the one", n, err)
	}
}
