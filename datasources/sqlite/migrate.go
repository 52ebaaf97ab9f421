package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// migrations are the steps that SQL can express.
//
//go:embed migrations/*.sql
var migrations embed.FS

// step is what brings a file from one version to the next.
type step struct {
	name string
	run  func(ctx context.Context, tx *sql.Tx) error
}

// steps returns what descriptions of kinds do not tell of, in order; the file's
// user_version says how many of them it has.
func steps() ([]step, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	list := []step{{"0005_bson", documentsToBSON}}
	for _, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		list = append(list, step{strings.TrimSuffix(path.Base(file), ".sql"), func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(text))
			return err
		}})
	}
	slices.SortFunc(list, func(a, b step) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// Migrate brings the file to the tables and indexes of this version, in one
// transaction: with the migrations it lacks, then with the tables and columns
// that it lacks of the kinds described. A file of a newer version, which Open would
// have refused, is refused and left as it is.
func (s *Store) Migrate(ctx context.Context) error {
	return translate("migrate the store", s.migrate(ctx, crm.Descriptions()))
}

func (s *Store) migrate(ctx context.Context, described []*crm.Description) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		missing, version, err := pending(ctx, tx, described)
		if err != nil {
			return err
		}
		for _, step := range missing {
			if err := step.run(ctx, tx); err != nil {
				return fmt.Errorf("%s: %w", step.name, err)
			}
		}
		if len(missing) > 0 {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+len(missing))); err != nil {
				return err
			}
		}
		if err := complete(ctx, tx, described); err != nil {
			return err
		}
		return mark(ctx, tx) // versions before the mark made stores without it
	})
}

// connection is one that statements are sent on, or a transaction.
type connection interface {
	querier
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// pending returns the version of a file and the steps that it lacks.
func pending(ctx context.Context, from connection, described []*crm.Description) (missing []step, version int, err error) {
	if err := from.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return nil, 0, err
	}
	all, err := steps()
	if err != nil {
		return nil, 0, err
	}
	has, err := readSchema(ctx, from)
	if err != nil {
		return nil, 0, err
	}
	if version < 0 || version > len(all) || has.newer(described) {
		return nil, 0, &crm.Error{
			Code: crm.CodeUnsupported, Op: "look at the version of the store's file",
			Message: "the store's file was made by a newer version of this program: use that version or another file",
		}
	}
	return all[version:], version, nil
}

// upToDate refuses a file for which Migrate has something to do.
func upToDate(ctx context.Context, from connection, described []*crm.Description) error {
	missing, _, err := pending(ctx, from, described)
	if err != nil {
		return err
	}
	has, err := readSchema(ctx, from)
	if err != nil {
		return err
	}
	for _, d := range described {
		if len(missing) > 0 || !d.Derived && len(has.lacks(d)) > 0 {
			return &crm.Error{
				Code: crm.CodeUnsupported, Op: "look at the version of the store's file",
				Message: "the store's file was made by an earlier version of this program: bring it up to date with gateway migrate",
			}
		}
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
