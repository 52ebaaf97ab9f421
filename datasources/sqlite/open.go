package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// readers bounds the connections that read at once; more than processors only
// waste page caches.
const readers = 8

// Open opens the store in the file at path. A file that is missing, or empty, becomes a
// store without tables, which Migrate makes; any other must be a store of this program,
// and not of a newer version: it is CodeInvalid or CodeUnsupported otherwise, and
// nothing of it, or beside it, is changed or made. A store's file is the owner's alone to
// read (0600). ":memory:" and "" are a fresh store in a temporary folder that Close
// removes.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	s := &Store{}
	for _, set := range options {
		set(s)
	}
	s.bind()
	begin := s.open
	if s.readOnly {
		begin = s.openToRead
	}
	if err := begin(ctx, path); err != nil {
		if s.temporary != "" {
			err = errors.Join(err, os.RemoveAll(s.temporary))
		}
		return nil, translate("open the store", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if path == "" || path == ":memory:" {
		if s.temporary, err = os.MkdirTemp("", "customer360-"); err != nil {
			return unusable(err)
		}
		path = filepath.Join(s.temporary, "store.db")
	}
	if _, err := identify(ctx, path); err != nil {
		return err
	}
	if err := create(path); err != nil {
		return unusable(err)
	}
	synchronous := "NORMAL"
	if s.temporary != "" { // nothing of it outlives this program
		synchronous = "OFF"
	}
	writes := "_txlock=immediate&_busy_timeout=100&_pragma=cache_size(-65536)&_synchronous=" + synchronous
	if s.writer, err = open(dsn(path, writes), s.observe); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	// The writer turns the file to WAL before the first reader sees it.
	if err := patiently(func() error { return s.begin(ctx) }); err != nil {
		return errors.Join(err, s.writer.Close())
	}
	if err := s.openReader(path, "_query_only=1"); err != nil {
		return errors.Join(err, s.writer.Close())
	}
	return nil
}

// openToRead opens a store that is there and up to date.
func (s *Store) openToRead(ctx context.Context, path string) error {
	switch found, err := identify(ctx, path); {
	case err != nil:
		return err
	case found == missing:
		return &crm.Error{Code: crm.CodeInvalid, Op: "look at the store's file", Message: "there is no such file"}
	case found == empty:
		return foreign("an empty file")
	}
	// Before SQLite opens it: a file with a log of writes would get the files of that.
	if err := looking(ctx, path, func(view *sql.DB) error { return upToDate(ctx, view, crm.Descriptions()) }); err != nil {
		return err
	}
	if err := s.openReader(path, "mode=ro&_query_only=1"); err != nil {
		return err
	}
	s.writer = s.reader // it refuses to write
	return nil
}

func (s *Store) openReader(path, how string) (err error) {
	if s.reader, err = open(dsn(path, how+"&_busy_timeout=1000&_pragma=cache_size(-8192)"), s.observe); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return nil
}

// begin marks a new file before it is anything else, so that one which is left by a
// program that was killed here is recognized, turns it to WAL, and refuses what has
// become a store of a newer version meanwhile.
func (s *Store) begin(ctx context.Context) error {
	var tables int
	if err := s.writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables == 0 {
		if err := mark(ctx, s.writer); err != nil {
			return err
		}
	}
	var mode string
	if err := s.writer.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	_, _, err := pending(ctx, s.writer, crm.Descriptions())
	return err
}

// create makes the file before SQLite does, so that it is never readable to
// others: SQLite gives the files beside it (-wal, -shm) the same mode.
func create(path string) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return private(path)
	case err != nil:
		return err
	}
	return file.Close()
}

// private takes everybody else's rights from a store that is there already.
func private(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(path, 0o600)
}

func unusable(err error) error {
	return &crm.Error{
		Code: crm.CodeUnavailable, Message: "the store's file cannot be made or opened", Err: err,
	}
}

// dsn is what modernc.org/sqlite opens: a URI, so that "?" and "#" in a path
// are part of it.
func dsn(path, more string) string {
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	escaped = strings.TrimPrefix(escaped, "./")
	return fmt.Sprintf("file:%s?%s&_foreign_keys=1&_dqs=0&_pragma=temp_store(MEMORY)", escaped, more)
}

// patience bounds the wait for another process that writes to the same file.
const patience = 5 * time.Second

// patiently tries again while another process keeps the file busy, as long as
// patience lasts. Each try waits in SQLite for a short time (_busy_timeout),
// which cannot be interrupted: so it must begin by looking at its context, as
// every call of database/sql does.
func patiently(try func() error) error {
	for start := time.Now(); ; {
		if err := try(); err == nil || !busy(err) || time.Since(start) > patience {
			return err
		}
	}
}

// transact runs work in a transaction of the one writer; an error undoes it.
func (s *Store) transact(ctx context.Context, work func(tx *sql.Tx) error) error {
	var tx *sql.Tx
	err := patiently(func() (err error) {
		tx, err = s.writer.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return err
	}
	if err = work(tx); err == nil {
		err = tx.Commit()
	} else if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
		err = errors.Join(err, undo)
	}
	if err != nil && ctx.Err() != nil { // what the driver says of it varies
		return ctx.Err()
	}
	return err
}
