package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/ngrok/sqlmw"
	sqlite "modernc.org/sqlite"
)

// open returns a pool of connections to dsn. With an observer every statement is
// told to it; the pool registers nothing with database/sql, so any number of
// stores live side by side.
func open(dsn string, observe func(call string)) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	if observe == nil {
		return sql.OpenDB(connector), nil
	}
	counted, ok := sqlmw.Driver(connector.Driver(), &counter{observe: observe}).(driver.DriverContext)
	if !ok {
		return sql.OpenDB(connector), nil
	}
	if connector, err = counted.OpenConnector(dsn); err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// counter tells an observer of each statement sent, by its verb alone.
type counter struct {
	sqlmw.NullInterceptor
	observe func(call string)
}

// ConnBeginTx counts the beginning of a transaction.
func (c *counter) ConnBeginTx(ctx context.Context, conn driver.ConnBeginTx, o driver.TxOptions) (context.Context, driver.Tx, error) {
	c.observe("transaction")
	tx, err := conn.BeginTx(ctx, o)
	return ctx, tx, err
}

// TxCommit counts a commit.
func (c *counter) TxCommit(_ context.Context, tx driver.Tx) error {
	c.observe("transaction")
	return tx.Commit()
}

// TxRollback counts a rollback.
func (c *counter) TxRollback(_ context.Context, tx driver.Tx) error {
	c.observe("transaction")
	return tx.Rollback()
}

// ConnExecContext counts a statement that was not prepared.
func (c *counter) ConnExecContext(ctx context.Context, conn driver.ExecerContext, query string, args []driver.NamedValue) (driver.Result, error) {
	c.observe(verb(query))
	return conn.ExecContext(ctx, query, args)
}

// ConnQueryContext counts a query that was not prepared.
func (c *counter) ConnQueryContext(ctx context.Context, conn driver.QueryerContext, query string, args []driver.NamedValue) (context.Context, driver.Rows, error) {
	c.observe(verb(query))
	rows, err := conn.QueryContext(ctx, query, args)
	return ctx, rows, err
}

// StmtExecContext counts one run of a prepared statement.
func (c *counter) StmtExecContext(ctx context.Context, stmt driver.StmtExecContext, query string, args []driver.NamedValue) (driver.Result, error) {
	c.observe(verb(query))
	return stmt.ExecContext(ctx, args)
}

// StmtQueryContext counts one run of a prepared query.
func (c *counter) StmtQueryContext(ctx context.Context, stmt driver.StmtQueryContext, query string, args []driver.NamedValue) (context.Context, driver.Rows, error) {
	c.observe(verb(query))
	rows, err := stmt.QueryContext(ctx, args)
	return ctx, rows, err
}

// verb returns what a statement of this package does, one of a fixed set.
func verb(query string) string {
	word, _, _ := strings.Cut(query, " ")
	switch word {
	case "SELECT", "WITH":
		return "select"
	case "INSERT":
		return "insert"
	case "UPDATE":
		return "update"
	case "DELETE":
		return "delete"
	case "PRAGMA", "ANALYZE":
		return "pragma"
	case "SAVEPOINT", "ROLLBACK", "RELEASE":
		return "transaction"
	}
	return "ddl"
}
