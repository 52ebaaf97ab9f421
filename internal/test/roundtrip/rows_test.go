package roundtrip_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// day is when everything happened that has no other time.
func day() time.Time { return time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC) }

func ptr[T any](v T) *T { return &v }

func gbp(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: "GBP"} }

// plainOrder is an order with nothing awkward: a pot, and two lids, of which one came
// back.
func plainOrder(n int) *crm.Order {
	o := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, source, strconv.Itoa(n)), Source: source, ExternalID: strconv.Itoa(n), Number: "#" + strconv.Itoa(n),
		Status: crm.OrderStatusOpen, FinancialStatus: crm.FinancialStatusPaid, FulfillmentStatus: crm.FulfillmentStatusUnfulfilled,
		ReturnStatus: crm.ReturnStatusNone, PlacedAt: day(), UpdatedAt: day(),
		Lines: []*crm.OrderLine{
			{ID: "a", Title: "Pot", Quantity: 1, UnitPrice: gbp(100), Discount: gbp(0), Tax: gbp(0), Total: gbp(100)},
			{ID: "b", Title: "Lid", Quantity: 2, UnitPrice: gbp(50), Discount: gbp(0), Tax: gbp(0), Total: gbp(100)},
		},
		Price:           crm.PriceBreakdown{Subtotal: gbp(200), Discount: gbp(0), Shipping: gbp(0), Tax: gbp(0), Total: gbp(200)},
		Payments:        []crm.Payment{{Method: "card", Status: crm.PaymentStatusCaptured, Amount: gbp(200), OccurredAt: day()}},
		ShippingAddress: &crm.Address{Line1: "1 High Street", CountryCode: ptr("GB")},
	}
	o.Refunds = []*crm.Refund{{Amount: gbp(50), OccurredAt: day(), Lines: []crm.LineQuantity{{Line: o.Lines[1], Quantity: 1}}}}
	return o
}

func orderOf(change func(o *crm.Order)) func(n int) *crm.Order {
	return func(n int) *crm.Order {
		o := plainOrder(n)
		change(o)
		return o
	}
}

// order is a row of an order that is stored.
func order(name string, change func(o *crm.Order), got func(o *crm.Order) any, want any) row {
	return row{name: name, order: orderOf(change), got: func(r crm.Record) any { return got(r.(*crm.Order)) }, want: want}
}

// noOrder is a row of an order that is refused.
func noOrder(name string, change func(o *crm.Order), field string) row {
	return row{name: name, order: orderOf(change), refused: field}
}

func title(o *crm.Order) any    { return o.Lines[0].Title }
func quantity(o *crm.Order) any { return o.Lines[0].Quantity }
func country(o *crm.Order) any  { return value(o.ShippingAddress.CountryCode) }
func total(o *crm.Order) any {
	return string(o.Price.Total.Amount()) + " " + o.Price.Total.CurrencyCode
}
func placed(o *crm.Order) any { return o.PlacedAt.Format(time.RFC3339Nano) }

// value is what p points at, "(none)" if that is nothing.
func value(p *string) string {
	if p == nil {
		return "(none)"
	}
	return *p
}

// titled sets the title of the first line, located its address a country, in gives all
// money another currency, placedAt says when it was placed.
func titled(text string) func(*crm.Order) { return func(o *crm.Order) { o.Lines[0].Title = text } }

func located(text string) func(*crm.Order) {
	return func(o *crm.Order) { o.ShippingAddress.CountryCode = &text }
}

func placedAt(at time.Time) func(*crm.Order) {
	return func(o *crm.Order) { o.PlacedAt = at }
}

func in(code string) func(*crm.Order) {
	return func(o *crm.Order) {
		for _, p := range placesOf(o) {
			if m, ok := p.value.Addr().Interface().(*crm.Money); ok {
				m.CurrencyCode = code
			}
		}
	}
}

func orderRows() []row {
	long := strings.Repeat("語", 100_000)
	year := func(y int) time.Time { return time.Date(y, time.March, 1, 12, 0, 0, 0, time.UTC) }
	return []row{
		order("quantity 0, as an edited order has", func(o *crm.Order) { o.Lines[0].Quantity = 0 }, quantity, 0),
		order("quantity 1,000,000,000", func(o *crm.Order) { o.Lines[0].Quantity = 1e9 }, quantity, 1_000_000_000),
		noOrder("quantity 1,000,000,001", func(o *crm.Order) { o.Lines[0].Quantity = 1e9 + 1 }, "lines[0].quantity"),
		noOrder("a negative quantity", func(o *crm.Order) { o.Lines[1].Quantity = -2 }, "lines[1].quantity"),
		order("a line without a title", titled(""), title, ""),
		order("a title of 1,500 characters", titled(strings.Repeat("a", 1500)), title, strings.Repeat("a", 1500)),
		order("a title of 100,000 characters", titled(long), title, long),
		noOrder("a title of 100,001 characters", titled(long+"a"), "lines[0].title"),
		order("combining characters", titled("Cafe\u0301"), title, "Cafe\u0301"),
		order("emoji", titled("👩‍👩‍👧 🇬🇧"), title, "👩‍👩‍👧 🇬🇧"),
		order("right to left", titled("\u202eקפה"), title, "\u202eקפה"),
		order("spaces around", titled("  Pot "), title, "  Pot "),
		order("what looks like markup", titled(`<b>&amp;"\</b>`), title, `<b>&amp;"\</b>`),
		order("a line separator", titled("a\u2028b"), title, "a\u2028b"),
		noOrder("NUL", titled("a\x00b"), "lines[0].title"),
		order("country UK", located("UK"), country, "GB"),
		order("country gb", located("gb"), country, "GB"),
		order("country GBR", located("GBR"), country, "GB"),
		order("country Atlantis", located("Atlantis"), country, "(none)"),
		order("country Atlantis is not lost", located("Atlantis"), func(o *crm.Order) any { return value(o.ShippingAddress.Region) }, "Atlantis"),
		noOrder("two lines of one id", func(o *crm.Order) { o.Lines[1].ID = "a" }, "lines[1].id"),
		order("a line without an id", func(o *crm.Order) { o.Lines[0].ID = "" }, func(o *crm.Order) any { return o.Lines[0].ID }, "1"),
		noOrder("two currencies", func(o *crm.Order) { o.Lines[1].Tax.CurrencyCode = "EUR" }, "lines[1].tax"),
		noOrder("a payment in another currency", func(o *crm.Order) { o.Payments[0].Amount.CurrencyCode = "EUR" }, "payments[0].amount"),
		order("a currency without decimals", in("JPY"), total, "200 JPY"),
		order("a currency with three decimals", in("KWD"), total, "0.200 KWD"),
		noOrder("a currency that does not exist", in("QQQ"), "lines[0].unitPrice"),
		order("money at the bound", func(o *crm.Order) { o.Price.Total.Minor = 1e14 }, total, "1000000000000.00 GBP"),
		noOrder("money above the bound", func(o *crm.Order) { o.Price.Total.Minor = 1e14 + 1 }, "price.total"),
		order("less than nothing", func(o *crm.Order) { o.Price.Total.Minor = -1 }, total, "-0.01 GBP"),
		order("year 1", placedAt(year(1)), placed, "0001-03-01T12:00:00Z"),
		order("year 9998", placedAt(year(9998)), placed, "9998-03-01T12:00:00Z"),
		noOrder("year 0", placedAt(year(0)), "placedAt"),
		noOrder("year 10000", placedAt(year(10000)), "placedAt"),
		noOrder("not placed at any time", placedAt(time.Time{}), "placedAt"),
		order("nanoseconds", placedAt(day().Add(1_999_999)), placed, "2024-02-29T12:00:00.001Z"),
		order("another time zone", placedAt(day().In(time.FixedZone("", -3600))), placed, "2024-02-29T12:00:00Z"),
		noOrder("a status that there is not", func(o *crm.Order) { o.Status = "SHIPPED" }, "status"),
		order("no status", func(o *crm.Order) { o.Status = "" }, func(o *crm.Order) any { return o.Status }, crm.OrderStatusOpen),
		order("no number", func(o *crm.Order) { o.Number = "" }, func(o *crm.Order) any { return o.Number == o.ExternalID }, true),
		noOrder("a refund of a line that it does not have", func(o *crm.Order) { o.Refunds[0].Lines[0].Line = &crm.OrderLine{ID: "c"} }, "refunds[0].lines[0].line"),
		order("a refund that names its line by id", func(o *crm.Order) { o.Refunds[0].Lines[0].Line = &crm.OrderLine{ID: "b"} },
			func(o *crm.Order) any { return o.Refunds[0].Lines[0].Line == o.Lines[1] }, true),
		noOrder("a link that runs", func(o *crm.Order) { o.Shipments = []*crm.Shipment{{TrackingURL: ptr("javascript:alert(1)")}} }, "shipments[0].trackingUrl"),
		order("10,000 payments", payments(10_000), func(o *crm.Order) any { return len(o.Payments) }, 10_000),
		noOrder("10,001 payments", payments(10_001), "payments"),
	}
}

func payments(n int) func(o *crm.Order) {
	return func(o *crm.Order) {
		for len(o.Payments) < n {
			o.Payments = append(o.Payments, o.Payments[0])
		}
	}
}

func productOf(change func(p *crm.Product)) func(n int) *crm.Product {
	return func(n int) *crm.Product {
		p := &crm.Product{
			ID: crm.DerivedID(crm.KindProduct, source, strconv.Itoa(n)), Source: source, ExternalID: strconv.Itoa(n), Title: "Pot",
			Variants: []crm.Variant{
				{SKU: "POT-1", Price: ptr(gbp(100)), Availability: crm.AvailabilityInStock},
				{SKU: "POT-2", Price: ptr(gbp(100)), Availability: crm.AvailabilityInStock},
			}, CreatedAt: day(), UpdatedAt: day(),
		}
		change(p)
		return p
	}
}

func product(name string, change func(p *crm.Product), got func(p *crm.Product) any, want any) row {
	return row{name: name, product: productOf(change), got: func(r crm.Record) any { return got(r.(*crm.Product)) }, want: want}
}

func noProduct(name string, change func(p *crm.Product), field string) row {
	return row{name: name, product: productOf(change), refused: field}
}

func productRows() []row {
	called := func(text string) func(p *crm.Product) { return func(p *crm.Product) { p.Title = text } }
	name := func(p *crm.Product) any { return p.Title }
	skus := func(p *crm.Product) any { return []string{p.Variants[0].SKU, p.Variants[1].SKU} }
	return []row{
		product("a product of 1,500 characters", called(strings.Repeat("a", 1500)), name, strings.Repeat("a", 1500)),
		product("a product without a name", called(""), name, ""),
		noProduct("a product of 100,001 characters", called(strings.Repeat("a", 100_001)), "title"),
		product("variants without a SKU", func(p *crm.Product) { p.Variants[0].SKU, p.Variants[1].SKU = "", "" }, skus, []string{"", ""}),
		product("variants of one SKU", func(p *crm.Product) { p.Variants[1].SKU = "POT-1" }, skus, []string{"POT-1", "POT-1"}),
		product("prices in two currencies", func(p *crm.Product) { p.Variants[1].Price.CurrencyCode = "EUR" },
			func(p *crm.Product) any { return p.Variants[1].Price.CurrencyCode }, "EUR"),
		noProduct("an availability that there is not", func(p *crm.Product) { p.Variants[0].Availability = "SOON" }, "variants[0].availability"),
		noProduct("an image that runs", func(p *crm.Product) { p.ImageURL = ptr("javascript:alert(1)") }, "imageUrl"),
	}
}

func customerOf(change func(c *crm.ShopCustomer)) func(n int) *crm.ShopCustomer {
	return func(n int) *crm.ShopCustomer {
		c := &crm.ShopCustomer{
			ExternalID: "c" + strconv.Itoa(n), GivenName: "Bo", FamilyName: "Lee", Email: fmt.Sprintf("c%d@example.com", n),
			CreatedAt: day(), UpdatedAt: day(),
		}
		change(c)
		return c
	}
}

func customer(name string, change func(c *crm.ShopCustomer), got func(c *crm.Customer) any, want any) row {
	return row{name: name, customer: customerOf(change), got: func(r crm.Record) any { return got(r.(*crm.Customer)) }, want: want}
}

func noCustomer(name string, change func(c *crm.ShopCustomer), field string) row {
	return row{name: name, customer: customerOf(change), refused: field}
}

func customerRows() []row {
	mail := func(text string) func(c *crm.ShopCustomer) { return func(c *crm.ShopCustomer) { c.Email = text } }
	phone := func(text string) func(c *crm.ShopCustomer) { return func(c *crm.ShopCustomer) { c.Phone = text } }
	named := func(text string) func(c *crm.ShopCustomer) { return func(c *crm.ShopCustomer) { c.GivenName = text } }
	email := func(c *crm.Customer) any { return c.Emails[0].Address }
	number := func(c *crm.Customer) any { return c.Phones[0].Number }
	given := func(c *crm.Customer) any { return value(c.GivenName) }
	at := func(line, country string) func(c *crm.ShopCustomer) {
		return func(c *crm.ShopCustomer) { c.Addresses = []crm.Address{{Line1: line, CountryCode: &country}} }
	}
	return []row{
		customer("an email with two dots", mail("a..b@example.com"), email, "a..b@example.com"),
		customer("an email with spaces around", mail(" ann@example.com "), email, "ann@example.com"),
		customer("an email without a domain", mail("nobody"), func(c *crm.Customer) any { return len(c.Emails) }, 0),
		customer("an email with a zero-width space", mail("ann\u200b2@example.com"), email, "ann2@example.com"),
		customer("an email of a Japanese carrier", mail("a..b.@docomo.ne.jp"), email, "a..b.@docomo.ne.jp"),
		customer("a phone number with spaces", phone("+44 1632 960123"), number, "+441632960123"),
		customer("a phone number with 00", phone("0044 (0)1632-960.124"), number, "+441632960124"),
		customer("a phone number without a country", phone("01632 960125"), number, "01632 960125"),
		customer("a phone number with an extension", phone("+44 1632 960126 ext. 4"), number, "+44 1632 960126 ext. 4"),
		customer("words in place of a phone number", phone("n/a"), func(c *crm.Customer) any { return len(c.Phones) }, 0),
		customer("an address in the UK", at("1 High Street", "UK"), func(c *crm.Customer) any { return value(c.Addresses[0].CountryCode) }, "GB"),
		customer("a name of emoji", named("🧛‍♂️"), given, "🧛‍♂️"),
		customer("a name of 1,001 characters", named(strings.Repeat("a", 1001)), given, strings.Repeat("a", 1001)),
		noCustomer("a name of 100,001 characters", named(strings.Repeat("a", 100_001)), "givenName"),
		noCustomer("a name with NUL", named("a\x00"), "givenName"),
		customer("nobody's name", func(c *crm.ShopCustomer) { c.GivenName, c.FamilyName = "", "" }, func(c *crm.Customer) any { return c.DisplayName }, "(no name)"),
		customer("a company", func(c *crm.ShopCustomer) { c.GivenName, c.FamilyName, c.Company = "", "", "Ink & Co" },
			func(c *crm.Customer) any { return string(c.Kind) + " " + c.DisplayName }, "ORGANIZATION Ink & Co"),
		noCustomer("a customer of the year 10000", func(c *crm.ShopCustomer) { c.CreatedAt = c.CreatedAt.AddDate(8000, 0, 0) }, "createdAt"),
		noCustomer("an id of 257 bytes", func(c *crm.ShopCustomer) { c.ExternalID += strings.Repeat("c", 257-len(c.ExternalID)) }, "externalIdentities[0].externalId"),
	}
}
