package crm

import "time"

// AuditEntry says who changed what in a record, and why. It is stored in the same
// Changes as the record and never changed.
type AuditEntry struct {
	ID ID
	// EntityID is the record that was changed.
	EntityID ID
	// Action is what was done, by the name of the operation: "closeTicket".
	Action   string
	ActorRef ActorRef
	// Reason is why, in the actor's own words; nil if they gave none.
	Reason *string
	// RequestID is the id of the request that did it; nil for what no request did.
	RequestID *string
	// Before and After are what changed, an object by field; "" for a record that was
	// not there before, or is not after.
	Before, After JSON
	OccurredAt    time.Time
}

// KindAuditEntry is the kind of audit entries.
const KindAuditEntry Kind = "aud"

func auditEntryKind() *Description {
	return describe[AuditEntry](Description{
		Name: "audit_entries", Internal: true,
		Keys: []KeyField{
			{Field: FieldEntity, Class: ClassText},
			{Field: FieldOccurredAt, Class: ClassTime},
		},
		Rules: map[string]Rule{
			"AuditEntry.entity":     {Needed: true},
			"AuditEntry.action":     {Needed: true, Most: MaxWord},
			"AuditEntry.requestId":  {Most: MaxWord},
			"AuditEntry.occurredAt": {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*AuditEntry) RecordKind() Kind { return KindAuditEntry }

// RecordID is the id.
func (a *AuditEntry) RecordID() ID { return a.ID }

// Keys returns what audit entries are found by.
func (a *AuditEntry) Keys() Keys {
	return Keys{
		Text: map[Field]string{FieldEntity: string(a.EntityID)},
		Time: map[Field]time.Time{FieldOccurredAt: a.OccurredAt},
	}
}
