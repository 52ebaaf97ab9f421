package storetest_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

func (m *memory) Commit(ctx context.Context, changes []crm.Changes) ([]error, error) {
	if err := m.canceled(ctx); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	outcomes := make([]error, len(changes))
	logged := len(m.log)
	for i, c := range changes {
		outcomes[i] = m.commit(c)
		if outcomes[i] != nil && m.flaws.allOrNothing {
			return outcomes, nil
		}
	}
	if m.flaws.logsBackward {
		slices.Reverse(m.log[logged:])
		for i := range m.log {
			m.log[i].Number = int64(i + 1)
		}
	}
	return outcomes, nil
}

// commit makes the changes, or takes back those it made and says why.
func (m *memory) commit(c crm.Changes) error {
	if err := m.measure(c); err != nil {
		return err
	}
	logged, undo := len(m.log), []func(){}
	back := func() {
		for _, f := range slices.Backward(undo) {
			f()
		}
		if !m.flaws.logsRefused {
			m.log = m.log[:logged]
		}
	}
	checked := m.flaws.sideways && !slices.ContainsFunc(c.Records, func(c crm.Change) bool { return m.check(c) != nil })
	for _, change := range c.Records {
		err := m.check(change)
		if m.flaws.sideways && !checked && err == nil {
			err = crm.Invalid("another record cannot be stored")
		}
		if err != nil {
			if !m.flaws.torn {
				back()
			}
			return err
		}
		m.apply(change, &undo)
	}
	return nil
}

// measure checks the size of a Changes.
func (m *memory) measure(c crm.Changes) error {
	documents, bytes := 0, 0
	for _, change := range c.Records {
		documents++
		if d := crm.Describe(change.Kind()); change.Record == nil || d == nil || d.Derived {
			continue
		}
		documents += len(crm.TimelineOf(change.Record))
		bytes += len(record.FormOf(change.Kind()).AppendBSON(nil, change.Record))
	}
	f := m.flaws
	switch {
	case len(c.Records) == 0 && f.noEmpty:
		return crm.Invalid("there is nothing to store")
	case documents > crm.MaxChangeDocuments && !f.anySize, documents > 10_000 && f.smallSize, bytes > crm.MaxChangeBytes && !f.anyBytes:
		return crm.Invalid("too much is to be stored together")
	}
	return nil
}

func conflict(message string) error { return &crm.Error{Code: crm.CodeConflict, Message: message} }

// check says why a change cannot be made.
func (m *memory) check(c crm.Change) error {
	x := m.tables[c.Kind()]
	if c.Record == nil && x == nil && m.flaws.removesAnyID {
		return conflict("the record is not there")
	}
	if c.Record != nil && m.flaws.anyID && x != nil {
		return nil
	}
	if x == nil || x.Derived && !m.flaws.writesDerived || !x.Has(c.ID()) {
		return crm.Invalid("an id must be of the record's kind")
	}
	if c.Record == nil {
		if err := c.Check(); err != nil && !m.flaws.removesUnseen {
			return err
		}
		return m.checkRemoval(x, c)
	}
	if err := crm.Check(c.Record); err != nil && !x.Derived {
		return err
	}
	orphan := m.orphan(x, c.Record)
	if orphan && m.flaws.orphansFirst {
		return crm.Invalid("a record it belongs to does not exist")
	}
	if x.version(c.ID()) != c.Expect && !m.flaws.lastWriteWins {
		return conflict("the record was changed by somebody else")
	}
	for _, value := range c.Record.Keys().Many[x.Unique] {
		for id, r := range x.rows {
			if id != c.ID() && slices.Contains(r.keys.Many[x.Unique], value) && !m.flaws.sharedIdentity {
				return conflict("an external identity is another customer's")
			}
		}
	}
	if orphan {
		return crm.Invalid("a record it belongs to does not exist")
	}
	return nil
}

func (m *memory) checkRemoval(x *table, c crm.Change) error {
	stored := x.version(c.Remove)
	heedless := stored > 0 && m.flaws.removesStale || stored == 0 && m.flaws.removesNothing
	if stored != c.Expect && !heedless {
		return conflict("the record was changed by somebody else")
	}
	for _, child := range m.tables {
		for _, key := range child.Keys {
			if key.Parent != x.Kind || m.flaws.removesParents {
				continue
			}
			for _, r := range child.rows {
				if r.keys.Text[key.Field] == string(c.Remove) {
					return crm.Invalid("another record belongs to it")
				}
			}
		}
	}
	return nil
}

// version is that of a stored record, 0 for none.
func (x *table) version(id crm.ID) int {
	if r := x.rows[id]; r != nil {
		return crm.VersionOf(r.record)
	}
	return 0
}

func (m *memory) orphan(x *table, r crm.Record) bool {
	keys := r.Keys()
	return !m.flaws.orphans && slices.ContainsFunc(x.Keys, func(k crm.KeyField) bool {
		if k.Parent == "" || keys.Text[k.Field] == "" {
			return false
		}
		id := crm.ID(keys.Text[k.Field])
		return m.tables[k.Parent].rows[id] == nil
	})
}

// apply makes a change that was checked, and adds how it is undone.
func (m *memory) apply(c crm.Change, undo *[]func()) {
	x, id, timeline := m.tables[c.Kind()], c.ID(), m.tables[crm.KindTimeline]
	old := x.rows[id]
	set := func(x *table, id crm.ID, r *row) {
		before := x.rows[id]
		*undo = append(*undo, func() {
			delete(x.rows, id)
			if before != nil {
				x.rows[id] = before
			}
		})
		delete(x.rows, id)
		if r != nil {
			x.rows[id] = r
		}
	}
	kept := c.Record != nil && m.flaws.staleTimeline || c.Record == nil && m.flaws.ghostTimeline
	if old != nil && !kept {
		for _, entry := range old.entries {
			set(timeline, entry, nil)
		}
	}
	version := x.version(id)
	if c.Record == nil {
		if !m.flaws.ghostRecord {
			set(x, id, nil)
		}
	} else {
		version = crm.VersionOf(c.Record)
		r := m.rowOf(x, c.Record, old)
		for _, entry := range crm.TimelineOf(c.Record) {
			r.entries = append(r.entries, entry.ID)
			set(timeline, entry.ID, &row{keys: entry.Keys(), record: storetest.Settled(entry)})
		}
		set(x, id, r)
	}
	if c.Record != nil || !m.flaws.logsNoRemoval {
		m.tell(crm.LogEntry{ID: id, Version: version, Removed: c.Record == nil})
	}
}

// rowOf is a record as it is kept: it shares nothing with the caller's.
func (m *memory) rowOf(x *table, r crm.Record, old *row) *row {
	keys := r.Keys()
	keys.Many = maps.Clone(keys.Many)
	for field, list := range keys.Many {
		keys.Many[field] = slices.Clone(list)
	}
	if old != nil && m.flaws.staleKeys && keys.Many != nil {
		keys.Many[crm.FieldTag] = append(keys.Many[crm.FieldTag], old.keys.Many[crm.FieldTag]...)
	}
	if m.flaws.seconds && x.Kind == crm.KindOrder {
		keys.Time[crm.FieldPlacedAt] = keys.Time[crm.FieldPlacedAt].Truncate(time.Second)
	}
	return &row{keys: keys, record: storetest.Settled(r)}
}

func (m *memory) tell(e crm.LogEntry) {
	e.Number = int64(len(m.log) + 1)
	if m.flaws.numbersAgain {
		e.Number = int64(len(m.log)%7 + 1)
	}
	m.log = append(m.log, e)
	if m.flaws.logsTwice {
		e.Number++
		m.log = append(m.log, e)
	}
}

func (m *memory) Log(ctx context.Context, after int64, limit int) ([]crm.LogEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = max(m.asked, after)
	entries := []crm.LogEntry{}
	for _, e := range m.log {
		if e.Number < after || e.Number == after && !m.flaws.logRepeats {
			continue
		}
		// An entry that shows only once a later one was read: its number was
		// given before its Changes could be.
		if m.flaws.numbersEarly && e.Number%5 == 3 && e.Number >= m.asked {
			continue
		}
		if len(entries) < limit {
			entries = append(entries, e)
		}
	}
	if m.flaws.logSkips && len(entries) > 1 {
		entries = slices.Delete(entries, len(entries)-2, len(entries)-1)
	}
	return entries, m.canceled(ctx)
}

func (m *memory) LogEnd(ctx context.Context) (crm.LogEntry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	end := crm.LogEntry{}
	for i, e := range m.log {
		if i < len(m.log)-1 || !m.flaws.endsEarly {
			end = e
		}
	}
	return end, m.canceled(ctx)
}
