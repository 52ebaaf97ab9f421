package mongodb

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// maxValues bounds the values of one condition in bytes: a command is a document,
// which has at most 16 MB.
const maxValues = 8 << 20

// inParts calls do with values until all had their turn, as many at a time as
// one command may have.
func inParts(values []string, do func(part []string) error) error {
	for len(values) > 0 {
		n, bytes := 0, 0
		for n < len(values) && (n == 0 || bytes+len(values[n]) <= maxValues) {
			bytes += len(values[n]) + 16 // its place in the list, and the server's own
			n++
		}
		if err := do(values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// findParts reads what has one of the values in a field, with one command for as
// many of them as it may have.
func findParts[R any](
	ctx context.Context, docs *mongo.Collection, field string, values []string, projection bson.D, each func(R),
) error {
	return inParts(values, func(part []string) error {
		opts := options.Find().SetProjection(projection).SetBatchSize(batch(len(part)))
		cursor, err := docs.Find(ctx, oneOf(field, part), opts)
		if err != nil {
			return err
		}
		var found []R
		if err := cursor.All(ctx, &found); err != nil {
			return err
		}
		for _, row := range found {
			each(row)
		}
		return nil
	})
}

// byCollection are ids or other values, by the collection that they are of.
type byCollection map[*collection][]string

// loadParents looks which parents are stored that the units do not store
// themselves: one find for each collection of parents, answered by its index of ids.
func (s *Store) loadParents(ctx context.Context, st *state, units []*unit) error {
	wanted := byCollection{}
	for _, u := range units {
		for _, c := range u.changes {
			for _, id := range c.parents {
				_, touched := st.initial[id]
				if _, seen := st.present[id]; touched || seen {
					continue
				}
				st.present[id] = false
				of := s.kinds[crm.ID(id).Kind()]
				wanted[of] = append(wanted[of], id)
			}
		}
	}
	type row struct {
		ID string `bson:"_id"`
	}
	for of, ids := range wanted {
		found := func(r row) { st.present[r.ID] = true }
		if err := findParts(ctx, of.docs, "_id", ids, bson.D{{Key: "_id", Value: 1}}, found); err != nil {
			return err
		}
	}
	return nil
}

// load looks what is stored of all that the units touch.
func (s *Store) load(ctx context.Context, st *state, units []*unit) error {
	touched, values, removed := byCollection{}, byCollection{}, byCollection{}
	seen := map[string]bool{}
	for _, u := range units {
		for _, c := range u.changes {
			if c.refused != nil {
				continue
			}
			values[c.of] = append(values[c.of], c.unique...)
			if c.removes() && len(c.of.children) > 0 {
				removed[c.of] = append(removed[c.of], c.id)
			}
			if !seen[c.id] {
				seen[c.id] = true
				touched[c.of] = append(touched[c.of], c.id)
			}
		}
	}
	for of, ids := range touched {
		if err := of.loadHeld(ctx, st, ids, len(removed) > 0); err != nil {
			return err
		}
	}
	for of, list := range values {
		found := func(o owned) { st.owners[uniqueName(of, o.Value)] = o.Owner }
		if err := of.loadOwners(ctx, list, found); err != nil {
			return err
		}
	}
	for of, ids := range removed {
		for _, child := range of.children {
			if err := child.loadBlocked(ctx, st, ids, len(touched[child.of])); err != nil {
				return err
			}
		}
	}
	return nil
}

// row is what is read of a stored record to judge a change.
type row struct {
	ID      string                   `bson:"_id"`
	Version int                      `bson:"version"`
	Keys    map[string]bson.RawValue `bson:"keys"`
}

// many returns the values of a key that may have several.
func (r *row) many(field crm.Field) []string {
	var values []string
	_ = r.Keys[string(field)].Unmarshal(&values) // What is no list has no values.
	return values
}

// loadHeld puts what is stored under some ids into the state, with parents if one
// may be removed, or if the records stand in their timelines.
func (c *collection) loadHeld(ctx context.Context, st *state, ids []string, parents bool) error {
	projection := bson.D{{Key: "_id", Value: 1}}
	if c.Versioned {
		projection = append(projection, bson.E{Key: "version", Value: 1})
	}
	if c.Unique != "" {
		projection = append(projection, bson.E{Key: path(c.Unique), Value: 1})
	}
	if parents || c.Chronicled {
		for _, key := range c.parents {
			projection = append(projection, bson.E{Key: path(key.Field), Value: 1})
		}
	}
	return findParts(ctx, c.docs, "_id", ids, projection, func(r row) {
		now := held{there: true, version: 1}
		if c.Versioned {
			now.version = r.Version
		}
		if c.Unique != "" {
			now.unique = r.many(c.Unique)
		}
		for _, key := range c.parents {
			if id, ok := r.Keys[string(key.Field)].StringValueOK(); ok {
				now.parents = append(now.parents, id)
			}
		}
		st.initial[r.ID] = now
		st.set(c, r.ID, now)
	})
}

// loadBlocked looks which of the ids are a parent of a record that is not
// touched. It reads one record more than are touched, then asks again for the ids
// that are not known to be one: however many children they have, few are read.
func (f childField) loadBlocked(ctx context.Context, st *state, ids []string, touched int) error {
	field := path(f.field)
	projection := bson.D{{Key: "_id", Value: 1}, {Key: field, Value: 1}}
	return inParts(ids, func(part []string) error {
		for len(part) > 0 {
			opts := options.Find().SetProjection(projection).SetLimit(int64(touched) + 1).SetBatchSize(batch(touched + 1))
			cursor, err := f.of.docs.Find(ctx, oneOf(field, part), opts)
			if err != nil {
				return err
			}
			var found []row
			if err := cursor.All(ctx, &found); err != nil {
				return err
			}
			for _, r := range found {
				if _, known := st.initial[r.ID]; !known {
					id, _ := r.Keys[string(f.field)].StringValueOK()
					st.blocked[id] = true
				}
			}
			if len(found) <= touched {
				return nil // These were all.
			}
			part = notBlocked(part, st.blocked)
		}
		return nil
	})
}

func notBlocked(ids []string, blocked map[string]bool) []string {
	kept := make([]string, 0, len(ids))
	for _, id := range ids {
		if !blocked[id] {
			kept = append(kept, id)
		}
	}
	return kept
}
