package sqlite_test

import (
	"context"
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/customer360/gateway/datasources/sqlite"
	"github.com/customer360/gateway/datasources/storetest"
	"github.com/customer360/gateway/internal/crm"
)

// company is data of the size and shape of the demo's.
type company struct {
	customers       []*crm.Customer
	products        []*crm.Product
	orders          []*crm.Order
	tickets         []*crm.Ticket
	articles        []*crm.Article
	interactions    []*crm.Interaction
	recommendations []*crm.Recommendation
}

// newCompany makes n customers, each with about four orders and so on.
func newCompany(n int) *company {
	c := &company{}
	start := time.Date(2010, 12, 1, 8, 26, 0, 0, time.UTC)
	at := func(i, of int) time.Time {
		return start.Add(time.Duration(i) * 365 * 24 * time.Hour / time.Duration(of))
	}
	for i := range n {
		c.customers = append(c.customers, benchCustomer(i, at(i, n)))
	}
	for i := range n * 9 / 10 {
		p := &crm.Product{
			ID: crm.DerivedID(crm.KindProduct, "shop", strconv.Itoa(i)), Source: "shop", ExternalID: strconv.Itoa(i),
			Title: fmt.Sprintf("White hanging heart T-light holder %d", i), UpdatedAt: at(i, n),
			Variants: []crm.Variant{{SKU: strconv.Itoa(85123 + i), Price: &crm.Money{Minor: 255, CurrencyCode: "GBP"}}},
		}
		p.Complete()
		c.products = append(c.products, p)
	}
	orders := n * 43 / 10
	for i := range orders {
		c.orders = append(c.orders, benchOrder(i, c.customers[i*7%n].ID, at(i, orders)))
	}
	c.contacts(n, at)
	return c
}

func benchCustomer(i int, at time.Time) *crm.Customer {
	given, family, number := fmt.Sprintf("Given%d", i%500), fmt.Sprintf("Family%d", i%900), strconv.Itoa(12346+i)
	marketing := &crm.Consent{
		Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusGranted, LawfulBasis: crm.LawfulBasisConsent, GrantedAt: &at,
		History: []*crm.ConsentChange{{
			ID: "consent-" + number, OccurredAt: at, Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusGranted,
		}},
	}
	c := &crm.Customer{
		ID: crm.DerivedID(crm.KindCustomer, "shop", number), GivenName: &given, FamilyName: &family,
		Emails:             []crm.EmailAddress{{Address: "person" + number + "@example.com", Verified: true, Primary: true}},
		Phones:             []crm.PhoneNumber{{Number: "+4416329" + number, Primary: true}},
		Addresses:          []crm.Address{{Line1: "1 High Street", City: &given, Region: &family}},
		ExternalIdentities: []crm.ExternalIdentity{{Source: "shop", ExternalID: number}},
		Consents:           []*crm.Consent{marketing}, Tags: []string{"generated"}, Segments: []string{"segment" + strconv.Itoa(i%8)},
		Version: 1, CreatedAt: at, UpdatedAt: at.Add(time.Duration(i%30) * time.Hour),
	}
	c.Complete()
	return c
}

func benchOrder(i int, customer crm.ID, at time.Time) *crm.Order {
	number := strconv.Itoa(536365 + i)
	pounds := func(minor int64) crm.Money { return crm.Money{Minor: minor, CurrencyCode: "GBP"} }
	shipped, delivered := at.Add(24*time.Hour), at.Add(72*time.Hour)
	o := &crm.Order{
		ID: crm.DerivedID(crm.KindOrder, "shop", number), Number: number, Source: "shop", ExternalID: number,
		CustomerID: customer, Status: crm.OrderStatusCompleted, FinancialStatus: crm.FinancialStatusPaid,
		FulfillmentStatus: crm.FulfillmentStatusDelivered, PlacedAt: at, UpdatedAt: at,
		Price: crm.PriceBreakdown{
			Subtotal: pounds(15300), Discount: pounds(0), Shipping: pounds(0), Tax: pounds(0), Total: pounds(15300),
		},
		Payments: []crm.Payment{{Method: "card", Status: crm.PaymentStatusCaptured, Amount: pounds(15300), OccurredAt: at}},
	}
	for l := range 1 + i%3 {
		sku := strconv.Itoa(85123 + (i+l)%3000)
		o.Lines = append(o.Lines, &crm.OrderLine{
			ID: strconv.Itoa(l + 1), ProductID: crm.DerivedID(crm.KindProduct, "shop", strconv.Itoa((i+l)%3000)),
			Title: "White hanging heart T-light holder", SKU: &sku, Quantity: 6,
			UnitPrice: pounds(255), Discount: pounds(0), Tax: pounds(0), Total: pounds(1530),
		})
	}
	if i%2 == 0 {
		o.Shipments = []*crm.Shipment{{ShippedAt: &shipped, DeliveredAt: &delivered}}
	}
	o.Complete()
	return o
}

// contacts makes tickets with two articles each, interactions and recommendations.
func (c *company) contacts(n int, at func(i, of int) time.Time) {
	for i := range n * 115 / 100 {
		number := strconv.Itoa(i)
		customer := c.customers[i*3%n].ID
		resolved := at(i, n*2).Add(24 * time.Hour)
		t := &crm.Ticket{
			ID: crm.DerivedID(crm.KindTicket, "desk", number), Number: "T-" + number, Version: 1,
			Subject: "Where is my order, it was due last week", CustomerID: customer,
			CreatedAt: at(i, n*2), UpdatedAt: resolved, ResolvedAt: &resolved, Status: crm.TicketStatusResolved,
		}
		t.Complete()
		c.tickets = append(c.tickets, t)
		email := crm.ChannelEmail
		for a := range 2 {
			c.articles = append(c.articles, &crm.Article{
				ID: crm.DerivedID(crm.KindArticle, "desk", number+"-"+strconv.Itoa(a)), TicketID: t.ID,
				Visibility: crm.VisibilityPublic, Channel: &email, Body: "I have not heard of my order for a week now.",
				CreatedAt: at(i, n*2).Add(time.Duration(a) * time.Hour),
			})
		}
	}
	for i := range n * 186 / 100 {
		x := &crm.Interaction{
			ID: crm.DerivedID(crm.KindInteraction, "desk", strconv.Itoa(i)), CustomerID: c.customers[i*5%n].ID,
			Channel: crm.ChannelPhone, Direction: crm.DirectionInbound, Summary: "Asked about delivery times.", OccurredAt: at(i, n*2),
		}
		x.Complete()
		c.interactions = append(c.interactions, x)
	}
	for i := range n * 3 {
		r := &crm.Recommendation{
			ID:         crm.DerivedID(crm.KindRecommendation, "pairs", strconv.Itoa(i)),
			CustomerID: c.customers[i/3].ID, ProductID: c.products[i%len(c.products)].ID, Kind: crm.RecommendationKindCrossSell,
			Score: float64(i%1000) / 1000, Reason: "Often bought together.", Model: "pairs", ModelVersion: "1", CreatedAt: at(1, 2),
		}
		r.Complete()
		c.recommendations = append(c.recommendations, r)
	}
}

// load writes a company, size records a call.
func load(t testing.TB, s *sqlite.Store, c *company, size int) {
	t.Helper()
	write(t, crm.Of[crm.Customer](s), c.customers, size)
	write(t, crm.Of[crm.Product](s), c.products, size)
	write(t, crm.Of[crm.Order](s), c.orders, size)
	write(t, crm.Of[crm.Ticket](s), c.tickets, size)
	write(t, crm.Of[crm.Article](s), c.articles, size)
	write(t, crm.Of[crm.Interaction](s), c.interactions, size)
	write(t, crm.Of[crm.Recommendation](s), c.recommendations, size)
}

func write[T any](t testing.TB, w crm.Writer[T], list []*T, size int) {
	t.Helper()
	for len(list) > 0 {
		n := min(size, len(list))
		writes := make([]crm.Write[T], n)
		for i, r := range list[:n] {
			writes[i].Record = r
		}
		results, err := w.Write(t.Context(), writes)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range results {
			if err != nil {
				t.Fatal(err)
			}
		}
		list = list[n:]
	}
}

// cpu returns the CPU time that this process has used, which other work on the
// machine changes less than the time that has passed.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func BenchmarkLoad(b *testing.B) {
	c := newCompany(4338)
	for _, size := range []int{500, 100_000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			var used time.Duration
			for b.Loop() {
				b.StopTimer()
				s := open(b)
				b.StartTimer()
				before := cpu(b)
				load(b, s, c, size)
				used += cpu(b) - before
			}
			b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

func BenchmarkReads(b *testing.B) {
	storetest.Benchmark(b, open(b), func() time.Duration { return 0 })
}

func BenchmarkRead(b *testing.B) {
	c := newCompany(4338)
	s := open(b)
	load(b, s, c, 100_000)
	ids := make([]crm.ID, 100)
	for i := range ids {
		ids[i] = c.customers[i*43].ID
	}
	newest := crm.Query{Sort: (*crm.OrderOrder)(nil).Sort(), Page: crm.PageRequest{Limit: 5}}
	entries := crm.Query{Sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true}, Page: crm.PageRequest{Limit: 10}}
	updated := crm.Query{Sort: (*crm.CustomerOrder)(nil).Sort(), Page: crm.PageRequest{Limit: 50}}
	both := []crm.Field{crm.FieldCustomer, crm.FieldOrganization}
	reads := []struct {
		name string
		read func(ctx context.Context) error
	}{
		{"ByID/1", func(ctx context.Context) error { _, err := crm.Of[crm.Customer](s).ByID(ctx, ids[:1], nil); return err }},
		{"ByID/100", func(ctx context.Context) error { _, err := crm.Of[crm.Customer](s).ByID(ctx, ids, nil); return err }},
		{"List/50", func(ctx context.Context) error { _, err := crm.Of[crm.Customer](s).List(ctx, updated); return err }},
		{"Orders/1x5", func(ctx context.Context) error {
			_, err := crm.Of[crm.Order](s).ListBy(ctx, both, ids[:1], newest)
			return err
		}},
		{"Orders/100x5", func(ctx context.Context) error {
			_, err := crm.Of[crm.Order](s).ListBy(ctx, both, ids, newest)
			return err
		}},
		{"Timeline/100x10", func(ctx context.Context) error {
			_, err := crm.Read[crm.TimelineRecord](s).ListBy(ctx, both[:1], ids, entries)
			return err
		}},
		{"CountBy/100", func(ctx context.Context) error {
			_, err := crm.Of[crm.Order](s).CountBy(ctx, both, ids, nil)
			return err
		}},
		{"Facts/1", func(ctx context.Context) error { _, err := s.Facts(ctx, ids[:1]); return err }},
		{"Facts/100", func(ctx context.Context) error { _, err := s.Facts(ctx, ids); return err }},
	}
	for _, r := range reads {
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu(b)
			for b.Loop() {
				if err := r.read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}
