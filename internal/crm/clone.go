package crm

import (
	"reflect"
	"time"
)

// Clone is a deep copy of a record. What is not stored is left out.
func Clone[R Record](r R) R { return Keep(r, nil) }

// Keep is a deep copy of what is wanted of a record; the other members are as if
// they were absent.
func Keep[R Record](r R, want *Members) R {
	kind := Record(r).RecordKind()
	made := Describe(kind).New()
	copyParts(reflect.ValueOf(made).Elem(), reflect.ValueOf(r).Elem(), structures[kind], want)
	if o, ok := made.(*Order); ok {
		o.LinkLines()
	}
	return made.(R)
}

func copyParts(to, from reflect.Value, s *Structure, want *Members) {
	in := want.In(s.Number)
	for i := range s.Members {
		m := &s.Members[i]
		a, b := to.Field(m.index), from.Field(m.index)
		switch {
		case in&(1<<i) == 0:
			if m.List {
				a.Set(reflect.MakeSlice(a.Type(), 0, 0))
			}
			continue
		case !m.List:
			copyValue(a, b, m, want)
			continue
		case b.IsNil():
			continue
		}
		a.Set(reflect.MakeSlice(a.Type(), b.Len(), b.Len()))
		for i := range b.Len() {
			copyValue(a.Index(i), b.Index(i), m, want)
		}
	}
}

func copyValue(to, from reflect.Value, m *Member, want *Members) {
	if m.pointer {
		if from.IsNil() {
			return
		}
		to.Set(reflect.New(m.Type))
		to, from = to.Elem(), from.Elem()
	}
	if m.Class == ValuePart {
		copyParts(to, from, m.Part, want)
		return
	}
	to.Set(from)
}

// Differing names the members of two records of a kind that differ, in the order of
// the type. A list without elements and none are the same.
func Differing(a, b Record) []string {
	var names []string
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	s := structures[a.RecordKind()]
	for i := range s.Members {
		if m := &s.Members[i]; !sameMember(x.Field(m.index), y.Field(m.index), m) {
			names = append(names, m.Name)
		}
	}
	return names
}

func sameMember(a, b reflect.Value, m *Member) bool {
	if !m.List {
		return sameValue(a, b, m)
	}
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !sameValue(a.Index(i), b.Index(i), m) {
			return false
		}
	}
	return true
}

func sameValue(a, b reflect.Value, m *Member) bool {
	if m.pointer {
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		a, b = a.Elem(), b.Elem()
	}
	switch m.Class {
	case ValuePart:
		for i := range m.Part.Members {
			if part := &m.Part.Members[i]; !sameMember(a.Field(part.index), b.Field(part.index), part) {
				return false
			}
		}
		return true
	case ValueTime:
		return a.Addr().Interface().(*time.Time).Equal(*b.Addr().Interface().(*time.Time))
	case ValueLine:
		return a.Addr().Interface().(*OrderLine).ID == b.Addr().Interface().(*OrderLine).ID
	case ValueMoney:
		return *a.Addr().Interface().(*Money) == *b.Addr().Interface().(*Money)
	case ValueInt:
		return a.Int() == b.Int()
	case ValueFloat:
		return a.Float() == b.Float()
	case ValueBool:
		return a.Bool() == b.Bool()
	default:
		return a.String() == b.String()
	}
}
