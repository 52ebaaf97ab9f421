package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// migrations are the steps from an empty file to this version's tables, in the
// order of their names; the file's user_version says how many it has.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the file to the tables and indexes of this version, in one
// transaction. A file of a newer version is refused and left as it is.
func (s *Store) Migrate(ctx context.Context) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		steps, err := pending(version)
		if err != nil || len(steps) == 0 {
			return err
		}
		for _, step := range steps {
			if err := apply(ctx, tx, step); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+len(steps)))
		return err
	})
	return translate("migrate the store", err)
}

// pending gives the steps that a file of a version lacks.
func pending(version int) ([]string, error) {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(steps)
	if version < 0 || version > len(steps) {
		return nil, &crm.Error{
			Code: crm.CodeUnsupported, Op: "look at the version of the store's file",
			Message: "the store's file was made by a newer version of this program: use that version or another file",
		}
	}
	return steps[version:], nil
}

func apply(ctx context.Context, tx *sql.Tx, step string) error {
	text, err := migrations.ReadFile(step)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return nil
}
