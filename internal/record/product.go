package record

import "github.com/customer360/gateway/internal/crm"

// Product is a crm.Product written down.
type Product struct {
	ID          crm.ID    `json:"id" bson:"_id"`
	Source      string    `json:"source,omitempty" bson:"source,omitempty"`
	ExternalID  string    `json:"externalId,omitempty" bson:"externalId,omitempty"`
	Title       string    `json:"title,omitempty" bson:"title,omitempty"`
	Description *string   `json:"description,omitempty" bson:"description,omitempty"`
	Categories  []string  `json:"categories,omitempty" bson:"categories,omitempty"`
	ImageURL    *string   `json:"imageUrl,omitempty" bson:"imageUrl,omitempty"`
	Variants    []Variant `json:"variants,omitempty" bson:"variants,omitempty"`
	CreatedAt   Time      `json:"createdAt,omitzero" bson:"createdAt,omitempty"`
	UpdatedAt   Time      `json:"updatedAt,omitzero" bson:"updatedAt,omitempty"`
}

// Variant is a crm.Variant written down.
type Variant struct {
	SKU          string           `json:"sku,omitempty" bson:"sku,omitempty"`
	Title        *string          `json:"title,omitempty" bson:"title,omitempty"`
	Options      []VariantOption  `json:"options,omitempty" bson:"options,omitempty"`
	Price        *Money           `json:"price,omitempty" bson:"price,omitempty"`
	Availability crm.Availability `json:"availability,omitempty" bson:"availability,omitempty"`
}

// VariantOption is a crm.VariantOption written down.
type VariantOption struct {
	Name  string `json:"name,omitempty" bson:"name,omitempty"`
	Value string `json:"value,omitempty" bson:"value,omitempty"`
}

// NewProduct gives a product as it is written down.
func NewProduct(p *crm.Product) *Product {
	return &Product{
		ID: p.ID, Source: p.Source, ExternalID: p.ExternalID, Title: p.Title, Description: p.Description,
		Categories: p.Categories, ImageURL: p.ImageURL, Variants: newList(p.Variants, newVariant),
		CreatedAt: newTime(p.CreatedAt), UpdatedAt: newTime(p.UpdatedAt),
	}
}

// Domain gives the product.
func (p *Product) Domain() *crm.Product {
	return &crm.Product{
		ID: p.ID, Source: p.Source, ExternalID: p.ExternalID, Title: p.Title, Description: p.Description,
		Categories: filled(p.Categories), ImageURL: p.ImageURL, Variants: domainList(p.Variants, Variant.domain),
		CreatedAt: p.CreatedAt.domain(), UpdatedAt: p.UpdatedAt.domain(),
	}
}

func newVariant(v crm.Variant) Variant {
	return Variant{
		SKU: v.SKU, Title: v.Title,
		Options: newList(v.Options, func(o crm.VariantOption) VariantOption { return VariantOption(o) }),
		Price:   newMoneyRef(v.Price), Availability: v.Availability,
	}
}

func (v Variant) domain() crm.Variant {
	return crm.Variant{
		SKU: v.SKU, Title: v.Title,
		Options: domainList(v.Options, func(o VariantOption) crm.VariantOption { return crm.VariantOption(o) }),
		Price:   v.Price.domainRef(), Availability: v.Availability,
	}
}
