package crm

import (
	"reflect"
	"time"
	"unicode/utf8"
)

// MaxRecordBytes bounds a record, as a line of a dump has it. An element of a list
// counts three bytes more: so counted, twice as many bytes hold the record's BSON, and
// MongoDB keeps documents of 16 MiB.
const MaxRecordBytes = 8 << 20

// What a value has at most in JSON whose length does not matter.
const (
	sizeOfNumber = 32
	sizeOfTime   = 32
	sizeOfMoney  = 80
)

// smallKeys is what the keys of a record may have without counting.
const smallKeys = 64 << 10

// recordSize is at least what a record's JSON has in bytes.
func recordSize(r Record) int { return sizeOf(reflect.ValueOf(r).Elem(), structures[r.RecordKind()]) }

// keysSize is what MongoDB keeps at most, beside a record's document, of what the
// record is found by: lists of texts with the numbers of their places.
func keysSize(r Record) int {
	n := 0
	for _, values := range r.Keys().Many {
		for _, value := range values {
			n += len(value) + 12
		}
	}
	return n
}

// sizeOf is recordSize of a record's value, or of that of a part of one.
func sizeOf(v reflect.Value, s *Structure) int {
	n := len("{}")
	for i := range s.Members {
		m := &s.Members[i]
		field := v.Field(m.index)
		if !m.List {
			if !m.leftOut(field) {
				n += len(m.Name) + len(`"":,`) + sizeOfValue(field, m)
			}
			continue
		}
		if field.Len() == 0 {
			continue
		}
		n += len(m.Name) + len(`"":[],`)
		for i := range field.Len() {
			n += sizeOfElement(field.Index(i), m)
		}
	}
	return n
}

// sizeOfElement is the size of one value of a list.
func sizeOfElement(v reflect.Value, m *Member) int { return len(",") + 3 + sizeOfValue(v, m) }

// leftOut says that JSON has nothing of a value, not even the member's name.
func (m *Member) leftOut(v reflect.Value) bool {
	switch {
	case m.pointer:
		return v.IsNil()
	case m.Class == ValueText, m.Class == ValueWord, m.Class == ValueReference:
		return v.Len() == 0
	case m.Class == ValueTime:
		return v.Addr().Interface().(*time.Time).IsZero()
	case m.Class == ValueMoney:
		return *v.Addr().Interface().(*Money) == Money{}
	}
	return false
}

func sizeOfValue(v reflect.Value, m *Member) int {
	if m.pointer {
		if v.IsNil() {
			return len("null")
		}
		v = v.Elem()
	}
	switch m.Class {
	case ValuePart:
		return sizeOf(v, m.Part)
	case ValueJSON:
		return max(len("null"), sizeOfText(v.String()))
	case ValueTime:
		return sizeOfTime
	case ValueMoney:
		return sizeOfMoney
	case ValueInt, ValueFloat, ValueBool:
		return sizeOfNumber
	case ValueLine:
		return sizeOfText(v.Addr().Interface().(*OrderLine).ID)
	case ValueText, ValueWord, ValueID, ValueReference:
	}
	return sizeOfText(v.String())
}

// sizeOfText is the length of a text in JSON, with its quotes.
func sizeOfText(text string) int {
	n := len(text) + len(`""`)
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b >= ' ' && b < utf8.RuneSelf && b != '"' && b != '\\':
		case b == '"', b == '\\', b == '\b', b == '\f', b == '\n', b == '\r', b == '\t':
			n++
		case b < ' ':
			n += len(`\u0000`) - 1
		default:
			r, bytes := utf8.DecodeRuneInString(text[i:])
			switch i += bytes - 1; {
			case r == utf8.RuneError && bytes == 1:
				n += len(`\ufffd`) - bytes
			case r == '\u2028' || r == '\u2029': // the line ends of JavaScript
				n += len(`\u2028`) - bytes
			}
		}
	}
	return n
}
