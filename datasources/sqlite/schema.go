package sqlite

import (
	"context"
	"database/sql"

	"github.com/customer360/gateway/internal/crm"
)

// schema is what a file has: the columns of each table, and the indexes.
type schema struct {
	tables  map[string]map[string]bool
	indexes map[string]bool
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readSchema reads what a file has.
func readSchema(ctx context.Context, from querier) (*schema, error) {
	rows, err := from.QueryContext(ctx, "SELECT s.name, s.type = 'index', coalesce(c.name, '') FROM sqlite_schema s"+
		" LEFT JOIN pragma_table_info(s.name) c ON s.type = 'table' WHERE s.type IN ('table', 'index')")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what it could say, rows.Err says
	has := &schema{tables: map[string]map[string]bool{}, indexes: map[string]bool{}}
	for rows.Next() {
		var name, column string
		var index bool
		if err := rows.Scan(&name, &index, &column); err != nil {
			return nil, err
		}
		switch {
		case index:
			has.indexes[name] = true
		case has.tables[name] == nil:
			has.tables[name] = map[string]bool{column: true}
		default:
			has.tables[name][column] = true
		}
	}
	return has, rows.Err()
}

// lacks returns the statements that make what a file lacks of a kind.
func (has *schema) lacks(d *crm.Description) []string {
	columns := has.tables[d.Name]
	if columns == nil {
		return tables(d)
	}
	var missing, indexed []string
	for _, key := range d.Keys {
		if key.Class != crm.ClassMany && !columns[string(key.Field)] {
			missing = append(missing, addColumn(d, key))
			indexed = append(indexed, indexes(d, key)...) // of more than one new column
		}
	}
	missing = append(missing, indexed...)
	if hasMany(d) && has.tables[d.Name+"_keys"] == nil {
		missing = append(missing, keyTables(d)...)
	}
	if d.Unique != "" && !has.indexes[uniqueName(d)] {
		missing = append(missing, uniqueIndex(d))
	}
	return missing
}

// newer says whether a file has records of a kind, or keys of one, that are not
// described: a newer program made them.
func (has *schema) newer(described []*crm.Description) bool {
	byName := make(map[string]*crm.Description, len(described))
	for _, d := range described {
		byName[d.Name] = d
	}
	for name, columns := range has.tables {
		d := byName[name]
		if d == nil && columns["row"] && columns["id"] && columns["version"] && columns["doc"] {
			return true
		}
		for column := range columns {
			if d != nil && !keeps(d, column) {
				return true
			}
		}
	}
	return false
}

// keeps says whether the table of a kind has the column.
func keeps(d *crm.Description, column string) bool {
	switch column {
	case "row", "id", "version", "doc":
		return true
	}
	key, ok := d.Key(crm.Field(column))
	return ok && key.Class != crm.ClassMany
}
