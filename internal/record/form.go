package record

import (
	"fmt"

	"github.com/customer360/gateway/internal/crm"
)

// Form is how the records of one kind are written down.
type Form struct {
	kind crm.Kind
	// AppendBSON appends a record's document to dst.
	AppendBSON func(dst []byte, r crm.Record) []byte
	// AppendJSON appends a record's object to dst, on one line, without escaping <, >
	// and &. The same record always gives the same bytes. After an error, dst is nil.
	AppendJSON func(dst []byte, r crm.Record) ([]byte, error)
	// DecodeBSON reads the wanted members of a document, nil for all, into a new
	// record; the others are as if they were absent. Names that are no member's are skipped,
	// null is absent, and a value of another type is an error that names the member.
	DecodeBSON func(doc []byte, want *crm.Members) (crm.Record, error)
	// ReadBSON returns what reads the documents of one reply, about n of them, one after
	// the other, as DecodeBSON does. The records share what they are allocated from.
	ReadBSON func(want *crm.Members, n int) func(doc []byte) (crm.Record, error)
	// DecodeJSON is DecodeBSON of an object. Names have to be exact.
	DecodeJSON func(text []byte, want *crm.Members) (crm.Record, error)

	members []string
}

// MemberNames lists the names of the kind's members. Nobody may change it.
func (f Form) MemberNames() []string { return f.members }

// FormOf returns a kind's form; the zero Form for a kind that is not described.
func FormOf(kind crm.Kind) Form { return forms[kind] }

// tableOf returns the forms by kind.
func tableOf(list ...Form) map[crm.Kind]Form {
	table := make(map[crm.Kind]Form, len(list))
	for _, f := range list {
		table[f.kind] = f
	}
	return table
}

// codec writes and reads the records of a kind without a struct between.
type codec[T any] struct {
	toBSON   func(*bsonWriter, *T)
	toJSON   func(*jsonWriter, *T)
	fromBSON func(*bsonReader, *T, *crm.Members)
	fromJSON func(*jsonReader, *T, *crm.Members)
}

func formOf[T any, P interface {
	*T
	crm.Record
}](c codec[T], members []string) Form {
	return Form{
		kind:    P(nil).RecordKind(),
		members: members,
		AppendBSON: func(dst []byte, r crm.Record) []byte {
			w := bsonWriter{dst: dst}
			c.toBSON(&w, any(r).(*T))
			return w.dst
		},
		AppendJSON: func(dst []byte, r crm.Record) ([]byte, error) {
			w := jsonWriter{dst: dst}
			c.toJSON(&w, any(r).(*T))
			if w.err != nil {
				return nil, fmt.Errorf("write a record as JSON: %w", w.err)
			}
			return w.dst, nil
		},
		DecodeBSON: func(doc []byte, want *crm.Members) (crm.Record, error) {
			r, record := newBSONReader(doc, want == nil), new(T)
			if c.fromBSON(&r, record, want); r.finish() != nil {
				return nil, fmt.Errorf("read a record's BSON: %w", r.err)
			}
			return P(record), nil
		},
		ReadBSON: func(want *crm.Members, n int) func(doc []byte) (crm.Record, error) {
			records, of := slab[T]{size: min(n, firstSlab)}, &shared{}
			return func(doc []byte) (crm.Record, error) {
				r, record := newBSONReader(doc, false), records.next()
				r.shared = of
				if c.fromBSON(&r, record, want); r.finish() != nil {
					return nil, fmt.Errorf("read a record's BSON: %w", r.err)
				}
				return P(record), nil
			}
		},
		DecodeJSON: func(text []byte, want *crm.Members) (crm.Record, error) {
			r, record := newJSONReader(text, want == nil), new(T)
			if c.fromJSON(&r, record, want); r.finish() != nil {
				return nil, fmt.Errorf("read a record's JSON: %w", r.err)
			}
			return P(record), nil
		},
	}
}
