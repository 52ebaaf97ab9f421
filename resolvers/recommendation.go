package resolvers

import (
	"context"
	"errors"
	"slices"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/crm"
	"github.com/customer360/gateway/resolvers/loaders"
)

type recommendation struct{ *Root }

// Recommendation returns the resolvers of recommendations.
func (r *Root) Recommendation() graph.RecommendationResolver { return recommendation{r} }

func (r recommendation) Customer(ctx context.Context, parents []*crm.Recommendation) ([]*crm.Customer, error) {
	return related(ctx, parents, crm.Of[crm.Customer](r.Store).ByID, func(rec *crm.Recommendation) crm.ID { return rec.CustomerID })
}

func (r recommendation) Product(ctx context.Context, parents []*crm.Recommendation) ([]*crm.Product, error) {
	return related(ctx, parents, r.Purchases.ProductsByID, func(rec *crm.Recommendation) crm.ID { return rec.ProductID })
}

// BasedOn returns the products that are still there.
func (r recommendation) BasedOn(ctx context.Context, parents []*crm.Recommendation) ([][]*crm.Product, error) {
	return loaders.Field[crm.Recommendation, *crm.Recommendation, []*crm.Product]{
		Key: func(rec *crm.Recommendation) (*crm.Recommendation, bool) { return rec, true },
		Load: func(ctx context.Context, path string, recs []*crm.Recommendation) (map[*crm.Recommendation][]*crm.Product, error) {
			var ids []crm.ID
			for _, rec := range recs {
				ids = append(ids, rec.BasedOnIDs...)
			}
			ids = crm.Only(crm.KindProduct, ids)
			found, err := r.Purchases.ProductsByID(access.Referred(ctx), ids, nil)
			announce(ctx, path, inOrder(found, ids))
			failed := perKey(err, func(id crm.ID) []*crm.Recommendation {
				return slices.DeleteFunc(slices.Clone(recs), func(rec *crm.Recommendation) bool { return !slices.Contains(rec.BasedOnIDs, id) })
			})
			products := make(map[*crm.Recommendation][]*crm.Product, len(recs))
			var own loaders.Errors[*crm.Recommendation]
			if errors.As(failed, &own) || err == nil {
				for _, rec := range recs {
					if own[rec] == nil {
						products[rec] = inOrder(found, rec.BasedOnIDs)
					}
				}
			}
			return products, failed
		},
	}.Resolve(ctx, parents)
}

type nextBestAction struct{ *Root }

// NextBestAction returns the resolvers of next best actions.
func (r *Root) NextBestAction() graph.NextBestActionResolver { return nextBestAction{r} }

func (r nextBestAction) Customer(ctx context.Context, parents []*crm.NextBestAction) ([]*crm.Customer, error) {
	return related(ctx, parents, crm.Of[crm.Customer](r.Store).ByID, func(n *crm.NextBestAction) crm.ID { return n.CustomerID })
}
