package access_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

// The customers of the fixed world. The asker buys for one organization, gets the
// bills of another, uses a third and has left a fourth; the colleague belongs to
// all of them.
var (
	asker     = id(crm.KindCustomer, 0)
	colleague = id(crm.KindCustomer, 1)
	stranger  = id(crm.KindCustomer, 2)
	bought    = id(crm.KindCustomer, 4)
	billed    = id(crm.KindCustomer, 5)
	used      = id(crm.KindCustomer, 6)
	left      = id(crm.KindCustomer, 7)
)

func member(organization crm.ID, role crm.MembershipRole) *crm.Membership {
	return &crm.Membership{OrganizationID: organization, Role: role}
}

func fixedWorld() world {
	customer := func(who crm.ID, kind crm.CustomerKind, source, country string) *crm.Customer {
		c := &crm.Customer{
			ID: who, Kind: kind, DisplayName: "Somebody", Emails: []crm.EmailAddress{{Address: "private@example.com"}},
			ExternalIdentities: []crm.ExternalIdentity{{Source: source, ExternalID: string(who)}, {Source: "crm", ExternalID: string(who)}},
			Addresses:          []crm.Address{{Line1: "1 Road", CountryCode: &country}},
		}
		c.Complete()
		return c
	}
	self := customer(asker, crm.CustomerKindPerson, "web", "DE")
	over := member(left, crm.MembershipRoleBuyer)
	over.ValidTo = ptr(now)
	self.Memberships = []*crm.Membership{
		member(bought, crm.MembershipRoleBuyer), member(billed, crm.MembershipRoleBilling), member(used, crm.MembershipRoleUser), over,
	}
	withholding := customer(stranger, crm.CustomerKindPerson, "pos", "FR")
	withholding.Consents = []*crm.Consent{{Purpose: crm.ConsentPurposePersonalization, Status: crm.ConsentStatusDenied}}
	order := func(n int, whose, organization crm.ID) *crm.Order {
		o := &crm.Order{
			ID: id(crm.KindOrder, n), Source: []string{"web", "pos"}[n%2], CustomerID: whose, OrganizationID: organization, PlacedAt: now,
			Shipments: []*crm.Shipment{{}}, PromisedDelivery: &crm.DeliveryWindow{}, Returns: []*crm.Return{{Reason: ptr("private")}},
			ReturnStatus:    crm.ReturnStatusReceived,
			Refunds:         []*crm.Refund{{Reason: ptr("private")}},
			ShippingAddress: &crm.Address{Name: ptr("private"), Line1: "private"}, BillingAddress: &crm.Address{Name: ptr("private"), Line1: "bills"},
		}
		o.Complete()
		return o
	}
	ticket := func(n int, account, requester crm.ID, source *string) *crm.Ticket {
		return &crm.Ticket{ID: id(crm.KindTicket, n), CustomerID: account, RequesterID: requester, Source: source, CreatedAt: now}
	}
	article := func(n, of int, author crm.ID, visibility crm.Visibility) *crm.Article {
		return &crm.Article{ID: id(crm.KindArticle, n), TicketID: id(crm.KindTicket, of), AuthorRef: crm.ActorRef{ID: author}, Visibility: visibility}
	}
	recommendation := func(n int, whose crm.ID, expires *time.Time) *crm.Recommendation {
		return &crm.Recommendation{ID: id(crm.KindRecommendation, n), CustomerID: whose, ExpiresAt: expires}
	}
	return world{
		teams:       []*crm.Team{{ID: id(crm.KindTeam, 0)}},
		employees:   []*crm.Employee{{ID: id(crm.KindEmployee, 0), Name: "Anna", Email: ptr("private@example.com")}},
		partnerApps: []*crm.PartnerApp{{ID: id(crm.KindPartnerApp, 0)}, {ID: id(crm.KindPartnerApp, 1)}},
		customers: []*crm.Customer{
			self, customer(colleague, crm.CustomerKindPerson, "web", "DE"), withholding,
			customer(bought, crm.CustomerKindOrganization, "web", "DE"), customer(billed, crm.CustomerKindOrganization, "pos", "DE"),
			customer(used, crm.CustomerKindOrganization, "pos", "DE"), customer(left, crm.CustomerKindOrganization, "pos", "DE"),
		},
		products: []*crm.Product{{ID: id(crm.KindProduct, 0), Source: "web"}, {ID: id(crm.KindProduct, 1), Source: "pos"}},
		orders: []*crm.Order{
			order(0, asker, ""), order(1, stranger, ""), order(2, colleague, bought), order(3, colleague, billed),
			order(4, colleague, used), order(5, colleague, left), order(6, asker, used), order(8, stranger, ""),
		},
		tickets: []*crm.Ticket{
			ticket(0, asker, asker, nil), ticket(1, stranger, stranger, nil), ticket(2, bought, bought, nil), ticket(3, bought, colleague, nil),
			ticket(4, asker, asker, ptr("helpdesk")),
		},
		articles: []*crm.Article{
			article(0, 0, asker, crm.VisibilityPublic), article(1, 0, id(crm.KindEmployee, 0), crm.VisibilityInternal),
			article(2, 1, stranger, crm.VisibilityPublic), article(3, 2, colleague, crm.VisibilityPublic),
		},
		interactions: []*crm.Interaction{
			{ID: id(crm.KindInteraction, 0), CustomerID: asker},
			{ID: id(crm.KindInteraction, 1), CustomerID: stranger},
			{ID: id(crm.KindInteraction, 2), CustomerID: asker, Source: ptr("helpdesk")},
		},
		recommendations: []*crm.Recommendation{
			recommendation(0, asker, nil), recommendation(1, asker, ptr(now)), recommendation(2, colleague, nil), recommendation(3, stranger, nil),
			{ID: id(crm.KindRecommendation, 4), CustomerID: asker, ProductID: "prd_web.1"},
			{ID: id(crm.KindRecommendation, 5), CustomerID: asker, ProductID: "prd_pos.1"},
		},
		actions: []*crm.NextBestAction{{ID: id(crm.KindNextBestAction, 0), CustomerID: asker}},
	}
}

// shops are what a gateway knows of shops: two, with a cart of everybody's in each.
type shops struct{ crm.Purchases }

func (s shops) For(crm.Audience) crm.Purchases { return s }

func (shops) Carts(_ context.Context, customers []*crm.Customer) (map[crm.ID]*crm.CustomerCarts, error) {
	carts := map[crm.ID]*crm.CustomerCarts{}
	for _, c := range customers {
		carts[c.ID] = &crm.CustomerCarts{
			Nodes:   []*crm.Cart{{Source: "pos"}, {Source: "web"}},
			Sources: []crm.SourceStatus{{Source: "pos"}, {Source: "web"}},
		}
	}
	return carts, nil
}

func (shops) Covered(context.Context) ([]crm.SourceStatus, error) {
	return []crm.SourceStatus{{Source: "pos"}, {Source: crm.SourceStore}, {Source: "web"}}, nil
}

// asking is somebody asking the fixed world.
type asking struct {
	testing.TB
	raw   *memory
	store crm.Store
	all   crm.Purchases
	who   *access.Principal
}

func ask(t testing.TB, w world, who *access.Principal, without ...access.Rule) asking {
	t.Helper()
	raw := newMemory(w)
	rules := slices.DeleteFunc(access.PolicyRules(), func(r access.Rule) bool { return slices.Contains(without, r) })
	policy := access.NewPolicy(raw, rules, access.PolicyOptions{Clock: clock})
	inner := shops{purchases.New(raw, nil, purchases.Options{Clock: clock}).For(crm.Audience{})}
	return asking{TB: t, raw: raw, store: access.Store(raw, policy), all: access.Sources(inner, policy), who: who}
}

func (a asking) ctx() context.Context { return access.With(context.Background(), a.who) }

// get returns a record by id, nil if it may not be had.
func get[T any](a asking, from func(context.Context, []crm.ID, *crm.Members) (map[crm.ID]*T, error), id crm.ID) *T {
	a.Helper()
	found, err := from(a.ctx(), []crm.ID{id}, nil)
	if err != nil {
		a.Fatal(err)
	}
	return found[id]
}

func (a asking) order(n int) *crm.Order { return get(a, a.all.OrdersByID, id(crm.KindOrder, n)) }

func (a asking) customer(id crm.ID) *crm.Customer {
	return get(a, crm.Of[crm.Customer](a.store).ByID, id)
}

func (a asking) carts(of crm.ID) *crm.CustomerCarts {
	a.Helper()
	carts, err := a.all.Carts(a.ctx(), []*crm.Customer{{ID: of}})
	if err != nil {
		a.Fatal(err)
	}
	return carts[of]
}

func portal() *access.Principal {
	return &access.Principal{Kind: access.KindCustomer, ID: "customer:1", Customer: asker}
}

func partner(rows crm.RowLimits, scopes ...access.Scope) *access.Principal {
	if scopes == nil {
		scopes = access.Scopes()
	}
	return &access.Principal{Kind: access.KindPartner, ID: "key_1", Actor: id(crm.KindPartnerApp, 0), Scopes: scopes, Rows: rows}
}
