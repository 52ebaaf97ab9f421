package woocommerce_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/woocommerce/woocommercetest"
	"github.com/customer360/gateway/internal/crm"
)

func aProduct(id int, kind, sku, price string) woocommercetest.Object {
	return woocommercetest.Object{
		"id": id, "name": "Product " + strconv.Itoa(id), "type": kind, "status": "publish", "sku": sku, "price": price,
		"stock_status": "instock", "date_created_gmt": stamp(start), "date_modified_gmt": stamp(start),
		"categories": []any{woocommercetest.Object{"id": 1, "name": "Cups &amp; Mugs"}},
		"images":     []any{woocommercetest.Object{"src": "https://shop.example/a.jpg"}}, "variations": []any{},
	}
}

func aVariation(id int, sku, size string) woocommercetest.Object {
	return woocommercetest.Object{
		"id": id, "sku": sku, "price": "9.5", "status": "publish", "stock_status": "outofstock",
		"attributes": []any{woocommercetest.Object{"name": "Size", "option": size}},
	}
}

func catalogue() woocommercetest.Data {
	hidden := with(aProduct(4, "simple", "HIDDEN", "1.00"), "status", "draft")
	jar := with(aProduct(5, "simple", "JAR,BLUE", "1.00"), "images", []any{woocommercetest.Object{"src": "javascript:alert(1)"}})
	return woocommercetest.Data{
		Currency: "EUR",
		Products: []woocommercetest.Object{
			aProduct(1, "simple", "MUG", "12.34"),
			with(aProduct(2, "variable", "SHIRT", "9.50"), "variations", []any{21, 22}),
			aProduct(3, "simple", "", ""), hidden, jar,
		},
		Variations: map[int64][]woocommercetest.Object{2: {aVariation(21, "SHIRT-S", "S"), aVariation(22, "SHIRT-M", "M")}},
	}
}

func TestProductsByID(t *testing.T) {
	server := woocommercetest.New(catalogue())
	got, err := open(t, server).ProductsByID(context.Background(), []string{"1", "2", "3", "4", "99", "x"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "2", "3"}, keys(got)); diff != "" {
		t.Fatalf("products (-want +got):\n%s", diff)
	}
	price, image, size := crm.Money{Minor: 950, CurrencyCode: "EUR"}, "https://shop.example/a.jpg", "S"
	medium := "M"
	want := &crm.Product{
		ID: "prd_boutique.2", Source: source, ExternalID: "2", Title: "Product 2", Categories: []string{"Cups & Mugs"},
		ImageURL: &image, CreatedAt: start, UpdatedAt: start,
		Variants: []crm.Variant{
			{SKU: "SHIRT-S", Title: &size, Options: []crm.VariantOption{{Name: "Size", Value: "S"}}, Price: &price, Availability: crm.AvailabilityOutOfStock},
			{SKU: "SHIRT-M", Title: &medium, Options: []crm.VariantOption{{Name: "Size", Value: "M"}}, Price: &price, Availability: crm.AvailabilityOutOfStock},
		},
	}
	if diff := cmp.Diff(want, got["2"]); diff != "" {
		t.Errorf("product (-want +got):\n%s", diff)
	}
	if p := got["3"].Variants; len(p) != 1 || p[0].Price != nil {
		t.Errorf("variants of a product without a price: %v", p)
	}
	if asked := server.Requests(); len(asked) != 3 {
		t.Errorf("requests %q, want 3", asked)
	}
}

func TestProductsBySKU(t *testing.T) {
	server := woocommercetest.New(catalogue())
	shop := open(t, server)
	asked := []string{"MUG", "SHIRT-M", "SHIRT-S", "JAR,BLUE", "JAR", "HIDDEN", "NONE", ""}
	got, err := shop.ProductsBySKU(context.Background(), asked)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"MUG": "1", "SHIRT-M": "2", "SHIRT-S": "2", "JAR,BLUE": "5"}
	found := map[string]string{}
	for sku, p := range got {
		found[sku] = p.ExternalID
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("products by SKU (-want +got):\n%s", diff)
	}
	if got["JAR,BLUE"].ImageURL != nil {
		t.Errorf("an image's address that is no web page's: %q", *got["JAR,BLUE"].ImageURL)
	}
}

// Where the key may not know the currency, a product has no price.
func TestProductsWithoutCurrency(t *testing.T) {
	server := woocommercetest.New(catalogue())
	server.Deny("data")
	got, err := open(t, server).ProductsByID(context.Background(), []string{"1"})
	if err != nil || got["1"] == nil || got["1"].Price() != nil {
		t.Errorf("%v, %v; want a product without a price", got, err)
	}
}

func TestProductChanges(t *testing.T) {
	data := catalogue()
	for i := range 30 {
		p := aProduct(100+i, "simple", "P"+strconv.Itoa(i), "1.00")
		data.Products = append(data.Products, with(p, "date_modified_gmt", stamp(start.Add(time.Duration(i/10)*time.Second))))
	}
	seen, _, _ := pages(t, open(t, woocommercetest.New(data)).ProductChanges, productID, crm.Mark{}, 3, nil)
	want := append(ids(100, 30), "1", "2", "3", "5")
	slices.Sort(want)
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
}

func keys[T any](m map[string]T) []string {
	list := []string{}
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
