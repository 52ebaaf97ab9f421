package purchases

import (
	"context"
	"maps"
	"slices"

	"github.com/customer360/gateway/internal/crm"
)

// owner is whose a shop's order is.
type owner struct {
	id crm.ID // "" for none, or for one of several
	// nobody says that no customer is known by what the shop says.
	nobody bool
}

// maxNamesakes bounds how many customers with one email address are looked at.
const maxNamesakes = 50

// nobody is the key of no customer.
const nobody crm.ID = "nobody"

// buyerMembers are those by which shops know a customer. It is never written to.
var buyerMembers = crm.ShopperMembers()

// owners returns whose each order is, in one call of the store.
func (r reading) owners(ctx context.Context, op string, orders map[crm.ID]*crm.ShopOrder) (map[crm.ID]owner, error) {
	keys := map[crm.ID]bool{}
	for _, o := range orders {
		for _, key := range buyerKeys(o) {
			keys[key] = true
		}
	}
	if r.audience.Evenly && len(keys) == 0 {
		keys[nobody] = true
	}
	whose := make(map[crm.ID]owner, len(orders))
	var known map[crm.ID]crm.Page[crm.Customer]
	if len(keys) > 0 {
		var err error
		known, err = ask(crm.SourceStore, op, func() (map[crm.ID]crm.Page[crm.Customer], error) {
			fields := []crm.Field{crm.FieldIdentity, crm.FieldEmail}
			q := crm.Query{Sort: crm.Sort{Field: crm.FieldID}, Page: crm.PageRequest{Limit: maxNamesakes}, Members: buyerMembers}
			return crm.Of[crm.Customer](r.store).ListBy(ctx, fields, slices.Sorted(maps.Keys(keys)), q)
		})
		if err != nil {
			r.failed(ctx, crm.SourceStore, op, err)
			return nil, err
		}
	}
	for id, o := range orders {
		whose[id] = ownerOf(o, known)
	}
	return whose, nil
}

// buyerKeys returns what a buyer can be known by here.
func buyerKeys(o *crm.ShopOrder) []crm.ID {
	var keys []crm.ID
	if o.Buyer.ExternalID != "" {
		keys = append(keys, crm.ID(crm.ExternalIdentity{Source: o.Order.Source, ExternalID: o.Buyer.ExternalID}.Key()))
	}
	if email := crm.EmailKey(o.Buyer.Email); email != "" {
		keys = append(keys, crm.ID(email))
	}
	return keys
}

// ownerOf returns the one customer who has the shop's own id of the buyer or, if
// nobody has, who alone has the buyer's address as a verified one.
func ownerOf(o *crm.ShopOrder, known map[crm.ID]crm.Page[crm.Customer]) owner {
	byID, byEmail := map[crm.ID]bool{}, map[crm.ID]bool{}
	tooMany := false
	for _, key := range buyerKeys(o) {
		tooMany = tooMany || known[key].More
		for _, c := range known[key].Items {
			shopper, _ := c.Shopper(o.Order.Source)
			if shopper.Is(crm.Buyer{ExternalID: o.Buyer.ExternalID}) {
				byID[c.ID] = true
			}
			if shopper.Is(crm.Buyer{Email: o.Buyer.Email}) {
				byEmail[c.ID] = true
			}
		}
	}
	for id := range byID {
		return owner{id: id} // An identity is one customer's alone.
	}
	for id := range byEmail {
		if len(byEmail) == 1 && !tooMany {
			return owner{id: id}
		}
	}
	return owner{nobody: len(byEmail) == 0 && !tooMany}
}
