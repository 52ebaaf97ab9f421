package mongodb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/customer360/gateway/datasources/storetest/mongod"
	"github.com/customer360/gateway/internal/crm"
)

func TestFirstOrdersOfManyCustomersReadFewDocuments(t *testing.T) {
	store, profiler := scanned(t, people{customers: 200, orders: 50, lines: 1, others: 1})
	asked := ids(crm.KindCustomer, 50, 100)
	newest := crm.Sort{Field: crm.FieldPlacedAt, Desc: true}
	after := &crm.Position{Time: at(30 * 24), ID: "ord_zzz"}
	tests := []struct {
		name   string
		fields []crm.Field
		page   crm.PageRequest
	}{
		{"first", []crm.Field{crm.FieldCustomer}, crm.PageRequest{Limit: 5}},
		{"last", []crm.Field{crm.FieldCustomer}, crm.PageRequest{Limit: 5, Backward: true}},
		{"after a position", []crm.Field{crm.FieldCustomer}, crm.PageRequest{Limit: 5, After: after}},
		{"between positions", []crm.Field{crm.FieldCustomer}, crm.PageRequest{Limit: 5, After: after, Before: &crm.Position{Time: at(24), ID: "ord_"}}},
	}
	// Fifty of each are more than a sweep comes to: it is tried once, and then not for a while.
	cheapBy(t, profiler, "swept at first", 100*6, func() int {
		return records{store, crm.KindOrder}.listBy(t, tests[0].fields, asked, crm.Query{Sort: newest, Page: tests[0].page})
	})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pages, err := crm.Of[crm.Order](store).ListBy(t.Context(), test.fields, asked, crm.Query{Sort: newest, Page: test.page})
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range asked {
				if page := pages[id]; len(page.Items) != 5 || !page.More {
					t.Fatalf("a customer has %d orders on its page, more: %v", len(page.Items), page.More)
				}
			}
			ops := profiler.Ops(t)
			sent := profiler.calls.drain()
			if len(ops) != 1 || ops[0].Docs > 600 || sent["aggregate"] != 1 || sent["getMore"] > 0 {
				t.Errorf("100 customers × 5 of 50 orders are %v: %+v; want one aggregate of at most 600 documents", sent, ops)
			}
		})
	}
}

func TestFactsReadNoDocument(t *testing.T) {
	store, profiler := scanned(t, people{customers: 100, orders: 20, lines: 1, others: 3})
	facts, err := store.Facts(t.Context(), ids(crm.KindCustomer, 0, 100))
	if err != nil {
		t.Fatal(err)
	}
	if f := facts[id(crm.KindCustomer, 7)]; len(f.Orders) != 1 || f.Orders[0].Count != 19 || f.OpenTickets != 2 || f.Ratings != 1 {
		t.Errorf("the facts of a customer are %+v", f)
	}
	ops := profiler.Ops(t)
	if len(ops) != 1 || ops[0].Docs != 0 || strings.Contains(ops[0].Plan, "COLLSCAN") {
		t.Errorf("facts of 100 customers are %d commands: %+v; want 1 of no document", len(ops), ops)
	}
}

// calls counts what a store says that it sends; the test waits for no goroutine
// of the store's, so the channel only has to be large enough.
type calls chan string

func (c calls) drain() map[string]int {
	counts := map[string]int{}
	for {
		select {
		case call := <-c:
			counts[call]++
		default:
			return counts
		}
	}
}

func TestObservedCallsAreTheServersCommands(t *testing.T) {
	server := mongod.Start(t)
	observed := make(calls, 1<<16)
	store := opened(t, server.URI("crm"), observing(observed))
	people{customers: 50, orders: 4, lines: 1, others: 2}.fill(t, store)
	observed.drain()
	before := commands(t, server)

	asked := ids(crm.KindCustomer, 0, 50)
	orders := crm.Of[crm.Order](store)
	newest := crm.Query{Sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}, Page: crm.PageRequest{Limit: 3}}
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(crm.Of[crm.Customer](store).ByID(t.Context(), asked, nil))
	check(orders.List(t.Context(), newest))
	check(orders.ListBy(t.Context(), []crm.Field{crm.FieldCustomer, crm.FieldOrganization}, asked, newest))
	check(orders.CountBy(t.Context(), []crm.Field{crm.FieldCustomer}, asked, nil))
	check(orders.Count(t.Context(), nil))
	check(orders.Count(t.Context(), []crm.Predicate{is(crm.FieldStatus, "OPEN")}))
	check(store.Facts(t.Context(), asked))
	check(crm.Of[crm.Customer](store).Write(t.Context(), []crm.Write[crm.Customer]{{Record: renewed(3), Expect: 1}}))

	got := observed.drain()
	after := commands(t, server)
	want := map[string]int{}
	for name := range after {
		if n := after[name] - before[name]; n > 0 && !strings.HasPrefix(name, "serverStatus") && name != "hello" {
			want[name] = n
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the server's commands, and those observed (-want +got):\n%s", diff)
	}
	if got["find"] < 2 || got["aggregate"] != 4 || got["count"] != 1 || got["getMore"] != 0 {
		t.Errorf("eight calls of the port are %v", got)
	}
}

// renewed is the nth customer's second version.
func renewed(n int) *crm.Customer {
	c := customer(n)
	c.Version = 2
	return c
}

// commands returns how often the server ran each command.
func commands(t *testing.T, server *mongod.Server) map[string]int {
	t.Helper()
	var status struct {
		Metrics struct {
			Commands map[string]bson.RawValue `bson:"commands"`
		} `bson:"metrics"`
	}
	command := bson.D{{Key: "serverStatus", Value: 1}}
	if err := server.Client().Database("admin").RunCommand(context.Background(), command).Decode(&status); err != nil {
		t.Fatalf("ask for the server's status: %v", err)
	}
	counts := map[string]int{}
	for name, value := range status.Metrics.Commands {
		var numbers struct {
			Total int `bson:"total"`
		}
		if err := value.Unmarshal(&numbers); err == nil && numbers.Total > 0 {
			counts[name] = numbers.Total
		}
	}
	return counts
}
