package crm

import (
	"reflect"
	"time"
)

// Complete makes of a record what is kept of it, alike for every writer: values in
// their usual form (a phone number in E.164, a country's code, times in UTC to the
// millisecond), and what follows from the rest where it is missing. Completing twice
// is completing once. docs/records.md has the rules.
func Complete(r Record) {
	clean(reflect.ValueOf(r).Elem(), structures[r.RecordKind()])
	if c, ok := r.(interface{ Complete() }); ok {
		c.Complete()
	}
}

// tidied is a part of a record that can be brought into its usual form.
type tidied interface{ tidy() }

func clean(v reflect.Value, s *Structure) {
	for i := range s.Members {
		m := &s.Members[i]
		field := v.Field(m.index)
		if !m.List {
			cleanValue(field, m)
			continue
		}
		for i := range field.Len() {
			cleanValue(field.Index(i), m)
		}
	}
	if s.tidy {
		v.Addr().Interface().(tidied).tidy()
	}
}

func cleanValue(v reflect.Value, m *Member) {
	if m.pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch {
	case m.Class == ValuePart:
		clean(v, m.Part)
	case m.Class == ValueTime:
		t := v.Addr().Interface().(*time.Time)
		*t = t.UTC().Truncate(time.Millisecond)
	case m.clean != nil:
		v.SetString(m.clean(v.String()))
	}
}
