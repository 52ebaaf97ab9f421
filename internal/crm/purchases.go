package crm

import (
	"context"
	"slices"
)

// Audience is for whom purchases are asked for, as far as that says how. The zero
// value is the gateway itself: it may ask every shop, under the scope "".
type Audience struct {
	// Scope names the row limits of the caller: what a shop answered under one
	// scope is never an answer under another.
	Scope string
	// Shops names the shops that may be asked; nil is all of them, an empty list
	// none. For the audience the others do not exist: whether a customer is known to
	// another shop, what it has of theirs, or whether it is there and answers, then
	// shows in no call.
	Shops []string
	// Evenly says that OrdersByID does for an order that exists what it does for one
	// that does not: it always asks the store whose the orders are, and an order that
	// a failing shop did not confirm is in the PartialError, too. Whoever may not see
	// an order then cannot tell that it is there, neither by the calls that it costs
	// nor by how it fails.
	Evenly bool
}

// Asks says whether a shop may be asked.
func (a Audience) Asks(shop string) bool { return a.Shops == nil || slices.Contains(a.Shops, shop) }

// Sources are the store and the shops as one. Nothing is read of them but for an
// audience.
type Sources interface {
	// For returns what the sources have, as it is asked for an audience.
	For(a Audience) Purchases
}

// Purchases are what the sources have of purchases, for whom they were asked for.
// A source that fails costs its own records: answers say so in their Sources, or
// in a PartialError with the ids of what is not known, beside which they are right.
type Purchases interface {
	// Names returns the sources' names: the store, then the shops by name.
	Names() []string

	// Covered says which sources the store's own figures cover, by name.
	Covered(ctx context.Context) ([]SourceStatus, error)

	// Orders returns a page for each customer of their orders over all sources, newest
	// first. q.Where holds filter's conditions; filter may be nil. complete is nil
	// where paging begins, else what the page before had in Complete. A customer
	// without an entry has failed. Of customers it reads what Customer.orders derives
	// from (GraphMembers), and so does Carts.
	Orders(ctx context.Context, customers []*Customer, q Query, filter *OrderFilter, complete []string) (map[ID]MergedOrders, error)

	// CountOrders counts what Orders lists; nil is a number that is not known.
	CountOrders(ctx context.Context, customers []*Customer, where []Predicate) (map[ID]*int, error)

	// OrdersByID returns the orders that exist, by id, from the source that it names.
	// A nil want is all members; shops give all of them anyway.
	OrdersByID(ctx context.Context, ids []ID, want *Members) (map[ID]*Order, error)

	// ProductsByID returns the products that exist, by id, as OrdersByID does.
	ProductsByID(ctx context.Context, ids []ID, want *Members) (map[ID]*Product, error)

	// Products returns where the products of a filter are read from; it may be nil.
	Products(filter *ProductFilter) Reader[Product]

	// Carts returns each customer's carts in the shops.
	Carts(ctx context.Context, customers []*Customer) (map[ID]*CustomerCarts, error)
}

// MergedOrders are a page of a customer's orders over all sources.
type MergedOrders struct {
	Page[Order]
	// Sources says what each source that was asked contributed, by name.
	Sources []SourceStatus
	// Complete names the sources, by name, that have answered in full on every
	// page so far: what a cursor made from this page carries.
	Complete []string
}
