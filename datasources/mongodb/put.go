package mongodb

import (
	"context"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// effect is what units do to one collection in the end.
type effect struct {
	removed  []string
	replaced []mongo.WriteModel
	inserted []any
	unique   claims
}

// put makes the effect of all units that are not refused: what each record comes
// to, the timeline, the pass, and last of all the log.
func (s *Store) put(ctx context.Context, units []*unit, st *state, pass pass) error {
	effects := map[*collection]*effect{}
	outdated, former := entriesBefore{}, formerOwners(units, st)
	var entries []any
	var log []logEntry
	parents := false
	for _, u := range units {
		if st.refused[u] != nil {
			continue
		}
		for _, c := range u.changes {
			log = append(log, logEntry{ID: c.id, Version: c.version, Removed: c.removes()})
			if st.records[c.id].by != c {
				continue // A later change of the record has the last word.
			}
			if effects[c.of] == nil {
				effects[c.of] = &effect{}
			}
			effects[c.of].add(c, st, former)
			if c.of.Chronicled && st.initial[c.id].there {
				outdated[c.id] = slices.Concat(st.initial[c.id].parents, []string{c.id})
			}
			entries = append(entries, c.entries...)
			parents = parents || len(c.parents) > 0
		}
	}
	if len(log) == 0 {
		return nil
	}
	for of, e := range effects {
		if err := of.put(ctx, e); err != nil {
			return err
		}
	}
	if err := s.putTimeline(ctx, outdated, entries); err != nil {
		return err
	}
	if err := s.use(ctx, pass, parents); err != nil {
		return err
	}
	return s.append(ctx, log)
}

// add adds the change that has the last word on its record.
func (e *effect) add(c *change, st *state, formerOwners map[string]string) {
	before := st.initial[c.id]
	e.unique.add(c, st, formerOwners)
	switch {
	case c.removes() && before.there:
		e.removed = append(e.removed, c.id)
	case c.removes(): // It was made by a change before.
	case before.there:
		e.replaced = append(e.replaced, mongo.NewReplaceOneModel().
			SetFilter(bson.D{{Key: "_id", Value: c.id}}).SetReplacement(c.doc))
	default:
		e.inserted = append(e.inserted, c.doc)
	}
}

// put makes an effect.
func (c *collection) put(ctx context.Context, e *effect) error {
	remove := func(ids []string) error { _, err := c.docs.DeleteMany(ctx, oneOf("_id", ids)); return err }
	if err := inParts(e.removed, remove); err != nil {
		return err
	}
	if len(e.replaced) > 0 {
		if _, err := c.docs.BulkWrite(ctx, e.replaced, options.BulkWrite().SetOrdered(false)); err != nil {
			return err
		}
	}
	if len(e.inserted) > 0 {
		if _, err := c.docs.InsertMany(ctx, e.inserted); err != nil {
			return err
		}
	}
	return c.putClaims(ctx, &e.unique)
}

// entriesBefore are records whose timeline entries are replaced, with the ids of those in
// whose timelines they may stand: of themselves and of their parents before.
type entriesBefore map[string][]string

// putTimeline replaces the timeline entries of some records. It names the timelines,
// so that a sharded cluster looks only where these are.
func (s *Store) putTimeline(ctx context.Context, outdated entriesBefore, entries []any) error {
	history := s.kinds[crm.KindTimeline]
	remove := func(refs []string) error {
		var timelines []string
		for _, ref := range refs {
			timelines = append(timelines, outdated[ref]...)
		}
		slices.Sort(timelines)
		filter := append(oneOf(path(crm.FieldRef), refs), oneOf(path(history.Shard), slices.Compact(timelines))...)
		byRef := options.DeleteMany().SetHint(on(crm.FieldRef).keys())
		_, err := history.docs.DeleteMany(ctx, filter, byRef)
		return err
	}
	if err := inParts(slices.Sorted(maps.Keys(outdated)), remove); err != nil {
		return err
	}
	if len(entries) > 0 {
		if _, err := history.docs.InsertMany(ctx, entries); err != nil {
			return err
		}
	}
	return nil
}
