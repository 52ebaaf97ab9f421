package crm

import "time"

// IdempotencyRecord remembers that a principal's request was carried out, so that
// the same request, sent again, gives what it gave and does nothing. Its id is
// derived from the principal, the operation and the key (IdempotencyID), and it is
// stored in the same Changes as what the request did: of two that are sent at once,
// one is a Conflict.
type IdempotencyRecord struct {
	ID ID
	// InputDigest is the SHA-256 of the request's input, in hexadecimal: the same key
	// with another input is a mistake of the caller.
	InputDigest string
	// EntityID is the record that the request gave; "" for none.
	EntityID ID
	// CreatedAt is when it was carried out, ExpiresAt when it may be forgotten.
	CreatedAt, ExpiresAt time.Time
}

// KindIdempotencyRecord is the kind of idempotency records.
const KindIdempotencyRecord Kind = "idm"

// IdempotencyID is the id of the record of a principal's request for an operation
// under a key: the same for the same three words, and readable by nobody.
func IdempotencyID(principal, operation, key string) ID {
	return DerivedID(KindIdempotencyRecord, principal, operation+"\x00"+key)
}

func idempotencyRecordKind() *Description {
	return describe[IdempotencyRecord](Description{
		Name: "idempotency_records", Internal: true,
		Keys: []KeyField{{Field: FieldExpiresAt, Class: ClassTime}},
		Rules: map[string]Rule{
			"IdempotencyRecord.inputDigest": {Needed: true, Most: MaxWord},
			"IdempotencyRecord.createdAt":   {Needed: true},
			"IdempotencyRecord.expiresAt":   {Needed: true},
		},
	})
}

// RecordKind is the kind of the type.
func (*IdempotencyRecord) RecordKind() Kind { return KindIdempotencyRecord }

// RecordID is the id.
func (i *IdempotencyRecord) RecordID() ID { return i.ID }

// Keys returns what idempotency records are found by.
func (i *IdempotencyRecord) Keys() Keys {
	return Keys{Time: map[Field]time.Time{FieldExpiresAt: i.ExpiresAt}}
}
