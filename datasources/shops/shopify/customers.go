package shopify

import (
	"context"
	"time"

	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// CustomerChanges reads the customers by their last change.
func (s *Shop) CustomerChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	place, err := s.placeOf(from)
	if err != nil {
		return crm.ShopChanges[crm.ShopCustomer]{}, err
	}
	first := max(1, min(limit, customersPage))
	changes := crm.ShopChanges[crm.ShopCustomer]{Items: []*crm.ShopCustomer{}}
	a, err := admin.ChangedCustomers(ctx, s.without(changedCustomersCost(first), telling(&changes.Unreadable)), first, place.cursor, place.query())
	if err != nil {
		return crm.ShopChanges[crm.ShopCustomer]{}, err
	}
	var latest time.Time
	for i := range a.Customers.Nodes {
		c := &a.Customers.Nodes[i]
		latest = c.UpdatedAt
		if converted := customer(c); converted.ExternalID != "" {
			changes.Items = append(changes.Items, converted)
		} else {
			changes.Unreadable = append(changes.Unreadable, crm.Unreadable{Reason: "a customer's id is none"})
		}
	}
	changes.Next, changes.More, err = s.next(place, a.Customers.PageInfo, latest)
	return changes, err
}

// customer converts a customer. Shopify calls the address of a customer whom an
// administrator or an app made verified without proof; only a customer with an
// account in use has shown that the address is theirs.
func customer(c *admin.ShopCustomer) *crm.ShopCustomer {
	buyer := buyerOf(c.Owner)
	converted := &crm.ShopCustomer{
		ExternalID: buyer.ExternalID, Email: buyer.Email,
		EmailVerified: buyer.Email != "" && c.VerifiedEmail && c.State == admin.CustomerStateEnabled,
		GivenName:     value(c.FirstName), FamilyName: value(c.LastName),
		Guest:     c.State == admin.CustomerStateDisabled,
		Addresses: []crm.Address{},
		CreatedAt: millisecond(c.CreatedAt), UpdatedAt: millisecond(c.UpdatedAt),
	}
	if c.DefaultPhoneNumber != nil {
		converted.Phone = c.DefaultPhoneNumber.PhoneNumber
	}
	for i := range c.AddressesV2.Nodes {
		a := &c.AddressesV2.Nodes[i]
		if converted.Company == "" {
			converted.Company = value(a.Company)
		}
		if found := address(a); found != nil {
			converted.Addresses = append(converted.Addresses, *found)
		}
	}
	return converted
}
