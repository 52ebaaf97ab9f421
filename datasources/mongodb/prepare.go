package mongodb

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/internal/crm"
)

// maxDocument is the largest document, less room for the server's own.
const maxDocument = 16<<20 - 64<<10

// unit is a crm.Changes as it goes to the server: stored as a whole or not at all.
type unit struct {
	at      int // its place in the call
	changes []*change
	// documents and bytes are what it writes: records, entries of the timeline and
	// whose unique values are. Those that are given up are not known yet.
	documents, bytes int
}

// change is a crm.Change as it goes to the server.
type change struct {
	of      *collection
	id      string
	expect  int
	version int      // that the log will tell
	doc     bson.Raw // nil removes the record
	entries []any    // documents of the timeline
	parents []string // ids that must be stored
	unique  []string
	// orphan says that a parent's id is not one of the parent's kind.
	orphan bool
	// refused is what is wrong with the change whatever is stored. Those that
	// follow it in the unit are not prepared.
	refused error
}

func (c *change) removes() bool { return c.doc == nil && c.refused == nil }

// conflict is the error for a record that is not as expected.
func (c *change) conflict() error {
	return &crm.Error{Code: crm.CodeConflict, Op: "store one of " + c.of.Name, Message: messageConflict}
}

func (c *change) invalid(message string, cause error) error {
	op := "store a record"
	if c.of != nil {
		op = "store one of " + c.of.Name
	}
	return &crm.Error{Code: crm.CodeInvalid, Op: op, Message: message, Err: cause}
}

// prepare encodes the records of a Changes and their timeline entries. It gives
// the error for what nothing stored can make right: changes of which the first is
// refused, or that are too large together.
func (s *Store) prepare(at int, changes crm.Changes) (*unit, error) {
	u := &unit{at: at, changes: make([]*change, 0, min(len(changes.Records), crm.MaxChangeDocuments))}
	documents, bytes := 0, 0 // as crm.MaxChangeDocuments and crm.MaxChangeBytes have it, the same for every store
	for i, made := range changes.Records {
		c := s.prepareOne(made)
		if c.refused != nil && i == 0 {
			return nil, c.refused
		}
		u.changes = append(u.changes, c)
		documents += 1 + len(c.entries)
		bytes += len(c.doc)
		for _, entry := range c.entries {
			bytes += len(entry.(bson.Raw))
		}
		if documents > crm.MaxChangeDocuments || bytes > crm.MaxChangeBytes {
			return nil, c.invalid(messageTooMany, nil)
		}
		u.documents += len(c.unique)
		for _, value := range c.unique {
			u.bytes += len(value) + len(c.id)
		}
		if c.refused != nil {
			break // Unless one before it is refused by what is stored, this is the unit's error.
		}
	}
	u.documents, u.bytes = u.documents+documents, u.bytes+bytes
	return u, nil
}

func (s *Store) prepareOne(made crm.Change) *change {
	c := &change{of: s.kinds[made.Kind()], id: string(made.ID()), expect: made.Expect, version: made.Expect}
	if c.refused = made.Check(); c.refused == nil && made.Record != nil {
		c.refused = s.encode(c, made.Record)
	}
	return c
}

// encode puts a record into its change, or gives the error for one too large.
func (s *Store) encode(c *change, r crm.Record) error {
	keys := r.Keys()
	doc, err := c.of.encode(r, keys)
	if err != nil || len(doc) > maxDocument {
		return c.invalid(messageTooLarge, err)
	}
	c.doc, c.version = doc, crm.VersionOf(r)
	if c.of.Unique != "" {
		c.unique = slices.Compact(slices.Sorted(slices.Values(keys.Many[c.of.Unique])))
	}
	for _, key := range c.of.parents {
		switch id := keys.Text[key.Field]; {
		case id == "":
		case crm.ID(id).Kind() != key.Parent:
			c.orphan = true
		default:
			c.parents = append(c.parents, id)
		}
	}
	history := s.kinds[crm.KindTimeline]
	for _, entry := range crm.TimelineOf(r) {
		doc, err := history.encode(entry, entry.Keys())
		if err != nil || len(doc) > maxDocument {
			return c.invalid(messageTooLarge, err)
		}
		c.entries = append(c.entries, doc)
	}
	return nil
}
