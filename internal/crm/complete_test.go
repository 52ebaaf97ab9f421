package crm_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/crm"
)

func TestCountries(t *testing.T) {
	for _, test := range []struct{ given, region, wantCode, wantRegion string }{
		{"GB", "", "GB", ""},
		{"UK", "", "GB", ""},
		{" gb ", "", "GB", ""},
		{"GBR", "", "GB", ""},
		{"826", "", "GB", ""},
		{"DD", "", "DE", ""},
		{"XK", "", "XK", ""},
		{"England", "", "", "England"},
		{"England", "Somerset", "", "Somerset, England"},
		{"england", "England", "", "England"},
		{"XX", "", "", "XX"},
		{" ", "Somerset", "", "Somerset"},
	} {
		c := &crm.Customer{Addresses: []crm.Address{{CountryCode: &test.given}}}
		if test.region != "" {
			c.Addresses[0].Region = &test.region
		}
		for range 2 { // Completing twice is completing once.
			crm.Complete(c)
			code, region := "", ""
			if p := c.Addresses[0].CountryCode; p != nil {
				code = *p
			}
			if p := c.Addresses[0].Region; p != nil {
				region = *p
			}
			if code != test.wantCode || region != test.wantRegion {
				t.Errorf("%q in %q is %q in %q, want %q in %q", test.given, test.region, code, region, test.wantCode, test.wantRegion)
			}
		}
	}
}

func TestPhones(t *testing.T) {
	for given, want := range map[string]struct{ kept, key string }{
		"+441632960123":             {"+441632960123", "+441632960123"},
		"+44 (0)1632 960-123":       {"+441632960123", "+441632960123"},
		"0044.1632.960123":          {"+441632960123", "+441632960123"},
		" +44 1632 960123 ":         {"+441632960123", "+441632960123"},
		"(01632) 960 123":           {"(01632) 960 123", "01632960123"},
		"+44 1632 960123 ext. 5":    {"+44 1632 960123 ext. 5", "+441632960123ext5"},
		"+1234567890123456":         {"+1234567890123456", "+1234567890123456"},
		"\u00a0+44\u00a01632960123": {"+441632960123", "+441632960123"},
	} {
		c := &crm.Customer{Phones: []crm.PhoneNumber{{Number: given}}}
		for range 2 {
			crm.Complete(c)
			if got := c.Phones[0].Number; got != want.kept {
				t.Errorf("%q is kept as %q, want %q", given, got, want.kept)
			}
		}
		if got := c.Keys().Many[crm.FieldPhone]; got[0] != want.key || crm.PhoneKey(given) != want.key {
			t.Errorf("%q has the keys %q and %q, want %q", given, got[0], crm.PhoneKey(given), want.key)
		}
	}
}

func TestAnOrderIsAddedUp(t *testing.T) {
	pounds := func(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: "GBP"} }
	zone := time.FixedZone("", 3600)
	o := &crm.Order{
		ID: "ord_shop.7", PlacedAt: time.Date(2024, 1, 1, 1, 0, 0, 1_999_999, zone),
		Lines: []*crm.OrderLine{
			{UnitPrice: pounds(150), Quantity: 2, Discount: pounds(10), Tax: pounds(50)},
			{UnitPrice: pounds(25), Quantity: 0},
		},
		Refunds: []*crm.Refund{{Amount: pounds(1), OccurredAt: time.Unix(1, 0), Lines: []crm.LineQuantity{{Line: &crm.OrderLine{ID: "2"}}}}},
	}
	crm.Complete(o)
	if err := crm.Check(o); err != nil {
		t.Fatal(err)
	}
	want := crm.PriceBreakdown{Subtotal: pounds(300), Discount: pounds(10), Shipping: pounds(0), Tax: pounds(50), Total: pounds(340)}
	if diff := cmp.Diff(want, o.Price); diff != "" {
		t.Errorf("price (-want +got):\n%s", diff)
	}
	at := time.Date(2024, 1, 1, 0, 0, 0, 1_000_000, time.UTC)
	if o.Source != "shop" || o.Number != "7" || !o.UpdatedAt.Equal(at) || o.PlacedAt.Location() != time.UTC {
		t.Errorf("source %q, number %q, updated %v", o.Source, o.Number, o.UpdatedAt)
	}
	if o.Lines[0].Total != pounds(340) || o.Lines[1].ID != "2" || o.Refunds[0].Lines[0].Line != o.Lines[1] {
		t.Errorf("lines %+v %+v, the refund's line %+v", o.Lines[0], o.Lines[1], o.Refunds[0].Lines[0].Line)
	}
}

// What real systems send is kept.
func TestOddButMeant(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	pound := crm.Money{Minor: 100, CurrencyCode: "GBP"}
	for name, r := range map[string]crm.Record{
		"address with two dots": &crm.Customer{
			ID: crm.DerivedID(crm.KindCustomer, "shop", "1"), Emails: []crm.EmailAddress{{Address: "a..b@example.com"}}, Version: 1, CreatedAt: now, UpdatedAt: now,
		},
		"quantity 0, no title": &crm.Order{ID: "ord_shop.1", PlacedAt: now, Lines: []*crm.OrderLine{{UnitPrice: pound}}},
		"no SKU, twice":        &crm.Product{ID: "prd_shop.1", UpdatedAt: now, Variants: []crm.Variant{{}, {}}},
		"no subject":           &crm.Ticket{ID: crm.NewID(crm.KindTicket), Number: "1", Version: 1, CreatedAt: now, UpdatedAt: now},
	} {
		crm.Complete(r)
		if err := crm.Check(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
