package storetest

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// kind is what the suite knows of one kind of record.
type kind[T any] struct {
	name    crm.Kind
	records func(crm.Store) crm.Records[T]
	id      func(*T) crm.ID
	keys    func(*T) crm.Keys
	// small makes the nth record, with as little in it as a record can have;
	// about every fifth has the same sort keys.
	small func(n int) *T
	// sorts are the fields that the graph and the dump sort by.
	sorts []crm.Field
	// version gives a versioned kind's version; nil for kinds without.
	version func(*T) *int
	// parents writes what small's records refer to.
	parents func(t testing.TB, s crm.Store)
}

// people is how many customers the records of other kinds belong to.
const people = 5

// origin is the source of the suite's ids.
const origin = "conformance"

func idOf(k crm.Kind, n int) crm.ID { return crm.DerivedID(k, origin, strconv.Itoa(n)) }

func customerID(n int) crm.ID { return idOf(crm.KindCustomer, n) }

// epoch is when the suite's records begin.
func epoch() time.Time { return time.Date(2024, 2, 29, 23, 59, 59, 998e6, time.UTC) }

// tied gives the same millisecond to five records in a row.
func tied(n int) time.Time { return epoch().Add(time.Duration(n/5) * time.Millisecond) }

func tiedName(n int) string { return fmt.Sprintf("Name %02d", n/5) }

func tiedScore(n int) float64 { return float64(n/5) / 1000 }

func ptr[T any](v T) *T { return &v }

func noParents(testing.TB, crm.Store) {}

func customerParents(t testing.TB, s crm.Store) {
	t.Helper()
	put(t, s.Customers(), many(people, customer)...)
}

func ticketParents(t testing.TB, s crm.Store) {
	t.Helper()
	customerParents(t, s)
	put(t, s.Tickets(), many(people, ticket)...)
}

func many[T any](n int, one func(int) *T) []*T {
	list := make([]*T, n)
	for i := range list {
		list[i] = one(i)
	}
	return list
}

func customer(n int) *crm.Customer {
	c := &crm.Customer{
		ID: customerID(n), DisplayName: tiedName(n), Version: 1, CreatedAt: tied(n), UpdatedAt: tied(n + 2),
	}
	c.Complete()
	return c
}

func order(n int) *crm.Order {
	number := strconv.Itoa(n)
	o := &crm.Order{
		ID: idOf(crm.KindOrder, n), Number: number, Source: origin, ExternalID: number,
		CustomerID: customerID(n % people), PlacedAt: tied(n), UpdatedAt: tied(n + 2),
		Price: price(int64(n), "GBP"),
	}
	o.Complete()
	return o
}

// price is a breakdown that is nothing but its total.
func price(minor int64, currency string) crm.PriceBreakdown {
	none := crm.Money{CurrencyCode: currency}
	total := crm.Money{Minor: minor, CurrencyCode: currency}
	return crm.PriceBreakdown{Subtotal: total, Discount: none, Shipping: none, Tax: none, Total: total}
}

func ticket(n int) *crm.Ticket {
	x := &crm.Ticket{
		ID: idOf(crm.KindTicket, n), Number: strconv.Itoa(n), Subject: "Subject", Version: 1,
		CustomerID: customerID(n % people), CreatedAt: tied(n), UpdatedAt: tied(n + 2),
	}
	x.Complete()
	return x
}

func interaction(n int) *crm.Interaction {
	x := &crm.Interaction{
		ID: idOf(crm.KindInteraction, n), CustomerID: customerID(n % people), Channel: crm.ChannelPhone,
		Direction: crm.DirectionInbound, Summary: "Called.", OccurredAt: tied(n),
	}
	x.Complete()
	return x
}

func teams() kind[crm.Team] {
	return kind[crm.Team]{
		name: crm.KindTeam, records: crm.Store.Teams, parents: noParents,
		id: func(r *crm.Team) crm.ID { return r.ID }, keys: (*crm.Team).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldName},
		small: func(n int) *crm.Team {
			return &crm.Team{ID: idOf(crm.KindTeam, n), Name: tiedName(n), CreatedAt: tied(n), UpdatedAt: tied(n)}
		},
	}
}

func employees() kind[crm.Employee] {
	return kind[crm.Employee]{
		name: crm.KindEmployee, records: crm.Store.Employees, parents: noParents,
		id: func(r *crm.Employee) crm.ID { return r.ID }, keys: (*crm.Employee).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldName},
		small: func(n int) *crm.Employee {
			return &crm.Employee{ID: idOf(crm.KindEmployee, n), Name: tiedName(n), CreatedAt: tied(n), UpdatedAt: tied(n)}
		},
	}
}

func partnerApps() kind[crm.PartnerApp] {
	return kind[crm.PartnerApp]{
		name: crm.KindPartnerApp, records: crm.Store.PartnerApps, parents: noParents,
		id: func(r *crm.PartnerApp) crm.ID { return r.ID }, keys: (*crm.PartnerApp).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldName},
		small: func(n int) *crm.PartnerApp {
			return &crm.PartnerApp{ID: idOf(crm.KindPartnerApp, n), Name: tiedName(n), CreatedAt: tied(n), UpdatedAt: tied(n)}
		},
	}
}

func customers() kind[crm.Customer] {
	return kind[crm.Customer]{
		name: crm.KindCustomer, records: crm.Store.Customers, parents: noParents, small: customer,
		id: func(r *crm.Customer) crm.ID { return r.ID }, keys: (*crm.Customer).Keys,
		sorts:   []crm.Field{crm.FieldID, crm.FieldName, crm.FieldCreatedAt, crm.FieldUpdatedAt},
		version: func(r *crm.Customer) *int { return &r.Version },
	}
}

func products() kind[crm.Product] {
	return kind[crm.Product]{
		name: crm.KindProduct, records: crm.Store.Products, parents: noParents,
		id: func(r *crm.Product) crm.ID { return r.ID }, keys: (*crm.Product).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldName, crm.FieldUpdatedAt},
		small: func(n int) *crm.Product {
			return &crm.Product{
				ID: idOf(crm.KindProduct, n), Source: origin, ExternalID: strconv.Itoa(n), Title: tiedName(n),
				CreatedAt: tied(n), UpdatedAt: tied(n + 2),
			}
		},
	}
}

func orders() kind[crm.Order] {
	return kind[crm.Order]{
		name: crm.KindOrder, records: crm.Store.Orders, parents: customerParents, small: order,
		id: func(r *crm.Order) crm.ID { return r.ID }, keys: (*crm.Order).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldPlacedAt, crm.FieldUpdatedAt},
	}
}

func tickets() kind[crm.Ticket] {
	return kind[crm.Ticket]{
		name: crm.KindTicket, records: crm.Store.Tickets, parents: customerParents, small: ticket,
		id: func(r *crm.Ticket) crm.ID { return r.ID }, keys: (*crm.Ticket).Keys,
		sorts:   []crm.Field{crm.FieldID, crm.FieldCreatedAt, crm.FieldUpdatedAt},
		version: func(r *crm.Ticket) *int { return &r.Version },
	}
}

func articles() kind[crm.Article] {
	return kind[crm.Article]{
		name: crm.KindArticle, records: crm.Store.Articles, parents: ticketParents,
		id: func(r *crm.Article) crm.ID { return r.ID }, keys: (*crm.Article).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldCreatedAt},
		small: func(n int) *crm.Article {
			a := &crm.Article{
				ID: idOf(crm.KindArticle, n), TicketID: idOf(crm.KindTicket, n%people), Body: "Body", CreatedAt: tied(n),
			}
			a.Complete()
			return a
		},
	}
}

func interactions() kind[crm.Interaction] {
	return kind[crm.Interaction]{
		name: crm.KindInteraction, records: crm.Store.Interactions, parents: customerParents, small: interaction,
		id: func(r *crm.Interaction) crm.ID { return r.ID }, keys: (*crm.Interaction).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldOccurredAt},
	}
}

func recommendations() kind[crm.Recommendation] {
	return kind[crm.Recommendation]{
		name: crm.KindRecommendation, records: crm.Store.Recommendations, parents: customerParents,
		id: func(r *crm.Recommendation) crm.ID { return r.ID }, keys: (*crm.Recommendation).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldRank},
		small: func(n int) *crm.Recommendation {
			r := &crm.Recommendation{
				ID: idOf(crm.KindRecommendation, n), CustomerID: customerID(n % people),
				ProductID: idOf(crm.KindProduct, n), Kind: crm.RecommendationKindCrossSell, Score: tiedScore(n),
				Reason: "Bought together.", Model: "pairs", ModelVersion: "1", CreatedAt: tied(n),
			}
			r.Complete()
			return r
		},
	}
}

func nextBestActions() kind[crm.NextBestAction] {
	return kind[crm.NextBestAction]{
		name: crm.KindNextBestAction, records: crm.Store.NextBestActions, parents: customerParents,
		id: func(r *crm.NextBestAction) crm.ID { return r.ID }, keys: (*crm.NextBestAction).Keys,
		sorts: []crm.Field{crm.FieldID, crm.FieldRank},
		small: func(n int) *crm.NextBestAction {
			a := &crm.NextBestAction{
				ID: idOf(crm.KindNextBestAction, n), CustomerID: customerID(n % people), Title: "Call",
				Reason: "Long silence.", Score: tiedScore(n), Model: "rules", ModelVersion: "1", CreatedAt: tied(n),
			}
			a.Complete()
			return a
		},
	}
}
