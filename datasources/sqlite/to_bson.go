package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// rewrittenBytes bounds the documents that documentsToBSON holds in memory at a
// time; one more document may be read before the bound is noticed.
const rewrittenBytes = 1 << 20

// documentsToBSON turns the documents of a file, which were JSON text up to version
// 4, into BSON. SQL knows nothing of BSON, so they pass through this program, a
// bounded number at a time. Keys, versions and the log stay as they are.
//
// It reads with the form that records have now. A member that is renamed later
// must still be read under its old name here.
func documentsToBSON(ctx context.Context, tx *sql.Tx) error {
	has, err := readSchema(ctx, tx)
	if err != nil {
		return err
	}
	t := newTransaction(ctx, tx)
	for _, d := range crm.Descriptions() {
		if !has.tables[d.Name]["doc"] {
			continue // complete makes the table, of a kind that is new
		}
		r := rewriting{transaction: t, table: ident(d.Name), form: record.FormOf(d.Kind)}
		for more := true; more; {
			if err := ctx.Err(); err != nil {
				return err
			}
			if more, err = r.next(); err != nil {
				return fmt.Errorf("rewrite the documents of %s: %w", d.Name, err)
			}
		}
	}
	return nil
}

// rewriting goes through the documents of one table, in the order of their rows.
type rewriting struct {
	*transaction
	table string
	form  record.Form
	last  int64 // row that was rewritten
}

// next rewrites the documents that follow; more is false if there were none.
func (r *rewriting) next() (more bool, err error) {
	list, err := r.read()
	if err != nil {
		return false, err
	}
	for _, doc := range list {
		if err := r.run("UPDATE "+r.table+" SET doc = ? WHERE row = ?", doc.bson, doc.row); err != nil {
			return false, err
		}
		r.last = doc.row
	}
	return len(list) > 0, nil
}

// rewritten is a document in its new form.
type rewritten struct {
	row  int64
	bson []byte
}

// read reads the documents that follow, until their size reaches the bound.
func (r *rewriting) read() (list []rewritten, err error) {
	query, err := r.prepare("SELECT row, doc FROM " + r.table + " WHERE row > ? AND doc IS NOT NULL ORDER BY row") //nolint:sqlclosecheck // The transaction closes it.
	if err != nil {
		return nil, err
	}
	rows, err := query.QueryContext(r.ctx, r.last)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what it could say, rows.Err says
	var text sql.RawBytes
	for size := 0; size < rewrittenBytes && rows.Next(); {
		var doc rewritten
		if err := rows.Scan(&doc.row, &text); err != nil {
			return nil, err
		}
		decoded, err := r.form.DecodeJSON(text, nil)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", doc.row, err)
		}
		doc.bson = r.form.AppendBSON(nil, decoded)
		size += len(doc.bson)
		list = append(list, doc)
	}
	return list, rows.Err()
}
