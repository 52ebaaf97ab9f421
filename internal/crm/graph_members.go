package crm

// GraphMembers returns what a field of the graph needs of a kind's records, as
// MembersOf takes it: typ is the field's type, the kind's own or that of one of its
// parts, by the name that the graph and the domain share. A field that is a part
// needs the place that holds it, and beside that what is selected of it: of
//
//	lines { quantity product { title } }
//
// "Order.lines", "OrderLine.quantity" and "OrderLine.product". ok is false for a
// field that is neither a member nor one of the kind's Derives, and for a kind that is
// not described: then everything may be needed. An amount of money is read whole with
// the place that holds it: its own fields need nothing.
func GraphMembers(kind Kind, typ, field string) (names []string, ok bool) {
	s := shapes[kind]
	if s != nil && typ == "Money" {
		return nil, true
	}
	if s == nil || s.parts[typ] == nil {
		return nil, false
	}
	name := typ + "." + field
	if names, ok := Describe(kind).Derives[name]; ok {
		return names, true
	}
	if s.parts[typ].Member(field) == nil {
		return nil, false
	}
	return []string{name}, true
}
