package matrix_test

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// asker is somebody who asks, and what the oracle knows of them.
type asker struct {
	name      string
	principal *access.Principal
	// self is the key of the customer who asks in the portal, or whose things are
	// asked for by others.
	self string
	// organization and role are the customer's valid membership; "" is none.
	organization string
	role         crm.MembershipRole
	// nothing says that the customer may see nothing at all, withheld that
	// recommendations are not wanted.
	nothing, withheld bool
}

// askers are everybody for whom the matrix asks.
func askers() []*asker {
	var list []*asker
	for _, s := range seeds() {
		if s.kind == crm.CustomerKindOrganization || s.key == "victim" || s.key == "mate" {
			continue
		}
		a := &asker{
			name: "customer " + s.key, self: s.key, nothing: s.status != "", withheld: s.refuses,
			principal: &access.Principal{Kind: access.KindCustomer, ID: "customer:test", Customer: customerID(s.key)},
		}
		if s.organization != "" && !s.ended && !s.notYet {
			a.organization, a.role = s.organization, s.role
		}
		list = append(list, a)
	}
	partner := func(name string, rows crm.RowLimits, scopes ...access.Scope) {
		slices.Sort(scopes)
		list = append(list, &asker{name: "partner " + name, self: "self", principal: &access.Principal{
			Kind: access.KindPartner, ID: "key_test", Actor: id(crm.KindPartnerApp, "app 0"), Scopes: scopes, Rows: rows,
		}})
	}
	partner("of a source", crm.RowLimits{Sources: []string{sourceOne}}, access.Scopes()...)
	partner("of a region", crm.RowLimits{Regions: []string{"DE"}}, access.Scopes()...)
	partner("of its own customers", crm.RowLimits{Own: ownSource}, access.Scopes()...)
	partner("of all rows", crm.RowLimits{}, access.Scopes()...)
	for _, scope := range access.Scopes() {
		partner("with "+string(scope), crm.RowLimits{}, scope)
	}
	for _, role := range access.Roles() {
		list = append(list, &asker{name: "staff " + string(role), self: "self", principal: &access.Principal{
			Kind: access.KindStaff, ID: "staff:test", Actor: employee(0), Roles: []access.Role{role},
		}})
	}
	return append(list, &asker{name: "nobody", self: "self", nothing: true})
}

// permitted says whether @access gives the asker a field.
func (a *asker) permitted(g graph, coord string) bool {
	if a.principal == nil {
		return false
	}
	says := g.access(coord)
	switch a.principal.Kind {
	case access.KindStaff:
		return slices.ContainsFunc(a.principal.Roles, func(r access.Role) bool { return slices.Contains(says.staff, string(r)) })
	case access.KindPartner:
		return slices.ContainsFunc(a.principal.Scopes, func(s access.Scope) bool { return slices.Contains(says.partner, string(s)) })
	case access.KindCustomer:
		return says.customer
	}
	return false
}

// oracle says what an asker may see of a world.
type oracle struct {
	*asker
	graph
	world   *world
	records map[crm.ID]any
}

func newOracle(a *asker, w *world) *oracle {
	return &oracle{asker: a, graph: graph{w.schema}, world: w, records: w.records()}
}

// readable says whether the asker may read a value: all of the coordinates that
// lead to it within its record, and the record.
func (o *oracle) readable(from origin) bool {
	for _, coord := range from.coords {
		if !o.permitted(o.graph, coord) {
			return false
		}
	}
	record := o.records[from.record]
	return record != nil && o.visible(record) && !o.hidden(record, from)
}

func (o *oracle) kind() access.Kind {
	if o.principal == nil {
		return ""
	}
	return o.principal.Kind
}

// visible says whether a record, or anything of it, may be seen.
func (o *oracle) visible(record any) bool {
	switch {
	case o.nothing:
		return false
	case o.kind() == access.KindStaff:
		return true
	case o.kind() == access.KindPartner:
		return o.inRows(record)
	}
	switch r := record.(type) {
	case *crm.Customer:
		return r.ID == o.me() || o.member(r.ID)
	case *crm.Product:
		return true
	case *crm.Order:
		return r.CustomerID == o.me() || (o.member(r.OrganizationID) || o.member(r.CustomerID)) && o.role != crm.MembershipRoleUser
	case *crm.Ticket:
		return r.CustomerID == o.me() || r.RequesterID == o.me() || o.buys(r.RequesterID)
	case *crm.Article:
		t, _ := o.records[r.TicketID].(*crm.Ticket)
		mine := t.CustomerID == o.me() || t.RequesterID == o.me()
		others := r.AuthorRef.ID.Kind() == crm.KindCustomer && r.AuthorRef.ID != o.me() && !o.member(r.AuthorRef.ID)
		return r.Visibility == crm.VisibilityPublic && o.visible(t) && (mine || !others)
	case *crm.Recommendation:
		return r.CustomerID == o.me() && !o.withheld && r.ExpiresAt.After(now)
	case *crm.Need:
		return r.CustomerID == o.me() && r.Origin != nil && *r.Origin == crm.NeedOriginStated
	case *crm.Cart:
		return r.CustomerID == o.me()
	case *crm.Employee:
		return r.ID == employee(0) // Who wrote all that employees wrote in public.
	}
	return false
}

func (o *oracle) me() crm.ID { return customerID(o.self) }

func (o *oracle) member(organization crm.ID) bool {
	return o.organization != "" && organization == customerID(o.organization)
}

func (o *oracle) buys(organization crm.ID) bool {
	return o.member(organization) && (o.role == crm.MembershipRoleBuyer || o.role == crm.MembershipRoleApprover)
}

// inRows says whether a record is one that a partner may see.
func (o *oracle) inRows(record any) bool {
	rows := o.principal.Rows
	sourced := func(source string) bool { return len(rows.Sources) == 0 || slices.Contains(rows.Sources, source) }
	switch r := record.(type) {
	case *crm.Customer:
		return o.row(r.ID)
	case *crm.Product:
		return sourced(r.Source)
	case *crm.Order:
		return sourced(r.Source) && (len(rows.Regions) == 0 && rows.Own == "" || o.row(r.CustomerID) || o.row(r.OrganizationID))
	case *crm.Cart:
		return sourced(r.Source) && o.row(r.CustomerID)
	case *crm.Ticket:
		return (r.Source == nil || sourced(*r.Source)) && (o.row(r.CustomerID) || o.row(r.RequesterID))
	case *crm.Article:
		return r.Visibility == crm.VisibilityPublic && o.visible(o.records[r.TicketID])
	case *crm.Interaction:
		return (r.Source == nil || sourced(*r.Source)) && o.row(r.CustomerID)
	case *crm.Recommendation:
		foreign := func(product crm.ID) bool {
			source, _, _ := product.Source()
			return !sourced(source)
		}
		return o.row(r.CustomerID) && r.CustomerID != customerID("refuser") && !foreign(r.ProductID) && !slices.ContainsFunc(r.BasedOnIDs, foreign)
	case *crm.PartnerApp:
		return r.ID == o.principal.Actor
	case *crm.Employee, *crm.Team:
		return true // By what they did; where from is told by misplaced.
	}
	return false
}

// hears says whether the asker may be told of a source at all: a partner of some
// sources of these and of the store, which has copies of them.
func (o *oracle) hears(source string) bool {
	if o.kind() != access.KindPartner || len(o.principal.Rows.Sources) == 0 {
		return true
	}
	return source == crm.SourceStore || slices.Contains(o.principal.Rows.Sources, source)
}

// row says whether a customer is one of a partner's.
func (o *oracle) row(customer crm.ID) bool {
	c, _ := o.records[customer].(*crm.Customer)
	if c == nil {
		return false
	}
	rows := o.principal.Rows
	known := func(source string) bool {
		return slices.ContainsFunc(c.ExternalIdentities, func(x crm.ExternalIdentity) bool { return x.Source == source })
	}
	return (len(rows.Sources) == 0 || slices.ContainsFunc(rows.Sources, known)) && (rows.Own == "" || known(rows.Own)) &&
		(len(rows.Regions) == 0 || slices.Contains(rows.Regions, *c.Addresses[0].CountryCode))
}

// hidden says whether a value is kept from the asker though its record and its
// field are not.
func (o *oracle) hidden(record any, from origin) bool {
	if len(from.coords) == 0 {
		return false
	}
	field, last := from.coords[0], from.coords[len(from.coords)-1]
	if o.kind() == access.KindPartner {
		c, ok := record.(*crm.Customer)
		return ok && last == "ExternalIdentity.externalId" && len(o.principal.Rows.Sources) > 0 && o.foreignIdentity(c, from.own)
	}
	if o.kind() != access.KindCustomer {
		return false
	}
	switch r := record.(type) {
	case *crm.Customer:
		return r.ID != o.me() && !slices.Contains([]string{
			"Customer.organizationName", "Customer.displayName", "Customer.industry", "Customer.language", "Customer.timeZone",
			"Customer.createdAt", "Customer.updatedAt", "Customer.version", "Customer.kind", "Customer.status",
		}, field)
	case *crm.Order:
		if r.CustomerID == o.me() {
			return false
		}
		billing := o.role == crm.MembershipRoleBilling && slices.Contains([]string{
			"Order.shipments", "Order.shippingAddress", "Order.returns", "Order.promisedDelivery",
		}, field)
		colleague := r.CustomerID != "" && !o.member(r.CustomerID)
		// An invoice goes to the organization's address; a parcel to a person's.
		personal := slices.Contains([]string{"Address.name", "Return.reason", "Refund.reason"}, last) ||
			field == "Order.shippingAddress" && slices.Contains([]string{"Address.line1", "Address.line2"}, last)
		return billing || colleague && personal
	case *crm.Employee:
		return last != "Employee.name"
	}
	return false
}

func (o *oracle) foreignIdentity(c *crm.Customer, externalID string) bool {
	for _, x := range c.ExternalIdentities {
		if x.ExternalID == externalID {
			return !slices.Contains(o.principal.Rows.Sources, x.Source)
		}
	}
	return false
}

// decisive are fields that say who may see a record: they are the same in both
// worlds.
func decisive(coord string) bool {
	return slices.Contains([]string{
		"ExternalIdentity.source", "Address.countryCode", "Customer.kind", "Customer.status", "Customer.version", "Ticket.version",
		"Consent.status", "Consent.purpose", "Consent.expiresAt", "Article.visibility", "Ticket.source", "Interaction.source",
		"Order.source", "Order.externalId", "Product.source", "Product.externalId", "Cart.source", "Cart.externalId",
		"Recommendation.expiresAt", "Need.origin", "Recommendation.status", "EmailAddress.verified",
		"Membership.role", "Membership.validFrom", "Membership.validTo", "OrderLine.id", "LineQuantity.line",
	}, coord)
}

// misplaced says whether an object may not be given where it was: some are seen
// only as who did something, or as what another thing names.
func (o *oracle) misplaced(typ, at string) bool {
	if o.kind() == access.KindStaff {
		return false
	}
	by := map[string][]string{
		"Employee":   {"Article.author"},
		"Team":       {},
		"PartnerApp": {},
	}
	if o.kind() == access.KindPartner {
		by = map[string][]string{
			"Employee": {"Article.author", "ConsentChange.actor", "Participant.actor", "Ticket.assignee"},
			"Team":     {"Ticket.queue"},
			"PartnerApp": {
				"Article.author", "ConsentChange.actor", "Participant.actor", "Viewer.actor", "Query.node", "Query.nodes",
			},
		}
	}
	if found := strings.HasPrefix(at, "Query.") || strings.HasPrefix(at, "Search"); found && o.kind() == access.KindPartner && !o.finds(typ) {
		return true
	}
	places, limited := by[typ]
	return limited && !slices.Contains(places, at) || o.staffAlone(typ)
}

// staffAlone says whether the schema opens nothing of a type to others than staff.
func (o *oracle) staffAlone(typ string) bool {
	d := o.Types[typ]
	return d.Kind == ast.Object && !slices.ContainsFunc(d.Fields, func(f *ast.FieldDefinition) bool {
		says := o.access(coordOf(typ, f.Name))
		return says.customer || len(says.partner) > 0
	})
}

// finds says whether a partner has the scope with which records of a type are found.
func (o *oracle) finds(typ string) bool {
	scope, ok := map[string]access.Scope{
		"Customer": access.ScopeCustomers, "Order": access.ScopeOrders, "Product": access.ScopeProducts, "Ticket": access.ScopeTickets,
		"Article": access.ScopeTickets, "Interaction": access.ScopeInteractions, "Recommendation": access.ScopeRecommendations,
	}[typ]
	return !ok || slices.Contains(o.principal.Scopes, scope)
}
