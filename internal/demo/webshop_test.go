package demo_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/customer360/gateway/datasources/shops/medusa"
	"github.com/customer360/gateway/datasources/shops/medusa/medusatest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
	"github.com/customer360/gateway/internal/shopsync"
)

// TestWebShopOrders: the web shop's orders are those of the rule, and every other
// is the data set's own shop's.
func TestWebShopOrders(t *testing.T) {
	got := map[string]int{}
	for _, o := range generate(t).Orders {
		want := demo.Source
		if strings.HasSuffix(o.Number, "4") && len(o.Lines) > 0 && o.OrganizationID == "" {
			want = demo.WebShop
		}
		if o.Source != want || o.ID != crm.DerivedID(crm.KindOrder, want, o.Number) || o.ExternalID != o.Number {
			t.Errorf("order %s is %s of %s, want one of %s", o.Number, o.ID, o.Source, want)
		}
		for _, l := range o.Lines {
			if source, _, _ := l.ProductID.Source(); source != want {
				t.Errorf("order %s of %s sells %s", o.Number, want, l.ProductID)
			}
		}
		got[o.Source]++
	}
	want := map[string]int{demo.Source: 18392, demo.WebShop: 140}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

// TestWebShopCustomers: who has bought in the web shop is known there, and nobody
// else; what the data set calls them comes first.
func TestWebShopCustomers(t *testing.T) {
	d := generate(t)
	buyers, names := map[crm.ID]bool{}, map[string]bool{}
	for _, o := range d.Orders {
		if o.Source == demo.WebShop {
			buyers[o.CustomerID] = true
		}
	}
	for _, c := range d.Customers {
		s, _ := c.Shopper(demo.WebShop)
		if known := len(s.ExternalIDs) == 1; known != buyers[c.ID] {
			t.Errorf("%s is known to the web shop as %q, has orders there: %t", c.ID, s.ExternalIDs, buyers[c.ID])
		}
		for i, e := range c.ExternalIdentities {
			if e.Source != demo.WebShop {
				continue
			}
			if names[e.ExternalID] || i != 1 || c.ExternalIdentities[0].Source != demo.Source || e.VerifiedAt == nil ||
				e.ExternalID != "cus_"+c.ExternalIdentities[0].ExternalID {
				t.Errorf("%s has the identities %v", c.ID, c.ExternalIdentities)
			}
			names[e.ExternalID] = true
		}
	}
	if len(names) != 132 || len(buyers) != 132 || !buyers[demo.ExampleCustomer()] {
		t.Errorf("%d customers are known to the web shop, %d have orders there, want 132 each; the example customer: %t", len(names), len(buyers), buyers[demo.ExampleCustomer()])
	}
}

// TestExampleHasBothSources: the newest two orders of the example customer are of
// both sources.
func TestExampleHasBothSources(t *testing.T) {
	sources := []string{}
	for _, o := range newView(generate(t)).ordersOf[demo.ExampleCustomer()][:2] {
		sources = append(sources, o.Source)
	}
	if diff := cmp.Diff([]string{demo.WebShop, demo.Source}, sources); diff != "" {
		t.Errorf("sources of the newest orders (-want +got):\n%s", diff)
	}
}

// webShop asks the demo's web shop as the gateway asks a real one.
func webShop(t *testing.T) (*demo.Shop, *medusa.Shop) {
	t.Helper()
	d, err := demo.GenerateShop()
	if err != nil {
		t.Fatal(err)
	}
	handler, err := medusatest.New("sk_test", medusatest.Data{Customers: d.Customers, Products: d.Products, Orders: d.Orders})
	if err != nil {
		t.Fatal(err)
	}
	s, err := medusa.New(medusa.Config{
		Source: demo.WebShop, URL: "http://localhost", Credentials: "sk_test", Transport: medusatest.Transport(handler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

// likeMedusa compares with the adapter's answers: the title that a product has now
// is not stored, and lists that are empty are none.
func likeMedusa() cmp.Options {
	return cmp.Options{cmpopts.IgnoreFields(crm.OrderLine{}, "ProductTitle", "HolderID"), cmpopts.EquateEmpty()}
}

// TestCopiesAreTheWebShops: the store's copies of the web shop's orders and
// products are what the adapter reads there.
func TestCopiesAreTheWebShops(t *testing.T) {
	d := generate(t)
	made, shop := webShop(t)
	orders := map[crm.ID]*crm.Order{}
	for _, o := range d.Orders {
		if o.Source == demo.WebShop {
			orders[o.ID] = o
		}
	}
	shoppers, live := []crm.Shopper{}, map[crm.ID]*crm.Order{}
	for _, c := range d.Customers {
		if s, ok := c.Shopper(demo.WebShop); ok && len(s.ExternalIDs) > 0 {
			shoppers = append(shoppers, s)
		}
	}
	answer, err := shop.OrdersOf(t.Context(), shoppers, crm.Stretch{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range answer {
		for _, o := range list.Items {
			live[o.ID] = o
			if o.Lines[0].ProductTitle == "" {
				t.Errorf("%s does not say what its products are called", o.ID)
			}
		}
	}
	if diff := cmp.Diff(orders, live, likeMedusa()); diff != "" {
		t.Errorf("orders (-stored +live):\n%s", diff)
	}
	if len(made.Orders) != len(orders) || len(made.Customers) != len(shoppers) {
		t.Errorf("the shop has %d orders of %d customers, the store %d of %d", len(made.Orders), len(made.Customers), len(orders), len(shoppers))
	}
	checkProducts(t, d, shop)
}

func checkProducts(t *testing.T, d *demo.Data, shop *medusa.Shop) {
	t.Helper()
	ids, stored := []string{}, map[string]*crm.Product{}
	for _, p := range d.Products {
		if p.Source == demo.WebShop {
			ids, stored[p.ExternalID] = append(ids, p.ExternalID), p
		}
	}
	live, err := shop.ProductsByID(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored, live, likeMedusa()); diff != "" {
		t.Errorf("products (-stored +live):\n%s", diff)
	}
}

// TestLoadWithShop: the web shop is the same as without a store, and the store
// says that it was synced at the demo's present.
func TestLoadWithShop(t *testing.T) {
	ctx, store := t.Context(), emptyStore(t)
	made, err := demo.LoadWithShop(ctx, store)
	if err != nil {
		t.Fatal(err)
	}
	alone, _ := webShop(t)
	if diff := cmp.Diff(alone, made); diff != "" {
		t.Errorf("the web shop (-alone +with the load):\n%s", diff)
	}
	marks, err := shopsync.Watermarks(ctx, store, []string{demo.WebShop})
	if err != nil || !marks[demo.WebShop].Equal(demo.Now()) {
		t.Errorf("the store says %v (%v), want %s", marks, err, demo.Now())
	}
}
