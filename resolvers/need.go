package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/graph/page"
	"github.com/customer360/gateway/internal/crm"
)

type need struct{ *Root }

// Need returns the resolvers of needs.
func (r *Root) Need() graph.NeedResolver { return need{r} }

func (r need) Customer(ctx context.Context, parents []*crm.Need) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(n *crm.Need) crm.ID { return n.CustomerID })
}

func (r need) Product(ctx context.Context, parents []*crm.Need) ([]*crm.Product, error) {
	return related(ctx, parents, r.products(), func(n *crm.Need) crm.ID { return n.ProductID })
}

func (r customer) Needs(ctx context.Context, parents []*crm.Customer, first *int, after *string, last *int, before *string, filter *crm.NeedFilter) ([]*page.NeedConnection, error) {
	where, err := filter.Predicates()
	if err != nil {
		return nil, err
	}
	return listBy(ctx, parents, hanging[crm.Customer, crm.Need]{
		listing: listing[crm.Need]{
			from: crm.Of[crm.Need](r.Store), kind: "needs", where: where, sort: crm.Sort{Field: crm.FieldStatedAt, Desc: true},
		},
		by: []crm.Field{crm.FieldCustomer}, id: customerID,
		args: page.Args{First: first, After: after, Last: last, Before: before},
	})
}
