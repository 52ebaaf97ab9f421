package main

import (
	"fmt"
	"strings"
)

// writeCodecs returns the function that writes the writers and readers of one
// format, whose hand-written types are bsonWriter and bsonReader, or jsonWriter
// and jsonReader. Both formats have the same functions: they differ in the name of
// a record's id.
func writeCodecs(formatName string, memberName func(*structure, member) string) func(*file, *model) {
	return func(f *file, m *model) {
		for _, s := range m.structures {
			c := codec{f, strings.ToLower(formatName), formatName, s, memberName}
			c.writer()
			c.reader()
		}
	}
}

type codec struct {
	*file
	receiver, format string
	*structure
	memberName func(*structure, member) string
}

func (c codec) writer() {
	c.line("")
	c.line("func (w *%sWriter) write%[2]s(v *crm.%[2]s) {", c.receiver, c.name())
	c.line("at := w.open()")
	for _, m := range c.members {
		name, value := fmt.Sprintf("%q", c.memberName(c.structure, m)), "v."+m.field
		switch m.leaf {
		case structLeaf:
			c.writeParts(m, name, value)
		case quantitiesLeaf:
			c.line("if hasLines(%s) {", value)
			c.line("w.quantities(%s, %s)", name, value)
			c.line("}")
		default:
			c.writeValue(m, name, value)
		}
	}
	c.line("w.close(at)")
	c.line("}")
}

// writeParts writes a member that is, or holds, other structures.
func (c codec) writeParts(m member, name, value string) {
	part := m.typ.Name()
	switch m.shape {
	case plain:
		c.line("if %s != (crm.%s{}) {", value, part)
		c.line("w.member(%s)", name)
		c.line("w.write%s(&%s)", part, value)
	case reference:
		c.line("if %s != nil {", value)
		c.line("w.member(%s)", name)
		c.line("w.write%s(%s)", part, value)
	case list, pointers:
		element := map[shape]string{list: "&" + value + "[i]", pointers: value + "[i]"}[m.shape]
		c.line("if len(%s) > 0 {", value)
		c.line("list := w.list(%s)", name)
		c.line("for i := range %s {", value)
		c.line("w.item(i)")
		c.line("w.write%s(%s)", part, element)
		c.line("}")
		c.line("w.closeList(list)")
	}
	c.line("}")
}

// writeValue writes a member of single values.
func (c codec) writeValue(m member, name, value string) {
	method := methods[m.leaf]
	if m.shape == list {
		c.line("if len(%s) > 0 {", value)
		c.line("write%sTexts(w, %s, %s)", c.format, name, value)
		c.line("}")
		return
	}
	if m.leaf == timeLeaf || m.leaf == moneyLeaf { // They know what to leave out.
		c.line("w.%s%s(%s, %s)", method, suffix(m), name, value)
		return
	}
	present, argument := value, value
	switch {
	case m.shape == reference:
		present, argument = value+" != nil", "*"+value
	case m.leaf == textLeaf || m.leaf == jsonLeaf:
		present = value + ` != ""`
	case m.leaf == intLeaf || m.leaf == floatLeaf:
		present = value + " != 0"
	}
	if m.leaf == textLeaf && m.typ.Name() != "string" {
		argument = "string(" + argument + ")"
	}
	if !m.always {
		c.line("if %s {", present)
	}
	c.line("w.%s(%s, %s)", method, name, argument)
	if !m.always {
		c.line("}")
	}
}

// methods are the names of the functions for single values, of writers and
// readers. It is never written to.
var methods = map[leaf]string{
	textLeaf: "text", boolLeaf: "bool", intLeaf: "int", floatLeaf: "float",
	timeLeaf: "time", moneyLeaf: "money", jsonLeaf: "json",
}

func suffix(m member) string {
	if m.shape == reference {
		return "Ref"
	}
	return ""
}

func (c codec) reader() {
	c.line("")
	c.line("// read%s reads the members that are wanted.", c.name())
	c.line("func (r *%sReader) read%[2]s(v *crm.%[2]s, want *crm.Members) {", c.receiver, c.name())
	for _, m := range c.members {
		if m.shape == list || m.shape == pointers || m.leaf == quantitiesLeaf {
			c.line("v.%s = %s{}", m.field, sliceType(m))
		}
	}
	c.line("in := want.In(of%s)", c.name())
	c.line("for at := r.open(); r.next(&at); {")
	c.line("switch string(r.key) {")
	for i, m := range c.members {
		c.line("case %q:", c.memberName(c.structure, m))
		conditional := !c.kind || m.field != "ID"
		if conditional {
			c.line("if in&%#x != 0 {", uint64(1)<<i)
		}
		c.readMember(m)
		if conditional {
			c.line("}")
		}
	}
	c.line("}")
	c.line("}")
	if l, ok := links()[c.name()]; ok && c.kind {
		c.line("v.%s()", l.Method)
	}
	c.line("}")
}

func (c codec) readMember(m member) {
	value := "v." + m.field
	part := m.typ.Name()
	switch {
	case m.leaf == quantitiesLeaf:
		c.line("%s = r.quantities(want)", value)
	case m.leaf == structLeaf && m.shape == plain:
		c.line("r.read%s(&%s, want)", part, value)
	case m.leaf == structLeaf && m.shape == reference:
		c.line("if !r.null() {")
		c.line("%s = new(crm.%s)", value, part)
		c.line("r.read%s(%s, want)", part, value)
		c.line("}")
	case m.leaf == structLeaf && m.shape == list:
		c.line("end, n := r.list()")
		c.line("%s = make(%s, 0, n)", value, sliceType(m))
		c.line("for r.item(&end) {")
		c.line("%[1]s = append(%[1]s, crm.%[2]s{})", value, part)
		c.line("r.read%s(&%s[len(%s)-1], want)", part, value, value)
		c.line("}")
	case m.leaf == structLeaf:
		c.line("end, n := r.list()")
		c.line("%s = make(%s, 0, n)", value, sliceType(m))
		c.line("elements := slab[crm.%s]{size: n}", part)
		c.line("for r.item(&end) {")
		c.line("element := elements.next()")
		c.line("r.read%s(element, want)", part)
		c.line("%[1]s = append(%[1]s, element)", value)
		c.line("}")
	case m.shape == list:
		c.line("%s = read%sTexts[%s](r)", value, c.format, m.typ)
	case m.leaf == textLeaf && m.typ.Name() != "string":
		conversion := map[shape]string{plain: m.typ.String(), reference: "(*" + m.typ.String() + ")"}[m.shape]
		c.line("%s = %s(r.text%s())", value, conversion, suffix(m))
	default:
		c.line("%s = r.%s%s()", value, methods[m.leaf], suffix(m))
	}
}

// sliceType is the Go type of a member that is a list.
func sliceType(m member) string {
	switch {
	case m.leaf == quantitiesLeaf:
		return m.typ.String()
	case m.shape == pointers:
		return "[]*" + m.typ.String()
	default:
		return "[]" + m.typ.String()
	}
}
