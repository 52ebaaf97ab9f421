package medusa

import (
	"encoding/json"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
)

// What is asked for of an order. The totals are not: see the package's comment.
const orderFields = "id,version,display_id,custom_display_id,status,email,customer_id,is_draft_order,currency_code," +
	"created_at,updated_at,canceled_at,sales_channel.name," +
	"items.id,items.title,items.variant_sku,items.product_id,items.product_title,items.unit_price," +
	"items.is_tax_inclusive,items.detail.quantity,items.detail.unit_price," +
	"items.tax_lines.rate,items.adjustments.version,items.adjustments.amount,items.adjustments.is_tax_inclusive," +
	"shipping_methods.amount,shipping_methods.is_tax_inclusive,shipping_methods.detail.return_id," +
	"shipping_methods.tax_lines.rate,shipping_methods.adjustments.version," +
	"shipping_methods.adjustments.amount,shipping_methods.adjustments.is_tax_inclusive," +
	"payment_collections.status,payment_collections.amount,payment_collections.captured_amount," +
	"payment_collections.refunded_amount," +
	"payment_collections.payments.amount,payment_collections.payments.provider_id," +
	"payment_collections.payments.created_at,payment_collections.payments.canceled_at," +
	"payment_collections.payments.captures.amount,payment_collections.payments.captures.created_at," +
	"payment_collections.payments.refunds.amount,payment_collections.payments.refunds.note," +
	"payment_collections.payments.refunds.created_at,payment_collections.payments.refunds.refund_reason.label," +
	"fulfillments.packed_at,fulfillments.shipped_at,fulfillments.delivered_at,fulfillments.canceled_at," +
	"fulfillments.provider_id,fulfillments.labels.tracking_number,fulfillments.labels.tracking_url," +
	"fulfillments.items.line_item_id,fulfillments.items.quantity," +
	"returns.status,returns.requested_at,returns.received_at,returns.items.*,returns.items.reason.label," +
	"shipping_address.*,billing_address.*"

const (
	countFields    = "id,email,orders.id,orders.customer_id,orders.is_draft_order"
	customerFields = "id,email,has_account,first_name,last_name,company_name,phone,created_at,updated_at,addresses.*"
	productFields  = "id,title,description,thumbnail,created_at,updated_at,categories.name," +
		"variants.id,variants.sku,variants.title,variants.manage_inventory,variants.allow_backorder," +
		"variants.options.value,variants.options.option.title," +
		"variants.prices.amount,variants.prices.currency_code,variants.prices.min_quantity," +
		"variants.prices.price_rules.id,variants.inventory_items.required_quantity," +
		"variants.inventory_items.inventory.location_levels.available_quantity"
	paymentFields = "id,updated_at,payment_collection.order.id"
	variantFields = "id,updated_at,product_id"
)

// Records as Medusa sends them. What is null is the zero value; amounts are
// decimal numbers in major units. A record that makes no sense says so in odd; what of
// it can be read is there.
type (
	customer struct {
		ID          string    `json:"id"`
		Email       string    `json:"email"`
		HasAccount  bool      `json:"has_account"`
		FirstName   string    `json:"first_name"`
		LastName    string    `json:"last_name"`
		CompanyName string    `json:"company_name"`
		Phone       string    `json:"phone"`
		CreatedAt   time.Time `json:"created_at"`
		UpdatedAt   time.Time `json:"updated_at"`
		Addresses   []address `json:"addresses"`
		Orders      []order   `json:"orders"`

		odd error
	}
	order struct {
		ID                 string              `json:"id"`
		Version            json.Number         `json:"version"`
		DisplayID          json.Number         `json:"display_id"`
		CustomDisplayID    string              `json:"custom_display_id"`
		Status             string              `json:"status"`
		Email              string              `json:"email"`
		CustomerID         string              `json:"customer_id"`
		Customer           customer            `json:"customer"`
		IsDraftOrder       bool                `json:"is_draft_order"`
		CurrencyCode       string              `json:"currency_code"`
		CreatedAt          time.Time           `json:"created_at"`
		UpdatedAt          time.Time           `json:"updated_at"`
		CanceledAt         *time.Time          `json:"canceled_at"`
		SalesChannel       named               `json:"sales_channel"`
		Items              []item              `json:"items"`
		ShippingMethods    []shippingMethod    `json:"shipping_methods"`
		PaymentCollections []paymentCollection `json:"payment_collections"`
		Fulfillments       []fulfillment       `json:"fulfillments"`
		Returns            []orderReturn       `json:"returns"`
		ShippingAddress    *address            `json:"shipping_address"`
		BillingAddress     *address            `json:"billing_address"`

		odd error
	}
	named struct {
		Name string `json:"name"`
	}
	labeled struct {
		Label string `json:"label"`
	}
	item struct {
		ID             string       `json:"id"`
		Title          string       `json:"title"`
		VariantSKU     string       `json:"variant_sku"`
		ProductID      string       `json:"product_id"`
		ProductTitle   string       `json:"product_title"`
		UnitPrice      json.Number  `json:"unit_price"`
		IsTaxInclusive bool         `json:"is_tax_inclusive"`
		Detail         itemDetail   `json:"detail"`
		TaxLines       []taxLine    `json:"tax_lines"`
		Adjustments    []adjustment `json:"adjustments"`
	}
	itemDetail struct {
		Quantity  json.Number `json:"quantity"`
		UnitPrice json.Number `json:"unit_price"`
	}
	taxLine struct {
		Rate json.Number `json:"rate"` // in percent
	}
	adjustment struct {
		Version        json.Number `json:"version"` // of the order
		Amount         json.Number `json:"amount"`
		IsTaxInclusive bool        `json:"is_tax_inclusive"`
	}
	shippingMethod struct {
		Amount         json.Number  `json:"amount"`
		IsTaxInclusive bool         `json:"is_tax_inclusive"`
		TaxLines       []taxLine    `json:"tax_lines"`
		Adjustments    []adjustment `json:"adjustments"`
		Detail         struct {
			ReturnID string `json:"return_id"`
		} `json:"detail"`
	}
	paymentCollection struct {
		Status         string      `json:"status"`
		Amount         json.Number `json:"amount"`
		CapturedAmount json.Number `json:"captured_amount"`
		RefundedAmount json.Number `json:"refunded_amount"`
		Payments       []payment   `json:"payments"`
	}
	payment struct {
		Amount     json.Number `json:"amount"`
		ProviderID string      `json:"provider_id"`
		CreatedAt  time.Time   `json:"created_at"`
		CanceledAt *time.Time  `json:"canceled_at"`
		Captures   []capture   `json:"captures"`
		Refunds    []refund    `json:"refunds"`
	}
	capture struct {
		Amount    json.Number `json:"amount"`
		CreatedAt time.Time   `json:"created_at"`
	}
	refund struct {
		Amount    json.Number `json:"amount"`
		Note      string      `json:"note"`
		CreatedAt time.Time   `json:"created_at"`
		Reason    labeled     `json:"refund_reason"`
	}
	fulfillment struct {
		PackedAt    *time.Time        `json:"packed_at"`
		ShippedAt   *time.Time        `json:"shipped_at"`
		DeliveredAt *time.Time        `json:"delivered_at"`
		CanceledAt  *time.Time        `json:"canceled_at"`
		ProviderID  string            `json:"provider_id"`
		Labels      []label           `json:"labels"`
		Items       []fulfillmentItem `json:"items"`
	}
	label struct {
		TrackingNumber string `json:"tracking_number"`
		TrackingURL    string `json:"tracking_url"`
	}
	fulfillmentItem struct {
		LineItemID string      `json:"line_item_id"`
		Quantity   json.Number `json:"quantity"`
	}
	orderReturn struct {
		Status      string       `json:"status"`
		RequestedAt *time.Time   `json:"requested_at"`
		ReceivedAt  *time.Time   `json:"received_at"`
		Items       []returnItem `json:"items"`
	}
	returnItem struct {
		ItemID   string      `json:"item_id"`
		Quantity json.Number `json:"quantity"`
		Note     string      `json:"note"`
		Reason   labeled     `json:"reason"`
	}
	address struct {
		AddressName string `json:"address_name"`
		FirstName   string `json:"first_name"`
		LastName    string `json:"last_name"`
		Company     string `json:"company"`
		Address1    string `json:"address_1"`
		Address2    string `json:"address_2"`
		City        string `json:"city"`
		Province    string `json:"province"`
		PostalCode  string `json:"postal_code"`
		CountryCode string `json:"country_code"`
	}
	product struct {
		ID          string    `json:"id"`
		Title       string    `json:"title"`
		Description string    `json:"description"`
		Thumbnail   string    `json:"thumbnail"`
		CreatedAt   time.Time `json:"created_at"`
		UpdatedAt   time.Time `json:"updated_at"`
		Categories  []named   `json:"categories"`
		Variants    []variant `json:"variants"`

		odd error
	}
	variant struct {
		SKU             string          `json:"sku"`
		Title           string          `json:"title"`
		ManageInventory bool            `json:"manage_inventory"`
		AllowBackorder  bool            `json:"allow_backorder"`
		Options         []optionValue   `json:"options"`
		Prices          []price         `json:"prices"`
		InventoryItems  []inventoryItem `json:"inventory_items"`
	}
	optionValue struct {
		Value  string `json:"value"`
		Option struct {
			Title string `json:"title"`
		} `json:"option"`
	}
	price struct {
		Amount       json.Number       `json:"amount"`
		CurrencyCode string            `json:"currency_code"`
		MinQuantity  json.Number       `json:"min_quantity"`
		PriceRules   []json.RawMessage `json:"price_rules"`
	}
	inventoryItem struct {
		RequiredQuantity json.Number `json:"required_quantity"`
		Inventory        struct {
			LocationLevels []struct {
				AvailableQuantity json.Number `json:"available_quantity"`
			} `json:"location_levels"`
		} `json:"inventory"`
	}
	variantChange struct {
		ID        string    `json:"id"`
		UpdatedAt time.Time `json:"updated_at"`
		ProductID string    `json:"product_id"`

		odd error
	}
	paymentChange struct {
		ID         string    `json:"id"`
		UpdatedAt  time.Time `json:"updated_at"`
		Collection struct {
			Order struct {
				ID string `json:"id"`
			} `json:"order"`
		} `json:"payment_collection"`

		odd error
	}
)

// UnmarshalJSON decodes one of a list: it never fails.
func (r *customer) UnmarshalJSON(text []byte) error {
	type plain customer
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *order) UnmarshalJSON(text []byte) error {
	type plain order
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *product) UnmarshalJSON(text []byte) error {
	type plain product
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *variantChange) UnmarshalJSON(text []byte) error {
	type plain variantChange
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}

// UnmarshalJSON decodes one of a list: it never fails.
func (r *paymentChange) UnmarshalJSON(text []byte) error {
	type plain paymentChange
	r.odd = upstream.Record(text, (*plain)(r))
	return nil
}
