package main

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// model is everything that is written down: kinds first, each followed by what
// it holds and none before it did.
type model struct {
	structures []*structure
	// numbers are the crm.Structure.Number of all types that records are made of.
	numbers map[reflect.Type]int
}

// structure is a struct of the domain.
type structure struct {
	typ     reflect.Type
	kind    bool // a kind of record, not a part of one
	part    bool // held by another structure
	value   bool // held by value somewhere: left out if it is zero
	members []member
}

// name is the Go name, the same in the domain and in internal/record.
func (s *structure) name() string { return s.typ.Name() }

// member is a field that is written down.
type member struct {
	field  string // in the domain
	goName string // in internal/record
	name   string // in JSON and BSON
	shape  shape
	leaf   leaf
	typ    reflect.Type // of the leaf
	always bool
}

// shape is how a field holds its values.
type shape int

const (
	plain     shape = iota // T
	reference              // *T, nil for none
	list                   // []T
	pointers               // []*T
)

// leaf is a class of single values.
type leaf int

const (
	textLeaf       leaf = iota // string and types made of it
	boolLeaf                   // bool
	intLeaf                    // int
	floatLeaf                  // float64
	timeLeaf                   // time.Time
	moneyLeaf                  // crm.Money
	jsonLeaf                   // crm.JSON
	quantitiesLeaf             // []crm.LineQuantity, a list as a whole
	structLeaf                 // another structure
)

// kinds returns the type of every kind of record.
func kinds() []reflect.Type {
	var list []reflect.Type
	for _, d := range crm.Descriptions() {
		list = append(list, reflect.TypeOf(d.New()).Elem())
	}
	return list
}

// describe returns the model of kinds; its error names every field that has none.
func describe(kinds ...reflect.Type) (*model, error) {
	d := describer{model: &model{}, seen: map[reflect.Type]*structure{}}
	for _, k := range kinds {
		d.structure(k).kind = true
	}
	d.model.numbers = d.numbers(kinds)
	for _, s := range d.model.structures {
		if len(s.members) > 64 {
			d.fail(s.name(), "has more than 64 members: crm.Members has no bits for them")
		}
		if s.value && !s.typ.Comparable() {
			d.fail(s.name(), "is held by value, and Go cannot compare it with none: hold it by a pointer")
		}
		if s.kind && s.part {
			d.fail(s.name(), "is a kind of record and held by another: hold its id")
		}
		for i := range s.members {
			m := &s.members[i]
			if m.always && (m.shape != plain || m.leaf >= timeLeaf && m.leaf != jsonLeaf) {
				d.fail(s.name()+"."+m.field, "cannot be always written: only texts, numbers, booleans and JSON can")
			}
			if s.kind && m.field == "ID" {
				m.always = true
			}
		}
	}
	return d.model, errors.Join(d.errs...)
}

type describer struct {
	model *model
	seen  map[reflect.Type]*structure
	errs  []error
}

func (d *describer) fail(what, why string) {
	d.errs = append(d.errs, fmt.Errorf("crm.%s %s", what, why))
}

// numbers returns the numbers of the structures that kinds are made of, whose members
// have to be those of the model: the bits of crm.Members are in their order.
func (d *describer) numbers(kinds []reflect.Type) map[reflect.Type]int {
	numbers := map[reflect.Type]int{}
	var gather func(s *crm.Structure)
	gather = func(s *crm.Structure) {
		numbers[s.Type] = s.Number
		for i := range s.Members {
			if made := d.seen[s.Type]; made != nil && (len(made.members) != len(s.Members) || made.members[i].name != s.Members[i].Name) {
				d.fail(s.Type.Name(), "has other members than crm.StructureOf says")
				return
			}
			if s.Members[i].Part != nil {
				gather(s.Members[i].Part)
			}
		}
	}
	for _, kind := range kinds {
		record, ok := reflect.New(kind).Interface().(crm.Record)
		if !ok {
			continue
		}
		if s := crm.StructureOf(record.RecordKind()); s != nil && s.Type == kind {
			gather(s)
		}
	}
	return numbers
}

func (d *describer) structure(t reflect.Type) *structure {
	if s := d.seen[t]; s != nil {
		return s
	}
	s := &structure{typ: t}
	d.seen[t] = s
	d.model.structures = append(d.model.structures, s)
	for i := range t.NumField() {
		f := t.Field(i)
		path := t.Name() + "." + f.Name
		goName, stored := crm.StoredName(t, f)
		switch {
		case !stored:
		case !f.IsExported() || f.Anonymous:
			d.fail(path, "is unexported or embedded: the fields of what is stored are exported and named, "+
				"or left out by crm.StoredName")
		default:
			if m, ok := d.member(path, f.Type); ok {
				m.field, m.goName, m.always = f.Name, goName, exceptions()[path].Always
				m.name = crm.MemberName(goName)
				s.members = append(s.members, m)
			}
		}
	}
	return s
}

// member returns a member's shape and what it is made of.
func (d *describer) member(path string, t reflect.Type) (m member, ok bool) {
	if t == reflect.TypeFor[[]crm.LineQuantity]() {
		return member{leaf: quantitiesLeaf, typ: t}, true
	}
	m.typ = t
	switch {
	case t.Kind() == reflect.Pointer:
		m.shape, m.typ = reference, t.Elem()
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Pointer:
		m.shape, m.typ = pointers, t.Elem().Elem()
	case t.Kind() == reflect.Slice:
		m.shape, m.typ = list, t.Elem()
	}
	switch m.typ {
	case reflect.TypeFor[time.Time]():
		m.leaf = timeLeaf
	case reflect.TypeFor[crm.Money]():
		m.leaf = moneyLeaf
	case reflect.TypeFor[crm.JSON]():
		m.leaf = jsonLeaf
	default:
		m.leaf, ok = leafOf(m.typ)
		if ok && m.leaf == structLeaf {
			s := d.structure(m.typ)
			s.value, s.part = s.value || m.shape == plain, true
			return m, true
		}
		if ok && (m.leaf == textLeaf || m.shape == plain || m.leaf == intLeaf && m.shape == reference) && m.shape != pointers {
			return m, true
		}
		return m, d.unknown(path, t)
	}
	if m.shape == plain || m.shape == reference && m.leaf != jsonLeaf {
		return m, true
	}
	return m, d.unknown(path, t)
}

// leafOf returns the class of types that have no form of their own.
func leafOf(t reflect.Type) (leaf, bool) {
	switch t.Kind() {
	case reflect.String:
		return textLeaf, true
	case reflect.Bool:
		return boolLeaf, t == reflect.TypeFor[bool]()
	case reflect.Int:
		return intLeaf, t == reflect.TypeFor[int]()
	case reflect.Float64:
		return floatLeaf, t == reflect.TypeFor[float64]()
	case reflect.Struct:
		return structLeaf, t.PkgPath() == reflect.TypeFor[crm.Customer]().PkgPath()
	default:
		return 0, false
	}
}

func (d *describer) unknown(path string, t reflect.Type) bool {
	d.fail(path, "is a "+t.String()+", which has no written form: use a type that another field has, "+
		"write its form by hand in internal/record and tell internal/record/gen of it (leaf, in model.go), "+
		"or leave the field out by crm.StoredName")
	return false
}

// bsonName is a member's name in BSON: a record's id is _id.
func (s *structure) bsonName(m member) string {
	if s.kind && m.field == "ID" {
		return "_id"
	}
	return m.name
}
