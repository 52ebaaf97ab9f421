package shopsync

import (
	"context"
	"fmt"

	"github.com/customer360/gateway/internal/crm"
)

// replacement is an operation that makes the Changes of what is stored, nil for
// nothing, and of what the shop says.
type replacement func(stored, next crm.Record) (crm.Changes, error)

// put stores records of a kind, which have different ids, counts what came of them
// and returns those that were refused. One that somebody else writes at the same time
// is looked at again.
func (r *run) put(
	ctx context.Context, n *tally, kind crm.Kind, items []crm.Record, replace replacement,
) (refused map[crm.ID]bool, err error) {
	refused = map[crm.ID]bool{}
	refuse := func(item crm.Record, reason string) {
		id := item.RecordID()
		refused[id] = true
		_, externalID, _ := id.Source()
		r.reject(ctx, n, crm.Describe(kind).Name, externalID, reason)
	}
	for range attempts {
		changes, of, err := r.changes(ctx, kind, items, replace, refuse)
		if err != nil || len(changes) == 0 {
			return refused, err
		}
		outcomes, err := r.store.Commit(ctx, changes)
		if err != nil {
			return refused, fmt.Errorf("write %d records: %w", len(changes), err)
		}
		items = nil
		for i, outcome := range outcomes {
			switch {
			case outcome == nil:
				n.written++
			case crm.CodeOf(outcome) == crm.CodeConflict:
				items = append(items, of[i])
			case crm.CodeOf(outcome) == crm.CodeInvalid:
				refuse(of[i], refusal(outcome))
			default:
				return refused, fmt.Errorf("write a record: %w", outcome)
			}
		}
	}
	for _, item := range items {
		refuse(item, reasonContested)
	}
	return refused, nil
}

// changes returns the Changes of the records that differ from what is stored, and
// those records. Those that make no Changes are refused.
func (r *run) changes(
	ctx context.Context, kind crm.Kind, items []crm.Record, replace replacement, refuse func(item crm.Record, reason string),
) (changes []crm.Changes, of []crm.Record, err error) {
	ids := make([]crm.ID, len(items))
	for i, item := range items {
		ids[i] = item.RecordID()
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	found, err := r.store.ByID(ctx, kind, ids, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("read %d records: %w", len(ids), err)
	}
	stored := make(map[crm.ID]crm.Record, len(found))
	for _, record := range found {
		stored[record.RecordID()] = record
	}
	for _, item := range items {
		change, err := replace(stored[item.RecordID()], item)
		switch {
		case err != nil:
			refuse(item, refusal(err))
		case len(change.Records) > 0:
			changes, of = append(changes, change), append(of, item)
		}
	}
	return changes, of, nil
}
