package demo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/demo"
)

// TestStoresHoldTheSame: both stores hold the same demo.
func TestStoresHoldTheSame(t *testing.T) {
	unobserved := func(string) {}
	mongodb, sqlite := backends.MongoDB(t, unobserved), backends.SQLite(t, unobserved)
	for _, store := range []crm.Store{sqlite, mongodb} {
		if err := demo.Load(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		wantState(t, store, demo.StateLoaded)
	}
	d := generate(t)
	same(t, "teams", crm.Of[crm.Team](sqlite), crm.Of[crm.Team](mongodb), sample(d.Teams, func(x *crm.Team) crm.ID { return x.ID }))
	same(t, "employees", crm.Of[crm.Employee](sqlite), crm.Of[crm.Employee](mongodb), sample(d.Employees, func(x *crm.Employee) crm.ID { return x.ID }))
	same(t, "partner apps", crm.Of[crm.PartnerApp](sqlite), crm.Of[crm.PartnerApp](mongodb), sample(d.PartnerApps, func(x *crm.PartnerApp) crm.ID { return x.ID }))
	same(t, "customers", crm.Of[crm.Customer](sqlite), crm.Of[crm.Customer](mongodb), sample(d.Customers, func(x *crm.Customer) crm.ID { return x.ID }))
	same(t, "products", crm.Of[crm.Product](sqlite), crm.Of[crm.Product](mongodb), sample(d.Products, func(x *crm.Product) crm.ID { return x.ID }))
	same(t, "orders", crm.Of[crm.Order](sqlite), crm.Of[crm.Order](mongodb), sample(d.Orders, func(x *crm.Order) crm.ID { return x.ID }))
	same(t, "tickets", crm.Of[crm.Ticket](sqlite), crm.Of[crm.Ticket](mongodb), sample(d.Tickets, func(x *crm.Ticket) crm.ID { return x.ID }))
	same(t, "articles", crm.Of[crm.Article](sqlite), crm.Of[crm.Article](mongodb), sample(d.Articles, func(x *crm.Article) crm.ID { return x.ID }))
	same(t, "interactions", crm.Of[crm.Interaction](sqlite), crm.Of[crm.Interaction](mongodb), sample(d.Interactions, func(x *crm.Interaction) crm.ID { return x.ID }))
	same(t, "recommendations", crm.Of[crm.Recommendation](sqlite), crm.Of[crm.Recommendation](mongodb), sample(d.Recommendations, func(x *crm.Recommendation) crm.ID { return x.ID }))
	same(t, "next best actions", crm.Of[crm.NextBestAction](sqlite), crm.Of[crm.NextBestAction](mongodb), sample(d.NextBestActions, func(x *crm.NextBestAction) crm.ID { return x.ID }))

	customers := sample(d.Customers, func(x *crm.Customer) crm.ID { return x.ID })
	newest := crm.Query{Sort: crm.Sort{Field: crm.FieldOccurredAt, Desc: true}, Page: crm.PageRequest{Limit: 10}}
	fromSQLite, err := crm.Read[crm.TimelineRecord](sqlite).ListBy(t.Context(), []crm.Field{crm.FieldCustomer}, customers, newest)
	if err != nil {
		t.Fatal(err)
	}
	fromMongoDB, err := crm.Read[crm.TimelineRecord](mongodb).ListBy(t.Context(), []crm.Field{crm.FieldCustomer}, customers, newest)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromSQLite, fromMongoDB); diff != "" || len(fromSQLite) != len(customers) {
		t.Errorf("timelines of %d of %d customers (-sqlite +mongodb):\n%s", len(fromSQLite), len(customers), diff)
	}
}

// sample returns the ids of seven records, from the first to the last.
func sample[T any](records []*T, id func(*T) crm.ID) []crm.ID {
	ids := make([]crm.ID, 7)
	for i := range ids {
		ids[i] = id(records[i*(len(records)-1)/(len(ids)-1)])
	}
	return ids
}

// same compares the number of records in two stores, and those that have ids.
func same[T any](t *testing.T, name string, sqlite, mongodb crm.Reader[T], ids []crm.ID) {
	t.Helper()
	if a, b := count(t, sqlite), count(t, mongodb); a != b || a == 0 {
		t.Errorf("%s: %d in SQLite, %d in MongoDB", name, a, b)
	}
	fromSQLite, err := sqlite.ByID(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	fromMongoDB, err := mongodb.ByID(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromSQLite, fromMongoDB); diff != "" || fromSQLite[ids[0]] == nil {
		t.Errorf("%s (-sqlite +mongodb):\n%s", name, diff)
	}
}

func count[T any](t *testing.T, of crm.Reader[T]) int {
	t.Helper()
	n, err := of.Count(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
