package resolvers

import (
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// unranked reads recommendations for callers who may not read their score: their
// cursors hold an id alone, and where it stands is looked up.
type unranked struct {
	crm.Reader[crm.Recommendation]
}

// ListBy finds the places of the page's bounds, in one more call if there are
// any. A bound that is not one of these customers' is Invalid, as one that is
// gone.
func (r unranked) ListBy(ctx context.Context, fields []crm.Field, ids []crm.ID, q crm.Query) (map[crm.ID]crm.Page[crm.Recommendation], error) {
	var bounds []crm.ID
	for _, at := range []*crm.Position{q.Page.After, q.Page.Before} {
		if at != nil {
			bounds = append(bounds, at.ID)
		}
	}
	if len(bounds) == 0 {
		return r.Reader.ListBy(ctx, fields, ids, q)
	}
	found, err := r.ByID(ctx, bounds, nil)
	if err != nil {
		return nil, err
	}
	for _, at := range []**crm.Position{&q.Page.After, &q.Page.Before} {
		if *at == nil {
			continue
		}
		one := found[(*at).ID]
		if one == nil || !slices.Contains(ids, one.CustomerID) {
			return nil, crm.Invalid("a cursor must be one that this list gave: its entry is gone; begin again without it")
		}
		place := one.Position(q.Sort.Field)
		*at = &place
	}
	return r.Reader.ListBy(ctx, fields, ids, q)
}
