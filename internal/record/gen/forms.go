package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// writeForms writes the numbers of structures, by which crm.Members says what is wanted
// of them, and the table of forms: a kind's codec and the names of its members.
func writeForms(f *file, m *model) {
	f.line("")
	f.line("// The structures that records are made of, by their crm.Structure.Number.")
	f.line("const (")
	for _, typ := range slices.SortedFunc(maps.Keys(m.numbers), func(a, b reflect.Type) int { return m.numbers[a] - m.numbers[b] }) {
		f.line("of%s = %d", typ.Name(), m.numbers[typ])
	}
	f.line(")")
	f.line("")
	f.line("// forms is never written to.")
	f.line("var forms = tableOf(")
	for _, s := range m.structures {
		if !s.kind {
			continue
		}
		names := ""
		for _, m := range s.members {
			names += fmt.Sprintf("%q, ", m.name)
		}
		f.line("formOf(codec[crm.%s]{", s.name())
		f.line("(*bsonWriter).write%[1]s, (*jsonWriter).write%[1]s, (*bsonReader).read%[1]s, (*jsonReader).read%[1]s,", s.name())
		f.line("}, []string{%s}),", names)
	}
	f.line(")")
}
