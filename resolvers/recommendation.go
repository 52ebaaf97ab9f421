package resolvers

import (
	"context"

	"github.com/customer360/gateway/graph"
	"github.com/customer360/gateway/internal/crm"
)

type recommendation struct{ *Root }

// Recommendation returns the resolvers of recommendations.
func (r *Root) Recommendation() graph.RecommendationResolver { return recommendation{r} }

func (r recommendation) Customer(ctx context.Context, parents []*crm.Recommendation) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(rec *crm.Recommendation) crm.ID { return rec.CustomerID })
}

func (r recommendation) Product(ctx context.Context, parents []*crm.Recommendation) ([]*crm.Product, error) {
	return related(ctx, parents, r.products(), func(rec *crm.Recommendation) crm.ID { return rec.ProductID })
}

// BasedOn returns the products that are still there.
func (r recommendation) BasedOn(ctx context.Context, parents []*crm.Recommendation) ([][]*crm.Product, error) {
	var ids []crm.ID
	for _, rec := range parents {
		if rec != nil {
			ids = append(ids, rec.BasedOnIDs...)
		}
	}
	found, err := r.products().load(ctx, referred, crm.Only(crm.KindProduct, ids))
	why, results := causesOf(err), make([][]*crm.Product, len(parents))
	var failed failures
	for i, rec := range parents {
		if rec == nil {
			continue
		}
		results[i] = inOrder(found, rec.BasedOnIDs)
		for _, id := range rec.BasedOnIDs {
			if cause := why.of(id); cause != nil {
				failed.add(i, len(parents), cause)
				break
			}
		}
	}
	return results, failed.err()
}

type nextBestAction struct{ *Root }

// NextBestAction returns the resolvers of next best actions.
func (r *Root) NextBestAction() graph.NextBestActionResolver { return nextBestAction{r} }

func (r nextBestAction) Customer(ctx context.Context, parents []*crm.NextBestAction) ([]*crm.Customer, error) {
	return related(ctx, parents, stored[crm.Customer](r.Store), func(n *crm.NextBestAction) crm.ID { return n.CustomerID })
}
