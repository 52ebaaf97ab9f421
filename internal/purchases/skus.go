package purchases

import (
	"cmp"
	"context"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// Products returns where the products of a filter are read from: the store, and for
// a filter that names SKUs of a shop which is asked, that shop too.
func (r reading) Products(filter *crm.ProductFilter) crm.Reader[crm.Product] {
	if filter == nil {
		return crm.Of[crm.Product](r.store)
	}
	named := slices.ContainsFunc(filter.SKU, func(ref crm.SKURef) bool {
		return slices.ContainsFunc(r.shops, func(s Source) bool { return isAsked(s.Mode) && s.Shop.Source() == ref.Source })
	})
	if !named {
		return crm.Of[crm.Product](r.store)
	}
	return skuReader{Reader: crm.Of[crm.Product](r.store), sources: r, refs: filter.SKU}
}

// skuReader reads the products of a few SKUs from all sources: so few that a
// list of them is made in memory.
type skuReader struct {
	crm.Reader[crm.Product]
	sources reading
	refs    []crm.SKURef
}

// List returns one page of the products.
func (r skuReader) List(ctx context.Context, q crm.Query) (crm.Page[crm.Product], error) {
	products, err := r.matching(ctx, q.Where)
	if err != nil {
		return crm.Page[crm.Product]{}, err
	}
	slices.SortFunc(products, func(a, b *crm.Product) int {
		return comparePositions(a.Position(q.Sort.Field), b.Position(q.Sort.Field), q.Sort)
	})
	products = slices.DeleteFunc(products, func(p *crm.Product) bool {
		at := p.Position(q.Sort.Field)
		return q.Page.After != nil && comparePositions(at, *q.Page.After, q.Sort) <= 0 ||
			q.Page.Before != nil && comparePositions(at, *q.Page.Before, q.Sort) >= 0
	})
	page := crm.Page[crm.Product]{Items: products, More: len(products) > q.Page.Limit}
	switch {
	case page.More && q.Page.Backward:
		page.Items = products[len(products)-q.Page.Limit:]
	case page.More:
		page.Items = products[:q.Page.Limit]
	}
	return page, nil
}

// Count counts the products.
func (r skuReader) Count(ctx context.Context, where []crm.Predicate) (int, error) {
	products, err := r.matching(ctx, where)
	return len(products), err
}

func (r skuReader) matching(ctx context.Context, where []crm.Predicate) ([]*crm.Product, error) {
	products, err := r.sources.ProductsBySKU(ctx, r.refs)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(products, func(p *crm.Product) bool {
		keys := p.Keys()
		return slices.ContainsFunc(where, func(w crm.Predicate) bool { return !w.Holds(keys) })
	}), nil
}

// comparePositions says which of two places comes first in a list of products
// sorted so. Of a position only what the sort is by counts: a cursor's time is 1970
// where a record's is none.
func comparePositions(a, b crm.Position, sort crm.Sort) int {
	var c int
	switch sort.Field { //nolint:exhaustive // Lists of products are sorted by these, or by id alone.
	case crm.FieldName:
		c = cmp.Compare(a.Text, b.Text)
	case crm.FieldUpdatedAt:
		c = a.Time.Compare(b.Time)
	}
	if c = cmp.Or(c, cmp.Compare(a.ID, b.ID)); sort.Desc {
		return -c
	}
	return c
}
