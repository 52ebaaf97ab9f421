package demo_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// front is how many customers, sorted as the list of customers is by default,
// have something at every level of a customer-360 query.
const front = 200

// view is the demo as a customer-360 query reads it: by customer, newest first.
type view struct {
	orders      map[crm.ID]*crm.Order
	products    map[crm.ID]bool
	employees   map[crm.ID]bool
	articles    map[crm.ID]int // by ticket
	ordersOf    map[crm.ID][]*crm.Order
	openOf      map[crm.ID][]*crm.Ticket
	timelineOf  map[crm.ID][]*crm.TimelineRecord
	recommended map[crm.ID][]*crm.Recommendation
}

func newView(d *demo.Data) *view {
	v := &view{
		orders: map[crm.ID]*crm.Order{}, products: map[crm.ID]bool{}, employees: map[crm.ID]bool{}, articles: map[crm.ID]int{},
		ordersOf: map[crm.ID][]*crm.Order{}, openOf: map[crm.ID][]*crm.Ticket{},
		timelineOf: map[crm.ID][]*crm.TimelineRecord{}, recommended: map[crm.ID][]*crm.Recommendation{},
	}
	for _, x := range d.Products {
		v.products[x.ID] = true
	}
	for _, x := range d.Employees {
		v.employees[x.ID] = true
	}
	for _, x := range d.Articles {
		v.articles[x.TicketID]++
	}
	for _, x := range d.Customers {
		v.tell(x.TimelineRecords())
	}
	for _, x := range d.Orders {
		v.orders[x.ID] = x
		hang(v.ordersOf, x, x.CustomerID, x.OrganizationID)
		v.tell(x.TimelineRecords())
	}
	for _, x := range d.Tickets {
		if x.Status.Open() {
			hang(v.openOf, x, x.CustomerID, x.RequesterID)
		}
		v.tell(x.TimelineRecords())
	}
	for _, x := range d.Interactions {
		v.tell(x.TimelineRecords())
	}
	for _, x := range d.Recommendations {
		hang(v.recommended, x, x.CustomerID)
	}
	newestFirst(v.ordersOf, (*crm.OrderOrder)(nil).Sort())
	newestFirst(v.openOf, (*crm.TicketOrder)(nil).Sort())
	newestFirst(v.timelineOf, crm.Sort{Field: crm.FieldOccurredAt, Desc: true})
	newestFirst(v.recommended, crm.Sort{Field: crm.FieldRank, Desc: true})
	return v
}

func (v *view) tell(records []*crm.TimelineRecord) {
	for _, r := range records {
		hang(v.timelineOf, r, r.CustomerID)
	}
}

// hang adds a record to each of its customers, once.
func hang[T any](to map[crm.ID][]T, record T, customers ...crm.ID) {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(customers))) {
		to[id] = append(to[id], record)
	}
}

// newestFirst sorts each list as the stores do.
func newestFirst[T crm.Positioned](lists map[crm.ID][]T, by crm.Sort) {
	for _, list := range lists {
		slices.SortFunc(list, func(a, b T) int {
			x, y := a.Position(by.Field), b.Position(by.Field)
			return -cmp.Or(x.Time.Compare(y.Time), cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID))
		})
	}
}

// lacks names the levels at which a customer has nothing.
func (v *view) lacks(c *crm.Customer) []string {
	lacking := []string{}
	want := func(has bool, level string) {
		if !has {
			lacking = append(lacking, level)
		}
	}
	want(v.employees[c.OwnerID], "owner")
	want(slices.ContainsFunc(first(5, v.ordersOf[c.ID]), v.hasProducts), "an order with lines")
	want(slices.ContainsFunc(first(5, v.openOf[c.ID]), func(t *crm.Ticket) bool {
		return v.articles[t.ID] > 0 && t.SLA.FirstResponse.DueAt != nil && t.SLA.Resolution.DueAt != nil
	}), "an open ticket with SLA and articles")
	has := map[string]bool{}
	for _, r := range first(10, v.timelineOf[c.ID]) {
		switch e := r.Entry().(type) {
		case *crm.OrderEvent:
			has["order"] = has["order"] || v.hasProducts(v.orders[e.OrderID])
		case *crm.TicketEvent:
			has["ticket"] = true
		case *crm.Interaction:
			has["interaction"] = true
		}
	}
	want(has["order"], "the event of an order with lines")
	want(has["ticket"], "a ticket's event")
	want(has["interaction"], "an interaction")
	want(slices.ContainsFunc(first(3, v.recommended[c.ID]), func(r *crm.Recommendation) bool {
		return r.Status == crm.RecommendationStatusActive && v.products[r.ProductID]
	}), "an active recommendation")
	want(!c.PersonalizationWithheld(demo.Now()), "recommendations that are shown")
	return lacking
}

func (v *view) hasProducts(o *crm.Order) bool {
	return slices.ContainsFunc(o.Lines, func(l *crm.OrderLine) bool { return v.products[l.ProductID] })
}

func first[T any](n int, list []T) []T { return list[:min(n, len(list))] }

// TestFrontIsRich: each of the customers who come first by latest update has
// something at every level, so a query of one of them makes all the calls that a
// query of many makes.
func TestFrontIsRich(t *testing.T) {
	d := generate(t)
	v, list := newView(d), slices.Clone(d.Customers)
	slices.SortFunc(list, func(a, b *crm.Customer) int {
		return -cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	if list[0].ID != demo.ExampleCustomer() {
		t.Errorf("the first customer is %s, want the example customer", list[0].ID)
	}
	for i, c := range list[:front] {
		if lacking := v.lacks(c); len(lacking) > 0 {
			t.Errorf("customer %d, %s, lacks %q", i, c.ExternalIdentities[0].ExternalID, lacking)
		}
		if c.UpdatedAt.Sub(list[i+1].UpdatedAt) < time.Millisecond {
			t.Errorf("customer %d has the same update time as the next", i)
		}
	}
}
