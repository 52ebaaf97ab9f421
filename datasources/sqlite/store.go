package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/customer360/gateway/internal/crm"
)

// Store is the company's records in one SQLite file. All methods may be called
// at once from any number of goroutines; writes wait for each other.
type Store struct {
	writer    *sql.DB // one connection: SQLite has one writer at a time
	reader    *sql.DB
	prepared  preparedQueries
	observe   func(call string)
	temporary string // a folder to remove at the end; "" for none
	readOnly  bool
	kinds     map[crm.Kind]*collection
}

var _ crm.Store = (*Store)(nil)

// Option changes how a store is opened.
type Option func(*Store)

// WithCallObserver has observe called once for each SQL statement that the
// store sends, with what it does: "select", "insert", "update", "delete",
// "pragma", "ddl" or "transaction" (begin, commit, rollback and savepoints), and
// no word of it beyond that. It is called from many goroutines at once.
func WithCallObserver(observe func(call string)) Option {
	return func(s *Store) { s.observe = observe }
}

// ReadOnly opens a store that is there and up to date, without changing its file: no
// call that writes works, and neither does Migrate. One of an earlier version is
// CodeUnsupported.
func ReadOnly() Option { return func(s *Store) { s.readOnly = true } }

// bind makes what follows from the descriptions of the kinds.
func (s *Store) bind() {
	s.prepared.byText = map[string]*sql.Stmt{}
	s.kinds = make(map[crm.Kind]*collection, len(crm.Descriptions()))
	for _, d := range crm.Descriptions() {
		s.kinds[d.Kind] = &collection{store: s, kind: newKind(d)}
	}
}

// collection returns the records of a kind.
func (s *Store) collection(kind crm.Kind) (*collection, error) {
	if c := s.kinds[kind]; c != nil {
		return c, nil
	}
	return nil, &crm.Error{Code: crm.CodeInvalid, Op: "look for a kind", Message: "there is no such kind of record"}
}

// written returns how records of a kind are kept, nil for one that is not described
// or not written by itself.
func (s *Store) written(kind crm.Kind) *kind {
	if c := s.kinds[kind]; c != nil && !c.kind.Derived {
		return c.kind
	}
	return nil
}

// ByID returns the records that exist, in one statement.
func (s *Store) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	c, err := s.collection(kind)
	if err != nil {
		return nil, err
	}
	return c.byID(ctx, ids, want)
}

// Latest is ByID: a statement sees all that was committed before it.
func (s *Store) Latest(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	return s.ByID(ctx, kind, ids, want)
}

// List returns one page of the records that fulfil q.Where, in one statement.
func (s *Store) List(ctx context.Context, kind crm.Kind, q crm.Query) (crm.RecordPage, error) {
	c, err := s.collection(kind)
	if err != nil {
		return crm.RecordPage{}, err
	}
	return c.list(ctx, q)
}

// Count returns the number of records that fulfil where, in one statement.
func (s *Store) Count(ctx context.Context, kind crm.Kind, where []crm.Predicate) (int, error) {
	c, err := s.collection(kind)
	if err != nil {
		return 0, err
	}
	return c.count(ctx, where)
}

// ListBy returns one page for each id, in one statement.
func (s *Store) ListBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, q crm.Query,
) (map[crm.ID]crm.RecordPage, error) {
	c, err := s.collection(kind)
	if err != nil {
		return nil, err
	}
	return c.listBy(ctx, fields, ids, q)
}

// CountBy returns for each id the number of records that have it in a field, in one
// statement.
func (s *Store) CountBy(
	ctx context.Context, kind crm.Kind, fields []crm.Field, ids []crm.ID, where []crm.Predicate,
) (map[crm.ID]int, error) {
	c, err := s.collection(kind)
	if err != nil {
		return nil, err
	}
	return c.countBy(ctx, fields, ids, where)
}

// Ping reads from the file.
func (s *Store) Ping(ctx context.Context) error {
	var tables int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
	return translate("ping the store", err)
}

// Close lets go of the file; a temporary one is removed. It waits for calls
// that are under way.
func (s *Store) Close(context.Context) error {
	err := errors.Join(s.prepared.close(), s.reader.Close(), s.writer.Close()) // closing the same twice is once
	if s.temporary != "" {
		err = errors.Join(err, os.RemoveAll(s.temporary))
	}
	return translate("close the store", err)
}
