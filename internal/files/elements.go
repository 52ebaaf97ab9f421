package files

import (
	"github.com/customer360/gateway/internal/crm"
)

// removal is the member by which an element of a list that several systems add to says
// that it is to go; entryValue is that of a text which says so.
const (
	removal    = "remove"
	entryValue = "value"
)

// sharedElement describes an element of a list that several systems add to, which may
// also say that it is to go.
func sharedElement(element *schema) *schema {
	if element.shape == shapeObject {
		element.add(removal, &schema{shape: shapeBool})
		return element
	}
	s := newObject(shapeEntry)
	s.add(entryValue, element)
	s.add(removal, &schema{shape: shapeBool})
	return s
}

// removes says whether an element is to go.
func (n *node) removes() bool {
	value := n.get(removal)
	return value != nil && value.kind == nodeBool && value.text == "true"
}

// entry writes a text, or the one of {value, remove}.
func (c *conformer) entry(n *node, s *schema, at *path) *fault {
	if n.kind != nodeObject {
		return c.value(n, s.members[entryValue], at)
	}
	for _, m := range n.members {
		if s.members[m.name] == nil {
			return unknown(at, m.name, s)
		}
	}
	value := n.get(entryValue)
	if value == nil {
		return newFault(at.member(entryValue), "must be given")
	}
	if why := checkRemoval(n, at); why != nil {
		return why
	}
	return c.value(value, s.members[entryValue], at.member(entryValue))
}

// checkRemoval returns what is wrong with how an element says whether it is to go.
func checkRemoval(n *node, at *path) *fault {
	if value := n.get(removal); value != nil && value.kind != nodeBool && value.kind != nodeNull {
		return newFault(at.member(removal), "must be true or false, not "+string(value.kind))
	}
	return nil
}

// elements is what a row says of each element of a list that several systems add to, or
// of a part that they do; nil if it says the whole: null.
func (r *row) elements(member string) []crm.Said {
	return elementsOf(r.source, r.handler.schema, member)
}

func elementsOf(n *node, s *schema, member string) []crm.Said {
	value, of := n.get(member), s.members[member]
	switch {
	case value == nil || value.kind == nodeNull:
		return nil
	case of.shape == shapeObject:
		return []crm.Said{saidOf(value, of)}
	case value.kind == nodeObject: // custom attributes by name
		return make([]crm.Said, len(value.members))
	}
	said := make([]crm.Said, len(value.list))
	for i, element := range value.list {
		said[i] = saidOf(element, of.element)
	}
	return said
}

// saidOf is what is said of a part, or of an element: of a text nothing but whether it is
// to go.
func saidOf(n *node, s *schema) crm.Said {
	if s.shape == shapeEntry {
		return crm.Said{Remove: n.removes()}
	}
	return crm.Said{
		Says:     func(name string) bool { return n.get(name) != nil },
		Elements: func(member string) []crm.Said { return elementsOf(n, s, member) },
		Remove:   n.removes(),
	}
}
