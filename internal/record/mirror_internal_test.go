package record

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// Records by reflection: what encoding/json and the driver make of structs with tags.
// The codecs write the same bytes and read the same values, which tests hold.

// Marshal returns v as JSON on one line, without a line feed and without escaping
// <, > and &. The same value always gives the same bytes.
func Marshal(v any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// Time is an instant in UTC, cut to the millisecond: in JSON RFC 3339 with three
// digits after the second, in BSON a UTC datetime.
type Time time.Time

// newTime returns t as it is written down.
func newTime(t time.Time) Time { return Time(cut(t)) }

// domain returns the instant.
func (t Time) domain() time.Time { return cut(time.Time(t)) }

// newTimeRef returns *t as it is written down; nil for no instant, given or not.
func newTimeRef(t *time.Time) *Time {
	if t == nil || cut(*t).IsZero() {
		return nil
	}
	written := newTime(*t)
	return &written
}

// domainRef returns the instant; nil stays nil.
func (t *Time) domainRef() *time.Time {
	if t == nil {
		return nil
	}
	instant := t.domain()
	return &instant
}

// IsZero says whether no instant is given.
func (t Time) IsZero() bool { return time.Time(t).IsZero() }

// MarshalJSON returns RFC 3339 in UTC with milliseconds.
func (t Time) MarshalJSON() ([]byte, error) {
	return appendTime(make([]byte, 0, len(timeLayout)+2), time.Time(t)), nil
}

// UnmarshalJSON reads RFC 3339 with any offset and fraction; null is no instant.
func (t *Time) UnmarshalJSON(text []byte) error {
	var instant time.Time
	if err := json.Unmarshal(text, &instant); err != nil {
		return fmt.Errorf("read instant: %w", err)
	}
	*t = newTime(instant)
	return nil
}

// MarshalBSONValue returns a UTC datetime.
func (t Time) MarshalBSONValue() (kind byte, data []byte, err error) {
	millis := time.Time(t).UnixMilli()
	return bsonDatetime, binary.LittleEndian.AppendUint64(nil, uint64(millis)), nil //nolint:gosec // two's complement is BSON's form
}

// UnmarshalBSONValue reads a UTC datetime.
func (t *Time) UnmarshalBSONValue(kind byte, data []byte) error {
	if kind != bsonDatetime || len(data) != 8 {
		return fmt.Errorf("read instant: BSON type %#x of %d bytes is no UTC datetime", kind, len(data))
	}
	millis := int64(binary.LittleEndian.Uint64(data)) //nolint:gosec // two's complement is BSON's form
	*t = Time(time.UnixMilli(millis).UTC())
	return nil
}

// JSON is any JSON value: embedded as it is in JSON, a string of canonical text
// in BSON.
type JSON string

// MarshalJSON returns the text itself.
func (j JSON) MarshalJSON() ([]byte, error) {
	if j == "" {
		return []byte("null"), nil
	}
	return []byte(j), nil
}

// UnmarshalJSON makes text canonical: members sorted by name, no white space,
// numbers as they were written.
func (j *JSON) UnmarshalJSON(text []byte) error {
	canonical, err := crm.CanonicalJSON(text)
	*j = JSON(canonical)
	return err //nolint:wrapcheck // It says what was being done.
}

// newRef converts what p points at; nil stays nil.
func newRef[D, R any](p *D, convert func(*D) R) *R {
	if p == nil {
		return nil
	}
	converted := convert(p)
	return &converted
}

// newList converts every element; an empty list becomes nil, which is left out.
func newList[D, R any](list []D, convert func(*D) R) []R {
	if len(list) == 0 {
		return nil
	}
	converted := make([]R, len(list))
	for i := range list {
		converted[i] = convert(&list[i])
	}
	return converted
}

// newRefList converts what every element points at; an empty list becomes nil.
func newRefList[D, R any](list []*D, convert func(*D) R) []R {
	if len(list) == 0 {
		return nil
	}
	converted := make([]R, len(list))
	for i, element := range list {
		converted[i] = convert(element)
	}
	return converted
}

// domainRef converts what p points at; nil stays nil.
func domainRef[R, D any](p *R, convert func(*R) D) *D { return newRef(p, convert) }

// domainList converts every element; the result is never nil.
func domainList[R, D any](list []R, convert func(*R) D) []D {
	return filled(newList(list, convert))
}

// domainRefList returns pointers to every element, converted; the result is never nil.
func domainRefList[R, D any](list []R, convert func(*R) D) []*D {
	converted := make([]*D, len(list))
	for i := range list {
		converted[i] = newRef(&list[i], convert)
	}
	return converted
}

// filled returns the list, empty instead of nil.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Money is an amount in minor units of an ISO 4217 currency. In JSON it is
// {"amount": "13.99", "currencyCode": "GBP"}, the amount with the currency's own
// number of digits.
type Money struct {
	Minor        int64  `bson:"minor"`
	CurrencyCode string `bson:"currencyCode"`
}

// IsZero says whether no amount is given; 0 of a currency is one.
func (m Money) IsZero() bool { return m == Money{} }

// MarshalJSON returns amount and currency code.
func (m Money) MarshalJSON() ([]byte, error) { return appendMoney(make([]byte, 0, 48), crm.Money(m)) }

// newMoneyRef returns *m as it is written down; nil stays nil.
func newMoneyRef(m *crm.Money) *Money {
	if m == nil {
		return nil
	}
	written := Money(*m)
	return &written
}

// domainRef returns the amount; nil stays nil.
func (m *Money) domainRef() *crm.Money {
	if m == nil {
		return nil
	}
	amount := crm.Money(*m)
	return &amount
}

// LineQuantity is a crm.LineQuantity written down: the line by its id.
type LineQuantity struct {
	Line     string `json:"line,omitempty" bson:"line,omitempty"`
	Quantity int    `json:"quantity" bson:"quantity"`
}

// newLineQuantities names lines by their ids; one without a line is left out.
func newLineQuantities(list []crm.LineQuantity) []LineQuantity {
	var named []LineQuantity
	for _, q := range list {
		if q.Line != nil {
			named = append(named, LineQuantity{Line: q.Line.ID, Quantity: q.Quantity})
		}
	}
	return named
}

// domainLineQuantities returns quantities of lines that have nothing but their id,
// until LinkLines has found them.
func domainLineQuantities(list []LineQuantity) []crm.LineQuantity {
	quantities := make([]crm.LineQuantity, len(list))
	for i, q := range list {
		quantities[i] = crm.LineQuantity{Line: &crm.OrderLine{ID: q.Line}, Quantity: q.Quantity}
	}
	return quantities
}

// UnmarshalJSON reads amount and currency code; null is no money.
func (m *Money) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	money, err := readMoney(text)
	*m = Money(money)
	return err
}

// Mirror is a kind's way to be written by reflection over structs, beside which the
// codecs are held.
type Mirror struct {
	// Written returns a record as a pointer to a struct with tags.
	Written func(crm.Record) any
	// Empty returns a pointer to an empty such struct, to read into.
	Empty func() any
	// Domain returns the record of such a pointer.
	Domain func(any) crm.Record
}

func mirrorOf[T, R any, P interface {
	*T
	crm.Record
}](written func(*T) *R, domain func(*R) *T) Mirror {
	return Mirror{
		Written: func(r crm.Record) any { return written(any(r).(*T)) },
		Empty:   func() any { return new(R) },
		Domain:  func(r any) crm.Record { return P(domain(r.(*R))) },
	}
}
