package crm

// Change stores or removes one record.
type Change struct {
	// Record is stored under its id; nil removes the record of Remove.
	Record Record
	// Remove is the id of the record that is removed; "" if Record is set.
	Remove ID
	// Expect is the version that the stored record must have, 0 if there must
	// be none, which no removal may say. Kinds without a version take 0 for new and 1
	// for any stored one.
	Expect int
}

// Check returns what is wrong with a change whatever is stored, as CodeInvalid: it
// names nothing, its kind is derived, its id is malformed or of another kind, it
// removes without the version that it removes, or Check finds something wrong with
// its record. nil is nothing.
func (c Change) Check() error {
	d := Describe(c.Kind())
	switch {
	case d == nil:
		return Invalid("a change must store a record of a kind that there is, or remove one by its id")
	case d.Derived:
		return Invalid("records of this kind come with others and are never written by themselves")
	case c.ID().Kind() != d.Kind:
		return Invalid("a record's id must be one of its kind")
	case c.Record == nil && c.Expect == 0:
		return Invalid("a removal must name the version that it removes, 1 for kinds without")
	case c.Record == nil:
		return nil
	}
	return Check(c.Record)
}

// ID is the id of the record that is stored or removed.
func (c Change) ID() ID {
	if c.Record != nil {
		return c.Record.RecordID()
	}
	return c.Remove
}

// Kind is the kind of the record that is stored or removed, "" if there is none.
func (c Change) Kind() Kind {
	if c.Record != nil {
		return c.Record.RecordKind()
	}
	return c.Remove.Kind()
}

// Changes are stored together or not at all. They act as if made one after
// another: a parent stands before what hangs on it, and is removed after it.
type Changes struct {
	Records []Change
}

// Bounds on one Changes. Records and their timeline entries count as documents,
// and their stored forms as bytes; a larger Changes is refused before anything of
// it is written.
const (
	MaxChangeDocuments = 50_000
	MaxChangeBytes     = 64 << 20
)

// Put is a Changes that stores records, each under its expected version.
func Put(changes ...Change) Changes { return Changes{Records: changes} }

// LogEntry says that a record was stored or removed.
type LogEntry struct {
	// Number orders the entries, from 1, after that without gaps or with.
	Number int64
	ID     ID
	// Version is the version that was stored, the last one if it was removed.
	Version int
	Removed bool
}
