package files

import (
	"reflect"
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// shape is what a value in a record must look like.
type shape int

const (
	shapeObject shape = iota
	shapeList
	shapeText
	shapeEnum
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
)

// schema describes a value in a record, derived from its Go type.
type schema struct {
	shape   shape
	names   []string // an object's members, in order
	members map[string]*schema
	element *schema  // of a list
	values  []string // of an enumeration
	most    int      // characters of a text, elements of a list
	low     int64    // least whole number
	high    int64
	to      crm.Kind // what a reference names
	check   func(text string) (reason string)
}

// Bounds of texts in characters, and of lists in elements.
const (
	maxShortText = 1000
	maxURL       = 2048
	maxLongText  = 100_000
	maxElements  = 10_000
)

// longTexts are the members that may hold more than a few words.
var longTexts = []string{"body", "comment", "description", "outcome", "reason", "summary"}

// referenceKinds says what the members that are references name.
var referenceKinds = map[string]crm.Kind{
	"assignee": crm.KindEmployee, "owner": crm.KindEmployee,
	"queue": crm.KindTeam, "team": crm.KindTeam,
	"customer": crm.KindCustomer, "organization": crm.KindCustomer, "parent": crm.KindCustomer,
	"referredBy": crm.KindCustomer, "requester": crm.KindCustomer,
	"order": crm.KindOrder, "product": crm.KindProduct, "basedOn": crm.KindProduct, "ticket": crm.KindTicket,
}

// checks are the rules of single texts, by type and member.
var checks = map[string]func(string) string{
	"EmailAddress.address":    checkEmail,
	"Employee.email":          checkEmail,
	"PhoneNumber.number":      checkPhone,
	"Address.countryCode":     checkCountry,
	"Customer.language":       checkLanguage,
	"Customer.timeZone":       checkTimeZone,
	"Customer.birthday":       checkDate,
	"ExternalIdentity.source": checkSource,
	"Order.source":            checkSource,
	"Product.source":          checkSource,
	"Ticket.source":           checkSource,
	"Interaction.source":      checkSource,
	"Product.imageUrl":        checkURL,
	"Shipment.trackingUrl":    checkURL,
}

// ranges are the bounds of whole numbers, by type and member.
var ranges = map[string][2]int64{
	"OrderLine.quantity":          {1, maxQuantity},
	"LineQuantity.quantity":       {1, maxQuantity},
	"Satisfaction.score":          {1, 5},
	"Customer.version":            {1, maxQuantity},
	"Ticket.version":              {1, maxQuantity},
	"Ticket.reopenCount":          {0, maxQuantity},
	"Interaction.durationSeconds": {0, maxQuantity},
}

const maxQuantity = 1_000_000_000

// schemaOf describes the records of type R, whose own ids are of a kind. Members
// that only files have are added by the kind.
func schemaOf[R any]() *schema {
	return (&schemaMaker{enums: enums()}).make(reflect.TypeFor[R](), "", "")
}

type schemaMaker struct{ enums map[reflect.Type][]string }

// make describes a type that stands as a member of an owner.
func (m *schemaMaker) make(t reflect.Type, owner, name string) *schema {
	switch t {
	case reflect.TypeFor[record.Time]():
		return &schema{shape: shapeTime}
	case reflect.TypeFor[record.Money]():
		return moneySchema()
	case reflect.TypeFor[record.JSON]():
		return &schema{shape: shapeJSON}
	case reflect.TypeFor[record.ActorRef]():
		return actorSchema()
	case reflect.TypeFor[[]record.CustomAttribute]():
		list := m.list(t, owner, name)
		list.shape = shapeAttributes
		return list
	case reflect.TypeFor[crm.ID]():
		if name == "id" {
			return &schema{shape: shapeID, most: crm.MaxIDLength}
		}
		return referenceSchema(referenceKinds[name])
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.make(t.Elem(), owner, name)
	case reflect.Slice:
		return m.list(t, owner, name)
	case reflect.Struct:
		return m.object(t)
	case reflect.Bool:
		return &schema{shape: shapeBool}
	case reflect.Int, reflect.Int64:
		bounds := ranges[owner+"."+name]
		return &schema{shape: shapeInt, low: bounds[0], high: bounds[1]}
	case reflect.Float64:
		return &schema{shape: shapeFloat, high: 1}
	default:
		return m.text(t, owner, name)
	}
}

func (m *schemaMaker) text(t reflect.Type, owner, name string) *schema {
	if values, ok := m.enums[t]; ok {
		return &schema{shape: shapeEnum, values: values}
	}
	s := &schema{shape: shapeText, most: maxShortText, check: checks[owner+"."+name]}
	switch {
	case slices.Contains(longTexts, name):
		s.most = maxLongText
	case strings.HasSuffix(name, "Url"):
		s.most = maxURL
	}
	return s
}

func (m *schemaMaker) list(t reflect.Type, owner, name string) *schema {
	return &schema{shape: shapeList, element: m.make(t.Elem(), owner, name), most: maxElements}
}

func (m *schemaMaker) object(t reflect.Type) *schema {
	s := &schema{shape: shapeObject, members: map[string]*schema{}}
	for i := range t.NumField() {
		field := t.Field(i)
		s.add(jsonName(field), m.make(field.Type, t.Name(), jsonName(field)))
	}
	return s
}

// add gives an object one more member.
func (s *schema) add(name string, of *schema) {
	if _, known := s.members[name]; !known {
		s.names = append(s.names, name)
	}
	s.members[name] = of
}

// jsonName returns the name that a struct's field has in JSON.
func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func newObject(shape shape) *schema { return &schema{shape: shape, members: map[string]*schema{}} }

func shortText(check func(string) string) *schema {
	return &schema{shape: shapeText, most: maxShortText, check: check}
}

func moneySchema() *schema {
	s := newObject(shapeMoney)
	s.add("amount", shortText(nil))
	s.add("currencyCode", shortText(nil))
	return s
}

// referenceSchema describes a reference; its members are the long form's.
func referenceSchema(to crm.Kind) *schema {
	s := newObject(shapeReference)
	s.to = to
	s.add("source", shortText(checkSource))
	s.add("externalId", shortText(nil))
	return s
}

// actorKinds are the members of an actor that name it as a file may: by a
// reference of a known kind instead of by its id.
var actorKinds = map[string]crm.Kind{
	"customer": crm.KindCustomer, "employee": crm.KindEmployee, "partnerApp": crm.KindPartnerApp,
}

func actorSchema() *schema {
	s := newObject(shapeActor)
	s.add("id", &schema{shape: shapeID, most: crm.MaxIDLength})
	s.add("system", shortText(nil))
	for _, name := range []string{"customer", "employee", "partnerApp"} {
		s.add(name, referenceSchema(actorKinds[name]))
	}
	return s
}
