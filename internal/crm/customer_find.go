package crm

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// EmailKey gives the key that email addresses are compared by: without what nobody can
// see, trimmed, in Unicode's composed form and lower case. Accents count: they are other
// addresses.
func EmailKey(address string) string {
	return clip(strings.ToLower(norm.NFC.String(cleanEmail(address))), maxTextKey)
}

// PhoneKey returns the key that phone numbers are compared by: E.164 where the number
// has its country code, else the number without the spaces, hyphens, dots, slashes
// and brackets that people write.
func PhoneKey(number string) string { return clip(phoneDigits(cleanPhone(number)), maxTextKey) }

// Key gives the key of an external identity, unique among customers.
func (e ExternalIdentity) Key() string { return e.Source + ":" + e.ExternalID }

// maxIdentifier bounds an identifier, in bytes: an email address has at most 254
// (RFC 5321), a source and its own id 64 and 128.
const maxIdentifier = 400

// CustomerIdentifier names a customer by something known outside; exactly one
// field is set.
type CustomerIdentifier struct {
	Email            *string
	Phone            *string
	ExternalIdentity *ExternalIdentityRef
}

// ExternalIdentityRef names a customer as another system does.
type ExternalIdentityRef struct {
	Source, ExternalID string
}

// Predicate gives the condition that a customer has the identifier. None, more
// than one field, or one that is too long is Invalid.
func (i CustomerIdentifier) Predicate() (Predicate, error) {
	var (
		found  []Predicate
		length int
	)
	if i.Email != nil {
		length = len(*i.Email)
		found = append(found, Predicate{Field: FieldEmail, In: []string{EmailKey(*i.Email)}})
	}
	if i.Phone != nil {
		length = len(*i.Phone)
		found = append(found, Predicate{Field: FieldPhone, In: []string{PhoneKey(*i.Phone)}})
	}
	if e := i.ExternalIdentity; e != nil {
		length = len(e.Source) + len(e.ExternalID)
		found = append(found, Predicate{Field: FieldIdentity, In: []string{ExternalIdentity{Source: e.Source, ExternalID: e.ExternalID}.Key()}})
	}
	switch {
	case len(found) != 1:
		return Predicate{}, Invalid("exactly one of email, phone and externalIdentity must be given")
	case length > maxIdentifier:
		return Predicate{}, Invalid("an identifier must have at most 400 bytes")
	}
	return found[0], nil
}

// CustomerFilter selects customers; every condition given must hold.
type CustomerFilter struct {
	Kind              []CustomerKind
	Status            []CustomerStatus
	LifecycleStage    []LifecycleStage
	HasLifecycleStage *bool
	LoyaltyClass      []LoyaltyClass
	HasLoyaltyClass   *bool
	OwnerID           []ID
	HasOwner          *bool
	Tag               []string
	Segment           []string
	UpdatedAt         *TimeRange
	CreatedAt         *TimeRange
}

// Predicates gives the filter's conditions; nil selects every customer.
func (f *CustomerFilter) Predicates() (where []Predicate, err error) {
	if f == nil {
		return nil, nil
	}
	return conditions(
		in(FieldKind, f.Kind), in(FieldStatus, f.Status),
		maybe(FieldLifecycle, f.LifecycleStage, f.HasLifecycleStage), maybe(FieldLoyalty, f.LoyaltyClass, f.HasLoyaltyClass),
		maybe(FieldOwner, f.OwnerID, f.HasOwner), in(FieldTag, f.Tag), in(FieldSegment, f.Segment),
		within(FieldUpdatedAt, f.UpdatedAt), within(FieldCreatedAt, f.CreatedAt),
	)
}

// CustomerOrderField is what customers are sorted by.
type CustomerOrderField string

// The fields that customers are sorted by.
const (
	CustomerOrderFieldUpdatedAt CustomerOrderField = "UPDATED_AT"
	CustomerOrderFieldCreatedAt CustomerOrderField = "CREATED_AT"
	CustomerOrderFieldName      CustomerOrderField = "NAME"
)

// CustomerOrder is the order of a list of customers.
type CustomerOrder struct {
	Field     CustomerOrderField
	Direction OrderDirection
}

// Sort gives the order's sort; nil is the latest update first.
func (o *CustomerOrder) Sort() Sort {
	if o == nil {
		return Sort{Field: FieldUpdatedAt, Desc: true}
	}
	desc := o.Direction == OrderDirectionDesc
	switch o.Field {
	case CustomerOrderFieldUpdatedAt:
		return Sort{Field: FieldUpdatedAt, Desc: desc}
	case CustomerOrderFieldCreatedAt:
		return Sort{Field: FieldCreatedAt, Desc: desc}
	case CustomerOrderFieldName:
		return Sort{Field: FieldName, Desc: desc}
	}
	return Sort{Field: FieldID, Desc: desc}
}
