package sqlite

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// kind says how one kind of record is kept. All of it follows from the kind's
// description: Name is the table, and the side table's name but for "_keys".
type kind struct {
	*crm.Description
	form    record.Form
	columns []crm.KeyField // keys with one value, each a column of its name
	many    []crm.Field    // keys with many values, in the side table
	missing string         // what is wrong if a parent is not stored
	taken   string         // what is wrong if a unique value is another's
	// careful kinds have rules between records of one call that hold only if each
	// is written before the next is looked at.
	careful bool
}

// newKind returns how the records of a description are kept.
func newKind(d *crm.Description) *kind {
	k := &kind{Description: d, form: record.FormOf(d.Kind)}
	var parents []crm.Kind
	for _, key := range d.Keys {
		if key.Class == crm.ClassMany {
			k.many = append(k.many, key.Field)
			continue
		}
		k.columns = append(k.columns, key)
		if key.Parent != "" && !slices.Contains(parents, key.Parent) {
			parents = append(parents, key.Parent)
		}
	}
	k.missing = "the record refers to another that does not exist"
	if len(parents) == 1 {
		k.missing = "the record refers to " + article(noun(crm.Describe(parents[0]))) + " that does not exist"
	}
	k.taken = article(string(d.Unique)) + " of the record is another " + noun(d) + "'s"
	// A parent of the same kind must be there first, and a record that is
	// refused for its parent takes no unique value.
	k.careful = slices.Contains(parents, d.Kind) || d.Unique != "" && len(parents) > 0
	return k
}

// noun returns what one record is called.
func noun(d *crm.Description) string {
	name := strings.ReplaceAll(d.Name, "_", " ")
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(name, "s")
}

// article puts the right one before a noun.
func article(noun string) string {
	if noun != "" && strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// column returns a field's column; ok is false if the table has none.
func (k *kind) column(field crm.Field) (found crm.KeyField, ok bool) {
	found, ok = k.Key(field)
	return found, ok && found.Class != crm.ClassMany
}

// texts says whether a class holds text.
func texts(class crm.Class) bool { return class != crm.ClassTime && class != crm.ClassNumber }

// table is the kind's table, as SQL has it.
func (k *kind) table() string { return ident(k.Name) }

// keyTable is the kind's side table, as SQL has it.
func (k *kind) keyTable() string { return ident(k.Name + "_keys") }

// ident returns a described name as SQL has it, also if it is one of SQL's words.
func ident[S ~string](name S) string { return `"` + string(name) + `"` }

// read lists the columns of t that scanner makes a record of.
func (k *kind) read() string {
	if k.Kind == crm.KindTimeline {
		return "t.id, t.customer, t.occurred_at, t.kind, t.ref, t.doc"
	}
	return "t.doc"
}

// scanner returns where to put the columns that read lists, and how to make the
// record of them, as far as it is wanted; there will be about n.
func (k *kind) scanner(want *crm.Members, n int) (targets []any, made func() (crm.Record, error)) {
	var doc sql.RawBytes
	read := k.form.ReadBSON(want, n)
	document := func() (crm.Record, error) { return read(doc) }
	if k.Kind != crm.KindTimeline {
		return []any{&doc}, document
	}
	// An entry is made of its columns: only a customer's own have a document.
	var e crm.TimelineRecord
	var at int64
	return []any{&e.ID, &e.CustomerID, &at, &e.Kind, &e.Ref, &doc}, func() (crm.Record, error) {
		if doc != nil {
			return document()
		}
		entry := &crm.TimelineRecord{ID: e.ID}
		if want.Has("customer") {
			entry.CustomerID = e.CustomerID
		}
		if want.Has("occurredAt") {
			entry.OccurredAt = time.UnixMilli(at).UTC()
		}
		if want.Has("kind") {
			entry.Kind = e.Kind
		}
		if want.Has("ref") {
			entry.Ref = e.Ref
		}
		return entry, nil
	}
}
