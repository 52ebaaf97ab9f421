package storetest

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// What the benchmark's store has: customers with so many orders of so many lines.
const (
	benchCustomers = 200
	benchOrders    = 10
	benchLines     = 8
	benchAsked     = 100
)

// Benchmark reads what pages of the graph are made of from a store that is fresh and
// migrated: whole records, and the members that such pages show. spent returns the
// CPU time of the store's server until now, if it has one.
func Benchmark(b *testing.B, s crm.Store, spent func() time.Duration) {
	b.Helper()
	benchFill(b, s)
	customers, products := make([]crm.ID, benchAsked), make([]crm.ID, benchAsked)
	for i := range customers {
		customers[i], products[i] = idOf(crm.KindCustomer, i), idOf(crm.KindProduct, i)
	}
	newest := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: 5}}
	updated := crm.Query{Sort: crm.Sort{Field: crm.FieldUpdatedAt, Desc: true}, Page: crm.PageRequest{Limit: benchAsked}}
	buyers := []crm.Field{crm.FieldCustomer, crm.FieldOrganization}
	orders := func(fields []crm.Field, want *crm.Members) func(ctx context.Context) (int, error) {
		q := newest
		q.Members = want
		return func(ctx context.Context) (n int, err error) {
			pages, err := crm.Of[crm.Order](s).ListBy(ctx, fields, customers, q)
			for _, page := range pages {
				n += len(page.Items)
			}
			return n, err
		}
	}
	head := crm.MustMembers(crm.KindOrder, "number", "placedAt", "price.total")
	lines := head.With(crm.MustMembers(crm.KindOrder, "lines.quantity", "lines.product"))
	title := crm.MustMembers(crm.KindProduct, "title")
	name := crm.MustMembers(crm.KindCustomer, "displayName", "emails.address", "tags")
	list := func(want *crm.Members) func(ctx context.Context) (int, error) {
		q := updated
		q.Members = want
		return func(ctx context.Context) (int, error) {
			page, err := crm.Of[crm.Customer](s).List(ctx, q)
			return len(page.Items), err
		}
	}
	byID := func(want *crm.Members) func(ctx context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			found, err := crm.Of[crm.Product](s).ByID(ctx, products, want)
			return len(found), err
		}
	}
	for _, r := range []struct {
		name string
		want int
		read func(ctx context.Context) (int, error)
	}{
		{"Orders/both/whole", 5 * benchAsked, orders(buyers, nil)},
		{"Orders/both/lines", 5 * benchAsked, orders(buyers, lines)},
		{"Orders/both/head", 5 * benchAsked, orders(buyers, head)},
		{"Orders/customer/head", 5 * benchAsked, orders(buyers[:1], head)},
		{"Products/whole", benchAsked, byID(nil)},
		{"Products/title", benchAsked, byID(title)},
		{"Customers/whole", benchAsked, list(nil)},
		{"Customers/name", benchAsked, list(name)},
	} {
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour) // A gateway's reads have a deadline.
			defer cancel()
			own, servers := cpuTime(b), spent()
			for b.Loop() {
				if n, err := r.read(ctx); err != nil || n != r.want {
					b.Fatalf("%d records, %v", n, err)
				}
			}
			b.ReportMetric(float64((cpuTime(b)-own).Microseconds())/float64(b.N), "cpu-µs/op")
			if total := spent() - servers; total > 0 {
				b.ReportMetric(float64(total.Microseconds())/float64(b.N), "server-µs/op")
			}
		})
	}
}

// cpuTime is the CPU time that this process has used, which other work on the machine
// changes less than the time that has passed.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func benchFill(b *testing.B, s crm.Store) {
	b.Helper()
	put(b, s, many(benchCustomers, benchCustomer)...)
	put(b, s, many(benchAsked, func(n int) *crm.Product {
		p := smallOf[*crm.Product](n)
		p.Title, p.Description = "White hanging heart T-light holder "+strconv.Itoa(n), ptr("Made of metal, for indoors and outdoors.")
		p.Categories = []string{"Home", "Candles"}
		p.Variants = []crm.Variant{{SKU: strconv.Itoa(85123 + n), Price: &crm.Money{Minor: 255, CurrencyCode: "GBP"}, Availability: crm.AvailabilityInStock}}
		return p
	})...)
	put(b, s, many(benchCustomers*benchOrders, benchOrder)...)
}

// benchCustomer makes the nth customer: every tenth is an organization.
func benchCustomer(n int) *crm.Customer {
	c := smallOf[*crm.Customer](n)
	c.Emails = []crm.EmailAddress{{Address: "person" + strconv.Itoa(n) + "@example.com", Verified: true, Primary: true}}
	c.Phones = []crm.PhoneNumber{{Number: "+4416329" + strconv.Itoa(10000+n)}}
	c.Addresses = []crm.Address{{Line1: strconv.Itoa(n) + " High Street", City: ptr("London"), CountryCode: ptr("GB")}}
	c.ExternalIdentities = []crm.ExternalIdentity{{Source: "shop", ExternalID: strconv.Itoa(n)}}
	c.Tags, c.Segments = []string{"tag" + strconv.Itoa(n%7)}, []string{"segment" + strconv.Itoa(n%5)}
	c.CreatedAt = epoch().Add(time.Duration(n) * time.Hour)
	c.UpdatedAt = c.CreatedAt
	if n%10 == 0 {
		c.Kind, c.OrganizationName = crm.CustomerKindOrganization, ptr("Company "+strconv.Itoa(n))
	} else {
		c.Memberships = []*crm.Membership{{OrganizationID: customerID(n - n%10), Role: crm.MembershipRoleBuyer}}
	}
	return c
}

func benchOrder(n int) *crm.Order {
	o := smallOf[*crm.Order](n)
	customer := n % benchCustomers
	o.CustomerID, o.OrganizationID = customerID(customer), ""
	if n%3 == 0 {
		o.OrganizationID = customerID(customer - customer%10)
	}
	o.PlacedAt = epoch().Add(time.Duration(n) * time.Hour)
	o.UpdatedAt = o.PlacedAt
	o.Price = price(int64(1000+n), "GBP")
	o.Payments = []crm.Payment{{Method: "card", Status: crm.PaymentStatusCaptured, Amount: o.Price.Total, OccurredAt: o.PlacedAt}}
	o.Shipments = []*crm.Shipment{{ShippedAt: &o.PlacedAt}}
	none := crm.Money{CurrencyCode: "GBP"}
	for i := range benchLines {
		o.Lines = append(o.Lines, &crm.OrderLine{
			ID: strconv.Itoa(i), ProductID: idOf(crm.KindProduct, (n+i)%benchAsked), Title: "White hanging heart T-light holder",
			SKU: ptr(strconv.Itoa(85123 + i)), Quantity: i + 1,
			UnitPrice: crm.Money{Minor: 255, CurrencyCode: "GBP"}, Discount: none, Tax: none, Total: crm.Money{Minor: int64(255 * (i + 1)), CurrencyCode: "GBP"},
		})
	}
	return o
}
