package record

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

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

// The layout that instants are written in; reading takes any RFC 3339.
const timeLayout = "2006-01-02T15:04:05.000Z"

// cut returns t in UTC, cut to the millisecond.
func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

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

// appendTime writes what MarshalJSON returns.
func appendTime(text []byte, t time.Time) []byte {
	text = append(text, '"')
	text = cut(t).AppendFormat(text, timeLayout)
	return append(text, '"')
}

// writtenTime reads what appendTime writes, without going through a string;
// everything else is left to UnmarshalJSON.
func writtenTime(text []byte) (t time.Time, ok bool) {
	if len(text) != len(timeLayout)+2 {
		return time.Time{}, false
	}
	text = text[1 : len(text)-1]
	numbers := [...]struct{ from, to, least, most, value int }{
		{0, 4, 0, 9999, 0}, {5, 7, 1, 12, 0}, {8, 10, 1, 31, 0}, {11, 13, 0, 23, 0}, {14, 16, 0, 59, 0}, {17, 19, 0, 59, 0}, {20, 23, 0, 999, 0},
	}
	for i := range numbers {
		n := &numbers[i]
		for _, c := range text[n.from:n.to] {
			if c < '0' || '9' < c {
				return time.Time{}, false
			}
			n.value = n.value*10 + int(c-'0')
		}
		if n.value < n.least || n.most < n.value {
			return time.Time{}, false
		}
	}
	if text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.' || text[23] != 'Z' {
		return time.Time{}, false
	}
	v := func(i int) int { return numbers[i].value }
	t = time.Date(v(0), time.Month(v(1)), v(2), v(3), v(4), v(5), v(6)*int(time.Millisecond), time.UTC)
	return t, t.Day() == v(2) // The 30th of February is another day.
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
