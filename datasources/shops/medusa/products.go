package medusa

import (
	"cmp"
	"context"
	"errors"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// ProductsByID returns the products that exist, in one request unless the ids are
// long.
func (s *Shop) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	found := make(map[string]*crm.Product, len(ids))
	var failed error
	var odd []crm.Unreadable
	for _, some := range batches("id[]", ids) {
		products, unreadable, err := s.products(ctx, "ProductsByID", url.Values{"id[]": some, "limit": {strconv.Itoa(len(some))}})
		failed, odd = errors.Join(failed, err), append(odd, unreadable...)
		for _, p := range products {
			if slices.Contains(some, p.ExternalID) {
				found[p.ExternalID] = p
			}
		}
	}
	return found, s.client.OddRecords("ProductsByID", odd, failed)
}

// ProductsBySKU returns the products with the variants, in one request unless the
// SKUs are long.
func (s *Shop) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	const parameter = "variants[sku][]"
	found := make(map[string]*crm.Product, len(skus))
	var failed error
	for _, some := range batches(parameter, skus) {
		products, unreadable, err := s.products(ctx, "ProductsBySKU", url.Values{
			parameter: some, "limit": {strconv.Itoa(len(some))}, // A SKU is one variant's.
		})
		failed = errors.Join(failed, err)
		for _, u := range unreadable { // Nobody can tell by which SKU it was found.
			failed = errors.Join(failed, s.client.Odd("ProductsBySKU", errors.New(u.Reason)))
		}
		for _, p := range products {
			for _, v := range p.Variants {
				if slices.Contains(some, v.SKU) {
					found[v.SKU] = p
				}
			}
		}
	}
	return found, failed
}

// products asks the list of products. Those that can be understood come even if
// others cannot.
func (s *Shop) products(ctx context.Context, call string, query url.Values) (converted []*crm.Product, odd []crm.Unreadable, err error) {
	native, err := s.listProducts(ctx, call, query)
	converted = make([]*crm.Product, 0, len(native))
	for n := range native {
		p, bad := s.product(&native[n])
		if bad != nil {
			odd = append(odd, upstream.Unreadable(native[n].ID, bad))
			continue
		}
		converted = append(converted, p)
	}
	return converted, odd, err
}

func (s *Shop) listProducts(ctx context.Context, call string, query url.Values) ([]product, error) {
	query.Set("fields", productFields)
	return list[product](ctx, s, call, "products", query)
}

// product converts a product. Variants without a SKU cannot be named and are left
// out.
func (s *Shop) product(native *product) (*crm.Product, error) {
	id := s.productID(native.ID)
	switch {
	case native.odd != nil:
		return nil, native.odd
	case id == "":
		return nil, errors.New("a product's id is none")
	}
	p := &crm.Product{
		ID: id, Source: s.source, ExternalID: native.ID, Title: native.Title,
		Description: text(native.Description), Categories: []string{}, ImageURL: upstream.Address(native.Thumbnail),
		Variants: []crm.Variant{}, CreatedAt: inUTC(native.CreatedAt), UpdatedAt: inUTC(native.UpdatedAt),
	}
	for _, c := range native.Categories {
		p.Categories = append(p.Categories, c.Name)
	}
	slices.Sort(p.Categories)
	var bad error
	for n := range native.Variants {
		v := &native.Variants[n]
		if v.SKU == "" {
			continue
		}
		converted, err := v.convert()
		bad = cmp.Or(bad, err)
		p.Variants = append(p.Variants, converted)
	}
	slices.SortFunc(p.Variants, func(a, b crm.Variant) int { return cmp.Compare(a.SKU, b.SKU) })
	p.Complete()
	return p, bad
}

func (v *variant) convert() (crm.Variant, error) {
	converted := crm.Variant{SKU: v.SKU, Title: text(v.Title), Options: []crm.VariantOption{}}
	for _, o := range v.Options {
		converted.Options = append(converted.Options, crm.VariantOption{Name: o.Option.Title, Value: o.Value})
	}
	slices.SortFunc(converted.Options, func(a, b crm.VariantOption) int { return cmp.Compare(a.Name, b.Name) })
	var err error
	if p, ok := v.listPrice(); ok {
		purse := newPurse(p.CurrencyCode)
		if amount := purse.money(p.Amount); purse.finer(p.Amount) { // Not known as money.
			err = purse.err
		} else {
			converted.Price, err = &amount, purse.err
		}
	}
	converted.Availability, err = v.availability(err)
	return converted, err
}

// listPrice returns the price that anybody pays for one: Medusa has one for each
// currency, of which the first by its code counts.
func (v *variant) listPrice() (price, bool) {
	prices := slices.DeleteFunc(slices.Clone(v.Prices), func(p price) bool {
		return len(p.PriceRules) > 0 || (p.MinQuantity != "" && p.MinQuantity != "0" && p.MinQuantity != "1")
	})
	if len(prices) == 0 {
		return price{}, false
	}
	return slices.MinFunc(prices, func(a, b price) int { return cmp.Compare(a.CurrencyCode, b.CurrencyCode) }), true
}

// availability says whether all that a variant is made of is in stock somewhere.
func (v *variant) availability(err error) (crm.Availability, error) {
	switch {
	case !v.ManageInventory || v.AllowBackorder:
		return crm.AvailabilityInStock, err
	case len(v.InventoryItems) == 0:
		return crm.AvailabilityUnknown, err
	}
	quantities := &purse{err: err}
	for _, i := range v.InventoryItems {
		available := new(big.Rat)
		for _, level := range i.Inventory.LocationLevels {
			available.Add(available, quantities.exact(level.AvailableQuantity))
		}
		if required := quantities.exact(i.RequiredQuantity); available.Sign() <= 0 || available.Cmp(required) < 0 {
			return crm.AvailabilityOutOfStock, quantities.err
		}
	}
	return crm.AvailabilityInStock, quantities.err
}

// ProductChanges reads the products by updated_at and then those whose variants
// have been updated, because a variant's change does not touch its product.
func (s *Shop) ProductChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	const call = "ProductChanges"
	products := func(ctx context.Context, query url.Values) ([]product, error) {
		return s.listProducts(ctx, call, query)
	}
	walk := twofold[product]{
		records: feed[product]{
			list:   products,
			at:     func(p *product) time.Time { return p.UpdatedAt },
			within: byIDs(s.allIDs(call, "products"), products),
		},
		parts: partFeed(s, call, "product-variants", variantFields, func(v *variantChange) part {
			return part{id: v.ID, of: v.ProductID, updatedAt: v.UpdatedAt}
		}),
		byID: func(ctx context.Context, ids []string) ([]product, error) {
			return products(ctx, url.Values{"id[]": ids, "limit": {strconv.Itoa(len(ids))}})
		},
	}
	records, next, more, err := walk.page(ctx, from, max(limit, 1))
	if err != nil {
		return crm.ShopChanges[crm.Product]{}, s.understand(call, err)
	}
	changes := crm.ShopChanges[crm.Product]{Items: make([]*crm.Product, 0, len(records)), Next: next, More: more}
	for n := range records {
		p, err := s.product(&records[n])
		if err != nil {
			changes.Unreadable = append(changes.Unreadable, upstream.Unreadable(records[n].ID, err))
			continue
		}
		changes.Items = append(changes.Items, p)
	}
	return changes, nil
}
