package sqlite

import (
	"context"
	"database/sql"
	"maps"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// Write stores each record with its keys and timeline entries, all in one
// transaction. A record that refers to one that does not exist is CodeInvalid
// for its write alone.
func (c *collection[T]) Write(ctx context.Context, writes []crm.Write[T]) ([]error, error) {
	results := make([]error, len(writes))
	if len(writes) == 0 {
		return results, nil
	}
	err := c.store.transact(ctx, func(tx *sql.Tx) error {
		b := &batch[T]{kind: &c.kind, tx: tx, results: results, statements: map[string]*sql.Stmt{}, owners: map[string]int64{}}
		// Once begun a statement is short: the transaction watches ctx, each
		// statement need not.
		b.ctx = context.WithoutCancel(ctx)
		return b.all(ctx, writes)
	})
	if err != nil {
		return nil, c.failed("write %d %s", len(writes), err)
	}
	return results, nil
}

// stored is what the database has of a record.
type stored struct {
	row     int64
	version int
}

// batch is one call's writes in their transaction.
type batch[T any] struct {
	kind       *kind[T]
	ctx        context.Context //nolint:containedctx // A batch lives as long as the call.
	tx         *sql.Tx
	results    []error
	statements map[string]*sql.Stmt
	state      map[crm.ID]stored
	rows       int64 // the last row given away
	fresh      int   // new records in the call; 0 if it has others
	held       []key // to be added when all records are
	// owners are the rows of the customers that have an external identity, as
	// far as they were looked at.
	owners map[string]int64
}

// all writes every record.
func (b *batch[T]) all(ctx context.Context, writes []crm.Write[T]) error {
	if err := b.load(writes); err != nil {
		return err
	}
	indexes, err := b.dropIndexes()
	if err != nil {
		return err
	}
	if err := b.kind.each(ctx, writes, b.store); err != nil {
		return err
	}
	if err := b.flushKeys(); err != nil {
		return err
	}
	return b.define(indexes)
}

// load reads the versions that the writes depend on. A new record of a kind
// without unique keys needs none: its insert fails if its id is there.
func (b *batch[T]) load(writes []crm.Write[T]) error {
	ids := make([]crm.ID, 0, len(writes))
	for _, w := range writes {
		if w.Expect != 0 || b.unique() {
			ids = append(ids, b.kind.id(w.Record))
		}
		if w.Expect == 0 {
			b.fresh++
		}
	}
	if b.fresh < len(writes) {
		b.fresh = 0
	}
	b.state = make(map[crm.ID]stored, len(ids))
	q := &statement{}
	q.add("SELECT '', coalesce(max(row), 0), 0 FROM ", b.kind.name, " UNION ALL SELECT id, row, version FROM ", b.kind.name,
		" WHERE id IN (SELECT value FROM json_each(?))")
	rows, err := b.tx.QueryContext(b.ctx, q.text.String(), jsonList(ids))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what it could say, rows.Err says
	for rows.Next() {
		var id crm.ID
		var s stored
		if err := rows.Scan(&id, &s.row, &s.version); err != nil {
			return err
		}
		if id == "" {
			b.rows = s.row
			continue
		}
		b.state[id] = s
	}
	return rows.Err()
}

// unique says whether the kind has keys that only one record may have.
func (b *batch[T]) unique() bool { return b.kind.prefix == crm.KindCustomer }

// store writes one chunk. A record that is in it twice is written before it is
// looked at again.
func (b *batch[T]) store(list []*prepared) error {
	seen := make(map[crm.ID]struct{}, len(list))
	for i, p := range list {
		if _, repeat := seen[p.id]; repeat {
			if err := b.store(list[:i]); err != nil {
				return err
			}
			return b.store(list[i:])
		}
		seen[p.id] = struct{}{}
	}
	return b.write(list)
}

// write writes records of different ids.
func (b *batch[T]) write(list []*prepared) error {
	err := b.loadOwners(list)
	if err != nil {
		return err
	}
	var fresh, changed []*prepared
	for _, p := range list {
		switch problem := b.admit(p); {
		case problem != nil:
			b.results[p.index] = problem
		case p.expect == 0:
			fresh = append(fresh, p)
		default:
			changed = append(changed, p)
		}
	}
	if changed, err = b.update(changed); err != nil {
		return err
	}
	if fresh, err = b.insert(fresh); err != nil {
		return err
	}
	written := append(fresh, changed...)
	for _, p := range written {
		b.state[p.id] = stored{row: p.row, version: p.values[0].(int)}
	}
	return b.insertDerived(written)
}

// admit says why a record must not be written, or gives it its row.
func (b *batch[T]) admit(p *prepared) error {
	was, exists := b.state[p.id]
	switch {
	case b.kind.prefix != p.id.Kind():
		return &crm.Error{Code: crm.CodeInvalid, Op: "write to " + b.kind.name, Message: "a record's id must be one of its kind"}
	case p.expect == 0 && exists:
		return b.conflict("the record is there already")
	case p.expect != 0 && (!exists || was.version != p.expect):
		return b.conflict("the record has changed since it was read: read it again")
	}
	row := was.row
	if !exists {
		row = b.rows + 1
	}
	for _, k := range p.keys {
		if owner, taken := b.owners[k.value]; taken && k.field == string(crm.FieldIdentity) && owner != row {
			return b.conflict("an external identity is another customer's")
		}
	}
	b.rows = max(b.rows, row)
	p.row = row
	if exists {
		maps.DeleteFunc(b.owners, func(_ string, owner int64) bool { return owner == row })
	}
	for i := range p.keys {
		p.keys[i].row = row
		if b.unique() && p.keys[i].field == string(crm.FieldIdentity) {
			b.owners[p.keys[i].value] = row
		}
	}
	return nil
}

func (b *batch[T]) conflict(message string) error {
	return &crm.Error{Code: crm.CodeConflict, Op: "write to " + b.kind.name, Message: message}
}

// loadOwners finds who has the list's external identities.
func (b *batch[T]) loadOwners(list []*prepared) error {
	if !b.unique() {
		return nil
	}
	if b.fresh < bulk { // the keys of the chunks before are there to be read
		clear(b.owners)
	}
	var wanted []string
	for _, p := range list {
		for _, k := range p.keys {
			if _, known := b.owners[k.value]; k.field == string(crm.FieldIdentity) && !known {
				wanted = append(wanted, k.value)
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	statement, err := b.prepare("SELECT value, row FROM customers_keys" + //nolint:sqlclosecheck // The transaction closes it.
		" WHERE field = 'identity' AND value IN (SELECT value FROM json_each(?))")
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(b.ctx, jsonList(wanted))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what it could say, rows.Err says
	for rows.Next() {
		var value string
		var row int64
		if err := rows.Scan(&value, &row); err != nil {
			return err
		}
		b.owners[value] = row
	}
	return rows.Err()
}

// prepare gives a statement of this transaction, made once. The transaction
// closes it.
func (b *batch[T]) prepare(text string) (*sql.Stmt, error) {
	if s, ok := b.statements[text]; ok {
		return s, nil
	}
	s, err := b.tx.PrepareContext(b.ctx, text)
	if err == nil {
		b.statements[text] = s
	}
	return s, err
}

func (b *batch[T]) run(text string, args ...any) error {
	s, err := b.prepare(text) //nolint:sqlclosecheck // The transaction closes it.
	if err != nil {
		return err
	}
	_, err = s.ExecContext(b.ctx, args...)
	return err
}

// names gives the columns that prepared.values fill.
func (t *table) names(separator string) string {
	names := make([]string, 0, len(t.columns)+2)
	names = append(names, "version")
	for _, c := range t.columns {
		names = append(names, string(c.field))
	}
	return strings.Join(append(names, "doc"), separator)
}
