package purchases_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
)

func product(source, id, title string, skus ...string) *crm.Product {
	p := &crm.Product{
		ID: crm.DerivedID(crm.KindProduct, source, id), Source: source, ExternalID: id, Title: title, CreatedAt: day, UpdatedAt: day,
	}
	for _, sku := range skus {
		p.Variants = append(p.Variants, crm.Variant{SKU: sku})
	}
	p.Complete()
	return p
}

// catalog has shops of every mode; the store has copies called "stored".
func catalog(t *testing.T) (s *store, a, b, c *shoptest.Shop, all reading) {
	t.Helper()
	s = newStore(t)
	put(
		t, crm.Of[crm.Product](s.Store), product("till", "1", "stored", "T1"), product("a", "1", "stored", "A1"), product("b", "1", "stored", "B1"),
		product("c", "1", "stored", "C1"), product("a", "2", "stored", "A2"),
	)
	a = shoptest.New("a", nil, shoptest.WithProducts(product("a", "1", "live", "A1", "A1L"), product("a", "3", "live", "A3")))
	b = shoptest.New("b", nil, shoptest.WithProducts(product("b", "1", "live", "B1")))
	c = shoptest.New("c", nil, shoptest.WithProducts(product("c", "1", "live", "C1")))
	return s, a, b, c, open(
		s, purchases.Source{Shop: shoptest.Shared(a), Mode: purchases.ModeLive}, purchases.Source{Shop: shoptest.Shared(b), Mode: purchases.ModeBoth},
		purchases.Source{Shop: shoptest.Shared(c), Mode: purchases.ModeSynced},
	)
}

func TestProductsByID(t *testing.T) {
	s, a, b, c, all := catalog(t)
	asked := []crm.ID{"prd_till.1", "prd_a.1", "prd_a.1", "prd_a.2", "prd_a.3", "prd_a.4", "prd_b.1", "prd_c.1", "ord_a.1", "x"}
	products, err := all.ProductsByID(t.Context(), asked, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantTitles(t, products, map[crm.ID]string{
		"prd_till.1": "stored", "prd_a.1": "live", "prd_a.2": "stored", "prd_a.3": "live", "prd_b.1": "live", "prd_c.1": "stored",
	})
	if a.Calls() != 1 || b.Calls() != 1 || c.Calls() != 0 {
		t.Errorf("calls %d, %d and %d", a.Calls(), b.Calls(), c.Calls())
	}
	if diff := cmp.Diff([]string{"products.ByID"}, s.taken()); diff != "" {
		t.Errorf("calls of the store (-want +got):\n%s", diff)
	}

	a.SetErr(errDown)
	products, err = all.ProductsByID(t.Context(), asked, nil)
	wantTitles(t, products, map[crm.ID]string{
		"prd_till.1": "stored", "prd_a.1": "stored", "prd_a.2": "stored", "prd_b.1": "live", "prd_c.1": "stored",
	})
	var partial crm.PartialError
	if !errors.As(err, &partial) || len(partial) != 2 || partial["prd_a.3"] == nil || partial["prd_a.4"] == nil {
		t.Errorf("error %v", err)
	}

	a.SetErr(nil)
	s.set(errDown)
	products, err = all.ProductsByID(t.Context(), asked, nil)
	wantTitles(t, products, map[crm.ID]string{"prd_a.1": "live", "prd_a.3": "live", "prd_b.1": "live"})
	if !errors.As(err, &partial) || len(partial) != 4 {
		t.Errorf("error %v", err)
	}
}

func wantTitles(t *testing.T, products map[crm.ID]*crm.Product, want map[crm.ID]string) {
	t.Helper()
	got := map[crm.ID]string{}
	for id, p := range products {
		got[id] = p.Title
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
}

func TestProductsBySKU(t *testing.T) {
	s, a, b, c, all := catalog(t)
	refs := []crm.SKURef{
		{Source: "c", SKU: "C1"},
		{Source: "a", SKU: "A3"},
		{Source: "a", SKU: "A3\x00"},
		{Source: "a", SKU: "A\n3"},
		{Source: "a", SKU: "\xff"},
		{Source: "a", SKU: ""},
		{Source: "a", SKU: "A1L"},
		{Source: "a", SKU: "A1"},
		{Source: "a", SKU: "A1"},
		{Source: "a", SKU: "A2"},
		{Source: "a", SKU: "B1"},
		{Source: "b", SKU: "B1"},
		{Source: "till", SKU: "T1"},
		{Source: "gone", SKU: "T1"},
	}
	list := func(wantErr string) []string {
		t.Helper()
		products, err := all.ProductsBySKU(t.Context(), refs)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != wantErr {
			t.Errorf("error %q, want %q", text, wantErr)
		}
		titles := make([]string, len(products))
		for i, p := range products {
			titles[i] = string(p.ID) + " " + p.Title
		}
		return titles
	}
	want := []string{"prd_c.1 stored", "prd_a.3 live", "prd_a.1 live", "prd_a.2 stored", "prd_b.1 live", "prd_till.1 stored"}
	if diff := cmp.Diff(want, list("")); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]shoptest.Call{{Method: "ProductsBySKU", Keys: []string{"A3", "A1L", "A1", "A2", "B1"}}}, a.Log()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if b.Calls() != 1 || c.Calls() != 0 || len(s.taken()) != 1 {
		t.Errorf("calls %d and %d", b.Calls(), c.Calls())
	}

	a.SetErr(errDown)
	want = []string{"prd_c.1 stored", "prd_a.1 stored", "prd_a.2 stored", "prd_b.1 live", "prd_till.1 stored"}
	if diff := cmp.Diff(want, list("load products of 14 SKUs: a: UNAVAILABLE: down: UNAVAILABLE: down")); diff != "" {
		t.Errorf("products without a (-want +got):\n%s", diff)
	}

	a.SetErr(nil)
	s.set(errDown)
	want = []string{"prd_a.3 live", "prd_a.1 live", "prd_b.1 live"}
	if diff := cmp.Diff(want, list("load products of 14 SKUs: store: UNAVAILABLE: down: UNAVAILABLE: down")); diff != "" {
		t.Errorf("products without the store (-want +got):\n%s", diff)
	}
	if products, err := all.ProductsBySKU(t.Context(), nil); len(products) != 0 || err != nil {
		t.Errorf("products of nothing %v, error %v", products, err)
	}
}

// pusher is a shop that gives other products than it was asked for.
type pusher struct {
	*shoptest.Shop
	product *crm.Product
}

func (p pusher) ProductsByID(_ context.Context, ids []string) (map[string]*crm.Product, error) {
	return map[string]*crm.Product{ids[0]: p.product}, nil
}

func (p pusher) ProductsBySKU(_ context.Context, skus []string) (map[string]*crm.Product, error) {
	return map[string]*crm.Product{skus[0]: p.product}, nil
}

func TestProductsThatNobodyAskedFor(t *testing.T) {
	renamed := product("a", "1", "b's", "A1")
	renamed.Source = "b"
	for name, wrong := range map[string]*crm.Product{
		"another product": product("a", "2", "another", "A2"), "another shop's": product("b", "1", "another", "A1"), "renamed": renamed, "nothing": nil,
	} {
		all := open(newStore(t), live(pusher{shoptest.New("a", nil), wrong})...)
		if products, err := all.ProductsByID(t.Context(), []crm.ID{"prd_a.1"}, nil); len(products) != 0 || err != nil {
			t.Errorf("%s by id: %v, error %v", name, products, err)
		}
		if products, err := all.ProductsBySKU(t.Context(), []crm.SKURef{{Source: "a", SKU: "A1"}}); len(products) != 0 || err != nil {
			t.Errorf("%s by SKU: %v, error %v", name, products, err)
		}
	}
}
