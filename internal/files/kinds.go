package files

import (
	"slices"
	"strings"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/record"
)

// Kind is a kind of record as commands name it: "customers", "next-best-actions".
type Kind string

// Kinds lists the kinds that files hold, by name: all that people bring.
func Kinds() []Kind {
	var kinds []Kind
	for _, d := range crm.Shown() {
		kinds = append(kinds, nameOf(d))
	}
	slices.Sort(kinds)
	return kinds
}

func nameOf(d *crm.Description) Kind { return Kind(strings.ReplaceAll(d.Name, "_", "-")) }

// ParseKind returns the kind of a name; an unknown one is CodeInvalid.
func ParseKind(name string) (Kind, error) {
	if kind := Kind(name); slices.Contains(Kinds(), kind) {
		return kind, nil
	}
	words := make([]string, 0, len(Kinds()))
	for _, kind := range Kinds() {
		words = append(words, string(kind))
	}
	return "", crm.Invalid("a kind must be one of " + strings.Join(words, ", "))
}

// handler is a kind of record as files have it. All of it follows from the kind's
// description, its structure and its written form.
type handler struct {
	*crm.Description
	form record.Form
	name Kind
	// envelope says on a line what it holds: {"nextBestAction": {…}}.
	envelope string
	schema   *schema
	// identities is the member that names records as other systems do, "" for kinds
	// without. A record is found by it, and by those who refer to it.
	identities string
	// inline are the kinds of records that may stand inside of one of this kind.
	inline []*handler
	// parent is the member of an inline record that refers to the one it stands in.
	parent string
}

// handlers returns every kind's handler, by name.
func handlers() map[Kind]*handler {
	all := map[Kind]*handler{}
	byKind := map[crm.Kind]*handler{}
	for _, d := range crm.Shown() {
		h := handlerOf(d)
		all[h.name], byKind[h.Kind] = h, h
	}
	for _, d := range crm.Shown() { // In their order, so that outer records have theirs in it.
		if i := slices.IndexFunc(d.Keys, func(key crm.KeyField) bool { return key.Parent != "" }); i >= 0 && d.Inline != "" {
			byKind[d.Keys[i].Parent].hold(byKind[d.Kind])
		}
	}
	return all
}

// hold has records of a kind stand inside of this one's.
func (h *handler) hold(inside *handler) {
	members := crm.StructureOf(inside.Kind).Members
	parent := slices.IndexFunc(members, func(m crm.Member) bool {
		return m.Class == crm.ValueReference && !m.List && m.Refers == h.Kind
	})
	inside.parent = members[parent].Name
	h.inline = append(h.inline, inside)
	h.schema.add(inside.Inline, &schema{shape: shapeList, element: inside.schema})
}

func handlerOf(d *crm.Description) *handler {
	s := crm.StructureOf(d.Kind)
	h := &handler{
		Description: d, form: record.FormOf(d.Kind), name: nameOf(d),
		envelope: crm.MemberName(s.Type.Name()), schema: schemaOf(s), identities: identitiesOf(s),
	}
	if h.identities == "" { // Kinds that keep no source take one to make the id of.
		h.schema.addMissing("source", &schema{shape: shapeText})
		h.schema.addMissing("externalId", &schema{shape: shapeText})
	}
	return h
}
