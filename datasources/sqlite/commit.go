package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// large is how many records a Changes must have to get a transaction of its own.
// Within a savepoint each statement costs SQLite time for all pages that were
// written since it began: 500 removals take ten times as long, and more take
// longer still.
const large = 256

// errRefused undoes a transaction because its only Changes cannot be made.
var errRefused = errors.New("the changes are refused")

// Commit stores and removes records with their keys and timeline entries, and
// notes them in the log: all in one transaction, but for large Changes, each of
// which has its own.
func (s *Store) Commit(ctx context.Context, changes []crm.Changes) ([]error, error) {
	results := make([]error, len(changes))
	for i := 0; i < len(changes); {
		n := 1
		if isLarge := func(c crm.Changes) bool { return len(c.Records) > large }; !isLarge(changes[i]) {
			n = len(changes) - i
			if next := slices.IndexFunc(changes[i:], isLarge); next > 0 {
				n = next
			}
		}
		err := s.transact(ctx, func(tx *sql.Tx) error {
			t := newTransaction(ctx, tx)
			t.store, t.sole = s, n == 1
			return t.all(ctx, changes[i:i+n], results[i:i+n])
		})
		if err != nil && !errors.Is(err, errRefused) {
			return nil, translate(fmt.Sprintf("commit %d changes", len(changes)), err)
		}
		i += n
	}
	return results, nil
}

// transaction is what one call of Commit, or a migration, does in one transaction.
type transaction struct {
	store      *Store          // nil for a migration
	sole       bool            // whether it is for one Changes: then it is undone for it
	ctx        context.Context //nolint:containedctx // A transaction lives as long as the call.
	tx         *sql.Tx
	statements map[string]*sql.Stmt
	log        []crm.LogEntry // of what was written, as far as it is not in the log
}

// newTransaction returns one for what is sent by tx. Once begun a statement is short:
// the caller watches ctx, so that no statement has to.
func newTransaction(ctx context.Context, tx *sql.Tx) *transaction {
	return &transaction{ctx: context.WithoutCancel(ctx), tx: tx, statements: map[string]*sql.Stmt{}}
}

// all makes every Changes, in order. Records that stand alone go to the database
// many at a time.
func (t *transaction) all(ctx context.Context, changes []crm.Changes, results []error) error {
	for i := 0; i < len(changes); {
		n, k := t.alike(changes[i:])
		var err error
		if n > 0 {
			err = t.alone(ctx, k, changes[i:i+n], results[i:i+n])
		} else {
			n = 1
			results[i], err = t.together(ctx, changes[i].Records)
		}
		if err != nil {
			return err
		}
		if err := t.writeLog(logRun); err != nil {
			return err
		}
		i += n
	}
	return t.writeLog(1)
}

// alike returns how many of the first Changes store one record each, all of one
// kind, and the kind.
func (t *transaction) alike(changes []crm.Changes) (n int, k *kind) {
	for ; n < len(changes); n++ {
		list := changes[n].Records
		if len(list) != 1 || list[0].Record == nil {
			break
		}
		switch kind := list[0].Record.RecordKind(); {
		case n == 0:
			if k = t.store.written(kind); k == nil {
				return 0, nil
			}
		case kind != k.Kind:
			return n, k
		}
	}
	return n, k
}

// alone stores records of one kind, each of which is a Changes.
func (t *transaction) alone(ctx context.Context, k *kind, changes []crm.Changes, results []error) error {
	list := make([]crm.Change, len(changes))
	for i := range changes {
		list[i] = changes[i].Records[0]
	}
	b := &batch{transaction: t, kind: k, results: results}
	return b.all(list, func(store func([]*prepared) error) error { return k.each(ctx, list, store) })
}

// together makes one Changes; if a record of it cannot be written nothing of it
// is, and the result says why.
func (t *transaction) together(ctx context.Context, records []crm.Change) (problem, err error) {
	list, problem, err := t.store.ready(ctx, records)
	if problem != nil || err != nil {
		return problem, err
	}
	if len(list) < 2 { // one statement is all or nothing anyway
		return t.parts(ctx, records, list)
	}
	if t.sole {
		if problem, err = t.parts(ctx, records, list); problem != nil {
			err = errRefused
		}
		return problem, err
	}
	if err := t.run("SAVEPOINT changes"); err != nil {
		return nil, err
	}
	logged := len(t.log)
	if problem, err = t.parts(ctx, records, list); err != nil {
		return nil, err // the whole transaction is undone
	}
	if problem != nil {
		t.log = t.log[:logged]
		if err := t.run("ROLLBACK TO changes"); err != nil {
			return nil, err
		}
	}
	return problem, t.run("RELEASE changes")
}

// ready makes the records of one Changes ready, unless it is too large.
func (s *Store) ready(ctx context.Context, records []crm.Change) (list []*prepared, problem, err error) {
	if len(records) > crm.MaxChangeDocuments {
		return nil, tooLarge(), nil
	}
	list = make([]*prepared, len(records))
	documents, bytes := 0, 0
	for i, change := range records {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		k := s.written(change.Kind())
		if k == nil {
			list[i] = &prepared{problem: change.Check()}
			continue
		}
		p, err := k.prepare(i, change)
		if err != nil {
			return nil, nil, fmt.Errorf("make a record ready: %w", err)
		}
		documents += 1 + len(p.entries)
		bytes += p.bytes
		if documents > crm.MaxChangeDocuments || bytes > crm.MaxChangeBytes {
			return nil, tooLarge(), nil
		}
		list[i] = p
	}
	return list, nil, nil
}

// parts makes the changes of one Changes, which are ready in list, in order, up
// to the first that cannot be made: the result says why.
func (t *transaction) parts(ctx context.Context, records []crm.Change, list []*prepared) (problem, err error) {
	for len(list) > 0 {
		first, n := list[0], 1
		if first.kind == nil {
			return first.problem, nil
		}
		for n < len(list) && list[n].kind == first.kind && list[n].removed == first.removed {
			n++
		}
		if first.removed {
			problem, err = t.remove(ctx, first.kind, list[:n])
		} else {
			problem, err = t.keep(ctx, first.kind, records[:n], list[:n])
		}
		if problem != nil || err != nil {
			return problem, err
		}
		records, list = records[n:], list[n:]
	}
	return nil, nil
}

// keep stores records of one kind up to the first that cannot be stored, and
// says why.
func (t *transaction) keep(ctx context.Context, k *kind, records []crm.Change, list []*prepared) (problem, err error) {
	b := &batch{transaction: t, kind: k, results: make([]error, len(list))}
	for i, p := range list {
		p.index = i
	}
	err = b.all(records, func(store func([]*prepared) error) error {
		for part := range slices.Chunk(list, chunk) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := store(part); err != nil {
				return err
			}
			for _, p := range part {
				if problem = b.results[p.index]; problem != nil {
					return nil
				}
			}
		}
		return nil
	})
	return problem, err
}

// prepare returns a statement of this transaction, made once. The transaction
// closes it.
func (t *transaction) prepare(text string) (*sql.Stmt, error) {
	if s, ok := t.statements[text]; ok {
		return s, nil
	}
	s, err := t.tx.PrepareContext(t.ctx, text)
	if err == nil {
		t.statements[text] = s
	}
	return s, err
}

// run runs a statement without rows.
func (t *transaction) run(text string, args ...any) error {
	s, err := t.prepare(text) //nolint:sqlclosecheck // The transaction closes it.
	if err != nil {
		return err
	}
	_, err = s.ExecContext(t.ctx, args...)
	return err
}

// rows runs a query and calls row for each row once targets hold it.
func (t *transaction) rows(text string, args, targets []any, row func()) error {
	s, err := t.prepare(text) //nolint:sqlclosecheck // The transaction closes it.
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what it could say, rows.Err says
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row()
	}
	return rows.Err()
}

func tooLarge() error {
	return &crm.Error{
		Code: crm.CodeInvalid, Op: "measure changes",
		Message: "the changes are too large to be stored together: store fewer records, or smaller ones, at a time",
	}
}
