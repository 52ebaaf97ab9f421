package shopsync_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/files"
	"github.com/customer360/gateway/internal/shopsync"
)

// oddOrder is an order of one line that costs a pound.
func oddOrder(id string, change func(*crm.Order)) *crm.ShopOrder {
	pound := crm.Money{Minor: 100, CurrencyCode: "GBP"}
	o := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, "shop", id), Source: "shop", ExternalID: id, PlacedAt: noon(),
		Lines: []*crm.OrderLine{{ID: "1", Title: "Pot", Quantity: 1, UnitPrice: pound, Total: pound}},
	}
	change(o)
	return &crm.ShopOrder{Order: o}
}

func oddProduct(id string, change func(*crm.Product)) *crm.Product {
	p := &crm.Product{
		ID: crm.DerivedID(crm.KindProduct, "shop", id), Source: "shop", ExternalID: id, Title: "Pot", UpdatedAt: noon(),
		Variants: []crm.Variant{{SKU: "POT"}},
	}
	change(p)
	return p
}

// oddShop has records as real shops have them, and some that cannot be meant.
func oddShop() *tape {
	address := func(country string) []crm.Address { return []crm.Address{{City: ptr("Bath"), CountryCode: &country}} }
	return &tape{
		source: "shop",
		customers: []*crm.ShopCustomer{
			{ExternalID: "dots", Email: "a..b@example.com", Phone: "+44 (0)1632 960123", Addresses: address("uk"), UpdatedAt: noon()},
			{ExternalID: "england", GivenName: strings.Repeat("é", crm.MaxText), Phone: "01632 960123", Addresses: address("England"), UpdatedAt: noon()},
			{ExternalID: "unlisted", Email: "c@example.com", Phone: "n/a", UpdatedAt: noon()},
			{ExternalID: "nobody", Email: "none", UpdatedAt: noon()},
		},
		products: []*crm.Product{
			oddProduct("long", func(p *crm.Product) { p.Title = strings.Repeat("x", 1500) }),
			oddProduct("bare", func(p *crm.Product) { p.Title, p.Variants = "", []crm.Variant{{}, {}} }),
			oddProduct("longer", func(p *crm.Product) { p.Title = strings.Repeat("x", crm.MaxText+1) }),
		},
		orders: []*crm.ShopOrder{
			oddOrder("edited", func(o *crm.Order) { o.Lines[0].Quantity, o.Lines[0].Title = 0, "" }),
			oddOrder("taken-back", func(o *crm.Order) { o.Lines[0].Quantity = -1 }),
			oddOrder("mixed", func(o *crm.Order) { o.Lines[0].Tax = crm.Money{CurrencyCode: "EUR"} }),
			oddOrder("nul", func(o *crm.Order) { o.Lines[0].Title = "a\x00" }),
		},
	}
}

// What is odd is kept or brought into form, what cannot be meant costs itself alone
// and is reported by its field; and all that is kept comes back from its dump.
func TestOddRecords(t *testing.T) {
	store := backends.SQLite(t, nil)
	var log bytes.Buffer
	reports, err := shopsync.Run(t.Context(), store, []crm.Shop{oddShop()}, shopsync.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if r := reports[0]; r.Read != 11 || r.Written != 7 || r.Unmatched != 1 || r.Rejected != 1+3 {
		t.Errorf("read %d, written %d, unmatched %d, rejected %d", r.Read, r.Written, r.Unmatched, r.Rejected)
	}
	// An order is noted once: the one that is stored has no customer, the others are refused.
	if notes := strings.Count(log.String(), "kind=orders"); notes != 4 {
		t.Errorf("%d notes about 4 orders:\n%s", notes, log.String())
	}
	for _, want := range []string{
		"externalId=edited reason=\"no customer has",
		"externalId=nobody reason=\"what the shop has as email is none",
		"externalId=longer reason=\"the store does not take the record: title must have at most 100000 characters",
		"externalId=taken-back reason=\"the store does not take the record: lines[0].quantity must be a whole number",
		"externalId=mixed reason=\"the store does not take the record: lines[0].tax must be in the currency",
		"externalId=nul reason=\"the store does not take the record: lines[0].title must not have NUL",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no\n%s\nin\n%s", want, log.String())
		}
	}
	var first, again bytes.Buffer
	if err := files.Dump(t.Context(), store, &first); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"countryCode":"GB"`, `"region":"England"`, `"+441632960123"`, `"01632 960123"`, `"a..b@example.com"`} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("the dump has no %s", want)
		}
	}
	other := backends.SQLite(t, nil)
	summary, err := files.Import(t.Context(), other, bytes.NewReader(first.Bytes()), files.Options{})
	if err != nil || summary.Created != 7 || summary.Read != 7 {
		t.Errorf("importing the dump: %+v, %v", summary, err)
	}
	if err := files.Dump(t.Context(), other, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), again.String()); diff != "" {
		t.Errorf("dumps (-synced +imported):\n%s", diff)
	}
	if reports, err = shopsync.Run(t.Context(), store, []crm.Shop{oddShop()}, shopsync.Options{Full: true}); err != nil || reports[0].Written != 0 {
		t.Errorf("a second run wrote %d (%v)", reports[0].Written, err)
	}
}
