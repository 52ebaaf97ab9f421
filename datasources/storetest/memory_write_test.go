package storetest_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

func (x *table[T]) Write(ctx context.Context, writes []crm.Write[T]) ([]error, error) {
	if err := x.canceled(ctx); err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	outcomes := make([]error, len(writes))
	for i, w := range writes {
		outcomes[i] = x.check(w)
		if outcomes[i] == nil {
			x.store(w.Record)
		} else if x.flaws.allOrNothing {
			return outcomes, nil
		}
	}
	return outcomes, nil
}

func (x *table[T]) check(w crm.Write[T]) error {
	if x.id(w.Record).Kind() != x.kind && !x.flaws.anyID {
		return crm.Invalid("an id must be of the record's kind")
	}
	orphan := !x.parents(w.Record) && !x.flaws.orphans
	if orphan && x.flaws.orphansFirst {
		return crm.Invalid("a record it belongs to does not exist")
	}
	stored := 0
	if r := x.rows[x.id(w.Record)]; r != nil {
		stored = x.version(r.record)
	}
	if stored != w.Expect && !x.flaws.lastWriteWins {
		return &crm.Error{Code: crm.CodeConflict, Message: "the record was changed by somebody else"}
	}
	if orphan {
		return crm.Invalid("a record it belongs to does not exist")
	}
	for _, identity := range keysOf(w.Record).Many[crm.FieldIdentity] {
		for _, r := range x.rows {
			if r.id != x.id(w.Record) && slices.Contains(r.keys.Many[crm.FieldIdentity], identity) && !x.flaws.sharedIdentity {
				return &crm.Error{Code: crm.CodeConflict, Message: "an external identity is another customer's"}
			}
		}
	}
	return nil
}

func (x *table[T]) store(record *T) {
	id, keys := x.id(record), keysOf(record)
	if old := x.rows[id]; old != nil && x.flaws.staleKeys {
		keys.Many[crm.FieldTag] = append(keys.Many[crm.FieldTag], old.keys.Many[crm.FieldTag]...)
	}
	x.rows[id] = &row[T]{id, keys, storetest.Settled(record)}
	if x.flaws.seconds && x.kind == crm.KindOrder {
		keys.Time[crm.FieldPlacedAt] = keys.Time[crm.FieldPlacedAt].Truncate(time.Second)
	}
	derived, ok := any(record).(interface{ TimelineRecords() []*crm.TimelineRecord })
	if !ok {
		return
	}
	if !x.flaws.staleTimeline {
		maps.DeleteFunc(x.timeline.rows, func(_ crm.ID, r *row[crm.TimelineRecord]) bool { return r.record.Ref == id })
	}
	for _, r := range derived.TimelineRecords() {
		x.timeline.rows[r.ID] = &row[crm.TimelineRecord]{r.ID, r.Keys(), storetest.Settled(r)}
	}
}

// keysOf gives a record's keys, which share nothing with it.
func keysOf(record any) crm.Keys {
	keys := record.(interface{ Keys() crm.Keys }).Keys()
	for field, list := range keys.Many {
		keys.Many[field] = slices.Clone(list)
	}
	if keys.Many == nil {
		keys.Many = map[crm.Field][]string{}
	}
	return keys
}
