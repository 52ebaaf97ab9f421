package resolvers

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

// ofStore adds that a page of orders is the store's alone.
func (r *Root) ofStore(c *page.Connection[*crm.Order]) *page.OrderConnection {
	now := r.Clock()
	return &page.OrderConnection{
		Connection: c,
		Sources:    []crm.SourceStatus{{Source: crm.SourceStore, State: crm.SourceStateOK, AsOf: &now}},
	}
}

// Orders returns a page for each customer of what they bought everywhere: one call of
// the store and one of each shop for all of them.
func (r customer) Orders(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.OrderFilter) ([]*page.OrderConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	from := hanging[crm.Customer, crm.Order]{
		listing: listing[crm.Order]{kind: "orders", where: where, sort: crm.Sort{Field: crm.FieldPlacedAt, Desc: true}},
		id:      customerID,
		args:    page.Args{First: first, After: after, Last: last, Before: before},
	}
	list := from.list()
	ids, request, failed := from.asked(list, parents)
	results := make([]*page.OrderConnection, len(parents))
	if len(ids) == 0 {
		return results, failed.err()
	}
	complete, err := from.args.Complete(list.Of(ids[0]), r.Purchases.Names())
	if err != nil {
		return nil, err
	}
	customers := asked(parents, &failed)
	found, err := attempt(func() (map[crm.ID]crm.MergedOrders, error) {
		return r.Purchases.Orders(ctx, customers, crm.Query{Where: where, Sort: from.sort, Page: request, Members: selected[crm.Order](ctx)}, filter, complete)
	})
	why := causesOf(err)
	counts := &counts{count: func(ctx context.Context) (map[crm.ID]*int, error) {
		return r.Purchases.CountOrders(ctx, customers, where)
	}}
	made := make([]struct { // one allocation for all
		orders page.OrderConnection
		page   page.Connection[*crm.Order]
	}, len(parents))
	for i, c := range parents {
		if c == nil || failed.at(i) {
			continue
		}
		if orders, ok := found[c.ID]; ok {
			one := &made[i]
			one.page = page.Make[crm.Order](list.Of(c.ID), request, orders.Page, counts)
			one.orders = page.OrderConnection{Connection: one.page.Carrying(orders.Complete), Sources: orders.Sources}
			results[i] = &one.orders
		} else if cause := why.of(c.ID); cause != nil {
			failed.add(i, len(parents), cause)
		}
	}
	return results, failed.err()
}

// asked returns the customers that have not failed.
func asked(parents []*crm.Customer, failed *failures) []*crm.Customer {
	customers := make([]*crm.Customer, 0, len(parents))
	for i, c := range parents {
		if c != nil && !failed.at(i) {
			customers = append(customers, c)
		}
	}
	return customers
}

// Carts returns what each customer has put together and not bought.
func (r customer) Carts(ctx context.Context, parents []*crm.Customer) ([]*crm.CustomerCarts, error) {
	var failed failures
	found, err := r.Purchases.Carts(ctx, asked(parents, &failed))
	why, results := causesOf(err), make([]*crm.CustomerCarts, len(parents))
	for i, c := range parents {
		if c == nil {
			continue
		}
		if results[i] = found[c.ID]; results[i] == nil {
			if cause := why.of(c.ID); cause != nil {
				failed.add(i, len(parents), cause)
			}
		}
	}
	return results, failed.err()
}

type order struct{ *Root }

// Order returns the resolvers of orders.
func (r *Root) Order() graph.OrderResolver { return order{r} }

func (r order) Customer(ctx context.Context, parents []*crm.Order) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(o *crm.Order) crm.ID { return o.CustomerID })
}

func (r order) Organization(ctx context.Context, parents []*crm.Order) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(o *crm.Order) crm.ID { return o.OrganizationID })
}

type orderLine struct{ *Root }

// OrderLine returns the resolvers of order lines.
func (r *Root) OrderLine() graph.OrderLineResolver { return orderLine{r} }

// Product returns the products as they are now. What the shop told together with
// the order is enough for a selection of id and title: then nothing is loaded.
func (r orderLine) Product(ctx context.Context, parents []*crm.OrderLine) ([]*crm.Product, error) {
	told := tellsEnough(ctx)
	products, err := related(ctx, parents, r.products(), func(l *crm.OrderLine) crm.ID {
		if told && l.ProductTitle != "" {
			return ""
		}
		return l.ProductID
	})
	if told && products != nil {
		for i, line := range parents {
			if line != nil && products[i] == nil && line.ProductTitle != "" {
				products[i] = toldWith(line)
			}
		}
	}
	return products, err
}

// toldWith returns what is known of a line's product from the line alone.
func toldWith(line *crm.OrderLine) *crm.Product {
	source, externalID, ok := line.ProductID.Source()
	if !ok {
		return nil
	}
	return &crm.Product{ID: line.ProductID, Source: source, ExternalID: externalID, Title: line.ProductTitle}
}

// tellsEnough says whether of the products being resolved only such fields are
// selected as toldWith gives.
func tellsEnough(ctx context.Context) bool {
	for _, field := range graphql.CollectFieldsCtx(ctx, []string{"Product", "Node"}) {
		switch field.Name {
		case "__typename", "id", "source", "externalId", "title":
		default:
			return false
		}
	}
	return true
}

type orderEvent struct{ *Root }

// OrderEvent returns the resolvers of order events.
func (r *Root) OrderEvent() graph.OrderEventResolver { return orderEvent{r} }

func (r orderEvent) Order(ctx context.Context, parents []*crm.OrderEvent) ([]*crm.Order, error) {
	return related(ctx, parents, stored[crm.Order](r.Store), func(e *crm.OrderEvent) crm.ID { return e.OrderID })
}
