package shopify

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/customer360/gateway/datasources/shops/internal/upstream"
	"github.com/customer360/gateway/datasources/shops/shopify/internal/admin"
	"github.com/customer360/gateway/internal/crm"
)

// CartsOf returns each shopper's abandoned checkouts. Shopify cannot be asked for
// those of a customer: it is searched for the words of their addresses, and what
// it finds is theirs if the checkout's customer is. Carts that no checkout was
// begun with are not to be had. Of a checkout of another form nobody can tell whose it
// is: it may be of any shopper who was asked for with it.
func (s *Shop) CartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	carts := make(map[crm.ID]crm.ShopCarts, len(shoppers))
	for _, shopper := range shoppers {
		if terms([]crm.Shopper{shopper}) == 0 {
			carts[shopper.CustomerID] = crm.ShopCarts{Items: []*crm.Cart{}}
		}
	}
	for _, batch := range s.batches(shoppers, ownerCost) {
		found, err := s.cartsOf(ctx, batch)
		if err != nil {
			return carts, err
		}
		for _, shopper := range batch {
			carts[shopper.CustomerID] = found[shopper.CustomerID]
		}
	}
	return carts, nil
}

func (s *Shop) cartsOf(ctx context.Context, shoppers []crm.Shopper) (map[crm.ID]crm.ShopCarts, error) {
	query, err := s.checkoutSearch(ctx, shoppers)
	if err != nil {
		return nil, err
	}
	checkouts := make(map[crm.ID][]*admin.CheckoutFields, len(shoppers))
	var odd []crm.Unreadable
	if query != "" {
		err = pages("AbandonedCheckouts", s, func(after *string) (admin.Page, error) {
			a, err := admin.AbandonedCheckouts(ctx, s.without(checkoutsCost(checkoutsPage), telling(&odd)), query, checkoutsPage, after)
			if err != nil {
				return admin.Page{}, err
			}
			for i := range a.AbandonedCheckouts.Nodes {
				c := &a.AbandonedCheckouts.Nodes[i]
				if c.CompletedAt != nil || c.Customer == nil || native(c.Id) == "" {
					continue
				}
				for _, shopper := range shoppers {
					if shopper.Is(buyerOf(*c.Customer)) {
						checkouts[shopper.CustomerID] = append(checkouts[shopper.CustomerID], c)
					}
				}
			}
			return a.AbandonedCheckouts.PageInfo, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s.filled(ctx, shoppers, checkouts, odd)
}

// checkoutSearch returns the query for the checkouts of shoppers, "" if the shop has
// no address of theirs. Of those who are known by an id it is asked for first.
func (s *Shop) checkoutSearch(ctx context.Context, shoppers []crm.Shopper) (string, error) {
	var known []crm.Shopper
	var phrases []string
	for _, shopper := range shoppers {
		for _, email := range shopper.Emails {
			phrases = append(phrases, quote(email))
		}
		if len(shopper.ExternalIDs) > 0 {
			known = append(known, crm.Shopper{ExternalIDs: shopper.ExternalIDs})
		}
	}
	if n := terms(known); n > 0 {
		first := min(n+lookalikes, countsPage)
		err := pages("CustomerCounts", s, func(after *string) (admin.Page, error) {
			a, err := admin.CustomerCounts(ctx, s.at(customerCountsCost(first)), search(known), first, after)
			if err != nil {
				return admin.Page{}, err
			}
			for _, c := range a.Customers.Nodes {
				if buyer := buyerOf(c.Owner); buyer.Email != "" {
					phrases = append(phrases, quote(crm.EmailKey(buyer.Email)))
				}
			}
			return a.Customers.PageInfo, nil
		})
		if err != nil {
			return "", err
		}
	}
	slices.Sort(phrases)
	phrases = slices.Compact(phrases)
	if len(phrases) == 0 {
		return "", nil
	}
	return "status:open AND recovery_state:not_recovered AND (" + strings.Join(phrases, " OR ") + ")", nil
}

// filled makes carts of the latest checkouts. odd are those that may be of any shopper.
func (s *Shop) filled(
	ctx context.Context, shoppers []crm.Shopper, checkouts map[crm.ID][]*admin.CheckoutFields, odd []crm.Unreadable,
) (map[crm.ID]crm.ShopCarts, error) {
	lines := checkoutsByID{}
	var ids []string
	for id, some := range checkouts {
		slices.SortFunc(some, func(a, b *admin.CheckoutFields) int {
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.Id, b.Id))
		})
		some = slices.CompactFunc(some, func(a, b *admin.CheckoutFields) bool { return a.Id == b.Id })
		checkouts[id] = some[:min(len(some), crm.MaxCarts)]
		for _, c := range checkouts[id] {
			ids = append(ids, c.Id)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	longer, err := s.checkoutLines(ctx, ids, checkoutLines, lines)
	if err != nil {
		return nil, err
	}
	if _, err := s.checkoutLines(ctx, longer, maxCheckoutLines, lines); err != nil {
		return nil, err
	}
	carts := make(map[crm.ID]crm.ShopCarts, len(shoppers))
	for _, shopper := range shoppers {
		found := crm.ShopCarts{Items: []*crm.Cart{}, Unreadable: slices.Clone(odd)}
		for _, c := range checkouts[shopper.CustomerID] {
			filled, there := lines[native(c.Id)]
			if !there {
				continue // It is gone.
			}
			cart, err := s.cart(c, filled, shopper.CustomerID)
			if err != nil {
				found.Unreadable = append(found.Unreadable, upstream.Unreadable(native(c.Id), err))
				continue
			}
			found.Items = append(found.Items, cart)
		}
		carts[shopper.CustomerID] = found
	}
	return carts, nil
}

// checkoutsByID are checkouts with their lines, by the shop's own id; nil for one of
// another form.
type checkoutsByID map[string]*admin.FilledCheckout

// maxCheckoutLines bounds the lines of a checkout: no more fit into one query.
const maxCheckoutLines = 160

// checkoutLines fetches so many lines of each checkout and gives the ids of those
// that have more.
func (s *Shop) checkoutLines(ctx context.Context, ids []string, first int, into checkoutsByID) (longer []string, err error) {
	for batch := range slices.Chunk(ids, maxCost/checkoutLinesCost(1, first)) {
		var odd []crm.Unreadable
		a, err := admin.CheckoutLines(ctx, s.without(checkoutLinesCost(len(batch), first), telling(&odd)), batch, first)
		if err != nil {
			return nil, err
		}
		for _, u := range odd {
			into[u.ExternalID] = nil
		}
		for _, node := range a.Nodes {
			c, ok := node.(*admin.CheckoutLinesNodesAbandonedCheckout)
			if !ok {
				continue
			}
			into[native(c.Id)] = &c.FilledCheckout
			if c.LineItems.PageInfo.HasNextPage {
				longer = append(longer, c.Id)
			}
		}
	}
	return longer, nil
}

// cart converts a checkout; filled is nil for one of another form.
func (s *Shop) cart(c *admin.CheckoutFields, filled *admin.FilledCheckout, customer crm.ID) (*crm.Cart, error) {
	if filled == nil {
		return nil, errForm
	}
	id := native(c.Id)
	money := &purse{currency: c.TotalPriceSet.ShopMoney.CurrencyCode}
	cart := &crm.Cart{
		ID: crm.CartID(s.source, id), Source: s.source, ExternalID: id, CustomerID: customer, Status: crm.CartStatusAbandoned,
		Lines: []*crm.OrderLine{}, Total: money.read(&c.TotalPriceSet.ShopMoney.Amount),
		RecoveryURL: upstream.Address(c.AbandonedCheckoutUrl),
		CreatedAt:   millisecond(c.CreatedAt), UpdatedAt: millisecond(c.UpdatedAt),
	}
	for i := range filled.LineItems.Nodes {
		l := &filled.LineItems.Nodes[i]
		line := &crm.OrderLine{
			ID: checkoutLineID(l.Id), Title: value(l.Title), SKU: nonEmpty(l.Sku), Quantity: l.Quantity,
			UnitPrice: money.read(&l.OriginalUnitPriceSet.ShopMoney.Amount), Total: money.read(&l.DiscountedTotalPriceSet.ShopMoney.Amount),
			Discount: crm.Money{CurrencyCode: money.currency}, Tax: crm.Money{CurrencyCode: money.currency},
		}
		line.Discount.Minor = max(0, line.UnitPrice.Minor*int64(l.Quantity)-line.Total.Minor)
		if l.Product != nil {
			line.ProductID, line.ProductTitle = s.productID(l.Product.Id), l.Product.Title
		}
		cart.Lines = append(cart.Lines, line)
	}
	if money.err != nil {
		return nil, money.err
	}
	cart.LinkLines()
	return cart, nil
}

// checkoutLineID returns the last part of a line's global id, which is a hash.
func checkoutLineID(id string) string {
	tail, _, _ := strings.Cut(id[strings.LastIndexByte(id, '/')+1:], "?")
	return tail
}
