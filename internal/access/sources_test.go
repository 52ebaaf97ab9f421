package access_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/shops/guard"
	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

// TestRowsAreScopes asks a shop whose answers are kept: what it says for a key with
// row limits is no answer for anybody else.
func TestRowsAreScopes(t *testing.T) {
	shop := shoptest.New("web", []*crm.ShopOrder{{
		Order: &crm.Order{ID: "ord_web.live", Source: "web", ExternalID: "live", PlacedAt: now}, Buyer: crm.Buyer{ExternalID: string(asker)},
	}}, shoptest.WithProducts(&crm.Product{ID: "prd_web.live", Source: "web", ExternalID: "live", Variants: []crm.Variant{{SKU: "1"}}}))
	wrapped := guard.Wrap(shop, guard.Default(), nil)
	raw := newMemory(fixedWorld())
	inner := purchases.New(raw, []purchases.Source{{Shop: wrapped, Mode: purchases.ModeLive}}, purchases.Options{Clock: clock})
	all := access.Sources(inner, access.NewPolicy(raw, access.PolicyRules(), access.PolicyOptions{Clock: clock}))
	calls := 0
	for _, step := range []struct {
		name  string
		who   *access.Principal
		fresh int // calls of the shop
	}{
		{"staff", access.Local(), 1},
		{"portal", portal(), 0},
		{"partner without limits", partner(crm.RowLimits{}), 0},
		{"a source", partner(crm.RowLimits{Sources: []string{"web"}}), 1},
		{"the same source", partner(crm.RowLimits{Sources: []string{"web"}}), 0},
		{"a region", partner(crm.RowLimits{Regions: []string{"DE"}}), 1},
		{"a source and a region", partner(crm.RowLimits{Sources: []string{"web"}, Regions: []string{"DE"}}), 1},
		{"own", partner(crm.RowLimits{Own: "web"}), 1},
		{"another source", partner(crm.RowLimits{Sources: []string{"pos"}}), 0}, // Its id says whose it is.
	} {
		a := asking{TB: t, raw: raw, all: all, who: step.who}
		got := get(a, all.OrdersByID, "ord_web.live")
		if want := step.name != "another source"; (got != nil) != want {
			t.Errorf("%s: the order is there: %t, want %t", step.name, got != nil, want)
		}
		if calls += step.fresh; shop.Calls() != calls {
			t.Errorf("%s: %d calls of the shop, want %d", step.name, shop.Calls(), calls)
			calls = shop.Calls()
		}
		if step.name == "another source" {
			continue
		}
		filter := &crm.ProductFilter{SKU: []crm.SKURef{{Source: "web", SKU: "1"}}}
		page, err := all.Products(filter).List(a.ctx(), crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 1}})
		if err != nil || len(page.Items) != 1 {
			t.Errorf("%s: %d products, %v", step.name, len(page.Items), err)
		}
		if calls += step.fresh; shop.Calls() != calls {
			t.Errorf("%s: %d calls of the shop for products too, want %d", step.name, shop.Calls(), calls)
			calls = shop.Calls()
		}
	}
}

// TestOrdersOfWhomTheirShopKnows lists a shop's orders of customers of whom the
// caller does not see by what the shop knows them.
func TestOrdersOfWhomTheirShopKnows(t *testing.T) {
	shop := shoptest.New("pos", []*crm.ShopOrder{{
		Order: &crm.Order{ID: "ord_pos.live", Source: "pos", ExternalID: "live", PlacedAt: now}, Buyer: crm.Buyer{ExternalID: string(billed)},
	}})
	raw := newMemory(fixedWorld())
	inner := purchases.New(raw, []purchases.Source{{Shop: shoptest.Shared(shop), Mode: purchases.ModeLive}}, purchases.Options{Clock: clock})
	policy := access.NewPolicy(raw, access.PolicyRules(), access.PolicyOptions{Clock: clock})
	a := asking{TB: t, raw: raw, store: access.Store(raw, policy), all: access.Sources(inner, policy), who: portal()}
	ctx := a.ctx()
	found, err := crm.Of[crm.Customer](a.store).ByID(ctx, []crm.ID{billed, used}, nil)
	if err != nil || len(found[billed].ExternalIdentities) > 0 {
		t.Fatalf("the organization = %+v, %v", found[billed], err)
	}
	q := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: 10}}
	pages, err := a.all.Orders(ctx, []*crm.Customer{found[billed], found[used], {ID: stranger}}, q, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[crm.ID]int{}
	for id, page := range pages {
		got[id] = len(page.Items)
	}
	// The colleague's order and the shop's; the asker's own; nothing of a stranger.
	if len(got) != 2 || got[billed] != 2 || got[used] != 1 {
		t.Errorf("orders of each customer: %v", got)
	}
	for _, o := range pages[billed].Items {
		if len(o.Shipments) > 0 || o.ShippingAddress != nil {
			t.Errorf("an order as an invoice: %+v", o)
		}
	}
}

// TestShopsOfOthersAreNotAsked names SKUs of a shop that is not one of the key's,
// and that is down: it is not asked, and what is the key's comes without an error.
func TestShopsOfOthersAreNotAsked(t *testing.T) {
	made := func(source string) *crm.Product {
		return &crm.Product{
			ID: crm.DerivedID(crm.KindProduct, source, "live"), Source: source, ExternalID: "live",
			Variants: []crm.Variant{{SKU: "1"}},
		}
	}
	web, pos := shoptest.New("web", nil, shoptest.WithProducts(made("web"))), shoptest.New("pos", nil, shoptest.WithProducts(made("pos")))
	pos.SetErr(&crm.Error{Code: crm.CodeUnavailable})
	raw := newMemory(fixedWorld())
	inner := purchases.New(raw, []purchases.Source{{Shop: shoptest.Shared(web), Mode: purchases.ModeLive}, {Shop: shoptest.Shared(pos), Mode: purchases.ModeLive}}, purchases.Options{Clock: clock})
	all := access.Sources(inner, access.NewPolicy(raw, access.PolicyRules(), access.PolicyOptions{Clock: clock}))
	list := func(who *access.Principal) (crm.Page[crm.Product], int, error) {
		filter := &crm.ProductFilter{SKU: []crm.SKURef{{Source: "web", SKU: "1"}, {Source: "pos", SKU: "1"}}}
		where, err := filter.Predicates()
		if err != nil {
			t.Fatal(err)
		}
		ctx := asking{who: who}.ctx()
		page, err := all.Products(filter).List(ctx, crm.Query{Where: where, Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: 10}})
		n, failed := all.Products(filter).Count(ctx, where)
		return page, n, errors.Join(err, failed)
	}
	page, n, err := list(partner(crm.RowLimits{Sources: []string{"web"}}))
	if err != nil || n != 1 || len(page.Items) != 1 || page.Items[0].Source != "web" || pos.Calls() != 0 {
		t.Errorf("%d products, counted %d, %v, %d calls of the other shop", len(page.Items), n, err, pos.Calls())
	}
	if _, _, err := list(partner(crm.RowLimits{})); crm.CodeOf(err) != crm.CodeUnavailable {
		t.Errorf("without limits: %v, want UNAVAILABLE", err)
	}
}

// TestMembersAreNotToldOfOthersOrders lists an organization's orders as one of its
// users, and has it list those of a shop that has very many of them: there are those
// that the user placed, and nothing tells of the shop's.
func TestMembersAreNotToldOfOthersOrders(t *testing.T) {
	own := id(crm.KindOrder, 6)
	live := []*crm.ShopOrder{}
	for n := range 200 {
		external := strconv.Itoa(n)
		live = append(live, &crm.ShopOrder{
			Order: &crm.Order{ID: crm.DerivedID(crm.KindOrder, "pos", external), Source: "pos", ExternalID: external, PlacedAt: now.Add(-time.Duration(n) * time.Hour)},
			Buyer: crm.Buyer{ExternalID: string(used)},
		})
	}
	shop := shoptest.New("pos", live)
	raw := newMemory(fixedWorld())
	inner := purchases.New(raw, []purchases.Source{{Shop: shoptest.Shared(shop), Mode: purchases.ModeLive}}, purchases.Options{Clock: clock})
	policy := access.NewPolicy(raw, access.PolicyRules(), access.PolicyOptions{Clock: clock})
	a := asking{TB: t, raw: raw, store: access.Store(raw, policy), all: access.Sources(inner, policy), who: portal()}
	for limit, want := range []int{0, 1, 1} {
		ctx := a.ctx()
		found, err := crm.Of[crm.Customer](a.store).ByID(ctx, []crm.ID{used}, nil)
		if err != nil {
			t.Fatal(err)
		}
		q := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: limit}}
		pages, err := a.all.Orders(ctx, []*crm.Customer{found[used]}, q, nil, nil)
		page := pages[used]
		if err != nil || len(page.Items) != want || want > 0 && page.Items[0].ID != own || page.More != (limit == 0) {
			t.Errorf("at most %d: %d orders, more: %t, %v", limit, len(page.Items), page.More, err)
		}
		if len(page.Sources) != 1 || page.Sources[0].Source != crm.SourceStore {
			t.Errorf("at most %d: sources %+v, want the store's alone", limit, page.Sources)
		}
		counts, err := a.all.CountOrders(ctx, []*crm.Customer{found[used]}, nil)
		if err != nil || counts[used] == nil || *counts[used] != 1 {
			t.Errorf("counted %v, %v; want 1", counts[used], err)
		}
	}
	if shop.Calls() != 0 {
		t.Errorf("%d calls of the shop", shop.Calls())
	}
}
