package medusa

import (
	"context"
	"net/url"
	"time"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/internal/crm"
)

// CustomerChanges reads the customers by updated_at. Their emails are
// not verified: Medusa asks for no proof of one.
func (s *Shop) CustomerChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	const call = "CustomerChanges"
	customers := func(ctx context.Context, query url.Values) ([]customer, error) {
		query.Set("fields", customerFields)
		return list[customer](ctx, s, call, "customers", query)
	}
	walk := feed[customer]{
		list:   customers,
		at:     func(c *customer) time.Time { return c.UpdatedAt },
		within: keyset(customers, func(c *customer) string { return c.ID }),
	}
	records, next, more, err := walk.page(ctx, place{at: from.Time, after: from.Cursor}, max(limit, 1))
	if err != nil {
		return crm.ShopChanges[crm.ShopCustomer]{}, s.understand(call, err)
	}
	changes := crm.ShopChanges[crm.ShopCustomer]{
		Items: make([]*crm.ShopCustomer, 0, len(records)), Next: crm.Mark{Time: next.at, Cursor: next.after}, More: more,
	}
	for n := range records {
		if c := &records[n]; c.odd != nil {
			changes.Unreadable = append(changes.Unreadable, upstream.Unreadable(c.ID, c.odd))
		} else {
			changes.Items = append(changes.Items, c.convert())
		}
	}
	return changes, nil
}

func (c *customer) convert() *crm.ShopCustomer {
	converted := &crm.ShopCustomer{
		ExternalID: c.ID, Email: c.Email, Phone: c.Phone,
		GivenName: c.FirstName, FamilyName: c.LastName, Company: c.CompanyName,
		Addresses: []crm.Address{}, Guest: !c.HasAccount,
		CreatedAt: inUTC(c.CreatedAt), UpdatedAt: inUTC(c.UpdatedAt),
	}
	for n := range c.Addresses {
		if a := addressOrNil(&c.Addresses[n]); a != nil {
			converted.Addresses = append(converted.Addresses, *a)
		}
	}
	return converted
}
