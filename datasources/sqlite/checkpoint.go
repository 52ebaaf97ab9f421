package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// maxCleared bounds the keys that one call of Once clears away. It is more than
// the one that it adds, so that what has expired becomes less.
const maxCleared = 100

// checkpoints keeps what processes share.
type checkpoints struct{ store *Store }

// Checkpoints returns the small values that processes share.
func (s *Store) Checkpoints() crm.Checkpoints { return checkpoints{s} }

// Get returns the checkpoints that exist, in one statement.
func (c checkpoints) Get(ctx context.Context, names []string) (map[string]crm.Checkpoint, error) {
	found := make(map[string]crm.Checkpoint, len(names))
	q := &statement{}
	q.add("SELECT name, version, value FROM checkpoints WHERE name IN (SELECT value FROM json_each(?))")
	q.bind(jsonList(valid(names)))
	var name string
	var version int
	var value []byte
	err := c.store.query(ctx, q, []any{&name, &version, &value}, func() error {
		found[name] = crm.Checkpoint{Value: value, Version: version}
		value = nil // the next row has a value of its own
		return nil
	})
	if err != nil {
		return nil, translate(fmt.Sprintf("read %d checkpoints", len(names)), err)
	}
	return found, nil
}

// valid returns the names that there can be.
func valid(names []string) []string {
	kept := make([]string, 0, len(names))
	for _, name := range names {
		if crm.ValidCheckpointName(name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// Set stores a value if the checkpoint has the version expected.
func (c checkpoints) Set(ctx context.Context, name string, value []byte, expect int) error {
	if err := crm.CheckCheckpoint(name, value); err != nil {
		return err
	}
	if value == nil {
		value = []byte{} // nil would be NULL
	}
	text := "UPDATE checkpoints SET version = version + 1, value = ?2 WHERE name = ?1 AND version = ?3"
	if expect == 0 {
		text = "INSERT INTO checkpoints (name, version, value) VALUES (?1, ?3 + 1, ?2) ON CONFLICT DO NOTHING"
	}
	var stored int64
	err := c.store.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, text, name, value, expect)
		if err != nil {
			return err
		}
		stored, err = result.RowsAffected()
		return err
	})
	if err == nil && stored == 0 {
		err = &crm.Error{Code: crm.CodeConflict, Message: "the checkpoint has changed since it was read: read it again"}
	}
	return translate("write a checkpoint", err)
}

// Once remembers a key, and clears away some of those whose time has passed.
func (c checkpoints) Once(ctx context.Context, key string, until time.Time) (first bool, err error) {
	if err := crm.CheckCheckpoint(key, nil); err != nil {
		return false, err
	}
	now := time.Now().UnixMilli()
	err = c.store.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM seen WHERE key IN"+
			" (SELECT key FROM seen WHERE until <= ? ORDER BY until LIMIT ?)", now, maxCleared); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "INSERT INTO seen (key, until) VALUES (?, ?)"+
			" ON CONFLICT DO UPDATE SET until = excluded.until WHERE seen.until <= ?", key, until.UnixMilli(), now)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		first = rows > 0
		return err
	})
	return first && err == nil, translate("remember a key", err)
}

// Forget lets go of a key.
func (c checkpoints) Forget(ctx context.Context, key string) error {
	err := c.store.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM seen WHERE key = ?", key)
		return err
	})
	return translate("forget a key", err)
}
