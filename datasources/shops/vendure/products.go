package vendure

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// ProductsByID returns the products that exist, in one request.
func (s *Shop) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	result := make(map[string]*crm.Product, len(ids))
	var odd []crm.Unreadable
	for batch := range slices.Chunk(ids, maxTake) {
		var data struct {
			Products list[product] `json:"products"`
		}
		filter := map[string]any{"id": in(batch)}
		if _, err := s.ask(ctx, "ProductsByID", productsDocument, options(filter, nil, 0, maxTake), &data); err != nil {
			return result, s.client.OddRecords("ProductsByID", odd, err)
		}
		for _, p := range data.Products.Items {
			if !slices.Contains(batch, p.ID) {
				continue
			}
			converted, err := s.readProduct(p)
			if err != nil {
				odd = append(odd, upstream.Unreadable(p.ID, err))
				continue
			}
			result[p.ID] = converted
		}
	}
	return result, s.client.OddRecords("ProductsByID", odd, nil)
}

// ProductsBySKU returns the products of the variants with the SKUs, in one request.
// Vendure lets several variants have one SKU; the one with the lowest id counts.
func (s *Shop) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	result := make(map[string]*crm.Product, len(skus))
	var failed error
	for batch := range slices.Chunk(skus, maxTake) {
		filter := map[string]any{"sku": in(batch)}
		found, _, err := s.variants(ctx, "ProductsBySKU", options(filter, map[string]any{"id": "ASC"}, 0, maxTake))
		if err != nil {
			return result, err
		}
		for _, v := range found {
			if result[v.SKU] != nil || v.Product == nil || !slices.Contains(batch, v.SKU) {
				continue
			}
			converted, err := s.readProduct(*v.Product)
			if err != nil {
				failed = s.client.Odd("ProductsBySKU", err)
				continue
			}
			result[v.SKU] = converted
		}
	}
	return result, failed
}

func (s *Shop) variants(ctx context.Context, call string, variables map[string]any) ([]variant, http.Header, error) {
	var data struct {
		ProductVariants list[variant] `json:"productVariants"`
	}
	header, err := s.ask(ctx, call, variantsDocument, variables, &data)
	return data.ProductVariants.Items, header, err
}

// ProductChanges reads the products by updatedAt, and then, if it goes on from an
// earlier walk, the products of the variants by theirs: Vendure does not move a
// product's when a price or a SKU changes. Stock levels move neither.
func (s *Shop) ProductChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	byProduct := phase[product]{
		field:  "updatedAt",
		timeOf: func(p product) time.Time { return millis(p.UpdatedAt) },
		idOf:   func(p product) string { return p.ID },
		read: func(ctx context.Context, v map[string]any) (page[product], error) {
			var data struct {
				Products list[product] `json:"products"`
			}
			header, err := s.ask(ctx, "ProductChanges", productsDocument, v, &data)
			return page[product]{items: data.Products.Items, header: header}, err
		},
		filter: func(crm.Mark) map[string]any { return map[string]any{} },
	}
	byVariant := byProduct
	byVariant.timeOf = func(p product) time.Time { return millis(p.variantAt) }
	byVariant.idOf = func(p product) string { return p.variantID }
	byVariant.read = func(ctx context.Context, v map[string]any) (page[product], error) {
		found, header, err := s.variants(ctx, "ProductChanges", v)
		products := make([]product, len(found))
		for i, variant := range found {
			if variant.Product != nil {
				products[i] = *variant.Product
			}
			products[i].variantAt, products[i].variantID = variant.UpdatedAt, variant.ID
			if variant.odd != nil {
				products[i].odd = variant.odd
			}
		}
		return page[product]{items: products, header: header}, err
	}
	walk := walk[product, crm.Product]{
		client: s.client, overlap: lateCommit, phases: []phase[product]{byProduct, byVariant},
		convert: s.readProduct,
	}
	return walk.changes(ctx, from, limit)
}
