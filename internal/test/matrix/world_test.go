package matrix_test

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/test/fixture"
)

// The sources: one has lists in the store and single records and carts in the
// shop, two is the store's alone, live is asked for everything.
const (
	sourceOne  = "one"
	sourceTwo  = "two"
	sourceLive = "live"
)

// seed says what tells one customer of the world from the others; everything
// else each of them has.
type seed struct {
	key, identity, country string
	own                    bool // has an identity in the source of the partner's own customers
	kind                   crm.CustomerKind
	organization           string
	role                   crm.MembershipRole
	ended, notYet          bool
	status                 crm.CustomerStatus
	refuses                bool // wants no recommendations
}

// ownSource is the source of identities of those whom a partner serves.
const ownSource = "served"

// seeds are the customers: an asker of their own, a stranger, an organization
// with members of each role, others that have nothing to do with it.
func seeds() []seed {
	return []seed{
		{key: "holding", identity: sourceTwo, country: "FR", kind: crm.CustomerKindOrganization},
		{key: "kelm", identity: sourceOne, country: "DE", kind: crm.CustomerKindOrganization, organization: "holding", role: crm.MembershipRoleUser},
		{key: "other", identity: sourceTwo, country: "FR", kind: crm.CustomerKindOrganization, organization: "holding", role: crm.MembershipRoleUser},
		{key: "self", identity: sourceOne, country: "DE", own: true},
		{key: "victim", identity: sourceTwo, country: "FR", organization: "other", role: crm.MembershipRoleBuyer},
		{key: "buyer", identity: sourceOne, country: "DE", own: true, organization: "kelm", role: crm.MembershipRoleBuyer},
		{key: "approver", identity: sourceTwo, country: "FR", organization: "kelm", role: crm.MembershipRoleApprover},
		{key: "billing", identity: sourceOne, country: "DE", own: true, organization: "kelm", role: crm.MembershipRoleBilling},
		{key: "user", identity: sourceTwo, country: "FR", organization: "kelm", role: crm.MembershipRoleUser},
		{key: "mate", identity: sourceTwo, country: "FR", organization: "kelm", role: crm.MembershipRoleBuyer},
		{key: "former", identity: sourceOne, country: "DE", organization: "kelm", role: crm.MembershipRoleBuyer, ended: true},
		{key: "future", identity: sourceTwo, country: "FR", organization: "kelm", role: crm.MembershipRoleApprover, notYet: true},
		{key: "blocked", identity: sourceOne, country: "DE", organization: "kelm", role: crm.MembershipRoleBuyer, status: crm.CustomerStatusBlocked},
		{key: "refuser", identity: sourceOne, country: "DE", organization: "other", role: crm.MembershipRoleUser, refuses: true},
	}
}

// world is everything there is, in the store and in the shops.
type world struct {
	*filler
	// owners are the keys of whose name the records were made in.
	owners map[crm.ID]string
	of     string
	set    fixture.Set
	orders []*crm.ShopOrder // of the live shop
	carts  map[string][]shoptest.Cart
}

// newWorld makes the world: the same every time.
func newWorld(schema *ast.Schema) *world {
	w := &world{
		filler: &filler{schema: schema, origins: map[string]origin{}, unknown: map[string]bool{}},
		carts:  map[string][]shoptest.Cart{},
		owners: map[crm.ID]string{},
	}
	w.staff()
	w.products()
	for _, s := range seeds() {
		w.of = s.key
		w.customer(s)
	}
	for _, s := range seeds() {
		w.of = s.key
		w.purchases(s)
		w.tickets(s)
		w.rest(s)
	}
	return w
}

func id(kind crm.Kind, key string) crm.ID { return crm.DerivedID(kind, "matrix", key) }

func customerID(key string) crm.ID { return id(crm.KindCustomer, key) }

func employee(n int) crm.ID { return id(crm.KindEmployee, fmt.Sprint("employee ", n)) }

func productID(source string, n int) crm.ID {
	return crm.DerivedID(crm.KindProduct, source, fmt.Sprint("product-", n))
}

// made fills a record and keeps it.
func made[T any](w *world, list *[]*T, id crm.ID, set func(*T)) {
	record := new(T)
	w.owners[id] = w.of
	w.fill(id, record)
	set(record)
	*list = append(*list, record)
}

func (w *world) staff() {
	for n := range 2 {
		made(w, &w.set.Teams, id(crm.KindTeam, fmt.Sprint("team ", n)), func(t *crm.Team) { t.ID, t.CreatedAt, t.UpdatedAt = w.record, epoch, epoch })
		made(w, &w.set.PartnerApps, id(crm.KindPartnerApp, fmt.Sprint("app ", n)), func(a *crm.PartnerApp) { a.ID, a.CreatedAt, a.UpdatedAt = w.record, epoch, epoch })
	}
	for n := range 3 {
		made(w, &w.set.Employees, employee(n), func(e *crm.Employee) {
			e.ID, e.TeamID, e.CreatedAt, e.UpdatedAt = w.record, w.set.Teams[n%2].ID, epoch, epoch
		})
	}
}

func (w *world) products() {
	for _, source := range []string{sourceOne, sourceTwo, sourceLive} {
		for n := range 2 {
			made(w, &w.set.Products, productID(source, n), func(p *crm.Product) {
				p.ID, p.Source, p.ExternalID = w.record, source, fmt.Sprint("product-", n)
			})
		}
	}
}

// actors are one of each kind, the customer among them first.
func actors(customer crm.ID) []crm.ActorRef {
	return []crm.ActorRef{
		{ID: customer},
		{ID: employee(0)},
		{ID: customerID("victim")},
		{ID: id(crm.KindPartnerApp, "app 0")},
		{System: "import"},
	}
}

func (w *world) customer(s seed) {
	made(w, &w.set.Customers, customerID(s.key), func(c *crm.Customer) {
		c.ID, c.Version, c.Kind, c.Status = w.record, 1, crm.CustomerKindPerson, crm.CustomerStatusActive
		if s.kind != "" {
			c.Kind = s.kind
		}
		if s.status != "" {
			c.Status = s.status
		}
		c.OwnerID, c.ReferredByID = employee(len(w.set.Customers)%3), customerID("self")
		if s.key == "self" {
			c.ReferredByID = customerID("victim")
		}
		switch {
		case s.key == "holding":
			c.ParentID = customerID("other")
		case c.Kind == crm.CustomerKindOrganization:
			c.ParentID = customerID("holding")
		}
		for i := range c.Emails {
			c.Emails[i].Verified = true
		}
		for i := range c.Addresses {
			c.Addresses[i].CountryCode = &s.country
		}
		c.ExternalIdentities[0].Source, c.ExternalIdentities[1].Source = s.identity, sourceLive
		if s.own {
			served := c.ExternalIdentities[0]
			served.Source, served.ExternalID = ownSource, w.text([]string{"Customer.externalIdentities", "ExternalIdentity.externalId"}, "")
			c.ExternalIdentities = append(c.ExternalIdentities, served)
		}
		c.Memberships = membership(c.Memberships, s)
		by := actors(c.ID)
		for n, x := range c.Consents {
			x.Purpose = crm.ConsentPurposePersonalization
			x.Status, x.ExpiresAt = crm.ConsentStatusGranted, nil
			for i, change := range x.History {
				change.ActorRef = by[1+2*n+i]
			}
			if s.refuses {
				x.Status = crm.ConsentStatusDenied
			}
		}
		for i := range 2 {
			c.Changes = append(c.Changes, c.Changes[i])
			c.Changes[2+i].ID = w.text([]string{"Customer.timeline", "ProfileChange.id"}, "ProfileChange.id")
		}
		for i := range c.Changes { // The newest, so that they begin every timeline.
			c.Changes[i].ActorRef, c.Changes[i].OccurredAt = by[1+i], w.instant([]string{"Customer.timeline", "ProfileChange.occurredAt"}).AddDate(1, 0, 0)
			w.noteTime(c.Changes[i].OccurredAt, []string{"Customer.timeline", "ProfileChange.occurredAt"})
		}
	})
}

// membership returns the one membership that a customer has, if any, on the days
// that it holds.
func membership(filled []*crm.Membership, s seed) []*crm.Membership {
	if s.organization == "" {
		return nil
	}
	m := filled[0]
	m.OrganizationID, m.Role, m.ValidTo = customerID(s.organization), s.role, nil
	switch {
	case s.ended:
		m.ValidTo = filled[1].ValidTo // Every time in the world is long past.
	case s.notYet:
		later := m.ValidFrom.AddDate(20, 0, 0)
		m.ValidFrom = &later
	}
	return []*crm.Membership{m}
}

func (w *world) order(source, key string, customer, organization crm.ID) *crm.Order {
	o := &crm.Order{}
	w.owners[crm.DerivedID(crm.KindOrder, source, key)] = w.of
	w.fill(crm.DerivedID(crm.KindOrder, source, key), o)
	o.ID, o.Source, o.ExternalID, o.CustomerID, o.OrganizationID = w.record, source, key, customer, organization
	o.Status, o.CanceledAt = crm.OrderStatusOpen, nil
	for i, l := range o.Lines {
		l.ProductID, l.ProductTitle = productID(source, i), ""
	}
	country := "FR"
	o.ShippingAddress.CountryCode, o.BillingAddress.CountryCode = &country, &country
	for i := range o.Payments {
		o.Payments[i].Status = crm.PaymentStatusCaptured
	}
	quantities := func(list []crm.LineQuantity) {
		for i := range list {
			list[i].Line = o.Lines[i]
		}
	}
	for _, r := range o.Refunds {
		quantities(r.Lines)
	}
	for _, r := range o.Returns {
		quantities(r.Lines)
	}
	for _, s := range o.Shipments {
		quantities(s.Lines)
	}
	return o
}

// purchases: an order of their own, one for the organization, one in the live
// shop, and a cart in each shop. An organization also has one that no person placed.
func (w *world) purchases(s seed) {
	customer := customerID(s.key)
	organization := customerID("other")
	if s.organization == "kelm" {
		organization = customerID("kelm")
	}
	w.set.Orders = append(w.set.Orders,
		w.order(sourceTwo, s.key+"-a", customer, ""), w.order(sourceOne, s.key+"-b", customer, organization))
	if s.kind == crm.CustomerKindOrganization {
		w.set.Orders = append(w.set.Orders, w.order(sourceOne, s.key+"-c", "", customer))
	}
	identities := w.set.Customers[slices.IndexFunc(w.set.Customers, func(c *crm.Customer) bool { return c.ID == customer })].ExternalIdentities
	buyer := crm.Buyer{ExternalID: identities[1].ExternalID}
	o := w.order(sourceLive, s.key+"-live", customer, "")
	w.orders = append(w.orders, &crm.ShopOrder{Order: o, Buyer: buyer})
	email := w.emailOf(customer)
	for _, source := range []string{sourceOne, sourceLive} {
		c := &crm.Cart{}
		cart := crm.CartID(source, s.key)
		w.fill(cart, c)
		c.ID, c.Source, c.ExternalID, c.CustomerID, c.Total.CurrencyCode = cart, source, s.key, customer, "GBP"
		for i, l := range c.Lines {
			l.ProductID, l.ProductTitle = productID(source, i), ""
		}
		w.carts[source] = append(w.carts[source], shoptest.Cart{Cart: c, Buyer: crm.Buyer{Email: email}})
	}
}

func (w *world) emailOf(customer crm.ID) string {
	for _, c := range w.set.Customers {
		if c.ID == customer {
			return c.Emails[0].Address
		}
	}
	return ""
}

// tickets: one of their own, one with another as account or requester; each with
// a conversation in public and one among staff.
func (w *world) tickets(s seed) {
	customer := customerID(s.key)
	account, requester := customer, customerID("victim")
	switch {
	case s.organization == "kelm":
		account, requester = customerID("kelm"), customer
	case s.key == "victim":
		requester = customerID("self")
	}
	for n, of := range [][2]crm.ID{{customer, customer}, {account, requester}} {
		made(w, &w.set.Tickets, id(crm.KindTicket, fmt.Sprint(s.key, n)), func(t *crm.Ticket) {
			t.ID, t.CustomerID, t.RequesterID, t.Version = w.record, of[0], of[1], 1
			t.QueueID, t.AssigneeID = w.set.Teams[n].ID, employee(n)
			for i, about := range t.Subjects {
				about.OrderID = crm.DerivedID(crm.KindOrder, []string{sourceOne, sourceTwo}[i], s.key+"-"+[]string{"b", "a"}[i])
				about.LineID = w.lineOf(about.OrderID)
				about.ProductID = productID(sourceOne, i)
			}
			t.Source = []*string{nil, &s.identity}[n]
			t.Status = []crm.TicketStatus{crm.TicketStatusOpen, crm.TicketStatusPendingCustomer}[n]
		})
		ticket := w.record
		for _, visibility := range []crm.Visibility{crm.VisibilityPublic, crm.VisibilityInternal} {
			for i, author := range actors(of[1]) {
				made(w, &w.set.Articles, id(crm.KindArticle, fmt.Sprint(s.key, n, visibility, i)), func(a *crm.Article) {
					a.ID, a.TicketID, a.Visibility, a.AuthorRef = w.record, ticket, visibility, author
				})
			}
		}
	}
}

func (w *world) lineOf(order crm.ID) string {
	for _, o := range w.set.Orders {
		if o.ID == order {
			return o.Lines[0].ID
		}
	}
	return ""
}

// rest: what only staff see, and recommendations.
func (w *world) rest(s seed) {
	customer := customerID(s.key)
	made(w, &w.set.Interactions, id(crm.KindInteraction, s.key), func(i *crm.Interaction) {
		i.ID, i.CustomerID, i.Source = w.record, customer, &s.identity
		named := i.Participants[0]
		i.Participants = []*crm.Participant{named}
		for _, actor := range actors(customer) {
			i.Participants = append(i.Participants, &crm.Participant{ActorRef: actor})
		}
	})
	for n := range 3 {
		made(w, &w.set.Recommendations, id(crm.KindRecommendation, fmt.Sprint(s.key, n)), func(r *crm.Recommendation) {
			r.ID, r.CustomerID, r.ProductID = w.record, customer, productID(sourceOne, n%2)
			r.BasedOnIDs = []crm.ID{productID(sourceOne, 1-n%2), productID([]string{sourceOne, sourceTwo}[n%2], n%2)}
			r.Status = crm.RecommendationStatusActive
			if n < 2 { // Every time in the world is long past.
				later := r.ExpiresAt.AddDate(20, 0, 0)
				r.ExpiresAt = &later
				w.noteTime(later, []string{"Recommendation.expiresAt"})
			}
		})
	}
	made(w, &w.set.NextBestActions, id(crm.KindNextBestAction, s.key), func(a *crm.NextBestAction) {
		a.ID, a.CustomerID = w.record, customer
	})
}

// ids returns the ids of every record of a kind, sorted.
func (w *world) ids(kind crm.Kind) []crm.ID {
	var ids []crm.ID
	for key, from := range w.origins {
		if crm.ID(key) == from.record && from.record.Kind() == kind {
			ids = append(ids, from.record)
		}
	}
	slices.Sort(ids)
	return ids
}
