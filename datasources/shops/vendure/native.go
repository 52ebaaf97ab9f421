package vendure

import (
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
)

// list is one of Vendure's lists.
type list[T any] struct {
	TotalItems int `json:"totalItems"`
	Items      []T `json:"items"`
}

type customer struct {
	ID           string       `json:"id"`
	CreatedAt    time.Time    `json:"createdAt"`
	UpdatedAt    time.Time    `json:"updatedAt"`
	FirstName    string       `json:"firstName"`
	LastName     string       `json:"lastName"`
	EmailAddress string       `json:"emailAddress"`
	PhoneNumber  string       `json:"phoneNumber"`
	User         *user        `json:"user"`
	Addresses    []address    `json:"addresses"`
	Orders       *list[order] `json:"orders"`

	odd error // why it makes no sense; what of it can be read is there
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *customer) UnmarshalJSON(text []byte) error {
	type plain customer
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type user struct {
	Verified bool `json:"verified"`
}

type address struct {
	FullName, Company, StreetLine1, StreetLine2, City, Province, PostalCode string

	CountryCode string // of an order's address
	Country     struct {
		Code string
	} // of a customer's address
	DefaultShippingAddress, DefaultBillingAddress bool
}

type order struct {
	ID              string        `json:"id"`
	Code            string        `json:"code"`
	State           string        `json:"state"`
	Active          bool          `json:"active"`
	CreatedAt       time.Time     `json:"createdAt"`
	UpdatedAt       time.Time     `json:"updatedAt"`
	OrderPlacedAt   *time.Time    `json:"orderPlacedAt"`
	CurrencyCode    string        `json:"currencyCode"`
	Customer        *customer     `json:"customer"`
	Channels        []channel     `json:"channels"`
	Lines           []line        `json:"lines"`
	Surcharges      []surcharge   `json:"surcharges"`
	SubTotal        int64         `json:"subTotal"`
	Shipping        int64         `json:"shipping"`
	Total           int64         `json:"total"`
	TotalWithTax    int64         `json:"totalWithTax"`
	Payments        []payment     `json:"payments"`
	Fulfillments    []fulfillment `json:"fulfillments"`
	ShippingAddress *address      `json:"shippingAddress"`
	BillingAddress  *address      `json:"billingAddress"`

	odd error // why it makes no sense; what of it can be read is there
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *order) UnmarshalJSON(text []byte) error {
	type plain order
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type channel struct {
	Code string `json:"code"`
}

type line struct {
	ID                       string `json:"id"`
	Quantity                 int    `json:"quantity"`
	OrderPlacedQuantity      int    `json:"orderPlacedQuantity"`
	UnitPrice                int64  `json:"unitPrice"`
	LinePrice                int64  `json:"linePrice"`
	ProratedLinePrice        int64  `json:"proratedLinePrice"`
	ProratedLinePriceWithTax int64  `json:"proratedLinePriceWithTax"`
	ProductVariant           struct {
		SKU     string `json:"sku"`
		Name    string `json:"name"`
		Product struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"product"`
	} `json:"productVariant"`
}

type surcharge struct {
	ID           string `json:"id"`
	Description  string `json:"description"`
	SKU          string `json:"sku"`
	Price        int64  `json:"price"`
	PriceWithTax int64  `json:"priceWithTax"`
}

type payment struct {
	Method    string    `json:"method"`
	Amount    int64     `json:"amount"`
	State     string    `json:"state"`
	CreatedAt time.Time `json:"createdAt"`
	Refunds   []refund  `json:"refunds"`
}

type refund struct {
	Total     int64          `json:"total"`
	State     string         `json:"state"`
	Reason    string         `json:"reason"`
	CreatedAt time.Time      `json:"createdAt"`
	Lines     []lineQuantity `json:"lines"`
}

type lineQuantity struct {
	OrderLineID string `json:"orderLineId"`
	Quantity    int    `json:"quantity"`
}

type fulfillment struct {
	ID           string         `json:"id"`
	State        string         `json:"state"`
	Method       string         `json:"method"`
	TrackingCode string         `json:"trackingCode"`
	CreatedAt    time.Time      `json:"createdAt"`
	UpdatedAt    time.Time      `json:"updatedAt"`
	Lines        []lineQuantity `json:"lines"`
}

type product struct {
	ID            string    `json:"id"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	Name          string    `json:"name"`
	Description   string    `json:"description"`
	Enabled       bool      `json:"enabled"`
	FeaturedAsset *struct {
		Preview string `json:"preview"`
	} `json:"featuredAsset"`
	Collections []struct {
		Name string `json:"name"`
	} `json:"collections"`
	Variants []variant `json:"variants"`

	// The variant that led to the product, where one did.
	variantID string
	variantAt time.Time

	odd error // why it makes no sense; what of it can be read is there
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *product) UnmarshalJSON(text []byte) error {
	type plain product
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type variant struct {
	ID           string    `json:"id"`
	UpdatedAt    time.Time `json:"updatedAt"`
	SKU          string    `json:"sku"`
	Name         string    `json:"name"`
	Enabled      bool      `json:"enabled"`
	PriceWithTax int64     `json:"priceWithTax"`
	CurrencyCode string    `json:"currencyCode"`
	StockLevel   string    `json:"stockLevel"`
	Options      []struct {
		Name  string `json:"name"`
		Group struct {
			Name string `json:"name"`
		} `json:"group"`
	} `json:"options"`
	Product *product `json:"product"`

	odd error // why it makes no sense; what of it can be read is there
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *variant) UnmarshalJSON(text []byte) error {
	type plain variant
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}
