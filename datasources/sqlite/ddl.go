package sqlite

import (
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// tables returns the statements that make the tables and indexes of a kind that
// there is no migration for. What must not be NULL has a default, so that a program
// that does not know the column can still write.
func tables(d *crm.Description) []string {
	text := "CREATE TABLE " + ident(d.Name) +
		" (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, "
	var made []string
	for _, key := range d.Keys {
		if key.Class != crm.ClassMany {
			text += columnOf(key) + ", "
			made = append(made, indexes(d, key)...)
		}
	}
	made = append([]string{text + "doc BLOB NOT NULL) STRICT"}, made...)
	if hasMany(d) {
		made = append(made, keyTables(d)...)
	}
	if d.Unique != "" {
		made = append(made, uniqueIndex(d))
	}
	return made
}

// keyTables returns the statements that make the side table of a kind.
func keyTables(d *crm.Description) []string {
	name := ident(d.Name + "_keys")
	return []string{
		"CREATE TABLE " + name + " (field TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL REFERENCES " +
			ident(d.Name) + " (row) ON DELETE CASCADE, PRIMARY KEY (field, value, row)) STRICT, WITHOUT ROWID",
		"CREATE INDEX " + ident(d.Name+"_keys_row") + " ON " + name + " (row)",
	}
}

// uniqueIndex returns the statement that makes the rule of a kind's unique field.
func uniqueIndex(d *crm.Description) string {
	return "CREATE UNIQUE INDEX " + ident(uniqueName(d)) + " ON " + ident(d.Name+"_keys") +
		" (value) WHERE field = " + quote(d.Unique)
}

func uniqueName(d *crm.Description) string { return d.Name + "_keys_" + string(d.Unique) }

// addColumn returns the statement that adds a key's column to a kind's table. Records
// that are stored have nothing in it until they are written again.
func addColumn(d *crm.Description, key crm.KeyField) string {
	return "ALTER TABLE " + ident(d.Name) + " ADD COLUMN " + columnOf(key)
}

// columnOf returns the definition of a key's column.
func columnOf(key crm.KeyField) string {
	name := ident(key.Field)
	switch key.Class {
	case crm.ClassSortable:
		return name + " TEXT NOT NULL DEFAULT ''"
	case crm.ClassTime:
		return name + " INTEGER NOT NULL DEFAULT 0"
	case crm.ClassNumber:
		return name + " INTEGER"
	case crm.ClassText, crm.ClassMany:
	}
	if parent := crm.Describe(key.Parent); parent != nil {
		return name + " TEXT REFERENCES " + ident(parent.Name) + " (id)"
	}
	return name + " TEXT"
}

// indexes returns the statements that make the indexes of a key: a list sorted by it,
// and a list of those that have it, the way such lists are sorted.
func indexes(d *crm.Description, key crm.KeyField) []string {
	name := ident(key.Field)
	text := "CREATE INDEX " + ident(d.Name+"_"+string(key.Field)) + " ON " + ident(d.Name) + " (" + name
	switch key.Class {
	case crm.ClassSortable, crm.ClassTime:
		return []string{text + ", id)"}
	case crm.ClassText:
		if sort, ok := sorting(d); ok {
			text += ", " + ident(sort)
		}
		return []string{text + ", id) WHERE " + name + " IS NOT NULL"}
	case crm.ClassNumber, crm.ClassMany:
	}
	return nil
}

// sorting returns the field that lists of a kind are sorted by: its first time, else
// its first number, else its first sortable text.
func sorting(d *crm.Description) (crm.Field, bool) {
	for _, class := range []crm.Class{crm.ClassTime, crm.ClassNumber, crm.ClassSortable} {
		for _, key := range d.Keys {
			if key.Class == class {
				return key.Field, true
			}
		}
	}
	return "", false
}

func hasMany(d *crm.Description) bool {
	return slices.ContainsFunc(d.Keys, func(key crm.KeyField) bool { return key.Class == crm.ClassMany })
}
