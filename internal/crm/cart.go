package crm

import "time"

// CartStatus is what became of a cart that was not bought.
type CartStatus string

// The cart statuses.
const (
	CartStatusOpen      CartStatus = "OPEN"
	CartStatusAbandoned CartStatus = "ABANDONED"
)

// Cart is what a customer has put together in a shop and not bought: an open
// cart, or a checkout that was left. It is no order.
type Cart struct {
	// ID is unique among all carts: "crt_", the source, a dot, the shop's own id.
	ID         ID
	Source     string
	ExternalID string
	CustomerID ID
	Status     CartStatus
	Lines      []*OrderLine // See LinkLines.
	Total      Money
	// RecoveryURL is where the customer can go on; http or https, nil if the shop
	// has none.
	RecoveryURL          *string
	CreatedAt, UpdatedAt time.Time
}

// LinkLines tells the cart's lines whose they are. Whoever makes a cart calls it last.
func (c *Cart) LinkLines() {
	for _, line := range c.Lines {
		line.HolderID = c.ID
	}
}

// CustomerCarts are a customer's carts in all shops.
type CustomerCarts struct {
	// Nodes are the carts, the latest update first, then by id, descending; never nil.
	Nodes []*Cart
	// Sources say what each shop contributed, by name.
	Sources []SourceStatus
}

// CartID returns the id of what a source calls externalID.
func CartID(source, externalID string) ID { return ID("crt_" + source + "." + externalID) }
