package mongodb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/customer360/gateway/internal/crm"
)

// A sweep reads the records of many ids along an index that begins with the field,
// which costs the server a fraction of looking each id up, as long as few ids have
// many more records than their pages. It reads room times what the pages can hold at
// most; the ids that it does not come to, because others have more, are looked up.
const room = 2

// resting is how many times nothing is swept of a field after a sweep came to less than
// half of the ids: the records are crowded, and looking up is better.
const resting = 31

// sweeps remembers of each field how many times it is not swept yet.
type sweeps map[crm.Field]*atomic.Int32

func newSweeps(d *crm.Description) sweeps {
	s := make(sweeps, len(d.Keys))
	for _, key := range d.Keys {
		s[key.Field] = new(atomic.Int32)
	}
	return s
}

// sweeping returns the index of each field that a sweep reads along; ok is false for
// what cannot be swept, or had better not: fields that hold no parent, stretches behind
// a cursor, which one parent's list has, and, of several fields, conditions for which
// the server might choose another index.
func (c *collection) sweeping(fields []crm.Field, ids int, q crm.Query) (along []index, ok bool) {
	if q.Page.After != nil || q.Page.Before != nil || len(fields) > 1 && len(q.Where) > 0 {
		return nil, false
	}
	for _, field := range fields {
		i := slices.IndexFunc(c.indexes, func(i index) bool {
			return len(i.fields) >= 3 && slices.Equal(i.fields[:3], []crm.Field{field, q.Sort.Field, crm.FieldID})
		})
		key, _ := c.Key(field)
		if i < 0 || key.Parent == "" && field != c.Shard {
			return nil, false
		}
		along = append(along, c.indexes[i])
	}
	return along, ids == 1 || !slices.ContainsFunc(fields, c.rests)
}

// rests says whether a field is not swept this time.
func (c *collection) rests(field crm.Field) bool {
	left := c.sweeps[field].Load()
	return left > 0 && c.sweeps[field].Add(-1) >= 0
}

// sweep is one find, or for several fields one aggregate. It returns what it has
// found, by id in the order of reading, and the ids of which that is not all.
func (c *collection) sweep(
	ctx context.Context, op string, fields []crm.Field, along []index, ids []string, q crm.Query,
) (found map[crm.ID][]crm.Record, rest []string, err error) {
	limit := len(ids) * (q.Page.Limit + 1)
	if len(ids) > 1 {
		limit *= room
	}
	cursor, err := c.swept(ctx, fields, along, ids, q, limit)
	if err != nil {
		return nil, nil, translate(ctx, op, err)
	}
	defer closeCursor(ctx, cursor)
	found = make(map[crm.ID][]crm.Record, len(ids))
	arms := make([]arm, len(fields))
	items := make([]crm.Record, 0, min(len(ids)*(q.Page.Limit+1), maxExpected))
	read := c.form.ReadBSON(q.Members, cap(items))
	for n := 1; cursor.Next(ctx); n++ {
		i, id := armOf(cursor.Current, fields)
		if i < 0 {
			return nil, nil, translate(ctx, op, errNoKey)
		}
		if a := &arms[i]; a.take(id) <= q.Page.Limit+1 { // What follows is on no page.
			item, err := read(cursor.Current)
			if err != nil {
				return nil, nil, translate(ctx, op, err)
			}
			items = append(items, item)
			// What one field has found of an id stands together.
			if before := found[crm.ID(a.last)]; a.ofLast > 1 && i == 0 {
				found[crm.ID(a.last)] = items[len(items)-a.ofLast : len(items) : len(items)]
			} else if len(before) == 0 {
				found[crm.ID(a.last)] = items[len(items)-1 : len(items) : len(items)]
			} else {
				found[crm.ID(a.last)] = append(before, item)
			}
			yield(n)
		}
	}
	if err := cursor.Err(); err != nil {
		return nil, nil, translate(ctx, op, err)
	}
	return found, c.missed(fields, arms, ids, found, q, limit), nil
}

var errNoKey = errors.New("a document lacks the key that it was found by")

// arm is what was read of one field: how many records, and of whom the last ones.
type arm struct {
	n, ofLast int
	last      string
}

// take counts a record of an id, and says which one of the id's it is. The id's text is
// made anew for another id only.
func (a *arm) take(id []byte) int {
	a.n++
	if a.last != string(id) {
		a.last, a.ofLast = string(id), 0
	}
	a.ofLast++
	return a.ofLast
}

// missed are the ids of which not everything was read that their pages need: those
// behind the last one of an arm that was cut off, and this itself if its page is not
// full. Found loses what there is of them.
func (c *collection) missed(
	fields []crm.Field, arms []arm, ids []string, found map[crm.ID][]crm.Record, q crm.Query, limit int,
) []string {
	if len(ids) == 1 {
		return nil // Nobody else's records were in the way.
	}
	desc := readingOrder(q).desc
	rest := []string{}
	for _, id := range ids {
		for i := range arms {
			a := &arms[i]
			behind := strings.Compare(id, a.last)
			if desc {
				behind = -behind
			}
			if a.n == limit && (behind > 0 || behind == 0 && a.ofLast <= q.Page.Limit) {
				rest = append(rest, id)
				delete(found, crm.ID(id))
				break
			}
		}
	}
	if 2*len(rest) > len(ids) {
		for _, field := range fields {
			c.sweeps[field].Store(resting)
		}
	}
	return rest
}

// swept asks for the records of a sweep, each with the field that it was found by.
func (c *collection) swept(
	ctx context.Context, fields []crm.Field, along []index, ids []string, q crm.Query, limit int,
) (*mongo.Cursor, error) {
	order := readingOrder(q)
	filter := func(field crm.Field) bson.D {
		conditions := bson.A{bson.D{{Key: path(field), Value: in(ids)}}}
		for _, p := range q.Where {
			conditions = append(conditions, bson.D{{Key: path(p.Field), Value: c.shape.condition(p)}})
		}
		return conjunction(conditions)
	}
	sorted := func(field crm.Field) bson.D {
		keys := order.keys()
		return append(bson.D{{Key: path(field), Value: keys[0].Value}}, keys...)
	}
	if len(fields) == 1 {
		return c.docs.Find(ctx, filter(fields[0]), options.Find().
			SetSort(sorted(fields[0])).SetLimit(int64(limit)).SetBatchSize(batch(limit)).
			SetHint(along[0].keys()).SetProjection(c.projectionWith(q.Members, fields[0])))
	}
	var pipeline bson.A
	for i, field := range fields {
		stages := bson.A{
			bson.D{{Key: "$match", Value: filter(field)}},
			bson.D{{Key: "$sort", Value: sorted(field)}},
			bson.D{{Key: "$limit", Value: int64(limit)}},
			bson.D{{Key: "$project", Value: c.projectionWith(q.Members, field)}},
		}
		if i == 0 {
			pipeline = stages
			continue
		}
		pipeline = append(pipeline, bson.D{{Key: "$unionWith", Value: bson.D{
			{Key: "coll", Value: c.Name}, {Key: "pipeline", Value: stages},
		}}})
	}
	return c.docs.Aggregate(ctx, pipeline, options.Aggregate().SetBatchSize(batch(limit*len(fields))).SetHint(along[0].keys()))
}

// projectionWith is a projection that keeps one key.
func (c *collection) projectionWith(want *crm.Members, field crm.Field) bson.D {
	chosen := projection(want)
	if want == nil {
		chosen = chosen[:0]
		for _, name := range c.form.MemberNames() {
			if name == "id" {
				name = "_id"
			}
			chosen = append(chosen, bson.E{Key: name, Value: 1})
		}
	}
	return append(chosen, bson.E{Key: path(field), Value: 1})
}

// armOf says by which of the fields a document was found, and what it has there;
// -1 for none.
func armOf(doc []byte, fields []crm.Field) (i int, id []byte) {
	keys, _ := member(doc, "keys")
	for i, field := range fields {
		if value, ok := member(keys.Data, string(field)); ok && value.Type == bsoncore.TypeString && len(value.Data) >= 5 {
			return i, value.Data[4 : len(value.Data)-1]
		}
	}
	return -1, nil
}

// member returns a document's member, without what the driver allocates for that.
func member(doc []byte, name string) (value bsoncore.Value, ok bool) {
	if len(doc) < 4 {
		return value, false
	}
	for rest := doc[4:]; len(rest) > 1; {
		element, behind, ok := bsoncore.ReadElement(rest)
		if !ok {
			return value, false
		}
		if string(element.KeyBytes()) == name {
			return element.Value(), true
		}
		rest = behind
	}
	return value, false
}
