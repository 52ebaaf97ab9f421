package vendure

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/customer360/gateway/internal/crm"
)

// customersOf asks for the customers that shoppers may be, with some of their
// orders. Emails go in lower case, as Vendure keeps them and compares them.
func (s *Shop) customersOf(ctx context.Context, call, document string, shoppers []crm.Shopper, orders map[string]any) ([]customer, error) {
	ids, emails := map[string]bool{}, map[string]bool{}
	for _, shopper := range shoppers {
		for _, id := range shopper.ExternalIDs {
			ids[id] = true
		}
		for _, email := range shopper.Emails {
			emails[crm.EmailKey(email)] = true
		}
	}
	var either []map[string]any
	if len(ids) > 0 {
		either = append(either, map[string]any{"id": in(slices.Sorted(maps.Keys(ids)))})
	}
	if len(emails) > 0 {
		either = append(either, map[string]any{"emailAddress": in(slices.Sorted(maps.Keys(emails)))})
	}
	if len(either) == 0 {
		return nil, nil
	}
	var found []customer
	seen := map[string]bool{}
	for skip, pages := 0, 0; pages < maxPages; pages++ {
		variables := map[string]any{
			"customers": map[string]any{
				"filter": map[string]any{"_or": either}, "sort": map[string]any{"id": "ASC"}, "skip": skip, "take": maxTake,
			},
			"orders": orders,
		}
		var data struct {
			Customers list[customer] `json:"customers"`
		}
		if _, err := s.ask(ctx, call, document, variables, &data); err != nil {
			return nil, err
		}
		for _, c := range data.Customers.Items {
			if !seen[c.ID] || c.ID == "" { // The list may move beneath the pages.
				seen[c.ID] = true
				found = append(found, c)
			}
		}
		skip += len(data.Customers.Items)
		if len(data.Customers.Items) == 0 || skip >= data.Customers.TotalItems {
			return found, nil
		}
	}
	return nil, s.client.Failed(crm.CodeUnavailable, call, errors.New("the shop has more customers than were asked for"))
}

// maxPages bounds the pages of the customers that shoppers are: a thousand for the
// hundred of a call, and some for those who share an address.
const maxPages = 5

// CustomerChanges reads the customers by updatedAt. A change of an address book
// alone does not move it and is not seen.
func (s *Shop) CustomerChanges(ctx context.Context, from crm.Mark, limit int) (crm.ShopChanges[crm.ShopCustomer], error) {
	walk := walk[customer, crm.ShopCustomer]{
		client: s.client, overlap: lateCommit,
		phases: []phase[customer]{{
			field:  "updatedAt",
			timeOf: func(c customer) time.Time { return millis(c.UpdatedAt) },
			idOf:   func(c customer) string { return c.ID },
			read: func(ctx context.Context, v map[string]any) (page[customer], error) {
				var data struct {
					Customers list[customer] `json:"customers"`
				}
				header, err := s.ask(ctx, "CustomerChanges", customersDocument, v, &data)
				return page[customer]{items: data.Customers.Items, header: header}, err
			},
			filter: func(crm.Mark) map[string]any { return map[string]any{} },
		}},
		convert: func(c customer) (*crm.ShopCustomer, error) { return shopCustomer(c), c.odd },
	}
	return walk.changes(ctx, from, limit)
}

// in selects values.
func in(values []string) map[string]any { return map[string]any{"in": values} }

// options returns the variables of a list.
func options(filter, sort map[string]any, skip, take int) map[string]any {
	o := map[string]any{"filter": filter, "skip": skip, "take": take}
	if sort != nil {
		o["sort"] = sort
	}
	return map[string]any{"options": o}
}
