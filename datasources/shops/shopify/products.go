package shopify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// ProductsByID returns the products that exist.
func (s *Shop) ProductsByID(ctx context.Context, ids []string) (map[string]*crm.Product, error) {
	found, odd, err := s.productsByID(ctx, ids)
	return found, s.client.OddRecords("Products", odd, err)
}

// productsByID tells those that make no sense apart.
func (s *Shop) productsByID(ctx context.Context, ids []string) (found map[string]*crm.Product, odd []crm.Unreadable, err error) {
	found = make(map[string]*crm.Product, len(ids))
	for batch := range slices.Chunk(globalIDs("Product", ids), productsPage) {
		a, err := admin.Products(ctx, s.without(productsCost(len(batch), variantsFirst), telling(&odd)), batch, variantsFirst)
		if err != nil {
			return found, odd, err
		}
		for _, node := range a.Nodes {
			p, ok := node.(*admin.ProductsNodesProduct)
			if !ok || !slices.Contains(batch, p.Id) {
				continue
			}
			converted, err := s.product(ctx, &p.ProductFields, a.Shop.CurrencyCode)
			if err != nil {
				return found, odd, err
			}
			found[converted.ExternalID] = converted
		}
	}
	return found, odd, nil
}

// ProductsBySKU returns the products that have a variant with one of the SKUs.
func (s *Shop) ProductsBySKU(ctx context.Context, skus []string) (map[string]*crm.Product, error) {
	found := make(map[string]*crm.Product, len(skus))
	for batch := range slices.Chunk(skus, productsPage) {
		owners, err := s.ownersOf(ctx, batch)
		if err != nil {
			return found, err
		}
		ids := make([]string, 0, len(owners))
		for _, sku := range batch {
			ids = append(ids, owners[sku]...)
		}
		products, odd, err := s.productsByID(ctx, ids)
		for sku, ids := range owners {
			for _, id := range ids {
				if p := products[id]; p != nil && found[sku] == nil {
					found[sku] = p
				}
			}
		}
		if err == nil && len(odd) > 0 { // Its SKUs cannot be read.
			err = s.client.Odd("ProductsBySKU", errors.New(odd[0].Reason))
		}
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// ownersOf returns the native ids of the products that have the SKUs, by SKU. What
// Shopify finds is compared: its search is by words and knows no case.
func (s *Shop) ownersOf(ctx context.Context, skus []string) (map[string][]string, error) {
	phrases := make([]string, len(skus))
	for i, sku := range skus {
		phrases[i] = "sku:" + quote(sku)
	}
	owners := make(map[string][]string, len(skus))
	err := pages("VariantsBySKU", s, func(after *string) (admin.Page, error) {
		a, err := admin.VariantsBySKU(ctx, s.at(variantsBySKUCost(variantsPage)), strings.Join(phrases, " OR "), variantsPage, after)
		if err != nil {
			return admin.Page{}, err
		}
		for _, v := range a.ProductVariants.Nodes {
			if sku := value(v.Sku); slices.Contains(skus, sku) && native(v.Product.Id) != "" {
				owners[sku] = append(owners[sku], native(v.Product.Id))
			}
		}
		return a.ProductVariants.PageInfo, nil
	})
	return owners, err
}

// ProductChanges reads the products by their last change.
func (s *Shop) ProductChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.Product], error) {
	place, err := s.placeOf(from)
	if err != nil {
		return crm.ShopChanges[crm.Product]{}, err
	}
	first := max(1, min(limit, productsPage))
	changes := crm.ShopChanges[crm.Product]{Items: []*crm.Product{}}
	client := s.without(changedProductsCost(first, variantsFirst), telling(&changes.Unreadable))
	a, err := admin.ChangedProducts(ctx, client, first, place.cursor, place.query(), variantsFirst)
	if err != nil {
		return crm.ShopChanges[crm.Product]{}, err
	}
	var latest time.Time
	for i := range a.Products.Nodes {
		p := &a.Products.Nodes[i]
		latest = p.UpdatedAt
		converted, err := s.product(ctx, p, a.Shop.CurrencyCode)
		if err != nil {
			return crm.ShopChanges[crm.Product]{}, err
		}
		if converted.ExternalID == "" {
			changes.Unreadable = append(changes.Unreadable, crm.Unreadable{Reason: "a product's id is none"})
			continue
		}
		changes.Items = append(changes.Items, converted)
	}
	changes.Next, changes.More, err = s.next(place, a.Products.PageInfo, latest)
	return changes, err
}

// product converts a product, with all its variants.
func (s *Shop) product(ctx context.Context, p *admin.ProductFields, currency string) (*crm.Product, error) {
	id := native(p.Id)
	converted := &crm.Product{
		ID: crm.DerivedID(crm.KindProduct, s.source, id), Source: s.source, ExternalID: id, Title: p.Title,
		Description: nonEmpty(&p.Description), Categories: []string{}, Variants: []crm.Variant{},
		CreatedAt: millisecond(p.CreatedAt), UpdatedAt: millisecond(p.UpdatedAt),
	}
	if p.Category != nil && p.Category.FullName != "" {
		converted.Categories = append(converted.Categories, p.Category.FullName)
	}
	if p.ProductType != "" && !slices.Contains(converted.Categories, p.ProductType) {
		converted.Categories = append(converted.Categories, p.ProductType)
	}
	converted.ImageURL = picture(p)
	page := p.Variants
	for {
		for i := range page.Nodes {
			converted.Variants = append(converted.Variants, variant(&page.Nodes[i], p.Status, currency))
		}
		if !page.PageInfo.HasNextPage {
			converted.Complete()
			return converted, nil
		}
		if page.PageInfo.EndCursor == nil || len(page.Nodes) == 0 {
			return nil, s.noSense("ProductVariants", "a page that is not the last has no end")
		}
		a, err := admin.ProductVariants(ctx, s.at(productVariantsCost(variantsPage)), p.Id, variantsPage, page.PageInfo.EndCursor)
		if err != nil {
			return nil, err
		}
		if a.Product == nil { // Gone meanwhile.
			converted.Complete()
			return converted, nil
		}
		page = a.Product.Variants
	}
}

func picture(p *admin.ProductFields) *string {
	if p.FeaturedMedia == nil {
		return nil
	}
	preview := p.FeaturedMedia.GetPreview()
	if preview == nil || preview.Image == nil {
		return nil
	}
	return upstream.Address(preview.Image.Url)
}

func variant(v *admin.VariantFields, status admin.ProductStatus, currency string) crm.Variant {
	converted := crm.Variant{SKU: value(v.Sku), Title: nonEmpty(&v.Title), Options: []crm.VariantOption{}, Availability: availability(status, v.AvailableForSale)}
	m := &purse{currency: currency}
	if price := m.paid(v.Price); m.err == nil { // A price of less than a minor unit is not known as money.
		converted.Price = &price
	}
	for _, o := range v.SelectedOptions {
		converted.Options = append(converted.Options, crm.VariantOption{Name: o.Name, Value: o.Value})
	}
	return converted
}

func availability(status admin.ProductStatus, forSale bool) crm.Availability {
	switch {
	case status == admin.ProductStatusArchived:
		return crm.AvailabilityDiscontinued
	case status == admin.ProductStatusDraft:
		return crm.AvailabilityUnknown
	case forSale:
		return crm.AvailabilityInStock
	default:
		return crm.AvailabilityOutOfStock
	}
}
