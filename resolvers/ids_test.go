package resolvers_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/customer360/gateway/datasources/shops/shoptest"
	"github.com/customer360/gateway/datasources/storetest/backends"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/internal/purchases"
	"github.com/customer360/gateway/internal/test/fixture"
)

// everything writes a selection of all that can be read below an object without
// arguments, as far as the next records: of those, what they say of themselves.
type everything struct {
	schema *ast.Schema
}

// of returns the selection of a type. Every field has its type's name in its alias,
// since types of a union call things alike that differ, and whether it is a scalar.
func (e everything) of(name string, below bool) string {
	d := e.schema.Types[name]
	if d.IsAbstractType() {
		var b strings.Builder
		b.WriteString("{ __typename")
		for _, possible := range e.schema.GetPossibleTypes(d) {
			fmt.Fprintf(&b, " ... on %s %s", possible.Name, e.of(possible.Name, below))
		}
		return b.String() + " }"
	}
	whole := !below || !slices.Contains(d.Interfaces, "Node")
	var b strings.Builder
	b.WriteString("{ __typename")
	for _, f := range d.Fields {
		arguments, can := "", true
		for _, a := range f.Arguments {
			if a.Name == "first" {
				arguments = "(first: 100)"
			}
			can = can && !a.Type.NonNull
		}
		of := e.schema.Types[f.Type.Name()]
		switch {
		case strings.HasPrefix(f.Name, "__") || !can:
		case of.IsLeafType():
			fmt.Fprintf(&b, " is_%s_%s: %s%s", name, f.Name, f.Name, arguments)
		case whole && f.Name != "edges":
			fmt.Fprintf(&b, " has_%s_%s: %s%s %s", name, f.Name, f.Name, arguments, e.of(of.Name, true))
		}
	}
	return b.String() + " }"
}

// met is everything that has an id: its scalars, by type and id.
type met map[string]map[string]any

// add collects the objects of an answer and returns what differs from what was met
// under the same key before.
func (m met) add(value any) (differing []string) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			differing = append(differing, m.add(element)...)
		}
	case map[string]any:
		typ, _ := value["__typename"].(string)
		scalars := map[string]any{}
		for name, field := range value {
			if strings.HasPrefix(name, "is_") {
				scalars[name] = field
			} else {
				differing = append(differing, m.add(field)...)
			}
		}
		id, ok := scalars["is_"+typ+"_id"].(string)
		if !ok {
			return differing
		}
		key := typ + ":" + id
		if before := m[key]; before == nil {
			m[key] = scalars
		} else if diff := cmp.Diff(before, scalars); diff != "" {
			differing = append(differing, key+"\n"+diff)
		}
	}
	return differing
}

// walk asks for everything below records, and below all records that it meets if
// they are to be followed.
func (m met) walk(t *testing.T, g *graphOn, ids []crm.ID, follow bool) {
	t.Helper()
	select1 := everything{g.schema.Schema()}.of("Node", false)
	asked := map[crm.ID]bool{}
	for len(ids) > 0 {
		var now []crm.ID
		for ; len(ids) > 0 && len(now) < 20; ids = ids[1:] {
			if !asked[ids[0]] {
				asked[ids[0]] = true
				now = append(now, ids[0])
			}
		}
		var answer struct {
			Data   map[string]any
			Errors []any
		}
		decode(t, g.ask(t, "query Q($ids: [ID!]!) { nodes(ids: $ids) "+select1+" }", map[string]any{"ids": now}), &answer)
		if answer.Errors != nil {
			t.Fatalf("%.1000v", answer.Errors)
		}
		if differing := m.add(answer.Data["nodes"]); len(differing) > 0 {
			t.Fatalf("%d times two objects have one key, such as %s", len(differing), differing[0])
		}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			typ, id, _ := strings.Cut(key, ":")
			if follow && !asked[crm.ID(id)] && slices.Contains(g.schema.Schema().Types[typ].Interfaces, "Node") {
				ids = append(ids, crm.ID(id))
			}
		}
	}
}

// stored are the ids of a store's records that the graph shows, the first of each kind.
func stored(t testing.TB, store crm.Store, most int) []crm.ID {
	t.Helper()
	var ids []crm.ID
	for _, d := range crm.Shown() {
		page, err := store.List(t.Context(), d.Kind, crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: most}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			ids = append(ids, r.RecordID())
		}
	}
	return ids
}

// clashing is a shop that numbers orders, lines and carts as every other does, some of
// them with the sign that parts ids of lines.
func clashing(source string) *shoptest.Shop {
	buyer := crm.Buyer{Email: "zoe.private@example.com"}
	var orders []*crm.ShopOrder
	var carts []shoptest.Cart
	for n, of := range []struct{ order, line string }{{"1", "1"}, {"2", "1"}, {"1/2", "3"}, {"1", "2/3"}, {"1%2F2", "3"}, {"1/ORDER_PAID/1", "1"}} {
		o := shopOrder(source, of.order, fixture.Now.AddDate(0, 0, -n), "tea")
		o.Lines[0].ID, o.Lines[0].Title = of.line, fmt.Sprint(source, " ", n)
		more := *o.Lines[0]
		more.ID, more.Title = "another", o.Lines[0].Title+" again"
		o.Lines = append(o.Lines, &more)
		paid := func(minutes int) crm.Payment {
			return crm.Payment{
				Method: "card", Status: crm.PaymentStatusCaptured, Amount: *eur(100), OccurredAt: o.PlacedAt.Add(time.Duration(minutes) * time.Minute),
			}
		}
		o.Payments = []crm.Payment{paid(3), paid(3), paid(1)}
		o.Refunds = []*crm.Refund{{Amount: *eur(100), OccurredAt: paid(9).OccurredAt, Lines: []crm.LineQuantity{{Line: o.Lines[0], Quantity: 1}}}}
		if i := slices.IndexFunc(orders, func(s *crm.ShopOrder) bool { return s.Order.ExternalID == of.order }); i >= 0 {
			orders[i].Order.Lines = append(orders[i].Order.Lines, o.Lines[0])
		} else {
			orders = append(orders, &crm.ShopOrder{Order: o, Buyer: buyer})
		}
		if n < 3 {
			carts = append(carts, shoptest.Cart{Buyer: buyer, Cart: &crm.Cart{
				ExternalID: of.order, Status: crm.CartStatusOpen, Total: *eur(1580), Lines: []*crm.OrderLine{o.Lines[0]},
				CreatedAt: o.PlacedAt, UpdatedAt: o.PlacedAt,
			}})
		}
	}
	return shoptest.New(source, orders, shoptest.WithCarts(carts...))
}

// TestIdsAreOneObjects walks everything that the graph can give, and holds the objects
// that it meets under one type and id against each other: a client's cache keeps one
// of them. Every type of the schema that has an id must be met.
func TestIdsAreOneObjects(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store := backend.Open(t, nil)
		if err := fixture.Load(context.Background(), store); err != nil {
			t.Fatal(err)
		}
		graph := newGraphOver(store, []purchases.Source{
			{Shop: shoptest.Shared(clashing("north")), Mode: purchases.ModeLive},
			{Shop: shoptest.Shared(clashing("south")), Mode: purchases.ModeLive},
		})
		all := met{}
		all.walk(t, graph, stored(t, store, 1000), true)
		for name, d := range graph.schema.Schema().Types {
			if d.Kind != ast.Object || d.Fields.ForName("id") == nil {
				continue
			}
			reached := func(key string) bool { return strings.HasPrefix(key, name+":") }
			if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), reached) {
				t.Errorf("%s has an id, and the walk has met none", name)
			}
		}
		for _, key := range []string{"OrderLine:ord_north.1/1", "OrderLine:ord_south.1/1", "OrderLine:crt_south.1/1", "OrderLine:ord_north.1/2/3", "OrderLine:ord_north.1/2%2F3"} {
			if all[key] == nil {
				t.Errorf("the walk has not met %s", key)
			}
		}
	})
}

// TestIdsOfTheDemo does the same for the first of the demo's records, with its web shop.
func TestIdsOfTheDemo(t *testing.T) {
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		graph, store := onDemo(t, backend, nil)
		met{}.walk(t, graph, stored(t, store, 60), false)
	})
}

// TestIdsOutliveTheSync asks for an order of a shop, and again when the store has it.
func TestIdsOutliveTheSync(t *testing.T) {
	const query = `{ order(id: "ord_north.1/2") { lines { id title } refunds { lines { line { id } } } events { id kind occurredAt } } }`
	backends.Each(t, func(t *testing.T, backend backends.Backend) {
		store, shop := backend.Open(t, nil), clashing("north")
		live := newGraphOver(store, []purchases.Source{{Shop: shoptest.Shared(shop), Mode: purchases.ModeLive}}).ask(t, query, nil)
		found, err := shop.OrdersByID(t.Context(), []string{"1/2"})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d orders, %v", len(found), err)
		}
		for _, o := range found {
			put(t, store, crm.Clone(o.Order))
		}
		synced := newGraph(store).ask(t, query, nil)
		if diff := cmp.Diff(string(live), string(synced)); diff != "" || !strings.Contains(string(live), "ord_north.1/2/another") {
			t.Errorf("(-live +synced):\n%s\n%s", diff, live)
		}
	})
}

// put stores a record that is new.
func put(t *testing.T, store crm.Store, r crm.Record) {
	t.Helper()
	outcomes, err := store.Commit(t.Context(), []crm.Changes{crm.Put(crm.Change{Record: r})})
	if err != nil || outcomes[0] != nil {
		t.Fatal(err, outcomes)
	}
}
