package files

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/customer360/gateway/internal/crm"
)

// row is one record of a file.
type row struct {
	handler handler
	line    int
	// id is the record's own; keys are the external identities that a customer
	// gives itself. If byIdentity, id is derived from the first key and gives
	// way to the id of the customer that has it in the store.
	id         crm.ID
	byIdentity bool
	keys       []string
	// given names the members that the row has, those that are null too.
	given []string
	// identities are the references to customers by external identity.
	identities map[crm.ID]string
	// text is the record's JSON, source what the file had.
	text     []byte
	source   *node
	children []*row
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
// row for each inline article. The label names the record even if it is refused.
func build(all map[Kind]handler, h handler, n *node, line int) (built *row, label string, why *fault) {
	d := h.about()
	r := &row{handler: h, line: line, source: n}
	r.keys = customerKeys(d.kind, n)
	why = r.identify(d.kind, n)
	if label = r.label(); label == "" {
		label = sourceLabel(n)
	}
	c := &conformer{}
	// What the members look like says more than a missing id.
	if shapeFault := c.object(n, d.schema, nil); shapeFault != nil {
		why = shapeFault
	}
	if why != nil {
		return nil, label, why
	}
	r.text, r.identities = c.out, c.identities
	for _, m := range n.members {
		r.given = append(r.given, m.name)
	}
	if d.kind == crm.KindTicket {
		why = r.inline(all, n.get(inlineArticles))
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

// customerKeys returns the external identities of a customer in a file.
func customerKeys(kind crm.Kind, n *node) []string {
	list := n.get("externalIdentities")
	if kind != crm.KindCustomer || list == nil {
		return nil
	}
	keys := []string{}
	for _, e := range list.list {
		source, externalID := e.get("source"), e.get("externalId")
		if source == nil || externalID == nil {
			continue
		}
		keys = append(keys, crm.ExternalIdentity{Source: source.text, ExternalID: externalID.text}.Key())
	}
	return keys
}

// identify finds the record's id: as it is given, or derived from what its
// source calls it.
func (r *row) identify(kind crm.Kind, n *node) (why *fault) {
	if id := n.get("id"); id != nil && id.kind != nodeNull {
		if id.kind != nodeString || crm.ID(id.text).Kind() != kind {
			return &fault{field: "id", reason: "must be an id of the kind " + string(kind) + "_…"}
		}
		r.id = crm.ID(id.text)
		return nil
	}
	from := n
	if kind == crm.KindCustomer {
		list := n.get("externalIdentities")
		if list == nil || len(list.list) == 0 || list.list[0].kind != nodeObject {
			return &fault{field: "id", reason: "must be given, or externalIdentities with source and externalId"}
		}
		from = list.list[0]
	} else if from.get("source") == nil && from.get("externalId") == nil {
		return &fault{field: "id", reason: "must be given, or source and externalId"}
	}
	var at *path
	if kind == crm.KindCustomer {
		at = (*path)(nil).member("externalIdentities").element(0)
	}
	r.byIdentity = kind == crm.KindCustomer
	r.id, why = derive(kind, from.get("source"), from.get("externalId"), at)
	return why
}

// inline makes rows of a ticket's articles. Those without an id get one of the
// ticket's id and their external id or place.
func (r *row) inline(all map[Kind]handler, articles *node) *fault {
	if articles == nil {
		return nil
	}
	for i, article := range articles.list {
		at := (*path)(nil).member(inlineArticles).element(i)
		if article.get("ticket") != nil {
			return newFault(at.member("ticket"), "must be left out of an article inside its ticket")
		}
		place := strconv.Itoa(i + 1)
		if own := article.get("externalId"); own != nil {
			place = own.text
		}
		whole := &node{kind: nodeObject, members: slices.Clone(article.members)}
		if article.get("id") == nil && article.get("source") == nil {
			id := crm.DerivedID(crm.KindArticle, "ticket", string(r.id)+"/"+place)
			whole.members = append(whole.members, member{"id", textNode(string(id))})
		}
		whole.members = append(whole.members, member{"ticket", textNode(string(r.id))})
		child, _, why := build(all, all[KindArticles], whole, r.line)
		if why != nil {
			why.field = at.String() + "." + why.field
			return why
		}
		r.children = append(r.children, child)
	}
	return nil
}

// decode makes a record of a row's text, which conforms to the schema; members
// that only files have are left out.
func (s *spec[D, R]) decode(text []byte) (any, error) {
	r := new(R)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("decode a %s: %w", s.envelope, err)
	}
	return r, nil
}
