package mongodb

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/customer360/gateway/internal/crm"
)

// maxDocument is the largest document, less room for the server's own.
const maxDocument = 16<<20 - 64<<10

// prepared is a write as it goes to the server.
type prepared struct {
	at      int // its place among the writes
	id      string
	expect  int
	doc     bson.Raw
	entries []any // documents of the timeline
	parents []parent
	unique  []string
}

// Write stores records in transactions of bounded size, a few at a time: when
// one fails, the others stay stored.
func (c *collection[T, R]) Write(ctx context.Context, writes []crm.Write[T]) ([]error, error) {
	outcomes := make([]error, len(writes))
	op := fmt.Sprintf("store %d of %s", len(writes), c.name)
	wave := c.newWave(ctx, outcomes)
	for i, w := range writes {
		p, err := c.prepare(i, w)
		if err != nil {
			outcomes[i] = err
			continue
		}
		if wave.dependsOn(p) {
			if err := wave.wait(); err != nil {
				return outcomes, translate(ctx, op, err)
			}
			wave = c.newWave(ctx, outcomes)
		}
		wave.add(p)
	}
	return outcomes, translate(ctx, op, wave.wait())
}

// prepare encodes a write and its timeline entries.
func (c *collection[T, R]) prepare(at int, w crm.Write[T]) (*prepared, error) {
	id := c.id(w.Record)
	if id.Kind() != c.prefix {
		return nil, c.invalid(messageOtherID, nil)
	}
	p := &prepared{at: at, id: string(id), expect: w.Expect}
	doc, err := c.encode(w.Record)
	if err != nil || len(doc) > maxDocument {
		return nil, c.invalid(messageTooLarge, err)
	}
	p.doc = doc
	if c.unique != "" {
		p.unique = c.keys(w.Record).Many[c.unique]
	}
	if c.parents != nil {
		p.parents = c.parents(w.Record)
	}
	if c.entries == nil {
		return p, nil
	}
	for _, entry := range c.entries(w.Record) {
		doc, err := c.store.kinds.timeline.encode(entry)
		if err != nil || len(doc) > maxDocument {
			return nil, c.invalid(messageTooLarge, err)
		}
		p.entries = append(p.entries, doc)
	}
	return p, nil
}

// size gives the documents of a write and their bytes.
func (p *prepared) size() (documents, bytes int) {
	bytes = len(p.doc)
	for _, entry := range p.entries {
		bytes += len(entry.(bson.Raw))
	}
	return 1 + len(p.entries), bytes
}

// flush stores a chunk. New records are inserted without asking first; if that
// meets a duplicate, or if records are replaced, it is looked up what holds. A
// duplicate even then lies in one of the writes: each goes by itself.
func (c *collection[T, R]) flush(ctx context.Context, writes []*prepared, outcomes []error) error {
	if allNew(writes) {
		if err := c.commit(ctx, writes, outcomes, false); !mongo.IsDuplicateKeyError(err) {
			return err
		}
	}
	err := c.commit(ctx, writes, outcomes, true)
	if !mongo.IsDuplicateKeyError(err) {
		return err
	}
	for i, p := range writes {
		switch err := c.commit(ctx, writes[i:i+1], outcomes, true); {
		case mongo.IsDuplicateKeyError(err):
			outcomes[p.at] = c.conflict()
		case err != nil:
			return err
		}
	}
	return nil
}

func allNew(writes []*prepared) bool {
	for _, p := range writes {
		if p.expect != 0 {
			return false
		}
	}
	return true
}

func (c *collection[T, R]) conflict() error {
	return &crm.Error{Code: crm.CodeConflict, Op: "store one of " + c.name, Message: messageConflict}
}

func (c *collection[T, R]) invalid(message string, cause error) error {
	return &crm.Error{Code: crm.CodeInvalid, Op: "store one of " + c.name, Message: message, Err: cause}
}

// commit stores the writes that can be in one transaction and sets the outcomes
// of all of them. With check, or if one of them must be refused anyhow, it looks
// first whether what they expect holds: a conflict goes before another refusal.
func (c *collection[T, R]) commit(ctx context.Context, writes []*prepared, outcomes []error, check bool) error {
	var refused map[*prepared]error
	err := c.store.transact(ctx, func(ctx context.Context) error {
		refused = map[*prepared]error{}
		if err := c.checkParents(ctx, writes, refused); err != nil {
			return err
		}
		if check || len(refused) > 0 {
			if err := c.checkExpected(ctx, writes, refused); err != nil {
				return err
			}
			if err := c.checkUnique(ctx, writes, refused); err != nil {
				return err
			}
		}
		return c.put(ctx, writes, refused)
	})
	if err != nil {
		return err
	}
	for _, p := range writes {
		outcomes[p.at] = refused[p]
	}
	return nil
}

// put inserts and replaces what is not refused, with its timeline entries.
func (c *collection[T, R]) put(ctx context.Context, writes []*prepared, refused map[*prepared]error) error {
	var inserts, entries []any
	var replacements []mongo.WriteModel
	var replaced []string
	for _, p := range writes {
		if refused[p] != nil {
			continue
		}
		entries = append(entries, p.entries...)
		if p.expect == 0 {
			inserts = append(inserts, p.doc)
			continue
		}
		replaced = append(replaced, p.id)
		replacements = append(replacements, mongo.NewReplaceOneModel().
			SetFilter(bson.D{{Key: "_id", Value: p.id}}).SetReplacement(p.doc))
	}
	// In order, as a write may take a unique value that one before it gives up.
	if len(replacements) > 0 {
		if _, err := c.docs.BulkWrite(ctx, replacements, options.BulkWrite().SetOrdered(true)); err != nil {
			return err
		}
	}
	if len(inserts) > 0 {
		if _, err := c.docs.InsertMany(ctx, inserts); err != nil {
			return err
		}
	}
	if c.entries == nil {
		return nil
	}
	history := c.store.kinds.timeline.docs
	if len(replaced) > 0 {
		old := bson.D{{Key: path(crm.FieldRef), Value: bson.D{{Key: "$in", Value: replaced}}}}
		if _, err := history.DeleteMany(ctx, old); err != nil {
			return err
		}
	}
	if len(entries) > 0 {
		if _, err := history.InsertMany(ctx, entries); err != nil {
			return err
		}
	}
	return nil
}
