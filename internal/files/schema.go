package files

import (
	"reflect"

	"github.com/customer360/gateway/internal/crm"
)

// shape is what a value in a file must look like. What it may say is crm.Check's.
type shape int

const (
	shapeObject shape = iota
	shapeList
	shapeText
	shapeInt
	shapeFloat
	shapeBool
	shapeTime
	shapeMoney
	shapeJSON
	shapeAttributes // custom attributes: a list of {name, value} or an object
	shapeID         // the record's own id
	shapeReference  // an id of another record, or {source, externalId}
	shapeActor
	shapeEntry // a text of a list that several systems add to, or {value, remove}
)

// schema describes a value in a file, derived from what its record is made of.
type schema struct {
	shape   shape
	names   []string // an object's members, in order
	members map[string]*schema
	stated  []string // the members that an object must have
	element *schema  // of a list
	trimmed bool     // white space around a cell means nothing
	to      crm.Kind // what a reference names
}

// schemaOf describes the records, or parts of records, of a structure.
func schemaOf(of *crm.Structure) *schema {
	s := newObject(shapeObject)
	for i := range of.Members {
		m := &of.Members[i]
		value := schemaOfValue(m)
		if m.List {
			value = listOf(m, value)
		}
		s.add(m.Name, value)
		if m.Stated {
			s.stated = append(s.stated, m.Name)
		}
	}
	return s
}

func listOf(m *crm.Member, element *schema) *schema {
	if m.Same != nil {
		element = sharedElement(element)
	}
	if m.Type == reflect.TypeFor[crm.CustomAttribute]() {
		return &schema{shape: shapeAttributes, element: element}
	}
	return &schema{shape: shapeList, element: element}
}

// schemaOfValue describes a single value of a member.
func schemaOfValue(m *crm.Member) *schema {
	switch m.Class {
	case crm.ValuePart:
		if m.Type == reflect.TypeFor[crm.ActorRef]() {
			return actorSchema()
		}
		return schemaOf(m.Part)
	case crm.ValueReference:
		return referenceSchema(m.Refers)
	case crm.ValueInt:
		return &schema{shape: shapeInt}
	case crm.ValueFloat:
		return &schema{shape: shapeFloat}
	case crm.ValueBool:
		return &schema{shape: shapeBool}
	case crm.ValueTime:
		return &schema{shape: shapeTime, trimmed: true}
	case crm.ValueMoney:
		return moneySchema()
	case crm.ValueJSON:
		return &schema{shape: shapeJSON}
	case crm.ValueID:
		return &schema{shape: shapeID, trimmed: true}
	case crm.ValueWord:
		return &schema{shape: shapeText, trimmed: true}
	case crm.ValueText, crm.ValueLine:
	}
	return &schema{shape: shapeText}
}

// identitiesOf is the member that holds the external identities of a record, "" for
// none.
func identitiesOf(of *crm.Structure) string {
	for i := range of.Members {
		if m := &of.Members[i]; m.List && m.Type == reflect.TypeFor[crm.ExternalIdentity]() {
			return m.Name
		}
	}
	return ""
}

// add returns an object one more member.
func (s *schema) add(name string, of *schema) {
	s.names = append(s.names, name)
	s.members[name] = of
}

// addMissing returns an object a member unless it has one of the name.
func (s *schema) addMissing(name string, of *schema) {
	if s.members[name] == nil {
		s.add(name, of)
	}
}

func newObject(shape shape) *schema { return &schema{shape: shape, members: map[string]*schema{}} }

func moneySchema() *schema {
	s := newObject(shapeMoney)
	s.add("amount", &schema{shape: shapeText})
	s.add("currencyCode", &schema{shape: shapeText})
	return s
}

// referenceSchema describes a reference; its members are the long form's.
func referenceSchema(to crm.Kind) *schema {
	s := newObject(shapeReference)
	s.to = to
	s.add("source", &schema{shape: shapeText})
	s.add("externalId", &schema{shape: shapeText})
	return s
}

func actorSchema() *schema {
	s := newObject(shapeActor)
	s.add("id", &schema{shape: shapeID, trimmed: true})
	s.add("system", &schema{shape: shapeText})
	// A file may name an actor by a reference of a known kind instead of by its id.
	s.add("customer", referenceSchema(crm.KindCustomer))
	s.add("employee", referenceSchema(crm.KindEmployee))
	s.add("partnerApp", referenceSchema(crm.KindPartnerApp))
	return s
}
