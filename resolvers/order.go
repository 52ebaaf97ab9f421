package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
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
// the store and one of each shop for the whole cohort.
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
	list := page.NewList(from.kind, from.sort, from.where)
	at := loaders.Path(ctx)
	connections, err := loaders.Field[crm.Customer, *crm.Customer, *page.OrderConnection]{
		Afar: true,
		Key:  func(c *crm.Customer) (*crm.Customer, bool) { return c, from.refused(list, c.ID) == nil },
		Load: func(ctx context.Context, path string, customers []*crm.Customer) (map[*crm.Customer]*page.OrderConnection, error) {
			// All customers here have the same positions: a cursor belongs to one of them.
			l := list.Of(customers[0].ID)
			request, err := from.args.Request(l)
			if err != nil {
				return nil, err
			}
			complete, err := from.args.Complete(l, r.Purchases.Names())
			if err != nil {
				return nil, err
			}
			found, err := r.Purchases.Orders(ctx, customers, crm.Query{Where: where, Sort: from.sort, Page: request}, filter, complete)
			connections := make(map[*crm.Customer]*page.OrderConnection, len(found))
			var items []*crm.Order
			for _, c := range customers {
				if orders, ok := found[c.ID]; ok {
					items = append(items, orders.Items...)
					count := func(ctx context.Context) (*int, error) { return r.countOrders(ctx, at, c, where) }
					connections[c] = &page.OrderConnection{
						Connection: page.New(list.Of(c.ID), request, orders.Page, count).Carrying(orders.Complete),
						Sources:    orders.Sources,
					}
				}
			}
			announce(ctx, path, items)
			return connections, ofCustomers(customers, err)
		},
	}.Resolve(ctx, parents)
	return connections, from.refuse(list, parents, err)
}

// ofCustomers makes the errors that sources give for customers those of a level
// whose keys are the customers.
func ofCustomers(customers []*crm.Customer, err error) error {
	return perKey(err, func(id crm.ID) []*crm.Customer {
		return slices.DeleteFunc(slices.Clone(customers), func(c *crm.Customer) bool { return c.ID != id })
	})
}

// countOrders counts the list at a path for one customer, for the whole cohort
// at once.
func (r customer) countOrders(ctx context.Context, at string, c *crm.Customer, where []crm.Predicate) (*int, error) {
	return countBy(ctx, at, c, func(ctx context.Context, customers []*crm.Customer) (map[*crm.Customer]*int, error) {
		found, err := r.Purchases.CountOrders(ctx, customers, where)
		counts := make(map[*crm.Customer]*int, len(found))
		for _, c := range customers {
			if n, ok := found[c.ID]; ok {
				counts[c] = n
			}
		}
		return counts, ofCustomers(customers, err)
	})
}

// Carts returns what each customer has put together and not bought.
func (r customer) Carts(ctx context.Context, parents []*crm.Customer) ([]*crm.CustomerCarts, error) {
	return loaders.Field[crm.Customer, *crm.Customer, *crm.CustomerCarts]{
		Afar: true,
		Key:  func(c *crm.Customer) (*crm.Customer, bool) { return c, true },
		Load: func(ctx context.Context, path string, customers []*crm.Customer) (map[*crm.Customer]*crm.CustomerCarts, error) {
			found, err := r.Purchases.Carts(ctx, customers)
			carts := make(map[*crm.Customer]*crm.CustomerCarts, len(found))
			var lines []*crm.OrderLine
			for _, c := range customers {
				if of := found[c.ID]; of != nil {
					carts[c] = of
					for _, cart := range of.Nodes {
						lines = append(lines, cart.Lines...)
					}
				}
			}
			loaders.Announce(ctx, path, lines)
			return carts, ofCustomers(customers, err)
		},
	}.Resolve(ctx, parents)
}

type order struct{ *Root }

// Order returns the resolvers of orders.
func (r *Root) Order() graph.OrderResolver { return order{r} }

func (r order) Customer(ctx context.Context, parents []*crm.Order) ([]*crm.Customer, error) {
	return related(ctx, parents, crm.Of[crm.Customer](r.Store).ByID, func(o *crm.Order) crm.ID { return o.CustomerID })
}

func (r order) Organization(ctx context.Context, parents []*crm.Order) ([]*crm.Customer, error) {
	return related(ctx, parents, crm.Of[crm.Customer](r.Store).ByID, func(o *crm.Order) crm.ID { return o.OrganizationID })
}

type orderLine struct{ *Root }

// OrderLine returns the resolvers of order lines.
func (r *Root) OrderLine() graph.OrderLineResolver { return orderLine{r} }

// Product returns the products as they are now. What the shop told together with
// the order is enough for a selection of id and title: then nothing is loaded.
func (r orderLine) Product(ctx context.Context, parents []*crm.OrderLine) ([]*crm.Product, error) {
	told := tellsEnough(ctx)
	products, err := related(ctx, parents, r.Purchases.ProductsByID, func(l *crm.OrderLine) crm.ID {
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
	return related(ctx, parents, crm.Of[crm.Order](r.Store).ByID, func(e *crm.OrderEvent) crm.ID { return e.OrderID })
}
