package crm

import "time"

// Availability says whether a variant can be had.
type Availability string

// The availabilities.
const (
	AvailabilityInStock      Availability = "IN_STOCK"
	AvailabilityOutOfStock   Availability = "OUT_OF_STOCK"
	AvailabilityPreorder     Availability = "PREORDER"
	AvailabilityDiscontinued Availability = "DISCONTINUED"
	AvailabilityUnknown      Availability = "UNKNOWN"
)

// Product is something a source sells.
type Product struct {
	ID                   ID
	Source               string
	ExternalID           string
	Title                string
	Description          *string
	Categories           []string
	ImageURL             *string
	Variants             []Variant
	CreatedAt, UpdatedAt time.Time
}

// Variant is one form of a product that can be bought. Its SKU means something within
// the product's source only; "" is none.
type Variant struct {
	SKU          string
	Title        *string
	Options      []VariantOption
	Price        *Money
	Availability Availability
}

// VariantOption is what tells variants apart: name "Size", value "L".
type VariantOption struct {
	Name, Value string
}

// Price is the price of the first variant that has one; nil if none has.
func (p *Product) Price() *Money {
	for _, v := range p.Variants {
		if v.Price != nil {
			return v.Price
		}
	}
	return nil
}

// SKUKey returns the key of a SKU within its source.
func SKUKey(source, sku string) string { return source + ":" + sku }

// Complete derives what follows from the rest, where it is missing.
func (p *Product) Complete() {
	completeSource(p.ID, &p.Source, &p.ExternalID)
	for i := range p.Variants {
		setDefault(&p.Variants[i].Availability, AvailabilityUnknown)
	}
	if p.CreatedAt.IsZero() {
		p.CreatedAt = p.UpdatedAt
	}
	if p.UpdatedAt.IsZero() {
		p.UpdatedAt = p.CreatedAt
	}
}

// check returns what is wrong with a product whose members are right by themselves.
func (p *Product) check() *Error { return checkSourced(p.ID, p.Source, p.ExternalID) }

// KindProduct is the kind of products.
const KindProduct Kind = "prd"

func productKind() *Description {
	return describe[Product](Description{
		Search:     SearchKindProduct,
		SearchesIn: []string{"Product.title", "Variant.sku"},
		Name:       "products", Sourced: true, Change: ChangeKindProduct,
		Keys: []KeyField{
			{Field: FieldSource, Class: ClassText},
			{Field: FieldName, Class: ClassSortable, From: []string{"title"}},
			{Field: FieldUpdatedAt, Class: ClassTime},
			{Field: FieldSKU, Class: ClassMany, From: []string{"source", "variants.sku"}},
			{Field: FieldCategory, Class: ClassMany, From: []string{"categories"}},
			{Field: FieldTokens, Class: ClassMany, From: []string{"title", "variants.sku"}},
		},
		Derives: map[string][]string{
			"Product.price": {"variants.price"},
		},
		Rules: map[string]Rule{
			"Product.source":     {Needed: true, Most: MaxWord, check: checkSource},
			"Product.externalId": {Needed: true, Most: MaxExternalID, check: checkExternalID},
			"Product.imageUrl":   {check: checkURL},
			"Product.createdAt":  {Needed: true},
			"Product.updatedAt":  {Needed: true},
			"Product.categories": {Most: MaxWord},
			"Variant.sku":        {Most: MaxWord},
		},
	})
}

// RecordKind is the kind of the type.
func (*Product) RecordKind() Kind { return KindProduct }

// RecordID is the id.
func (p *Product) RecordID() ID { return p.ID }

// Position returns the product's place in a list sorted by field.
func (p *Product) Position(field Field) Position {
	if field == FieldUpdatedAt {
		return Position{ID: p.ID, Time: p.UpdatedAt}
	}
	return Position{ID: p.ID, Text: TextKey(p.Title)}
}

func (*Product) isNode()         {}
func (*Product) isSearchResult() {}

// Keys returns what products are found by.
func (p *Product) Keys() Keys {
	skus := make([]string, 0, len(p.Variants))
	exact := make([]string, 0, len(p.Variants))
	for _, v := range p.Variants {
		if v.SKU != "" {
			skus, exact = append(skus, SKUKey(p.Source, v.SKU)), append(exact, v.SKU)
		}
	}
	categories := make([]string, len(p.Categories))
	for i, c := range p.Categories {
		categories[i] = TextKey(c)
	}
	return Keys{
		Text: map[Field]string{FieldSource: p.Source, FieldName: TextKey(p.Title)},
		Time: map[Field]time.Time{FieldUpdatedAt: p.UpdatedAt},
		Many: map[Field][]string{
			FieldSKU:      skus,
			FieldCategory: categories,
			FieldTokens:   Tokens(exact, p.Title),
		},
	}
}

// SKURef is a SKU within its source.
type SKURef struct {
	Source, SKU string
}

// ProductFilter selects products; every condition given must hold.
type ProductFilter struct {
	Source   []string
	Category []string
	SKU      []SKURef
}

// Predicates returns the filter's conditions; nil selects every product.
func (f *ProductFilter) Predicates() ([]Predicate, error) {
	if f == nil {
		return nil, nil
	}
	var categories, skus []string
	if f.Category != nil {
		categories = make([]string, len(f.Category))
		for i, c := range f.Category {
			categories[i] = TextKey(c)
		}
	}
	if f.SKU != nil {
		skus = make([]string, len(f.SKU))
		for i, s := range f.SKU {
			skus[i] = SKUKey(s.Source, s.SKU)
		}
	}
	return conditions(in(FieldSource, f.Source), in(FieldCategory, categories), in(FieldSKU, skus))
}

// ProductOrderField is what products are sorted by.
type ProductOrderField string

// The fields that products are sorted by.
const (
	ProductOrderFieldName      ProductOrderField = "NAME"
	ProductOrderFieldUpdatedAt ProductOrderField = "UPDATED_AT"
)

// ProductOrder is the order of a list of products.
type ProductOrder struct {
	Field     ProductOrderField
	Direction OrderDirection
}

// Sort returns the order's sort; nil is by name.
func (o *ProductOrder) Sort() Sort {
	if o == nil {
		return Sort{Field: FieldName, Desc: false}
	}
	desc := o.Direction == OrderDirectionDesc
	switch o.Field {
	case ProductOrderFieldName:
		return Sort{Field: FieldName, Desc: desc}
	case ProductOrderFieldUpdatedAt:
		return Sort{Field: FieldUpdatedAt, Desc: desc}
	}
	return Sort{Field: FieldID, Desc: desc}
}
