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

// migrations are the steps that descriptions of kinds do not tell of, in the order
// of their names; the file's user_version says how many it has.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the file to the tables and indexes of this version, in one
// transaction: with the migrations it lacks, then with the tables and columns
// that it lacks of the kinds described. A file of a newer version is refused and
// left as it is.
func (s *Store) Migrate(ctx context.Context) error {
	return translate("migrate the store", s.migrate(ctx, crm.Descriptions()))
}

func (s *Store) migrate(ctx context.Context, described []*crm.Description) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		steps, version, err := pending(ctx, tx, described)
		if err != nil {
			return err
		}
		for _, step := range steps {
			if err := apply(ctx, tx, step); err != nil {
				return err
			}
		}
		if len(steps) > 0 {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+len(steps))); err != nil {
				return err
			}
		}
		return complete(ctx, tx, described)
	})
}

// connection is one that statements are sent on, or a transaction.
type connection interface {
	querier
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// pending gives the version of a file and the steps that it lacks.
func pending(ctx context.Context, from connection, described []*crm.Description) (steps []string, version int, err error) {
	if err := from.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return nil, 0, err
	}
	if steps, err = fs.Glob(migrations, "migrations/*.sql"); err != nil {
		return nil, 0, err
	}
	has, err := readSchema(ctx, from)
	if err != nil {
		return nil, 0, err
	}
	if version < 0 || version > len(steps) || has.newer(described) {
		return nil, 0, &crm.Error{
			Code: crm.CodeUnsupported, Op: "look at the version of the store's file",
			Message: "the store's file was made by a newer version of this program: use that version or another file",
		}
	}
	slices.Sort(steps)
	return steps[version:], version, nil
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

// complete makes what the file lacks of the kinds described, parents before what
// hangs on them. Derived kinds have their table from a migration.
func complete(ctx context.Context, tx *sql.Tx, described []*crm.Description) error {
	has, err := readSchema(ctx, tx)
	if err != nil {
		return err
	}
	for _, d := range described {
		if d.Derived {
			continue
		}
		for _, text := range has.lacks(d) {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("make what is missing of %s: %w", d.Name, err)
			}
		}
	}
	return nil
}
