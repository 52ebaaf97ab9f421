package files

import (
	"strconv"

	"github.com/customer360/gateway/internal/crm"
)

// conformer holds a value from a file against its schema and writes what the
// record's own JSON has for it: references become ids.
type conformer struct {
	out []byte
	// identities are the records that are named by an external identity: the id
	// derived from it, and the identity.
	identities map[crm.ID]identity
}

// value writes n in the form that the schema s says.
func (c *conformer) value(n *node, s *schema, at *path) *fault {
	switch s.shape {
	case shapeObject:
		return c.object(n, s, at)
	case shapeList:
		return c.list(n, s, at)
	case shapeAttributes:
		return c.customAttributes(n, s, at)
	case shapeMoney:
		return c.money(n, s, at)
	case shapeReference:
		return c.reference(n, s, at)
	case shapeActor:
		return c.actor(n, s, at)
	case shapeEntry:
		return c.entry(n, s, at)
	case shapeJSON:
		c.out = appendNode(c.out, n)
		return nil
	case shapeText, shapeInt, shapeFloat, shapeBool, shapeTime, shapeID:
		if why := checkScalar(n, s, at); why != nil {
			return why
		}
		c.out = appendNode(c.out, n)
	}
	return nil
}

// object writes the members that have a value; null counts as no value.
func (c *conformer) object(n *node, s *schema, at *path) *fault {
	if n.kind != nodeObject {
		return newFault(at, "must be an object, not "+string(n.kind))
	}
	c.out = append(c.out, '{')
	first := true
	for _, m := range n.members {
		of, known := s.members[m.name]
		if !known {
			return unknown(at, m.name, s)
		}
		if m.value.kind == nodeNull {
			continue
		}
		if !first {
			c.out = append(c.out, ',')
		}
		first = false
		c.out = append(appendText(c.out, m.name), ':')
		if why := c.value(m.value, of, at.member(m.name)); why != nil {
			return why
		}
	}
	c.out = append(c.out, '}')
	for _, name := range s.stated {
		if value := n.get(name); value == nil || value.kind == nodeNull {
			return newFault(at.member(name), "must be given")
		}
	}
	return nil
}

// unknown says that s has no such member, and which one comes nearest.
func unknown(at *path, name string, s *schema) *fault {
	return newFault(at.member(clip(name)), "is no field here; "+suggest(name, s.names))
}

func (c *conformer) list(n *node, s *schema, at *path) *fault {
	if n.kind != nodeList {
		return newFault(at, "must be a list, not "+string(n.kind))
	}
	if len(n.list) > crm.MaxElements {
		return newFault(at, "must have at most "+strconv.Itoa(crm.MaxElements)+" elements")
	}
	c.out = append(c.out, '[')
	for i, element := range n.list {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		if element.kind == nodeNull {
			return newFault(at.element(i), "must not be null")
		}
		if why := c.value(element, s.element, at.element(i)); why != nil {
			return why
		}
	}
	c.out = append(c.out, ']')
	return nil
}

// customAttributes takes a list of {name, value}, or an object of them.
func (c *conformer) customAttributes(n *node, s *schema, at *path) *fault {
	if n.kind == nodeObject {
		list := &node{kind: nodeList}
		for _, m := range n.members {
			list.list = append(list.list, &node{kind: nodeObject, members: []member{{"name", textNode(m.name)}, {"value", m.value}}})
		}
		n = list
	}
	for i, element := range n.list {
		name, value := element.get("name"), element.get("value")
		if name == nil || name.kind != nodeString || value == nil && !element.removes() {
			return newFault(at.element(i), "must be an object with name and value")
		}
		if why := checkRemoval(element, at.element(i)); why != nil {
			return why
		}
	}
	return c.attributeList(n, s, at)
}

// attributeList writes attributes with their values, null too.
func (c *conformer) attributeList(n *node, s *schema, at *path) *fault {
	if n.kind != nodeList {
		return newFault(at, "must be a list of {name, value} or an object, not "+string(n.kind))
	}
	c.out = append(c.out, '[')
	for i, element := range n.list {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		for _, m := range element.members {
			if s.element.members[m.name] == nil {
				return unknown(at.element(i), m.name, s.element)
			}
		}
		c.out = append(appendText(append(c.out, `{"name":`...), element.get("name").text), `,"value":`...)
		value := element.get("value")
		if value == nil { // it is to go
			value = &node{kind: nodeNull}
		}
		if why := c.value(value, s.element.members["value"], at.element(i).member("value")); why != nil {
			return why
		}
		c.out = append(c.out, '}')
	}
	c.out = append(c.out, ']')
	return nil
}

func (c *conformer) money(n *node, s *schema, at *path) *fault {
	if n.kind != nodeObject {
		return newFault(at, `must be an object such as {"amount": "13.99", "currencyCode": "GBP"}`)
	}
	for _, m := range n.members {
		if s.members[m.name] == nil {
			return unknown(at, m.name, s)
		}
	}
	amount, code := n.get("amount"), n.get("currencyCode")
	if amount == nil || (amount.kind != nodeString && amount.kind != nodeNumber) {
		return newFault(at.member("amount"), `must be a decimal number in quotes, such as "13.99"`)
	}
	if code == nil || code.kind != nodeString {
		return newFault(at.member("currencyCode"), "must be a currency code of ISO 4217, such as GBP")
	}
	money, err := crm.ParseMoney(amount.text, code.text)
	if err != nil {
		return newFault(at, faultOf(err).reason)
	}
	c.out = append(appendText(append(c.out, `{"amount":`...), string(money.Amount())), `,"currencyCode":`...)
	c.out = append(appendText(c.out, money.CurrencyCode), '}')
	return nil
}

// reference writes the id of the record that n names.
func (c *conformer) reference(n *node, s *schema, at *path) *fault {
	if n.kind == nodeString {
		if crm.ID(n.text).Kind() != s.to {
			return newFault(at, crm.MustBeID(s.to)+`; or {"source", "externalId"}`)
		}
		c.out = appendText(c.out, n.text)
		return nil
	}
	if n.kind != nodeObject {
		return newFault(at, `must be an id or {"source", "externalId"}, not `+string(n.kind))
	}
	for _, m := range n.members {
		if s.members[m.name] == nil {
			return unknown(at, m.name, s)
		}
	}
	source, externalID := n.get("source"), n.get("externalId")
	id, why := derive(s.to, source, externalID, at)
	if why != nil {
		return why
	}
	if crm.Describe(s.to).Unique != "" {
		if c.identities == nil {
			c.identities = map[crm.ID]identity{}
		}
		c.identities[id] = identity{s.to, crm.ExternalIdentity{Source: source.text, ExternalID: externalID.text}.Key()}
	}
	c.out = appendText(c.out, string(id))
	return nil
}

// derive returns the id of what a source calls externalId; both must be given.
func derive(kind crm.Kind, source, externalID *node, at *path) (crm.ID, *fault) {
	if source == nil || source.kind != nodeString {
		return "", newFault(at.member("source"), "must be given with externalId: 1 to 64 of a-z, 0-9 and -")
	}
	if !crm.ValidSource(source.text) {
		return "", newFault(at.member("source"), "must be a source's name: 1 to 64 of a-z, 0-9 and -")
	}
	if externalID == nil || externalID.kind != nodeString || externalID.text == "" {
		return "", newFault(at.member("externalId"), "must be given with source, as text in quotes")
	}
	if len(externalID.text) > crm.MaxExternalID {
		return "", newFault(at.member("externalId"), "must have at most 256 bytes")
	}
	id := crm.DerivedID(kind, source.text, externalID.text)
	if id.Kind() != kind {
		return "", newFault(at.member("externalId"), "must be 1 to 128 ASCII characters without spaces")
	}
	return id, nil
}

// actor writes {id}, {system} or both; a reference of a known kind becomes the id.
func (c *conformer) actor(n *node, s *schema, at *path) *fault {
	if n.kind != nodeObject {
		return newFault(at, "must be an object with id, system, customer, employee or partnerApp")
	}
	named := 0
	c.out = append(c.out, '{')
	for _, m := range n.members {
		of := s.members[m.name]
		if of == nil {
			return unknown(at, m.name, s)
		}
		if m.value.kind == nodeNull {
			continue
		}
		if c.out[len(c.out)-1] != '{' {
			c.out = append(c.out, ',')
		}
		name := m.name
		if name != "system" {
			name = "id"
			named++
		}
		c.out = append(appendText(c.out, name), ':')
		if why := c.value(m.value, of, at.member(m.name)); why != nil {
			return why
		}
	}
	if named > 1 {
		return newFault(at, "must name one actor: only one of id, customer, employee and partnerApp")
	}
	c.out = append(c.out, '}')
	return nil
}
