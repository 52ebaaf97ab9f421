package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

// withSources adds what each source contributed to a page of orders.
func (r *Root) withSources(c *page.Connection[*crm.Order]) *page.OrderConnection {
	now := r.Clock()
	return &page.OrderConnection{
		Connection: c,
		Sources:    []crm.SourceStatus{{Source: crm.SourceStore, State: crm.SourceStateOK, AsOf: &now}},
	}
}

// each converts the values that are there.
func each[A, B any](values []*A, convert func(*A) *B) []*B {
	if values == nil {
		return nil
	}
	converted := make([]*B, len(values))
	for i, v := range values {
		if v != nil {
			converted[i] = convert(v)
		}
	}
	return converted
}

type order struct{ *Root }

func (r order) Customer(ctx context.Context, parents []*crm.Order) ([]*crm.Customer, error) {
	return related(ctx, parents, r.Store.Customers(), func(o *crm.Order) crm.ID { return o.CustomerID })
}

func (r order) Organization(ctx context.Context, parents []*crm.Order) ([]*crm.Customer, error) {
	return related(ctx, parents, r.Store.Customers(), func(o *crm.Order) crm.ID { return o.OrganizationID })
}

type orderLine struct{ *Root }

func (r orderLine) Product(ctx context.Context, parents []*crm.OrderLine) ([]*crm.Product, error) {
	return related(ctx, parents, r.Store.Products(), func(l *crm.OrderLine) crm.ID { return l.ProductID })
}

type orderEvent struct{ *Root }

func (r orderEvent) Order(ctx context.Context, parents []*crm.OrderEvent) ([]*crm.Order, error) {
	return related(ctx, parents, r.Store.Orders(), func(e *crm.OrderEvent) crm.ID { return e.OrderID })
}
