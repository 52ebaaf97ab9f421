package resolvers

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

type recommendation struct{ *Root }

func (r recommendation) Customer(ctx context.Context, parents []*crm.Recommendation) ([]*crm.Customer, error) {
	return related(ctx, parents, r.Store.Customers(), func(rec *crm.Recommendation) crm.ID { return rec.CustomerID })
}

func (r recommendation) Product(ctx context.Context, parents []*crm.Recommendation) ([]*crm.Product, error) {
	return related(ctx, parents, r.Store.Products(), func(rec *crm.Recommendation) crm.ID { return rec.ProductID })
}

// BasedOn gives the products that are still there.
func (r recommendation) BasedOn(ctx context.Context, parents []*crm.Recommendation) ([][]*crm.Product, error) {
	return loaders.Field[crm.Recommendation, *crm.Recommendation, []*crm.Product]{
		Key: func(rec *crm.Recommendation) (*crm.Recommendation, bool) { return rec, true },
		Load: func(ctx context.Context, path string, recs []*crm.Recommendation) (map[*crm.Recommendation][]*crm.Product, error) {
			var ids []crm.ID
			for _, rec := range recs {
				ids = append(ids, rec.BasedOnIDs...)
			}
			ids = crm.Only(crm.KindProduct, ids)
			found, err := r.Store.Products().ByID(ctx, ids)
			if err != nil {
				return nil, err
			}
			announce(ctx, path, inOrder(found, ids))
			products := make(map[*crm.Recommendation][]*crm.Product, len(recs))
			for _, rec := range recs {
				products[rec] = inOrder(found, rec.BasedOnIDs)
			}
			return products, nil
		},
	}.Resolve(ctx, parents)
}

type nextBestAction struct{ *Root }

func (r nextBestAction) Customer(ctx context.Context, parents []*crm.NextBestAction) ([]*crm.Customer, error) {
	return related(ctx, parents, r.Store.Customers(), func(n *crm.NextBestAction) crm.ID { return n.CustomerID })
}
