package sqlite

import (
	"maps"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
)

// stored is what the database has of a record. Rows count from 1.
type stored struct {
	row     int64
	version int
}

// batch is records of one kind to be stored in a transaction.
type batch struct {
	*transaction
	kind    *kind
	results []error // why a record was not stored
	state   map[crm.ID]stored
	last    int64 // the last row given away
	fresh   int   // new records in the batch; 0 if it has others
	held    []key // to be added when all records are
	// owners are the rows of the records that have a unique value, as far as
	// they were looked at.
	owners map[string]int64
}

// all stores the records of changes, which each hands over in chunks, ready and
// in order.
func (b *batch) all(changes []crm.Change, each func(store func([]*prepared) error) error) error {
	b.log = slices.Grow(b.log, len(changes))
	if err := b.load(changes); err != nil {
		return err
	}
	indexes, err := b.dropIndexes()
	if err != nil {
		return err
	}
	if err := each(b.store); err != nil {
		return err
	}
	if err := b.flushKeys(); err != nil {
		return err
	}
	return b.define(indexes)
}

// load reads the versions that the changes depend on. A new record of a kind
// without unique keys needs none: its insert fails if its id is there.
func (b *batch) load(changes []crm.Change) error {
	ids := make([]crm.ID, 0, len(changes))
	for _, c := range changes {
		if c.Expect != 0 || b.kind.Unique != "" {
			ids = append(ids, c.ID())
		}
		if c.Expect == 0 {
			b.fresh++
		}
	}
	if b.fresh < len(changes) || b.kind.careful {
		b.fresh = 0
	}
	b.owners = map[string]int64{}
	var err error
	b.state, b.last, err = b.stored(b.kind, ids)
	return err
}

// stored reads what the database has of records of a kind, and the last row of
// their table.
func (t *transaction) stored(k *kind, ids []crm.ID) (state map[crm.ID]stored, last int64, err error) {
	state = make(map[crm.ID]stored, len(ids))
	var id crm.ID
	var s stored
	err = t.rows(
		"SELECT '', coalesce(max(row), 0), 0 FROM "+k.table()+" UNION ALL SELECT id, row, version FROM "+k.table()+
			" WHERE id IN (SELECT value FROM json_each(?))",
		[]any{jsonList(ids)}, []any{&id, &s.row, &s.version}, func() {
			if id == "" {
				last = s.row
				return
			}
			state[id] = s
		},
	)
	return state, last, err
}

// store writes one chunk. A record that is in it twice is written before it is
// looked at again.
func (b *batch) store(list []*prepared) error {
	if b.kind.careful {
		for i := range list {
			if err := b.write(list[i : i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	seen := make(map[crm.ID]struct{}, len(list))
	for i, p := range list {
		if _, repeat := seen[p.id]; repeat {
			if err := b.write(list[:i]); err != nil {
				return err
			}
			return b.store(list[i:])
		}
		seen[p.id] = struct{}{}
	}
	return b.write(list)
}

// write writes records of different ids.
func (b *batch) write(list []*prepared) error {
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
	for _, p := range list {
		if b.results[p.index] == nil {
			b.state[p.id] = stored{row: p.row, version: p.version()}
			b.log = append(b.log, crm.LogEntry{ID: p.id, Version: p.version()})
		}
	}
	return b.insertDerived(append(fresh, changed...))
}

// admit says why a record must not be written, or gives it its row.
func (b *batch) admit(p *prepared) error {
	was := b.state[p.id]
	if problem := b.kind.admits(p, was); problem != nil {
		return problem
	}
	row := was.row
	if row == 0 {
		row = b.last + 1
	}
	for _, k := range p.keys {
		if !b.unique(k) {
			continue
		}
		if owner, taken := b.owners[k.value]; taken && owner != row {
			return b.kind.conflict(b.kind.taken)
		}
	}
	b.last = max(b.last, row)
	p.row = row
	if was.row != 0 {
		maps.DeleteFunc(b.owners, func(_ string, owner int64) bool { return owner == row })
	}
	for i := range p.keys {
		p.keys[i].row = row
		if b.unique(p.keys[i]) {
			b.owners[p.keys[i].value] = row
		}
	}
	return nil
}

// unique says whether only one record may have the key.
func (b *batch) unique(k key) bool { return b.kind.Unique != "" && k.field == string(b.kind.Unique) }

// loadOwners finds who has the list's unique values.
func (b *batch) loadOwners(list []*prepared) error {
	if b.kind.Unique == "" {
		return nil
	}
	if b.fresh < bulk { // the keys of the chunks before are there to be read
		clear(b.owners)
	}
	var wanted []string
	for _, p := range list {
		for _, k := range p.keys {
			if !b.unique(k) {
				continue
			}
			if _, known := b.owners[k.value]; !known {
				wanted = append(wanted, k.value)
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	var value string
	var row int64
	return b.rows(
		"SELECT value, row FROM "+b.kind.keyTable()+" WHERE field = "+quote(b.kind.Unique)+
			" AND value IN (SELECT value FROM json_each(?))",
		[]any{jsonList(wanted)}, []any{&value, &row}, func() { b.owners[value] = row },
	)
}

// names returns the columns that prepared.values fill.
func (k *kind) names(separator string) string {
	names := make([]string, 0, len(k.columns)+2)
	names = append(names, "version")
	for _, c := range k.columns {
		names = append(names, ident(c.Field))
	}
	return strings.Join(append(names, "doc"), separator)
}
