package woocommerce

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
)

// What WooCommerce calls things. A record that makes no sense says so in odd; what of it
// can be read is there. Ids are JSON numbers; amounts are decimals in
// strings; times are as in "2017-03-22T19:28:02", in GMT, or null.

const (
	orderFields = "id,number,created_via,status,currency,date_created_gmt,date_modified_gmt,date_paid_gmt," +
		"discount_total,shipping_total,total,total_tax,prices_include_tax,customer_id,billing,shipping," +
		"payment_method,payment_method_title,line_items,refunds"
	buyerFields    = "id,status,date_created_gmt,customer_id,billing"
	customerFields = "id,date_created_gmt,date_modified_gmt,email,first_name,last_name,billing,shipping"
	productFields  = "id,parent_id,name,type,status,date_created_gmt,date_modified_gmt,short_description," +
		"description,sku,price,stock_status,categories,images,attributes,variations"
)

type order struct {
	ID                 int64       `json:"id"`
	Number             string      `json:"number"`
	CreatedVia         string      `json:"created_via"`
	Status             string      `json:"status"`
	Currency           string      `json:"currency"`
	DateCreated        stamp       `json:"date_created_gmt"`
	DateModified       stamp       `json:"date_modified_gmt"`
	DatePaid           stamp       `json:"date_paid_gmt"`
	DiscountTotal      string      `json:"discount_total"`
	ShippingTotal      string      `json:"shipping_total"`
	Total              string      `json:"total"`
	TotalTax           string      `json:"total_tax"`
	PricesIncludeTax   bool        `json:"prices_include_tax"`
	CustomerID         int64       `json:"customer_id"`
	Billing            address     `json:"billing"`
	Shipping           address     `json:"shipping"`
	PaymentMethod      string      `json:"payment_method"`
	PaymentMethodTitle string      `json:"payment_method_title"`
	Lines              []line      `json:"line_items"`
	Refunds            []refundRef `json:"refunds"`

	odd error
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *order) UnmarshalJSON(text []byte) error {
	type plain order
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type address struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Company   string `json:"company"`
	Address1  string `json:"address_1"`
	Address2  string `json:"address_2"`
	City      string `json:"city"`
	State     string `json:"state"`
	Postcode  string `json:"postcode"`
	Country   string `json:"country"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
}

type line struct {
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	ParentName  *string `json:"parent_name"` // a variation's product, as it is called now
	ProductID   int64   `json:"product_id"`
	Quantity    count   `json:"quantity"`
	Subtotal    string  `json:"subtotal"` // before discounts, without tax
	SubtotalTax string  `json:"subtotal_tax"`
	Total       string  `json:"total"` // after discounts, without tax
	TotalTax    string  `json:"total_tax"`
	SKU         *string `json:"sku"`
}

// refundRef is what an order says of a refund.
type refundRef struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
	Total  string `json:"total"` // negative
}

type refund struct {
	ID          int64        `json:"id"`
	DateCreated stamp        `json:"date_created_gmt"`
	Amount      string       `json:"amount"`
	Reason      string       `json:"reason"`
	Lines       []refundLine `json:"line_items"`

	odd error
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *refund) UnmarshalJSON(text []byte) error {
	type plain refund
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type refundLine struct {
	Quantity count  `json:"quantity"` // negative
	Meta     []meta `json:"meta_data"`
}

type meta struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

type customer struct {
	ID           int64   `json:"id"`
	DateCreated  stamp   `json:"date_created_gmt"`
	DateModified stamp   `json:"date_modified_gmt"`
	Email        string  `json:"email"`
	FirstName    string  `json:"first_name"`
	LastName     string  `json:"last_name"`
	Billing      address `json:"billing"`
	Shipping     address `json:"shipping"`

	odd error
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *customer) UnmarshalJSON(text []byte) error {
	type plain customer
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type product struct {
	ID               int64       `json:"id"`
	ParentID         int64       `json:"parent_id"`
	Name             string      `json:"name"`
	Type             string      `json:"type"`
	Status           string      `json:"status"`
	DateCreated      stamp       `json:"date_created_gmt"`
	DateModified     stamp       `json:"date_modified_gmt"`
	Description      string      `json:"description"`
	ShortDescription string      `json:"short_description"`
	SKU              string      `json:"sku"`
	Price            string      `json:"price"`
	StockStatus      string      `json:"stock_status"`
	Categories       []named     `json:"categories"`
	Images           []image     `json:"images"`
	Attributes       []attribute `json:"attributes"`
	Variations       []int64     `json:"variations"`

	odd error
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *product) UnmarshalJSON(text []byte) error {
	type plain product
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type variation struct {
	ID          int64       `json:"id"`
	Status      string      `json:"status"`
	SKU         string      `json:"sku"`
	Price       string      `json:"price"`
	StockStatus string      `json:"stock_status"`
	Attributes  []attribute `json:"attributes"`

	odd error
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *variation) UnmarshalJSON(text []byte) error {
	type plain variation
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

type named struct {
	Name string `json:"name"`
}

type image struct {
	Src string `json:"src"`
}

// attribute is what a variation is of; a product has Options in its place.
type attribute struct {
	Name   string `json:"name"`
	Option string `json:"option"`
}

type currencyCode struct {
	Code string `json:"code"`
}

// count is a number of pieces. Plugins sell parts of one; they are rounded up.
type count int

// UnmarshalJSON reads a number; null is none.
func (c *count) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	n, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err != nil || math.Abs(n) > math.MaxInt32 {
		return errors.New("a quantity is no number")
	}
	*c = count(math.Copysign(math.Ceil(math.Abs(n)), n))
	return nil
}
