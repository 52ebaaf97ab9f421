package purchases

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/customer360/gateway/internal/crm"
)

// ProductsByID returns the products that exist, by id, from where OrdersByID takes
// orders: the store's copy stands in for a shop that fails or does not have the
// product. An id is missing if there is no such product, or if it is in the
// crm.PartialError.
func (r reading) ProductsByID(ctx context.Context, ids []crm.ID, want *crm.Members) (map[crm.ID]*crm.Product, error) {
	found, err := lookUp(ctx, r, lookup[crm.Product, crm.Product]{
		op: fmt.Sprintf("load %d products by id", len(ids)), ids: crm.Only(crm.KindProduct, ids), want: want, store: crm.Of[crm.Product](r.store),
		shop: crm.Shop.ProductsByID,
		is: func(p *crm.Product, source string, id crm.ID) bool {
			return p.ID == id && from(source, crm.KindProduct, id, p.Source)
		},
	})
	if err != nil {
		return nil, err
	}
	products, failures := make(map[crm.ID]*crm.Product, len(found.ids)), crm.PartialError{}
	for _, id := range found.ids {
		switch stored, live := found.stored[id], found.live[id]; {
		case live != nil:
			products[id] = live
		case stored != nil:
			products[id] = stored
		case found.failure(id) != nil:
			failures[id] = found.failure(id)
		}
	}
	return products, failures.OrNil()
}

// ProductsBySKU returns the products that have a variant with one of the SKUs, each
// once, in the order of refs; from the shop, or the store's copy, as ProductsByID
// does. If the error is not nil, the products are right nevertheless, and others
// may be missing.
func (r reading) ProductsBySKU(ctx context.Context, refs []crm.SKURef) ([]*crm.Product, error) {
	products := []*crm.Product{}
	if len(refs) == 0 {
		return products, nil
	}
	op := fmt.Sprintf("load products of %d SKUs", len(refs))
	bySKU := map[crm.SKURef]*crm.Product{}
	stored, failures := r.askForSKUs(ctx, op, refs, bySKU)
	if err := canceled(ctx, op); err != nil {
		return nil, err
	}
	var errs []error
	seen := map[crm.ID]bool{}
	for _, ref := range refs {
		p := bySKU[ref]
		if p == nil {
			p = stored[ref]
		}
		switch {
		case p != nil && !seen[p.ID]:
			seen[p.ID] = true
			products = append(products, p)
		case p == nil:
			errs = append(errs, failures[ref.Source], failures[crm.SourceStore])
		}
	}
	return products, join(errs)
}

// askForSKUs asks the store for all SKUs and each shop for its own, all at the
// same time; live takes the shops' products. Errors come by source.
func (r reading) askForSKUs(
	ctx context.Context, op string, refs []crm.SKURef, live map[crm.SKURef]*crm.Product,
) (stored map[crm.SKURef]*crm.Product, failures map[string]error) {
	failures = map[string]error{}
	var (
		mu    sync.Mutex
		group errgroup.Group // It waits; a source that fails does not stop the others.
	)
	fail := func(source string, err error) {
		if err != nil {
			r.failed(ctx, source, op, err)
			failures[source] = err
		}
	}
	asked := r.asked()
	for name, skus := range skusPerSource(refs) {
		shop, ok := asked[name]
		if !ok {
			continue
		}
		group.Go(func() error {
			answer, err := ask(name, op, func() (map[string]*crm.Product, error) { return shop.ProductsBySKU(ctx, skus) })
			mu.Lock()
			defer mu.Unlock()
			fail(name, err)
			for _, sku := range skus {
				if p := answer[sku]; p != nil && from(name, crm.KindProduct, p.ID, p.Source) && sells(p, sku) {
					live[crm.SKURef{Source: name, SKU: sku}] = p
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		found, err := ask(crm.SourceStore, op, func() (map[crm.SKURef]*crm.Product, error) { return r.storedSKUs(ctx, refs) })
		mu.Lock()
		defer mu.Unlock()
		fail(crm.SourceStore, err)
		stored = found
		return nil
	})
	_ = group.Wait() // Each source's error is in failures.
	return stored, failures
}

// storedSKUs returns the store's products by SKU.
func (s *Sources) storedSKUs(ctx context.Context, refs []crm.SKURef) (map[crm.SKURef]*crm.Product, error) {
	keys := make([]string, len(refs))
	for i, ref := range refs {
		keys[i] = crm.SKUKey(ref.Source, ref.SKU)
	}
	page, err := crm.Of[crm.Product](s.store).List(ctx, crm.Query{
		Where: []crm.Predicate{{Field: crm.FieldSKU, In: keys}},
		Sort:  crm.Sort{Field: crm.FieldID},
		Page:  crm.PageRequest{Limit: len(refs)}, // A SKU is one product's within its source.
	})
	found := make(map[crm.SKURef]*crm.Product, len(refs))
	for _, p := range page.Items {
		for _, v := range p.Variants {
			found[crm.SKURef{Source: p.Source, SKU: v.SKU}] = p
		}
	}
	return found, err
}

// skusPerSource returns each source's SKUs, each once. What no shop sells by is left
// out: a database that cannot read it fails, and the shop would look down.
func skusPerSource(refs []crm.SKURef) map[string][]string {
	bySource := map[string][]string{}
	for _, ref := range refs {
		if ref.SKU != "" && utf8.ValidString(ref.SKU) && !strings.ContainsFunc(ref.SKU, unicode.IsControl) &&
			!slices.Contains(bySource[ref.Source], ref.SKU) {
			bySource[ref.Source] = append(bySource[ref.Source], ref.SKU)
		}
	}
	return bySource
}

// sells says whether a product has a variant with a SKU.
func sells(p *crm.Product, sku string) bool {
	return slices.ContainsFunc(p.Variants, func(v crm.Variant) bool { return v.SKU == sku })
}

// join returns errors as one, each once, in the order of their text; nil if there
// is none.
func join(errs []error) error {
	byText := map[string]error{}
	for _, err := range errs {
		if err != nil {
			byText[err.Error()] = err
		}
	}
	distinct := make([]error, 0, len(byText))
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		distinct = append(distinct, byText[text])
	}
	return errors.Join(distinct...)
}
