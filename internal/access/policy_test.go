package access_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
)

// leak is a thing that one rule forbids.
type leak struct {
	who *access.Principal
	// there says whether the caller gets it.
	there func(a asking) bool
}

func leaks() map[access.Rule]leak {
	web, germany := crm.RowLimits{Sources: []string{"web"}}, crm.RowLimits{Regions: []string{"DE"}}
	everything := crm.RowLimits{}
	blocked := portal()
	return map[access.Rule]leak{
		access.RuleCustomerStanding: {blocked, func(a asking) bool {
			a.raw.records[crm.KindCustomer][0].(*crm.Customer).Status = crm.CustomerStatusBlocked
			return a.customer(asker) != nil || get(a, a.all.ProductsByID, id(crm.KindProduct, 0)) != nil
		}},
		access.RuleCustomerSelf:         {portal(), func(a asking) bool { return a.customer(colleague) != nil || a.customer(left) != nil }},
		access.RuleCustomerMembership:   {portal(), func(a asking) bool { return a.order(5) != nil }},
		access.RuleCustomerOrganization: {portal(), func(a asking) bool { return len(a.customer(bought).Emails) > 0 }},
		access.RuleCustomerOrders:       {portal(), func(a asking) bool { return a.order(1) != nil }},
		access.RuleCustomerRole:         {portal(), func(a asking) bool { return a.order(4) != nil }},
		access.RuleCustomerBilling: {portal(), func(a asking) bool {
			o := a.order(3)
			return len(o.Shipments)+len(o.Returns) > 0 || o.ShippingAddress != nil || o.PromisedDelivery != nil || o.ReturnStatus != crm.ReturnStatusNone
		}},
		access.RuleCustomerColleagues: {portal(), func(a asking) bool {
			o := a.order(2)
			return o.CustomerID != "" || o.Returns[0].Reason != nil || o.ShippingAddress.Line1 != "" || o.BillingAddress.Name != nil
		}},
		access.RuleCustomerTickets:  {portal(), func(a asking) bool { return get(a, crm.Of[crm.Ticket](a.store).ByID, id(crm.KindTicket, 3)) != nil }},
		access.RuleCustomerInternal: {portal(), func(a asking) bool { return get(a, crm.Of[crm.Article](a.store).ByID, id(crm.KindArticle, 1)) != nil }},
		access.RuleCustomerArticles: {portal(), func(a asking) bool {
			return get(a, crm.Of[crm.Article](a.store).ByID, id(crm.KindArticle, 2)) != nil || get(a, crm.Of[crm.Article](a.store).ByID, id(crm.KindArticle, 3)) != nil
		}},
		access.RuleCustomerStaff: {portal(), func(a asking) bool { return get(a, crm.Of[crm.Employee](a.store).ByID, id(crm.KindEmployee, 0)) != nil }},
		access.RuleCustomerOwn: {portal(), func(a asking) bool {
			return get(a, crm.Of[crm.Recommendation](a.store).ByID, id(crm.KindRecommendation, 2)) != nil
		}},
		access.RuleCustomerWithheld: {portal(), func(a asking) bool {
			return get(a, crm.Of[crm.Recommendation](a.store).ByID, id(crm.KindRecommendation, 1)) != nil
		}},
		access.RuleCustomerCarts: {portal(), func(a asking) bool { return a.carts(bought) != nil }},
		access.RuleCustomerStatistics: {portal(), func(a asking) bool {
			facts, err := a.store.Facts(a.ctx(), []crm.ID{bought})
			return err != nil || len(facts) > 0
		}},
		access.RuleCustomerKinds: {portal(), func(a asking) bool {
			return get(a, crm.Of[crm.Interaction](a.store).ByID, id(crm.KindInteraction, 0)) != nil ||
				get(a, crm.Of[crm.NextBestAction](a.store).ByID, id(crm.KindNextBestAction, 0)) != nil ||
				get(a, crm.Of[crm.Team](a.store).ByID, id(crm.KindTeam, 0)) != nil || get(a, crm.Of[crm.PartnerApp](a.store).ByID, id(crm.KindPartnerApp, 0)) != nil
		}},

		access.RulePartnerScopes: {partner(everything, access.ScopeProducts), func(a asking) bool {
			_, err := crm.Of[crm.Customer](a.store).List(a.ctx(), crm.Query{Page: crm.PageRequest{Limit: 1}})
			deed, failed := crm.Of[crm.Customer](a.store).ByID(access.Acting(a.ctx()), []crm.ID{asker}, nil)
			return a.order(0) != nil || a.customer(asker) != nil || err == nil || failed != nil || len(deed) > 0
		}},
		access.RulePartnerKinds: {partner(everything), func(a asking) bool {
			return get(a, crm.Of[crm.NextBestAction](a.store).ByID, id(crm.KindNextBestAction, 0)) != nil ||
				get(a, crm.Of[crm.Employee](a.store).ByID, id(crm.KindEmployee, 0)) != nil || get(a, crm.Of[crm.PartnerApp](a.store).ByID, id(crm.KindPartnerApp, 1)) != nil
		}},
		access.RulePartnerInternal: {partner(everything), func(a asking) bool { return get(a, crm.Of[crm.Article](a.store).ByID, id(crm.KindArticle, 1)) != nil }},
		access.RulePartnerCustomers: {partner(web), func(a asking) bool {
			n, err := crm.Of[crm.Customer](a.store).Count(a.ctx(), nil)
			return a.customer(stranger) != nil || err != nil || n != 3
		}},
		access.RulePartnerIdentities: {partner(web), func(a asking) bool {
			found, err := crm.Of[crm.Customer](a.store).List(a.ctx(), crm.Query{
				Where: []crm.Predicate{{Field: crm.FieldIdentity, In: []string{"crm:" + string(asker)}}}, Page: crm.PageRequest{Limit: 1},
			})
			return err != nil || len(found.Items) > 0 || len(a.customer(asker).ExternalIdentities) > 1
		}},
		access.RulePartnerOrders: {partner(web), func(a asking) bool {
			n, err := crm.Of[crm.Order](a.store).Count(a.ctx(), nil)
			return a.order(1) != nil || err != nil || n != 5
		}},
		access.RulePartnerProducts: {partner(web), func(a asking) bool {
			counts, err := crm.Of[crm.Recommendation](a.store).CountBy(a.ctx(), []crm.Field{crm.FieldCustomer}, []crm.ID{asker}, nil)
			return get(a, a.all.ProductsByID, id(crm.KindProduct, 1)) != nil || err != nil || counts[asker] != 3 ||
				get(a, crm.Of[crm.Recommendation](a.store).ByID, id(crm.KindRecommendation, 5)) != nil
		}},
		access.RulePartnerCarts: {partner(web), func(a asking) bool { return len(a.carts(asker).Nodes) > 1 }},
		access.RulePartnerHanging: {partner(germany), func(a asking) bool {
			return a.order(1) != nil || get(a, crm.Of[crm.Ticket](a.store).ByID, id(crm.KindTicket, 1)) != nil ||
				get(a, crm.Of[crm.Interaction](a.store).ByID, id(crm.KindInteraction, 1)) != nil
		}},
		access.RulePartnerOrigin: {partner(web), func(a asking) bool {
			return get(a, crm.Of[crm.Ticket](a.store).ByID, id(crm.KindTicket, 4)) != nil || get(a, crm.Of[crm.Interaction](a.store).ByID, id(crm.KindInteraction, 2)) != nil
		}},
		access.RulePartnerWithheld: {partner(everything), func(a asking) bool {
			return get(a, crm.Of[crm.Recommendation](a.store).ByID, id(crm.KindRecommendation, 3)) != nil
		}},
		access.RulePartnerStatistics: {partner(web), func(a asking) bool {
			_, err := a.store.Facts(a.ctx(), []crm.ID{asker})
			return err == nil
		}},
	}
}

// TestEveryRuleIsNeeded shows for each rule what it forbids, and that nothing else
// forbids it.
func TestEveryRuleIsNeeded(t *testing.T) {
	all := leaks()
	for _, rule := range access.PolicyRules() {
		t.Run(string(rule), func(t *testing.T) {
			l, ok := all[rule]
			if !ok {
				t.Fatal("no test says what the rule forbids")
			}
			if l.there(ask(t, fixedWorld(), l.who)) {
				t.Error("the policy lets through what the rule forbids")
			}
			if !l.there(ask(t, fixedWorld(), l.who, rule)) {
				t.Error("without the rule it is forbidden nevertheless: the test shows nothing")
			}
		})
	}
}

// A key of some sources hears of these and of the store.
func TestSourcesOfAKey(t *testing.T) {
	a := ask(t, fixedWorld(), partner(crm.RowLimits{Sources: []string{"web"}}))
	covered, err := a.all.Covered(a.ctx())
	if err != nil || len(covered) != 2 || slices.ContainsFunc(covered, func(s crm.SourceStatus) bool { return s.Source == "pos" }) {
		t.Errorf("%v, %v: want the store and web", covered, err)
	}
}

// TestWhatIsTheirs shows that the rules leave everybody what is theirs.
func TestWhatIsTheirs(t *testing.T) {
	a := ask(t, fixedWorld(), portal())
	if c := a.customer(asker); c == nil || len(c.Emails) != 1 || len(c.Memberships) != 4 {
		t.Errorf("oneself = %+v, want the whole record", c)
	}
	for _, organization := range []crm.ID{bought, billed, used} {
		if c := a.customer(organization); c == nil || c.DisplayName != "Somebody" {
			t.Errorf("an organization that one belongs to = %+v", c)
		}
	}
	for _, n := range []int{0, 2, 3, 6} {
		if a.order(n) == nil {
			t.Errorf("order %d is not there", n)
		}
	}
	if o := a.order(6); o.CustomerID != asker || len(o.Shipments) != 1 || o.ShippingAddress.Line1 != "private" || o.Returns[0].Reason == nil {
		t.Errorf("one's own order for an organization = %+v, want all of it", o)
	}
	if o := a.order(3); o.BillingAddress.Line1 != "bills" || len(o.Refunds) != 1 {
		t.Errorf("an order as an invoice = %+v, want where it is billed to and refunds", o)
	}
	for n, want := range []bool{true, false, true, false, true} {
		if got := get(a, crm.Of[crm.Ticket](a.store).ByID, id(crm.KindTicket, n)) != nil; got != want {
			t.Errorf("ticket %d: there %t, want %t", n, got, want)
		}
	}
	if a.carts(asker) == nil || get(a, crm.Of[crm.Recommendation](a.store).ByID, id(crm.KindRecommendation, 0)) == nil || get(a, a.all.ProductsByID, id(crm.KindProduct, 1)) == nil {
		t.Error("one's own carts, recommendations and the catalogue are there")
	}
	authors, err := crm.Of[crm.Employee](a.store).ByID(access.Acting(a.ctx()), []crm.ID{id(crm.KindEmployee, 0)}, nil)
	if e := authors[id(crm.KindEmployee, 0)]; err != nil || e == nil || e.Name != "Anna" || e.Email != nil {
		t.Errorf("an author = %+v, %v; want the name alone", e, err)
	}
	p := ask(t, fixedWorld(), partner(crm.RowLimits{Regions: []string{"DE"}, Own: "web"}))
	if p.customer(asker) == nil || p.order(0) == nil || p.customer(used) != nil || p.order(1) != nil {
		t.Error("of regions and own customers both must hold")
	}
	scoped := ask(t, fixedWorld(), partner(crm.RowLimits{}, access.ScopeOrders))
	named, err := crm.Of[crm.Customer](scoped.store).ByID(access.Referred(scoped.ctx()), []crm.ID{asker}, nil)
	if err != nil || named[asker] == nil {
		t.Errorf("an order's customer = %v, %v", named, err)
	}
	for _, who := range []struct {
		asking
		sees bool
	}{{scoped, true}, {a, false}} {
		found, err := crm.Of[crm.Employee](who.store).ByID(access.Referred(who.ctx()), []crm.ID{id(crm.KindEmployee, 0)}, nil)
		if e := found[id(crm.KindEmployee, 0)]; err != nil || (e != nil) != who.sees || e != nil && (e.Name != "Anna" || e.Email != nil) {
			t.Errorf("who works on a ticket = %+v, %v; want the name alone for partners, and nobody for customers", e, err)
		}
	}
	if app := get(p, crm.Of[crm.PartnerApp](p.store).ByID, id(crm.KindPartnerApp, 0)); app == nil {
		t.Error("a partner sees its own system")
	}
}

// TestNobodySeesNothing asks without a principal, and as one of no kind.
func TestNobodySeesNothing(t *testing.T) {
	a := ask(t, fixedWorld(), nil)
	for _, ctx := range []context.Context{context.Background(), a.ctx(), access.With(context.Background(), &access.Principal{})} {
		_, byID := crm.Of[crm.Customer](a.store).ByID(ctx, []crm.ID{asker}, nil)
		_, list := crm.Of[crm.Product](a.store).List(ctx, crm.Query{})
		_, under := crm.Of[crm.Order](a.store).ListBy(ctx, []crm.Field{crm.FieldCustomer}, []crm.ID{asker}, crm.Query{})
		_, facts := a.store.Facts(ctx, []crm.ID{asker})
		_, orders := a.all.OrdersByID(ctx, []crm.ID{id(crm.KindOrder, 0)}, nil)
		_, carts := a.all.Carts(ctx, []*crm.Customer{{ID: asker}})
		_, covered := a.all.Covered(ctx)
		for what, err := range map[string]error{"by id": byID, "list": list, "under": under, "facts": facts, "orders": orders, "carts": carts, "covered": covered} {
			if crm.CodeOf(err) != crm.CodeUnauthenticated {
				t.Errorf("%s: %v, want UNAUTHENTICATED", what, err)
			}
		}
	}
	if n := a.raw.calls.Load(); n != 0 {
		t.Errorf("nobody cost the store %d calls", n)
	}
}

// panicking is a store that panics when it is asked for customers by their ids.
type panicking struct{ crm.Store }

func (p panicking) ByID(ctx context.Context, kind crm.Kind, ids []crm.ID, want *crm.Members) ([]crm.Record, error) {
	if kind == crm.KindCustomer {
		panic("planted")
	}
	return p.Store.ByID(ctx, kind, ids, want)
}

// TestPanicIsEverybodysError has who asks not found out: nobody goes on as if that were
// somebody who may see nothing, which would be an answer.
func TestPanicIsEverybodysError(t *testing.T) {
	policy := access.NewPolicy(panicking{newMemory(fixedWorld())}, access.PolicyRules(), access.PolicyOptions{Clock: func() time.Time { return now }})
	store := access.Store(newMemory(fixedWorld()), policy)
	ctx := access.With(t.Context(), &access.Principal{Kind: access.KindCustomer, ID: "customer:test", Customer: asker})
	for range 3 {
		if _, err := crm.Of[crm.Product](store).List(ctx, crm.Query{}); crm.CodeOf(err) != crm.CodeInternal {
			t.Errorf("%v, want INTERNAL", err)
		}
	}
}

// TestCallersDoNotWrite asks for all that is not the graph's, as staff.
func TestCallersDoNotWrite(t *testing.T) {
	a := ask(t, fixedWorld(), access.Local())
	_, write := crm.Of[crm.Customer](a.store).Write(a.ctx(), nil)
	_, keys := a.store.APIKeys().List(a.ctx())
	_, checkpoint := a.store.Checkpoints().Get(a.ctx(), []string{"x"})
	for what, err := range map[string]error{
		"write": write, "keys": keys, "checkpoint": checkpoint, "migrate": a.store.Migrate(a.ctx()), "close": a.store.Close(a.ctx()),
	} {
		if crm.CodeOf(err) != crm.CodeForbidden {
			t.Errorf("%s: %v, want FORBIDDEN", what, err)
		}
	}
}

// TestForeignCostsWhatUnknownCosts counts the store's calls for ids of records that
// may not be seen and for ids of none.
func TestForeignCostsWhatUnknownCosts(t *testing.T) {
	principals := map[string]*access.Principal{
		"portal": portal(), "regions": partner(crm.RowLimits{Regions: []string{"NL"}}), "own": partner(crm.RowLimits{Own: "nobody"}),
		"source": partner(crm.RowLimits{Sources: []string{"nobody"}}), "no scopes": partner(crm.RowLimits{}, access.ScopeProducts),
	}
	for name, who := range principals {
		for _, kind := range crm.Kinds() {
			calls := func(n int) int64 {
				a := ask(t, fixedWorld(), who)
				if lookFor(a, kind, id(kind, n)) {
					return -1
				}
				return a.raw.calls.Load()
			}
			for n := range 4 {
				if foreign, unknown := calls(n), calls(1000+n); foreign != unknown && foreign >= 0 {
					t.Errorf("%s: %s %d cost %d calls, an unknown one %d", name, kind, n, foreign, unknown)
				}
			}
		}
	}
}

// lookFor asks for a record as node(id) does and says whether it was had.
func lookFor(a asking, kind crm.Kind, id crm.ID) bool {
	switch kind { //nolint:exhaustive // The others are the store's alone.
	case crm.KindProduct:
		return get(a, a.all.ProductsByID, id) != nil
	case crm.KindOrder:
		return get(a, a.all.OrdersByID, id) != nil
	}
	found, err := a.store.ByID(a.ctx(), kind, []crm.ID{id}, nil)
	return err == nil && len(found) > 0
}
