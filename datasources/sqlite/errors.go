package sqlite

import (
	"context"
	"errors"
	"fmt"

	sqlite "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"github.com/customer360/gateway/internal/crm"
)

// translate makes a driver's error one of the domain's; op says what was being
// done. Errors that are the domain's already pass as they are; a context that
// was canceled stays context.Canceled in the chain.
func translate(op string, err error) error {
	var known *crm.Error
	var driver *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", op, err)
	case errors.Is(err, context.DeadlineExceeded):
		return &crm.Error{Code: crm.CodeUnavailable, Op: op, Message: "the store did not answer in time", Err: err}
	case !errors.As(err, &driver):
		return &crm.Error{Code: crm.CodeInternal, Op: op, Err: err}
	}
	switch driver.Code() & 0xff {
	case code.SQLITE_BUSY, code.SQLITE_LOCKED:
		return &crm.Error{Code: crm.CodeUnavailable, Op: op, Message: "the store is busy", Err: err}
	case code.SQLITE_IOERR, code.SQLITE_FULL, code.SQLITE_CANTOPEN, code.SQLITE_READONLY, code.SQLITE_PERM, code.SQLITE_NOMEM:
		return &crm.Error{Code: crm.CodeUnavailable, Op: op, Message: "the store cannot use its file", Err: err}
	case code.SQLITE_CORRUPT, code.SQLITE_NOTADB:
		return &crm.Error{Code: crm.CodeInternal, Op: op, Message: "the store's file is damaged or no database of this program", Err: err}
	case code.SQLITE_CONSTRAINT:
		return constraint(op, driver)
	}
	return &crm.Error{Code: crm.CodeInternal, Op: op, Err: err}
}

// constraint translates the violation of a rule that the schema holds.
func constraint(op string, err *sqlite.Error) *crm.Error {
	switch err.Code() {
	case code.SQLITE_CONSTRAINT_FOREIGNKEY:
		return &crm.Error{Code: crm.CodeInvalid, Op: op, Message: "the record refers to another that does not exist", Err: err}
	case code.SQLITE_CONSTRAINT_UNIQUE, code.SQLITE_CONSTRAINT_PRIMARYKEY, code.SQLITE_CONSTRAINT_ROWID:
		return &crm.Error{Code: crm.CodeConflict, Op: op, Message: "the record is there already", Err: err}
	}
	return &crm.Error{Code: crm.CodeInternal, Op: op, Err: err}
}

// violates says whether err is the violation of a rule that the schema holds.
func violates(err error) (*sqlite.Error, bool) {
	var driver *sqlite.Error
	ok := errors.As(err, &driver) && driver.Code()&0xff == code.SQLITE_CONSTRAINT
	return driver, ok
}

// busy says whether another process keeps the file from being used just now.
func busy(err error) bool {
	var driver *sqlite.Error
	return errors.As(err, &driver) && driver.Code()&0xff == code.SQLITE_BUSY
}
