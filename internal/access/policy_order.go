package access

import (
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// What is read of orders and products to decide about them. They are never written to.
var (
	orderMembers   = crm.MustMembers(crm.KindOrder, "source", "customer", "organization")
	productMembers = crm.MustMembers(crm.KindProduct, "source")
)

// orders is the policy for orders.
func orders() guard[crm.Order] {
	return guard[crm.Order]{
		kind:  orderKind,
		reads: reading(orderMembers),
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() || v.partner() && (reachOf(ctx) != byFinding || v.finds(crm.KindOrder))
		},
		list:   listOrders,
		under:  ordersUnder,
		around: customersAround(func(o *crm.Order) []crm.ID { return []crm.ID{o.CustomerID, o.OrganizationID} }),
		see:    seeOrder,
		exact:  always,
	}
}

func listOrders(v *view, _ []crm.Predicate) ([]crm.Predicate, error) {
	switch rows := v.who.Rows; {
	case v.portal() && v.on(RuleCustomerOrders):
		return nil, noLists()
	case v.portal():
		return nil, nil
	case !v.finds(crm.KindOrder):
		return nil, noScope()
	case v.on(RulePartnerHanging) && (len(rows.Regions) > 0 || rows.Own != ""):
		return nil, noRows()
	}
	return v.ofSources(RulePartnerOrders), nil
}

// ofSources returns the condition that records are of a partner's sources.
func (v *view) ofSources(rule Rule) []crm.Predicate {
	if !v.on(rule) || len(v.who.Rows.Sources) == 0 {
		return nil
	}
	return []crm.Predicate{{Field: crm.FieldSource, In: v.who.Rows.Sources}}
}

func ordersUnder(ctx context.Context, v *view, parents []crm.ID) ([]branch, error) {
	if v.partner() {
		branches, err := hangingOnCustomers(ctx, v, parents)
		for i := range branches {
			branches[i].where = v.ofSources(RulePartnerOrders)
		}
		return branches, err
	}
	var whole, own []crm.ID
	for _, id := range parents {
		switch {
		case id == v.self.ID, v.seesAllOrders(id), !v.on(RuleCustomerOrders):
			whole = append(whole, id)
		case v.member(id):
			own = append(own, id)
		}
	}
	var branches []branch
	if len(whole) > 0 {
		branches = append(branches, branch{parents: whole})
	}
	if len(own) > 0 {
		mine := crm.Predicate{Field: crm.FieldCustomer, In: []string{string(v.self.ID)}}
		branches = append(branches, branch{parents: own, where: []crm.Predicate{mine}})
	}
	return branches, nil
}

// seesAllOrders says whether the portal's customer sees an organization's orders,
// no matter who placed them.
func (v *view) seesAllOrders(organization crm.ID) bool {
	if !v.on(RuleCustomerRole) {
		return v.member(organization)
	}
	return v.buys(organization) || v.is(organization, crm.MembershipRoleBilling)
}

func seeOrder(v *view, o *crm.Order, a around) *crm.Order {
	if v.partner() {
		rows := v.who.Rows
		switch {
		case v.on(RulePartnerOrders) && !v.hasSource(o.Source):
			return nil
		case v.on(RulePartnerHanging) && (len(rows.Regions) > 0 || rows.Own != "") && !a.knows(o.CustomerID, o.OrganizationID):
			return nil
		}
		return o
	}
	if o.CustomerID == v.self.ID {
		return o
	}
	buys, billed := false, false
	for _, account := range []crm.ID{o.OrganizationID, o.CustomerID} {
		buys = buys || account == v.self.ID || v.buys(account) || v.member(account) && !v.on(RuleCustomerRole)
		billed = billed || v.is(account, crm.MembershipRoleBilling)
	}
	switch {
	case billed && !buys && v.on(RuleCustomerBilling):
		return invoice(v.asColleague(o))
	case buys, billed, !v.on(RuleCustomerOrders):
		return v.asColleague(o)
	}
	return nil
}

// invoice returns of an order what an invoice has.
func invoice(o *crm.Order) *crm.Order {
	shown := *o
	shown.Shipments, shown.Returns, shown.ReturnStatus = []*crm.Shipment{}, []*crm.Return{}, crm.ReturnStatusNone
	shown.ShippingAddress, shown.PromisedDelivery = nil, nil
	return &shown
}

// asColleague returns an organization's order without what it says about the people
// in it: who placed it, who it went to, why they sent something back. Where it
// is billed to stays, without a name.
func (v *view) asColleague(o *crm.Order) *crm.Order {
	if !v.on(RuleCustomerColleagues) {
		return o
	}
	shown := *o
	if !v.member(o.CustomerID) && o.CustomerID != v.self.ID {
		shown.CustomerID = ""
	}
	if a := o.BillingAddress; a != nil {
		billing := *a
		billing.Name = nil
		shown.BillingAddress = &billing
	}
	if a := o.ShippingAddress; a != nil {
		shown.ShippingAddress = &crm.Address{Label: a.Label, City: a.City, Region: a.Region, PostalCode: a.PostalCode, CountryCode: a.CountryCode}
	}
	shown.Returns = make([]*crm.Return, len(o.Returns))
	for i, r := range o.Returns {
		without := *r
		without.Reason = nil
		shown.Returns[i] = &without
	}
	shown.Refunds = make([]*crm.Refund, len(o.Refunds))
	for i, r := range o.Refunds {
		without := *r
		without.Reason = nil
		shown.Refunds[i] = &without
	}
	return &shown
}

// products is the policy for products: a catalogue that everybody may see.
func products() guard[crm.Product] {
	return guard[crm.Product]{
		kind:  productKind,
		reads: reading(productMembers),
		byID: func(ctx context.Context, v *view) bool {
			return v.portal() || v.partner() && (reachOf(ctx) != byFinding || v.finds(crm.KindProduct))
		},
		list: func(v *view, _ []crm.Predicate) ([]crm.Predicate, error) {
			if v.partner() && !v.finds(crm.KindProduct) {
				return nil, noScope()
			}
			return v.ofSources(RulePartnerProducts), nil
		},
		under: func(_ context.Context, v *view, parents []crm.ID) ([]branch, error) {
			return []branch{{parents: parents, where: v.ofSources(RulePartnerProducts)}}, nil
		},
		around: nothingAround[crm.Product],
		see: func(v *view, p *crm.Product, _ around) *crm.Product {
			if v.partner() && v.on(RulePartnerProducts) && !v.hasSource(p.Source) {
				return nil
			}
			return p
		},
		exact: always,
	}
}

// seesCarts says whether the caller may see a customer's carts.
func (v *view) seesCarts(customer crm.ID) bool {
	return v.partner() || !v.blind() && (customer == v.self.ID || !v.on(RuleCustomerCarts))
}

// keepCarts returns those of a customer's carts that the caller may see.
func (v *view) keepCarts(c *crm.CustomerCarts) *crm.CustomerCarts {
	if !v.partner() || !v.on(RulePartnerCarts) {
		return c
	}
	kept := *c
	kept.Nodes = slices.DeleteFunc(slices.Clone(c.Nodes), func(cart *crm.Cart) bool { return !v.hasSource(cart.Source) })
	kept.Sources = v.keepSources(c.Sources)
	return &kept
}

// keepSources returns what is said about those sources that the caller may see, and
// about the store. It is no rule of its own: a key's sources alone are asked.
func (v *view) keepSources(list []crm.SourceStatus) []crm.SourceStatus {
	if !v.partner() || len(v.who.Rows.Sources) == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(s crm.SourceStatus) bool {
		return s.Source != crm.SourceStore && !v.hasSource(s.Source)
	})
}
