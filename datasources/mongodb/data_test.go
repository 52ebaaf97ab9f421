package mongodb_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

const source = "shop"

// people is a data set: so many customers, each with so many orders, tickets,
// interactions and recommendations.
type people struct {
	customers, orders, lines, others int
}

func id(kind crm.Kind, n int) crm.ID { return crm.DerivedID(kind, source, strconv.Itoa(n)) }

func ids(kind crm.Kind, from, n int) []crm.ID {
	list := make([]crm.ID, n)
	for i := range list {
		list[i] = id(kind, from+i)
	}
	return list
}

func at(n int) time.Time {
	return time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
}

func ptr[T any](v T) *T { return &v }

func gbp(minor int) crm.Money { return crm.Money{Minor: int64(minor), CurrencyCode: "GBP"} }

// customer makes the nth customer: every tenth is an organization, whose members
// the nine after it are.
func customer(n int) *crm.Customer {
	c := &crm.Customer{
		ID: id(crm.KindCustomer, n), GivenName: ptr("Given" + strconv.Itoa(n%97)), FamilyName: ptr("Family" + strconv.Itoa(n)),
		Emails:             []crm.EmailAddress{{Address: fmt.Sprintf("person%d@example.com", n), Primary: true}},
		Phones:             []crm.PhoneNumber{{Number: fmt.Sprintf("+4416329%05d", n)}},
		Addresses:          []crm.Address{{Line1: strconv.Itoa(n) + " High Street", City: ptr("London"), CountryCode: ptr("GB")}},
		ExternalIdentities: []crm.ExternalIdentity{{Source: source, ExternalID: strconv.Itoa(n)}},
		Tags:               []string{"tag" + strconv.Itoa(n%7)}, Segments: []string{"segment" + strconv.Itoa(n%5)},
		OwnerID: id(crm.KindEmployee, n%20), Version: 1, CreatedAt: at(n), UpdatedAt: at(n + n%3),
	}
	if n%10 == 0 {
		c.Kind, c.OrganizationName = crm.CustomerKindOrganization, ptr("Company "+strconv.Itoa(n))
	} else {
		c.Memberships = []*crm.Membership{{OrganizationID: id(crm.KindCustomer, n-n%10), Role: crm.MembershipRoleBuyer}}
	}
	c.Consents = []*crm.Consent{{
		Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusGranted, LawfulBasis: crm.LawfulBasisConsent,
		History: []*crm.ConsentChange{{
			ID: "con_" + strconv.Itoa(n), OccurredAt: at(n), Purpose: crm.ConsentPurposeMarketing, Status: crm.ConsentStatusGranted,
		}},
	}}
	c.Complete()
	return c
}

// orderOf makes the kth order of the nth customer; every third is bought for the
// customer's organization.
func orderOf(n, k, number, lines int) *crm.Order {
	o := &crm.Order{
		ID: id(crm.KindOrder, number), Number: "N" + strconv.Itoa(number), Source: source, ExternalID: strconv.Itoa(number),
		CustomerID: id(crm.KindCustomer, n), PlacedAt: at(k * 24), UpdatedAt: at(k*24 + 1), Status: crm.OrderStatusCompleted,
		Price:     crm.PriceBreakdown{Subtotal: gbp(number), Discount: gbp(0), Shipping: gbp(0), Tax: gbp(0), Total: gbp(number)},
		Payments:  []crm.Payment{{Method: "card", Status: crm.PaymentStatusCaptured, Amount: gbp(number), OccurredAt: at(k * 24)}},
		Shipments: []*crm.Shipment{{ShippedAt: ptr(at(k*24 + 2))}},
	}
	if k%3 == 0 {
		o.OrganizationID = id(crm.KindCustomer, n-n%10)
	}
	if k%11 == 10 {
		o.Status = crm.OrderStatusCanceled
	}
	for i := range lines {
		o.Lines = append(o.Lines, &crm.OrderLine{
			ID: strconv.Itoa(i), ProductID: id(crm.KindProduct, i), Title: "WHITE HANGING HEART T-LIGHT HOLDER", SKU: ptr("SKU" + strconv.Itoa(i)),
			Quantity: i + 1, UnitPrice: gbp(255), Discount: gbp(0), Tax: gbp(0), Total: gbp(255 * (i + 1)),
		})
	}
	o.Complete()
	return o
}

func ticketOf(n, number int) *crm.Ticket {
	x := &crm.Ticket{
		ID: id(crm.KindTicket, number), Number: "T" + strconv.Itoa(number), Subject: "Where is my order", CustomerID: id(crm.KindCustomer, n-n%10),
		RequesterID: id(crm.KindCustomer, n), Version: 1, CreatedAt: at(number), UpdatedAt: at(number + 1),
		AssigneeID: id(crm.KindEmployee, number%20), QueueID: id(crm.KindTeam, number%3),
	}
	if number%3 == 0 {
		x.Status, x.ClosedAt = crm.TicketStatusClosed, ptr(at(number+5))
		x.Satisfaction = &crm.Satisfaction{Score: 1 + number%5, RatedAt: at(number + 6)}
	}
	x.Complete()
	return x
}

func interactionOf(n, number int) *crm.Interaction {
	x := &crm.Interaction{
		ID: id(crm.KindInteraction, number), CustomerID: id(crm.KindCustomer, n), Channel: crm.ChannelPhone, Direction: crm.DirectionInbound,
		Summary: "Asked for the delivery date.", OccurredAt: at(number), ThreadID: ptr("thread-" + strconv.Itoa(n)),
	}
	if number%2 == 0 {
		x.Channel = crm.ChannelEmail
	}
	x.Complete()
	return x
}

// fill stores the data set.
func (p people) fill(t testing.TB, s crm.Store) {
	t.Helper()
	put(t, crm.Of[crm.Team](s), 3, func(n int) *crm.Team {
		return &crm.Team{ID: id(crm.KindTeam, n), Name: "Team " + strconv.Itoa(n), CreatedAt: at(n), UpdatedAt: at(n)}
	})
	put(t, crm.Of[crm.Employee](s), 20, func(n int) *crm.Employee {
		return &crm.Employee{ID: id(crm.KindEmployee, n), Name: "Employee " + strconv.Itoa(n), CreatedAt: at(n), UpdatedAt: at(n)}
	})
	put(t, crm.Of[crm.PartnerApp](s), 3, func(n int) *crm.PartnerApp {
		return &crm.PartnerApp{ID: id(crm.KindPartnerApp, n), Name: "App " + strconv.Itoa(n), CreatedAt: at(n), UpdatedAt: at(n)}
	})
	put(t, crm.Of[crm.Customer](s), p.customers, customer)
	put(t, crm.Of[crm.Product](s), 300, func(n int) *crm.Product {
		return &crm.Product{
			ID: id(crm.KindProduct, n), Source: source, ExternalID: strconv.Itoa(n), Title: "Product " + strconv.Itoa(n),
			Categories: []string{"Category " + strconv.Itoa(n%9)}, Variants: []crm.Variant{{SKU: "SKU" + strconv.Itoa(n), Availability: crm.AvailabilityInStock}},
			CreatedAt: at(n), UpdatedAt: at(n),
		}
	})
	put(t, crm.Of[crm.Order](s), p.customers*p.orders, func(n int) *crm.Order { return orderOf(n/p.orders, n%p.orders, n, p.lines) })
	put(t, crm.Of[crm.Ticket](s), p.customers*p.others, func(n int) *crm.Ticket { return ticketOf(n/p.others, n) })
	put(t, crm.Of[crm.Article](s), p.customers*p.others, func(n int) *crm.Article {
		a := &crm.Article{ID: id(crm.KindArticle, n), TicketID: id(crm.KindTicket, n), Body: "Hello", CreatedAt: at(n)}
		a.Complete()
		return a
	})
	put(t, crm.Of[crm.Interaction](s), p.customers*p.others, func(n int) *crm.Interaction { return interactionOf(n/p.others, n) })
	put(t, crm.Of[crm.Recommendation](s), p.customers*p.others, func(n int) *crm.Recommendation {
		r := &crm.Recommendation{
			ID: id(crm.KindRecommendation, n), CustomerID: id(crm.KindCustomer, n/p.others), ProductID: id(crm.KindProduct, n%300),
			Kind: crm.RecommendationKindCrossSell, Score: float64(n%100) / 100, Reason: "Often bought together", Model: "pairs", ModelVersion: "1", CreatedAt: at(n),
		}
		r.Complete()
		return r
	})
	put(t, crm.Of[crm.NextBestAction](s), p.customers, func(n int) *crm.NextBestAction {
		a := &crm.NextBestAction{
			ID: id(crm.KindNextBestAction, n), CustomerID: id(crm.KindCustomer, n), Title: "Call", Reason: "An open complaint",
			Score: 0.5, Model: "rules", ModelVersion: "1", CreatedAt: at(n),
		}
		a.Complete()
		return a
	})
}

// put stores n new records.
func put[T any](t testing.TB, records crm.Writer[T], n int, one func(int) *T) {
	t.Helper()
	writes := make([]crm.Write[T], n)
	for i := range writes {
		writes[i].Record = one(i)
	}
	outcomes, err := records.Write(t.Context(), writes)
	if err != nil {
		t.Fatalf("store %d records: %v", n, err)
	}
	for i, outcome := range outcomes {
		if outcome != nil {
			t.Fatalf("store record %d: %v", i, outcome)
		}
	}
}
