package crm

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Shop is a shop's own API: the purchases as they are there now. It is read
// only. Every method takes many keys and asks the shop as few times as it can;
// how many keys a call may have is in its Capabilities, and callers keep to it.
//
// A shop's answer is not trusted: what comes back is handed on only if it
// belongs to what was asked for. Records have the ids of DerivedID(kind,
// Source(), the shop's own id), their lists are never nil and their times UTC,
// to the millisecond. URLs in them are http or https, or left out.
//
// If the error is not nil, what the map holds is right nevertheless, and the
// keys that are missing from it have failed with that error (Concerns): a call may be
// cut into several, of which some succeed. Errors are *Error with the source and one
// of these codes: CodeUnauthenticated and CodeForbidden (the shop refuses the
// credentials, or they lack a permission), CodeRateLimited (with RetryAfter where
// the shop says so), CodeUnavailable (not reached, failed, or no sense in its
// answer), CodeUnsupported (see Capabilities), CodeInvalid. A deadline that passed
// has context.DeadlineExceeded in the chain, a cancellation context.Canceled.
type Shop interface {
	// Source is the name of the shop among the sources: ValidSource, and never
	// SourceStore.
	Source() string

	// Capabilities says what the shop can do. It makes no call.
	Capabilities() Capabilities

	// OrdersOf returns a stretch of each shopper's orders, under their customer's
	// id, with CustomerID set. Every shopper gets an entry, one that the shop
	// does not know an empty one. Carts and drafts are no orders.
	OrdersOf(ctx context.Context, shoppers []Shopper, s Stretch) (map[ID]ShopOrders, error)

	// CountOrders counts each shopper's orders; every shopper gets an entry.
	CountOrders(ctx context.Context, shoppers []Shopper) (map[ID]int, error)

	// OrdersByID returns the orders that exist, by the shop's own ids.
	OrdersByID(ctx context.Context, ids []string) (map[string]*ShopOrder, error)

	// ProductsByID returns the products that exist, by the shop's own ids.
	ProductsByID(ctx context.Context, ids []string) (map[string]*Product, error)

	// ProductsBySKU returns the products that have a variant with one of the SKUs,
	// by SKU.
	ProductsBySKU(ctx context.Context, skus []string) (map[string]*Product, error)

	// CartsOf returns each shopper's open carts and abandoned checkouts, the latest
	// update first, at most MaxCarts each. Every shopper gets an entry.
	CartsOf(ctx context.Context, shoppers []Shopper) (map[ID]ShopCarts, error)

	// CustomerChanges, ProductChanges and OrderChanges read what the shop has,
	// oldest change first, from a mark on: one page of at most limit records (a
	// few more where the shop's pages are larger). Whoever begins with the zero
	// Mark and follows Next until there is no More has seen every record, and
	// who goes on from that Next later sees every record that was changed
	// since, and perhaps some again.
	CustomerChanges(ctx context.Context, from Mark, limit int) (ShopChanges[ShopCustomer], error)
	ProductChanges(ctx context.Context, from Mark, limit int) (ShopChanges[Product], error)
	OrderChanges(ctx context.Context, from Mark, limit int) (ShopChanges[ShopOrder], error)

	// Check asks the shop whether it can be reached with the credentials, and
	// gives the permissions that they lack, in the shop's words; empty for none.
	Check(ctx context.Context) (missing []string, err error)
}

// SharedShop is a shop whose answers are kept, and shared by those who ask under
// one scope. There is no way to ask it but under a scope.
type SharedShop interface {
	// Source is the shop's.
	Source() string

	// Under returns the shop as it is asked under a scope: what was answered under
	// one is never an answer under another. The gateway's own is "".
	Under(scope string) Shop
}

// Capabilities says what a shop's API can do. The zero value can do everything
// at once.
type Capabilities struct {
	// ShoppersPerCall, OrdersPerCall and ProductsPerCall bound the keys of one
	// call of OrdersOf, CountOrders and CartsOf, of OrdersByID, and of
	// ProductsByID and ProductsBySKU; 0 is any number, 1 is no batching at all.
	ShoppersPerCall, OrdersPerCall, ProductsPerCall int
	// NoCarts: CartsOf is CodeUnsupported.
	NoCarts bool
	// NoCounts: CountOrders is CodeUnsupported.
	NoCounts bool
}

// MaxCarts bounds the carts of one shopper.
const MaxCarts = 20

// Shopper names a customer to a shop: by what the shop itself calls them and by
// email addresses that are proven to be theirs. Never by anything that somebody
// could have typed into a profile to read another's orders.
type Shopper struct {
	CustomerID ID
	// ExternalIDs are the shop's own ids of the customer, sorted.
	ExternalIDs []string
	// Emails are the customer's verified addresses as EmailKey has them, sorted.
	Emails []string
}

// shopperMembers are the members of a customer that purchases are asked for by:
// those that Shopper reads, and whether it is an organization. It is never written to.
var shopperMembers = []string{"kind", "status", "externalIdentities.source", "externalIdentities.externalId", "emails.address", "emails.verified"}

// ShopperMembers are the members that purchases of a customer are asked for by.
func ShopperMembers() *Members { return MustMembers(KindCustomer, shopperMembers...) }

// Shopper returns what a source may be asked for the customer by; ok is false if
// there is nothing, or if the customer was erased or merged into another.
func (c *Customer) Shopper(source string) (s Shopper, ok bool) {
	if c.Status == CustomerStatusErased || c.Status == CustomerStatusMerged {
		return Shopper{}, false
	}
	s.CustomerID = c.ID
	for _, e := range c.ExternalIdentities {
		if e.Source == source && e.ExternalID != "" {
			s.ExternalIDs = append(s.ExternalIDs, e.ExternalID)
		}
	}
	for _, e := range c.Emails {
		if key := EmailKey(e.Address); e.Verified && key != "" {
			s.Emails = append(s.Emails, key)
		}
	}
	slices.Sort(s.ExternalIDs)
	slices.Sort(s.Emails)
	s.ExternalIDs, s.Emails = slices.Compact(s.ExternalIDs), slices.Compact(s.Emails)
	return s, len(s.ExternalIDs)+len(s.Emails) > 0
}

// Is says whether the shopper is whom the shop calls buyer.
func (s Shopper) Is(buyer Buyer) bool {
	return (buyer.ExternalID != "" && slices.Contains(s.ExternalIDs, buyer.ExternalID)) ||
		(buyer.Email != "" && slices.Contains(s.Emails, EmailKey(buyer.Email)))
}

// Buyer is whom a shop says an order belongs to.
type Buyer struct {
	// ExternalID is the shop's own id of its customer; "" for a guest.
	ExternalID string
	// Email is the address that was given with the order; "" for none.
	Email string
}

// Stretch asks for the orders that were placed from Earliest to Latest, both
// included and compared to the millisecond, the newest first (or the oldest, with
// OldestFirst).
type Stretch struct {
	OldestFirst      bool
	Earliest, Latest *time.Time // nil is unbounded
	// Limit is how many orders each shopper's stretch has at least, if there are
	// so many. It is at least 1.
	Limit int
}

// ShopOrders are a shopper's orders of a stretch. Groups are whole: if one order
// is there, all that were placed in the same millisecond are, in no particular
// order among themselves.
type ShopOrders struct {
	Items []*Order
	// More says that the stretch has further orders behind these.
	More bool
	// Unreadable are those of the stretch that make no sense, and those of which it
	// cannot be told whether they are in it. They are not among the items.
	Unreadable []Unreadable
	// AsOf is when the shop said so; the zero time is now.
	AsOf time.Time
	// Stale says that the shop could not be asked again, and AsOf is longer ago
	// than it should be.
	Stale bool
}

// ShopCarts are a shopper's carts.
type ShopCarts struct {
	// Items are never nil.
	Items []*Cart
	// Unreadable are those that make no sense. They are not among the items.
	Unreadable []Unreadable
}

// ShopOrder is an order as its shop knows it, with whom the shop says it
// belongs to; the order's CustomerID is not set.
type ShopOrder struct {
	Order *Order
	Buyer Buyer
	// AsOf is when the shop said so; the zero time is now. Stale says that the
	// shop could not be asked again.
	AsOf  time.Time
	Stale bool
}

// ShopCustomer is a customer as a shop knows them.
type ShopCustomer struct {
	ExternalID            string
	Email                 string // "" for none
	EmailVerified         bool   // the shop has seen proof that the address is the customer's
	Phone                 string // as the shop has it, which has not checked it; "" for none
	GivenName, FamilyName string
	Company               string
	Addresses             []Address
	Guest                 bool // the shop made a record without an account
	CreatedAt, UpdatedAt  time.Time
}

// Unreadable is a record of a shop's that makes no sense, such as an order in no
// currency. It costs itself alone.
type Unreadable struct {
	// ExternalID is the shop's own id; "" if the shop does not say that either.
	ExternalID string
	// Reason says what is wrong, without a value.
	Reason string
}

// ErrUnreadable is in the chain of the error of records that were asked for by their
// ids and make no sense: the shop answers, and it does not help to ask again.
var ErrUnreadable = errors.New("the record makes no sense")

// UnreadableKeys is in the chain of the error of a call for records by their keys if
// nothing is wrong but that the records of these make no sense: what is missing beside
// them does not exist.
type UnreadableKeys []string

func (UnreadableKeys) Error() string { return ErrUnreadable.Error() }

// Unwrap is ErrUnreadable.
func (UnreadableKeys) Unwrap() error { return ErrUnreadable }

// Concerns says whether a key that is missing from the answer of a call for many has
// failed with the call's error. Of errors that were joined one is enough.
func Concerns(err error, key string) bool {
	if joined, several := err.(interface{ Unwrap() []error }); several { //nolint:errorlint // What is joined further down says one thing.
		return slices.ContainsFunc(joined.Unwrap(), func(err error) bool { return Concerns(err, key) })
	}
	var keys UnreadableKeys
	return err != nil && (!errors.As(err, &keys) || slices.Contains(keys, key))
}

// OnlyUnreadable says whether an error is nothing but that records make no sense. Of
// errors that were joined every one must be.
func OnlyUnreadable(err error) bool {
	if joined, several := err.(interface{ Unwrap() []error }); several { //nolint:errorlint // As in Concerns.
		return !slices.ContainsFunc(joined.Unwrap(), func(err error) bool { return !OnlyUnreadable(err) })
	}
	return errors.Is(err, ErrUnreadable)
}

// Mark is how far the changes of a shop have been read. The zero Mark is the
// beginning.
type Mark struct {
	// Time: every change before it has been seen.
	Time time.Time
	// Cursor is the shop's own place among what follows; "" for none.
	Cursor string
}

// ShopChanges is a page of what a shop has.
type ShopChanges[T any] struct {
	Items []*T
	// Unreadable are records of the page that make no sense. They are left out, so
	// that one of them does not keep everything behind it from being read.
	Unreadable []Unreadable
	// Next is where to go on: at once if there is More, later if not.
	Next Mark
	More bool
}
