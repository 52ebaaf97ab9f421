package crm

import "time"

// Event says what happened to a record, for what acts on it: live queries,
// webhooks, jobs. It is stored in the same Changes as the record.
type Event struct {
	ID ID
	// Type is what happened, after the kind of record: "ticket.closed".
	Type string
	// EntityID is the record that it happened to, Revision the version that it was
	// stored with then; 1 for kinds without.
	EntityID ID
	Revision int
	// CustomerID is the customer whom it is about; "" for none.
	CustomerID ID
	ActorRef   ActorRef
	OccurredAt time.Time
	// Data is what else there is to say; "" for nothing.
	Data JSON
}

// KindEvent is the kind of events.
const KindEvent Kind = "evt"

func eventKind() *Description {
	return describe[Event](Description{
		Name: "events", Internal: true,
		Keys: []KeyField{
			{Field: FieldEntity, Class: ClassText},
			{Field: FieldCustomer, Class: ClassText},
			{Field: FieldType, Class: ClassText},
			{Field: FieldOccurredAt, Class: ClassTime},
		},
		Rules: map[string]Rule{
			"Event.type":       {Needed: true, Most: MaxWord},
			"Event.entity":     {Needed: true},
			"Event.customer":   {Refers: KindCustomer},
			"Event.occurredAt": {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*Event) RecordKind() Kind { return KindEvent }

// RecordID is the id.
func (e *Event) RecordID() ID { return e.ID }

// Keys returns what events are found by.
func (e *Event) Keys() Keys {
	return Keys{
		Text: map[Field]string{
			FieldEntity: string(e.EntityID), FieldCustomer: string(e.CustomerID), FieldType: e.Type,
		},
		Time: map[Field]time.Time{FieldOccurredAt: e.OccurredAt},
	}
}
