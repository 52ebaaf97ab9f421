package main

import "fmt"

// writeForms writes the table of forms: a kind's codec and the
// names of its members, in the order of their bits.
func writeForms(f *file, m *model) {
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
