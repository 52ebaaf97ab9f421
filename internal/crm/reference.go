package crm

import "reflect"

// Reference is a member of a record that names another record.
type Reference struct {
	*Member
	// ID is the member's value: setting it sets the member.
	ID *ID
	// Field is the path of the value: memberships[0].organization.
	Field func() string
}

// References calls visit with every reference of a record that is not empty. Field is
// good until visit returns.
func References(r Record, visit func(Reference)) {
	c := checker{steps: make([]step, 0, 8)}
	c.references(reflect.ValueOf(r).Elem(), structures[r.RecordKind()], visit)
}

func (c *checker) references(v reflect.Value, s *Structure, visit func(Reference)) {
	c.steps = append(c.steps, step{})
	last := len(c.steps) - 1
	for _, i := range s.refer {
		m := &s.Members[i]
		field := v.Field(m.index)
		c.steps[last] = step{m.Name, -1}
		if !m.List {
			c.refer(field, m, visit)
			continue
		}
		for i := range field.Len() {
			c.steps[last].index = i
			c.refer(field.Index(i), m, visit)
		}
	}
	c.steps = c.steps[:last]
}

func (c *checker) refer(v reflect.Value, m *Member, visit func(Reference)) {
	if m.pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if m.Part != nil {
		c.references(v, m.Part, visit)
		return
	}
	if id := v.Addr().Interface().(*ID); *id != "" {
		visit(Reference{Member: m, ID: id, Field: c.field})
	}
}

// RoleOf says what a record is for those that refer to it (Rule.Role): a customer is a
// PERSON or an ORGANIZATION, other records are "".
func RoleOf(r Record) string {
	if c, ok := r.(*Customer); ok {
		return string(c.Kind)
	}
	return ""
}
