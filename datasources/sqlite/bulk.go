package sqlite

import (
	"cmp"
	"slices"
	"strings"
)

// bulk is how many new records a batch must have, and at least as many as are
// there already, for its indexes to be made again from nothing: sorting all
// keys once costs a fraction of finding the place of each.
const bulk = 1000

// bulky says whether a table with so many rows is better indexed afterwards.
func (b *batch) bulky(rows int64) bool {
	return b.fresh >= bulk && int64(b.fresh) >= rows
}

// dropIndexes takes the indexes from the tables that so many new records fill,
// and returns the statements that make them again. Other readers go on with the
// indexes that they have until the transaction ends.
func (b *batch) dropIndexes() ([]string, error) {
	var tables []string
	if b.bulky(b.last) {
		tables = append(tables, b.kind.Name, b.kind.Name+"_keys")
	}
	if b.kind.Chronicled {
		var entries int64
		err := b.rows("SELECT coalesce(max(row), 0) FROM timeline", nil, []any{&entries}, func() {})
		if err != nil {
			return nil, err
		}
		if b.bulky(entries) {
			tables = append(tables, "timeline")
		}
	}
	if len(tables) == 0 {
		return nil, nil
	}
	var name, text string
	var drop, create []string
	// Unique indexes are rules, not only speed.
	err := b.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'"+
		" AND tbl_name IN (SELECT value FROM json_each(?)) ORDER BY name",
		[]any{jsonList(tables)}, []any{&name, &text}, func() {
			drop = append(drop, "DROP INDEX "+ident(name))
			create = append(create, text)
		})
	if err != nil {
		return nil, err
	}
	return create, b.define(drop)
}

// define runs statements that change the schema.
func (b *batch) define(statements []string) error {
	for _, s := range statements {
		if _, err := b.tx.ExecContext(b.ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// flushKeys adds the keys held back, in the order that their table has.
func (b *batch) flushKeys() error {
	slices.SortFunc(b.held, func(x, y key) int {
		return cmp.Or(strings.Compare(x.field, y.field), strings.Compare(x.value, y.value), cmp.Compare(x.row, y.row))
	})
	args := make([]any, 0, 3*len(b.held))
	for _, k := range b.held {
		args = append(args, k.field, k.value, k.row)
	}
	b.held = nil
	return b.insertAll("INSERT INTO "+b.kind.keyTable()+" (field, value, row) VALUES ", 3, args)
}
