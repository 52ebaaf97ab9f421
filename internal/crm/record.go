package crm

import (
	"cmp"
	"slices"
)

// Record is a stored record: a pointer to one of the types that Describe knows.
type Record interface {
	// RecordKind is the kind of the type, also for a nil pointer.
	RecordKind() Kind
	// RecordID is the id that the record is stored under.
	RecordID() ID
	// Keys is what the record is found by: of each of its kind's fields, and no
	// other, what there is.
	Keys() Keys
}

// Versioned is a record that counts its writes, from 1.
type Versioned interface {
	Record
	RecordVersion() int
}

// Chronicled is a record that stands in timelines.
type Chronicled interface {
	Record
	// TimelineRecords are the entries that are stored with the record, and replace
	// those of its state before. Each stands in the timeline of the record itself or
	// of one of its parents.
	TimelineRecords() []*TimelineRecord
}

// VersionOf is the version of a record, 1 for one of a kind without.
func VersionOf(r Record) int {
	if v, ok := r.(Versioned); ok {
		return v.RecordVersion()
	}
	return 1
}

// TimelineOf is the record's entries in timelines, empty for a kind without.
func TimelineOf(r Record) []*TimelineRecord {
	if c, ok := r.(Chronicled); ok {
		return c.TimelineRecords()
	}
	return nil
}

// Class is what a key holds, and how stores keep it.
type Class int

// The classes.
const (
	ClassText     Class = iota // one text; absent if empty
	ClassSortable              // one text that lists are sorted by; never absent
	ClassTime                  // one instant; never absent
	ClassNumber                // one whole number; may be absent
	ClassMany                  // any number of texts
)

// KeyField is one field that a kind's records are found by.
type KeyField struct {
	Field Field
	Class Class
	// Parent is the kind of record whose id the field holds, and which must be
	// stored: "" for a field that holds no parent. Only ClassText has one.
	Parent Kind
	// From names the members that the key is computed from, as MembersOf takes them;
	// nil is the one that is called as the field is.
	From []string
}

// Description is what there is to say about a kind once, for everything that
// treats all kinds alike: stores, decorators, node dispatch, import and dump,
// tests.
type Description struct {
	Kind Kind
	// Name is what the records are called together, in snake case: the name of
	// their table and collection.
	Name string
	// New makes an empty record.
	New func() Record
	// Sourced says that ids hold the source and its own id readably; the others
	// are made of 26 digits. Both have the kind as prefix, but for a derived kind.
	Sourced bool
	// Keys are the fields that records are found by, id apart.
	Keys []KeyField
	// Inline is the member under which a file may hold records of the kind inside of
	// that of the first parent in Keys, "" for none.
	Inline string
	// Unique is a ClassMany field whose values no two records share; "" for none.
	Unique Field
	// Rules are those that do not follow from the types of members, by type and member
	// ("OrderLine.quantity"), of the kind's own type and of its parts. What is not
	// here is a text of at most MaxText characters, a whole number from 0 to
	// MaxNumber, a number from 0 to 1, or what its type says.
	Rules map[string]Rule
	// Derives are the fields of the graph that are computed or loaded from what is
	// stored, by type and field ("Order.total"), with the names of the members that
	// they need, as MembersOf takes them. They are of the kind's own type and of its
	// parts; a field that is a member of that name alone is not here. See GraphMembers.
	Derives map[string][]string
	// Search is what search calls the kind; "" for one that it does not look through.
	// Those it does have FieldTokens, and their records are SearchResults.
	Search SearchKind
	// SearchesIn are the fields that FieldTokens are made of, as the graph has them
	// ("Customer.displayName"): who may search for records may read them.
	SearchesIn []string
	// Change is what the feed of changes calls the kind; "" for one that nobody follows,
	// which is derived or the program's own.
	Change ChangeKind
	// Shard is the field by whose values a store of several machines spreads the
	// records. It is FieldID, which alone keeps an id one record's, but for a derived
	// kind, whose records are written with others and may lie where they are read: by
	// a ClassText field that is never empty.
	Shard Field
	// Versioned says that records count their writes (they are Versioned).
	Versioned bool
	// Chronicled says that records have timeline entries (they are Chronicled).
	Chronicled bool
	// Entry says that records are entries of timelines themselves: a TimelineRecord
	// has only their ids and times.
	Entry bool
	// Internal says that the program itself makes the records and reads them: no file
	// holds them, no shop sends them, and they are no nodes of the graph.
	Internal bool
	// Derived says that records come with those of other kinds and are never
	// written by themselves. Their ids have no prefix.
	Derived bool
}

// describe completes a description with what follows from the type.
func describe[T any, P RecordOf[T]](d Description) *Description {
	d.Kind = P(nil).RecordKind()
	d.New = func() Record { return P(new(T)) }
	d.Shard = cmp.Or(d.Shard, FieldID)
	_, d.Versioned = any(P(nil)).(Versioned)
	_, d.Chronicled = any(P(nil)).(Chronicled)
	_, d.Entry = any(P(nil)).(recordEntry)
	return &d
}

// Key is the kind's field of that name. FieldID is every kind's.
func (d *Description) Key(field Field) (KeyField, bool) {
	for _, k := range d.Keys {
		if k.Field == field {
			return k, true
		}
	}
	return KeyField{Field: FieldID, Class: ClassSortable}, field == FieldID
}

// Has says whether the id can be one of the kind's.
func (d *Description) Has(id ID) bool { return d.Derived || id.Kind() == d.Kind }

// Only returns the ids that can be the kind's, in order, each once.
func (d *Description) Only(ids []ID) []ID {
	seen := make(map[ID]struct{}, len(ids))
	kept := make([]ID, 0, len(ids))
	for _, id := range ids {
		if _, repeat := seen[id]; repeat || id == "" || !d.Has(id) {
			continue
		}
		seen[id] = struct{}{}
		kept = append(kept, id)
	}
	return kept
}

// descriptions lists every kind, parents before what hangs on them. It is never
// written to.
var descriptions = []*Description{
	teamKind(), employeeKind(), partnerAppKind(), customerKind(), productKind(), orderKind(),
	ticketKind(), articleKind(), interactionKind(), recommendationKind(), nextBestActionKind(), noteKind(), needKind(),
	eventKind(), auditEntryKind(), idempotencyRecordKind(),
	timelineKind(),
}

// Descriptions lists every kind, parents before what hangs on them, derived kinds
// last. Nobody may change what it gives.
func Descriptions() []*Description { return descriptions }

// Shown lists the kinds that people bring and read, parents before what hangs on
// them: all but those that are derived or the program's own.
func Shown() []*Description {
	return slices.DeleteFunc(slices.Clone(descriptions), func(d *Description) bool { return d.Derived || d.Internal })
}

// Describe returns a kind's description, nil if there is no such kind.
func Describe(kind Kind) *Description {
	for _, d := range descriptions {
		if d.Kind == kind {
			return d
		}
	}
	return nil
}

// Kinds lists every kind that has ids of its own, parents before what hangs on
// them.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(descriptions))
	for _, d := range descriptions {
		if !d.Derived {
			kinds = append(kinds, d.Kind)
		}
	}
	return kinds
}
