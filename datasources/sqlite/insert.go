package sqlite

import (
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// update overwrites records that are there, and takes away what was derived
// from them. It returns those that were written.
func (b *batch) update(list []*prepared) ([]*prepared, error) {
	text := "UPDATE " + b.kind.table() + " SET " + b.kind.names(" = ?, ") + " = ? WHERE row = ?"
	written := list[:0]
	var rows []int64
	var refs []crm.ID
	for _, p := range list {
		switch err := b.run(text, append(p.values, p.row)...); {
		case err == nil:
			written = append(written, p)
			rows = append(rows, p.row)
			refs = append(refs, p.id)
		case !b.refused(p, err):
			return nil, err
		}
	}
	if len(written) == 0 {
		return nil, nil
	}
	if len(b.kind.many) > 0 {
		if err := b.run("DELETE FROM "+b.kind.keyTable()+" WHERE row IN (SELECT value FROM json_each(?))", numbers(rows)); err != nil {
			return nil, err
		}
	}
	if b.kind.Chronicled {
		if err := b.run("DELETE FROM timeline WHERE ref IN (SELECT value FROM json_each(?))", jsonList(refs)); err != nil {
			return nil, err
		}
	}
	return written, nil
}

// refused notes that the schema does not let a record in; false is an error of
// another kind.
func (b *batch) refused(p *prepared, err error) bool {
	driver, ok := violates(err)
	if !ok {
		return false
	}
	problem := constraint("write to "+b.kind.Name, driver)
	if problem.Code == crm.CodeInvalid {
		problem.Message = b.kind.missing
	}
	b.results[p.index] = problem
	return problem.Code != crm.CodeInternal
}

// insert adds new records, many in one statement; only if the schema refuses
// one of them it is looked for one by one. It returns those that were written.
func (b *batch) insert(list []*prepared) ([]*prepared, error) {
	into := "INSERT INTO " + b.kind.table() + " (row, " + b.kind.names(", ") + ", id) VALUES "
	width := len(b.kind.columns) + 4
	written := list[:0]
	for len(list) > 0 {
		n := batchSize(len(list))
		args := make([]any, 0, n*width)
		for _, p := range list[:n] {
			args = append(args, p.row)
			args = append(args, p.values...)
			args = append(args, string(p.id))
		}
		err := b.run(rows(into, n, width), args...)
		_, broken := violates(err)
		switch {
		case err == nil:
			written = append(written, list[:n]...)
		case !broken:
			return nil, err
		case n == 1:
			if !b.refused(list[0], err) {
				return nil, err
			}
		default:
			for i, p := range list[:n] {
				switch err := b.run(rows(into, 1, width), args[i*width:(i+1)*width]...); {
				case err == nil:
					written = append(written, p)
				case !b.refused(p, err):
					return nil, err
				}
			}
		}
		list = list[n:]
	}
	return written, nil
}

// insertDerived adds the keys and timeline entries of records just written.
func (b *batch) insertDerived(list []*prepared) error {
	var entries []any
	for _, p := range list {
		b.held = append(b.held, p.keys...)
		for i := range p.entries {
			entries = append(entries, p.entries[i][:]...)
		}
	}
	if b.fresh < bulk {
		if err := b.flushKeys(); err != nil {
			return err
		}
	}
	return b.insertAll("INSERT INTO timeline (id, customer, occurred_at, kind, ref, doc) VALUES ", 6, entries)
}

// insertAll adds rows of width values.
func (b *batch) insertAll(into string, width int, args []any) error {
	for len(args) > 0 {
		n := batchSize(len(args) / width)
		if err := b.run(rows(into, n, width), args[:n*width]...); err != nil {
			return err
		}
		args = args[n*width:]
	}
	return nil
}

// batchSize returns how many of n rows go into one statement: of few sizes, so
// that few statements are prepared.
func batchSize(n int) int {
	for _, size := range []int{64, 16, 4} {
		if n >= size {
			return size
		}
	}
	return 1
}

// rows returns an INSERT of n rows of width parameters.
func rows(into string, n, width int) string {
	one := "(?" + strings.Repeat(", ?", width-1) + ")"
	return into + one + strings.Repeat(", "+one, n-1)
}
