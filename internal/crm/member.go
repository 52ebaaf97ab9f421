package crm

import (
	"maps"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// ValueClass is what a single value of a record is.
type ValueClass int

// The classes of values.
const (
	ValueText ValueClass = iota
	ValueWord            // one of an enumeration
	ValueInt
	ValueFloat
	ValueBool
	ValueTime
	ValueMoney
	ValueJSON
	ValueID        // a record's own id
	ValueReference // the id of another record, or of an actor
	ValueLine      // a line of the same order, written as its id
	ValuePart      // a struct with members of its own
)

// Member is a member of a record or of a part of one, with the rules that hold
// for each of its values.
type Member struct {
	// Name is what files, stored documents and the graph call it.
	Name  string
	Class ValueClass
	// Type is that of a single value, below pointers and lists.
	Type reflect.Type
	// List says that there are any number of values.
	List bool
	// Part is what a ValuePart is made of.
	Part *Structure
	// Words are the values of a ValueWord.
	Words []string
	Rule

	index   int  // of the field in its struct
	pointer bool // the value, or each of a list, is a pointer
}

// Of is the member of a record, or of a part of one, whose structure has m: v is a
// pointer to it. Setting what Of returns sets the member.
func (m *Member) Of(v any) reflect.Value { return reflect.ValueOf(v).Elem().Field(m.index) }

// textOf is a record's member that is a text; given is false for null.
func (m *Member) textOf(r Record) (text string, given bool) {
	value := m.Of(r)
	if m.pointer {
		if value.IsNil() {
			return "", false
		}
		value = value.Elem()
	}
	return value.String(), true
}

// Structure is what a stored type is made of, in the order of its fields.
type Structure struct {
	Type    reflect.Type
	Members []Member
	// Number is the structure's own, from 0, among those of all kinds.
	Number int

	tidy  bool  // a pointer to the type is tidied
	refer []int // the members that are, or hold, references
}

// Member is the member of that name, nil if there is none.
func (s *Structure) Member(name string) *Member {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i]
		}
	}
	return nil
}

// structures are those of every kind. It is never written to.
var structures = structuresOf(descriptions)

// StructureOf is what the records of a kind are made of, nil for a kind that is not
// described. Nobody may change what it returns.
func StructureOf(kind Kind) *Structure { return structures[kind] }

func structuresOf(kinds []*Description) map[Kind]*Structure {
	m := structureMaker{rules: rulesOf(kinds), made: map[reflect.Type]*Structure{}}
	all := make(map[Kind]*Structure, len(kinds))
	for _, d := range kinds {
		all[d.Kind] = m.structure(reflect.TypeOf(d.New()).Elem())
	}
	return all
}

// rulesOf are the rules of kinds, by type and member.
func rulesOf(kinds []*Description) map[string]Rule {
	all := maps.Clone(sharedRules)
	for _, d := range kinds {
		maps.Copy(all, d.Rules)
	}
	return all
}

// structureMaker makes structures, of each type one.
type structureMaker struct {
	rules map[string]Rule
	made  map[reflect.Type]*Structure
}

func (maker structureMaker) structure(t reflect.Type) *Structure {
	if s := maker.made[t]; s != nil {
		return s
	}
	s := &Structure{Type: t, Number: len(maker.made), tidy: reflect.PointerTo(t).Implements(reflect.TypeFor[tidied]())}
	maker.made[t] = s
	for i := range t.NumField() {
		field := t.Field(i)
		name, stored := StoredName(t, field)
		if !stored {
			continue
		}
		m := Member{Name: MemberName(name), Type: field.Type, index: i}
		if m.Type.Kind() == reflect.Slice {
			m.List, m.Type = true, m.Type.Elem()
		}
		if m.Type.Kind() == reflect.Pointer {
			m.pointer, m.Type = true, m.Type.Elem()
		}
		m.Rule = maker.rules[t.Name()+"."+m.Name]
		m.classify(field.Name, maker)
		if m.Class == ValueReference || m.Part != nil && len(m.Part.refer) > 0 {
			s.refer = append(s.refer, len(s.Members))
		}
		s.Members = append(s.Members, m)
	}
	return s
}

// classify finds out what the values are, and completes their rule with what holds
// for the class.
func (m *Member) classify(field string, maker structureMaker) {
	switch m.Type {
	case reflect.TypeFor[time.Time]():
		m.Class = ValueTime
		return
	case reflect.TypeFor[Money]():
		m.Class = ValueMoney
		return
	case reflect.TypeFor[JSON]():
		m.Class = ValueJSON
		return
	case reflect.TypeFor[OrderLine]():
		if m.pointer && !m.List {
			m.Class = ValueLine
			return
		}
	case reflect.TypeFor[ID]():
		if m.Class = ValueReference; field == "ID" && m.Refers == "" && !m.Actor {
			m.Class = ValueID
		}
		return
	}
	switch m.Type.Kind() {
	case reflect.Struct:
		m.Class, m.Part = ValuePart, maker.structure(m.Type)
	case reflect.Bool:
		m.Class = ValueBool
	case reflect.Int:
		if m.Class = ValueInt; m.High == 0 {
			m.High = MaxNumber
		}
	case reflect.Float64:
		if m.Class = ValueFloat; m.High == 0 {
			m.High = 1
		}
	default:
		if m.Words = enumValues[m.Type]; m.Words != nil {
			m.Class = ValueWord
		} else if m.Most == 0 {
			m.Most = MaxText
		}
	}
}

// StoredName is what a field of a stored type is called in Go where ids and refs
// are called after what they name: Customer for CustomerID. stored is false for a
// field that no store keeps.
func StoredName(owner reflect.Type, field reflect.StructField) (name string, stored bool) {
	switch owner.Name() + "." + field.Name {
	case "OrderLine.ProductTitle", "OrderLine.HolderID":
		return "", false
	case "TicketSubject.LineID": // A string, since lines are no records.
		return "Line", true
	}
	name = field.Name
	switch field.Type {
	case reflect.TypeFor[ID]():
		if name != "ID" {
			name = strings.TrimSuffix(name, "ID")
		}
	case reflect.TypeFor[[]ID]():
		name = strings.TrimSuffix(name, "IDs")
	case reflect.TypeFor[ActorRef]():
		name = strings.TrimSuffix(name, "Ref")
	}
	return name, true
}

// MemberName is the lower camel case of a Go name: trackingUrl of TrackingURL.
func MemberName(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && !unicode.IsUpper(runes[i-1]) && !unicode.IsUpper(rune(name[i-1])) {
			continue // inside a word, or its capital
		}
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(r) {
			continue // the capital after an abbreviation
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}
