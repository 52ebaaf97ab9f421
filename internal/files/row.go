package files

import (
	"slices"
	"strconv"

	"github.com/customer360/gateway/internal/crm"
)

// row is one record of a file.
type row struct {
	handler *handler
	line    int
	// id is the record's own; keys are the external identities that it gives itself.
	// If byIdentity, id is derived from the first key and gives way to the id of the
	// record that has it in the store.
	id         crm.ID
	byIdentity bool
	keys       []string
	// lost are the external identities that the row takes away.
	lost []string
	// given names the members that the row has, those that are null too; said those
	// that have a value.
	given, said []string
	// identities are the references by external identity.
	identities map[crm.ID]identity
	// text is the record's JSON, source what the file had.
	text     []byte
	source   *node
	children []*row
}

// identity is what another system calls a record of a kind that is found by it.
type identity struct {
	kind crm.Kind
	key  string
}

func (r *row) has(name string) bool { return slices.Contains(r.given, name) }

// label names the record in a report.
func (r *row) label() string {
	if r.byIdentity && len(r.keys) > 0 {
		return clip(r.keys[0])
	}
	return clip(string(r.id))
}

// build makes a row of a value: held against its schema, with its id and with a
// row for each record inside of it. The label names the record even if it is refused.
func build(h *handler, n *node, line int) (built *row, label string, why *fault) {
	r := &row{handler: h, line: line, source: n}
	r.keys, r.lost = h.keysOf(n)
	why = r.identify(n)
	if label = r.label(); label == "" {
		label = sourceLabel(n)
	}
	c := &conformer{}
	// What the members look like says more than a missing id.
	if shapeFault := c.object(n, h.schema, nil); shapeFault != nil {
		why = shapeFault
	}
	if why != nil {
		return nil, label, why
	}
	r.text, r.identities = c.out, c.identities
	for _, m := range n.members {
		empty := m.value.kind == nodeNull
		if !empty {
			r.said = append(r.said, m.name)
		}
		if !empty || m.name != "version" { // A version that is null says none.
			r.given = append(r.given, m.name)
		}
	}
	for _, inside := range h.inline {
		if why = r.take(inside, n.get(inside.Inline)); why != nil {
			break
		}
	}
	return r, label, why
}

// sourceLabel names a record by what its source calls it.
func sourceLabel(n *node) string {
	source, externalID := n.get("source"), n.get("externalId")
	if source == nil || externalID == nil || source.kind != nodeString || externalID.kind != nodeString {
		return ""
	}
	return clip(source.text + ":" + externalID.text)
}

// keysOf returns the external identities that a record in a file has, and those that it
// takes away.
func (h *handler) keysOf(n *node) (keys, lost []string) {
	list := n.get(h.identities)
	if h.identities == "" || list == nil {
		return nil, nil
	}
	for _, e := range list.list {
		source, externalID := e.get("source"), e.get("externalId")
		if source == nil || externalID == nil {
			continue
		}
		key := crm.ExternalIdentity{Source: source.text, ExternalID: externalID.text}.Key()
		if e.removes() {
			lost = append(lost, key)
		} else {
			keys = append(keys, key)
		}
	}
	return keys, lost
}

// identify finds the record's id: as it is given, or derived from what its
// source calls it.
func (r *row) identify(n *node) (why *fault) {
	kind := r.handler.Kind
	if id := n.get("id"); id != nil && id.kind != nodeNull {
		if id.kind != nodeString || crm.ID(id.text).Kind() != kind {
			return &fault{field: "id", reason: crm.MustBeID(kind)}
		}
		r.id = crm.ID(id.text)
		return nil
	}
	from := n
	var at *path
	if member := r.handler.identities; member != "" {
		list := n.get(member)
		if list == nil || len(list.list) == 0 || list.list[0].kind != nodeObject {
			return &fault{field: "id", reason: "must be given, or " + member + " with source and externalId"}
		}
		from, r.byIdentity = list.list[0], true
		at = (*path)(nil).member(member).element(0)
		if from.removes() {
			return newFault(at.member(removal), "must not be true of what the record is found by: give its id, or another identity first")
		}
	} else if from.get("source") == nil && from.get("externalId") == nil {
		return &fault{field: "id", reason: "must be given, or source and externalId"}
	}
	r.id, why = derive(kind, from.get("source"), from.get("externalId"), at)
	return why
}

// take makes rows of the records inside of this one. Those without an id get one of
// this one's id and their external id or place.
func (r *row) take(inside *handler, list *node) *fault {
	if list == nil {
		return nil
	}
	for i, element := range list.list {
		whole := element.withoutNull("id", "source", "externalId", inside.parent)
		at := (*path)(nil).member(inside.Inline).element(i)
		if whole.get(inside.parent) != nil {
			return newFault(at.member(inside.parent), "must be left out of what stands inside of it")
		}
		place := strconv.Itoa(i + 1)
		if own := whole.get("externalId"); own != nil {
			place = own.text
		}
		if whole.get("id") == nil && whole.get("source") == nil {
			id := crm.DerivedID(inside.Kind, inside.parent, string(r.id)+"/"+place)
			whole.members = append(whole.members, member{"id", textNode(string(id))})
		}
		whole.members = append(whole.members, member{inside.parent, textNode(string(r.id))})
		child, _, why := build(inside, whole, r.line)
		if why == nil {
			why = child.check()
		}
		if why != nil {
			why.field = at.String() + "." + why.field
			return why
		}
		if slices.ContainsFunc(r.children, func(other *row) bool { return other.id == child.id }) {
			return newFault(at.member("externalId"), "must be there only once, as an id or as the place of one without")
		}
		r.children = append(r.children, child)
	}
	return nil
}

// check returns what is wrong with the row's own members, so that a record is refused
// with all that is inside of it. What is null gets its default, or is refused when it
// is laid over what is stored.
func (r *row) check() *fault {
	given, why := r.decode()
	if why != nil {
		return why
	}
	if err := crm.CheckSaid(given, func(member string) bool { return slices.Contains(r.said, member) }); err != nil {
		return faultOf(err)
	}
	return nil
}

// decode makes the record of a row; members that only files have are left out. A row
// that conforms is a record, unless its text is deeper than JSON is read: the list form
// of custom attributes is deeper than the file's.
func (r *row) decode() (crm.Record, *fault) {
	given, err := r.handler.form.DecodeJSON(r.text, nil)
	if err != nil {
		return nil, &fault{reason: "must be a record, with at most 10000 objects and lists in each other"}
	}
	return given, nil
}
