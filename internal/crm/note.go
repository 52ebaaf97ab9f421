package crm

import "time"

// Note is what staff pin to a customer, to an order, or to both: what the next
// colleague should know. Nobody but staff reads it.
type Note struct {
	ID ID
	// CustomerID and OrderID are what it is pinned to; one of them may be "".
	CustomerID, OrderID ID
	Text                string
	AuthorRef           ActorRef
	// Pinned says that it is to be seen before the others.
	Pinned               bool
	CreatedAt, UpdatedAt time.Time
}

// KindNote is the kind of notes.
const KindNote Kind = "note"

// SearchKindNote is what search calls notes.
const SearchKindNote SearchKind = "NOTE"

// The fields that only notes are found by.
const (
	FieldOrder  Field = "order"
	FieldPinned Field = "pinned"
)

// ChangeKindNote is what the feed of changes calls notes.
const ChangeKindNote ChangeKind = "NOTE"

// TimelineKindNote is of a note in the timeline of its customer.
const TimelineKindNote TimelineKind = "NOTE"

func noteKind() *Description {
	return describe[Note](Description{
		Name: "notes", Search: SearchKindNote, Change: ChangeKindNote,
		Keys: []KeyField{
			{Field: FieldCustomer, Class: ClassText, Parent: KindCustomer},
			{Field: FieldOrder, Class: ClassText},
			{Field: FieldPinned, Class: ClassText},
			{Field: FieldCreatedAt, Class: ClassTime},
			{Field: FieldTokens, Class: ClassMany, From: []string{"text"}},
		},
		Derives: map[string][]string{
			"Note.kind":       {},
			"Note.customer":   {"customer"},
			"Note.order":      {"order"},
			"Note.author":     {"author"},
			"Note.occurredAt": {"createdAt"},
		},
		Rules: map[string]Rule{
			"Note.customer":  {Refers: KindCustomer, Exists: true},
			"Note.order":     {Refers: KindOrder},
			"Note.text":      {Needed: true},
			"Note.createdAt": {Needed: true},
			"Note.updatedAt": {Needed: true},
		},
		SearchesIn: []string{"Note.text"},
	})
}

// RecordKind is the kind of the type.
func (*Note) RecordKind() Kind { return KindNote }

// RecordID is the id.
func (n *Note) RecordID() ID { return n.ID }

// Position returns the note's place in a list sorted by its time.
func (n *Note) Position(Field) Position { return Position{ID: n.ID, Time: n.CreatedAt} }

func (*Note) isNode()          {}
func (*Note) isSearchResult()  {}
func (*Note) isTimelineEntry() {}

func (n *Note) begin(r *TimelineRecord) { n.ID, n.CreatedAt = r.Ref, r.OccurredAt }

// Kind is always TimelineKindNote.
func (*Note) Kind() TimelineKind { return TimelineKindNote }

// OccurredAt is when the note was written.
func (n *Note) OccurredAt() time.Time { return n.CreatedAt }

// TimelineRecords returns the note as an entry of its customer's timeline; one of
// an order alone stands in none.
func (n *Note) TimelineRecords() []*TimelineRecord {
	records := []*TimelineRecord{}
	for _, customer := range accounts(n.CustomerID) {
		records = append(records, &TimelineRecord{
			ID: n.ID, Kind: n.Kind(), OccurredAt: n.CreatedAt, CustomerID: customer, Ref: n.ID,
		})
	}
	return records
}

// check refuses a note that is pinned to nothing.
func (n *Note) check() *Error {
	if n.CustomerID == "" && n.OrderID == "" {
		return Wrong("customer", "must be given, or order")
	}
	return nil
}

// Keys returns what notes are found by.
func (n *Note) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldCustomer: string(n.CustomerID), FieldOrder: string(n.OrderID), FieldPinned: YesNo(n.Pinned),
		},
		Time: map[Field]time.Time{FieldCreatedAt: n.CreatedAt},
		Many: map[Field][]string{FieldTokens: Tokens(nil, n.Text)},
	}
}

// NoteFilter selects notes; every condition given must hold.
type NoteFilter struct {
	Pinned    *bool
	CreatedAt *TimeRange
}

// Predicates returns the filter's conditions; nil selects every note.
func (f *NoteFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	return conditions(yes(FieldPinned, f.Pinned), within(FieldCreatedAt, f.CreatedAt))
}
