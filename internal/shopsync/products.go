package shopsync

import (
	"context"

	"github.com/customer360/gateway/internal/crm"
)

// storeProducts stores a batch of products as they are.
func (r *run) storeProducts(ctx context.Context, items []*crm.Product) (n tally, err error) {
	kept := make([]crm.Record, 0, len(items))
	at := make(map[crm.ID]int, len(items))
	for _, p := range items {
		if p.Source != r.source || p.ID != crm.DerivedID(crm.KindProduct, r.source, p.ExternalID) || p.ID.Kind() != crm.KindProduct {
			r.reject(ctx, &n, kindProducts, p.ExternalID, reasonForeign)
			continue
		}
		if i, repeat := at[p.ID]; repeat {
			kept[i] = p
			continue
		}
		at[p.ID] = len(kept)
		kept = append(kept, p)
	}
	_, err = r.put(ctx, &n, crm.KindProduct, kept, crm.Replace)
	return n, err
}
