package resolvers_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/test/fixture"
)

// filledWithShops returns the graph over a fresh store that holds the fixture, and
// over its shops: "corner", live, "outage", live and out of reach, and "webshop",
// whose orders are in the store.
func filledWithShops(t testing.TB, backend backends.Backend) *graphOn {
	t.Helper()
	store := backend.Open(t, nil)
	knownCursors(t, store)
	if err := fixture.Load(context.Background(), store); err != nil {
		t.Fatal(err)
	}
	return newGraphOver(store, []purchases.Source{
		{Shop: shoptest.Shared(cornerShop()), Mode: purchases.ModeLive},
		{Shop: shoptest.Shared(shoptest.New("outage", nil, shoptest.WithErr(down("outage")))), Mode: purchases.ModeLive},
		{Shop: shoptest.Shared(shoptest.New("webshop", nil)), Mode: purchases.ModeSynced},
	})
}

func down(source string) error {
	return &crm.Error{Code: crm.CodeUnavailable, Source: source, Op: "ask the shop", Message: "the shop cannot be reached at the moment; try again later"}
}

func cornerShop() *shoptest.Shop {
	zoe := crm.Buyer{Email: "zoe.private@example.com"}
	tea := &crm.Product{
		ExternalID: "tea", Title: "Darjeeling", Description: ptr("First flush"), Categories: []string{"Tea"},
		Variants:  []crm.Variant{{SKU: "TEA-100", Price: eur(790), Availability: crm.AvailabilityInStock}},
		CreatedAt: fixture.Now.AddDate(-2, 0, 0), UpdatedAt: fixture.Now.AddDate(0, -1, 0),
	}
	var orders []*crm.ShopOrder
	for i, days := range []int{1, 40, 40, 200} {
		o := shopOrder("corner", fmt.Sprintf("c%d", i), fixture.Now.AddDate(0, 0, -days), "tea")
		orders = append(orders, &crm.ShopOrder{Order: o, Buyer: zoe})
	}
	cart := &crm.Cart{
		ExternalID: "k1", Status: crm.CartStatusAbandoned, Total: *eur(1580), RecoveryURL: ptr("https://corner.example.com/checkout/k1"),
		Lines:     shopOrder("corner", "k1", fixture.Now, "tea").Lines,
		CreatedAt: fixture.Now.AddDate(0, 0, -3), UpdatedAt: fixture.Now.AddDate(0, 0, -2),
	}
	return shoptest.New("corner", orders, shoptest.WithProducts(tea), shoptest.WithCarts(shoptest.Cart{Cart: cart, Buyer: zoe}))
}

func ptr[T any](v T) *T { return &v }

func eur(minor int64) *crm.Money { return &crm.Money{Minor: minor, CurrencyCode: "EUR"} }

// shopOrder makes an order of two pieces of a product of a shop.
func shopOrder(source, id string, placed time.Time, product string) *crm.Order {
	none := *eur(0)
	o := &crm.Order{
		Number: "#" + id, ExternalID: id, Source: source, PlacedAt: placed, UpdatedAt: placed, Status: crm.OrderStatusCompleted,
		Lines: []*crm.OrderLine{{
			ID: "1", ProductID: crm.DerivedID(crm.KindProduct, source, product), ProductTitle: "Darjeeling", Title: "Darjeeling 100 g",
			SKU: ptr("TEA-100"), Quantity: 2, UnitPrice: *eur(790), Discount: none, Tax: none, Total: *eur(1580),
		}},
		Price:    crm.PriceBreakdown{Subtotal: *eur(1580), Discount: none, Shipping: none, Tax: none, Total: *eur(1580)},
		Payments: []crm.Payment{}, Refunds: []*crm.Refund{}, Returns: []*crm.Return{}, Shipments: []*crm.Shipment{},
	}
	o.Complete()
	return o
}

// twoShops are shops of the demo's first 50 customers, who are told what the shops
// call them: each has orders in both, two at an instant.
func twoShops(t testing.TB, store crm.Store, options ...shoptest.Option) []*shoptest.Shop {
	t.Helper()
	names := []string{"north", "south"}
	page, err := crm.Of[crm.Customer](store).List(t.Context(), crm.Query{
		Sort: crm.Sort{Field: crm.FieldUpdatedAt, Desc: true}, Page: crm.PageRequest{Limit: 50},
	})
	if err != nil {
		t.Fatal(err)
	}
	var writes []crm.Write[crm.Customer]
	for i, c := range page.Items {
		for _, name := range names {
			c.ExternalIdentities = append(c.ExternalIdentities, crm.ExternalIdentity{Source: name, ExternalID: strconv.Itoa(i)})
		}
		c.Version++
		writes = append(writes, crm.Write[crm.Customer]{Record: c, Expect: c.Version - 1})
	}
	if results, err := crm.Of[crm.Customer](store).Write(t.Context(), writes); err != nil || slices.ContainsFunc(results, func(err error) bool { return err != nil }) {
		t.Fatal(results, err)
	}
	var shops []*shoptest.Shop
	for _, name := range names {
		var orders []*crm.ShopOrder
		for i := range page.Items {
			for n := range 8 {
				o := shopOrder(name, fmt.Sprintf("%d-%d", i, n), time.Date(2011, time.December, 5+n/2, 0, 0, 0, 0, time.UTC), "p")
				orders = append(orders, &crm.ShopOrder{Order: o, Buyer: crm.Buyer{ExternalID: strconv.Itoa(i)}})
			}
		}
		shops = append(shops, shoptest.New(name, orders, options...))
	}
	return shops
}

func live(shops []*shoptest.Shop) []purchases.Source {
	var list []purchases.Source
	for _, s := range shops {
		list = append(list, purchases.Source{Shop: shoptest.Shared(s), Mode: purchases.ModeLive})
	}
	return list
}

// TestCallsOfShopsDoNotGrow counts the calls of each shop for 1, 10 and 50
// customers: one, whatever lies between the customers and their orders.
func TestCallsOfShopsDoNotGrow(t *testing.T) {
	var calls atomic.Int64
	_, store := onDemo(t, backends.Backends()[0], func(string) { calls.Add(1) })
	shops := twoShops(t, store)
	graph := newGraphOver(store, live(shops))
	ids := front(t, graph, 50)
	for _, s := range shapes(t)[:4] {
		t.Run(s.name, func(t *testing.T) {
			var ofStore []int64
			for _, n := range []int{1, 10, 50} {
				shops[0].Forget()
				shops[1].Forget()
				before := calls.Load()
				answer := string(graph.ask(t, s.query, map[string]any{"n": n, "ids": ids[:n]}))
				ofStore = append(ofStore, calls.Load()-before)
				if strings.Contains(answer, `"errors"`) || !strings.Contains(answer, `"id":"ord_north.`) || !strings.Contains(answer, `"id":"ord_south.`) {
					t.Fatalf("%.500s", answer)
				}
				for _, shop := range shops {
					if shop.Calls() != 1 || shop.Calls("OrdersOf") != 1 {
						t.Errorf("%d customers: calls of %s: %v, want one of OrdersOf", n, shop.Source(), shop.Log())
					}
				}
			}
			if ofStore[0] != ofStore[1] || ofStore[1] != ofStore[2] {
				t.Errorf("calls of the store for 1, 10 and 50 = %v, want the same", ofStore)
			}
		})
	}
}

// TestShopThatFails wants the rest of the answer whole, the truth in sources, and
// paging that never hides what was missing.
func TestShopThatFails(t *testing.T) {
	backend := backends.Backends()[0]
	_, store := onDemo(t, backend, nil)
	shops := twoShops(t, store)
	graph := newGraphOver(store, live(shops))
	const document = `query Q($id: ID!, $after: String) { customer(id: $id) {
		displayName orders(first: 6, after: $after) { totalCount nodes { id } sources { source state } pageInfo { endCursor } } tickets { nodes { id } } } }`
	type orders struct {
		TotalCount *int
		Nodes      []struct{ ID string }
		Sources    []struct{ Source, State string }
		PageInfo   struct{ EndCursor string }
	}
	id := front(t, graph, 1)[0]
	ask := func(t *testing.T, after any) (got orders, states string) {
		t.Helper()
		var answer struct {
			Data struct {
				Customer struct {
					DisplayName string
					Orders      orders
				}
			}
			Errors json.RawMessage
		}
		decode(t, graph.ask(t, document, map[string]any{"id": id, "after": after}), &answer)
		if answer.Errors != nil || answer.Data.Customer.DisplayName == "" {
			t.Fatalf("errors %s", answer.Errors)
		}
		for _, s := range answer.Data.Customer.Orders.Sources {
			states += s.Source + " " + s.State + ", "
		}
		return answer.Data.Customer.Orders, states
	}
	whole, states := ask(t, nil)
	if states != "north OK, south OK, store OK, " || whole.TotalCount == nil {
		t.Fatalf("sources %s, totalCount %v", states, whole.TotalCount)
	}
	for name, test := range map[string]struct {
		err   error
		state string
	}{
		"out of reach": {down("south"), "UNAVAILABLE"},
		"too slow":     {fmt.Errorf("ask south: %w", context.DeadlineExceeded), "TIMEOUT"},
		"bad key":      {&crm.Error{Code: crm.CodeUnauthenticated, Source: "south"}, "DENIED"},
		"too often":    {&crm.Error{Code: crm.CodeRateLimited, Source: "south"}, "UNAVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			shops[1].SetErr(test.err)
			defer shops[1].SetErr(nil)
			got, states := ask(t, nil)
			if want := "north OK, south " + test.state + ", store OK, "; states != want {
				t.Errorf("sources %s, want %s", states, want)
			}
			if got.TotalCount != nil {
				t.Errorf("totalCount %d, want null", *got.TotalCount)
			}
			if slices.ContainsFunc(got.Nodes, func(n struct{ ID string }) bool { return strings.HasPrefix(n.ID, "ord_south.") }) || len(got.Nodes) != 6 {
				t.Errorf("orders %v", got.Nodes)
			}
			shops[1].SetErr(nil)
			next, states := ask(t, got.PageInfo.EndCursor)
			if states != "north OK, south INCOMPLETE, store OK, " {
				t.Errorf("on the next page: sources %s, want south INCOMPLETE", states)
			}
			_, states = ask(t, next.PageInfo.EndCursor)
			if states != "north OK, south INCOMPLETE, store OK, " {
				t.Errorf("on the page after: sources %s, want south INCOMPLETE", states)
			}
		})
	}
	t.Run("everything", func(t *testing.T) {
		shops[0].SetErr(down("north"))
		shops[1].SetErr(down("south"))
		_, states := ask(t, nil)
		if states != "north UNAVAILABLE, south UNAVAILABLE, store OK, " {
			t.Errorf("sources %s", states)
		}
	})
}

// TestForeignOrders: a shop that answers with others' orders, as one does that
// ignores what it is asked for, gives none of them away.
func TestForeignOrders(t *testing.T) {
	_, store := onDemo(t, backends.Backends()[0], nil)
	shops := twoShops(t, store)
	foreign := &crm.ShopOrder{Order: shopOrder("south", "canary", time.Date(2011, time.December, 9, 0, 0, 0, 0, time.UTC), "p"), Buyer: crm.Buyer{Email: "victim@example.com"}}
	foreign.Order.ID = "ord_south.canary"
	shops[1].Lie(foreign)
	graph := newGraphOver(store, live(shops))
	answer := string(graph.ask(t, shapes(t)[0].query, map[string]any{"n": 20, "ids": front(t, graph, 1)}))
	if strings.Contains(answer, "canary") || !strings.Contains(answer, "ord_south.") {
		t.Errorf("%.2000s", answer)
	}
}

// TestProductsOfSKUs pages both ways through products that a shop and the store
// have, by name, with a filter that one of them does not fulfil.
func TestProductsOfSKUs(t *testing.T) {
	graph := filledWithShops(t, backends.Backends()[0])
	const skus = `sku: [{source: "webshop", sku: "LAMP"}, {source: "corner", sku: "TEA-100"}, {source: "webshop", sku: "MUG-RED"}, {source: "webshop", sku: "MUG-BLUE"}]`
	page := func(args string) (titles []string, start, end string, previous, next bool) {
		t.Helper()
		var answer struct {
			Data struct {
				Products struct {
					Nodes    []struct{ Title string }
					PageInfo struct {
						StartCursor, EndCursor       string
						HasPreviousPage, HasNextPage bool
					}
				}
			}
			Errors json.RawMessage
		}
		decode(t, graph.ask(t, `{ products(filter: {`+skus+`}, `+args+`) { nodes { title } pageInfo { startCursor endCursor hasPreviousPage hasNextPage } } }`, nil), &answer)
		if answer.Errors != nil {
			t.Fatalf("%s: %s", args, answer.Errors)
		}
		p := answer.Data.Products
		for _, n := range p.Nodes {
			titles = append(titles, n.Title)
		}
		return titles, p.PageInfo.StartCursor, p.PageInfo.EndCursor, p.PageInfo.HasPreviousPage, p.PageInfo.HasNextPage
	}
	whole := []string{"Darjeeling", "Desk lamp", "Emaille-Becher “Grüße”"}
	first, _, end, _, more := page("first: 2")
	rest, start, _, _, last := page(fmt.Sprintf("first: 2, after: %q", end))
	if diff := gocmp.Diff(whole, slices.Concat(first, rest)); diff != "" || !more || last {
		t.Errorf("forward: more %t, then %t (-want +got):\n%s", more, last, diff)
	}
	back, _, _, _, _ := page(fmt.Sprintf("last: 1, before: %q", start))
	all, _, _, earlier, _ := page("last: 3, orderBy: {field: NAME, direction: DESC}")
	slices.Reverse(all)
	if !slices.Equal(back, whole[1:2]) || !slices.Equal(all, whole) || earlier {
		t.Errorf("backward: %q, %q, %t", back, all, earlier)
	}
	if none, _, _, _, _ := page(`first: 5, text: "zzz"`); none != nil {
		t.Errorf("a text that no product has: %q", none)
	}
}

// BenchmarkCustomer360OverShops answers the customer-360 journey over two shops
// that take 50 ms for each call: p50-ms is the median of the answers' times.
func BenchmarkCustomer360OverShops(b *testing.B) {
	_, store := onDemo(b, backends.Backends()[0], nil)
	shops := twoShops(b, store, shoptest.WithDelay(50*time.Millisecond))
	graph := newGraphOver(store, live(shops))
	id, document := front(b, graph, 1)[0], journey(b, "dashboard/customer-360.graphql")
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		graph.ask(b, document, map[string]any{"id": id})
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

// TestOrdersOfSeveralSources pages forward through the merged history of every
// customer, as it is asked for: no gap, no repeat, the newest first.
func TestOrdersOfSeveralSources(t *testing.T) {
	_, store := onDemo(t, backends.Backends()[0], nil)
	graph := newGraphOver(store, live(twoShops(t, store)))
	type node struct {
		ID       string
		PlacedAt time.Time
	}
	id := front(t, graph, 1)[0]
	var all []node
	total := 0
	for after := any(nil); ; {
		var answer struct {
			Data struct {
				Customer struct {
					Orders struct {
						TotalCount int
						Nodes      []node
						PageInfo   struct {
							HasNextPage bool
							EndCursor   string
						}
					}
				}
			}
		}
		decode(t, graph.ask(t, `query Q($id: ID!, $after: String) { customer(id: $id) { orders(first: 3, after: $after) {
				totalCount nodes { id placedAt } pageInfo { hasNextPage endCursor } } } }`, map[string]any{"id": id, "after": after}), &answer)
		orders := answer.Data.Customer.Orders
		all, total = append(all, orders.Nodes...), orders.TotalCount
		if !orders.PageInfo.HasNextPage {
			break
		}
		after = orders.PageInfo.EndCursor
	}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b node) int {
		return cmp.Or(b.PlacedAt.Compare(a.PlacedAt), strings.Compare(b.ID, a.ID))
	})
	if diff := gocmp.Diff(sorted, slices.Compact(slices.Clone(all))); diff != "" {
		t.Errorf("(-sorted +pages):\n%s", diff)
	}
	if len(all) != total || len(all) < 16 {
		t.Errorf("%d orders on the pages, totalCount %d", len(all), total)
	}
}
