package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	sqlite "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"github.com/customer360/gateway/internal/crm"
)

// applicationID marks a file as this program's store: "C360" in the field that SQLite
// keeps for it in the first page (PRAGMA application_id).
const applicationID = 0x43333630

// What is at the beginning of a SQLite file, and where (https://sqlite.org/fileformat.html).
const (
	fileMagic       = "SQLite format 3\x00"
	applicationAt   = 68
	fileHeaderBytes = 100
	logHeaderBytes  = 32 // of a -wal, before its first frame
)

// identity is what a path leads to.
type identity int

const (
	// missing is no file.
	missing identity = iota
	// empty is a file without a byte: as good as none.
	empty
	// store is a store of this program.
	store
)

// identify says what a path leads to. A file that is no store is CodeInvalid, one of
// a newer version is CodeUnsupported. It changes no file and makes none.
func identify(ctx context.Context, path string) (identity, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, nil
	case err != nil:
		return missing, unusable(err)
	case info.IsDir():
		return missing, foreign("a folder")
	case !info.Mode().IsRegular():
		return missing, foreign("no regular file")
	case info.Size() == 0:
		return empty, nil
	}
	id, err := applicationOf(path)
	if err != nil {
		return missing, err
	}
	if id != applicationID && id != 0 {
		return missing, foreign("a database of another program")
	}
	return store, recognize(ctx, path)
}

// foreign says that a file is no store.
func foreign(what string) error {
	return &crm.Error{
		Code: crm.CodeInvalid, Op: "look at the store's file",
		Message: "this is " + what + ", not a store of this program, and is left as it is: name a store, or a file that does not exist yet",
	}
}

// applicationOf reads the mark that the program which made a SQLite file left in it, 0
// for none, without SQLite.
func applicationOf(path string) (id uint32, err error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return 0, unusable(err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	header := make([]byte, fileHeaderBytes)
	switch _, err := io.ReadFull(file, header); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return 0, foreign("no database of SQLite")
	case err != nil:
		return 0, unusable(err)
	case !bytes.HasPrefix(header, []byte(fileMagic)):
		return 0, foreign("no database of SQLite")
	}
	return binary.BigEndian.Uint32(header[applicationAt:]), nil
}

// recognize refuses a SQLite file that has neither the mark of this program nor the
// tables of an earlier version of it, which set none, and one of a newer version.
func recognize(ctx context.Context, path string) error {
	return looking(ctx, path, func(view *sql.DB) error {
		var id int64
		if err := view.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
			return unreadable(err)
		}
		has, err := readSchema(ctx, view)
		if err != nil {
			return unreadable(err)
		}
		if id != applicationID && !has.earlier() {
			return foreign("a database of another program")
		}
		_, _, err = pending(ctx, view, crm.Descriptions())
		return err
	})
}

// looking has look read a file, so that nothing of it or beside it changes or is made.
func looking(ctx context.Context, path string, look func(view *sql.DB) error) error {
	return patiently(func() error {
		view, err := lookAt(ctx, path)
		if err != nil {
			return unreadable(err)
		}
		defer func() { _ = view.Close() }() // nothing was written
		return look(view)
	})
}

// lookAt opens a file to read it once, so that nothing of it or beside it changes or
// is made. Without a log of writes (-wal) the file has everything, and no other
// program that has it open has begun to write; with one SQLite has to look there, too,
// and is kept from writing to the log's index (-shm). A log that is nothing but its
// header, as a program leaves that is killed then, is none: SQLite would try to read it
// for 10 seconds, and give up (SQLITE_PROTOCOL).
func lookAt(ctx context.Context, path string) (*sql.DB, error) {
	whole, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	ways := []string{"mode=ro&immutable=1"}
	if log, err := os.Stat(whole + "-wal"); err == nil && log.Size() > logHeaderBytes {
		ways = []string{"mode=ro&readonly_shm=1&_busy_timeout=100", ways[0]} // the last for a log whose index is gone
	}
	var view *sql.DB
	for _, way := range ways {
		if view, err = open(dsn(whole, way), nil); err != nil {
			return nil, err
		}
		if _, err = readSchema(ctx, view); !cannotOpen(err) {
			return view, nil // an error shows again
		}
		_ = view.Close() // the error is known
	}
	return nil, err
}

func cannotOpen(err error) bool {
	var driver *sqlite.Error
	return errors.As(err, &driver) && driver.Code()&0xff == code.SQLITE_CANTOPEN
}

// unreadable says of a file that SQLite finds damaged that it is no store.
func unreadable(err error) error {
	var driver *sqlite.Error
	if errors.As(err, &driver) && (driver.Code()&0xff == code.SQLITE_NOTADB || driver.Code()&0xff == code.SQLITE_CORRUPT) {
		return foreign("a damaged file or no database of SQLite")
	}
	return err
}

// mark sets the mark of this program. Within a transaction it is set with the rest.
func mark(ctx context.Context, on interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
},
) error {
	_, err := on.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}

// earlierTables are those that every version without a mark has made, with columns
// that no other program's tables have, all of them together.
func earlierTables() map[string]string {
	tables := map[string]string{"timeline": "row id customer occurred_at kind ref doc"}
	for _, name := range []string{
		"teams", "employees", "partner_apps", "customers", "products", "orders", "tickets", "articles", "interactions",
		"recommendations", "next_best_actions",
	} {
		tables[name] = "row id version doc"
	}
	return tables
}

// earlier says whether a file is a store of a version that set no mark.
func (has *schema) earlier() bool {
	for name, columns := range earlierTables() {
		for column := range strings.FieldsSeq(columns) {
			if !has.tables[name][column] {
				return false
			}
		}
	}
	return true
}
