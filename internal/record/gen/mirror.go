package main

import (
	"fmt"
	"strings"
)

// writeMirrors writes, for tests, a struct for each structure, with tags, the functions
// that convert between it and the domain, and the table of them by kind.
func writeMirrors(f *file, m *model) {
	f.line("")
	f.line("// Mirrors are the structs of every kind. They are never written to.")
	f.line("var Mirrors = map[crm.Kind]Mirror{")
	for _, s := range m.structures {
		if s.kind {
			f.line("(*crm.%[1]s)(nil).RecordKind(): mirrorOf(New%[1]s, (*%[1]s).Domain),", s.name())
		}
	}
	f.line("}")
	for _, s := range m.structures {
		writeStruct(f, s)
		writeNew(f, s)
		writeDomain(f, s)
	}
}

func writeStruct(f *file, s *structure) {
	f.line("")
	f.line("// %[1]s is a crm.%[1]s written down.", s.name())
	f.line("type %s struct {", s.name())
	for _, m := range s.members {
		inJSON, inBSON := ",omitempty", ",omitempty"
		switch {
		case m.always:
			inJSON, inBSON = "", ""
		case m.shape == plain && (m.leaf == timeLeaf || m.leaf == moneyLeaf || m.leaf == structLeaf):
			inJSON = ",omitzero"
		}
		f.line("%s %s `json:\"%s%s\" bson:\"%s%s\"`", m.goName, mirrorType(m), m.name, inJSON, s.bsonName(m), inBSON)
	}
	f.line("}")
	if s.value {
		f.line("")
		f.line("// IsZero says whether nothing is given.")
		f.line("func (v %[1]s) IsZero() bool { return v == %[1]s{} }", s.name())
	}
}

func writeNew(f *file, s *structure) {
	f.line("")
	if s.kind {
		f.line("// New%[1]s returns a crm.%[1]s as it is written down.", s.name())
		f.line("func New%[1]s(v *crm.%[1]s) *%[1]s {", s.name())
		f.line("return &%s{", s.name())
	} else {
		f.line("func new%[1]s(v *crm.%[1]s) %[1]s {", s.name())
		f.line("return %s{", s.name())
	}
	for _, m := range s.members {
		f.line("%s: %s,", m.goName, fill(m.toWritten(), "v."+m.field))
	}
	f.line("}")
	f.line("}")
}

func writeDomain(f *file, s *structure) {
	f.line("")
	if s.kind {
		f.line("// Domain returns the crm.%s. Its lists are never nil.", s.name())
		f.line("func (v *%[1]s) Domain() *crm.%[1]s {", s.name())
		f.line("made := &crm.%s{", s.name())
	} else {
		f.line("func (v *%[1]s) domain() crm.%[1]s {", s.name())
		f.line("return crm.%s{", s.name())
	}
	for _, m := range s.members {
		f.line("%s: %s,", m.field, fill(m.toDomain(), "v."+m.goName))
	}
	f.line("}")
	if s.kind {
		if l, ok := links()[s.name()]; ok {
			f.line("made.%s()", l.Method)
		}
		f.line("return made")
	}
	f.line("}")
}

// mirrorType is a member's type in internal/record.
func mirrorType(m member) string {
	if m.leaf == quantitiesLeaf {
		return "[]LineQuantity"
	}
	name := m.typ.String()
	switch m.leaf {
	case timeLeaf, moneyLeaf, jsonLeaf, structLeaf:
		name = m.typ.Name()
	default:
	}
	switch m.shape {
	case reference:
		return "*" + name
	case list, pointers:
		return "[]" + name
	default:
		return name
	}
}

// toWritten is the Go expression that converts a domain's value, which stands for @.
func (m member) toWritten() string {
	switch m.leaf {
	case timeLeaf:
		return map[shape]string{plain: "newTime(@)", reference: "newTimeRef(@)"}[m.shape]
	case moneyLeaf:
		return map[shape]string{plain: "Money(@)", reference: "newMoneyRef(@)"}[m.shape]
	case jsonLeaf:
		return "JSON(@)"
	case quantitiesLeaf:
		return "newLineQuantities(@)"
	case structLeaf:
		pattern := map[shape]string{
			plain: "new%s(&@)", reference: "newRef(@, new%s)", list: "newList(@, new%s)", pointers: "newRefList(@, new%s)",
		}[m.shape]
		return fmt.Sprintf(pattern, m.typ.Name())
	default:
		return "@"
	}
}

// toDomain is the Go expression that converts a written value, which stands for @.
func (m member) toDomain() string {
	switch m.leaf {
	case timeLeaf:
		return map[shape]string{plain: "@.domain()", reference: "@.domainRef()"}[m.shape]
	case moneyLeaf:
		return map[shape]string{plain: "crm.Money(@)", reference: "@.domainRef()"}[m.shape]
	case jsonLeaf:
		return "crm.JSON(@)"
	case quantitiesLeaf:
		return "domainLineQuantities(@)"
	case structLeaf:
		pattern := map[shape]string{
			plain: "@.domain()", reference: "domainRef(@, (*%s).domain)",
			list: "domainList(@, (*%s).domain)", pointers: "domainRefList(@, (*%s).domain)",
		}[m.shape]
		if m.shape == plain {
			return pattern
		}
		return fmt.Sprintf(pattern, m.typ.Name())
	default:
		if m.shape == list {
			return "filled(@)"
		}
		return "@"
	}
}

// fill puts a value into an expression.
func fill(expression, value string) string { return strings.ReplaceAll(expression, "@", value) }
